import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact, HandshakeTrace, Side } from '../../src/handshake/trace.js';
import { Tracker } from '../../src/handshake/tracker.js';
import { fromHex } from '../../src/wire/hex.js';

/** One TCP segment with data, or the end of one direction, as a capture of a real server shows it. */
export type Segment = { readonly by: Side; readonly at: number } & (
  | { readonly hex: string }
  | { readonly end: 'fin' | 'reset' }
);

export interface Conversation {
  readonly name: string;
  readonly title: string;
  readonly segments: readonly Segment[];
}

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'conversations');

/** Every recorded conversation under test/vectors. */
export function conversations(): readonly Conversation[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<Conversation, 'name'>),
    }));
}

export function conversation(name: string): Conversation {
  const found = conversations().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no conversation ${name}`);
  return found;
}

/** Cuts the bytes of one segment into pieces. */
export type Cut = (bytes: Uint8Array) => readonly Uint8Array[];

export const WHOLE: Cut = (bytes) => [bytes];
export const BYTE_BY_BYTE: Cut = (bytes) =>
  Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

export function track(segments: readonly Segment[], cut: Cut = WHOLE): readonly Fact[] {
  const facts: Fact[] = [
    { kind: 'tcp-connect', at: 0 },
    { kind: 'tcp-accepted', at: 0 },
  ];
  const tracker = new Tracker((fact) => facts.push(fact));
  for (const segment of segments) {
    if ('end' in segment) {
      tracker.end(segment.by, segment.at, segment.end);
    } else {
      for (const piece of cut(fromHex(segment.hex))) tracker.bytes(segment.by, segment.at, piece);
    }
  }
  tracker.finish();
  return facts;
}

/** The trace of facts that no live probe made. */
export function traceOf(facts: readonly Fact[]): HandshakeTrace {
  return {
    source: { kind: 'live', profile: 'recorded' },
    client: { address: '192.0.2.1', port: 50000 },
    server: { address: '192.0.2.2', port: 3389, name: null },
    startedAt: 1_700_000_000_000_000,
    facts,
    notMeasured: {},
  };
}

export function handshakeOf(facts: readonly Fact[]): ReturnType<typeof toHandshake> {
  return toHandshake(traceOf(facts), { id: 0, purpose: 'verdict', reason: null });
}
