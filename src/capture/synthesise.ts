import type { WireEvent, WireRecording } from '../handshake/recording.js';
import type { Fact, HandshakeTrace, KernelFact } from '../handshake/trace.js';
import { parseAddress } from './address.js';
import { SegmentMaker, type SynthesisedPacket } from './segment-maker.js';

/** RFC 9293 section 3.7.1: what a side may send that was told no MSS, IPv4 and IPv6. */
const DEFAULT_MSS = { 4: 536, 16: 1220 } as const;

/** RFC 7323: the timestamps option takes this much of every segment. */
const TIMESTAMP_OPTION_BYTES = 12;

/** An answer that follows so soon carries the acknowledgment; RFC 9293 allows half a second. */
const PIGGYBACK_US = 1000;

/**
 * Writes one connection down as packets, from the bytes and times that its own end saw: a whole TCP
 * conversation in order, cut at the segment sizes that the kernel knew, each side acknowledging what
 * it must have had. Nothing is made up that has no trace in what was seen: an attempt that nobody
 * answered is a lone SYN, and bytes that nobody answered stay unacknowledged unless the kernel knew
 * better.
 *
 * @returns no packets where none was sent: a name that did not resolve, a local error
 */
export function synthesise(
  trace: HandshakeTrace,
  recording: WireRecording,
): readonly SynthesisedPacket[] {
  const connect = trace.facts.find((fact) => fact.kind === 'tcp-connect');
  const server = parseAddress(trace.server.address ?? '');
  if (connect === undefined || connect.at === null || server === null) return [];
  const failed = trace.facts.find((fact) => fact.kind === 'tcp-failed');
  if (failed?.how === 'local') return [];
  const kernel = trace.facts.filter((fact) => fact.kind === 'kernel');
  const figures = figuresOf(kernel, server.length === 4 ? 4 : 16);
  const known = parseAddress(recording.client.address ?? trace.client.address ?? '');
  const client = known?.length === server.length ? known : new Uint8Array(server.length);
  const maker = new SegmentMaker({
    client: { address: client, port: recording.client.port ?? trace.client.port ?? 0 },
    server: { address: server, port: trace.server.port ?? 0 },
    startedAt: trace.startedAt,
    mss: figures.mss,
    segmentBytes: figures.segmentBytes,
  });
  const accepted = trace.facts.find((fact) => fact.kind === 'tcp-accepted');
  maker.syn(connect.at, synComment(trace.facts, kernel));
  if (accepted === undefined || accepted.at === null) {
    if (failed?.how === 'refused' && failed.at !== null) maker.refuse(failed.at);
    return maker.packets;
  }
  const rttUs = roundTripUs(trace.facts);
  maker.accept(rttUs === null ? accepted.at : connect.at + rttUs);
  converse(
    maker,
    recording.wire,
    acknowledgedAt(recording.wire, kernel, figures.minRttUs),
    figures,
  );
  return maker.packets;
}

/** SYN to SYN/ACK as the kernel knew it, microseconds; null: it did not, or the SYN was sent again. */
function roundTripUs(facts: readonly Fact[]): number | null {
  const first = facts.find((fact) => fact.kind === 'kernel');
  return first === undefined || (first.retransmissions ?? 0) > 0 ? null : first.rttUs;
}

interface Figures {
  /** as each side's SYN advertised it */
  readonly mss: { readonly client: number | null; readonly server: number | null };
  /** payload of the largest segment that each side sends */
  readonly segmentBytes: { readonly client: number; readonly server: number };
  /** the shortest of the connection; 0 where it is not known */
  readonly minRttUs: number;
}

function figuresOf(kernel: readonly KernelFact[], addressBytes: 4 | 16): Figures {
  const [first] = kernel;
  const standard = DEFAULT_MSS[addressBytes];
  const client = first?.clientMss ?? null;
  const server = first?.serverMss ?? null;
  const options = first?.timestamps === true ? TIMESTAMP_OPTION_BYTES : 0;
  const largest = kernel.map(({ largestReceived }) => largestReceived ?? 0);
  const shortest = kernel.flatMap(({ minRttUs }) => (minRttUs === null ? [] : [minRttUs]));
  return {
    mss: { client, server },
    segmentBytes: {
      client: server === null ? standard : Math.max(1, server - options),
      // What came in the largest segment is known; that none was larger than 536 is known as well.
      server: Math.min(client ?? standard, Math.max(DEFAULT_MSS[4], ...largest)),
    },
    minRttUs: shortest.length === 0 ? 0 : Math.min(...shortest),
  };
}

/** What the packets cannot show of the attempt, for those who look at its SYN. */
function synComment(facts: readonly Fact[], kernel: readonly KernelFact[]): string | null {
  const says: string[] = [];
  const failed = facts.find((fact) => fact.kind === 'tcp-failed');
  const code = failed?.code === null || failed === undefined ? '' : `: ${failed.code}`;
  if (failed?.how === 'timeout') says.push(`no answer was seen${code}`);
  if (failed?.how === 'unreachable') {
    says.push(`the system reported that the target cannot be reached${code}`);
  }
  const accepted = facts.some((fact) => fact.kind === 'tcp-accepted');
  if (failed === undefined && !accepted) says.push('the attempt was interrupted');
  const resent = kernel.at(-1)?.retransmissions ?? 0;
  if (resent > 0) {
    const segments = resent === 1 ? '1 segment' : `${resent} segments`;
    says.push(`the kernel sent ${segments} of this connection again; only the first are shown`);
  }
  return says.length === 0 ? null : says.join('; ');
}

/** Moments at which everything that the client had sent is known to have arrived. */
function acknowledgedAt(
  wire: readonly WireEvent[],
  kernel: readonly KernelFact[],
  minRttUs: number,
): readonly number[] {
  const moments: number[] = [];
  for (const { at, unacknowledged } of kernel) {
    if (at === null || unacknowledged !== 0) continue;
    const last = wire.findLast((event) => event.by === 'client' && event.at <= at);
    if (last !== undefined) moments.push(Math.min(at, last.at + minRttUs));
  }
  return moments;
}

function converse(
  maker: SegmentMaker,
  wire: readonly WireEvent[],
  acknowledged: readonly number[],
  { minRttUs }: Figures,
): void {
  const waiting = [...acknowledged].sort((a, b) => a - b);
  for (const [index, event] of wire.entries()) {
    while (waiting[0] !== undefined && waiting[0] < event.at) {
      maker.acknowledge('server', waiting.shift() ?? 0, minRttUs);
    }
    const { by, at } = event;
    if ('end' in event) {
      if (event.end === 'reset') {
        maker.reset(by, at, minRttUs);
        return;
      }
      maker.fin(by, at, minRttUs);
    } else {
      maker.data(by, at, event.bytes, minRttUs);
    }
    const next = wire[index + 1];
    const carried = next?.by === 'client' && next.at - at < PIGGYBACK_US;
    if (by === 'server' && !carried) maker.acknowledge('client', at, 0);
  }
  for (const at of waiting) maker.acknowledge('server', at, minRttUs);
}
