import t, { type Test } from 'tap';
import type { TlsScan, TlsVersionReport } from '../../src/handshake/scan-tls.js';
import { stageLimits } from '../../src/probe/settings.js';
import {
  ALL_SUITES,
  FEW_SUITES,
  LIKELY_SUITES,
  TLS13_SUITES,
  WEAK_SUITES,
} from '../../src/scan/suite-list.js';
import { readTlsAnswer } from '../../src/scan/tls-answer.js';
import { surveyTls, tlsNotAsked } from '../../src/scan/tls-survey.js';
import { startSimulator } from '../../src/simulator/listen.js';
import type { StartTlsStep, Step, TlsVersionName } from '../../src/simulator/scenario.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import type { OwnHello } from '../../src/wire/own-hello.js';
import { encodeServerHello } from '../../src/wire/tls-handshake.js';
import { cipherSuite, tlsVersion } from '../../src/wire/tls-names.js';
import { encodeTlsRecord } from '../../src/wire/tls-record.js';
import { conversation, type Segment, traceOf, track } from '../support/conversations.js';
import { type Asked, askFrom, askInMemory, askOverLoopback, scenarioOf } from '../support/scan.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';
import { SSL3_SERVER_FLIGHT } from '../vectors/ssl3.js';

function survey({ ask }: Asked, ciphers = false, limit = ciphers ? 400 : 8): Promise<TlsScan> {
  return surveyTls(ask, { ciphers, limit });
}

interface TlsServer {
  readonly minVersion?: TlsVersionName;
  readonly maxVersion?: TlsVersionName;
  readonly ciphers: string;
  readonly groups?: string;
}

/** A server of node:tls on the loopback interface. */
async function tlsServer(t: Test, server: TlsServer): Promise<Asked> {
  const step: StartTlsStep = {
    do: 'start-tls',
    certificate: 'self-signed',
    minVersion: server.minVersion ?? 'TLSv1.2',
    maxVersion: server.maxVersion ?? 'TLSv1.3',
    ciphers: server.ciphers,
    groups: server.groups ?? null,
  };
  const simulator = await startSimulator(scenarioOf([step]));
  t.teardown(() => simulator.close());
  return askOverLoopback(simulator);
}

function statuses({ versions }: TlsScan): readonly string[] {
  return versions.map(({ status }) => status);
}

function suitesOf(version: TlsVersionReport | undefined): readonly (string | null)[] {
  return version?.suites.map(({ suite }) => suite.name) ?? [];
}

function versionOf({ versions }: TlsScan, number: number): TlsVersionReport {
  const found = versions.find(({ version }) => version.value === number);
  if (found === undefined) throw new Error(`no version ${number}`);
  return found;
}

const MIXED: TlsServer = {
  ciphers:
    'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:AES128-SHA:' +
    'ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA256:@SECLEVEL=0',
  groups: 'P-384:X25519',
};

t.test('a server of TLS 1.2 and 1.3, as short as can be', async (t) => {
  const asked = await tlsServer(t, MIXED);
  const scan = await survey(asked);
  t.equal(scan.cutShort, null);
  t.ok(scan.connections <= 8);
  t.equal(scan.connections, asked.questions.length);
  t.strictSame(statuses(scan), ['accepted', 'accepted', 'refused', 'refused', 'refused']);
  t.match(versionOf(scan, 0x0302).why, /alert protocol_version/);
  t.match(versionOf(scan, 0x0301).why, /protocol_version to a hello up to TLS 1.1/);
  t.strictSame(suitesOf(versionOf(scan, 0x0304)), ['TLS_CHACHA20_POLY1305_SHA256']);
  t.strictSame(suitesOf(versionOf(scan, 0x0303)), ['TLS_RSA_WITH_AES_128_CBC_SHA']);
  t.equal(versionOf(scan, 0x0303).order, null, 'it may be the only one that it has');
  t.equal(versionOf(scan, 0x0303).complete, false);
  t.equal(scan.size.verdict, 'same');
  t.ok((scan.size.smallBytes ?? 1000) <= 300, `${scan.size.smallBytes} bytes`);
  t.equal(scan.size.largeBytes, 1800);
  t.equal(scan.weak.status, 'refused');
  t.strictSame(scan.certificateKeys, [{ type: 'RSA', bits: 2048 }]);
  t.strictSame(scan.features, {
    renegotiationInfo: true,
    extendedMasterSecret: true,
    encryptThenMac: true,
    sessionTickets: false,
    compression: false,
  });
  t.same(JSON.parse(JSON.stringify(scan)), scan, 'serialisable');
});

t.test('every suite, in as many connections as there are, and one for each version', async (t) => {
  const asked = await tlsServer(t, MIXED);
  const scan = await survey(asked, true);
  t.equal(scan.cutShort, null);
  const modern = versionOf(scan, 0x0304);
  const old = versionOf(scan, 0x0303);
  t.strictSame(suitesOf(modern), ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']);
  t.strictSame(suitesOf(old), [
    'TLS_RSA_WITH_AES_128_CBC_SHA',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_RSA_WITH_AES_256_CBC_SHA256',
  ]);
  t.strictSame([modern.order, old.order], ['server', 'server']);
  t.strictSame([modern.complete, old.complete], [true, true]);
  const topics = new Map<string, number>();
  for (const { topic } of scan.questions) topics.set(topic, (topics.get(topic) ?? 0) + 1);
  t.equal(topics.get('versions'), 3);
  t.equal((topics.get('versions') ?? 0) + (topics.get('suites') ?? 0), 2 + 3 + 2 + 1);
  t.equal(topics.get('order'), 2);
  t.strictSame(
    scan.groups.map(({ groups, complete }) => [groups.map(({ name }) => name), complete]),
    [
      [['secp384r1', 'x25519'], true],
      [['secp384r1', 'x25519'], true],
    ],
    'in the order of the server',
  );
  t.equal(topics.get('groups'), 6);
  const signatures = scan.signatures.map(({ name }) => name);
  t.ok(signatures.includes('rsa_pss_rsae_sha256'));
  t.ok(signatures.includes('rsa_pkcs1_sha1'), 'security level 0 signs with SHA-1 too');
  t.equal(topics.get('signatures'), signatures.length + 1);
  t.equal(scan.signaturesComplete, true);
  t.match(scan.weak, { status: 'refused', says: /none is among/ });
  t.same(old.suites[0]?.traits, ['cbc', 'sha1-mac', 'no-forward-secrecy']);
});

t.test('the order of the client decides where the server has none', async (t) => {
  // Without a list of its own the simulated server leaves the order to the client.
  const simulator = await startSimulator(
    scenarioOf([
      {
        do: 'start-tls',
        certificate: 'self-signed',
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
        ciphers: null,
        groups: null,
      },
    ]),
  );
  t.teardown(() => simulator.close());
  const scan = await survey(askOverLoopback(simulator), true);
  const { suites, order, complete } = versionOf(scan, 0x0303);
  t.equal(order, 'client');
  t.ok(complete);
  t.ok(suites.length > 20, `${suites.length} suites`);
  t.match(versionOf(scan, 0x0304), { status: 'refused', why: 'it chose TLS 1.2 instead' });
  t.equal(scan.weak.status, 'accepted');
  t.ok(suites.some(({ traits }) => traits.includes('anon')));
});

t.test('one answer with an old version settles those above it', async (t) => {
  const asked = await tlsServer(t, {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'ECDHE-RSA-AES128-SHA:@SECLEVEL=0',
  });
  const scan = await survey(asked);
  t.strictSame(statuses(scan), ['refused', 'refused', 'refused', 'accepted', 'refused']);
  t.equal(versionOf(scan, 0x0302).why, 'it chose TLS 1.0 instead');
  t.equal(scan.questions.filter(({ topic }) => topic === 'versions').length, 2);
  t.match(versionOf(scan, 0x0301).suites[0], {
    group: { name: 'x25519' },
    signature: null,
    traits: ['cbc', 'sha1-mac'],
  });
});

t.test('TLS 1.3 alone leaves nothing to ask below it', async (t) => {
  const asked = await tlsServer(t, {
    minVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_256_GCM_SHA384',
    groups: 'P-256',
  });
  const scan = await survey(asked);
  t.equal(scan.connections, 3, 'the newest, those below, and the long one');
  t.match(versionOf(scan, 0x0304).suites[0], { group: { name: 'secp256r1' } });
  t.ok(scan.questions[0]?.answer.kind === 'hello' && scan.questions[0].answer.retry);
  t.match(scan.weak, { status: 'refused', says: 'TLS 1.3 has none' });
  t.strictSame(scan.certificateKeys, []);
  t.equal(scan.features.compression, null);
});

const RESET: Step = { do: 'reset' };

function alert(description: number): Step {
  return { do: 'send-message', message: { is: 'tls-alert', description } };
}

function send(bytes: Uint8Array): Step {
  return { do: 'send', hex: toHex(bytes) };
}

/** A ServerHello of TLS 1.2 or below with a ServerHelloDone; no capture has one of each suite. */
function flight(version: number, suite: number): Step {
  const hello = encodeServerHello({
    legacyVersion: tlsVersion(version),
    random: new Uint8Array(32),
    sessionId: new Uint8Array(),
    cipherSuite: cipherSuite(suite),
    compressionMethod: 0,
    extensions: null,
  });
  return send(encodeTlsRecord(22, version, Uint8Array.from([...hello, 14, 0, 0, 0])));
}

t.test('a server of 1999: SSL 3.0 and RC4', async (t) => {
  // RFC 6101 section 5.4.2: an alert of SSL 3.0, which has no protocol_version.
  const handshakeFailure = { do: 'send', hex: '1503000002 0228' } as const;
  const server = ({ cipherSuites }: OwnHello): readonly Step[] =>
    cipherSuites.includes(0x0005) ? [{ do: 'send', hex: SSL3_SERVER_FLIGHT }] : [handshakeFailure];
  const scan = await survey(askInMemory(server));
  t.strictSame(statuses(scan), ['refused', 'refused', 'refused', 'refused', 'accepted']);
  t.equal(versionOf(scan, 0x0304).why, 'it chose SSL 3.0 instead');
  t.strictSame(suitesOf(versionOf(scan, 0x0300)), ['TLS_RSA_WITH_RC4_128_SHA']);
  t.match(scan.weak, { status: 'accepted', says: 'TLS_RSA_WITH_RC4_128_SHA' });
  t.strictSame(scan.certificateKeys, [{ type: 'RSA', bits: 1024 }]);
  t.equal(scan.features.renegotiationInfo, true, 'from the SCSV');
  t.equal(scan.features.extendedMasterSecret, null, 'SSL 3.0 was not asked for it');
  const all = await survey(askInMemory(server), true);
  t.strictSame(suitesOf(versionOf(all, 0x0300)), ['TLS_RSA_WITH_RC4_128_SHA']);
  t.equal(versionOf(all, 0x0300).complete, true);
  t.equal(all.connections, 3, 'its version, the long hello, and what else it has');
});

t.test('bare ends are told as what they are', async (t) => {
  const scan = await survey(askInMemory(() => [RESET]));
  t.strictSame(statuses(scan), Array(5).fill('unanswered'));
  t.strictSame(
    scan.questions.map(({ answer }) => answer.kind),
    Array(5).fill('reset'),
  );
  t.match(scan.size, { verdict: 'not-tested', says: /not answered either: a reset/ });
  t.match(scan.weak, { status: 'not-tested' });
  const closed = await survey(askInMemory(() => [{ do: 'close', closeNotify: false }]));
  t.equal(versionOf(closed, 0x0303).why, 'the end of the connection');
  const silent = await survey(
    askInMemory(
      () => [{ do: 'stall' }],
      () => ({ stageLimitsMs: stageLimits(5000, { tls: 5 }) }),
    ),
  );
  t.strictSame(silent.questions[0]?.answer, { kind: 'silence', waitedMs: 5 });
});

function bytesOf(hello: OwnHello): number {
  const padding = (hello.extensions ?? []).find(({ extension }) => extension === 'padding');
  return padding?.extension === 'padding' ? padding.recordBytes : 300;
}

t.test('only the long ClientHello dies', async (t) => {
  for (const [step, says] of [
    [RESET, /long one a reset/],
    [{ do: 'stall' }, /long one silence/],
  ] as const) {
    const server = (hello: OwnHello): readonly Step[] =>
      bytesOf(hello) > 1460 ? [step] : [flight(0x0303, 0xc02f)];
    // Only where nothing will come is it not waited for long.
    const settings = (hello: OwnHello) =>
      step.do === 'stall' && bytesOf(hello) > 1460
        ? { stageLimitsMs: stageLimits(5000, { tls: 20 }) }
        : {};
    const { size } = await survey(askInMemory(server, settings));
    t.match(size, { verdict: 'only-large-fails', smallBytes: Number, largeBytes: 1800, says });
  }
  const { size } = await survey(
    askInMemory((hello) => (bytesOf(hello) > 1460 ? [alert(47)] : [flight(0x0303, 0xc02f)])),
  );
  t.match(size, { verdict: 'differs', says: /long one alert illegal_parameter/ });
});

t.test('a server that ends at long lists is asked with short ones', async (t) => {
  const has = [0xc02f, 0x002f, 0x00ba, 0xc0a0];
  const server = ({ cipherSuites, legacyVersion }: OwnHello): readonly Step[] => {
    if (cipherSuites.length > LIKELY_SUITES.length) return [RESET];
    const chosen = has.find((suite) => cipherSuites.includes(suite));
    return chosen === undefined || legacyVersion !== 0x0303 ? [RESET] : [flight(0x0303, chosen)];
  };
  const scan = await survey(askInMemory(server), true);
  const { suites, complete } = versionOf(scan, 0x0303);
  t.strictSame(
    suites.map(({ suite }) => suite.value),
    has,
  );
  t.equal(complete, true);
});

t.test('a server without TLS is asked once', async (t) => {
  const negotiated = (steps: readonly Step[]) => ({
    ...scenarioOf([]),
    steps: [{ do: 'expect', what: 'connection-request' } as const, ...steps],
  });
  const rows: readonly (readonly [Step, RegExp])[] = [
    [
      { do: 'send-message', message: { is: 'connection-confirm', selectedProtocol: 0, flags: 0 } },
      /selected standard RDP security/,
    ],
    [
      { do: 'send-message', message: { is: 'negotiation-failure', failureCode: 2 } },
      /refused the negotiation with SSL_NOT_ALLOWED_BY_SERVER/,
    ],
    [RESET, /reset the connection before TLS/],
  ];
  for (const [step, why] of rows) {
    const simulator = await startSimulator(negotiated([step]));
    t.teardown(() => simulator.close());
    const scan = await survey(askOverLoopback(simulator));
    t.equal(scan.connections, 1);
    t.match(scan.cutShort, why);
    t.strictSame(new Set(statuses(scan)), new Set(['not-tested']));
  }
  const refused = await survey(askOverLoopback({ address: '127.0.0.1', port: 1 }));
  t.match(refused.cutShort, /no TCP connection \(ECONNREFUSED\)/);
  const why = 'the server takes standard RDP security alone';
  const scan = tlsNotAsked(why);
  t.equal(scan.connections, 0);
  t.ok(scan.versions.every((version) => version.status === 'not-tested' && version.why === why));
});

t.test('no more connections than are given', async (t) => {
  for (const limit of [0, 1, 2, 4]) {
    const asked = await tlsServer(t, MIXED);
    const scan = await survey(asked, true, limit);
    t.equal(asked.questions.length, limit);
    t.equal(scan.connections, limit);
    t.equal(scan.cutShort, `the limit of ${limit} connections was reached`);
  }
  const none = await survey(askFrom([]));
  t.match(none.cutShort, /no connection was left/);
  t.match(versionOf(none, 0x0304), { status: 'not-tested', why: /no connection was left/ });
});

t.test('a server that lies is not asked for ever', async (t) => {
  const always = await survey(
    askInMemory(() => [flight(0x0303, 0xc02f)]),
    true,
  );
  t.ok(always.connections < 12, `${always.connections} connections`);
  t.equal(versionOf(always, 0x0303).complete, false);
  t.match(versionOf(always, 0x0302), { status: 'unanswered', why: /chose what was not offered/ });
  const unknown = await survey(
    askInMemory(() => [flight(0x7f1c, 0xc02f)]),
    true,
  );
  t.ok(unknown.connections < 12);
  // Any suite of the list, any version: it changes its mind every time.
  const random = seededRandom(5);
  const versions = [0x0300, 0x0301, 0x0302, 0x0303];
  const moody = await survey(
    askInMemory(({ cipherSuites }) => [
      flight(versions[random() % 4] ?? 0, cipherSuites[random() % cipherSuites.length] ?? 0),
    ]),
    true,
  );
  t.ok(moody.connections < 400);
});

t.test('whatever the bytes, an answer', (t) => {
  const flights = [
    SSL3_SERVER_FLIGHT,
    '15030300020228',
    ...['xrdp-tls12', 'xrdp-tls13'].flatMap((name) =>
      conversation(name)
        .segments.filter(({ by }) => by === 'server')
        .slice(1)
        .flatMap((segment) => ('hex' in segment ? [segment.hex] : [])),
    ),
  ].map(fromHex);
  const [request, confirm, hello] = conversation('xrdp-tls12').segments;
  if (request === undefined || confirm === undefined || hello === undefined) throw new Error('cut');
  const random = seededRandom(11);
  const kinds = new Map<string, number>();
  for (let round = 0; round < 600; round++) {
    const segments: Segment[] = [request, confirm, hello];
    const whole = flights[random() % flights.length] ?? new Uint8Array();
    const bytes = random() % 4 === 0 ? whole : mutated(flights, random);
    segments.push({ by: 'server', at: 5, hex: toHex(bytes) });
    if (random() % 3 > 0) {
      segments.push({ by: 'server', at: 6, end: random() % 2 === 0 ? 'fin' : 'reset' });
    }
    const answer = readTlsAnswer(traceOf(track(segments)));
    kinds.set(answer.kind, (kinds.get(answer.kind) ?? 0) + 1);
    JSON.stringify(answer);
  }
  for (const kind of ['hello', 'alert', 'malformed', 'closed', 'reset']) {
    t.ok((kinds.get(kind) ?? 0) > 0, `${kind}: ${kinds.get(kind) ?? 0}`);
  }
  t.end();
});

t.test('a survey of noise ends', async (t) => {
  const flights = [fromHex(SSL3_SERVER_FLIGHT)];
  const random = seededRandom(3);
  for (let round = 0; round < 12; round++) {
    const asked = askInMemory(() => [
      send(mutated(flights, random)),
      random() % 2 === 0 ? RESET : { do: 'close', closeNotify: false },
    ]);
    const scan = await survey(asked, true, 40);
    t.ok(scan.connections <= 40);
    t.equal(scan.versions.length, 5);
  }
});

t.test('the lists of suites', (t) => {
  for (const list of [ALL_SUITES, FEW_SUITES, LIKELY_SUITES, TLS13_SUITES, WEAK_SUITES]) {
    t.equal(new Set(list).size, list.length, 'each once');
    const unnamed = list.filter((suite) => cipherSuite(suite).name === null);
    t.strictSame(unnamed, []);
  }
  t.ok(LIKELY_SUITES.length <= 64);
  const foreign = ALL_SUITES.map((suite) => cipherSuite(suite).name ?? '').filter((name) =>
    /PSK|KRB5|SRP|SCSV/.test(name),
  );
  t.strictSame(foreign, []);
  // Of every family that an RDP server has had.
  for (const suite of [0x0003, 0x0004, 0x0005, 0x000a, 0x0009, 0x0001, 0x0018, 0xc018, 0x0013]) {
    t.ok(WEAK_SUITES.includes(suite), cipherSuite(suite).name ?? '');
  }
  for (const suite of [0x0039, 0xc02b, 0x009d, 0x002f]) t.ok(ALL_SUITES.includes(suite));
  t.notOk(WEAK_SUITES.includes(0x002f));
  t.end();
});
