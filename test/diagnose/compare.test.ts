import t from 'tap';
import {
  type ComparisonInput,
  compare,
  type ReportComparison,
} from '../../src/diagnose/compare.js';
import type { Conclusion } from '../../src/diagnose/compared.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { CertificateReport, Handshake } from '../../src/handshake/handshake.js';
import type { PathReport } from '../../src/handshake/path.js';
import { type Changes, changed, died } from '../support/diagnose-fixtures.js';
import { STARTED_AT_MS } from '../support/handshake.js';
import { CLEAN_DIRECTION, hole, PATHS, pathReport } from '../support/path-fixtures.js';

const HOUR = 3_600_000;

/** One report: from this client, so many hours later. */
function report(
  seen: Handshake,
  where: {
    readonly client?: string;
    readonly hours?: number;
    readonly target?: string;
    readonly path?: PathReport;
  } = {},
): ComparisonInput {
  const moved: Handshake = {
    ...seen,
    client: { ...seen.client, address: where.client ?? '10.0.0.1' },
    startedAt: new Date(STARTED_AT_MS + (where.hours ?? 0) * HOUR).toISOString(),
  };
  const target = where.target ?? 'srv01.corp.example:3389';
  return {
    file: 'x.json',
    handshakes: [moved],
    diagnoses: [diagnose(target, [moved], STARTED_AT_MS, where.path ?? null)],
  };
}

const OTHER = { client: '10.7.0.1' };
const LATER = { hours: 24 };

function conclusionsOf(...inputs: readonly ComparisonInput[]): readonly string[] {
  return compare(inputs).conclusions.map(({ certainty, id }) => `${certainty} ${id}`);
}

function only(comparison: ReportComparison, id: string): Conclusion {
  const found = comparison.conclusions.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

const OTHER_LEAF = {
  sha256: 'ab'.repeat(32),
  sha1: 'cd'.repeat(20),
  spkiSha256: 'ef'.repeat(32),
  serialNumber: '77',
};

/** Another certificate, with the key of the healthy one. */
const SAME_KEY = { sha256: 'ab'.repeat(32), sha1: 'cd'.repeat(20), serialNumber: '77' };

t.test('the same twice: nothing differs', (t) => {
  const twice = compare([report(changed()), report(changed(), LATER)]);
  t.same(twice.conclusions, []);
  t.same(twice.notes, []);
  t.equal(twice.kind, 'times');
  t.same(
    twice.aspects.filter(({ differs }) => differs),
    [],
  );
  t.equal(compare([report(changed()), report(changed(), OTHER)]).kind, 'sites');
  t.equal(
    compare([report(changed()), report(changed())]).kind,
    'unclear',
    'at one and the same time',
  );
  t.end();
});

/** A, B, and what their difference says. */
const CASES: readonly (readonly [
  name: string,
  a: ComparisonInput,
  b: ComparisonInput,
  says: readonly string[],
])[] = [
  [
    'one issuer makes its own certificate for the name: TLS is opened on the way',
    report(changed()),
    report(
      changed({ leaf: { ...OTHER_LEAF, issuer: 'CN=Corp TLS Inspection', selfSigned: false } }),
      OTHER,
    ),
    ['likely interception'],
  ],
  [
    'the same before and after: a certificate of a CA may have been bound',
    report(changed()),
    report(changed({ leaf: { ...OTHER_LEAF, issuer: 'CN=Corp CA', selfSigned: false } }), LATER),
    ['possible certificate-replaced'],
  ],
  [
    'two certificates of one computer at the same time, both self-signed',
    report(changed(), LATER),
    report(changed({ leaf: OTHER_LEAF }), { ...OTHER, ...LATER }),
    ['possible certificates-differ'],
  ],
  [
    'a certificate that was made after the other was seen',
    report(changed()),
    report(
      changed({ leaf: { ...OTHER_LEAF, notBefore: new Date(STARTED_AT_MS + HOUR).toISOString() } }),
      LATER,
    ),
    ['likely certificate-renewed'],
  ],
  [
    'the same, given the other way round',
    report(
      changed({ leaf: { ...OTHER_LEAF, notBefore: new Date(STARTED_AT_MS + HOUR).toISOString() } }),
      LATER,
    ),
    report(changed()),
    ['likely certificate-renewed'],
  ],
  [
    'a certificate that was renewed, and its key kept: nothing in between shows it',
    report(changed()),
    report(changed({ leaf: { ...SAME_KEY, issuer: 'CN=Corp CA', selfSigned: false } }), OTHER),
    ['certain certificate-renewed'],
  ],
  [
    'a report of an earlier version, which tells nothing of the key',
    report(changed({ leaf: { spkiSha256: null } })),
    report(changed({ leaf: { ...SAME_KEY, issuer: 'CN=Corp CA', selfSigned: false } }), OTHER),
    ['likely interception'],
  ],
  [
    'members of a farm: the server says who it is',
    report(changed()),
    report(
      changed({
        leaf: { ...OTHER_LEAF, subject: 'CN=srv02.corp.example', issuer: 'CN=srv02.corp.example' },
        ntlm: { netbiosComputerName: 'SRV02', dnsComputerName: 'srv02.corp.example' },
      }),
      OTHER,
    ),
    ['certain different-machines'],
  ],
  [
    'without NLA only the certificates tell',
    report(changed({ ntlm: null, credssp: { ntlm: null } })),
    report(
      changed({
        leaf: { ...OTHER_LEAF, subject: 'CN=srv02.corp.example', issuer: 'CN=srv02.corp.example' },
        ntlm: null,
        credssp: { ntlm: null },
      }),
      OTHER,
    ),
    ['likely different-machines'],
  ],
  [
    'split DNS',
    report(changed({ name: 'srv01.corp.example' })),
    report(changed({ name: 'srv01.corp.example', address: '192.0.2.9' }), OTHER),
    ['certain resolves-differently'],
  ],
  [
    'a filter at one site',
    report(changed()),
    report(died('tcp', 'timeout'), OTHER),
    ['likely filter-at-one-site'],
  ],
  [
    'a filter, or it was down: hours lie between',
    report(changed()),
    report(died('tcp', 'timeout'), { ...OTHER, ...LATER }),
    ['possible filter-at-one-site'],
  ],
  [
    'other software',
    report(changed({ ntlm: null })),
    report(changed({ ntlm: null, response: { serverKind: 'xrdp' } }), OTHER),
    ['likely different-software'],
  ],
  [
    'one that looks into TLS',
    report(changed()),
    report(died('tls', 'reset'), OTHER),
    ['possible filter-at-one-site'],
  ],
  [
    'the name is not known there',
    report(changed()),
    report(died('resolve', 'not-found'), OTHER),
    ['certain name-not-known-there'],
  ],
  ['it broke', report(changed()), report(died('tls', 'reset'), LATER), ['certain broke-between']],
  [
    'it was repaired',
    report(died('tls', 'reset')),
    report(changed(), LATER),
    ['certain repaired-between'],
  ],
  [
    'it fails everywhere',
    report(died('tls', 'reset')),
    report(died('tls', 'reset'), OTHER),
    ['likely same-failure'],
  ],
  [
    'in different ways',
    report(died('tls', 'reset')),
    report(died('tcp', 'refused'), OTHER),
    ['certain different-failures'],
  ],
  [
    'another MSS from the same server',
    report(changed({ tcp: { mss: { client: 1460, server: 1460 } } })),
    report(changed({ tcp: { mss: { client: 1460, server: 1360 } } }), OTHER),
    ['likely mss-clamped'],
  ],
  [
    'settings of the server were changed',
    report(changed()),
    report(
      changed({ response: { selectedProtocol: { value: 2, name: 'PROTOCOL_HYBRID' } } }),
      LATER,
    ),
    ['likely settings-changed'],
  ],
  [
    'the same from elsewhere',
    report(changed()),
    report(changed({ tls: { version: 'TLSv1.0', cipher: 'TLS_RSA_WITH_AES_128_CBC_SHA' } }), OTHER),
    ['possible answers-differ'],
  ],
  [
    'they asked for different things',
    report(changed()),
    report(
      changed({
        request: { requestedProtocols: { value: 1, names: ['PROTOCOL_SSL'] } },
        response: { selectedProtocol: { value: 1, name: 'PROTOCOL_SSL' } },
      }),
      OTHER,
    ),
    ['certain asked-differently'],
  ],
  [
    'an update',
    report(changed()),
    report(changed({ credssp: { version: 2 } }), LATER),
    ['likely credssp-version-changed'],
  ],
  [
    'an upgrade',
    report(changed()),
    report(changed({ ntlm: { productVersion: '10.0.26100' } }), LATER),
    ['likely windows-upgraded'],
  ],
  [
    'a slow way',
    report(changed({ tcp: { rttMs: 4 } })),
    report(changed({ tcp: { rttMs: 61 } }), OTHER),
    ['certain slower-way'],
  ],
  [
    'times that vary',
    report(changed({ tcp: { rttMs: 4 } })),
    report(changed({ tcp: { rttMs: 12 } }), OTHER),
    [],
  ],
  [
    'a tunnel of one site',
    report(changed(), { path: PATHS.clean }),
    report(changed(), { ...OTHER, path: PATHS.holeFromServer }),
    ['likely site-tunnel-mtu'],
  ],
  [
    'a hole that all have',
    report(changed(), { path: PATHS.holeFromServer }),
    report(changed(), { ...OTHER, path: PATHS.holeFromServer }),
    ['likely common-mtu-hole'],
  ],
  [
    'a smaller MTU that both ends know',
    report(changed(), { path: PATHS.clean }),
    report(changed(), {
      ...OTHER,
      path: pathReport({
        mtu: { toServer: CLEAN_DIRECTION, fromServer: { ...hole(1400), mechanism: 'pmtud' } },
      }),
    }),
    ['certain smaller-mtu'],
  ],
  [
    'loss at one site',
    report(changed(), { path: PATHS.clean }),
    report(changed(), { ...OTHER, path: PATHS.heavyLoss }),
    ['likely loss-at-one-site'],
  ],
  [
    'UDP is filtered at one site',
    report(changed(), { path: PATHS.clean }),
    report(changed(), { ...OTHER, path: PATHS.udpSilent }),
    ['likely udp-blocked-at-one-site'],
  ],
];

t.test('what a difference says', (t) => {
  for (const [name, a, b, says] of CASES) {
    const found = conclusionsOf(a, b);
    t.same(found, says, name);
    for (const { says: text, separate } of compare([a, b]).conclusions) {
      t.match(text, /^[A-Z][^\n]*\.$/, `${name}: one sentence or more`);
      if (separate !== null) t.match(separate, /^[^\n]*[.?:]$/);
    }
  }
  t.end();
});

t.test('the key is told where it is known', (t) => {
  const [before, issued] = [report(changed()), { issuer: 'CN=Proxy', selfSigned: false }];
  const other = report(changed({ leaf: { ...OTHER_LEAF, ...issued } }), OTHER);
  t.match(
    only(compare([before, other]), 'interception').says,
    /; their keys differ too\. On the way/,
  );
  const { spkiSha256: _, ...leaf } = before.handshakes[0]?.tls.certificates[0] ?? {};
  const earlier = changed({ tls: { certificates: [leaf as CertificateReport] } });
  const unknown = compare([report(earlier), other]);
  t.notMatch(only(unknown, 'interception').says, /key/);
  t.same(unknown.aspects.find(({ aspect }) => aspect === 'public key')?.values, [
    null,
    OTHER_LEAF.spkiSha256,
  ]);
  const notBefore = new Date(STARTED_AT_MS + HOUR).toISOString();
  const renewed = report(changed({ leaf: { ...OTHER_LEAF, notBefore } }), LATER);
  t.match(
    only(compare([before, renewed]), 'certificate-renewed').says,
    /the two, with another key \(/,
  );
  t.end();
});

t.test('of more than two, the odd one is named', (t) => {
  const odd = compare([
    report(changed()),
    report(changed({ leaf: { ...OTHER_LEAF, issuer: 'CN=Proxy', selfSigned: false } }), {
      client: '10.1.0.1',
    }),
    report(changed(), { client: '10.2.0.1' }),
    report(died('tcp', 'timeout'), { client: '10.3.0.1' }),
  ]);
  t.match(
    only(odd, 'interception').says,
    /A and C saw 9b1c7e02 .*self-signed.*, B saw cdcdcdcd .*issued by Proxy/,
  );
  t.match(
    only(odd, 'filter-at-one-site').says,
    /^D died at tcp \(timeout.*\), and A, B and C did not/,
  );
  t.same(
    odd.reports.map(({ label }) => label),
    ['A', 'B', 'C', 'D'],
  );
  t.same(odd.aspects.find(({ aspect }) => aspect === 'issuer')?.values, [
    'srv01.corp.example',
    'Proxy',
    'srv01.corp.example',
    null,
  ]);
  t.end();
});

t.test('different targets are said, and compared', (t) => {
  const two = compare([report(changed()), report(changed(), { target: 'other:3389', ...OTHER })]);
  t.match(two.notes, [
    /^The reports are of different targets \(A srv01\.corp\.example:3389, B other:3389\)/,
  ]);
  t.ok(two.aspects.find(({ aspect }) => aspect === 'target')?.differs);
  const both = report(changed());
  const many = {
    ...both,
    diagnoses: [...report(changed(), { target: 'other:3389' }).diagnoses, ...both.diagnoses],
  };
  const chosen = compare([many, both]);
  t.same(
    chosen.reports.map(({ target }) => target),
    ['srv01.corp.example:3389', 'srv01.corp.example:3389'],
  );
  t.match(chosen.notes, [/^A is about 2 targets: srv01\.corp\.example:3389 is compared\.$/]);
  t.end();
});

t.test('a path without a handshake, captures, and what is not known', (t) => {
  const path = {
    file: 'p',
    handshakes: [],
    diagnoses: [diagnose('srv01:3389', [], STARTED_AT_MS, PATHS.holeFromServer)],
  };
  const captured: Changes = {
    source: { kind: 'capture', file: 'c', stream: 0, firstPacket: 1, lastPacket: 9 },
  };
  t.doesNotThrow(() => compare([path, path]));
  t.same(conclusionsOf(path, report(changed(), { path: PATHS.clean })), ['likely site-tunnel-mtu']);
  t.match(compare([report(changed(captured)), report(changed())]).notes, [
    /^They were not observed in the same way: A is from a capture and B was live/,
  ]);
  t.end();
});
