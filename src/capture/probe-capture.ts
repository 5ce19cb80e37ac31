import type { WireRecording } from '../handshake/recording.js';
import type { Fact, HandshakeTrace, Message, ProbeLabel, ProbeLeave } from '../handshake/trace.js';
import { attemptEndOf } from './attempt-end.js';
import type { CaptureFile, FilePacket, PacketGroup } from './capture-file.js';
import { keptKernel } from './made-figures.js';
import type { OwnPackets } from './own-packets.js';
import { renderLabel } from './probe-label.js';
import { LINKTYPE_ETHERNET } from './segment.js';
import { synthesise } from './synthesise.js';

/** One connection of a run, or the attempt to make one. */
export interface ProbedConnection {
  readonly trace: HandshakeTrace;
  readonly recording: WireRecording;
  /** null: its packets were not captured */
  readonly captured: CapturedConnection | null;
  /** what it was asked for; null: it is no handshake of the report; absent: the only question */
  readonly asked?: Pick<ProbeLabel, 'purpose' | 'reason' | 'scan'> | null;
}

export interface CapturedConnection extends OwnPackets {
  readonly program: string;
  /** from when to when the program captured, nanoseconds since 1970 UTC */
  readonly from: bigint;
  readonly to: bigint;
  /** packets that the program did not get; null: it did not say */
  readonly dropped: number | null;
  /** packets for which we had no room */
  readonly leftOut: number;
}

export interface ProbeCaptureOptions {
  readonly version: string;
  readonly withSecrets: boolean;
}

/** What a run of the probe comes to as a capture: all its connections, captured or synthesised. */
export function probeCapture(
  connections: readonly ProbedConnection[],
  { version, withSecrets }: ProbeCaptureOptions,
): CaptureFile {
  const application = `rdp-probe ${version}`;
  const groups = [...capturedGroups(connections), ...synthesisedGroup(connections)];
  const keyLog = withSecrets ? connections.flatMap(({ recording }) => recording.keyLog) : [];
  return {
    application,
    comment: commentOf(connections, application, keyLog.length > 0),
    notes: connections.flatMap((connection) => labelOf(connection) ?? []),
    groups,
    keyLog,
  };
}

/** @returns null: there is nothing to say of it, or no end to name it by */
function labelOf(connection: ProbedConnection): string | null {
  const { trace, recording, captured, asked = ONLY_QUESTION } = connection;
  const { client } = recording;
  const { facts, server } = trace;
  if (asked === null || client.address === null || server.address === null) return null;
  const { address, port, name } = server;
  return renderLabel({
    client,
    server: { address, port },
    label: {
      ...asked,
      name,
      left: leaveOf(facts),
      kernel: captured === null ? keptKernel(trace) : null,
    },
  });
}

const ONLY_QUESTION: Pick<ProbeLabel, 'purpose' | 'reason'> = { purpose: 'verdict', reason: null };

function leaveOf(facts: readonly Fact[]): ProbeLeave | null {
  const began = facts.find(({ kind }) => kind === 'tcp-connect')?.at ?? 0;
  for (const fact of facts) {
    const at = Math.max(0, (fact.at ?? began) - began);
    if (fact.kind === 'silence') return { why: 'silence', at, waitedMs: fact.waitedMs };
    if (fact.kind === 'answered' || fact.kind === 'interrupted') return { why: fact.kind, at };
    if (leavesBehindTls(fact, facts)) return { why: 'answered', at };
  }
  return null;
}

/** What the probe says inside TLS. */
const INSIDE_TLS: ReadonlySet<Message['type']> = new Set(['ts-request', 'mcs-connect-initial']);

/**
 * Whether the probe leaves because TLS was all that it wanted: it is the first to end, TLS stands, and
 * nothing was said inside it. On the wire the server may have ended before.
 */
function leavesBehindTls(fact: Fact, facts: readonly Fact[]): boolean {
  if (fact.kind !== 'tcp-end' || fact.by !== 'client') return false;
  const before = facts.slice(0, facts.indexOf(fact));
  return (
    before.some(({ kind }) => kind === 'tls-secured') &&
    !before.some(
      (one) =>
        one.kind === 'tcp-end' || (one.kind === 'message' && INSIDE_TLS.has(one.message.type)),
    )
  );
}

function commentOf(
  connections: readonly ProbedConnection[],
  application: string,
  hasSecrets: boolean,
): string {
  const says: string[] = [];
  const programs = new Set(connections.flatMap(({ captured }) => captured?.program ?? []));
  if (programs.size > 0) {
    says.push(
      `packets captured by ${[...programs].join(' and ')} while ${application} probed; ` +
        "only the probe's own connections are kept",
    );
  }
  if (connections.some(({ captured }) => captured === null)) {
    says.push(
      `packets synthesised by ${application} from the bytes and times its probe saw; not captured`,
    );
  }
  if (connections.length === 0) says.push(`${application} made no connection`);
  if (hasSecrets) says.push('the TLS session secrets of these connections are in this file');
  return says.join('\n');
}

function capturedGroups(connections: readonly ProbedConnection[]): readonly PacketGroup[] {
  const groups = new Map<string, { first: CapturedConnection; all: CapturedConnection[] }>();
  const attempts: PacketGroup[] = [];
  for (const { trace, captured } of connections) {
    if (captured === null) continue;
    if (attemptEndOf(trace) !== null) {
      attempts.push(attemptGroup(trace, capturedGroup(captured, [captured])));
      continue;
    }
    const name = `${captured.program} ${captured.linkType}`;
    const group = groups.get(name) ?? { first: captured, all: [] };
    group.all.push(captured);
    groups.set(name, group);
  }
  return [...[...groups.values()].map(({ first, all }) => capturedGroup(first, all)), ...attempts];
}

/** An attempt that nobody answered: watched until its probe gave up or was told to. */
function attemptGroup(trace: HandshakeTrace, group: PacketGroup): PacketGroup {
  const to = toNanos(trace.startedAt + lastAt(trace));
  return { ...group, to, attempt: attemptEndOf(trace) };
}

function capturedGroup(first: CapturedConnection, all: readonly CapturedConnection[]): PacketGroup {
  return {
    linkType: first.linkType,
    resolution: 9,
    name: 'any',
    description: `captured by ${first.program}`,
    packets: all.flatMap(({ packets }) => packets),
    from: earliest(all.map(({ from }) => from)),
    to: latest(all.map(({ to }) => to)),
    dropped: missingFrom(all),
    attempt: null,
  };
}

/** What is missing may or may not have been of these connections. */
function missingFrom(captured: readonly CapturedConnection[]): number | null {
  const counts = captured.flatMap(({ dropped, leftOut }) =>
    dropped === null && leftOut === 0 ? [] : [(dropped ?? 0) + leftOut],
  );
  return counts.length === 0 ? null : Math.max(...counts);
}

function synthesisedGroup(connections: readonly ProbedConnection[]): readonly PacketGroup[] {
  const made = connections.filter(({ captured }) => captured === null);
  if (made.length === 0 && connections.length > 0) return [];
  const attempts = made.filter(({ trace }) => attemptEndOf(trace) !== null);
  const others = made.filter(({ trace }) => attemptEndOf(trace) === null);
  return [
    ...(others.length > 0 || attempts.length === 0 ? [groupOf(others)] : []),
    ...attempts.map((one) => attemptGroup(one.trace, groupOf([one]))),
  ];
}

function groupOf(made: readonly ProbedConnection[]): PacketGroup {
  const packets = made.flatMap(({ trace, recording }) =>
    synthesise(trace, recording).map(
      ({ at, bytes, comment }): FilePacket => ({
        atNs: toNanos(at),
        bytes,
        originalLength: bytes.length,
        comment,
      }),
    ),
  );
  return {
    linkType: LINKTYPE_ETHERNET,
    resolution: 6,
    name: 'rdp-probe',
    description: 'synthesised from the bytes and times that a probe saw',
    packets,
    from: earliest(made.map(({ trace }) => toNanos(trace.startedAt))),
    to: latest(made.map(({ trace }) => toNanos(trace.startedAt + lastAt(trace)))),
    dropped: null,
    attempt: null,
  };
}

function lastAt({ facts }: HandshakeTrace): number {
  return Math.max(0, ...facts.map(({ at }) => at ?? 0));
}

function toNanos(micros: number): bigint {
  return BigInt(micros) * 1000n;
}

function earliest(moments: readonly bigint[]): bigint | null {
  return inOrder(moments)[0] ?? null;
}

function latest(moments: readonly bigint[]): bigint | null {
  return inOrder(moments).at(-1) ?? null;
}

function inOrder(moments: readonly bigint[]): readonly bigint[] {
  return moments.toSorted((a, b) => Number(a - b));
}
