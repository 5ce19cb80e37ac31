import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { analyseCapture, type CaptureAnalysis } from '../../src/capture/analyse.js';
import { anonymiseCapture } from '../../src/capture/anonymise.js';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import { probeCapture } from '../../src/capture/probe-capture.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { DEFAULT_SETTINGS } from '../../src/probe/settings.js';
import { ProbeError } from '../../src/probe-error.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { fromHex } from '../../src/wire/hex.js';
import { encodeConnectionConfirm, encodeConnectionRequest } from '../../src/wire/negotiation.js';
import { concat } from '../../src/wire/writer.js';
import { conversations, type Segment } from '../support/conversations.js';
import {
  ACK,
  bytesOf,
  type Captured,
  ethernet,
  ip,
  ipv4,
  ipv6,
  PSH,
  pcap,
  pcapng,
  SYN,
  SYN_OPTIONS,
  secrets,
  tcp,
  u16,
} from '../support/packets.js';
import { recordScenario } from '../support/recorded-run.js';
import { expertFindings, needs, run } from '../support/tools.js';

const OPTIONS = {
  overwrite: false,
  ports: [],
  application: 'rdp-probe test',
  key: new Uint8Array(32).fill(9),
};

const CLIENT = '10.11.12.13:50000';
const SERVER = '10.99.98.97:3389';

/** Runs a capture through, and gives what is read of it before and after. */
async function anonymised(t: Test, capture: Uint8Array, ports: readonly number[] = []) {
  const folder = t.testdir();
  const input = join(folder, 'in.pcapng');
  const output = join(folder, 'out.pcapng');
  writeFileSync(input, capture);
  const result = await anonymiseCapture(input, output, { ...OPTIONS, ports });
  return {
    result,
    output,
    bytes: readFileSync(output),
    before: await analyseCapture(input, { ports }),
    after: await analyseCapture(output, { ports }),
  };
}

/** Everything of a trace that is not somebody's: what happened when, with all sizes and codes. */
function shapeOf(trace: HandshakeTrace): unknown {
  const handshake = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  const { outcome, stages, tcp, x224, tls, credssp, mcs } = handshake;
  return {
    outcome: { ...outcome, detail: null },
    stages,
    tcp: { ...tcp, icmp: tcp.icmp.map((error) => ({ ...error, from: null })) },
    x224: {
      response: x224.response,
      requestedProtocols: x224.request?.requestedProtocols,
      cookie: x224.request?.cookie?.length,
      routingToken: x224.request?.routingToken?.length,
    },
    tls: {
      ...tls,
      clientHello: tls.clientHello && { ...tls.clientHello, serverName: null },
      certificates: tls.certificates.map((certificate) => ({
        ...certificate,
        subject: certificate.subject?.length,
        issuer: certificate.issuer?.length,
        serialNumber: certificate.serialNumber?.length,
        subjectAltNames: certificate.subjectAltNames.map((name) => name.replace(/:.*/, '')),
        sha1: null,
        sha256: null,
        spkiSha256: null,
      })),
    },
    credssp,
    mcs: { ...mcs, serverCertificate: mcs.serverCertificate?.kind },
    events: trace.facts.map((fact) =>
      fact.kind === 'message' ? [fact.at, fact.message.type, fact.bytes] : [fact.at, fact.kind],
    ),
  };
}

function compare(t: Test, before: CaptureAnalysis, after: CaptureAnalysis): void {
  t.same(after.traces.map(shapeOf), before.traces.map(shapeOf));
}

/** A word must not be found in any form in which captures hold words. */
function lacks(t: Test, bytes: Uint8Array, words: readonly string[]): void {
  const content = Buffer.from(bytes).toString('latin1').toLowerCase();
  for (const word of words.map((each) => each.toLowerCase())) {
    const forms = [word, Array.from(word).join('\0'), Buffer.from(word).toString('hex')];
    for (const form of forms) t.notOk(content.includes(form), `${word} as ${JSON.stringify(form)}`);
  }
}

t.test('probes of simulated servers', async (t) => {
  const names = [
    'healthy-windows',
    'healthy-tls12',
    'hello-retry',
    'healthy-ca-certificate',
    'rdp-security',
    'no-negotiation',
    'nla-required',
    'tls-alert-handshake-failure',
    'reset-in-server-flight',
    'close-mid-confirm',
    'malformed-confirm',
    'mcs-disconnect',
    'ssh',
    'http',
    'modbus',
    'key-unreadable',
  ];
  const settings = {
    ...DEFAULT_SETTINGS,
    cookie: 'mstshash=Administrator',
    serverName: 'terminal7.corp.example',
  };
  const runs = [];
  for (const name of names) {
    const scenario = findScenario(name);
    if (scenario === null) throw new Error(`no scenario ${name}`);
    const { trace, recording } = await recordScenario(scenario, settings);
    const server = { ...trace.server, name: settings.serverName };
    runs.push({
      trace: { ...trace, server },
      recording,
      captured: null,
      asked: { purpose: 'follow-up', reason: `whether ${name.length} are asked` },
    });
  }
  const hidden = probeCapture(runs, { version: 'test', withSecrets: false });
  // The labels say where RDP is.
  const { before, after, bytes, result, output } = await anonymised(t, encodeCaptureFile(hidden));
  t.equal(before.traces.length, names.length);
  compare(t, before, after);
  t.equal(result.connectionsKept, names.length);
  lacks(t, bytes, ['administrator', 'terminal7', 'srv01', 'corp', 'OpenSSH', '127.0.0.1']);
  lacks(t, bytes, ['\x7f\0\0\x01', 'CLIENT_RANDOM', 'synthesised']);

  await t.test('what the probe says of its connections stays, under other names', async (t) => {
    for (const [index, { label, server, facts }] of after.traces.entries()) {
      const { label: original } = before.traces[index] ?? {};
      t.ok(label !== undefined && original !== undefined && server.name !== null);
      t.strictSame({ ...label, name: null }, { ...original, name: null });
      t.not(label?.name, original?.name);
      const hello = facts.find(
        (fact) => fact.kind === 'message' && fact.message.type === 'tls-client-hello',
      );
      if (hello !== undefined) {
        t.match(hello, { message: { serverName: server.name } }, 'the same stand-in everywhere');
      }
    }
  });

  await t.test('the name that was asked for still fits the certificate, or not', async (t) => {
    const [trace] = after.traces.map((each) =>
      toHandshake(each, { id: 0, purpose: 'verdict', reason: null }),
    );
    t.match(trace?.x224.request?.cookie, /^mstshash=[A-Z][a-z]{12}$/);
    const tls12 = after.traces[1];
    if (tls12 === undefined) throw new Error('no second trace');
    const { tls } = toHandshake(tls12, { id: 0, purpose: 'verdict', reason: null });
    const domain = tls.clientHello?.serverName?.split('.').slice(1).join('.');
    t.ok(tls.certificates[0]?.subject?.endsWith(`.${domain}`), 'one domain, one stand-in');
  });

  await t.test('tshark finds nothing broken in it', needs('tshark'), async (t) => {
    const broken = expertFindings(output).filter((finding) => /^Error|hecksum/.test(finding));
    t.same(broken, []);
  });
});

t.test('recordings of real servers', async (t) => {
  const at = 1_700_000_000_000_000;
  const connections = conversations().map(({ segments }, index) => {
    const client = { address: `10.1.1.${index}`, port: 50_000 };
    const trace: HandshakeTrace = {
      source: { kind: 'live', profile: 'test' },
      client,
      server: { address: '10.2.2.2', port: 3389, name: null },
      startedAt: at,
      facts: [
        { kind: 'tcp-connect', at: 0 },
        { kind: 'tcp-accepted', at: 0 },
      ],
      notMeasured: {},
    };
    return { trace, recording: { client, wire: wireOf(segments), keyLog: [] }, captured: null };
  });
  const capture = probeCapture(connections, { version: 'test', withSecrets: false });
  const { before, after, result } = await anonymised(t, encodeCaptureFile(capture));
  t.equal(before.traces.length, connections.length);
  compare(t, before, after);
  t.same(result.problems, []);
});

function wireOf(segments: readonly Segment[]) {
  return segments.map((segment) =>
    'hex' in segment
      ? { by: segment.by, at: segment.at, bytes: fromHex(segment.hex) }
      : { by: segment.by, at: segment.at, end: segment.end },
  );
}

const REQUEST = encodeConnectionRequest({
  requestedProtocols: 3,
  flags: 0,
  cookie: 'mstshash=jdoe1234',
});
const CONFIRM = encodeConnectionConfirm(fromHex('0200080002000000'));

/** A connection up to the confirm, each side's bytes cut as wished. */
function negotiation(
  link: (packet: Uint8Array) => Uint8Array,
  from = CLIENT,
  to = SERVER,
): readonly Captured[] {
  const segments = [
    { from, to, flags: SYN, seq: 99, options: SYN_OPTIONS },
    { from: to, to: from, flags: SYN | ACK, seq: 199, ack: 100, options: SYN_OPTIONS },
    { from, to, flags: PSH | ACK, seq: 100, ack: 200, payload: REQUEST },
    { from: to, to: from, flags: PSH | ACK, seq: 200, ack: 100 + REQUEST.length, payload: CONFIRM },
  ];
  return segments.map((segment, index) => ({
    at: 1_700_000_000 + index / 100,
    bytes: link(ip(segment)),
  }));
}

t.test('link layers and address families', async (t) => {
  const vlan = (packet: Uint8Array): Uint8Array => ethernet(packet, undefined, fromHex('81000123'));
  const cooked = (packet: Uint8Array): Uint8Array =>
    concat(fromHex('0800 0000 00000002 0001 00 06 aabbccddeeff 0000'), packet);
  const ipv6Ends = ['[fd00::aaaa]:50000', '[fd00::bbbb]:3389'] as const;
  const rows: readonly (readonly [name: string, capture: Uint8Array, hex: string])[] = [
    ['Ethernet', pcap(negotiation((packet) => ethernet(packet))), '0a0b0c0d'],
    ['VLAN', pcap(negotiation(vlan)), '81000123'],
    [
      'raw IP',
      pcap(
        negotiation((packet) => packet),
        { linkType: 101 },
      ),
      '0a636261',
    ],
    ['Linux cooked', pcap(negotiation(cooked), { linkType: 276 }), 'aabbccddeeff'],
    ['IPv6', pcapng(negotiation((packet) => ethernet(packet), ...ipv6Ends)), 'fd000000'],
  ];
  for (const [name, capture, hex] of rows) {
    await t.test(name, async (t) => {
      const { before, after, bytes } = await anonymised(t, capture);
      t.equal(before.traces.length, 1);
      compare(t, before, after);
      lacks(t, bytes, ['jdoe1234', Buffer.from(hex, 'hex').toString('latin1')]);
    });
  }
});

t.test('what stands beside the handshake is left out', async (t) => {
  const udp = ethernet(ipv4({ from: CLIENT, to: SERVER, protocol: 17 }, Buffer.from('udp-secret')));
  const web = ethernet(
    ip({ from: CLIENT, to: '10.0.0.9:80', payload: Buffer.from('GET /web-secret HTTP/1.1\r\n') }),
  );
  const notes = secrets(`CLIENT_RANDOM ${'01'.repeat(32)} ${'02'.repeat(48)}\n`);
  const packets = [...negotiation((packet) => ethernet(packet))];
  packets.push({ at: 1_700_000_001, bytes: udp }, { at: 1_700_000_002, bytes: web });
  const capture = concat(pcapng(packets), notes);
  const { result, bytes, before, after } = await anonymised(t, capture);
  t.equal(result.packetsRead, 6);
  t.equal(result.packetsWritten, 5, 'TCP alone');
  t.equal(result.connectionsKept, 1);
  lacks(t, bytes, ['udp-secret', 'web-secret', 'CLIENT_RANDOM', 'jdoe1234']);
  compare(t, before, after);
});

t.test('TCP options: clocks are moved alike, cookies and keys are cut out', async (t) => {
  const timestamps = (value: number, echo: number): Uint8Array => {
    const option = Buffer.alloc(12, 1);
    option.set([8, 10]);
    option.writeUInt32BE(value, 2);
    option.writeUInt32BE(echo, 6);
    return option;
  };
  const fastOpen = fromHex('220a1122334455667788');
  const options = concat(timestamps(0x12345678, 0), fastOpen);
  const answer = { from: SERVER, to: CLIENT, flags: SYN | ACK, seq: 9, ack: 6 };
  const packets = [
    {
      at: 1_700_000_000,
      bytes: ethernet(ip({ from: CLIENT, to: SERVER, flags: SYN, seq: 5, options })),
    },
    {
      at: 1_700_000_001,
      bytes: ethernet(ip({ ...answer, options: timestamps(0x0abcdef0, 0x12345678) })),
    },
  ];
  const { bytes, output } = await anonymised(t, pcap(packets));
  lacks(t, bytes, ['\x12\x34\x56\x78', '\x0a\xbc\xde\xf0', '\x11\x22\x33\x44']);
  if (needs('tshark').skip === undefined) {
    const fields = ['-e', 'tcp.options.timestamp.tsval', '-e', 'tcp.options.timestamp.tsecr'];
    const says = run('tshark', ['-r', output, '-T', 'fields', ...fields]);
    const [[sent, none] = [], [, echoed] = []] = says.split('\n').map((line) => line.split('\t'));
    t.equal(none, '0');
    t.equal(echoed, sent, 'an echo is still an echo');
  }
});

t.test('IP fragments, gaps, segments in another order and sent again', async (t) => {
  const whole = negotiation((packet) => packet);
  const [syn, accepted, , confirm] = whole;
  if (syn === undefined || accepted === undefined || confirm === undefined) throw new Error();
  const request = tcp({
    from: CLIENT,
    to: SERVER,
    flags: PSH | ACK,
    seq: 100,
    ack: 200,
    payload: REQUEST,
  });
  const piece = (start: number, end: number): Uint8Array =>
    ipv4(
      {
        from: CLIENT,
        to: SERVER,
        id: 77,
        fragmentOffset: start,
        moreFragments: end < request.length,
      },
      request.subarray(start, end),
    );
  const ends = { from: CLIENT, to: SERVER, flags: ACK, ack: 200 };
  const half = REQUEST.length >> 1;
  const rows: readonly (readonly [name: string, requests: readonly Uint8Array[]])[] = [
    ['fragments', [piece(0, 32), piece(32, request.length)]],
    [
      'another order, and again',
      [
        ip({ ...ends, seq: 100 + half, payload: REQUEST.subarray(half) }),
        ip({ ...ends, seq: 100, payload: REQUEST.subarray(0, half) }),
        ip({ ...ends, seq: 100, payload: REQUEST }),
      ],
    ],
    [
      'the first half is missing',
      [ip({ ...ends, seq: 100 + half, payload: REQUEST.subarray(half) })],
    ],
  ];
  for (const [name, requests] of rows) {
    await t.test(name, async (t) => {
      const packets = [syn.bytes, accepted.bytes, ...requests, confirm.bytes];
      const captured = packets.map((bytes, index) => ({ at: 1_700_000_000 + index, bytes }));
      const { before, after, bytes } = await anonymised(t, pcap(captured, { linkType: 101 }));
      t.equal(before.traces.length, 1);
      compare(t, before, after);
      lacks(t, bytes, ['jdoe1234', 'jdoe', '1234']);
    });
  }
});

t.test('ICMP errors stay with their connection', async (t) => {
  const syn = ip({ from: CLIENT, to: SERVER, flags: SYN, seq: 99, options: SYN_OPTIONS });
  const quote = concat(fromHex('0304 0000 0000 0500'), syn.subarray(0, 28));
  const error = ipv4({ from: '10.5.5.5:0', to: CLIENT, protocol: 1 }, quote);
  const syn6 = ip({ from: '[fd00::1]:50001', to: '[fd00::2]:3389', flags: SYN, seq: 7 });
  const quote6 = concat(fromHex('0200 0000 00000500'), syn6.subarray(0, 60));
  const error6 = ipv6({ from: '[fd00::5]:0', to: '[fd00::1]:0' }, quote6, {
    next: 58,
    bytes: new Uint8Array(0),
  });
  const packets = [syn, error, syn6, error6].map((bytes, index) => ({
    at: 1_700_000_000 + index,
    bytes,
  }));
  const { before, after, bytes } = await anonymised(t, pcap(packets, { linkType: 101 }));
  const icmp = ({ traces }: CaptureAnalysis) =>
    traces.flatMap(({ facts }) =>
      facts.flatMap((fact) => (fact.kind === 'tcp-figures' ? fact.icmp : [])),
    );
  t.match(icmp(after), [
    { type: 'fragmentation-needed', mtu: 1280, from: /^192\.0\.2\.\d+$/ },
    { type: 'packet-too-big', mtu: 1280, from: /^2001:db8:/ },
  ]);
  compare(t, before, after);
  lacks(t, bytes, ['\x0a\x05\x05\x05', '\xfd\0\0\0\0\0\0']);
});

t.test('tunnels: who asked for what through them is somebody else', async (t) => {
  const socks = [
    ['client', bytesOf(5, 2, 0, 2)],
    ['server', bytesOf(5, 2)],
    ['client', concat(bytesOf(1, 7), Buffer.from('proxyme'), bytesOf(6), Buffer.from('hunter'))],
    ['server', bytesOf(1, 0)],
    ['client', concat(bytesOf(5, 1, 0, 3, 11), Buffer.from('inside.corp'), u16(3389))],
    ['server', concat(bytesOf(5, 0, 0, 1, 10, 7, 7, 7), u16(1080))],
  ] as const;
  const http = [
    [
      'client',
      Buffer.from(
        'CONNECT inside.corp:3389 HTTP/1.1\r\nHost: inside.corp\r\nProxy-Authorization: Basic aHVudGVyMg==\r\n\r\n',
      ),
    ],
    ['server', Buffer.from('HTTP/1.1 200 Go on, proxyme\r\nVia: hunter\r\n\r\n')],
  ] as const;
  for (const [name, opening] of [
    ['SOCKS5', socks],
    ['HTTP CONNECT', http],
  ] as const) {
    await t.test(name, async (t) => {
      const proxy = '10.8.8.8:8080';
      const next = { client: 100, server: 200 };
      const packets: Uint8Array[] = [
        ip({ from: CLIENT, to: proxy, flags: SYN, seq: 99 }),
        ip({ from: proxy, to: CLIENT, flags: SYN | ACK, seq: 199, ack: 100 }),
      ];
      for (const [by, payload] of [...opening, ['client', REQUEST], ['server', CONFIRM]] as const) {
        const [from, to] = by === 'client' ? [CLIENT, proxy] : [proxy, CLIENT];
        const ack = by === 'client' ? next.server : next.client;
        packets.push(ip({ from, to, flags: ACK, seq: next[by], ack, payload }));
        next[by] += payload.length;
      }
      const captured = packets.map((bytes, index) => ({ at: 1_700_000_000 + index, bytes }));
      const { before, after, bytes } = await anonymised(t, pcap(captured, { linkType: 101 }));
      t.equal(before.traces.length, 1);
      compare(t, before, after);
      lacks(t, bytes, ['inside', 'corp', 'proxyme', 'hunter', 'aHVudGVyMg', 'jdoe1234']);
    });
  }
});

t.test('failures leave no half of a file', async (t) => {
  const folder = t.testdir({ 'none.pcap': 'this is no capture at all, whatever it is called' });
  const input = join(folder, 'none.pcap');
  const output = join(folder, 'out.pcapng');
  await t.rejects(anonymiseCapture(input, output, OPTIONS), ProbeError);
  t.throws(() => readFileSync(output));
  writeFileSync(input, pcap(negotiation((packet) => ethernet(packet))));
  await t.rejects(anonymiseCapture(input, input, { ...OPTIONS, overwrite: true }), {
    code: 'CANNOT_WRITE',
    message: /it is being read/,
  });
  await t.rejects(anonymiseCapture(input, input, OPTIONS), { message: /there already/ });
  t.ok(readFileSync(input).length > 100, 'and the original is still there');
  const signal = AbortSignal.abort();
  await t.rejects(anonymiseCapture(input, output, { ...OPTIONS, signal }));
  t.throws(() => readFileSync(output));
});

t.test('damaged captures: a copy or one clear sentence, and no names either way', async (t) => {
  const folder = t.testdir();
  const input = join(folder, 'in.pcap');
  const output = join(folder, 'out.pcapng');
  const original = pcap(negotiation((packet) => ethernet(packet)));
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 150; round++) {
    const bytes = Uint8Array.from(original).subarray(0, original.length - random(3) * random(60));
    for (let flips = random(4); flips >= 0; flips--)
      bytes[24 + random(bytes.length - 24)] = random(256);
    writeFileSync(input, bytes);
    try {
      await anonymiseCapture(input, output, { ...OPTIONS, overwrite: true });
      if (readFileSync(output).includes('jdoe1234')) t.fail(`round ${round}`);
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
    }
  }
  t.pass('150 of them');
});
