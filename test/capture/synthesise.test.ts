import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAddress } from '../../src/capture/address.js';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import { IpHeader } from '../../src/capture/ip.js';
import { findIp } from '../../src/capture/link.js';
import { probeCapture } from '../../src/capture/probe-capture.js';
import { synthesise } from '../../src/capture/synthesise.js';
import { TcpHeader } from '../../src/capture/tcp.js';
import type { WireEvent } from '../../src/handshake/recording.js';
import type { Fact, HandshakeTrace, KernelFact } from '../../src/handshake/trace.js';
import { toHex } from '../../src/wire/hex.js';
import { expertFindings, needs } from '../support/tools.js';

const STARTED_AT = 1_767_225_600_000_000;

const FLAGS = [
  [0x02, 'SYN'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
] as const;

function kernel(at: number, moment: string, figures: Partial<KernelFact> = {}): KernelFact {
  return {
    kind: 'kernel',
    at,
    moment,
    rttUs: 20_000,
    minRttUs: 20_000,
    retransmissions: 0,
    spuriousRetransmissions: 0,
    largestReceived: null,
    clientMss: 1460,
    serverMss: 1360,
    pathMtu: 1500,
    receivedOutOfOrder: 0,
    unacknowledged: null,
    backoff: 0,
    timestamps: false,
    ...figures,
  };
}

interface Case {
  readonly facts: readonly Fact[];
  readonly wire?: readonly WireEvent[];
  readonly client?: string;
  readonly server?: string | null;
}

const CONNECTED: readonly Fact[] = [
  { kind: 'tcp-connect', at: 1000 },
  { kind: 'tcp-accepted', at: 21_300 },
  kernel(21_350, 'connect'),
];

function traceOf({ facts, client = '192.0.2.1', server = '198.51.100.7' }: Case): HandshakeTrace {
  return {
    source: { kind: 'live', profile: 'test' },
    client: { address: client, port: 50_000 },
    server: { address: server, port: 3389, name: null },
    startedAt: STARTED_AT,
    facts,
    notMeasured: {},
  };
}

function packetsOf(of: Case) {
  const trace = traceOf(of);
  return synthesise(trace, { client: trace.client, wire: of.wire ?? [], keyLog: [] });
}

/** Each packet as a line: its time, who sent it, its flags, and numbers relative to the first. */
function linesOf(of: Case): readonly string[] {
  const bases = new Map<number, number>();
  return packetsOf(of).map(({ at, bytes }) => {
    const { tcp, sumsAreRight } = decode(bytes);
    const isClient = tcp.sourcePort === 50_000;
    if (!bases.has(tcp.sourcePort)) bases.set(tcp.sourcePort, tcp.sequence);
    const relative = (port: number, number: number): number =>
      (number - (bases.get(port) ?? number)) | 0;
    const names = FLAGS.filter(([flag]) => (tcp.flags & flag) !== 0).map(([, name]) => name);
    const parts = [
      `${at - STARTED_AT}`,
      isClient ? '>' : '<',
      names.join(' '),
      `seq ${relative(tcp.sourcePort, tcp.sequence)}`,
      ...((tcp.flags & 0x10) === 0
        ? []
        : [`ack ${relative(tcp.destinationPort, tcp.acknowledgment)}`]),
      ...(tcp.length === 0 ? [] : [`${tcp.length} bytes`]),
      ...(tcp.mss === null ? [] : [`mss ${tcp.mss}`]),
      ...(sumsAreRight ? [] : ['wrong checksum']),
    ];
    return parts.join(' ');
  });
}

function decode(bytes: Uint8Array): { tcp: TcpHeader; ip: IpHeader; sumsAreRight: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ip = new IpHeader();
  const tcp = new TcpHeader();
  ip.decode(view, findIp(1, view, 0, bytes.length), bytes.length, bytes.length);
  tcp.decode(view, ip.payloadStart, ip.payloadEnd, ip.payloadLength);
  tcp.decodeOptions(view);
  const segment = bytes.subarray(ip.payloadStart);
  const addresses = bytes.subarray(ip.source, ip.source + 2 * ip.addressBytes);
  const pseudo = Uint8Array.of(0, ip.protocol, segment.length >> 8, segment.length & 0xff);
  const header = ip.version === 4 ? bytes.subarray(ip.headerStart, ip.payloadStart) : [];
  const sumsAreRight =
    onesComplement([...addresses, ...pseudo, ...segment]) === 0xffff &&
    (ip.version === 6 || onesComplement([...header]) === 0xffff);
  return { tcp, ip, sumsAreRight };
}

/** RFC 1071 word by word with the carry added at once: a sum over right bytes is all ones. */
function onesComplement(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum = (sum & 0xffff) + 1;
  }
  return sum;
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x41);

t.test('a conversation that both sides end in order', async (t) => {
  const lines = linesOf({
    facts: CONNECTED,
    wire: [
      { by: 'client', at: 22_000, bytes: bytes(19) },
      { by: 'server', at: 43_000, bytes: bytes(19) },
      { by: 'client', at: 43_200, bytes: bytes(300) },
      { by: 'server', at: 64_000, bytes: bytes(1200) },
      { by: 'client', at: 70_000, end: 'fin' },
      { by: 'server', at: 91_000, end: 'fin' },
    ],
  });
  t.same(lines, [
    '1000 > SYN seq 0 mss 1460',
    '21000 < SYN ACK seq 0 ack 1 mss 1360',
    '21000 > ACK seq 1 ack 1',
    '22000 > PSH ACK seq 1 ack 1 19 bytes',
    '43000 < PSH ACK seq 1 ack 20 19 bytes',
    '43200 > PSH ACK seq 20 ack 20 300 bytes',
    '64000 < ACK seq 20 ack 320 536 bytes',
    '64000 < ACK seq 556 ack 320 536 bytes',
    '64000 > ACK seq 320 ack 1092',
    '64000 < PSH ACK seq 1092 ack 320 128 bytes',
    '64000 > ACK seq 320 ack 1220',
    '70000 > FIN ACK seq 320 ack 1220',
    '91000 < FIN ACK seq 1220 ack 321',
    '91000 > ACK seq 321 ack 1221',
  ]);
});

t.test('segments are as large as the kernel saw them', async (t) => {
  const sizes = (samples: readonly KernelFact[], by: 'client' | 'server', length: number) =>
    linesOf({
      facts: [...CONNECTED.slice(0, 2), ...samples],
      wire: [{ by, at: 30_000, bytes: bytes(length) }],
    }).flatMap((line) => / (\d+) bytes/.exec(line)?.[1] ?? []);
  t.same(sizes([kernel(21_350, 'connect')], 'client', 2000), ['1360', '640']);
  t.same(sizes([kernel(21_350, 'connect', { timestamps: true })], 'client', 2000), ['1348', '652']);
  const larger = kernel(60_000, 'end', { largestReceived: 1400 });
  t.same(sizes([kernel(21_350, 'connect'), larger], 'server', 3000), ['1400', '1400', '200']);
  t.same(sizes([], 'server', 1000), ['536', '464'], 'no kernel: what RFC 9293 allows');
});

t.test('what the kernel did not tell is left out', async (t) => {
  const [syn, answer] = linesOf({ facts: CONNECTED.slice(0, 2) });
  t.equal(syn, '1000 > SYN seq 0');
  t.equal(answer, '21300 < SYN ACK seq 0 ack 1', 'accepted when the probe learned of it');
  const repeated = kernel(21_350, 'connect', { retransmissions: 1 });
  const lost = packetsOf({ facts: [...CONNECTED.slice(0, 2), repeated] });
  t.equal(lost[1]?.at, STARTED_AT + 21_300, 'a SYN that was sent again measures nothing');
  t.match(lost[0]?.comment, /sent 1 segment of this connection again/);
});

t.test('an acknowledgment needs a round trip, or the word of the kernel', async (t) => {
  const wire: readonly WireEvent[] = [
    { by: 'client', at: 22_000, bytes: bytes(19) },
    { by: 'server', at: 22_500, bytes: bytes(40) },
  ];
  const crossing = linesOf({ facts: CONNECTED, wire });
  t.equal(crossing[4], '22500 < PSH ACK seq 1 ack 1 40 bytes', 'they met on the way');
  const unanswered = linesOf({ facts: CONNECTED, wire: wire.slice(0, 1) });
  t.equal(unanswered.length, 4);
  const arrived = kernel(900_000, 'silence', { unacknowledged: 0 });
  const acknowledged = linesOf({ facts: [...CONNECTED, arrived], wire: wire.slice(0, 1) });
  t.equal(acknowledged[4], '42000 < ACK seq 1 ack 20');
  const stuck = kernel(900_000, 'silence', { unacknowledged: 1 });
  t.equal(linesOf({ facts: [...CONNECTED, stuck], wire: wire.slice(0, 1) }).length, 4);
});

t.test('a reset is the end', async (t) => {
  const lines = linesOf({
    facts: CONNECTED,
    wire: [
      { by: 'client', at: 22_000, bytes: bytes(19) },
      { by: 'server', at: 43_000, end: 'reset' },
      { by: 'client', at: 43_100, end: 'fin' },
    ],
  });
  t.same(lines.slice(3), ['22000 > PSH ACK seq 1 ack 1 19 bytes', '43000 < RST ACK seq 1 ack 20']);
});

t.test('connections that did not come about', async (t) => {
  const connect: Fact = { kind: 'tcp-connect', at: 0 };
  const failed = (how: 'refused' | 'unreachable' | 'timeout' | 'local', code: string): Fact => ({
    kind: 'tcp-failed',
    at: 5000,
    how,
    by: null,
    code,
  });
  const refused = { facts: [connect, failed('refused', 'ECONNREFUSED')] };
  t.same(linesOf(refused), ['0 > SYN seq 0', '5000 < RST ACK seq 0 ack 1']);
  for (const [how, code, says] of [
    ['timeout', 'ETIMEDOUT', 'no answer was seen: ETIMEDOUT'],
    ['unreachable', 'EHOSTUNREACH', /cannot be reached: EHOSTUNREACH/],
  ] as const) {
    const packets = packetsOf({ facts: [connect, failed(how, code)] });
    t.equal(packets.length, 1, how);
    t.match(packets[0]?.comment, says);
  }
  const interrupted = packetsOf({ facts: [connect, { kind: 'interrupted', at: 9 }] });
  t.match(interrupted[0]?.comment, /interrupted/);
  t.same(packetsOf({ facts: [connect, failed('local', 'EADDRNOTAVAIL')] }), []);
  t.same(packetsOf({ facts: [], server: null }), [], 'a name that did not resolve');
});

t.test('IPv6', async (t) => {
  const of: Case = {
    facts: CONNECTED,
    wire: [{ by: 'server', at: 30_000, bytes: bytes(7) }],
    client: 'fe80::1%eth0',
    server: '2001:db8::aa:1',
  };
  t.notMatch(linesOf(of).join(), /wrong/);
  const [first] = packetsOf(of);
  const { ip } = decode(first?.bytes ?? new Uint8Array(0));
  const source = first?.bytes.subarray(ip.source, ip.source + 32) ?? [];
  t.equal(
    toHex(Uint8Array.from(source)),
    'fe80000000000000000000000000000120010db8000000000000000000aa0001',
  );
});

t.test('a megabyte never overruns the window', async (t) => {
  for (const mss of [1460, 65_483]) {
    const figures = { clientMss: mss, largestReceived: mss };
    const facts = [...CONNECTED.slice(0, 2), kernel(21_350, 'connect', figures)];
    const wire = [{ by: 'server', at: 30_000, bytes: bytes(1 << 20) }] as const;
    let acknowledged = 0;
    let sent = 0;
    for (const line of linesOf({ facts, wire })) {
      const [, number = 0] = / ack (\d+)/.exec(line) ?? [];
      if (line.includes('>')) acknowledged = Number(number);
      const data = /seq (\d+) .* (\d+) bytes/.exec(line);
      if (data !== null) sent = Number(data[1]) + Number(data[2]);
      if (sent - acknowledged >= 65_535) t.fail(line);
    }
    t.equal(acknowledged, (1 << 20) + 1);
  }
});

t.test('times never run backwards, whatever the kernel says', async (t) => {
  const facts = [...CONNECTED.slice(0, 2), kernel(21_350, 'connect', { rttUs: 90_000 })];
  const packets = packetsOf({ facts, wire: [{ by: 'client', at: 22_000, bytes: bytes(1) }] });
  const times = packets.map(({ at }) => at);
  t.same(times, times.toSorted());
});

t.test('addresses', async (t) => {
  const rows: readonly (readonly [text: string, hex: string | null])[] = [
    ['192.0.2.255', 'c00002ff'],
    ['192.0.2.256', null],
    ['192.0.2', null],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
    ['::ffff:192.0.2.1', 'c0000201'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['1::2::3', null],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4::5:6:7:8', null],
    ['12345::', null],
    ['host', null],
    ['', null],
  ];
  for (const [text, hex] of rows) {
    const parsed = parseAddress(text);
    t.equal(parsed === null ? null : toHex(parsed), hex, text);
  }
});

t.test('tshark finds nothing wrong, for both families', needs('tshark'), async (t) => {
  const wire: readonly WireEvent[] = [
    { by: 'client', at: 22_000, bytes: bytes(19) },
    { by: 'server', at: 43_000, bytes: bytes(9000) },
    { by: 'client', at: 43_200, bytes: bytes(3000) },
    { by: 'client', at: 43_400, bytes: bytes(1) },
    { by: 'server', at: 63_300, bytes: bytes(1) },
    { by: 'client', at: 70_000, end: 'fin' },
    { by: 'server', at: 70_100, bytes: bytes(1 << 20) },
    { by: 'server', at: 95_000, end: 'fin' },
  ];
  const connections = (['192.0.2.1', '2001:db8::1'] as const).map((client, index) => {
    const server = index === 0 ? '198.51.100.7' : '2001:db8::2';
    const trace = traceOf({ facts: CONNECTED, client, server });
    return { trace, recording: { client: trace.client, wire, keyLog: [] }, captured: null };
  });
  const file = join(t.testdir(), 'made.pcapng');
  const capture = probeCapture(connections, { version: 'test', withSecrets: true });
  t.match(capture.comment, /packets synthesised by rdp-probe test from the bytes and times/);
  writeFileSync(file, encodeCaptureFile(capture));
  const findings = expertFindings(file, ['-d', 'tcp.port==3389,echo']);
  const order = /Connection (establish|finish)|This frame (initiates|undergoes) the connection/;
  t.same(
    findings.filter((finding) => !order.test(finding)),
    [],
  );
});
