import { ProbeError } from '../probe-error.js';

/** How a report leaves the program. */
export type OutputFormat = 'text' | 'json' | 'ndjson' | 'markdown' | 'quiet';

export interface OutputFlags {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly markdown?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** @throws ProbeError BAD_OPTION for flags that exclude each other */
export function readFormat({ json, ndjson, markdown, quiet, verbose }: OutputFlags): OutputFormat {
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
  if (first?.[0] === 'quiet' && verbose === true) {
    throw new ProbeError('BAD_OPTION', '--quiet and --verbose exclude each other: choose one');
  }
  return first?.[0] ?? 'text';
}
