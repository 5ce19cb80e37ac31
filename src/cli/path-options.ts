import { DEFAULT_PATH_OPTIONS, type PathOptions } from '../path/path-options.js';
import { ProbeError } from '../probe-error.js';

/** Options of the path measurement, as the command line has them. */
export interface RawPathOptions {
  readonly count?: string;
  readonly interval?: string;
  readonly exact?: boolean;
  readonly udp: boolean;
  readonly sideEvidence: boolean;
}

/** More is a load test, which this program is not. */
const MAX_COUNT = 1000;
const MAX_INTERVAL_S = 3600;

/** @throws ProbeError BAD_OPTION with a sentence that says what to write instead */
export function readPathOptions(raw: RawPathOptions): PathOptions {
  return {
    count: raw.count === undefined ? DEFAULT_PATH_OPTIONS.count : readCount(raw.count),
    intervalMs:
      raw.interval === undefined ? DEFAULT_PATH_OPTIONS.intervalMs : readInterval(raw.interval),
    exact: raw.exact === true,
    udp: raw.udp,
    sideEvidence: raw.sideEvidence,
  };
}

function readCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= 1 && count <= MAX_COUNT)) {
    throw bad(`--count takes a whole number from 1 to ${MAX_COUNT}, not '${text}'`);
  }
  return count;
}

function readInterval(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 0 && seconds <= MAX_INTERVAL_S)) {
    throw bad(`--interval takes seconds from 0 to ${MAX_INTERVAL_S}, not '${text}'`);
  }
  return Math.round(seconds * 1000);
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_OPTION', sentence);
}
