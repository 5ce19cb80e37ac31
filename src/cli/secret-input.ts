import type { ReadStream } from 'node:tty';
import type { Output, SecretInput } from './io.js';

/** Longer than any password that Windows takes (256 characters). */
export const MAX_SECRET_LENGTH = 1024;

const ENTER = new Set(['\r', '\n', '\u0004']);
const INTERRUPT = '\u0003';
const ERASE = new Set(['\u007f', '\b']);
/** Ctrl-U: all of the line. */
const ERASE_ALL = '\u0015';

/** Passwords from standard input: asked for without an echo on a terminal, or one line of a pipe. */
export function secretInput(stdin: ReadStream, stderr: Output): SecretInput {
  return {
    canAsk: stdin.isTTY === true,
    ask: (prompt, signal) => ask(stdin, stderr, prompt, signal),
    line: (signal) => firstLine(stdin, signal),
  };
}

/**
 * INVARIANT: what was typed is written nowhere, not even as dots, and the terminal is as before when
 * this is over.
 */
async function ask(
  stdin: ReadStream,
  stderr: Output,
  prompt: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (signal.aborted) return null;
  stdin.setRawMode(true);
  stderr.write(prompt);
  let typed = '';
  try {
    return await pieces(stdin, signal, (text) => {
      for (const each of text) {
        if (ENTER.has(each)) return { done: typed };
        if (each === INTERRUPT) return { done: null };
        if (ERASE.has(each)) typed = [...typed].slice(0, -1).join('');
        else if (each === ERASE_ALL) typed = '';
        else if (each >= ' ' && typed.length < MAX_SECRET_LENGTH) typed += each;
      }
      return null;
    });
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

/** Up to the end of the line, or of the input. */
async function firstLine(stdin: ReadStream, signal: AbortSignal): Promise<string | null> {
  let text = '';
  const read = await pieces(stdin, signal, (piece) => {
    text += piece;
    const end = text.indexOf('\n');
    return end >= 0 || text.length > MAX_SECRET_LENGTH ? { done: text } : null;
  });
  if (read === null && signal.aborted) return null;
  return text.split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
}

/** Reads until `take` has enough, the input ends, or the signal fires: the last two give null. */
async function pieces(
  stdin: ReadStream,
  signal: AbortSignal,
  take: (text: string) => { readonly done: string | null } | null,
): Promise<string | null> {
  stdin.setEncoding('utf8');
  return await new Promise<string | null>((resolve) => {
    const finish = (result: string | null): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.off('error', onEnd);
      signal.removeEventListener('abort', onEnd);
      stdin.pause();
      resolve(result);
    };
    const onData = (piece: string | Buffer): void => {
      const enough = take(String(piece));
      if (enough !== null) finish(enough.done);
    };
    const onEnd = (): void => finish(null);
    signal.addEventListener('abort', onEnd);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.on('error', onEnd);
    stdin.resume();
    if (signal.aborted) onEnd();
  });
}
