import t from 'tap';
import { type AnalyseOptions, analyseCapture } from '../../src/capture/analyse.js';
import { captureFromBytes } from '../../src/capture/source.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { fromHex } from '../../src/wire/hex.js';
import { concat } from '../../src/wire/writer.js';
import { conversation } from '../support/conversations.js';
import { type Captured, pcap } from '../support/packets.js';
import { packetsOf, Talk, talkOf } from '../support/talk.js';

const REQUEST = fromHex(
  '0300002a25e00000000000436f6f6b69653a206d737473686173683d757365720d0a0100080001000000',
);
const BARE_REQUEST = fromHex('0300000b06e00000000000');
const CONFIRM = fromHex('030000130ed000000000000300080005000000');
const CLIENT_HELLO = fromHex('16030100050100000100');
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const analyse = (packets: readonly Captured[], options: AnalyseOptions = {}) =>
  analyseCapture(captureFromBytes(pcap(packets)), { all: true, ...options });

/** A connection to a port in which both sides say something in turn, the client first. */
function talkTo(port: number, ...turns: readonly Uint8Array[]): Talk {
  const talk = new Talk({ server: `10.0.0.2:${port}` }).open();
  for (const [index, bytes] of turns.entries()) {
    talk.send(index % 2 === 0 ? 'client' : 'server', 30_000 + index * 20_000, bytes);
  }
  return talk;
}

const S7COMM = fromHex('0300001611e00000000100c0010ac1020100c2020102');
const H323_SETUP = fromHex('0300000c08020001050401020304');

const FOUND: Readonly<Record<string, readonly [port: number, first: Uint8Array]>> = {
  'a request on any port': [8443, REQUEST],
  'a request without cookie or negotiation on 3389': [3389, BARE_REQUEST],
  'TLS straight away on 3389': [3389, CLIENT_HELLO],
  'a routing token alone': [
    7000,
    concat(fromHex('0300002924e00000000000'), ascii('Cookie: msts=3640205228.1.00\r\n')),
  ],
};

for (const [name, [port, first]] of Object.entries(FOUND)) {
  t.test(`RDP: ${name}`, async (t) => {
    const { traces, others } = await analyse(talkTo(port, first).packets());
    t.equal(traces.length, 1);
    t.strictSame(others, []);
  });
}

const OTHERS: Readonly<Record<string, readonly [port: number, first: Uint8Array, why: RegExp]>> = {
  'S7comm on 102': [102, S7COMM, /another protocol than RDP/],
  'S7comm on 3389': [3389, S7COMM, /another protocol than RDP/],
  'a bare request on 102': [102, BARE_REQUEST, /another protocol than RDP/],
  'H.323': [1720, H323_SETUP, /as H\.323 has it/],
  'TLS elsewhere': [443, CLIENT_HELLO, /TLS without the negotiation/],
  HTTP: [80, ascii('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /^it speaks HTTP$/],
  'HTTP on 3389': [3389, ascii('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /^it speaks HTTP$/],
  SSH: [22, ascii('SSH-2.0-OpenSSH_9.2\r\n'), /^it speaks SSH$/],
  noise: [5000, fromHex('ffeeddccbbaa99887766'), /bytes that are not RDP/],
  'a broken TPKT': [5000, fromHex('0300000306e0000000'), /broken TPKT/],
  'a cookie without TPKT': [3389, ascii('Cookie: mstshash=x\r\n'), /not RDP/],
};

for (const [name, [port, first, why]] of Object.entries(OTHERS)) {
  t.test(`not RDP: ${name}`, async (t) => {
    const { traces, others } = await analyse(talkTo(port, first, CONFIRM).packets());
    t.strictSame(traces, []);
    t.match(others, [
      { stream: 0, client: { address: '10.0.0.1', port: 50000 }, server: { port }, why },
    ]);
  });
}

t.test('what is not RDP is listed only when asked for', async (t) => {
  const packets = talkTo(443, CLIENT_HELLO).packets();
  const { others, conversations } = await analyse(packets, { all: false });
  t.strictSame(others, []);
  t.equal(conversations, 1);
});

t.test('too little to tell, or nothing', async (t) => {
  const why = async (talk: Talk) => (await analyse(talk.packets())).others[0]?.why;
  t.equal(await why(talkTo(8443, REQUEST.subarray(0, 20))), 'its client sent too little to tell');
  t.equal(await why(talkTo(8443)), 'its client sent too little to tell');
  t.equal(
    await why(new Talk({ server: '10.0.0.2:8443' }).open(0, 0, 1)),
    'its SYN was not answered',
  );
  const refused = new Talk({ server: '10.0.0.2:8443' }).open(0, 0, 1).reset('server', 100);
  t.equal(await why(refused), 'the connection was refused');
  const lost = new Talk({ server: '10.0.0.2:8443' }).open().lose('client', 42);
  lost.ack('server', 40_000).send('client', 1_000_000, CLIENT_HELLO);
  t.equal(await why(lost), 'its first bytes are not in the capture');
  const bulk = new Talk({ server: '10.0.0.2:20' })
    .open()
    .send('server', 30_000, new Uint8Array(1400));
  t.equal(await why(bulk), 'its server speaks first');
});

t.test('attempts that say nothing count on 3389 and on given ports', async (t) => {
  const silent = (port: number) => new Talk({ server: `10.0.0.2:${port}` }).open(0, 0, 1);
  t.equal((await analyse(silent(3389).packets())).traces.length, 1);
  t.equal((await analyse(silent(3390).packets())).traces.length, 0);
  t.equal((await analyse(silent(3390).packets(), { ports: [3390] })).traces.length, 1);
  const cut = talkTo(3389, REQUEST.subarray(0, 20));
  t.equal((await analyse(cut.packets())).traces.length, 1);
  const banner = new Talk().open().send('server', 30_000, ascii('SSH-2.0-OpenSSH_9.2\r\n'));
  t.match((await analyse(banner.packets())).traces[0]?.facts[2], {
    kind: 'foreign',
    protocol: 'SSH',
  });
});

t.test('every conversation, with its figures alone where it is not RDP', async (t) => {
  const packets = talkTo(443, CLIENT_HELLO, CONFIRM).fin('client', 1_000_000).packets();
  const { traces } = await analyse(packets, { every: true });
  t.match(traces[0]?.facts, [
    { kind: 'tcp-connect' },
    { kind: 'tcp-accepted' },
    { kind: 'tcp-end', by: 'client' },
    { kind: 'tcp-figures', rttUs: 20_000 },
  ]);
  t.equal(traces[0]?.facts.length, 4);
});

const SOCKS = {
  greeting: fromHex('050100'),
  method: fromHex('0500'),
  request: concat(fromHex('050100010a0000630d3d')),
  reply: fromHex('05000001000000000000'),
};

t.test('RDP inside a SOCKS5 tunnel', async (t) => {
  const { greeting, method, request, reply } = SOCKS;
  const talk = talkTo(1080, greeting, method, request, reply, REQUEST, CONFIRM);
  const { traces } = await analyse(talk.packets());
  t.match(traces[0]?.facts, [
    { kind: 'tcp-connect' },
    { kind: 'tcp-accepted' },
    { kind: 'tunnel', protocol: 'SOCKS5', target: '10.0.0.99:3389' },
    { message: { type: 'x224-request', cookie: 'mstshash=user' }, at: 110_000, packets: [8] },
    { message: { type: 'x224-confirm' }, packets: [9] },
    { kind: 'tcp-figures' },
  ]);
  const byName = concat(fromHex('050100030b'), ascii('srv.example'), fromHex('0d3d'));
  const named = talkTo(1080, greeting, method, byName, reply, CLIENT_HELLO);
  t.match((await analyse(named.packets())).traces[0]?.facts[2], { target: 'srv.example:3389' });
});

t.test('RDP inside a SOCKS5 tunnel with a password, the secret left out', async (t) => {
  const { request, reply } = SOCKS;
  const password = concat(fromHex('010475736572'), fromHex('06736563726574'));
  const talk = talkTo(
    1080,
    fromHex('05020002'),
    fromHex('0502'),
    password,
    fromHex('0100'),
    request,
    reply,
    REQUEST,
  );
  const { traces } = await analyse(talk.packets());
  t.match(traces[0]?.facts[2], { kind: 'tunnel' });
  t.notMatch(JSON.stringify(traces), /secret|736563726574/);
});

t.test('RDP inside an HTTP CONNECT tunnel', async (t) => {
  const asked = ascii('CONNECT srv01.example:3389 HTTP/1.1\r\nHost: srv01.example\r\n\r\n');
  const opened = ascii('HTTP/1.1 200 Connection established\r\n\r\n');
  const talk = talkTo(8080, asked, opened, REQUEST, CONFIRM);
  const { traces } = await analyse(talk.packets());
  t.match(traces[0]?.facts.slice(2), [
    { kind: 'tunnel', protocol: 'HTTP CONNECT', target: 'srv01.example:3389' },
    { message: { type: 'x224-request' } },
    { message: { type: 'x224-confirm' } },
    { kind: 'tcp-figures' },
  ]);
  // The client may send its request before the proxy has answered.
  const eager = talkTo(8080, concat(asked, REQUEST), concat(opened, CONFIRM));
  const { traces: found } = await analyse(eager.packets());
  t.match(found[0]?.facts.slice(2, 5), [
    { kind: 'tunnel' },
    { message: { type: 'x224-request' } },
    { message: { type: 'x224-confirm' } },
  ]);
});

t.test('a beginning that comes byte by byte, and one that never tells', async (t) => {
  const asked = ascii('CONNECT srv01.example:3389 HTTP/1.1\r\nHost: srv01.example\r\n\r\n');
  const opened = ascii('HTTP/1.1 200 Connection established\r\n\r\n');
  const talk = new Talk({ server: '10.0.0.2:8080' }).open();
  const said = { client: concat(asked, REQUEST), server: concat(opened, CONFIRM) };
  let at = 30_000;
  for (const by of ['client', 'server'] as const) {
    for (const byte of said[by]) talk.send(by, at++, Uint8Array.of(byte));
  }
  const { traces } = await analyse(talk.packets());
  t.match(traces[0]?.facts.slice(2, 5), [
    { kind: 'tunnel' },
    { message: { type: 'x224-request' } },
    { message: { type: 'x224-confirm' } },
  ]);

  const slow = new Talk({ server: '10.0.0.2:8080' }).open();
  for (const [index, byte] of ascii(`CONNECT ${'x'.repeat(3000)}`).entries()) {
    slow.send('client', 30_000 + index, Uint8Array.of(byte));
  }
  t.match((await analyse(slow.packets())).others, [{ why: /does not tell what it is/ }]);
});

t.test('tunnels that lead elsewhere, or nowhere', async (t) => {
  const why = async (talk: Talk) => (await analyse(talk.packets())).others[0]?.why;
  const { greeting, method, request, reply } = SOCKS;
  t.equal(
    await why(talkTo(1080, greeting, method, request, fromHex('05050001000000000000'))),
    'the SOCKS5 proxy refuses 10.0.0.99:3389 with code 5',
  );
  t.match(await why(talkTo(1080, greeting, fromHex('05ff'))), /none of the offered methods/);
  t.match(
    await why(talkTo(1080, greeting, method, request, reply, ascii('GET / HTTP/1.1\r\n'))),
    /something else/,
  );
  t.match(
    await why(
      talkTo(8080, ascii('CONNECT a:3389 HTTP/1.1\r\n\r\n'), ascii('HTTP/1.1 403 No\r\n\r\n')),
    ),
    /refuses a:3389 with status 403/,
  );
  t.match(
    await why(talkTo(8080, ascii(`CONNECT a:1 HTTP/1.1\r\n${'x'.repeat(20_000)}`))),
    /never ends/,
  );
  t.match(await why(talkTo(8080, ascii('CONNECT nonsense\r\n\r\n'), ascii('x'))), /not RDP/);
  t.match(await why(talkTo(1080, fromHex('0500'))), /SOCKS5/);
  t.match(await why(talkTo(1080, greeting, fromHex('0501'), ascii('gssapi'))), /not RDP/);
});

t.test('a connection that was running before the capture began', async (t) => {
  const said = talkOf(conversation('xrdp-tls13')).said;
  const late = await analyse(packetsOf(said.slice(12)));
  const [trace] = late.traces;
  if (trace === undefined) throw new Error('there is no trace');
  t.match(trace.facts[0], { kind: 'joined', packets: [1] });
  t.match(trace, { client: { port: 50000 }, server: { port: 3389 } });
  t.notOk(trace.facts.some(({ kind }) => kind === 'message' || kind === 'malformed'));
  const { stages, outcome } = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  t.strictSame(
    stages.map(({ status }) => status),
    ['not-applicable', 'hidden', 'hidden', 'hidden', 'hidden', 'hidden'],
  );
  t.match(outcome, { status: 'incomplete', failedAt: null, detail: /already running/ });

  // The server sends first: still told apart by the port.
  const server = packetsOf(said.slice(12).filter(({ by }) => by === 'server'));
  t.match((await analyse(server)).traces[0], { server: { port: 3389 } });

  const elsewhere = talkOf(conversation('xrdp-tls13'), { server: '10.0.0.2:4000' }).said.slice(12);
  const { others } = await analyse(packetsOf(elsewhere));
  t.match(others, [{ why: 'it was already running when the capture began' }]);
});

t.test('a capture that began after the TCP handshake shows the rest', async (t) => {
  const whole = await analyse(talkOf(conversation('xrdp-tls12')).packets());
  const { said } = talkOf(conversation('xrdp-tls12'), { server: '10.0.0.2:4000' });
  const { traces } = await analyse(packetsOf(said.slice(3)));
  t.match(traces[0]?.facts.slice(0, 3), [
    { kind: 'tcp-connect', at: null },
    { kind: 'tcp-accepted', at: null },
    { message: { type: 'x224-request' }, at: 0 },
  ]);
  t.equal(traces[0]?.facts.length, whole.traces[0]?.facts.length);
  t.match(traces[0]?.notMeasured, { 'tcp.rttMs': 'the capture began later than the connection' });

  // Whoever sends the request is the client, whatever its port.
  const odd = talkOf(conversation('xrdp-tls12'), {
    client: '10.0.0.1:80',
    server: '10.0.0.2:4000',
  });
  const found = await analyse(packetsOf(odd.said.slice(3)));
  t.match(found.traces[0], { client: { port: 80 }, server: { port: 4000 } });
});

t.test('a trace may be taken as soon as its connection is over', async (t) => {
  const streams: unknown[] = [];
  const packets = [0, 100, 200].flatMap((seconds) => {
    const talk = new Talk({ client: `10.0.0.1:${50_000 + seconds}` }).open(seconds * 1e6);
    talk.send('client', seconds * 1e6 + 30_000, REQUEST).reset('server', seconds * 1e6 + 40_000);
    return talk.packets();
  });
  let progress = 0;
  const { traces } = await analyse(packets, {
    onTrace: ({ source }) => streams.push(source.kind === 'capture' && source.stream),
    onProgress: ({ bytesRead, bytesTotal, packets }) => {
      t.equal(bytesRead, bytesTotal);
      progress = packets;
    },
  });
  t.strictSame(traces, []);
  t.strictSame(streams, [0, 1, 2]);
  t.equal(progress, packets.length);
});
