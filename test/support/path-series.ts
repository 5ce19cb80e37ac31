import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import type { SocketSample } from '../../src/path/sampler.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';

/** A series as the vectors have it: the names of the figures once, then a row for each sample. */
export interface PackedSeries {
  readonly figures: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export function packSeries(series: readonly SocketSample[]): PackedSeries {
  const figures = Object.keys(series[0]?.info ?? {}) as (keyof TcpInfo)[];
  return {
    figures,
    rows: series.map(({ at, moment, info }) => [at, moment, ...figures.map((name) => info[name])]),
  };
}

export function unpackSeries({ figures, rows }: PackedSeries): readonly SocketSample[] {
  return rows.map(([at, moment, ...values]) => ({
    at: at as number,
    moment: moment as string,
    info: Object.fromEntries(figures.map((name, i) => [name, values[i]])) as unknown as TcpInfo,
  }));
}

export interface RecordedPair {
  readonly kind: 'pair';
  /** world and verdict */
  readonly name: string;
  readonly verdict: string;
  readonly size: number;
  readonly written: number;
  readonly patience: number;
  readonly series: readonly SocketSample[];
}

export interface RecordedFlight {
  readonly kind: 'flight';
  readonly name: string;
  readonly verdict: string;
  readonly family: 4 | 6;
  readonly clampedMss: number | null;
  readonly trace: HandshakeTrace;
  readonly series: readonly SocketSample[];
}

interface WorldFile {
  readonly family: 4 | 6;
  readonly trials: readonly (Omit<RecordedPair | RecordedFlight, 'series'> & {
    readonly series: PackedSeries;
  })[];
}

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'path-series');

/** What the kernel said of trials in the fault lab, one of each kind of verdict in each world. */
export function recordedTrials(): readonly (RecordedPair | RecordedFlight)[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const { family, trials } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as WorldFile;
    return trials.map((trial) => {
      const verdict = trial.verdict.replace(/^\w+ /, '');
      const name = `${file.replace('.json', '')}: ${trial.verdict}`;
      const series = unpackSeries(trial.series);
      return { ...trial, name, verdict, family, series } as RecordedPair | RecordedFlight;
    });
  });
}

/**
 * A series made by hand: each row is a time and what has changed since the row before.
 *
 * @param rows milliseconds, and figures
 */
export function madeSeries(
  base: Partial<TcpInfo>,
  ...rows: readonly (readonly [atMs: number, changes: Partial<TcpInfo>, moment?: string])[]
): readonly SocketSample[] {
  let info: TcpInfo = { ...NOTHING_KNOWN, ...base };
  return rows.map(([atMs, changes, moment = 'waiting']) => {
    info = { ...info, ...changes };
    return { at: atMs * 1000, moment, info };
  });
}
