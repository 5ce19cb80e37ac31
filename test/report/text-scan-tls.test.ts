import t from 'tap';
import type { TlsAnswer, TlsHelloAnswer, TlsScan } from '../../src/handshake/scan-tls.js';
import { cleanStrings } from '../../src/report/clean.js';
import { renderTlsScan } from '../../src/report/text-scan-tls.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth } from '../../src/report/width.js';
import { surveyTls, tlsNotAsked } from '../../src/scan/tls-survey.js';
import { suiteTraits } from '../../src/wire/suite-traits.js';
import { cipherSuite, namedGroup, signatureScheme, tlsVersion } from '../../src/wire/tls-names.js';
import { askInMemory } from '../support/scan.js';
import { SSL3_SERVER_FLIGHT } from '../vectors/ssl3.js';

const STYLE: TextStyle = { width: 80, color: false, unicode: true, detail: 'normal' };

function render(scan: TlsScan, style: Partial<TextStyle> = {}): string {
  const full = { ...STYLE, ...style };
  return renderTlsScan(cleanStrings(scan, { ascii: !full.unicode }), full).join('\n');
}

function hello(version: number, suite: number): TlsHelloAnswer {
  return {
    kind: 'hello',
    version: tlsVersion(version),
    suite: cipherSuite(suite),
    group: null,
    retry: false,
    primeBits: null,
    signature: null,
    extensions: [],
    compression: 0,
    certificateKey: null,
    complete: true,
  };
}

function suite(value: number, primeBits: number | null = null) {
  const named = cipherSuite(value);
  return { suite: named, traits: suiteTraits(named), group: null, primeBits, signature: null };
}

const ALERT: TlsAnswer = { kind: 'alert', description: { value: 40, name: 'handshake_failure' } };

/** A server with something of everything. */
const EVERYTHING: TlsScan = {
  cutShort: null,
  connections: 33,
  versions: [
    {
      version: tlsVersion(0x0304),
      status: 'accepted',
      why: 'it chose TLS 1.3 with TLS_AES_128_GCM_SHA256',
      suites: [{ ...suite(0x1301), group: namedGroup(0x1d) }],
      complete: false,
      order: null,
    },
    {
      version: tlsVersion(0x0303),
      status: 'accepted',
      why: '',
      suites: [suite(0xcca8), suite(0x009e, 1024), suite(0xc013), suite(0x009c), suite(0x0004)],
      complete: true,
      order: 'server',
    },
    {
      version: tlsVersion(0x0302),
      status: 'unanswered',
      why: 'a reset',
      suites: [],
      complete: false,
      order: null,
    },
    {
      version: tlsVersion(0x0301),
      status: 'refused',
      why: 'alert protocol_version',
      suites: [],
      complete: false,
      order: null,
    },
    {
      version: tlsVersion(0x0300),
      status: 'accepted',
      why: '',
      suites: [suite(0x0005)],
      complete: true,
      order: null,
    },
  ],
  groups: [
    {
      version: tlsVersion(0x0304),
      groups: [namedGroup(0x1d), namedGroup(0x7777)],
      complete: false,
    },
  ],
  size: {
    verdict: 'only-large-fails',
    smallBytes: 278,
    largeBytes: 1800,
    says: 'the short one got TLS 1.3, the long one silence for 10 s',
  },
  weak: { status: 'accepted', says: 'TLS_RSA_WITH_RC4_128_MD5 and 1 more' },
  features: {
    renegotiationInfo: true,
    extendedMasterSecret: false,
    encryptThenMac: null,
    sessionTickets: true,
    compression: false,
  },
  certificateKeys: [
    { type: 'RSA', bits: 2048 },
    { type: 'Ed25519', bits: null },
  ],
  signatures: [signatureScheme(0x0804)],
  signaturesComplete: true,
  primeBits: [1024],
  questions: [
    {
      topic: 'versions',
      reason: 'the highest version up to TLS 1.3',
      version: tlsVersion(0x0304),
      suites: 30,
      helloBytes: 278,
      answer: hello(0x0304, 0x1301),
      handshake: 3,
    },
    {
      topic: 'weak',
      reason: 'whether it is weak',
      version: tlsVersion(0x0303),
      suites: 1,
      helloBytes: null,
      answer: ALERT,
      handshake: null,
    },
  ],
};

t.test('something of everything', (t) => {
  t.equal(
    render(EVERYTHING),
    `
TLS 1.3      ✓ accepted: TLS_AES_128_GCM_SHA256 with x25519
TLS 1.2      ✓ accepted, 5 suites
TLS 1.1      … not answered: a reset
TLS 1.0      · refused: alert protocol_version
SSL 3.0      ✗ accepted, 1 suite

TLS 1.2, 5 suites, in the server's order
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256  ✓
  TLS_DHE_RSA_WITH_AES_128_GCM_SHA256          ✗ DH 1024
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA           ! CBC, SHA-1
  TLS_RSA_WITH_AES_128_GCM_SHA256              ! no forward secrecy
  TLS_RSA_WITH_RC4_128_MD5                     ✗ RC4, MD5, no forward secrecy

SSL 3.0, one suite
  TLS_RSA_WITH_RC4_128_SHA  ✗ RC4, SHA-1, no forward secrecy

weak suites  accepted: TLS_RSA_WITH_RC4_128_MD5 and 1 more
hello size   only the long one of 278 and 1800 bytes dies: the short one got TLS
             1.3, the long one silence for 10 s
groups       TLS 1.3: x25519, 0x7777, and perhaps more
DH primes    1024 bits
certificate  RSA 2048, Ed25519
signatures   rsa_pss_rsae_sha256
has          secure renegotiation, session tickets
has not      extended master secret, compression
asked in     33 connections`.slice(1),
  );
  t.match(
    render(EVERYTHING, { detail: 'verbose' }).replaceAll(/\s+/g, ' '),
    'question 1 the highest version up to TLS 1.3 (TLS 1.3, 30 suites, 278 bytes): TLS 1.3 with',
  );
  t.match(render({ ...EVERYTHING, cutShort: 'the limit was reached' }), /then no more: the limit/);
  t.end();
});

t.test('no line is wider than the terminal, whatever is in it', async (t) => {
  const found = await surveyTls(askInMemory(() => [{ do: 'send', hex: SSL3_SERVER_FLIGHT }]).ask, {
    ciphers: true,
    limit: 400,
  });
  const hostile: TlsScan = {
    ...EVERYTHING,
    certificateKeys: [{ type: '\u001b[2J\u202e evil '.repeat(9), bits: 1 }],
    cutShort: 'x\u0007y '.repeat(50),
  };
  for (const scan of [found, EVERYTHING, hostile, tlsNotAsked('it was not asked '.repeat(20))]) {
    for (const width of [80, 60, 40]) {
      for (const unicode of [true, false]) {
        const text = render(scan, { width, unicode, detail: 'verbose', color: width === 60 });
        const widths = text.split('\n').map(displayWidth);
        t.ok(width < 80 || Math.max(...widths) <= width, `${Math.max(...widths)} of ${width}`);
        for (const harmful of ['\u001b[2J', '\u202e', '\u0007']) t.notOk(text.includes(harmful));
        const foreign = [...text].filter((sign) => sign > '~');
        if (!unicode) t.strictSame(foreign, []);
      }
    }
  }
});

t.test('nothing was asked', (t) => {
  t.equal(render(tlsNotAsked('it is RDP only')), 'TLS          not asked: it is RDP only');
  t.end();
});

t.test('each answer has its words', (t) => {
  const rows: readonly (readonly [TlsAnswer, RegExp])[] = [
    [ALERT, /alert handshake_failure/],
    [{ kind: 'alert', description: { value: 251, name: null } }, /alert 0x00fb/],
    [{ kind: 'reset' }, /a reset/],
    [{ kind: 'closed' }, /the end of the connection/],
    [{ kind: 'silence', waitedMs: 1500 }, /silence for 1\.5 s/],
    [{ kind: 'malformed', problem: 'it is SSH' }, /no answer: it is SSH/],
    [{ kind: 'no-tls', why: 'refused' }, /refused/],
    [hello(0x0300, 0x0005), /SSL 3\.0 with TLS_RSA_WITH_RC4_128_SHA/],
    [hello(0x7f12, 0xeeee), /0x7f12 with 0xeeee/],
  ];
  for (const [answer, words] of rows) {
    const [question] = EVERYTHING.questions;
    if (question === undefined) throw new Error('no question');
    const scan = { ...EVERYTHING, questions: [{ ...question, answer }] };
    t.match(render(scan, { detail: 'verbose' }).replaceAll(/\s+/g, ' '), words);
  }
  t.end();
});
