import t from 'tap';
import { duration, listed } from '../../src/diagnose/figures.js';
import type { Finding } from '../../src/diagnose/finding.js';
import { findingsOf } from '../../src/diagnose/rules.js';
import {
  type Handshake,
  OUTCOME_HOWS,
  type OutcomeHow,
  type ReportEvent,
} from '../../src/handshake/handshake.js';
import { STAGES } from '../../src/handshake/trace.js';
import {
  type Changes,
  changed,
  died,
  event,
  inDays,
  messageEvent,
} from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';

/** `certainty cause` of each finding, best first. */
function brief(seen: Handshake): readonly string[] {
  return findingsOf(seen, STARTED_AT_MS).map(({ certainty, cause }) => `${certainty} ${cause}`);
}

function best(seen: Handshake): string {
  return brief(seen)[0] ?? 'nothing';
}

function only(seen: Handshake, cause: string): Finding {
  const found = findingsOf(seen, STARTED_AT_MS).find((finding) => finding.cause === cause);
  if (found === undefined) throw new Error(`no ${cause} among ${brief(seen).join(', ')}`);
  return found;
}

t.test('a healthy host gives no finding', (t) => {
  t.same(brief(handshake('healthy')), [], 'self-signed, in date, as Windows makes it');
  t.same(brief(changed({ name: null })), [], 'asked for by address');
  t.same(brief(changed({ name: 'rdp.corp.example' })), [], 'asked for by an alias');
  t.same(brief(changed({ leaf: { notAfter: inDays(3) } })), [], 'Windows renews it by itself');
  t.same(
    brief(changed({ leaf: { signatureAlgorithm: 'sha1WithRSAEncryption' } })),
    [],
    'nobody relies on the signature of a self-signed certificate',
  );
  t.same(brief(changed({ ntlm: { clockSkewMs: -299_000 } })), [], 'clocks within 5 minutes');
  t.end();
});

/** A refused negotiation: what was offered, the code, the best finding. */
const REFUSALS: readonly (readonly [offered: number | null, code: number, best: string])[] = [
  [0, 1, 'proved tls-required-by-server'],
  [2, 1, 'proved tls-required-by-server'],
  [11, 1, 'possible tls-required-by-server'],
  [1, 2, 'proved security-layer-rdp-only'],
  [11, 2, 'proved security-layer-rdp-only'],
  [2, 2, 'likely security-layer-rdp-only'],
  [0, 2, 'possible security-layer-rdp-only'],
  [11, 3, 'proved server-has-no-usable-certificate'],
  [1, 3, 'proved server-has-no-usable-certificate'],
  [11, 4, 'likely inconsistent-negotiation-flags'],
  [0, 5, 'proved nla-required-by-server'],
  [1, 5, 'proved nla-required-by-server'],
  [3, 5, 'possible nla-required-by-server'],
  [11, 5, 'possible nla-required-by-server'],
  [null, 5, 'proved nla-required-by-server'],
  [11, 6, 'proved client-certificate-required'],
  [11, 99, 'possible general-secure-negotiation-failure'],
];

t.test('what a failure code proves depends on the offer', (t) => {
  for (const [offered, code, expected] of REFUSALS) {
    const seen = died('x224', 'negotiation-failure', {
      request: { requestedProtocols: offered === null ? null : { value: offered, names: [] } },
      response: { kind: 'failure', failure: { code, name: null } },
    });
    t.equal(best(seen), expected, `failure ${code} to an offer of ${offered}`);
  }
  const unseen = died('x224', 'negotiation-failure', {
    request: null,
    response: { kind: 'failure', failure: { code: 5, name: null } },
  });
  t.equal(best(unseen), 'likely nla-required-by-server', 'the offer is not in the capture');
  const contradicted = only(handshake('hybridRequired'), 'nla-required-by-server');
  t.match(contradicted.against[0], /did offer PROTOCOL_HYBRID/);
  t.end();
});

t.test('standard RDP security, chosen or left over', (t) => {
  const selected = { kind: 'response', selectedProtocol: { value: 0, name: null } } as const;
  const mcs = { status: 'ok', reached: 'mcs' } as const;
  t.equal(best(changed({ response: selected, outcome: mcs })), 'possible security-layer-rdp-only');
  t.equal(best(died('mcs', 'reset', { response: selected })), 'likely security-layer-rdp-only');
  t.same(
    brief(
      changed({ response: selected, request: { requestedProtocols: { value: 0, names: [] } } }),
    ),
    [],
    'nothing else was offered',
  );
  const unasked = { kind: 'response', selectedProtocol: { value: 4, name: null } } as const;
  t.equal(best(changed({ response: unasked })), 'likely general-secure-negotiation-failure');
  const legacy = { kind: 'none-negotiated' } as const;
  t.equal(
    best(changed({ response: legacy, outcome: mcs })),
    'possible legacy-server-without-negotiation',
  );
  t.equal(
    best(died('mcs', 'closed', { response: legacy })),
    'likely legacy-server-without-negotiation',
  );
  t.same(brief(changed({ response: legacy, request: { requestedProtocols: null } })), []);
  t.end();
});

const CA: Changes['leaf'] = { selfSigned: false, issuer: 'CN=Corp CA' };

const CERTIFICATES: readonly (readonly [name: string, changes: Changes, expected: string[]])[] = [
  [
    'expired, self-signed',
    { leaf: { notAfter: inDays(-3) } },
    ['proved self-signed-cert-not-renewed'],
  ],
  [
    'expired, self-signed, and only by our clock',
    { leaf: { notAfter: inDays(-3) }, ntlm: { clockSkewMs: -10 * 86_400_000 } },
    ['likely kerberos-time-skew', 'likely self-signed-cert-not-renewed'],
  ],
  [
    'expired, of a CA',
    { leaf: { ...CA, notAfter: inDays(-3) } },
    ['proved ca-listener-cert-expired'],
  ],
  [
    'ends soon, of a CA',
    { leaf: { ...CA, notAfter: inDays(3) } },
    ['possible ca-listener-cert-expired'],
  ],
  [
    'not yet valid by both clocks, of a CA',
    { leaf: { ...CA, notBefore: inDays(2) } },
    ['proved ca-listener-cert-expired', 'possible kerberos-time-skew'],
  ],
  [
    'not yet valid, server clock unknown',
    { leaf: { notBefore: inDays(2) }, ntlm: null },
    ['likely kerberos-time-skew'],
  ],
  [
    'valid by our clock, expired by the server clock',
    { ntlm: { clockSkewMs: 200 * 86_400_000 } },
    ['likely kerberos-time-skew'],
  ],
  ['RSA 512', { leaf: { keyBits: 512 } }, ['proved weak-certificate']],
  ['RSA 1024', { leaf: { keyBits: 1024 } }, ['possible weak-certificate']],
  [
    'SHA-1, of a CA',
    { leaf: { ...CA, signatureAlgorithm: 'sha1WithRSAEncryption' } },
    ['possible weak-certificate'],
  ],
  ['another name, of a CA', { name: 'rdp.example', leaf: CA }, ['possible cert-name-or-trust']],
  ['by address, of a CA', { name: null, leaf: CA }, []],
  [
    'of another computer, self-signed',
    { leaf: { subject: 'CN=WIN-OLD' } },
    ['possible cert-name-or-trust'],
  ],
  [
    'for another use',
    { leaf: { extendedKeyUsages: ['clientAuth'] } },
    ['possible cert-name-or-trust'],
  ],
  ['unreadable', { leaf: { notBefore: null, notAfter: null, subject: null } }, []],
];

t.test('certificates', (t) => {
  for (const [name, changes, expected] of CERTIFICATES)
    t.same(brief(changed(changes)), expected, name);
  const expired = only(handshake('expired'), 'self-signed-cert-not-renewed');
  t.match(expired.says, /expired 4 days ago, on 2025-12-28/);
  t.same(expired.evidence[0]?.atMs, 64.3, 'evidence points at the Certificate message');
  t.end();
});

t.test('CredSSP', (t) => {
  for (const version of [2, 3, 4]) {
    t.same(brief(changed({ credssp: { version } })), [
      'proved credssp-oracle-patched-client-unpatched-server',
    ]);
  }
  t.same(brief(changed({ credssp: { version: 5 } })), []);
  t.same(brief(changed({ ntlm: { clockSkewMs: 301_000 } })), ['likely kerberos-time-skew']);
  t.same(
    brief(changed({ ntlm: { clockSkewMs: -400_000, netbiosDomainName: 'SRV01' } })),
    ['possible kerberos-time-skew'],
    'a computer without a domain',
  );
  const refused = (code: string, authentication: 'refused' | 'not-attempted'): readonly string[] =>
    brief(
      died('credssp', 'error-code', {
        credssp: { version: 6, ntlm: null, errorCode: { code, name: null }, authentication },
      }),
    );
  t.same(refused('0xC0000234', 'refused'), ['proved account-locked-out']);
  t.same(refused('0xc0000234', 'not-attempted'), ['possible account-locked-out']);
  t.same(refused('0xC000006D', 'refused'), ['likely nla-bad-credentials', 'possible ntlm-blocked']);
  t.same(refused('0xC0000418', 'not-attempted'), ['proved ntlm-blocked']);
  t.same(refused('0x12345678', 'refused'), ['possible general-secure-negotiation-failure']);
  const early = died('mcs', 'error-code', {
    events: [
      messageEvent(90, 'server', {
        type: 'early-user-authorization',
        result: { value: 5, name: 'AUTHZ_ACCESS_DENIED' },
      }),
    ],
  });
  t.equal(best(early), 'proved user-lacks-rdp-logon-right');
  t.end();
});

t.test('TLS versions', (t) => {
  const versions = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0'];
  const hello = { versions, ciphers: [], serverName: null, bytes: 300, ja4: '' };
  for (const version of ['TLSv1.0', 'TLSv1', 'TLSv1.1', 'SSLv3']) {
    const seen = changed({ tls: { version, clientHello: hello } });
    t.equal(best(seen), 'proved tls-server-only-legacy', version);
  }
  const old = { ...hello, versions: ['TLSv1.0'] };
  t.equal(
    best(changed({ tls: { version: 'TLSv1.0', clientHello: old } })),
    'possible tls-server-only-legacy',
    'the client knew nothing newer',
  );
  t.end();
});

/** Segments of the client that were sent again, some of them needlessly. */
const sentAgain = (retransmissions: number, spuriousRetransmissions = 0): ReportEvent =>
  event(9, 'tcp-figures', { client: { retransmissions, spuriousRetransmissions } });

const helloOf = (bytes: number): Changes => ({
  tls: { clientHello: { versions: [], ciphers: [], serverName: null, bytes, ja4: '' } },
});

const alert = (code: number, versions: string[] = ['TLSv1.2']): Changes => ({
  tls: {
    version: null,
    certificates: [],
    alert: { by: 'server', level: 'fatal', code, name: null },
    clientHello: { versions, ciphers: [], serverName: null, bytes: 300, ja4: '' },
  },
});

/** Where and how it ended, and the best finding. */
const ENDINGS: readonly (readonly [seen: Handshake, best: string])[] = [
  [handshake('notFound'), 'proved dns-name-not-resolved'],
  [handshake('refused'), 'likely rdp-disabled'],
  [handshake('timeout'), 'possible host-firewall-rdp-rule'],
  [handshake('unreachable'), 'likely vpn-route-missing'],
  [died('tcp', 'unreachable'), 'likely host-down-or-asleep'],
  [
    died('tcp', 'unreachable', { events: [event(10, 'tcp-failed', { code: 'EHOSTUNREACH' })] }),
    'possible network-acl-or-nsg-block',
  ],
  [
    died('tcp', 'unreachable', { events: [event(1, 'tcp-failed', { code: 'EADDRNOTAVAIL' })] }),
    'likely client-port-exhaustion',
  ],
  [
    died('tcp', 'unreachable', { events: [event(1, 'tcp-failed', { code: 'EPERM' })] }),
    'likely client-egress-block',
  ],
  [died('tcp', 'refused', { outcome: { by: 'network' } }), 'likely network-acl-or-nsg-block'],
  [handshake('ssh'), 'proved not-an-rdp-service'],
  [died('x224', 'not-rdp'), 'likely not-an-rdp-service'],
  [died('x224', 'timeout'), 'likely termservice-hung'],
  // A program ended it; a device on the way mostly resets.
  [died('x224', 'closed'), 'possible load-balancer-or-broker-token'],
  [died('x224', 'reset'), 'possible middlebox-dpi-resets-rdp'],
  [
    died('x224', 'closed', { request: { routingToken: 'Cookie: msts=1.2.3' } }),
    'likely load-balancer-or-broker-token',
  ],
  [died('x224', 'refused'), 'possible load-balancer-or-broker-token'],
  [handshake('resetAfterClientHello'), 'likely private-key-acl-machinekeys'],
  [died('tls', 'closed', { response: { serverKind: 'freerdp' } }), 'possible tls-cipher-mismatch'],
  [
    died('tls', 'reset', { response: { serverKind: 'freerdp' } }),
    'possible middlebox-dpi-resets-rdp',
  ],
  // Its ServerHello had chosen a suite.
  [
    died('tls', 'alert', {
      tls: {
        cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
        alert: { by: 'server', level: 'fatal', code: 40, name: 'handshake_failure' },
      },
    }),
    'likely client-certificate-required',
  ],
  [
    died('tls', 'closed', { response: { serverKind: 'unknown' } }),
    'possible private-key-acl-machinekeys',
  ],
  [died('tls', 'timeout'), 'possible mtu-pmtud-blackhole'],
  [died('tls', 'alert', alert(40)), 'likely tls-cipher-mismatch'],
  // A client that goes up to 1.2 alone meets servers too new for it as well as too old.
  [died('tls', 'alert', alert(70)), 'likely tls-versions-disabled-on-host'],
  [died('tls', 'alert', alert(70, ['TLSv1.3', 'TLSv1.2'])), 'likely tls-server-only-legacy'],
  [died('tls', 'alert', alert(70, ['TLSv1.2', 'TLSv1.0'])), 'likely tls-versions-disabled-on-host'],
  [died('tls', 'alert', alert(80)), 'likely private-key-acl-machinekeys'],
  [died('tls', 'alert', alert(116)), 'likely client-certificate-required'],
  [died('tls', 'alert', alert(255)), 'possible general-secure-negotiation-failure'],
  [died('credssp', 'closed'), 'possible ntlm-blocked'],
  [
    died('credssp', 'alert', {
      events: [messageEvent(9, 'client', { type: 'ts-request', carries: ['ntlm-authenticate'] })],
    }),
    'likely nla-bad-credentials',
  ],
  // Version 6 has an error code: an end without a word and without it need be no refusal.
  [
    died('credssp', 'closed', {
      credssp: { version: 6, authentication: 'unknown' },
      events: [messageEvent(9, 'client', { type: 'ts-request', carries: ['ntlm-authenticate'] })],
    }),
    'possible nla-bad-credentials',
  ],
  [
    died('credssp', 'reset', {
      credssp: { version: 6, authentication: 'unknown' },
      events: [messageEvent(9, 'client', { type: 'ts-request', carries: ['ntlm-authenticate'] })],
    }),
    'possible middlebox-dpi-resets-rdp',
  ],
  [died('mcs', 'closed'), 'possible rdp-connection-limit-or-drain'],
  [
    died('mcs', 'closed', {
      request: { requestedProtocols: null },
      response: { kind: 'none-negotiated', selectedProtocol: null },
      events: [messageEvent(9, 'server', { type: 'mcs-disconnect' })],
    }),
    'likely tls-required-by-server',
  ],
  // A kernel acknowledges, whatever the service behind the port does.
  [died('mcs', 'timeout', { events: [sentAgain(2)] }), 'possible packet-loss-on-path'],
  [
    died('tls', 'timeout', { ...helloOf(325), events: [sentAgain(2)] }),
    'likely middlebox-dpi-resets-rdp',
  ],
  [
    died('tls', 'timeout', { ...helloOf(1700), events: [sentAgain(2)] }),
    'possible mtu-pmtud-blackhole',
  ],
  [died('x224', 'timeout', { events: [sentAgain(2)] }), 'possible packet-loss-on-path'],
  [died('x224', 'timeout', { events: [sentAgain(2, 2)] }), 'likely termservice-hung'],
  [
    died('x224', 'timeout', { events: [event(9, 'silence', { partialBytes: 9 })] }),
    'possible host-busy-or-out-of-memory',
  ],
  [
    died('tcp', 'unreachable', {
      tcp: {
        icmp: [{ type: 'administratively-prohibited', from: '10.0.0.2', mtu: null, atMs: 9 }],
      },
      events: [event(9, 'tcp-failed', { code: 'EACCES' })],
    }),
    'likely network-acl-or-nsg-block',
  ],
  [
    died('tls', 'reset', { events: [messageEvent(9, 'server', { type: 'x224-confirm' })] }),
    'possible middlebox-dpi-resets-rdp',
  ],
  [
    died('tls', 'closed', {
      outcome: { by: 'client' },
      events: [messageEvent(9, 'server', { type: 'x224-confirm' })],
    }),
    'possible general-secure-negotiation-failure',
  ],
  [died('mcs', 'timeout'), 'possible host-busy-or-out-of-memory'],
];

t.test('segments that were lost', (t) => {
  const causes = (one: ReportEvent): readonly string[] =>
    findingsOf(changed({ events: [one] }), STARTED_AT_MS).map(({ cause }) => cause);
  t.same(causes(sentAgain(3)), ['packet-loss-on-path']);
  t.same(causes(sentAgain(2)), ['packet-loss-on-path']);
  t.same(causes(sentAgain(1)), [], 'one is nothing unusual');
  t.same(causes(sentAgain(4, 3)), [], 'needless ones do not count');
  t.end();
});

t.test('what the way and the place of the end point at', (t) => {
  for (const [seen, expected] of ENDINGS) {
    const { failedAt, how } = seen.outcome;
    t.equal(best(seen), expected, `${failedAt} ${how}`);
  }
  t.end();
});

t.test('an end that comes sooner than the server could answer', (t) => {
  const after = (ms: number): Handshake =>
    died('tls', 'reset', {
      tcp: { rttMs: 20 },
      events: [
        messageEvent(40, 'client', { type: 'tls-client-hello' }),
        event(40 + ms, 'tcp-end', { by: 'server', how: 'reset' }),
      ],
    });
  t.equal(best(after(3)), 'likely middlebox-dpi-resets-rdp');
  t.equal(best(after(21)), 'likely private-key-acl-machinekeys');
  t.end();
});

t.test('a reset from elsewhere by its hop limit', (t) => {
  const seen = died('tls', 'reset', {
    tcp: { strayReset: { hopLimit: 252, usual: [118, 117] } },
    events: [event(60, 'tcp-end', { by: 'server', how: 'reset' })],
  });
  const [first] = findingsOf(seen, STARTED_AT_MS);
  t.match(first, { cause: 'middlebox-dpi-resets-rdp', certainty: 'likely' });
  t.match(
    first?.evidence.map(({ says }) => says),
    ['TCP reset', "the reset came with TTL 252, the server's other packets with 118, 117"],
  );
  t.match(first?.against, [/a load balancer that answers for the server/]);
  t.end();
});

t.test('a SYN that was sent again is a hint', (t) => {
  t.same(brief(changed({ tcp: { synRetransmissions: 1 } })), ['possible packet-loss-on-path']);
  t.end();
});

t.test('an interrupted probe finds nothing', (t) => {
  t.same(brief(handshake('interrupted')), []);
  t.end();
});

const EVERY_HOW: readonly (OutcomeHow | null)[] = [...OUTCOME_HOWS, null];

t.test('a failed handshake never has empty findings, and its findings are whole', (t) => {
  for (const stage of STAGES) {
    for (const how of EVERY_HOW) {
      for (const by of ['client', 'server', 'network', null] as const) {
        const findings = findingsOf(died(stage, how, { outcome: { by } }), STARTED_AT_MS);
        const whole = findings.every(
          ({ says, evidence, advice, sources }) =>
            /^\S.*\.$/.test(says) && evidence.length > 0 && advice.length > 0 && sources.length > 0,
        );
        const causes = new Set(findings.map(({ cause }) => cause));
        const sound = findings.length > 0 && whole && causes.size === findings.length;
        if (!sound) t.fail(`${stage} ${how} ${by}: ${JSON.stringify(findings)}`);
      }
    }
  }
  t.pass('all of them');
  t.end();
});

t.test('figures', (t) => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [0, '0 ms'],
    [0.04, '0.04 ms'],
    [0.4, '0.4 ms'],
    [9.94, '9.9 ms'],
    [61.2, '61 ms'],
    [999.6, '1 s'],
    [10_000, '10 s'],
    [12_340, '12.3 s'],
    [301_000, '5 minutes'],
    [3 * 3_600_000, '3 hours'],
    [-400 * 86_400_000, '400 days'],
  ];
  for (const [ms, text] of cases) t.equal(duration(ms), text);
  t.equal(listed([]), '');
  t.equal(listed(['a', 'b', 'c']), 'a, b and c');
  t.end();
});
