import { ProbeError } from '../probe-error.js';
import type { Detail } from '../report/text-style.js';

/** How a report leaves the program. */
export type OutputFormat = 'text' | 'json' | 'ndjson' | 'markdown' | 'quiet';

export interface OutputFlags {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly markdown?: boolean;
  readonly quiet?: boolean;
  readonly explain?: boolean;
  readonly verbose?: boolean;
}

/** @throws ProbeError BAD_OPTION for flags that exclude each other */
export function readFormat({
  json,
  ndjson,
  markdown,
  quiet,
  explain,
  verbose,
}: OutputFlags): OutputFormat {
  const formats = (
    [
      ['json', json],
      ['ndjson', ndjson],
      ['markdown', markdown],
      ['quiet', quiet],
    ] as const
  ).filter(([, given]) => given === true);
  const [first, second] = formats;
  if (first !== undefined && second !== undefined) {
    throw new ProbeError(
      'BAD_OPTION',
      `--${first[0]} and --${second[0]} exclude each other: choose one form of output`,
    );
  }
  const more = verbose === true ? 'verbose' : explain === true ? 'explain' : null;
  if (first?.[0] === 'quiet' && more !== null) {
    throw new ProbeError('BAD_OPTION', `--quiet and --${more} exclude each other: choose one`);
  }
  return first?.[0] ?? 'text';
}

/** How much of a report the text tells. */
export function readDetail({ explain, verbose }: OutputFlags): Detail {
  return verbose === true ? 'verbose' : explain === true ? 'explained' : 'normal';
}
