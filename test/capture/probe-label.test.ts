import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { encodeSectionHeader } from '../../src/capture/pcapng-writer.js';
import { probeCapture } from '../../src/capture/probe-capture.js';
import { ProbeLabels, parseLabel, renderLabel } from '../../src/capture/probe-label.js';
import { captureFromBytes } from '../../src/capture/source.js';
import type { Handshake, Outcome } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type {
  Fact,
  HandshakeTrace,
  KernelFact,
  ProbeLabel,
  Side,
} from '../../src/handshake/trace.js';
import { makeHelloMaterial } from '../../src/probe/hello-material.js';
import { choose, surveyHello, TLS_1_2 } from '../../src/scan/tls-hello.js';
import { encodeOwnHello } from '../../src/wire/own-hello.js';
import { concat } from '../../src/wire/writer.js';
import { CONFIRM, REQUEST } from '../support/captured-trace.js';
import { TRACES } from '../support/handshake.js';
import { pcapng, SYN, SYN_OPTIONS, sectionHeader } from '../support/packets.js';
import { Talk } from '../support/talk.js';

/* What a probe writes beside the packets of its connections: what each was asked for. */

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 3389 };
const ASKED: ProbeLabel = {
  purpose: 'follow-up',
  reason: 'whether TLS without NLA is taken',
  name: 'srv01.example',
  left: { why: 'answered', at: 60_000 },
  kernel: null,
};

const SAMPLE: KernelFact = {
  kind: 'kernel',
  at: 20_000,
  moment: 'connect',
  rttUs: 12_300,
  minRttUs: 12_000,
  retransmissions: 0,
  spuriousRetransmissions: 0,
  largestReceived: 1304,
  clientMss: 1460,
  serverMss: 1400,
  pathMtu: 1500,
  receivedOutOfOrder: null,
  unacknowledged: 0,
  backoff: 0,
  timestamps: true,
};

const END: KernelFact = { ...SAMPLE, at: 90_000, moment: 'end', retransmissions: 3 };

function note(label: Partial<ProbeLabel> = {}): string {
  return renderLabel({ client: CLIENT, server: SERVER, label: { ...ASKED, ...label } });
}

async function traceWith(
  notes: readonly string[],
  application = 'rdp-probe 0.1.0',
  talk = new Talk().open().send('client', 30_000, REQUEST).send('server', 50_000, CONFIRM),
): Promise<HandshakeTrace> {
  const section = encodeSectionHeader({ comment: 'a capture', notes, application });
  const rest = pcapng(talk.packets()).subarray(sectionHeader().length);
  const file = concat(section, rest);
  const { traces, problems } = await analyseCapture(captureFromBytes(file));
  t.same(problems, []);
  const [trace] = traces;
  if (trace === undefined) throw new Error('there is no trace');
  return trace;
}

function outcomeOf(trace: HandshakeTrace): Outcome {
  return toHandshake(trace, { id: 0, purpose: 'verdict', reason: null }).outcome;
}

t.test('it is read where this program wrote it, and nowhere else', async (t) => {
  const own = await traceWith([note()]);
  t.same(own.label, ASKED);
  t.equal(own.server.name, 'srv01.example');
  t.ok(own.facts.some(({ kind }) => kind === 'answered'));
  const stayed = await traceWith([note({ left: null })]);
  t.notOk(stayed.facts.some(({ kind }) => kind === 'answered'));
  const others = await traceWith([note()], 'Dumpcap (Wireshark) 4.0');
  t.equal(others.label, undefined);
  t.equal(others.server.name, null);
  t.match(outcomeOf(others), { failedAt: 'x224', how: 'negotiation-failure' });
});

t.test('a silence is as long as the probe waited, and told before its own end', async (t) => {
  const talk = (): Talk => new Talk().open().send('client', 30_000, REQUEST);
  const left = (ms: number): Talk => talk().fin('client', 30_000 + ms * 1000);
  const short = await traceWith(
    [note({ left: { why: 'silence', at: 530_000, waitedMs: 500 } })],
    'rdp-probe 0.1.0',
    left(501),
  );
  t.match(outcomeOf(short), { status: 'failed', failedAt: 'x224', how: 'timeout' });
  const kinds = short.facts.map(({ kind }) => kind);
  t.ok(kinds.indexOf('silence') < kinds.indexOf('tcp-end'));
  t.match(
    short.facts.find(({ kind }) => kind === 'silence'),
    { waitedMs: 500, stage: 'x224', waitingFor: 'server' },
  );
  // The same of another client, of which 3 s are known to mean something.
  t.match(outcomeOf(await traceWith([], 'dumpcap', left(501))), { how: 'closed', by: 'client' });
  t.match(outcomeOf(await traceWith([], 'dumpcap', left(3100))), { how: 'timeout' });
  // A probe that was interrupted had not waited for long enough, however long it was.
  const broken = await traceWith(
    [note({ left: { why: 'interrupted', at: 1000 } })],
    'rdp-probe 0.1.0',
    left(3100),
  );
  t.match(outcomeOf(broken), { status: 'incomplete', failedAt: null });
  t.match(outcomeOf(broken).detail, /interrupted while x224 was under way/);
  const syn = { flags: SYN, ack: 0, options: SYN_OPTIONS };
  const never = await traceWith(
    [note({ left: { why: 'interrupted', at: 1000 } })],
    'rdp-probe 0.1.0',
    new Talk().say('client', 0, syn).say('client', 2_000_000, syn),
  );
  t.match(outcomeOf(never), { status: 'incomplete', failedAt: null });
});

t.test('of packets that were made up the kernel says what TCP did', async (t) => {
  const told = (trace: HandshakeTrace): Handshake =>
    toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  t.match(told(await traceWith([note()])).tcp, { rttMs: 20, duplicateAcks: 0 });
  const nothing = told(await traceWith([note({ kernel: [] })]));
  t.match(nothing.tcp, { rttMs: null, retransmissions: { client: null, server: null } });
  t.match(nothing.notMeasured['tcp'], /of TCP is known what its kernel told/);
  const lossy = told(await traceWith([note({ kernel: [SAMPLE, END] })]));
  t.match(lossy.tcp, { rttMs: 12.3, retransmissions: { client: 3, server: null } });
  t.equal(lossy.tcp.duplicateAcks, null);
});

t.test('on whatever port: what our own probe asks is RDP', async (t) => {
  const asked = surveyHello(choose([TLS_1_2], [0x1301]));
  const hello = encodeOwnHello(asked, makeHelloMaterial(asked, null));
  const talk = (): Talk =>
    new Talk({ server: '10.0.0.2:4000' })
      .open()
      .send('client', 30_000, hello)
      .fin('client', 600_000);
  const server = { ...SERVER, port: 4000 };
  const label: ProbeLabel = { ...ASKED, left: { why: 'silence', at: 530_000, waitedMs: 500 } };
  const own = await traceWith(
    [renderLabel({ client: CLIENT, server, label })],
    'rdp-probe 0.1.0',
    talk(),
  );
  const { stages } = toHandshake(own, { id: 0, purpose: 'verdict', reason: null });
  t.equal(stages.find(({ stage }) => stage === 'x224')?.status, 'not-applicable');
  t.match(outcomeOf(own), { failedAt: 'tls', how: 'timeout' });
  await t.rejects(traceWith([], 'rdp-probe 0.1.0', talk()), { message: 'there is no trace' });
});

t.test('connections with the same ends take their labels in turn', (t) => {
  const labels = new ProbeLabels();
  t.ok(labels.isEmpty);
  labels.add(note({ reason: 'one' }));
  labels.add(note({ reason: 'two' }));
  labels.add(note({ reason: 'three' }).replaceAll('10.0.0.1', '::ffff:10.0.0.1'));
  t.notOk(labels.isEmpty);
  const taken = ['', '', '', ''].map(() => labels.take(CLIENT, SERVER)?.reason);
  t.same(taken, ['one', 'two', 'three', undefined]);
  t.equal(labels.take(SERVER, CLIENT), null);
  t.end();
});

t.test('a probe that wanted TLS alone left on purpose, whatever the server did then', (t) => {
  const leaveOf = (facts: readonly Fact[]): ProbeLabel['left'] | undefined => {
    const trace = { ...TRACES.healthy, server: { ...SERVER, name: null }, facts };
    const recording = { client: CLIENT, wire: [], keyLog: [] };
    const asked = { purpose: 'follow-up', reason: 'whether TLS is answered' };
    const one = { trace, recording, captured: null, asked };
    const [note = ''] = probeCapture([one], { version: 'test', withSecrets: false }).notes ?? [];
    return parseLabel(note)?.label.left;
  };
  const secured = TRACES.healthy.facts.filter(({ kind }) => kind === 'tls-secured');
  const inside = TRACES.healthy.facts.filter(
    (fact) => fact.kind === 'message' && fact.message.type === 'ts-request',
  );
  t.equal(secured.length, 1);
  t.ok(inside.length > 0);
  const end = (by: Side): Fact => ({ kind: 'tcp-end', at: 900_000, by, how: 'fin' });
  const left = { why: 'answered', at: 900_000 };
  t.same(leaveOf([...secured, end('client'), end('server')]), left);
  t.equal(leaveOf([...secured, end('server'), end('client')]), null);
  t.equal(leaveOf([...secured, ...inside, end('client')]), null);
  t.equal(leaveOf([end('client')]), null);
  t.end();
});

t.test('what is no label is passed over', (t) => {
  const whole = { client: CLIENT, server: SERVER, ...ASKED };
  t.same(parseLabel(`connection: ${JSON.stringify(whole)}`)?.label, ASKED);
  const scan = {
    mostConnections: 25,
    ciphers: false,
    client: 'win11-24h2',
    interrupted: false,
    tookMs: 812.4,
  };
  const began = `connection: ${JSON.stringify({ ...whole, scan })}`;
  t.strictSame(parseLabel(began)?.label, { ...ASKED, scan });
  const kept = `connection: ${JSON.stringify({ ...whole, kernel: [SAMPLE, END] })}`;
  t.strictSame(parseLabel(kept)?.label.kernel, [SAMPLE, END]);
  const rows: readonly unknown[] = [
    null,
    7,
    [],
    { ...whole, purpose: 'Follow up' },
    { ...whole, purpose: '\u001b[31m' },
    { ...whole, reason: 7 },
    { ...whole, reason: 'x'.repeat(401) },
    { ...whole, reason: undefined },
    { ...whole, name: 'x'.repeat(254) },
    { ...whole, name: undefined },
    { ...whole, left: undefined },
    { ...whole, left: { why: 'bored', at: 1 } },
    { ...whole, left: { why: 'answered' } },
    { ...whole, left: { why: 'silence', at: 1 } },
    { ...whole, left: { why: 'silence', at: 1, waitedMs: -1 } },
    { ...whole, left: { why: 'silence', at: 1, waitedMs: 1e9 } },
    { ...whole, kernel: undefined },
    { ...whole, kernel: [null] },
    { ...whole, kernel: [SAMPLE, SAMPLE, SAMPLE] },
    { ...whole, kernel: [{ ...SAMPLE, rttUs: '1' }] },
    { ...whole, kernel: [{ ...SAMPLE, pathMtu: -1 }] },
    { ...whole, kernel: [{ ...SAMPLE, at: undefined }] },
    { ...whole, kernel: [{ ...SAMPLE, moment: 'No moment' }] },
    { ...whole, kernel: [{ ...SAMPLE, timestamps: 1 }] },
    { ...whole, scan: null },
    { ...whole, scan: { ...scan, mostConnections: -1 } },
    { ...whole, scan: { ...scan, ciphers: null } },
    { ...whole, scan: { ...scan, client: 'a b' } },
    { ...whole, scan: { ...scan, interrupted: undefined } },
    { ...whole, scan: { ...scan, tookMs: '1' } },
    { ...whole, client: null },
    { ...whole, client: '10.0.0.1:50000' },
    { ...whole, client: { address: 'srv01', port: 1 } },
    { ...whole, server: { address: '10.0.0.2', port: '3389' } },
  ];
  for (const row of rows) {
    t.equal(parseLabel(`connection: ${JSON.stringify(row)}`), null, JSON.stringify(row));
  }
  for (const text of ['', 'connection: ', 'connection: {', 'connection: {"client":', 'packets']) {
    t.equal(parseLabel(text), null, text);
  }
  t.end();
});
