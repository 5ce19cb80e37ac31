import { resolve } from 'node:path';
import { ProbeError } from '../probe-error.js';

/** Options that say where the report as an HTML page goes, as the command line has them. */
export interface RawPageOptions {
  readonly html?: string;
  readonly force?: boolean;
}

export interface PageOrder {
  readonly path: string;
  readonly overwrite: boolean;
}

/**
 * @param taken name of the other file that the run writes
 * @returns null: no page is wanted
 * @throws ProbeError BAD_OPTION
 */
export function readPageOptions(raw: RawPageOptions, taken: string | null): PageOrder | null {
  const { html } = raw;
  if (html === undefined) return null;
  if (html === '' || html === '-') {
    throw new ProbeError(
      'BAD_OPTION',
      '--html takes the name of a file: the report goes to standard output',
    );
  }
  if (taken !== null && resolve(taken) === resolve(html)) {
    throw new ProbeError('BAD_OPTION', '--html and --save name the same file');
  }
  return { path: html, overwrite: raw.force === true };
}
