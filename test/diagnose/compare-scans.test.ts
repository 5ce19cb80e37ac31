import t from 'tap';
import {
  type ComparisonInput,
  compare,
  type ReportComparison,
} from '../../src/diagnose/compare.js';
import { COULD_TELL } from '../../src/diagnose/compare-scan-rows.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { ScanReport } from '../../src/handshake/scan.js';
import type { TlsScan, TlsVersionReport } from '../../src/handshake/scan-tls.js';
import { WEAK_SETTING_IDS } from '../../src/scan/weak-settings.js';
import { type Changes, changed } from '../support/diagnose-fixtures.js';
import { STARTED_AT_MS, value } from '../support/handshake.js';
import { CLIENTS, NOTHING_FOUND, TLS_SCAN } from '../support/scan-fixtures.js';
import { SCRIPTED, type ScriptedServer, scanOf } from '../support/scan-servers.js';

const HOUR = 3_600_000;
const TARGET = 'srv01.corp.example:3389';

interface Where {
  readonly client?: string;
  readonly hours?: number;
  readonly seen?: Changes;
}

/** A saved report with this scan; null: a check. */
function report(scan: ScanReport | null, { client, hours = 0, seen }: Where = {}): ComparisonInput {
  const handshake = {
    ...changed(seen),
    client: { address: client ?? '10.0.0.1', port: 49152 },
    startedAt: new Date(STARTED_AT_MS + hours * HOUR).toISOString(),
  };
  const diagnosis = diagnose(TARGET, [handshake], STARTED_AT_MS);
  return { file: 'x.json', handshakes: [handshake], diagnoses: [{ ...diagnosis, scan }] };
}

const BRANCH = { client: '10.7.0.1' };
const LATER = { hours: 24 };
const OTHER_KEY = {
  sha256: 'ab'.repeat(32),
  sha1: 'cd'.repeat(20),
  spkiSha256: 'ef'.repeat(32),
};

function serverOf(name: string): ScriptedServer {
  const found = SCRIPTED[name];
  if (found === undefined) throw new Error(name);
  return found;
}

const SUITES = [
  { suite: value(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'), traits: [] },
  { suite: value(0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), traits: [] },
].map((one) => ({ ...one, group: null, primeBits: null, signature: null }));

function version(
  number: number,
  name: string,
  status: TlsVersionReport['status'],
  fields: Partial<TlsVersionReport> = {},
): TlsVersionReport {
  return {
    version: value(number, name),
    status,
    why: 'so it answered',
    suites: [],
    complete: false,
    order: null,
    ...fields,
  };
}

const TLS_1_2 = version(0x0303, 'TLSv1.2', 'accepted', { suites: SUITES.slice(0, 1) });
const ALL_OF_1_2 = { ...TLS_1_2, suites: SUITES, complete: true };

/** A server of today, asked for versions alone. */
function tls(fields: Partial<TlsScan> = {}): TlsScan {
  return {
    ...TLS_SCAN,
    versions: [
      version(0x0304, 'TLSv1.3', 'accepted'),
      TLS_1_2,
      version(0x0302, 'TLSv1.1', 'refused'),
      version(0x0301, 'TLSv1.0', 'refused'),
    ],
    groups: [],
    size: { ...TLS_SCAN.size, verdict: 'same' },
    weak: { status: 'refused', says: 'an alert' },
    features: { ...TLS_SCAN.features, extendedMasterSecret: true },
    primeBits: [],
    ...fields,
  };
}

function only(status: TlsVersionReport['status'], number: number, name: string): TlsScan {
  const { versions } = tls();
  return tls({
    versions: versions.map((one) =>
      one.version.value === number ? version(number, name, status) : one,
    ),
  });
}

function scan(
  name: keyof typeof SCRIPTED,
  ofTls: TlsScan = tls(),
  fields: Partial<ScanReport> = {},
): ScanReport {
  return scanOf(serverOf(name), { tls: ofTls, clients: CLIENTS, ...fields });
}

const WINDOWS = scan('windows');
const WITH_TLS_1_0 = scan('windows', only('accepted', 0x0301, 'TLSv1.0'), {
  weaknesses: [{ id: 'tls-1.0', title: 'TLS 1.0 is spoken', says: 'chosen', handshakes: [3] }],
});
const WITHOUT_XP = scan('windows', tls(), {
  clients: {
    ...CLIENTS,
    profiles: CLIENTS.profiles.map((one) => ({
      ...one,
      verdict: 'cannot' as const,
      stage: 'tls' as const,
    })),
  },
});

const CASES: readonly (readonly [
  name: string,
  a: ComparisonInput,
  b: ComparisonInput,
  says: readonly string[],
])[] = [
  ['the same twice', report(WINDOWS), report(WINDOWS, BRANCH), []],
  ['a check beside a scan', report(WINDOWS), report(null, BRANCH), []],
  [
    'a server that was hardened between',
    report(WITH_TLS_1_0),
    report(WINDOWS, LATER),
    ['likely settings-changed', 'likely hardened-between'],
  ],
  [
    'and one that was made weaker',
    report(WINDOWS),
    report(WITH_TLS_1_0, LATER),
    ['likely settings-changed', 'likely weakened-between'],
  ],
  [
    'NLA is not required any more',
    report(WINDOWS),
    report(scan('windowsTls'), LATER),
    ['likely settings-changed', 'likely weakened-between'],
  ],
  [
    'members of a farm, of which one is hardened',
    report(WITH_TLS_1_0),
    report(WINDOWS, {
      ...BRANCH,
      seen: { leaf: OTHER_KEY, ntlm: { dnsComputerName: 'srv02.corp.example' } },
    }),
    ['certain different-machines', 'likely members-differ', 'likely member-hardened'],
  ],
  [
    'one site through something that ends TLS',
    report(scan('windows', tls({ versions: [ALL_OF_1_2] }))),
    report(scan('windows', tls({ versions: [{ ...ALL_OF_1_2, suites: SUITES.slice(1) }] })), {
      ...BRANCH,
      seen: { leaf: { ...OTHER_KEY, issuer: 'CN=Corp TLS Inspection', selfSigned: false } },
    }),
    ['likely interception', 'likely tls-answered-by-another'],
  ],
  [
    'the same with the same key: nothing ends TLS there',
    report(scan('windows', tls({ versions: [ALL_OF_1_2] }))),
    report(
      scan('windows', tls({ versions: [{ ...ALL_OF_1_2, suites: SUITES.slice(1) }] })),
      BRANCH,
    ),
    ['possible answers-differ'],
  ],
  [
    'weaker from one site, and who knows why',
    report(WINDOWS),
    report(WITH_TLS_1_0, BRANCH),
    ['possible answers-differ', 'possible one-is-weaker'],
  ],
  [
    'each is weak in something',
    report(WITH_TLS_1_0),
    report(scan('windowsTls'), BRANCH),
    ['possible answers-differ', 'certain weak-settings-differ'],
  ],
  [
    'a client that one of them lets in',
    report(WINDOWS),
    report(WITHOUT_XP, BRANCH),
    ['likely clients-differ'],
  ],
  [
    'TLS 1.3 gets no answer from one site',
    report(WINDOWS),
    report(scan('windows', only('unanswered', 0x0304, 'TLSv1.3')), BRANCH),
    ['possible hello-filtered-at-one-site'],
  ],
  [
    'only the long ClientHello dies there',
    report(WINDOWS),
    report(
      scan('windows', tls({ size: { ...TLS_SCAN.size, verdict: 'only-large-fails' } })),
      BRANCH,
    ),
    ['likely hello-filtered-at-one-site'],
  ],
  [
    'it did not, yesterday',
    report(WINDOWS),
    report(
      scan('windows', tls({ size: { ...TLS_SCAN.size, verdict: 'only-large-fails' } })),
      LATER,
    ),
    ['possible hello-unanswered'],
  ],
  [
    'standard RDP security of another strength',
    report(scan('shadowRdp', tls(), { rdpSecurity: methods([1, 2]) })),
    report(scan('shadowRdp', tls(), { rdpSecurity: methods([2]) }), LATER),
    ['likely settings-changed'],
  ],
];

function methods(accepted: readonly number[]): ScanReport['rdpSecurity'] {
  return {
    methods: [1, 2].map((number) => ({
      method: value(number, number === 1 ? 'ENCRYPTION_METHOD_40BIT' : 'ENCRYPTION_METHOD_128BIT'),
      accepted: accepted.includes(number),
      says: 'it was asked for alone',
      handshake: 4,
    })),
    chosen: value(2, 'ENCRYPTION_METHOD_128BIT'),
    level: value(2, 'ENCRYPTION_LEVEL_CLIENT_COMPATIBLE'),
    certificate: null,
    rdpVersion: null,
    handshakes: [4],
  };
}

t.test('what a difference of scans says', (t) => {
  for (const [name, a, b, says] of CASES) {
    const { conclusions } = compare([a, b]);
    t.same(
      conclusions.map(({ certainty, id }) => `${certainty} ${id}`),
      says,
      name,
    );
    for (const { says: text, separate } of conclusions) {
      t.match(text, /^[A-Z][^\n]*\.$/, `${name}: one sentence or more`);
      if (separate !== null) t.match(separate, /^[^\n]*[.?]$/);
    }
  }
  t.end();
});

function differing({ aspects }: ReportComparison): readonly string[] {
  return aspects
    .filter(({ differs }) => differs)
    .map(({ part, aspect, values }) => `${part}: ${aspect}: ${values.join(' | ')}`);
}

t.test('the rows that differ', (t) => {
  t.same(differing(compare([report(WINDOWS), report(scan('windowsTls'), BRANCH)])), [
    'negotiation: layer: nla-only | tls-or-nla',
    'negotiation: NLA: required | available',
    'negotiation: 0x01 TLS: failure 5 HYBRID_REQUIRED_BY_SERVER | TLS',
    'negotiation: 0x00 RDP: failure 5 HYBRID_REQUIRED_BY_SERVER | failure 1 SSL_REQUIRED_BY_SERVER',
    'negotiation: no negotiation: failure 5 HYBRID_REQUIRED_BY_SERVER | failure 1 SSL_REQUIRED_BY_SERVER',
    'negotiation: 0x14 RDSTLS RDS-AAD: failure 5 HYBRID_REQUIRED_BY_SERVER | failure 1 SSL_REQUIRED_BY_SERVER',
    'weak settings: nla-not-required: not found | found',
  ]);
  t.same(differing(compare([report(WITH_TLS_1_0), report(WINDOWS, LATER)])), [
    'TLS: TLS 1.0: accepted | refused',
    'weak settings: tls-1.0: found | not found',
  ]);
  t.end();
});

t.test('a suite is refused only where all of them were asked for', (t) => {
  const asked = report(scan('windows', tls({ versions: [ALL_OF_1_2] })));
  const fewer = report(
    scan('windows', tls({ versions: [{ ...ALL_OF_1_2, suites: SUITES.slice(0, 1) }] })),
    BRANCH,
  );
  const unasked = report(scan('windows', tls({ versions: [TLS_1_2] })), { client: '10.8.0.1' });
  const suites = compare([asked, fewer, unasked]).aspects.filter(({ part }) => part === 'suites');
  t.same(
    suites.map(({ aspect, values }) => [aspect, ...values]),
    [
      ['TLS 1.2: ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'taken', 'taken', null],
      ['TLS 1.2: ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'taken', 'refused', null],
    ],
  );
  t.same(compare([asked, unasked]).conclusions, [], 'scans that asked for more and for less');
  t.end();
});

t.test('a weak setting is absent only where it was asked for', (t) => {
  t.strictSame(Object.keys(COULD_TELL).toSorted(), [...WEAK_SETTING_IDS].toSorted());
  const none = report({ ...WINDOWS, ...NOTHING_FOUND }, { seen: { tls: { certificates: [] } } });
  t.same(
    compare([none, none]).aspects.filter(({ part }) => part === 'weak settings'),
    [],
    'a scan that learned nothing knows of no weakness',
  );
  const both = compare([report(WITH_TLS_1_0), report({ ...WINDOWS, ...NOTHING_FOUND }, LATER)]);
  t.same(both.conclusions, [], 'what was not asked is no improvement');
  const later = {
    ...WINDOWS,
    weaknesses: [{ id: 'of-a-later-version', title: 'x', says: 'x', handshakes: [] }],
  };
  const row = compare([report(later), report(WINDOWS)]).aspects.find(
    ({ aspect }) => aspect === 'of-a-later-version',
  );
  t.same(row?.values, ['found', null]);
  t.notOk(row?.differs);
  t.end();
});

t.test('several servers behind one address', (t) => {
  const first = changed();
  const second = changed({ id: 1, ntlm: { dnsComputerName: 'srv02.corp.example' } });
  const diagnosis = diagnose(TARGET, [first, second], STARTED_AT_MS);
  const farm = { file: 'farm.json', handshakes: [first, second], diagnoses: [diagnosis] };
  t.match(compare([farm, report(null)]).notes, [
    /^A was answered by several computers at 10\.0\.0\.2 \(srv01\.corp\.example and srv02/,
  ]);
  const { negotiation } = WINDOWS;
  if (negotiation === null) throw new Error('it has a matrix');
  const unsteady: ScanReport = {
    ...WINDOWS,
    negotiation: {
      ...negotiation,
      conclusions: {
        ...negotiation.conclusions,
        answers: { value: 'differ', says: 'once so and once so', handshakes: [1, 2] },
      },
    },
  };
  t.match(compare([report(WINDOWS), report(unsteady)]).notes, [
    /^B got different answers to the same offer within one scan/,
  ]);
  t.same(compare([report(WINDOWS), report(WINDOWS)]).notes, []);
  t.end();
});
