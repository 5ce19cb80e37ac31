import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { ClientVerdict, OraclePolicy } from '../../src/handshake/scan-clients.js';
import type { TlsScan, TlsVersionReport } from '../../src/handshake/scan-tls.js';
import { renderProfilesPage } from '../../src/report/profiles-page.js';
import { credSspState, oracleMatrix } from '../../src/scan/credssp-state.js';
import type { ClientProfile, TlsProfile } from '../../src/scan/profiles/client-profile.js';
import { CLIENT_PROFILES, clientProfile } from '../../src/scan/profiles/clients.js';
import { helloOf, offerKey } from '../../src/scan/profiles/hello.js';
import { scanClients } from '../../src/scan/scanned-clients.js';
import {
  abilitiesOf,
  type HelloAnswer,
  helloAnswer,
  NOTHING_KNOWN,
  type OfferReply,
  type ServerAbilities,
  TLS_VERSIONS_KNOWN,
  withTlsScan,
} from '../../src/scan/server-abilities.js';
import { askAs, listProfiles, surveyClients } from '../../src/scan/survey-clients.js';
import { judgeClient, nextOffer, whoCanConnect } from '../../src/scan/who-can-connect.js';
import { ja4 } from '../../src/wire/ja4.js';
import { encodeOwnHello } from '../../src/wire/own-hello.js';
import { decodeTlsHandshake } from '../../src/wire/tls-handshake.js';
import { cipherSuite } from '../../src/wire/tls-names.js';
import { decodeTlsRecord } from '../../src/wire/tls-record.js';
import {
  answerHello,
  askModel,
  helloOfProfile,
  type ModelServer,
  traceOf,
} from '../support/model-server.js';
import { seededRandom } from '../support/wire-vectors.js';

const SUITES = {
  ecdheRsaGcm: 0xc030,
  ecdheRsaCbcSha: 0xc014,
  rsaCbcSha: 0x002f,
  rsaGcm: 0x009d,
  dheRsaGcm: 0x009f,
  tls13: 0x1302,
  rc4: 0x0005,
} as const;

const P256 = 0x0017;
const X25519 = 0x001d;

function profileOf(id: string): ClientProfile {
  const profile = clientProfile(id);
  if (profile === null) throw new Error(`no profile ${id}`);
  return profile;
}

/** Takes TLS of these versions, with NLA where it is offered. */
function tlsServer(server: Partial<ModelServer>): ModelServer {
  return {
    negotiate: (protocols) => selectBest(protocols, 0x0b),
    versions: [0x0304, 0x0303],
    suites: [SUITES.tls13, SUITES.ecdheRsaGcm, SUITES.ecdheRsaCbcSha, SUITES.rsaCbcSha],
    groups: [X25519, P256],
    ...server,
  };
}

function selectBest(protocols: number | null, able: number): OfferReply {
  const common = (protocols ?? 0) & able;
  for (const protocol of [8, 2, 1])
    if ((common & protocol) !== 0) return { kind: 'selected', protocol };
  return { kind: 'failure', code: (able & 1) === 0 ? 5 : 1 };
}

const STANDARD_RDP_ONLY = tlsServer({
  negotiate: (protocols) =>
    protocols === null || protocols === 0
      ? { kind: 'selected', protocol: 0 }
      : { kind: 'failure', code: 2 },
});

const OFFERS = [0x0b, 3, 2, 1, 0, null];

/** What a scan knows after its matrix. */
function matrixOf(server: ModelServer, credsspVersion: number | null): ServerAbilities {
  const traces = OFFERS.map((protocols) =>
    traceOf(server, protocols, { versions: [], suites: [], groups: [] }),
  );
  return { ...abilitiesOf(traces), credsspVersion };
}

async function surveyed(
  server: ModelServer,
  credsspVersion: number | null = 6,
): Promise<ReadonlyMap<string, ClientVerdict>> {
  const { ask } = askModel(server);
  const known = matrixOf(server, credsspVersion);
  const { scan } = await surveyClients(CLIENT_PROFILES, known, ask, 30);
  return new Map(scan.profiles.map((verdict) => [verdict.id, verdict]));
}

function idsThat(verdicts: ReadonlyMap<string, ClientVerdict>, verdict: string): readonly string[] {
  return [...verdicts.values()].filter((each) => each.verdict === verdict).map(({ id }) => id);
}

/** What was captured of the client itself: fingerprints, not made by our own encoder. */
const CAPTURED: readonly {
  readonly id: string;
  readonly serverName: string | null;
  readonly ja4: string;
}[] = [
  { id: 'win7', serverName: '192.0.2.1', ja4: 't10d120400_d94e65cdb899_dedc66686760' },
  { id: 'win10-1607', serverName: null, ja4: 't12i280600_bbd4f008d9b2_f28add8e7af0' },
  { id: 'macos-2019', serverName: '192.0.2.1', ja4: 't12d220700_0d4ca5d4ec72_3304d8368043' },
  { id: 'freerdp2', serverName: '192.0.2.1', ja4: 't13d311000_e8f1e7e78f70_1f22a2ca17c4' },
  { id: 'freerdp3', serverName: 'srv.example', ja4: 't13d311000_e8f1e7e78f70_1f22a2ca17c4' },
];

t.test('profiles', async (t) => {
  t.equal(new Set(CLIENT_PROFILES.map(({ id }) => id)).size, CLIENT_PROFILES.length);
  t.equal(clientProfile('nobody'), null);
  for (const { id, tls, negotiation, credssp } of CLIENT_PROFILES) {
    t.match(id, /^[a-z0-9.-]+$/);
    for (const list of [tls.versions, tls.suites, tls.groups, tls.signatureAlgorithms]) {
      t.equal(new Set(list).size, list.length, `${id}: nothing twice`);
    }
    t.strictSame(
      [...tls.versions].sort((a, b) => b - a),
      tls.versions,
      `${id}: newest first`,
    );
    t.ok(
      tls.keyShares.every((group) => tls.groups.includes(group)),
      `${id}: shares are of its groups`,
    );
    t.equal(tls.versions.includes(0x0304), tls.extensions.includes('supported_versions'), id);
    const all = [
      ...Object.values(tls.grounds),
      ...Object.values(negotiation.grounds),
      credssp.grounds,
    ];
    for (const { basis, sources, note } of all) {
      t.ok(sources.length > 0, `${id}: a source`);
      t.ok(basis !== 'inferred' || note !== null, `${id}: what is inferred says from what`);
    }
  }
});

t.test('their ClientHellos are those that were captured', async (t) => {
  for (const { id, serverName, ja4: fingerprint } of CAPTURED) {
    t.equal(ja4(helloMessage(profileOf(id).tls, serverName), { transport: 't' }), fingerprint, id);
  }
  for (const { id, tls } of CLIENT_PROFILES) {
    const message = helloMessage(tls, 'srv.example');
    t.strictSame(
      message.cipherSuites.map(({ value }) => value),
      tls.suites,
      id,
    );
  }
});

function helloMessage(tls: TlsProfile, serverName: string | null) {
  const hello = helloOf(tls);
  const record = encodeOwnHello(hello, {
    random: new Uint8Array(32),
    sessionId: new Uint8Array(hello.sessionIdBytes),
    keyShares: new Map(tls.keyShares.map((group) => [group, new Uint8Array(32)])),
    serverName,
  });
  const message = decodeTlsHandshake(decodeTlsRecord(record).fragment);
  if (message.kind !== 'client-hello') throw new Error('no ClientHello');
  return message;
}

t.test('a modern server', async (t) => {
  const verdicts = await surveyed(tlsServer({}));
  t.strictSame(idsThat(verdicts, 'cannot'), ['win7', 'server-2008r2']);
  t.match(verdicts.get('win7')?.reason, /alert protocol_version|TLSv1\.3, TLSv1\.2/);
  t.equal(verdicts.get('win7')?.stage, 'tls');
  t.strictSame(verdicts.get('ironrdp')?.session, {
    protocol: { value: 8, name: 'PROTOCOL_HYBRID_EX' },
    tlsVersion: 'TLSv1.3',
    cipher: null,
  });
  t.equal(verdicts.get('win11-24h2')?.session?.tlsVersion, null, 'TLS 1.3 is not documented of it');
});

t.test('TLS 1.0 only: exactly those without it fail', async (t) => {
  const cbc = { versions: [0x0301], suites: [SUITES.rsaCbcSha] };
  const verdicts = await surveyed(tlsServer(cbc));
  const without = CLIENT_PROFILES.filter(({ tls }) => !tls.versions.includes(0x0301));
  t.strictSame(
    idsThat(verdicts, 'cannot'),
    without.map(({ id }) => id),
  );
  t.strictSame(idsThat(verdicts, 'unknown'), [
    'macos-2019',
    'windows-app-macos',
    'windows-app-ios',
  ]);
  const signed = await surveyed(tlsServer({ versions: [0x0301], suites: [SUITES.ecdheRsaCbcSha] }));
  t.match(signed.get('freerdp2'), { verdict: 'cannot', stage: 'tls', reason: /SHA-1/ });
  t.equal(signed.get('win7')?.verdict, 'can-connect');
});

t.test('the newest only, and RC4 only', async (t) => {
  const newest = await surveyed(tlsServer({ versions: [0x0304] }));
  t.equal(newest.get('freerdp3')?.verdict, 'can-connect');
  t.equal(newest.get('win10-22h2')?.verdict, 'cannot');
  t.equal(newest.get('win11-24h2')?.verdict, 'unknown', 'not documented');
  const rc4 = await surveyed(
    tlsServer({ versions: [0x0303, 0x0302, 0x0301], suites: [SUITES.rc4] }),
  );
  t.equal(rc4.get('win7')?.verdict, 'can-connect');
  t.equal(rc4.get('win8.1')?.verdict, 'unknown', 'whether mstsc offers RC4 is not documented');
  t.equal(rc4.get('win10-1809')?.verdict, 'cannot');
});

t.test('standard RDP security only', async (t) => {
  const verdicts = await surveyed(STANDARD_RDP_ONLY);
  t.strictSame(idsThat(verdicts, 'cannot'), ['ironrdp']);
  t.strictSame(verdicts.get('win11-24h2')?.attempts, [0x0b, 0]);
  t.strictSame(verdicts.get('freerdp2')?.attempts, [3, 1, 0]);
  t.strictSame(verdicts.get('freerdp3')?.attempts, [3, 0]);
  const ignorant = await surveyed(
    tlsServer({ negotiate: () => ({ kind: 'selected', protocol: 0 }) }),
  );
  t.match(ignorant.get('ironrdp'), { verdict: 'cannot', stage: 'x224' });
  t.equal(ignorant.get('freerdp2')?.attempts.length, 1);
});

t.test('NLA only, and a server without the fix of CVE-2018-0886', async (t) => {
  const nla = tlsServer({ negotiate: (protocols) => selectBest(protocols, 0x0a) });
  t.equal((await surveyed(nla)).get('win10-22h2')?.verdict, 'can-connect');
  const old = await surveyed(nla, 3);
  t.match(old.get('win10-22h2'), { verdict: 'cannot', stage: 'credssp', reason: /CVE-2018-0886/ });
  t.equal(old.get('freerdp3')?.verdict, 'can-connect');
  const hidden = await surveyed(nla, null);
  t.match(hidden.get('win10-22h2'), { verdict: 'unknown', stage: 'credssp' });
});

const ENDS: readonly OfferReply['kind'][] = ['reset', 'closed', 'silence', 'not-rdp'];

t.test('a server that ends it, or says nothing', async (t) => {
  for (const kind of ENDS) {
    const verdicts = await surveyed(tlsServer({ negotiate: () => ({ kind }) as OfferReply }));
    t.strictSame(idsThat(verdicts, 'can-connect'), [], kind);
    t.strictSame(idsThat(verdicts, 'unknown'), [], kind);
  }
  const unusable = await surveyed(tlsServer({ negotiate: () => ({ kind: 'failure', code: 3 }) }));
  t.match(unusable.get('win11-24h2'), { verdict: 'unknown', reason: /not documented/ });
  t.match(unusable.get('freerdp2'), { verdict: 'cannot', attempts: [3, 1, 0] });
});

t.test('nothing known, nothing said', async (t) => {
  for (const verdict of whoCanConnect(CLIENT_PROFILES, NOTHING_KNOWN)) {
    t.equal(verdict.verdict, 'unknown', verdict.id);
    t.match(verdict.question, /^an X\.224 request with offer 0x0/);
  }
  const { ask, asked } = askModel(tlsServer({}));
  const { scan } = await surveyClients(CLIENT_PROFILES, NOTHING_KNOWN, ask, 1);
  t.equal(scan.connections, 1, 'never more than were allowed');
  t.equal(asked.length, 1);
  const gone = await surveyClients(CLIENT_PROFILES, NOTHING_KNOWN, async () => null, 9);
  t.equal(gone.scan.connections, 0);
});

t.test('few questions: clients with the same offer share one', async (t) => {
  const { ask, asked } = askModel(tlsServer({ versions: [0x0304, 0x0303, 0x0302, 0x0301] }));
  await surveyClients(CLIENT_PROFILES, matrixOf(tlsServer({}), 6), ask, 30);
  t.ok(asked.length <= 5, `${asked.length} connections`);
  const offers = asked.map(({ settings }) => JSON.stringify(settings.tlsOffer));
  t.equal(new Set(offers).size, asked.length, 'none is asked twice');
});

/** From 0 up to and without 1. */
function fractions(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random() / 2 ** 32;
}

/** What becomes of a client that offers exactly this: step by step, without what the survey knows. */
function simulate(server: ModelServer, profile: ClientProfile, tls: TlsProfile): boolean | null {
  const { negotiation } = profile;
  let protocols: number | null = negotiation.protocols;
  for (;;) {
    const reply = server.negotiate(protocols);
    if (reply.kind === 'failure') {
      const next = nextOffer(negotiation.fallback, protocols, reply.code);
      if (next === 'gives-up') return false;
      if (next === 'unsure') return null;
      protocols = next.protocols;
      continue;
    }
    if (reply.kind === 'no-negotiation' || (reply.kind === 'selected' && reply.protocol === 0)) {
      return negotiation.standardRdp === 'unsure' ? null : negotiation.standardRdp === 'yes';
    }
    if (reply.kind !== 'selected') return false;
    const answer = answerHello(server, helloOfProfile(tls));
    return answer.kind === 'hello' && takes(tls, answer);
  }
}

function takes(tls: TlsProfile, { version, suite }: Extract<HelloAnswer, { kind: 'hello' }>) {
  const name = cipherSuite(suite).name ?? '';
  return version >= 0x0303 || tls.legacySignatures === 'yes' || !/^TLS_(EC)?DHE_/.test(name);
}

/** The least and the most that a client may offer. */
function extremes(tls: TlsProfile): readonly TlsProfile[] {
  const { unsure } = tls;
  const less = (values: readonly number[], doubtful: readonly number[]) =>
    values.filter((value) => !doubtful.includes(value));
  const more = (values: readonly number[], doubtful: readonly number[]) => [
    ...new Set([...values, ...doubtful]),
  ];
  return [less, more].map((choose) => ({
    ...tls,
    versions: choose(tls.versions, unsure.versions),
    suites: choose(tls.suites, unsure.suites),
    groups: choose(tls.groups, unsure.groups),
  }));
}

const EVERY_SUITE = [...new Set(CLIENT_PROFILES.flatMap(({ tls }) => tls.suites))].filter(
  (suite) => suite !== 0x00ff,
);
const EVERY_GROUP = [...new Set(CLIENT_PROFILES.flatMap(({ tls }) => tls.groups))];

t.test('INVARIANT: what is said is what happens, for any server', async (t) => {
  const random = fractions(5);
  const some = <T>(values: readonly T[], share: number): T[] =>
    values.filter(() => random() < share).toSorted(() => random() - 0.5);
  let settled = 0;
  let open = 0;
  for (let round = 0; round < 100; round++) {
    const able = [0x0b, 0x01, 0x03, 0x0a][Math.floor(random() * 4)] ?? 0x0b;
    const rdp = random() < 0.3;
    const server: ModelServer = {
      negotiate: (protocols) =>
        rdp && (protocols ?? 0) === 0
          ? { kind: 'selected', protocol: 0 }
          : selectBest(protocols, able),
      versions: some(TLS_VERSIONS_KNOWN, 0.5),
      suites: some(EVERY_SUITE, [0.03, 0.1, 0.5][round % 3] ?? 0.1),
      groups: some(EVERY_GROUP, 0.3),
    };
    const verdicts = await surveyed(server);
    for (const profile of CLIENT_PROFILES) {
      const truths = extremes(profile.tls).map((tls) => simulate(server, profile, tls));
      const said = verdicts.get(profile.id);
      const why = `round ${round}, ${profile.id}: ${said?.reason}`;
      if (said?.verdict === 'unknown') {
        const { unsure } = profile.tls;
        const sure = [...unsure.versions, ...unsure.suites, ...unsure.groups].length === 0;
        if (sure && !truths.includes(null)) t.fail(`${why}: it could be known`);
        open += 1;
        continue;
      }
      settled += 1;
      const expected = said?.verdict === 'can-connect';
      if (truths.some((truth) => truth !== expected)) t.fail(`${why}: ${truths.join(', ')}`);
    }
  }
  t.ok(settled > 4 * open, `${settled} verdicts, ${open} left open`);
});

t.test('INVARIANT: any state of knowledge gives a verdict', async (t) => {
  const random = fractions(9);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const replies: readonly OfferReply[] = [
    { kind: 'selected', protocol: 0xffff },
    { kind: 'selected', protocol: 4 },
    { kind: 'failure', code: 0xffffffff },
    { kind: 'no-negotiation' },
    ...[0, 1, 2, 8].map((protocol) => ({ kind: 'selected', protocol }) as const),
    ...[1, 2, 3, 4, 5, 6].map((code) => ({ kind: 'failure', code }) as const),
  ];
  const answers: readonly HelloAnswer[] = [
    { kind: 'hello', version: 0x7f1c, suite: 0xabcd, group: null },
    { kind: 'alert', code: 255, name: null },
    { kind: 'malformed' },
    { kind: 'silence' },
    { kind: 'hello', version: 0x0303, suite: 0xc030, group: 29 },
  ];
  const counts = new Map<string, number>();
  for (let round = 0; round < 200; round++) {
    const server: ServerAbilities = {
      offers: OFFERS.filter(() => random() < 0.8).map((protocols) => ({
        protocols,
        flags: 0,
        answer: pick(replies),
      })),
      hellos: CLIENT_PROFILES.filter(() => random() < 0.2).map(({ tls }) => ({
        key: offerKey(tls),
        answer: pick(answers),
      })),
      versions: TLS_VERSIONS_KNOWN.map((version) => ({
        version,
        spoken: pick(['yes', 'no', 'unknown'] as const),
        suites: EVERY_SUITE.filter(() => random() < 0.1),
        complete: random() < 0.5,
      })),
      groups: { accepted: EVERY_GROUP.filter(() => random() < 0.3), complete: random() < 0.5 },
      credsspVersion: pick([null, 0, 2, 5, 6, 0x60, 0xffffffff]),
    };
    for (const profile of CLIENT_PROFILES) {
      const { verdict, missing } = judgeClient(profile, server);
      const can = verdict.verdict === 'can-connect';
      const sound =
        verdict.attempts.length >= 1 &&
        verdict.attempts.length <= 4 &&
        can === (verdict.session !== null) &&
        can === (verdict.stage === null) &&
        (missing === null || verdict.verdict === 'unknown');
      if (!sound) t.fail(`round ${round}: ${JSON.stringify(verdict)}`);
      counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1);
    }
  }
  t.equal(counts.size, 3, JSON.stringify([...counts]));
});

t.test('asked as one client', async (t) => {
  const server = tlsServer({});
  const { ask, asked } = askModel(server);
  const known = { ...NOTHING_KNOWN, credsspVersion: 6 };
  const verdict = await askAs(profileOf('freerdp3'), ask, '192.0.2.1', known);
  t.match(verdict, { verdict: 'can-connect', basis: 'asked', attempts: [3] });
  t.equal(asked.length, 1, 'request and ClientHello in one connection');
  t.match(asked[0]?.settings, {
    requestedProtocols: 3,
    cookie: 'mstshash=rdp-probe',
    serverName: '192.0.2.1',
  });
  t.equal(asked[0]?.reason, 'as FreeRDP 3 (OpenSSL 3)');
  const fallback = askModel(STANDARD_RDP_ONLY);
  const stepped = await askAs(profileOf('freerdp2'), fallback.ask, 'srv.example', known);
  t.match(stepped, { verdict: 'can-connect', attempts: [3, 1, 0] });
  t.strictSame(
    fallback.asked.map(({ settings }) => settings.requestedProtocols),
    [3, 1, 0],
    'each connection that it falls back to',
  );
  const nobody = await askAs(profileOf('win7'), async () => null, 'srv.example', known);
  t.equal(nobody.verdict, 'unknown');
});

t.test('as a part of a scan', async (t) => {
  const server = tlsServer({ versions: [0x0303] });
  const { ask, asked } = askModel(server);
  const traces = OFFERS.map((protocols) =>
    traceOf(server, protocols, helloOfProfile(profileOf('win10-22h2').tls)),
  );
  const all = await scanClients(traces, null, ask, { only: null, host: 'srv.example', most: 9 });
  t.equal(all.clients.profiles.length, CLIENT_PROFILES.length);
  t.equal(all.clients.connections, asked.length);
  t.equal(all.credssp, null);
  t.match(all.whyNoCredSsp, /TSRequest/);
  t.ok(asked.every(({ purpose }) => purpose === 'profile'));
  const only = profileOf('win8.1');
  const one = await scanClients(traces, null, ask, { only, host: 'srv.example', most: 9 });
  t.match(one.clients, { profiles: [{ id: 'win8.1', basis: 'asked' }], connections: 2 });
  t.match(
    one.clients.profiles[0],
    { verdict: 'unknown', stage: 'credssp' },
    'asked for its version',
  );
  const none = await scanClients(traces, null, ask, { only, host: 'srv.example', most: 0 });
  t.match(none.clients, { profiles: [{ verdict: 'unknown' }], connections: 0 });
});

t.test('what the survey of TLS adds', async (t) => {
  const version = (value: number, status: TlsVersionReport['status'], suites: number[]) => ({
    version: { value, name: null },
    status,
    why: '',
    suites: suites.map((suite) => ({
      suite: { value: suite, name: null },
      traits: [],
      group: null,
      primeBits: null,
      signature: null,
    })),
    complete: true,
    order: null,
  });
  const tls: Pick<TlsScan, 'versions' | 'groups'> = {
    versions: [
      version(0x0304, 'refused', []),
      version(0x0303, 'accepted', [SUITES.rsaGcm, SUITES.dheRsaGcm]),
      version(0x0302, 'unanswered', []),
      version(0x0301, 'not-tested', []),
    ],
    groups: [
      {
        version: { value: 0x0303, name: null },
        groups: [{ value: 23, name: null }],
        complete: true,
      },
    ],
  };
  const known = withTlsScan(matrixOf(tlsServer({}), 6), tls);
  t.strictSame(
    known.versions.map(({ spoken }) => spoken),
    ['no', 'yes', 'unknown', 'unknown', 'unknown'],
  );
  const verdicts = new Map(whoCanConnect(CLIENT_PROFILES, known).map((each) => [each.id, each]));
  t.match(verdicts.get('ironrdp'), { verdict: 'cannot', reason: /no cipher suite in common/ });
  t.match(verdicts.get('win10-22h2'), {
    verdict: 'can-connect',
    session: { tlsVersion: 'TLSv1.2', cipher: 'TLS_RSA_WITH_AES_256_GCM_SHA384' },
  });
  t.match(verdicts.get('freerdp3')?.session, { cipher: null }, 'one of two');
});

t.test('what a trace tells', async (t) => {
  const server = tlsServer({ versions: [0x0303, 0x0301] });
  const hello = helloOfProfile(profileOf('freerdp3').tls);
  const abilities = abilitiesOf([traceOf(server, 3, hello)]);
  const spoken = abilities.versions.map((ability) => ability.spoken);
  t.strictSame(spoken, ['no', 'yes', 'unknown', 'unknown', 'unknown'], 'TLS 1.3 was passed over');
  t.strictSame(abilities.groups.accepted, [X25519]);
  t.equal(helloAnswer(traceOf(server, null, hello)), null);
});

/** KB4093492: who is refused, by the policy of each side. */
const ORACLE: readonly (readonly [
  serverUpdated: boolean,
  server: OraclePolicy | null,
  client: OraclePolicy | null,
  outcome: string,
])[] = [
  [true, 'force-updated-clients', 'force-updated-clients', 'connects'],
  [true, 'force-updated-clients', null, 'refused-by-server'],
  [true, 'mitigated', 'mitigated', 'connects'],
  [true, 'mitigated', null, 'connects'],
  [true, 'vulnerable', 'force-updated-clients', 'connects'],
  [true, 'vulnerable', null, 'connects'],
  [false, null, 'force-updated-clients', 'refused-by-client'],
  [false, null, 'mitigated', 'refused-by-client'],
  [false, null, 'vulnerable', 'connects'],
  [false, null, null, 'connects'],
];

t.test('CVE-2018-0886', async (t) => {
  for (const [updated, serverPolicy, clientPolicy, outcome] of ORACLE) {
    const cell = oracleMatrix(updated).find(
      (each) => each.serverPolicy === serverPolicy && each.clientPolicy === clientPolicy,
    );
    t.equal(cell?.outcome, outcome, `${serverPolicy} / ${clientPolicy}`);
  }
  const updated = [2, 3, 4, 5, 6, 7, 1, 0].map((version) => credSspState(version).updated);
  t.strictSame(updated, [false, false, false, true, true, null, null, null]);
  t.strictSame(credSspState(9).matrix, []);
  t.equal(credSspState(6).matrix.length, 12);
  t.equal(credSspState(4).matrix.length, 4);
});

t.test('docs/client-profiles.md says what the data say', async (t) => {
  const page = await readFile(new URL('../../docs/client-profiles.md', import.meta.url), 'utf8');
  t.equal(page, renderProfilesPage(listProfiles(CLIENT_PROFILES)), 'npm run docs:profiles');
});
