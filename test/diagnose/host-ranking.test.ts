import t from 'tap';
import type { CauseId } from '../../src/diagnose/causes.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import type { Diagnosis, Finding } from '../../src/diagnose/finding.js';
import type { HostFacts } from '../../src/diagnose/host-facts.js';
import { hostMatch } from '../../src/diagnose/host-match.js';
import { hostReadings } from '../../src/diagnose/host-ranking.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { changed, died } from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';
import {
  FIREWALL,
  HOST,
  host,
  hostEvent,
  LISTENER,
  OWN_CERTIFICATE,
  SCHANNEL,
  serviceIn,
} from '../support/host-facts.js';

const SERVER = { address: '10.0.0.2', name: 'srv01.corp.example' };

function diagnosed(seen: Handshake, facts: HostFacts | null): Diagnosis {
  return diagnose('srv01.corp.example:3389', [seen], STARTED_AT_MS, null, { host: facts });
}

function brief({ findings }: Diagnosis): readonly string[] {
  return findings.map(({ certainty, cause }) => `${certainty} ${cause}`);
}

function only({ findings }: Diagnosis, cause: CauseId): Finding {
  const found = findings.find((one) => one.cause === cause);
  if (found === undefined) throw new Error(`no ${cause}`);
  return found;
}

function readingsOf(facts: HostFacts, seen: Handshake = changed(SERVER)): readonly string[] {
  return hostReadings(facts, seen).map(({ reading, cause }) => `${reading} ${cause}`);
}

t.test('a sound host confirms nothing but that it wants NLA and TLS', (t) => {
  t.same(
    readingsOf(HOST).filter((one) => !one.startsWith('refuted')),
    ['confirmed tls-required-by-server', 'confirmed nla-required-by-server'],
  );
  const nothing: HostFacts = {
    ...HOST,
    services: null,
    remoteDesktop: null,
    listener: null,
    port: null,
    certificates: null,
    schannel: null,
    logon: null,
    domain: null,
    firewall: null,
    events: null,
    updates: null,
    wmi: null,
    computer: { ...HOST.computer, edition: null, credSspVersion: null },
  };
  t.same(readingsOf(nothing), [], 'what was not read says nothing');
  t.end();
});

const AS_WINDOWS = died('tls', 'reset', SERVER);
const REFUSED = died('tcp', 'refused', SERVER);
const SILENT = died('tcp', 'timeout', SERVER);

/** What on a host confirms what. */
const CONFIRMED: readonly (readonly [CauseId, Partial<HostFacts>])[] = [
  ['termservice-not-running', { services: serviceIn('TermService', 'Stopped') }],
  ['termservice-hung', { services: serviceIn('TermService', 'StartPending') }],
  ['self-signed-cert-services-stopped', { services: serviceIn('KeyIso', 'Stopped', 4) }],
  ['rdp-disabled', { remoteDesktop: { denied: 1, deniedByPolicy: null, drainMode: 0 } }],
  ['rdp-disabled', { remoteDesktop: { denied: 0, deniedByPolicy: 1, drainMode: 0 } }],
  [
    'rdp-connection-limit-or-drain',
    { remoteDesktop: { denied: 0, deniedByPolicy: null, drainMode: 1 } },
  ],
  [
    'windows-edition-cannot-host',
    { computer: { ...HOST.computer, edition: 'CoreSingleLanguage' } },
  ],
  ['rdp-port-changed', { listener: { ...LISTENER, port: 3390 } }],
  ['rdp-listener-missing', { listener: { ...LISTENER, enabled: 0 } }],
  ['rdp-listener-missing', { port: { number: 3389, listeners: [] } }],
  ['rdp-listener-wrong-adapter', { listener: { ...LISTENER, lanAdapter: 2 } }],
  ['rdp-connection-limit-or-drain', { listener: { ...LISTENER, logonDisabled: 1 } }],
  ['security-layer-rdp-only', { listener: { ...LISTENER, securityLayer: 0 } }],
  [
    'security-layer-rdp-only',
    { listener: { ...LISTENER, policy: { ...LISTENER.policy, securityLayer: 0 } } },
  ],
  ['fips-mode-mismatch', { listener: { ...LISTENER, minEncryptionLevel: 4 } }],
  [
    'rdp-port-taken-by-other-app',
    {
      port: {
        number: 3389,
        listeners: [{ address: '::', port: 3389, process: 'vmms', services: ['vmms'] }],
      },
    },
  ],
  [
    'host-firewall-blockinboundalways',
    {
      firewall: {
        ...FIREWALL,
        profiles: FIREWALL.profiles.map((one) => ({ ...one, allowRules: 'False' })),
      },
    },
  ],
  ['host-firewall-wrong-profile', { firewall: { ...FIREWALL, networks: ['Public'] } }],
  ['host-firewall-rdp-rule', { firewall: { ...FIREWALL, rules: [] } }],
  [
    'host-firewall-rdp-rule',
    {
      firewall: {
        ...FIREWALL,
        rules: FIREWALL.rules.map((one) => ({ ...one, remote: ['10.9.0.0/16'] })),
      },
    },
  ],
  [
    'host-firewall-rdp-rule',
    {
      firewall: {
        ...FIREWALL,
        rules: [
          ...FIREWALL.rules,
          { name: 'deny', enabled: 'True', profile: 'Any', action: 'Block', remote: ['Any'] },
        ],
      },
    },
  ],
  ['listener-thumbprint-stale', { listener: { ...LISTENER, thumbprint: 'ab'.repeat(20) } }],
  ['server-has-no-usable-certificate', { certificates: [] }],
  [
    'self-signed-cert-not-renewed',
    { certificates: [{ ...OWN_CERTIFICATE, notAfter: '2025-12-01T00:00:00.000000Z' }] },
  ],
  [
    'ca-listener-cert-expired',
    {
      listener: { ...LISTENER, thumbprint: OWN_CERTIFICATE.thumbprint },
      certificates: [{ ...OWN_CERTIFICATE, store: 'My', notAfter: '2025-12-01T00:00:00.000000Z' }],
    },
  ],
  [
    'private-key-missing-or-corrupt',
    { certificates: [{ ...OWN_CERTIFICATE, hasPrivateKey: false }] },
  ],
  [
    'private-key-missing-or-corrupt',
    {
      certificates: [
        { ...OWN_CERTIFICATE, key: { error: 'Keyset does not exist', file: null, access: null } },
      ],
    },
  ],
  [
    'tls-interception-breaks-nla',
    { certificates: [{ ...OWN_CERTIFICATE, thumbprint: 'cd'.repeat(20) }] },
  ],
  [
    'tls-versions-disabled-on-host',
    {
      schannel: {
        ...SCHANNEL,
        protocols: SCHANNEL.protocols.map((one) => ({ ...one, enabled: 0 })),
      },
    },
  ],
  [
    'tls-server-only-legacy',
    {
      schannel: {
        ...SCHANNEL,
        protocols: SCHANNEL.protocols.map((one) =>
          one.name === 'TLS 1.2' ? { ...one, enabled: 0 } : one,
        ),
      },
    },
  ],
  ['fips-mode-mismatch', { schannel: { ...SCHANNEL, fips: 1 } }],
  ['schannel-configuration-damaged', { schannel: { ...SCHANNEL, suites: [] } }],
  [
    'credssp-oracle-patched-client-unpatched-server',
    { computer: { ...HOST.computer, credSspVersion: '10.0.14393.2007' } },
  ],
  [
    'credssp-oracle-forced-server-unpatched-client',
    { logon: { encryptionOracle: 0, restrictReceivingNtlm: null, lmCompatibilityLevel: null } },
  ],
  [
    'ntlm-blocked',
    { logon: { encryptionOracle: null, restrictReceivingNtlm: 2, lmCompatibilityLevel: null } },
  ],
  ['nla-secure-channel-broken', { domain: { joined: true, secureChannel: false } }],
  ['wmi-repository-corrupt', { wmi: { verify: 1, thumbprint: null, error: null } }],
];

t.test('what on a host confirms a cause; and the sound host does not', (t) => {
  const sound = readingsOf(HOST);
  for (const [cause, changes] of CONFIRMED) {
    const readings = readingsOf(host(changes));
    t.ok(
      readings.includes(`confirmed ${cause}`),
      `${cause}: ${JSON.stringify(changes).slice(0, 80)}`,
    );
    t.notOk(sound.includes(`confirmed ${cause}`), `${cause}: not on the sound one`);
  }
  t.end();
});

t.test('who may read a key file', (t) => {
  const withAccess = (
    access: readonly { readonly sid: string; readonly allow: boolean; readonly rights: number }[],
    elevated = true,
  ): readonly string[] => {
    const certificates = [
      { ...OWN_CERTIFICATE, key: { error: null, file: 'C:\\keys\\f686_1', access } },
    ];
    return readingsOf(host({ certificates, computer: { ...HOST.computer, elevated } })).filter(
      (one) => one.includes('machinekeys'),
    );
  };
  const system = { sid: 'S-1-5-18', allow: true, rights: 2032127 };
  const service = { sid: 'S-1-5-20', allow: true, rights: 131209 };
  const cause = 'private-key-acl-machinekeys';
  t.same(withAccess([system, service]), [`refuted ${cause}`]);
  t.same(withAccess([system]), [`confirmed ${cause}`]);
  t.same(
    withAccess([system, { ...service, rights: -2147483648 }]),
    [`refuted ${cause}`],
    'GENERIC_READ',
  );
  t.same(
    withAccess([system, { ...service, rights: 0x2 }]),
    [`confirmed ${cause}`],
    'may write alone',
  );
  t.same(
    withAccess([system, service, { ...service, allow: false }]),
    [`confirmed ${cause}`],
    'denied',
  );
  t.same(withAccess([system, { ...service, sid: 'S-1-1-0' }]), [`refuted ${cause}`], 'everyone');
  t.same(withAccess([system], false), [], 'not elevated, nobody knows');
  t.end();
});

t.test('rules of the firewall that are for something else do not count', (t) => {
  const named = (name: string, remote: readonly string[] = ['Any']): readonly string[] =>
    readingsOf(
      host({
        firewall: { ...FIREWALL, rules: FIREWALL.rules.map((one) => ({ ...one, name, remote })) },
      }),
    ).filter((one) => one.includes('host-firewall-rdp-rule'));
  t.same(named('RemoteDesktop-Shadow-In-TCP'), ['confirmed host-firewall-rdp-rule']);
  t.same(named('RemoteDesktop-UserMode-In-UDP'), ['confirmed host-firewall-rdp-rule']);
  t.same(named('RemoteDesktop-In-TCP'), ['refuted host-firewall-rdp-rule']);
  t.same(
    named('RemoteDesktop-In-TCP', ['']),
    ['refuted host-firewall-rdp-rule'],
    'its addresses were not read',
  );
  t.end();
});

t.test('confirmed goes up, refuted goes down, each with its evidence', (t) => {
  const before = diagnosed(REFUSED, null);
  t.ok(brief(before).length > 3, 'a refused connection has many causes');
  t.notOk(brief(before).some((one) => one.startsWith('proved')));
  const off = diagnosed(
    REFUSED,
    host({
      remoteDesktop: { denied: 1, deniedByPolicy: null, drainMode: 0 },
      port: { number: 3389, listeners: [] },
    }),
  );
  t.equal(brief(off)[0], 'proved rdp-disabled');
  t.match(off.verdict, /proved: Remote Desktop is turned off/);
  t.match(only(off, 'rdp-disabled').evidence.at(-1), {
    says: 'on the host: Remote Desktop is turned off (fDenyTSConnections is 1)',
    handshake: null,
  });
  const service = only(off, 'termservice-not-running');
  t.equal(service.certainty, 'possible');
  t.ok(service.against.includes('on the host: TermService is running'));
  t.same(
    off.findings.map(({ cause }) => cause).sort(),
    before.findings.map(({ cause }) => cause).sort(),
    'nothing is lost',
  );
  t.end();
});

t.test('a reset after the ClientHello: the key file, the event log, or neither', (t) => {
  const noAcl = [{ ...OWN_CERTIFICATE, key: { error: null, file: 'C:\\k\\f686', access: [] } }];
  const acl = diagnosed(AS_WINDOWS, host({ certificates: noAcl }));
  t.equal(brief(acl)[0], 'proved private-key-acl-machinekeys');
  t.match(acl.verdict, /proved: the server cannot read the private key/);
  const sound = diagnosed(AS_WINDOWS, HOST);
  t.equal(only(sound, 'private-key-acl-machinekeys').certainty, 'possible', 'refuted');
  t.notOk(
    brief(sound).some((one) => one.startsWith('proved')),
    brief(sound).join(', '),
  );
  const logged = diagnosed(
    AS_WINDOWS,
    host({ certificates: null, events: [hostEvent(36870, 'Schannel')] }),
  );
  const found = only(logged, 'private-key-acl-machinekeys');
  t.equal(found.certainty, 'likely');
  t.match(
    found.evidence.at(-1)?.says,
    /^on the host: event 36870 \(Schannel\) 3 times in seven days/,
  );
  for (const events of [[hostEvent(36870, 'Other')], [hostEvent(36870, 'Schannel', 60 * 24 * 3)]]) {
    const other = only(
      diagnosed(AS_WINDOWS, host({ certificates: null, events })),
      'private-key-acl-machinekeys',
    );
    t.same(
      other.evidence,
      only(diagnosed(AS_WINDOWS, null), 'private-key-acl-machinekeys').evidence,
      'another source, or days ago',
    );
  }
  t.end();
});

t.test(
  'what the wire did not name is added as likely, and only where the connection died there',
  (t) => {
    const facts = host({
      firewall: { ...FIREWALL, rules: [] },
      services: serviceIn('TermService', 'Stopped'),
    });
    const healthy = diagnosed(changed(SERVER), facts);
    t.same(
      brief(healthy),
      brief(diagnosed(changed(SERVER), null)),
      'a sound connection stays sound',
    );
    const silent = diagnosed(SILENT, facts);
    t.ok(
      brief(silent).slice(0, 3).includes('likely host-firewall-rdp-rule'),
      brief(silent).join(', '),
    );
    const drained = died('mcs', 'closed', SERVER);
    for (const cause of diagnosed(drained, facts).findings.map((one) => one.cause)) {
      t.not(cause, 'termservice-not-running', 'the service answered');
    }
    t.end();
  },
);

t.test('facts of another day prove nothing of this connection', (t) => {
  const off = {
    remoteDesktop: { denied: 1, deniedByPolicy: null, drainMode: 0 },
    port: null,
  } as const;
  const late = diagnosed(REFUSED, host({ ...off, takenAt: '2026-01-05T00:00:00Z' }));
  const found = only(late, 'rdp-disabled');
  t.equal(found.certainty, 'likely');
  t.ok(found.against.some((one) => one.startsWith('the host was looked at 4 days after')));
  const expired = handshake('expired');
  const renewed = diagnosed(expired, HOST);
  t.equal(brief(renewed)[0], 'proved self-signed-cert-not-renewed', 'what the wire proved stays');
  t.end();
});

t.test('where facts contradict each other, none counts', (t) => {
  const both = host({ remoteDesktop: { denied: 1, deniedByPolicy: null, drainMode: 0 } });
  const found = only(diagnosed(REFUSED, both), 'rdp-disabled');
  t.equal(found.certainty, only(diagnosed(REFUSED, null), 'rdp-disabled').certainty);
  t.ok(found.against.length > 0 && found.evidence.length > 1, 'both are told');
  t.end();
});

t.test('whose facts they are', (t) => {
  const other = {
    ...HOST.computer,
    name: 'FILES07',
    dnsName: 'files07.corp.example',
    addresses: ['10.0.0.9'],
  };
  const stranger = host({ computer: other, certificates: [] });
  t.match(hostMatch(HOST, [handshake('healthy')]), {
    kind: 'same',
    says: /called itself SRV01 too/,
  });
  t.match(hostMatch(stranger, [handshake('healthy')]), {
    kind: 'other',
    says: 'they were read on FILES07, and the server called itself srv01, srv01.corp.example'.replace(
      ', srv01.',
      ' and srv01.',
    ),
  });
  const noNla = changed({ ...SERVER, ntlm: null, credssp: { ntlm: null } });
  t.match(hostMatch(HOST, [noNla]), {
    kind: 'same',
    says: /certificate that was seen is one of its own/,
  });
  t.match(hostMatch(host({ certificates: null }), [noNla]), { kind: 'same', says: /is for SRV01/ });
  t.match(hostMatch(stranger, [noNla]), {
    kind: 'other',
    says: /self-signed certificate that was seen is for srv01/,
  });
  t.match(hostMatch(HOST, [REFUSED]), { kind: 'same', says: /10\.0\.0\.2 is an address of it/ });
  t.match(hostMatch(host({ computer: { ...HOST.computer, addresses: [] } }), [REFUSED]), {
    kind: 'same',
    says: /name that was asked for/,
  });
  t.match(hostMatch(stranger, [REFUSED]), {
    kind: 'unknown',
    says: /nothing in the report tells whether FILES07/,
  });
  const saved = diagnosed(handshake('healthy'), null);
  t.equal(diagnoseAgain(saved, [handshake('healthy')], STARTED_AT_MS, stranger).host, undefined);
  t.match(diagnoseAgain(saved, [handshake('healthy')], STARTED_AT_MS, HOST).host, {
    computer: 'SRV01',
    match: 'same',
    problems: [],
  });
  t.end();
});
