import { cleanText } from '../report/clean.js';
import { truncate } from '../report/width.js';
import type { CliIo } from './io.js';
import { wantsUnicode } from './terminal.js';

const BAR_COLUMNS = 24;

/** A redraw more often than this is not seen. */
const REDRAW_MS = 100;

/** ECMA-48: to the first column, erase the line. */
const CLEAR_LINE = '\r\u001b[K';

/** Shows how far a file was read; nothing at all where standard error is no terminal. */
export interface ProgressBar {
  /** @param total null: not known */
  update(done: number, total: number | null): void;
  stop(): void;
}

export function startProgressBar(io: CliIo, title: string): ProgressBar {
  if (!io.stderr.isTTY || io.env['TERM'] === 'dumb') return { update: () => {}, stop: () => {} };
  const unicode = wantsUnicode(io.env, io.platform);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  const name = cleanText(title, { ascii: !unicode });
  const width = (io.stderr.columns ?? 80) - 1;
  let drawnAt = io.now();
  let drawn = false;
  return {
    update: (done, total) => {
      const now = io.now();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      drawn = true;
      const size = `${(done / 1e6).toFixed(1)} MB`;
      const share = total === null || total === 0 ? null : Math.min(1, done / total);
      const cells = Math.round((share ?? 0) * BAR_COLUMNS);
      const bar =
        share === null
          ? size
          : `${full.repeat(cells)}${empty.repeat(BAR_COLUMNS - cells)} ${Math.round(share * 100)} %`;
      io.stderr.write(`${CLEAR_LINE}${truncate(`${bar}  ${name}`, width, '')}`);
    },
    stop: () => {
      if (drawn) io.stderr.write(CLEAR_LINE);
    },
  };
}
