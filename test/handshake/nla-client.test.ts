import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { Credentials } from '../../src/handshake/credentials.js';
import { kerberosReport } from '../../src/handshake/logon.js';
import { continueNla, type NlaOrder, type NlaStep } from '../../src/handshake/nla-client.js';
import type { NtlmChallenge } from '../../src/handshake/trace.js';
import { Logon } from '../../src/probe/logon.js';
import { NlaConversation } from '../../src/probe/nla-conversation.js';
import { ntHash } from '../../src/probe/nt-hash.js';
import { DEFAULT_SETTINGS } from '../../src/probe/settings.js';
import { serverCertificate } from '../../src/simulator/certificate.js';
import { NlaPeer } from '../../src/simulator/nla-peer.js';
import { CONFIRM_HYBRID, CONFIRM_HYBRID_EX } from '../../src/simulator/recorded-bytes.js';
import type { LogonStep, Scenario, Step } from '../../src/simulator/scenario.js';
import {
  CLOSE,
  challenge,
  EXPECT_REQUEST,
  EXPECT_TS_REQUEST,
  logon,
  RESET,
  STALL,
  send,
  startTls,
  unlisted,
} from '../../src/simulator/scenario-parts.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';
import { avPairsOf } from '../../src/wire/av-pair.js';
import { toHex } from '../../src/wire/hex.js';
import { encodeNtlmChallenge, encodeNtlmNegotiate } from '../../src/wire/ntlm.js';
import { ntowfV2 } from '../../src/wire/ntlm-v2.js';
import { decodeTsRequest, encodeTsRequest, type TsRequest } from '../../src/wire/ts-request.js';
import { type Run, runInMemory, runOverLoopback, SERVER_NAME } from '../support/scenario-run.js';

const PASSWORD = 'Passw0rd!';
const NOW_MS = Date.now();
const RIGHT = await ntHash(PASSWORD);
const WRONG = await ntHash('passw0rd!');
const random = seededRandom(5);
const bytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => random() & 0xff);

const jane = (hash = RIGHT, domain: string | null = 'CORP'): Credentials =>
  new Credentials('jane', domain, hash);
const logonOf = (credentials = jane()): Logon => new Logon(credentials, SERVER_NAME, bytes);

const step = (fields: Partial<LogonStep> = {}): LogonStep => logon(fields) as LogonStep;

/** EC, P-256 and SHA-256: its public key is a point of 65 bytes. */
const EC_CERTIFICATE = new X509Certificate(`-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUH3xNHM59JB+Ft7Qb9ictFR51zqUwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKZWMuZXhhbXBsZTAeFw0yNjExMjcwMDAwMjhaFw0zNjExMjQw
MDAwMjhaMBUxEzARBgNVBAMMCmVjLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT6lNxdwAwQ6qVnckbjl5RefSg/90X3lJs0GvHzoZg3SAofxWq88VmA
THWnM3OFqBnGs7EnwaDxPa+o9Pn3AXpao1MwUTAdBgNVHQ4EFgQUjS1jnhLUgEMX
yx30iQ16s3dttaowHwYDVR0jBBgwFoAUjS1jnhLUgEMXyx30iQ16s3dttaowDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAVuKVuQdq3X+tH6mDmZzIl
djkVO/Hj2FplkBjO7ufrfgIgItHivEe1P0oi7XKtqjdQEnCh/9X0/bMUW4Fq0Xsj
/Po=
-----END CERTIFICATE-----`).raw;

async function rsaCertificate(): Promise<Uint8Array> {
  return new X509Certificate((await serverCertificate('self-signed', NOW_MS)).chain).raw;
}

const NEGOTIATE = encodeNtlmNegotiate();
const local = new Credentials('jane', null, RIGHT);

function orderOf(certificate: Uint8Array, credentials = jane()): NlaOrder {
  return {
    credentials,
    service: `TERMSRV/${SERVER_NAME}`,
    certificate,
    negotiate: NEGOTIATE,
    random: { clientChallenge: bytes(8), exportedSessionKey: bytes(16), clientNonce: bytes(32) },
    filetime: 133_000_000_000_000_000n,
  };
}

/** The logon of a client of ours with the peer, TSRequest by TSRequest, without any connection. */
function converse(
  fields: Partial<LogonStep>,
  certificate: Uint8Array,
  credentials = jane(),
): {
  readonly last: NlaStep;
  readonly sent: readonly TsRequest[];
} {
  const peer = new NlaPeer(step(fields), { certificate }, NOW_MS);
  const sent: TsRequest[] = [];
  let state: Parameters<typeof continueNla>[0] = {
    name: 'expects-challenge',
    order: orderOf(certificate, credentials),
  };
  let next = encodeTsRequest({ version: 6, negoTokens: [NEGOTIATE] });
  for (;;) {
    sent.push(decodeTsRequest(next));
    const answer = peer.receive(next).bytes;
    if (answer === null) throw new Error('the peer ended it');
    const taken = continueNla(state, decodeTsRequest(answer), certificate);
    if (taken.kind === 'over') return { last: taken, sent };
    state = taken.state;
    next = taken.bytes;
  }
}

function outcomeOf({ last }: { readonly last: NlaStep }): string {
  return last.kind === 'over' ? last.verdict.outcome : last.kind;
}

const VERSIONS = [2, 3, 4, 5, 6];

t.test(
  'versions 2 to 6 with the right password, RSA and EC, with and without a clock',
  async (t) => {
    for (const certificate of [await rsaCertificate(), EC_CERTIFICATE]) {
      for (const version of VERSIONS) {
        for (const clock of [true, false]) {
          for (const wrapper of ['none', 'spnego'] as const) {
            const { last, sent } = converse({ version, clock, wrapper }, certificate);
            const name = `version ${version}, clock ${clock}, ${wrapper}`;
            t.match(
              last,
              { verdict: { outcome: 'accepted', keyBinding: version < 5 ? 'echo' : 'hash' } },
              name,
            );
            t.equal(sent.length, 2, 'and no third message');
            t.ok(sent.every((request) => request.version === 6 && request.authInfo === null));
            t.equal(
              sent[1]?.clientNonce === null,
              version < 5,
              'the nonce is for those who know it',
            );
          }
        }
      }
    }
    // Without a key exchange the session key is the one that comes of the password.
    t.equal(outcomeOf(converse({ flags: 0xa2898235 }, await rsaCertificate())), 'accepted');
    t.equal(
      outcomeOf(converse({ version: 7 }, await rsaCertificate())),
      'accepted',
      'a later version',
    );
  },
);

t.test('each refusal by its code', async (t) => {
  const certificate = await rsaCertificate();
  const refusal = (fields: Partial<LogonStep>, credentials = jane()): string => {
    const { last } = converse(fields, certificate, credentials);
    return last.kind === 'over' ? `${last.verdict.outcome}: ${last.verdict.says}` : last.kind;
  };
  t.match(refusal({}, jane(WRONG)), /^refused: .* STATUS_LOGON_FAILURE \(0xC000006D\)$/);
  t.match(refusal({}, new Credentials('nobody', '', RIGHT)), /^refused: .*STATUS_NO_SUCH_USER/);
  t.match(refusal({}, jane(await ntHash(''))), /^refused: .*STATUS_LOGON_FAILURE/, 'empty');
  for (const [status, name] of [
    [0xc0000234, 'STATUS_ACCOUNT_LOCKED_OUT'],
    [0xc0000071, 'STATUS_PASSWORD_EXPIRED'],
    [0xc0000193, 'STATUS_ACCOUNT_EXPIRED'],
    [0xc0000224, 'STATUS_PASSWORD_MUST_CHANGE'],
  ] as const) {
    t.match(refusal({ status }), new RegExp(`^refused: .*${name}`));
  }
  t.match(refusal({ status: 0xc0009999 }), /0xC0009999$/, 'a code nobody knows');
});

t.test('the peer sees what is wrong with a client', async (t) => {
  const certificate = await rsaCertificate();
  const status = (client: Uint8Array, change: (order: NlaOrder) => NlaOrder): string | null => {
    const peer = new NlaPeer(step(), { certificate }, NOW_MS);
    const answer = peer.receive(encodeTsRequest({ version: 6, negoTokens: [NEGOTIATE] })).bytes;
    const order = change(orderOf(client));
    const state = { name: 'expects-challenge', order } as const;
    const taken = continueNla(state, decodeTsRequest(answer ?? new Uint8Array()), client);
    if (taken.kind !== 'send') return null;
    const judged = decodeTsRequest(peer.receive(taken.bytes).bytes ?? new Uint8Array());
    return judged.errorCode?.name ?? judged.errorCode?.value.toString(16) ?? null;
  };
  t.equal(
    status(certificate, (order) => order),
    null,
  );
  const other = { ...orderOf(certificate), negotiate: encodeNtlmNegotiate({ flags: 1 }) };
  t.equal(
    status(certificate, () => other),
    'STATUS_INVALID_PARAMETER',
    'the MIC of other messages',
  );
  t.equal(
    status(EC_CERTIFICATE, (order) => order),
    'STATUS_BAD_BINDINGS',
    'another TLS channel',
  );
  t.equal(
    status(certificate, (order) => ({ ...order, service: null })),
    'STATUS_INVALID_PARAMETER',
    'no service principal name',
  );
});

t.test('a server that does not prove its key, or changes under way', async (t) => {
  const certificate = await rsaCertificate();
  for (const version of VERSIONS) {
    t.equal(outcomeOf(converse({ version, fault: 'other-key' }, certificate)), 'key-not-proved');
    t.equal(outcomeOf(converse({ version, fault: 'bad-seal' }, certificate)), 'key-not-proved');
    t.equal(
      outcomeOf(converse({ version, fault: 'other-version' }, certificate)),
      'version-changed',
    );
    t.equal(outcomeOf(converse({ version, fault: 'no-proof' }, certificate)), 'unexpected');
  }
});

t.test('challenges that are not answered, and other things in their place', async (t) => {
  const certificate = await rsaCertificate();
  const begun = { name: 'expects-challenge', order: orderOf(certificate) } as const;
  for (const [missing, pattern] of [
    [0x00000001, /Unicode/],
    [0x00080000, /extended session security/],
    [0x00000020, /sealing/],
  ] as const) {
    const { last, sent } = converse({ flags: (0xe2898235 & ~missing) >>> 0 }, certificate);
    t.match(last, { verdict: { outcome: 'unsupported', says: pattern } });
    t.equal(sent.length, 1, 'nothing is sent that could be attacked');
  }
  const answer = (request: Parameters<typeof encodeTsRequest>[0], of = certificate): NlaStep =>
    continueNla(begun, decodeTsRequest(encodeTsRequest(request)), of);
  t.equal(outcomeOf({ last: answer({ version: 6 }) }), 'unexpected');
  t.equal(outcomeOf({ last: answer({ version: 6, negoTokens: [NEGOTIATE] }) }), 'unexpected');
  t.equal(outcomeOf({ last: answer({ version: 6, pubKeyAuth: bytes(48) }) }), 'unexpected');
  t.equal(
    outcomeOf({ last: answer({ version: 6, errorCode: { value: 0xc000006d, name: null } }) }),
    'refused',
  );
  t.equal(outcomeOf({ last: answer({ version: 6 }, EC_CERTIFICATE) }), 'certificate-changed');
  for (const [length, outcome] of [
    [4000, 'send'],
    [8100, 'send'],
    [8200, 'unsupported'],
    [32_000, 'unsupported'],
  ] as const) {
    const long = encodeNtlmChallenge({
      flags: 0xe2898235,
      serverChallenge: bytes(8),
      targetName: '',
      targetInfo: avPairsOf({ netbiosComputerName: 'x'.repeat(length) }),
      version: null,
    });
    const own = { name: 'expects-challenge', order: orderOf(certificate, local) } as const;
    const request = decodeTsRequest(encodeTsRequest({ version: 6, negoTokens: [long] }));
    t.equal(outcomeOf({ last: continueNla(own, request, certificate) }), outcome, `${length}`);
  }
  const unread = { name: 'expects-challenge', order: orderOf(bytes(30)) } as const;
  const peer = new NlaPeer(step(), { certificate }, NOW_MS);
  const shown = peer.receive(encodeTsRequest({ version: 6, negoTokens: [NEGOTIATE] })).bytes;
  t.match(
    continueNla(unread, decodeTsRequest(shown ?? new Uint8Array()), unread.order.certificate),
    { verdict: { outcome: 'unsupported', says: /certificate cannot be read/ } },
  );
});

t.test('bytes that mean nothing, and bytes cut anywhere', async (t) => {
  const certificate = await rsaCertificate();
  const peer = new NlaPeer(step(), { certificate }, NOW_MS);
  const first = peer.receive(encodeTsRequest({ version: 6, negoTokens: [NEGOTIATE] })).bytes;
  const shown = first ?? new Uint8Array();
  const whole = new NlaConversation(orderOf(certificate));
  t.equal(whole.push(shown, certificate), null);
  t.ok(whole.answer);
  t.equal(whole.answer, null, 'an answer is given once');
  const cut = new NlaConversation(orderOf(certificate));
  for (const octet of shown) t.equal(cut.push(Uint8Array.of(octet), certificate), null);
  t.ok(cut.answer, 'byte by byte');
  for (let round = 0; round < 400; round++) {
    const conversation = new NlaConversation(orderOf(certificate));
    const changed = shown.slice();
    for (let change = 0; change < 1 + (random() % 4); change++) {
      changed[random() % changed.length] = random() & 0xff;
    }
    const garbled = round % 4 === 0 ? bytes(1 + (random() % 200)) : changed;
    const verdict = conversation.push(garbled, certificate);
    const answer = conversation.answer;
    if (verdict !== null) t.equal(answer, null, 'a verdict, or an answer');
    conversation.push(bytes(50), certificate);
  }
  t.pass('nothing else was thrown');
});

const tls12 = startTls('self-signed', ['TLSv1.2', 'TLSv1.2']);
const tls13 = startTls('self-signed', ['TLSv1.3', 'TLSv1.3']);
const asked = (own: ReturnType<typeof logon>, tls = tls13): Scenario =>
  unlisted('logon', 'a logon', EXPECT_REQUEST, send(CONFIRM_HYBRID_EX), tls, own);

function factsOf({ handshake }: Run): Record<string, unknown> {
  const { outcome, stages, credssp } = handshake;
  return {
    status: outcome.status,
    failedAt: outcome.failedAt,
    how: outcome.how,
    credssp: stages[4]?.status,
    mcs: stages[5]?.status,
    authentication: credssp.authentication,
    logon: credssp.logon?.outcome ?? null,
  };
}

const ACCEPTED = {
  status: 'ok',
  failedAt: null,
  how: null,
  credssp: 'completed',
  mcs: 'not-attempted',
  authentication: 'accepted',
  logon: 'accepted',
};

function causesOf({ handshake }: Run): readonly string[] {
  return diagnose('srv01', [handshake], NOW_MS).findings.map(
    ({ cause, certainty }) => `${cause} ${certainty}`,
  );
}

t.test('in memory and over loopback, whole and byte by byte', async (t) => {
  for (const version of VERSIONS) {
    const run = await runInMemory(asked(logon({ version })), DEFAULT_SETTINGS, 'whole', logonOf());
    t.match(factsOf(run), ACCEPTED, `version ${version}`);
    t.equal(run.played.how, 'client-left', 'and the client sent nothing more');
    const real = await runOverLoopback(
      asked(logon({ version }), tls12),
      DEFAULT_SETTINGS,
      logonOf(),
    );
    t.match(factsOf(real), ACCEPTED, `version ${version} over loopback, TLS 1.2`);
    t.equal(real.played.how, 'client-left');
  }
  const cut = await runInMemory(asked(logon()), DEFAULT_SETTINGS, 'bytes', logonOf());
  t.match(factsOf(cut), ACCEPTED, 'byte by byte');
  t.match(cut.handshake.outcome.detail, /no credentials were delegated/);
  t.match(cut.handshake.credssp.logon?.kerberos, {
    service: `TERMSRV/${SERVER_NAME}`,
    realm: 'CORP.EXAMPLE',
    wouldBeTried: true,
  });
});

t.test('refused by a code: the cause is named, and nothing is tried again', async (t) => {
  const refused = {
    ...ACCEPTED,
    status: 'failed',
    failedAt: 'credssp',
    how: 'error-code',
    credssp: 'failed',
    mcs: 'not-reached',
    authentication: 'refused',
    logon: 'refused',
  };
  const run = await runOverLoopback(asked(logon()), DEFAULT_SETTINGS, logonOf(jane(WRONG)));
  t.match(factsOf(run), refused);
  t.match(run.handshake.credssp.errorCode, { name: 'STATUS_LOGON_FAILURE' });
  t.ok(causesOf(run).includes('nla-bad-credentials likely'), causesOf(run).join());
  const causes: readonly (readonly [number, string])[] = [
    [0xc0000234, 'account-locked-out proved'],
    [0xc0000193, 'account-disabled-expired-restricted proved'],
    [0xc0000071, 'password-expired-must-change proved'],
    [0x8009030c, 'nla-bad-credentials likely'],
    [0x8009030f, 'tls-interception-breaks-nla likely'],
  ];
  for (const [status, cause] of causes) {
    const locked = await runInMemory(
      asked(logon({ status })),
      DEFAULT_SETTINGS,
      'whole',
      logonOf(),
    );
    t.match(factsOf(locked), refused);
    t.equal(causesOf(locked)[0], cause);
  }
});

t.test('refused by an end: versions 2 and 5 have no code', async (t) => {
  for (const version of [2, 5, 6]) {
    for (const tls of [tls12, tls13]) {
      const own = logon({ version, refusal: 'ending' });
      const run = await runOverLoopback(asked(own, tls), DEFAULT_SETTINGS, logonOf(jane(WRONG)));
      const { authentication, logon: report } = run.handshake.credssp;
      t.match(
        { authentication, report },
        { authentication: 'refused', report: { outcome: 'refused' } },
      );
      t.equal(run.handshake.outcome.failedAt, 'credssp');
      t.ok(causesOf(run).includes('nla-bad-credentials likely'), `version ${version}`);
    }
  }
});

t.test('an end without a word is a refusal only where there is no other way', async (t) => {
  const ends = (version: number, end: typeof CLOSE): Scenario =>
    unlisted(
      'ends',
      'ends',
      ...[EXPECT_REQUEST, send(CONFIRM_HYBRID), tls12, EXPECT_TS_REQUEST, challenge({ version })],
      ...[EXPECT_TS_REQUEST, end],
    );
  const judged = async (scenario: Scenario): Promise<string> => {
    const settings = {
      ...DEFAULT_SETTINGS,
      stageLimitsMs: { ...DEFAULT_SETTINGS.stageLimitsMs, credssp: 300 },
    };
    const { handshake } = await runInMemory(scenario, settings, 'whole', logonOf());
    const { authentication, logon: report } = handshake.credssp;
    return `${authentication} ${report?.outcome} ${handshake.outcome.how}`;
  };
  t.equal(await judged(ends(2, CLOSE)), 'refused refused closed');
  t.equal(await judged(ends(5, CLOSE)), 'refused refused closed');
  t.equal(await judged(ends(6, CLOSE)), 'unknown no-answer closed');
  t.equal(await judged(ends(2, RESET)), 'unknown no-answer reset');
  t.equal(await judged(ends(6, STALL)), 'unknown no-answer timeout');
});

t.test('interception is named', async (t) => {
  for (const [fault, outcome, certainty] of [
    ['other-key', 'key-not-proved', 'likely'],
    ['bad-seal', 'key-not-proved', 'likely'],
    ['other-version', 'version-changed', 'possible'],
    ['other-certificate', 'certificate-changed', 'likely'],
    ['no-proof', 'unexpected', 'possible'],
  ] as const) {
    const run = await runOverLoopback(asked(logon({ fault }), tls12), DEFAULT_SETTINGS, logonOf());
    t.match(factsOf(run), {
      status: 'failed',
      failedAt: 'credssp',
      how: 'malformed',
      credssp: 'failed',
      authentication: 'unknown',
      logon: outcome,
    });
    t.equal(causesOf(run)[0], `tls-interception-breaks-nla ${certainty}`, fault);
  }
});

t.test('a server that answers a logon with anything else', async (t) => {
  const opened = [EXPECT_REQUEST, send(CONFIRM_HYBRID), tls12, EXPECT_TS_REQUEST, challenge()];
  const request = (fields: Parameters<typeof encodeTsRequest>[0]): Step =>
    send(toHex(encodeTsRequest({ ...fields })));
  const answers: readonly (readonly [name: string, step: Step, how: string])[] = [
    ['the challenge again', challenge(), 'malformed'],
    ['an empty TSRequest', request({ version: 6 }), 'malformed'],
    ['a proof of no length', request({ version: 6, pubKeyAuth: bytes(0) }), 'malformed'],
    ['a long proof', request({ version: 6, pubKeyAuth: bytes(70_000) }), 'malformed'],
    ['half a TSRequest', send('3082ffff a003020106'), 'timeout'],
    ['an unreadable TSRequest', send('3003020106'), 'malformed'],
    ['success, without a proof', send('00000000'), 'timeout'],
    ['no right to log on', send('05000000'), 'error-code'],
    ['a TPKT', send('0300000902f0802180'), 'closed'],
    ['what never ends', { do: 'flood', hex: '30050203' }, 'malformed'],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map(
      (seed) =>
        [`bytes without a meaning ${seed}`, { do: 'garbage', seed, count: 300 }, ''] as const,
    ),
  ];
  const stageLimitsMs = { ...DEFAULT_SETTINGS.stageLimitsMs, credssp: 400 };
  for (const [name, answer, how] of answers) {
    const scenario = unlisted('odd', name, ...opened, EXPECT_TS_REQUEST, answer, STALL);
    const settings = { ...DEFAULT_SETTINGS, stageLimitsMs };
    const { handshake } = await runInMemory(scenario, settings, 'whole', logonOf());
    t.equal(handshake.outcome.failedAt, 'credssp', `${name}: ${handshake.outcome.detail}`);
    if (how !== '') t.equal(handshake.outcome.how, how);
    t.not(handshake.credssp.authentication, 'accepted');
    t.not(handshake.credssp.logon?.outcome, 'accepted');
  }
});

t.test('a challenge that is not answered is no failure, and told', async (t) => {
  const flags = 0xe2898235 & ~0x00080000;
  const run = await runInMemory(
    asked(logon({ flags: flags >>> 0 })),
    DEFAULT_SETTINGS,
    'whole',
    logonOf(),
  );
  t.match(factsOf(run), {
    status: 'ok',
    credssp: 'completed',
    mcs: 'not-attempted',
    authentication: 'not-attempted',
    logon: 'unsupported',
  });
  t.match(run.handshake.outcome.detail, /no logon was tried: .*extended session security/);
});

t.test('credentials are used once', async (t) => {
  const once = logonOf();
  const [first, second] = [
    await runInMemory(asked(logon()), DEFAULT_SETTINGS, 'whole', once),
    await runInMemory(asked(logon()), DEFAULT_SETTINGS, 'whole', once),
  ];
  t.equal(first.handshake.credssp.authentication, 'accepted');
  t.equal(second.handshake.credssp.authentication, 'not-attempted');
  t.equal(second.handshake.outcome.status, 'ok');
});

t.test('.\\name is an account of the computer itself', async (t) => {
  t.equal(local.name, '.\\jane');
  const { sent } = converse({}, await rsaCertificate(), local);
  const token = Buffer.from(sent[1]?.negoTokens?.[0] ?? new Uint8Array());
  const at = token.readUInt32LE(32);
  t.equal(token.subarray(at, at + token.readUInt16LE(28)).toString('utf16le'), 'SRV01');
  t.equal(new Credentials('jane', '', RIGHT).name, 'jane');
  t.equal(jane().name, 'CORP\\jane');
  t.throws(() => new Credentials('jane', '', bytes(15)), RangeError);
});

t.test('Kerberos: whether it would be tried, for which service and realm', (t) => {
  const shown: NtlmChallenge = {
    targetName: 'CORP',
    netbiosComputerName: 'SRV01',
    netbiosDomainName: 'CORP',
    dnsComputerName: 'srv01.corp.example',
    dnsDomainName: 'corp.example',
    dnsTreeName: null,
    productVersion: null,
    timestamp: null,
    negotiateFlags: { value: 0, names: [] },
  };
  t.match(kerberosReport('srv01', shown), {
    service: 'TERMSRV/srv01',
    realm: 'CORP.EXAMPLE',
    wouldBeTried: true,
  });
  t.match(kerberosReport(null, shown), { service: null, wouldBeTried: false, why: /an address/ });
  const alone = { ...shown, netbiosDomainName: 'SRV01', dnsDomainName: 'srv01' };
  t.match(kerberosReport('srv01', alone), { realm: null, wouldBeTried: false, why: /no domain/ });
  t.match(kerberosReport('srv01', { ...shown, dnsDomainName: 'SRV01.corp.example' }), {
    realm: null,
  });
  t.match(kerberosReport('srv01', null), { realm: null, wouldBeTried: false });
  t.end();
});

t.test('nothing secret is in what is kept', async (t) => {
  const made: Uint8Array[] = [];
  const own = new Logon(jane(), SERVER_NAME, (count) => {
    const value = bytes(count);
    made.push(value);
    return value;
  });
  const run = await runOverLoopback(asked(logon()), DEFAULT_SETTINGS, own);
  t.equal(run.handshake.credssp.authentication, 'accepted');
  t.equal(made.length, 3, 'client challenge, session key, nonce');
  const kept = JSON.stringify([run.facts, run.handshake, jane(), own]);
  const shown = inspect([run, jane(), logonOf()], { depth: 20 });
  const secrets = [RIGHT, ntowfV2(RIGHT, 'jane', 'CORP'), ...made];
  t.notOk(`${kept}${shown}`.includes(PASSWORD));
  for (const secret of secrets) {
    const forms = [
      toHex(secret),
      Buffer.from(secret).toString('base64'),
      [...secret.subarray(0, 6)].join(','),
      [...secret.subarray(0, 6)].map((octet) => `${octet}`.padStart(3)).join(', '),
    ];
    for (const form of forms) t.notOk(kept.includes(form) || shown.includes(form));
  }
  t.notMatch(JSON.stringify([run.facts, run.handshake]), /jane/, 'not even who logged on');
});
