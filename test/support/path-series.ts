import type { SocketSample } from '../../src/path/sampler.js';
import type { TcpInfo } from '../../src/probe/tcp-info.js';

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
