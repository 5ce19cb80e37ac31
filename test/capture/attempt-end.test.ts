import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { anonymiseCapture } from '../../src/capture/anonymise.js';
import { attemptEndOf, parseAttemptEnd, renderAttemptEnd } from '../../src/capture/attempt-end.js';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import { encodeStatistics } from '../../src/capture/pcapng-writer.js';
import { type ProbedConnection, probeCapture } from '../../src/capture/probe-capture.js';
import { captureFromBytes } from '../../src/capture/source.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact, HandshakeTrace } from '../../src/handshake/trace.js';
import { concat } from '../../src/wire/writer.js';
import { pcapng } from '../support/packets.js';
import { START, Talk } from '../support/talk.js';

/*
 * An attempt that nobody answered is a lone SYN in packets. Saved and replayed, it must end as the
 * probe saw it end.
 */

const STARTED_AT = 1_767_225_600_000_000;
const CONNECT_AT = 2000;

function attempt(end: Fact, server: string, client: string): ProbedConnection {
  const trace: HandshakeTrace = {
    source: { kind: 'live', profile: 'mstsc' },
    client: { address: null, port: null },
    server: { address: server, port: 3389, name: null },
    startedAt: STARTED_AT,
    facts: [{ kind: 'tcp-connect', at: CONNECT_AT }, end],
    notMeasured: {},
  };
  const recording = { client: { address: client, port: 50_000 }, wire: [], keyLog: [] };
  return { trace, recording, captured: null };
}

type Failure = Extract<Fact, { kind: 'tcp-failed' }>;

function failed(how: Failure['how'], code: string | null, afterMs: number): Failure {
  const by = how === 'unreachable' ? 'network' : null;
  return { kind: 'tcp-failed', at: CONNECT_AT + afterMs * 1000, how, by, code };
}

function handshakeOf(trace: HandshakeTrace): Handshake {
  return toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
}

async function replayed(connections: readonly ProbedConnection[]): Promise<readonly Handshake[]> {
  const capture = probeCapture(connections, { version: 'test', withSecrets: false });
  const { traces } = await analyseCapture(captureFromBytes(encodeCaptureFile(capture)));
  return traces.map(handshakeOf);
}

/** What must be the same; a probe counts from before its SYN. */
function tellings(handshake: Handshake): unknown {
  const { outcome, stages } = handshake;
  const { verdict, findings } = diagnose('target', [handshake], STARTED_AT / 1000);
  return {
    outcome,
    stages: stages.map(({ stage, status, durationMs }) => ({ stage, status, durationMs })),
    verdict,
    causes: findings.map(({ cause, certainty, says }) => ({ cause, certainty, says })),
  };
}

const CASES: readonly (readonly [title: string, end: Failure])[] = [
  ['the probe gave up', failed('timeout', null, 5000.25)],
  ['it gave up before a SYN is repeated', failed('timeout', null, 400)],
  ['the system gave up', failed('timeout', 'ETIMEDOUT', 127_000)],
  ['no host', failed('unreachable', 'EHOSTUNREACH', 3071.5)],
  ['no network', failed('unreachable', 'ENETUNREACH', 0.8)],
  ['prohibited', failed('unreachable', 'EACCES', 12)],
];

for (const [title, end] of CASES) {
  t.test(title, async (t) => {
    for (const [server, client] of [
      ['198.51.100.7', '192.0.2.1'],
      ['2001:db8::7', '2001:db8::1'],
    ] as const) {
      const connection = attempt(end, server, client);
      const [saved, ...more] = await replayed([connection]);
      if (saved === undefined) throw new Error('it was not found');
      t.equal(more.length, 0);
      t.strictSame(tellings(saved), tellings(handshakeOf(connection.trace)));
      t.equal(saved.outcome.status, 'failed');
    }
  });
}

t.test('several attempts in one file each have their own end', async (t) => {
  const connections = CASES.map(([, end], index) =>
    attempt(end, `198.51.100.${index + 1}`, '192.0.2.1'),
  );
  const saved = await replayed(connections);
  t.equal(saved.length, connections.length);
  for (const { trace } of connections) {
    const same = saved.find(({ server }) => server.address === trace.server.address);
    if (same === undefined) throw new Error('it was not found');
    t.strictSame(tellings(same), tellings(handshakeOf(trace)));
  }
});

/** The bytes of an anonymous copy. */
async function copyOf(t: Test, capture: Uint8Array): Promise<Buffer> {
  const folder = t.testdir();
  const input = join(folder, 'in.pcapng');
  const output = join(folder, 'out.pcapng');
  writeFileSync(input, capture);
  await anonymiseCapture(input, output, {
    overwrite: false,
    ports: [],
    application: 'rdp-probe test',
    key: new Uint8Array(32).fill(9),
  });
  return readFileSync(output);
}

/** Under one name: the addresses are others. */
function tellingsOf(traces: readonly HandshakeTrace[]): unknown {
  return traces.map((trace) => {
    const server = { ...trace.server, address: '192.0.2.99' };
    return tellings(handshakeOf({ ...trace, server }));
  });
}

t.test('an anonymous copy tells the same', async (t) => {
  const connections = CASES.map(([, end], index) => {
    const connection = attempt(end, `198.51.100.${index + 100}`, '172.29.28.27');
    const startedAt = STARTED_AT + index * 1000;
    return { ...connection, trace: { ...connection.trace, startedAt } };
  });
  const capture = probeCapture(connections, { version: '9.8.7-original', withSecrets: false });
  const copy = await copyOf(t, encodeCaptureFile(capture));
  const { traces, problems } = await analyseCapture(captureFromBytes(copy));
  t.same(problems, []);
  t.strictSame(tellingsOf(traces), tellingsOf(connections.map(({ trace }) => trace)));
  t.notOk(copy.includes(Buffer.from([172, 29, 28, 27])));
  t.notOk(copy.includes('9.8.7-original'), 'nothing of the section');
});

t.test('an anonymous copy has no comment of others', async (t) => {
  for (const comment of ['connect: EHOSTUNREACH', 'the office of Mr Miller']) {
    const blocks = [pcapng(new Talk().open(0, 0, 1).packets()), watchedFor(8000, comment)];
    const copy = await copyOf(t, concat(...blocks));
    t.notOk(copy.includes(comment));
    const { traces } = await analyseCapture(captureFromBytes(copy));
    t.match(traces[0]?.facts[1], { kind: 'tcp-failed', at: 8_000_000, how: 'timeout' });
  }
});

t.test('an end that no time stamp can hold is left out of an anonymous copy', async (t) => {
  const micros = 0xffff_ffff_ffff_ffffn;
  const block = { interfaceId: 0, startTime: null, endTime: micros, dropped: null, comment: null };
  const blocks = [pcapng(new Talk().open(0, 0, 1).packets()), encodeStatistics(block)];
  const copy = await copyOf(t, concat(...blocks));
  const { traces } = await analyseCapture(captureFromBytes(copy));
  t.notOk(traces[0]?.facts.some(({ kind }) => kind === 'tcp-failed'));
});

t.test('an attempt that was broken off has no end', async (t) => {
  const connection = attempt({ kind: 'interrupted', at: 900_000 }, '198.51.100.7', '192.0.2.1');
  t.equal(attemptEndOf(connection.trace), null);
  const [saved] = await replayed([connection]);
  t.equal(saved?.outcome.status, 'incomplete');
});

/** A capture of one SYN that somebody else wrote. */
function lone(...blocks: readonly Uint8Array[]) {
  return captureFromBytes(concat(pcapng(new Talk().open(0, 0, 1).packets()), ...blocks));
}

/** Statistics of its only interface, which has microseconds. */
function watchedFor(ms: number, comment: string | null): Uint8Array {
  const endTime = BigInt(Math.round(START * 1e6 + ms * 1000));
  return encodeStatistics({ interfaceId: 0, startTime: endTime, endTime, dropped: null, comment });
}

t.test('the statistics of any capture tell until when was waited', async (t) => {
  const alone = await analyseCapture(lone());
  t.notOk(alone.traces[0]?.facts.some(({ kind }) => kind === 'tcp-failed'));
  const short = await analyseCapture(lone(watchedFor(600, null)));
  t.notOk(short.traces[0]?.facts.some(({ kind }) => kind === 'tcp-failed'));
  const long = await analyseCapture(lone(watchedFor(8000, null)));
  t.match(long.traces[0]?.facts[1], { kind: 'tcp-failed', at: 8_000_000, how: 'timeout' });
  t.equal(long.endedAt, alone.endedAt, 'the time stamps of packets are what they were');
});

t.test('only a file of our own is believed what its comments say', async (t) => {
  const { traces } = await analyseCapture(lone(watchedFor(600, 'connect: EHOSTUNREACH')));
  t.notOk(traces[0]?.facts.some(({ kind }) => kind === 'tcp-failed'));
});

t.test('statistics of an interface that is not there, or at impossible times', async (t) => {
  for (const block of [
    { interfaceId: 7, startTime: 0n, endTime: 0xffff_ffff_ffff_ffffn },
    { interfaceId: 0, startTime: 0n, endTime: 0xffff_ffff_ffff_ffffn },
    { interfaceId: 0, startTime: 0n, endTime: 0n },
  ]) {
    const { traces } = await analyseCapture(
      lone(encodeStatistics({ ...block, dropped: null, comment: 'connect: timeout' })),
    );
    t.equal(traces.length, 1);
    t.ok(handshakeOf(traces[0] as HandshakeTrace).outcome.detail);
  }
});

t.test('comments that say something else', (t) => {
  for (const comment of ['', 'connect: ', 'connect: EWHATEVER', 'xconnect: timeout', 'timeout']) {
    t.equal(parseAttemptEnd(comment), null, comment);
  }
  for (const [, { how, code }] of CASES) {
    if (how !== 'timeout' && how !== 'unreachable') continue;
    t.strictSame(parseAttemptEnd(renderAttemptEnd({ how, code })), { how, code });
  }
  t.end();
});
