import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { verdict } from '../../src/diagnose/verdict.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { systemClock } from '../../src/probe/clock.js';
import { probeTarget } from '../../src/probe/probe-target.js';
import {
  DEFAULT_SETTINGS,
  type ProbeSettings,
  type ProxyServer,
  stageLimits,
} from '../../src/probe/settings.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';

/** What a proxy of the test answers, step by step; `relay` opens the way. */
interface Script {
  /** hex or text for each message of the client that comes */
  readonly answers: readonly string[];
  readonly thenRelay: boolean;
  readonly thenClose?: boolean;
}

interface TestProxy {
  readonly port: number;
  /** messages of the client before the relay began, hex */
  readonly heard: string[];
}

async function startProxy(t: Test, script: Script, behind: number): Promise<TestProxy> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let step = 0;
    const onData = (chunk: Buffer): void => {
      heard.push(chunk.toString('hex'));
      const answer = script.answers[step++];
      if (answer !== undefined) {
        socket.write(/^[0-9a-f]+$/.test(answer) ? Buffer.from(answer, 'hex') : answer);
      }
      if (step < script.answers.length) return;
      if (script.thenClose === true) socket.end();
      if (!script.thenRelay) return;
      socket.off('data', onData);
      const inner = connect({ port: behind, host: '127.0.0.1', allowHalfOpen: true });
      sockets.add(inner);
      inner.on('error', () => {});
      socket.pipe(inner).pipe(socket);
    };
    socket.on('data', onData);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  return { port: at.port, heard };
}

async function simulated(t: Test): Promise<number> {
  const scenario = SCENARIOS.find(({ name }) => name === 'healthy-windows');
  if (scenario === undefined) throw new Error('no scenario');
  const simulator = await startSimulator(scenario);
  t.teardown(() => simulator.close());
  return simulator.port;
}

type Kind = ProxyServer['kind'];

async function through(
  t: Test,
  kind: Kind,
  script: Script,
  login: ProxyServer['login'] = null,
  behind = 0,
): Promise<{ handshake: Handshake; proxy: TestProxy }> {
  const proxy = await startProxy(t, script, behind);
  const settings: ProbeSettings = {
    ...DEFAULT_SETTINGS,
    stageLimitsMs: stageLimits(3000, { tcp: script.answers.length === 0 ? 100 : 3000 }),
    proxy: { kind, at: { host: '127.0.0.1', port: proxy.port }, login },
  };
  const [trace] = await probeTarget(
    // Only the proxy could look this name up.
    { host: 'srv01.corp.invalid', port: 3389 },
    settings,
    {
      clock: systemClock(),
      kernel: { available: false, why: 'not in this test' },
      signal: new AbortController().signal,
    },
    { allAddresses: false },
  );
  if (trace === undefined) throw new Error('nothing was tried');
  const handshake = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  return { handshake, proxy };
}

const GREETED = '0500';
const OPENED = '05000001000000000000';
const LOGIN = { user: 'jane', password: 'Pr0xy-secret' };

t.test('SOCKS5: the way to the target, whose name the proxy looks up', async (t) => {
  const port = await simulated(t);
  const script = { answers: [GREETED, OPENED], thenRelay: true };
  const { handshake, proxy } = await through(t, 'socks5', script, null, port);
  t.match(handshake.outcome, { status: 'ok', reached: 'credssp' });
  t.same(proxy.heard.slice(0, 2), [
    '050100',
    `0501000312${Buffer.from('srv01.corp.invalid').toString('hex')}0d3d`,
  ]);
  t.same(handshake.server, { address: null, port: 3389, name: 'srv01.corp.invalid' });
  t.equal(handshake.lookup, null);
  t.match(
    handshake.events.find(({ kind }) => kind === 'tunnel'),
    { protocol: 'SOCKS5', target: 'srv01.corp.invalid:3389', proxy: `127.0.0.1:${proxy.port}` },
  );
  t.match(handshake.notMeasured, { tcp: /proxy/ });
});

t.test('SOCKS5 with a log-on', async (t) => {
  const port = await simulated(t);
  const script = { answers: ['0502', '0100', OPENED], thenRelay: true };
  const { handshake, proxy } = await through(t, 'socks5', script, LOGIN, port);
  t.match(handshake.outcome, { status: 'ok' });
  t.equal(proxy.heard[0], '05020002');
  t.notMatch(JSON.stringify(handshake), /Pr0xy/);
});

t.test('HTTP: CONNECT, with and without a log-on', async (t) => {
  const port = await simulated(t);
  for (const login of [null, LOGIN]) {
    const script = { answers: ['HTTP/1.1 200 Connection established\r\n\r\n'], thenRelay: true };
    const { handshake, proxy } = await through(t, 'http', script, login, port);
    t.match(handshake.outcome, { status: 'ok', reached: 'credssp' });
    const request = Buffer.from(proxy.heard[0] ?? '', 'hex').toString();
    t.match(
      request,
      /^CONNECT srv01\.corp\.invalid:3389 HTTP\/1\.1\r\nHost: srv01\.corp\.invalid:3389\r\n/,
    );
    // RFC 7617 section 2: base64 of user, colon, password.
    const basic = /Proxy-Authorization: Basic amFuZTpQcjB4eS1zZWNyZXQ=\r\n/;
    if (login === null) t.notMatch(request, /Authorization/);
    else t.match(request, basic);
    t.notMatch(JSON.stringify(handshake), /Pr0xy|amFuZTpQ/);
  }
});

t.test('refusals by their names', async (t) => {
  const rows: readonly (readonly [
    kind: Kind,
    answers: readonly string[],
    how: string,
    by: string | null,
    says: RegExp,
  ])[] = [
    ['socks5', [GREETED, '05050001000000000000'], 'refused', 'server', /connection refused \(5\)/],
    [
      'socks5',
      [GREETED, '05040001000000000000'],
      'unreachable',
      'network',
      /host unreachable \(4\)/,
    ],
    [
      'socks5',
      [GREETED, '05020001000000000000'],
      'refused',
      'network',
      /not allowed by ruleset \(2\)/,
    ],
    [
      'socks5',
      [GREETED, '05770001000000000000'],
      'refused',
      'network',
      /no specification names \(119\)/,
    ],
    ['socks5', ['05ff'], 'refused', 'network', /lets nobody in without a log-on/],
    ['socks5', ['0501'], 'refused', 'network', /GSSAPI/],
    [
      'socks5',
      ['HTTP/1.1 400 Bad Request\r\n\r\n'],
      'refused',
      'network',
      /does not speak the protocol/,
    ],
    ['http', ['HTTP/1.1 403 Forbidden\r\n\r\n'], 'refused', 'network', /HTTP 403 Forbidden/],
    [
      'http',
      ['HTTP/1.1 407 Auth\r\nProxy-Authenticate: Negotiate, Basic realm="x"\r\n\r\n'],
      'refused',
      'network',
      /it asks for Negotiate, Basic/,
    ],
    ['http', ['HTTP/1.1 502 Bad Gateway\r\n\r\n'], 'unreachable', 'network', /HTTP 502/],
    ['http', ['HTTP/1.1 504 Gateway Timeout\r\n\r\n'], 'timeout', 'network', /HTTP 504/],
    ['http', ['SSH-2.0-OpenSSH_9.2\r\n\r\n'], 'refused', 'network', /does not speak the protocol/],
    ['http', [], 'timeout', null, /did not answer within 0\.1 s/],
  ];
  for (const [kind, answers, how, by, says] of rows) {
    const { handshake } = await through(t, kind, { answers, thenRelay: false });
    t.match(
      handshake.outcome,
      { status: 'failed', failedAt: 'tcp', how, by, detail: says },
      `${says}`,
    );
    t.match(verdict(handshake), says);
  }
  const closing = { answers: [''], thenRelay: false, thenClose: true };
  const { handshake } = await through(t, 'http', closing);
  t.match(handshake.outcome, { how: 'refused', detail: /closed the connection without an answer/ });
});

t.test('a password that is refused', async (t) => {
  const script = { answers: ['0502', '0101'], thenRelay: false };
  const { handshake } = await through(t, 'socks5', script, LOGIN);
  t.match(handshake.outcome, { detail: /refuses the user or the password/ });
  t.notMatch(JSON.stringify(handshake), /Pr0xy/);
});

t.test('a proxy that is not there is told as what it is', async (t) => {
  const [trace] = await probeTarget(
    { host: '192.0.2.1', port: 3389 },
    {
      ...DEFAULT_SETTINGS,
      proxy: { kind: 'socks5', at: { host: '127.0.0.1', port: 9 }, login: null },
    },
    {
      clock: systemClock(),
      kernel: { available: false, why: 'not in this test' },
      signal: new AbortController().signal,
    },
    { allAddresses: false },
  );
  t.match(trace?.server, { address: '192.0.2.1', port: 3389 });
  t.ok(trace?.facts.some((fact) => fact.kind === 'tcp-failed' && fact.how === 'refused'));
});

t.test('whatever a proxy answers, the probe ends with an outcome', async (t) => {
  const random = seededRandom(3);
  const socks = [GREETED + OPENED, '05ff', '0500050500010000'].map((hex) =>
    Buffer.from(hex, 'hex'),
  );
  const http = [Buffer.from('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="a"\r\n\r\n')];
  for (let round = 0; round < 60; round++) {
    const kind = round % 2 === 0 ? 'socks5' : 'http';
    const bytes = mutated(kind === 'http' ? http : socks, random);
    const answers = [Buffer.from(bytes).toString('hex')];
    const { handshake } = await through(t, kind, { answers, thenRelay: false, thenClose: true });
    if (handshake.outcome.status !== 'failed')
      t.fail(`round ${round}: ${handshake.outcome.detail}`);
  }
  t.pass('all of them');
});
