import type { TextStyle } from '../report/text-style.js';
import type { CliIo, Output } from './io.js';

/** Wider lines are hard to read, narrower ones hold no table. */
const MAX_WIDTH = 110;
const MIN_WIDTH = 40;
const DEFAULT_WIDTH = 80;

export interface LookOptions {
  /** false: `--no-color` */
  readonly color: boolean;
  readonly detail: TextStyle['detail'];
}

/** How text on standard output is to look. */
export function styleFor(io: CliIo, options: LookOptions): TextStyle {
  const columns = io.stdout.columns ?? DEFAULT_WIDTH;
  return {
    width: Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns)),
    color: options.color && wantsColor(io.stdout, io.env),
    unicode: wantsUnicode(io.env, io.platform),
    detail: options.detail,
  };
}

/** FORCE_COLOR beats NO_COLOR, as in Node itself; both beat what the output is. */
function wantsColor(output: Output, env: CliIo['env']): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return output.isTTY;
}

/** POSIX: the first of the three that is set and not empty counts. */
export function wantsUnicode(env: CliIo['env'], platform: string): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (name) => name !== undefined && name !== '',
  );
  if (locale !== undefined) return /utf-?8/i.test(locale);
  // Windows and macOS do not set them where a program is not started from a shell.
  return platform === 'darwin' || platform === 'win32';
}
