import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { systemClock } from '../../src/probe/clock.js';
import { NO_KERNEL_SOCKETS } from '../../src/probe/kernel-socket.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderJson } from '../../src/report/json.js';
import type { ScanHandshake } from '../../src/scan/asker.js';
import { DEFAULT_SCAN_OPTIONS, type ScanOptions } from '../../src/scan/scan-options.js';
import type { ScannedTarget } from '../../src/scan/scan-run.js';
import { scanTarget } from '../../src/scan/scan-target.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { conversation } from '../support/conversations.js';
import { STARTED_AT_MS } from '../support/handshake.js';
import { SCRIPTED, type ScriptedServer } from '../support/scan-servers.js';
import { assertMatchesSchema } from '../support/schema.js';
import { seededRandom } from '../support/wire-vectors.js';

/*
 * Whole scans over loopback against servers that answer with bytes as [MS-RDPBCGR] documents them and
 * as xrdp sent them. What is looked at: what a scan asks, how it ends, and that it behaves.
 */

/** As xrdp answered an MCS Connect Initial that offered every method: 128 bit. */
const CONNECT_RESPONSE = recorded('xrdp-standard-rdp-security', 3);
/** TLS alert protocol_version, RFC 5246 section 7.2. */
const NO_SUCH_VERSION = '15030100020246';

function recorded(name: string, index: number): string {
  const segment = conversation(name).segments[index];
  if (segment === undefined || !('hex' in segment)) throw new Error(name);
  return segment.hex;
}

interface Watched {
  readonly port: number;
  readonly connections: () => number;
}

/** A server on loopback; `serve` gets what came on a connection, whole, and sends. */
async function listen(
  t: Test,
  serve: (socket: Socket, bytes: Buffer, count: number) => void,
): Promise<Watched> {
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    const count = connections;
    socket.on('data', (bytes) => serve(socket, bytes, count));
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** Each connection was ended in order, and read to the server's end, before the next one began. */
function isOrderly(handshakes: readonly ScanHandshake[]): boolean {
  let before = 0;
  return handshakes.every(({ trace: { startedAt, facts } }) => {
    const began = startedAt >= before;
    before = startedAt + Math.max(...facts.map(({ at }) => at ?? 0));
    const ends = facts.filter((fact) => fact.kind === 'tcp-end');
    const isReset = ends.some(({ how, by }) => how === 'reset' && by === 'server');
    const both = ['client', 'server'].every((side) =>
      ends.some(({ by, how }) => by === side && how === 'fin'),
    );
    return began && (both || isReset);
  });
}

/** Speaks X.224, TLS as far as an alert, and MCS, as a scripted server does. */
function speak(server: ScriptedServer): (socket: Socket, bytes: Buffer, count: number) => void {
  return (socket, bytes, count) => {
    if (bytes[0] === 22) {
      socket.write(fromHex(NO_SUCH_VERSION));
      socket.end();
      return;
    }
    if (bytes[5] === 0xf0) {
      if (server.mcs(null)) socket.write(fromHex(CONNECT_RESPONSE));
      else socket.end();
      return;
    }
    const text = bytes.toString('latin1');
    const request = bytes.subarray(-8);
    const negotiates = bytes.length >= 19 && request[0] === 1 && request[2] === 8;
    const said = server.says(
      negotiates ? request.readUInt32LE(4) : null,
      {
        cookie: /mstshash=/.test(text) ? 'one' : null,
        routingToken: /msts=/.test(text) ? 'one' : null,
        flags: negotiates ? (request[1] ?? 0) : 0,
      },
      count,
    );
    const reference = toHex(
      Uint8Array.of(server.sourceReference >> 8, server.sourceReference & 255),
    );
    if (typeof said === 'object') {
      const [type, flags, value] =
        'selects' in said ? [2, server.flags, said.selects] : [3, 0, said.fails];
      const answer = toHex(Uint8Array.of(type, flags, 8, 0, value, 0, 0, 0));
      socket.write(fromHex(`030000130ed00000${reference}00${answer}`));
    } else if (said === 'confirms') socket.write(fromHex(`0300000b06d00000${reference}00`));
    // As xrdp ends: a DisconnectProviderUltimatum.
    else if (said === 'disconnects') socket.end(fromHex('0300000902f0802180'));
    else if (said === 'closes') socket.end();
    else if (said === 'resets') socket.resetAndDestroy();
  };
}

interface Given {
  readonly options?: Partial<ScanOptions>;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
  onQuestion?(told: { readonly says: string; readonly made: number; readonly most: number }): void;
}

async function scan(port: number, given: Given = {}): Promise<ScannedTarget> {
  return await scanTarget(
    { host: '127.0.0.1', port },
    { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(given.limitMs ?? 10_000) },
    {
      clock: systemClock(),
      kernel: NO_KERNEL_SOCKETS,
      signal: given.signal ?? new AbortController().signal,
      ...(given.onQuestion === undefined ? {} : { onQuestion: given.onQuestion }),
    },
    { ...DEFAULT_SCAN_OPTIONS, ...given.options },
  );
}

/** The report that `--json` prints of it. */
function documentOf({ report: scan, handshakes: made }: ScannedTarget): unknown {
  const handshakes = made.map(({ trace, purpose, reason }, id) =>
    toHandshake(trace, { id, purpose, reason }),
  );
  const diagnosis = { ...diagnose('127.0.0.1:3389', handshakes, STARTED_AT_MS), scan };
  const generatedAt = '2026-01-01T00:00:00.000000Z';
  const version = '0.1.0';
  return JSON.parse(
    renderJson(
      buildReport({ version, command: 'scan', generatedAt, handshakes, diagnoses: [diagnosis] }),
    ),
  );
}

function scripted(name: string): ScriptedServer {
  const found = SCRIPTED[name];
  if (found === undefined) throw new Error(name);
  return found;
}

t.test(
  'every kind of server: one connection at a time, few of them, each ended in order',
  async (t) => {
    const LAYERS: readonly (readonly [
      name: string,
      layer: string,
      weaknesses: readonly string[],
    ])[] = [
      ['shadowAll', 'negotiate', ['nla-not-required', 'standard-rdp-security']],
      ['shadowTls', 'tls-only', ['nla-not-required']],
      ['shadowNla', 'nla-only', []],
      ['shadowRdp', 'rdp-only', ['nla-not-required', 'standard-rdp-security']],
      ['xrdpNegotiate', 'negotiate', ['nla-not-required', 'standard-rdp-security']],
      ['xrdpTls', 'tls-only', ['nla-not-required']],
      ['xrdpNoCertificate', 'no-certificate', ['no-usable-certificate']],
      ['xp', 'no-negotiation', ['nla-not-required', 'standard-rdp-security']],
    ];
    for (const [name, layer, weaknesses] of LAYERS) {
      const server = await listen(t, speak(scripted(name)));
      const told: number[] = [];
      const { report, handshakes } = await scan(server.port, {
        onQuestion: ({ made }) => told.push(made),
      });
      t.equal(report.negotiation?.conclusions.layer.value, layer, name);
      t.strictSame(
        report.weaknesses.map(({ id }) => id),
        weaknesses,
        `${name}: weak settings`,
      );
      t.equal(report.connections, server.connections(), `${name}: counted`);
      t.equal(handshakes.length, server.connections(), `${name}: each is a handshake`);
      t.ok(server.connections() <= 20, `${name}: ${server.connections()} connections`);
      t.ok(isOrderly(handshakes), `${name}: one at a time, each to its end`);
      t.equal(report.stopped, null, name);
      t.strictSame(
        told,
        [...told.keys()].map((index) => index + 1),
        `${name}: told one by one`,
      );
      assertMatchesSchema(t, documentOf({ report, handshakes }), `${name}: as documented`);
      for (const { purpose, reason } of handshakes.slice(1)) {
        if (purpose === 'verdict' || reason === null)
          t.fail(`${name}: a question without a reason`);
      }
    }
  },
);

t.test('encryption methods are offered until none is left that is taken', async (t) => {
  const server = await listen(t, speak(scripted('shadowNego')));
  const { report, handshakes } = await scan(server.port);
  const methods = report.rdpSecurity?.methods.map(({ method, accepted }) => [
    method.value,
    accepted,
  ]);
  t.strictSame(methods, [
    [1, false],
    [8, false],
    [2, true],
    [16, false],
  ]);
  t.equal(report.rdpSecurity?.level?.value, 3);
  t.match(report.rdpSecurity?.certificate, { kind: 'proprietary', keyBits: 2048 });
  const asked = handshakes.flatMap(({ trace }) =>
    trace.facts.flatMap((fact) =>
      fact.kind === 'message' && fact.message.type === 'mcs-connect-initial'
        ? [fact.message.encryptionMethods?.value]
        : [],
    ),
  );
  t.strictSame(asked, [0x1b, 0x19], 'what was chosen is not offered again');
});

t.test('nobody there, another protocol, and a server that never answers', async (t) => {
  const gone = createServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const refused = await scan(port);
  t.equal(refused.report.connections, 1);
  t.equal(refused.report.negotiation, null);
  t.strictSame(refused.report.notMeasured, {
    negotiation: 'no connection came about',
    rdpSecurity: 'no connection came about',
    directTls: 'no connection came about',
    tls: 'no connection came about',
    clients: 'no connection came about',
    credssp: 'no connection came about',
  });

  const ssh = await listen(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  const foreign = await scan(ssh.port);
  t.equal(foreign.report.connections, 1);
  t.match(foreign.report.notMeasured['negotiation'], /another protocol/);

  const silent = await listen(t, () => {});
  const dead = await scan(silent.port, { limitMs: 60 });
  t.equal(dead.report.connections, 2, 'the usual request, and the oldest form');
  t.match(dead.report.notMeasured['negotiation'], /answered no X\.224 request/);

  const closing = await listen(t, (socket) => socket.end());
  const closed = await scan(closing.port);
  t.equal(closed.report.connections, 2);
  t.equal(closed.report.negotiation, null);
});

t.test('a server that bans is left alone', async (t) => {
  const nla = speak(scripted('shadowNla'));
  const server = await listen(t, (socket, bytes, count) => {
    if (count <= 4) nla(socket, bytes, count);
    else socket.resetAndDestroy();
  });
  const { report } = await scan(server.port);
  t.match(report.stopped, { says: /not answered any more/, afterConnections: 7 });
  t.equal(server.connections(), 7);
  t.not(report.notTested.length, 0, 'what was left is told');
  t.not(report.negotiation, null, 'and what was learned before is not lost');
});

t.test('no more connections than are allowed', async (t) => {
  for (const most of [1, 2, 5]) {
    const server = await listen(t, speak(scripted('shadowAll')));
    const { report } = await scan(server.port, { options: { mostConnections: most } });
    t.equal(server.connections(), most, `${most}`);
    t.equal(report.most, most);
    t.match(report.notTested.join(), new RegExp(`all ${most} connections were used`));
    t.equal(report.stopped, null);
  }
});

t.test('an interruption ends it in order', async (t) => {
  const server = await listen(t, speak(scripted('shadowAll')));
  const interruption = new AbortController();
  const { report } = await scan(server.port, {
    signal: interruption.signal,
    onQuestion: ({ made }) => {
      if (made === 3) interruption.abort();
    },
  });
  t.ok(server.connections() <= 4);
  t.match(report.notTested.join(), /it was interrupted/);
});

t.test('whatever comes back, a scan ends within its bounds', async (t) => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const sane = speak(scripted('shadowAll'));
    const server = await listen(t, (socket, bytes, count) => {
      switch (random() % 5) {
        case 0:
          socket.end(Uint8Array.from({ length: random() % 300 }, () => random() & 255));
          break;
        case 1: {
          const answer = fromHex('030000130ed000001234000203080001000000');
          answer[random() % answer.length] = random() & 255;
          socket.end(answer);
          break;
        }
        case 2:
          socket.end(fromHex(CONNECT_RESPONSE).subarray(0, random() % 300));
          break;
        default:
          sane(socket, bytes, count);
      }
    });
    const { report } = await scan(server.port, { limitMs: 150 });
    if (server.connections() > 25) t.fail(`seed ${seed}`);
    t.equal(report.connections, server.connections(), `seed ${seed}`);
  }
});

t.test('TLS at once, and what the report makes of handshakes that stop on purpose', async (t) => {
  const CASES: readonly (readonly [answer: string, says: string])[] = [
    ['15030300020246', 'alert'],
    ['0300000902f0802180', 'refused'],
    ['', 'closed'],
    ['485454502f312e31203430302042616420526571756573740d0a0d0a', 'other'],
  ];
  for (const [hex, answer] of CASES) {
    const tls = speak(scripted('shadowTls'));
    const server = await listen(t, (socket, bytes, count) => {
      const isFirst = bytes[0] === 22 && !asked.has(count);
      asked.add(count);
      if (isFirst) socket.end(fromHex(hex));
      else tls(socket, bytes, count);
    });
    const asked = new Set<number>();
    const { report, handshakes } = await scan(server.port);
    t.match(report.directTls, { answer, sameCertificate: null }, answer);
    const index = report.directTls?.handshake ?? -1;
    t.equal(handshakes[index]?.purpose, 'direct-tls');
  }
  const server = await listen(t, speak(scripted('shadowNego')));
  const { handshakes } = await scan(server.port);
  const [rdp] = handshakes.filter(({ reason }) => reason?.startsWith('what a client is told'));
  t.not(rdp, undefined);
  const stopped = handshakes.find(({ reason }) => reason === 'whether RDSTLS or RDS-AAD is taken');
  t.equal(stopped === undefined ? null : outcomeOf(stopped), 'failed x224');
  const xrdp = await listen(t, speak(scripted('xrdpNegotiate')));
  const { handshakes: others } = await scan(xrdp.port);
  const left = others.find(({ reason }) => reason === 'whether RDSTLS alone is taken');
  t.equal(left === undefined ? null : outcomeOf(left), 'ok null', 'it left, and nothing failed');
});

function outcomeOf({ trace, purpose, reason }: ScanHandshake): string {
  const { outcome } = toHandshake(trace, { id: 0, purpose, reason });
  return `${outcome.status} ${outcome.failedAt}`;
}
