import type { HandshakeTrace } from '../handshake/trace.js';
import { ProbeError } from '../probe-error.js';

export interface RawNarrowing {
  readonly port?: readonly string[];
  readonly filter?: readonly string[];
}

/** Which conversations of a capture are wanted. */
export interface Narrowing {
  /** null: RDP is looked for on every port */
  readonly ports: readonly number[] | null;
  wants(trace: HandshakeTrace): boolean;
}

const KEYS = ['client', 'server', 'host', 'port', 'stream'] as const;
type Key = (typeof KEYS)[number];

/** @throws ProbeError BAD_OPTION */
export function readNarrowing({ port, filter }: RawNarrowing): Narrowing {
  const ports = port === undefined ? null : port.map((text) => readNumber(text, 'port', 65_535));
  const filters = (filter ?? []).map(readFilter);
  return {
    ports,
    wants: (trace) =>
      (ports === null || ports.includes(trace.server.port ?? -1)) &&
      filters.every((matches) => matches(trace)),
  };
}

function readFilter(text: string): (trace: HandshakeTrace) => boolean {
  const match = /^([a-z]+)=(.+)$/.exec(text);
  const key = KEYS.find((known) => known === match?.[1]);
  const value = match?.[2];
  if (key === undefined || value === undefined) {
    throw new ProbeError(
      'BAD_OPTION',
      `--filter '${text}' is not KEY=VALUE with a key of ${KEYS.join(', ')}`,
    );
  }
  return filterBy(key, value);
}

function filterBy(key: Key, value: string): (trace: HandshakeTrace) => boolean {
  switch (key) {
    case 'client':
      return ({ client }) => client.address === value;
    case 'server':
      return ({ server }) => server.address === value;
    case 'host':
      return ({ client, server }) => client.address === value || server.address === value;
    case 'port': {
      const port = readNumber(value, 'port', 65_535);
      return ({ client, server }) => client.port === port || server.port === port;
    }
    case 'stream': {
      const stream = readNumber(value, 'stream', Number.MAX_SAFE_INTEGER);
      return ({ source }) => source.kind === 'capture' && source.stream === stream;
    }
  }
}

function readNumber(text: string, what: string, largest: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= largest)) {
    throw new ProbeError('BAD_OPTION', `'${text}' is no ${what}: give a number up to ${largest}`);
  }
  return value;
}
