import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import { Credentials } from '../../src/handshake/credentials.js';
import type { GatewayReport } from '../../src/handshake/gateway.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { systemClock } from '../../src/probe/clock.js';
import { GatewayHttp } from '../../src/probe/gateway-http.js';
import { TwoChannelLink, WebSocketLink } from '../../src/probe/gateway-link.js';
import { gatewayUser } from '../../src/probe/gateway-user.js';
import { ntHash } from '../../src/probe/nt-hash.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../src/probe/settings.js';
import { probeThroughGateway } from '../../src/probe/through-gateway.js';
import {
  type RunningGateway,
  type SimulatedGateway,
  SOUND_GATEWAY,
  startGateway,
} from '../../src/simulator/gateway.js';
import { memoryLink } from '../../src/simulator/memory-link.js';
import { play } from '../../src/simulator/play.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { DecodeError } from '../../src/wire/decode-error.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';

/** [MS-NLMP] 4.2.1 and 4.2.2.1.2: the user of its examples, and MD4 of the password. */
const USER = { name: 'User', ntHash: 'a4f49c406510bdcab6824ee7c30fd852' };
const PASSWORD = 'Password';

const SETTINGS: ProbeSettings = { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(3000) };

/** The server behind the gateway. */
function behind(name: string): (target: string) => Duplex {
  return () => {
    const scenario = findScenario(name);
    if (scenario === null) throw new Error(`no scenario ${name}`);
    const link = memoryLink();
    const { server } = link;
    void play(scenario, { stream: server, reset: () => server.reset() });
    return link.client;
  };
}

interface Seen {
  readonly report: GatewayReport;
  readonly handshake: Handshake | null;
  readonly gateway: RunningGateway;
  /** everything that is kept, as text */
  readonly kept: string;
}

async function go(
  t: Test,
  order: Partial<SimulatedGateway>,
  password: string | null,
  settings: ProbeSettings = SETTINGS,
): Promise<Seen> {
  const gateway = await startGateway({ ...SOUND_GATEWAY, ...order }, () => Date.now());
  t.teardown(() => gateway.close());
  const clock = systemClock();
  const random = (count: number): Uint8Array => Uint8Array.from(randomBytes(count));
  const at = { host: '127.0.0.1', port: gateway.port };
  const user =
    password === null
      ? null
      : gatewayUser(
          new Credentials('User', 'Domain', await ntHash(password)),
          at.host,
          random,
          () => clock.startedAt + clock.now(),
        );
  const { gateway: trace, trace: inner } = await probeThroughGateway(
    at,
    { host: 'srv01.corp.example', port: 3389 },
    settings,
    { clock, signal: new AbortController().signal, random, user, clientName: 'client01' },
  );
  const report = toGatewayReport(trace);
  const handshake =
    inner === null ? null : toHandshake(inner, { id: 0, purpose: 'verdict', reason: null });
  return { report, handshake, gateway, kept: JSON.stringify([trace, report, inner, handshake]) };
}

function statuses(report: GatewayReport): string {
  return report.steps.map(({ step, status }) => `${step}=${status}`).join(' ');
}

t.test('without credentials: up to the challenge, and no logon', async (t) => {
  const { report, handshake, gateway } = await go(t, { user: USER }, null);
  t.match(report.outcome, { status: 'ok', reached: 'http', failedAt: null });
  t.match(report.http, { status: 401, schemes: ['Negotiate', 'NTLM'], webSocket: null });
  t.match(report.ntlm, { dnsComputerName: 'srv01.corp.example', productVersion: '10.0.20348' });
  t.ok(Math.abs(report.ntlm?.clockSkewMs ?? 99_999) < 5000);
  t.match(report.tls.certificates[0], { subject: 'CN=srv01.corp.example', selfSigned: false });
  t.equal(handshake, null);
  t.same([gateway.connections, gateway.logons, gateway.targets], [1, 0, []]);
  t.equal(
    statuses(report),
    'resolve=not-applicable tcp=completed tls=completed http=completed authentication=not-attempted ' +
      'handshake=not-attempted tunnel=not-attempted authorization=not-attempted channel=not-attempted',
  );
});

t.test('with credentials: through the gateway to the challenge of the target', async (t) => {
  const ways = [
    { webSocket: 'accept', transport: 'websocket', connections: 1, logons: 1, says: 'accepted' },
    { webSocket: 'ignore', transport: 'http', connections: 2, logons: 2, says: 'ignored' },
    { webSocket: 'refuse', transport: 'http', connections: 3, logons: 2, says: 'refused' },
  ] as const;
  for (const { webSocket, transport, connections, logons, says } of ways) {
    const inner = behind('healthy-windows');
    const order = { user: USER, inner, webSocket, consent: 'Work only.' };
    const { report, handshake, gateway, kept } = await go(t, order, PASSWORD);
    t.match(report.outcome, { status: 'ok', reached: 'channel' }, webSocket);
    t.match(report, { transport, http: { webSocket: says } });
    t.match(report.tunnel, { idleTimeoutMinutes: 30, udpPort: 3391, messages: ['Work only.'] });
    t.same(gateway.targets, ['srv01.corp.example:3389']);
    t.same([gateway.connections, gateway.logons], [connections, logons], webSocket);
    t.match(handshake?.outcome, { status: 'ok', reached: 'credssp' });
    t.equal(handshake?.server.name, 'srv01.corp.example');
    t.match(handshake?.notMeasured, { 'tcp.rttMs': /gateway/ });
    t.match(
      handshake?.events.filter(({ kind }) => kind === 'tunnel'),
      [{ protocol: 'RD Gateway', target: 'srv01.corp.example:3389' }],
    );
    for (const secret of [
      PASSWORD,
      USER.ntHash,
      Buffer.from(PASSWORD, 'utf16le').toString('hex'),
    ]) {
      t.notOk(kept.toLowerCase().includes(secret.toLowerCase()), 'no secret is kept');
    }
    t.notMatch(kept, /TlRMTVNTUAADA/, 'no AUTHENTICATE message is kept');
  }
});

t.test('what the target does is seen through the channel', async (t) => {
  const rows = [
    ['nla-required', 'healthy-tls-only'],
    ['tls10-only', 'reset-in-server-flight', 'close-after-tls', 'rdp-security'],
  ] as const;
  const ends = new Map<string, unknown>();
  for (const name of rows.flat()) {
    const { handshake } = await go(t, { inner: behind(name) }, PASSWORD);
    ends.set(name, handshake?.outcome);
  }
  t.match(ends.get('nla-required'), { failedAt: 'x224', how: 'negotiation-failure' });
  t.match(ends.get('healthy-tls-only'), { status: 'ok', reached: 'mcs' });
  t.match(ends.get('tls10-only'), { status: 'ok' });
  // A gateway tells that the server has gone, not how.
  t.match(ends.get('reset-in-server-flight'), { failedAt: 'tls', how: 'closed', by: 'server' });
  t.match(ends.get('close-after-tls'), { failedAt: 'credssp', how: 'closed' });
  t.match(ends.get('rdp-security'), { status: 'ok', reached: 'mcs' });
});

t.test('a wrong password is tried once', async (t) => {
  for (const webSocket of ['accept', 'ignore'] as const) {
    const { report, gateway, kept } = await go(t, { user: USER, webSocket }, 'S3cret-wrong');
    t.match(report.outcome, {
      failedAt: 'authentication',
      how: 'unauthorized',
      code: { code: '401' },
    });
    t.same([gateway.connections, gateway.logons, gateway.targets], [1, 1, []]);
    t.notMatch(kept, /S3cret/);
  }
});

t.test('refused in each step, with the code as it came', async (t) => {
  const rows = [
    ['handshake', 0x800759e9, 'E_PROXY_CAPABILITYMISMATCH'],
    ['tunnel', 0x59e6, 'E_PROXY_MAXCONNECTIONSREACHED'],
    ['authorization', 0x800759db, 'E_PROXY_NAP_ACCESSDENIED'],
    ['channel', 0x800759da, 'E_PROXY_RAP_ACCESSDENIED'],
    ['channel', 0x800759dd, 'E_PROXY_TS_CONNECTFAILED'],
    ['channel', 0x12345678, null],
  ] as const;
  for (const [step, code, name] of rows) {
    const { report, handshake } = await go(t, { refuses: { step, code } }, PASSWORD);
    const hex = `0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
    t.match(report.outcome, { failedAt: step, how: 'error-code', by: 'server' });
    t.same(report.outcome.code, { code: hex, name });
    t.equal(handshake, null);
  }
});

t.test('a step that is never answered', async (t) => {
  const short = { ...SETTINGS, stageLimitsMs: stageLimits(3000, { x224: 150 }) };
  for (const silentAt of ['handshake', 'channel'] as const) {
    const { report } = await go(t, { silentAt }, PASSWORD, short);
    t.match(report.outcome, { failedAt: silentAt, how: 'timeout', by: null });
  }
});

t.test('what is no gateway, or has something before it', async (t) => {
  const page = (status: number, reason: string, ...fields: (readonly [string, string])[]) => ({
    page: { status, reason, fields, body: '<html></html>' },
  });
  const rows: readonly (readonly [
    order: Partial<SimulatedGateway>,
    how: string,
    connections: number,
  ])[] = [
    [page(404, 'Not Found', ['Content-Type', 'text/html']), 'not-gateway', 2],
    [page(200, 'OK', ['Content-Type', 'text/html']), 'not-gateway', 2],
    [page(403, 'Forbidden'), 'not-gateway', 2],
    [page(302, 'Found', ['Location', 'https://x.example/']), 'not-gateway', 2],
    [
      page(407, 'Proxy Authentication Required', ['Proxy-Authenticate', 'Basic realm="p"']),
      'proxy',
      1,
    ],
    [{ ...page(502, 'Bad Gateway'), via: '1.1 px.example (squid)' }, 'proxy', 1],
    [page(503, 'Service Unavailable'), 'unavailable', 1],
    [{ garbage: Buffer.from('SSH-2.0-x\r\n\r\n').toString('hex') }, 'malformed', 1],
    [{ garbage: Buffer.alloc(70_000, 0x41).toString('hex') }, 'malformed', 1],
  ];
  for (const [order, how, connections] of rows) {
    const { report, gateway } = await go(t, order, null);
    t.match(report.outcome, { status: 'failed', failedAt: 'http', how }, how);
    t.equal(gateway.connections, connections, `${how}: connections`);
  }
  const { report } = await go(t, page(407, 'No', ['Proxy-Authenticate', 'NTLM']), null);
  t.same(report.http?.proxySchemes, ['NTLM']);
});

t.test('log-ons that are not covered, and none at all', async (t) => {
  const none = await go(t, { schemes: ['Basic'], user: USER }, null);
  t.match(none.report, { outcome: { status: 'ok' }, ntlm: null, http: { schemes: ['Basic'] } });
  const asked = await go(t, { schemes: ['Basic'], user: USER }, PASSWORD);
  t.match(asked.report.outcome, { failedAt: 'authentication', how: 'unauthorized' });
  t.equal(asked.gateway.logons, 0);
  const open = await go(t, { schemes: [], inner: behind('healthy-windows') }, null);
  t.match(open.report.outcome, { status: 'ok', reached: 'channel' });
  t.match(open.handshake?.outcome, { status: 'ok' });
  const closing = await go(
    t,
    { user: USER, closesAfter401: true, inner: behind('healthy-windows') },
    PASSWORD,
  );
  t.match(closing.report.outcome, { reached: 'channel' });
  t.equal(closing.gateway.connections, 2);
});

t.test('nothing there, and an interruption', async (t) => {
  const gateway = await startGateway(SOUND_GATEWAY, () => Date.now());
  await gateway.close();
  const context = {
    clock: systemClock(),
    random: (count: number) => new Uint8Array(count),
    user: null,
    clientName: 'client01',
  };
  const at = { host: '127.0.0.1', port: gateway.port };
  const target = { host: 'srv01', port: 3389 };
  const refused = await probeThroughGateway(at, target, SETTINGS, {
    ...context,
    signal: new AbortController().signal,
  });
  t.match(refused.gateway.ending, { step: 'tcp', how: 'refused', by: 'server' });
  const aborted = await probeThroughGateway(at, target, SETTINGS, {
    ...context,
    signal: AbortSignal.abort(),
  });
  t.match(toGatewayReport(aborted.gateway).outcome, { status: 'incomplete' });
});

t.test('what speaks no TLS, or ends it', async (t) => {
  const rows: readonly (readonly [act: (socket: Socket) => void, how: string])[] = [
    [
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      'malformed',
    ],
    [(socket) => socket.once('data', () => socket.end()), 'closed'],
    [(socket) => socket.once('data', () => socket.resetAndDestroy()), 'reset'],
    // RFC 8446 section 6: a fatal handshake_failure.
    [
      (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))),
      'alert',
    ],
    [(socket) => socket.resume(), 'timeout'],
  ];
  for (const [act, how] of rows) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      act(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const settings = { ...SETTINGS, stageLimitsMs: stageLimits(3000, { tls: 300 }) };
    const { gateway } = await probeThroughGateway(
      { host: '127.0.0.1', port },
      { host: 'srv01', port: 3389 },
      settings,
      {
        clock: systemClock(),
        signal: new AbortController().signal,
        random: (count) => new Uint8Array(count),
        user: null,
        clientName: 'client01',
      },
    );
    t.match(gateway.ending, { step: 'tls', how }, how);
    server.close();
  }
});

/** A gateway's side of a WebSocket, as bytes: head, frames with packets, a ping, a close. */
const SAMPLES: readonly Uint8Array[] = [
  Buffer.concat([
    Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n'),
    Buffer.from('82120200000012000000000000000100000000000000', 'hex').subarray(0, 20),
    Buffer.from('8900', 'hex'),
    Buffer.from('820c0a0000000c00000002000300', 'hex'),
    Buffer.from('8802 03e8'.replace(' ', ''), 'hex'),
  ]),
  Buffer.concat([
    Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    Buffer.from('1c\r\nabcdefghij', 'latin1'),
    Buffer.from('020000001200000000000000010000000000', 'hex'),
    Buffer.from('\r\n0\r\n\r\n'),
  ]),
  Buffer.from(
    'HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n',
  ),
];

t.test('whatever a gateway sends, a reading ends with a value or a DecodeError', async (t) => {
  const random = seededRandom(7);
  const never = new AbortController().signal;
  let packets = 0;
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const link = memoryLink({ toClient: { seed: round } });
    link.server.resume();
    link.server.end(Buffer.from(mutated(SAMPLES, random)));
    const http = new GatewayHttp(link.client, link.client);
    try {
      const answer = await http.ask(new Uint8Array(), 1000, never);
      if (answer.kind === 'over') continue;
      const isSocket = answer.head.status === 101;
      const carrier = isSocket
        ? new WebSocketLink(http, () => new Uint8Array(4))
        : new TwoChannelLink(http, round % 2 === 0, http);
      for (let many = 0; many < 20; many++) {
        const received = await carrier.receive(1000, never);
        if (received.kind === 'over') break;
        packets++;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      refused++;
    } finally {
      http.destroy();
      link.server.destroy();
    }
  }
  t.ok(packets > 20 && refused > 20, `${packets} packets, ${refused} refusals`);
});
