import { cleanText } from '../report/clean.js';
import { truncate } from '../report/width.js';
import type { CliIo } from './io.js';
import { wantsUnicode } from './terminal.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const ASCII_FRAMES = ['|', '/', '-', '\\'];
const FRAME_MS = 100;

/** ECMA-48: to the first column, erase the line. */
const CLEAR_LINE = '\r\u001b[K';

/** Shows on standard error what is being waited for; nothing at all where that is no terminal. */
export interface Spinner {
  /** what is under way now */
  tell(what: string): void;
  /** Leaves the line empty; whoever writes after it needs to know nothing of it. */
  stop(): void;
}

export function startSpinner(io: CliIo, target: string): Spinner {
  if (!io.stderr.isTTY || io.env['TERM'] === 'dumb') return { tell: () => {}, stop: () => {} };
  const unicode = wantsUnicode(io.env, io.platform);
  const frames = unicode ? FRAMES : ASCII_FRAMES;
  const name = cleanText(target, { ascii: !unicode });
  const width = (io.stderr.columns ?? 80) - 1;
  let at = 'resolve';
  let frame = 0;
  const draw = (): void => {
    const text = `${frames[frame % frames.length]} ${name}  ${at}`;
    io.stderr.write(`${CLEAR_LINE}${truncate(text, width, '')}`);
  };
  const timer = setInterval(() => {
    frame++;
    draw();
  }, FRAME_MS);
  timer.unref();
  return {
    tell: (what) => {
      at = what;
    },
    stop: () => {
      clearInterval(timer);
      if (frame > 0) io.stderr.write(CLEAR_LINE);
    },
  };
}
