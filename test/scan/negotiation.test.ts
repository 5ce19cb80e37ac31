import t, { type Test } from 'tap';
import type { NegotiationReport, OfferAnswer } from '../../src/handshake/scan.js';
import { type MatrixBase, routingTokenTo } from '../../src/scan/negotiation-plan.js';
import { negotiationVerdict } from '../../src/scan/negotiation-verdict.js';
import { offerAnswer } from '../../src/scan/offer-answer.js';
import { conversation, traceOf, track } from '../support/conversations.js';
import { matrixOf, type Said, SCRIPTED, type ScriptedServer } from '../support/scan-servers.js';
import { seededRandom } from '../support/wire-vectors.js';

const BASE: MatrixBase = { hasOwnLine: false, routingToken: 'Cookie: msts=16777343.15629.0000' };

function matrix(server: ScriptedServer, base = BASE): NegotiationReport {
  return negotiationVerdict(matrixOf(server, base));
}

/** The values of the conclusions that are not as usual. */
function valuesOf({ conclusions }: NegotiationReport): Record<string, unknown> {
  const usual: Record<string, unknown> = {
    rdstls: 'refused',
    rdsAad: 'refused',
    extras: 'ignored',
    offers: 'respected',
    answers: 'steady',
  };
  return Object.fromEntries(
    Object.entries(conclusions)
      .map(([name, { value }]) => [name, value] as const)
      .filter(([name, value]) => usual[name] !== value),
  );
}

const NO_FLAGS = { restrictedAdmin: null, redirectedAuthentication: null };
const NOT_ADVERTISED = {
  restrictedAdmin: 'not-advertised',
  redirectedAuthentication: 'not-advertised',
};
const ADVERTISED = { restrictedAdmin: 'advertised', redirectedAuthentication: 'advertised' };

interface Row {
  readonly values: Record<string, unknown>;
  /** requests in all, the verdict's among them */
  readonly asked: number;
}

const TRUTH: Readonly<Record<keyof typeof SCRIPTED, Row>> = {
  shadowRdp: {
    values: {
      layer: 'rdp-only',
      nla: 'absent',
      tls: 'absent',
      standardRdp: 'accepted',
      ...NO_FLAGS,
    },
    asked: 8,
  },
  shadowTls: {
    values: {
      layer: 'tls-only',
      nla: 'absent',
      tls: 'required',
      standardRdp: 'refused',
      ...NO_FLAGS,
    },
    asked: 8,
  },
  shadowNla: {
    values: {
      layer: 'nla-only',
      nla: 'required',
      tls: 'required',
      standardRdp: 'refused',
      ...NOT_ADVERTISED,
    },
    asked: 8,
  },
  shadowNego: {
    values: {
      layer: 'negotiate',
      nla: 'absent',
      tls: 'available',
      standardRdp: 'accepted',
      ...NO_FLAGS,
    },
    asked: 8,
  },
  shadowAll: {
    values: {
      layer: 'negotiate',
      nla: 'available',
      tls: 'available',
      standardRdp: 'accepted',
      ...NOT_ADVERTISED,
    },
    asked: 8,
  },
  xrdpRdp: {
    values: {
      layer: 'rdp-only',
      nla: 'absent',
      tls: 'absent',
      standardRdp: 'accepted',
      ...NO_FLAGS,
      offers: 'ignored',
    },
    asked: 10,
  },
  xrdpTls: {
    values: {
      layer: 'tls-only',
      nla: 'absent',
      tls: 'required',
      standardRdp: 'refused',
      ...NO_FLAGS,
    },
    asked: 10,
  },
  xrdpNegotiate: {
    values: {
      layer: 'negotiate',
      nla: 'absent',
      tls: 'available',
      standardRdp: 'accepted',
      ...NO_FLAGS,
      offers: 'ignored',
    },
    asked: 10,
  },
  xrdpNoCertificate: {
    values: {
      layer: 'no-certificate',
      nla: null,
      tls: null,
      standardRdp: 'refused',
      ...NO_FLAGS,
      offers: null,
    },
    asked: 10,
  },
  weston: {
    values: {
      layer: 'negotiate',
      nla: 'absent',
      tls: 'available',
      standardRdp: 'accepted',
      ...NO_FLAGS,
    },
    asked: 8,
  },
  gnome: {
    values: {
      layer: 'nla-only',
      nla: 'required',
      tls: 'required',
      standardRdp: 'refused',
      ...NOT_ADVERTISED,
    },
    asked: 8,
  },
  windows: {
    values: {
      layer: 'nla-only',
      nla: 'required',
      tls: 'required',
      standardRdp: 'refused',
      ...ADVERTISED,
    },
    asked: 8,
  },
  windowsTls: {
    values: {
      layer: 'tls-or-nla',
      nla: 'available',
      tls: 'required',
      standardRdp: 'refused',
      ...ADVERTISED,
    },
    asked: 8,
  },
  xp: {
    values: {
      layer: 'no-negotiation',
      nla: 'absent',
      tls: 'absent',
      standardRdp: 'accepted',
      ...NO_FLAGS,
      rdstls: null,
      rdsAad: null,
      extras: null,
      offers: null,
      answers: null,
    },
    asked: 2,
  },
};

t.test('what every known kind of server comes to, and in how many requests', (t) => {
  for (const [name, { values, asked }] of Object.entries(TRUTH)) {
    const server = SCRIPTED[name];
    if (server === undefined) throw new Error(name);
    const report = matrix(server);
    t.strictSame(sorted(valuesOf(report)), sorted(values), server.name);
    t.equal(report.offers.length, asked, `${server.name}: requests`);
    checkConclusions(t, report);
  }
  t.end();
});

function sorted(values: Record<string, unknown>): unknown {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => a.localeCompare(b)));
}

/** What holds of every report: reasons are there, and what is cited exists. */
function checkConclusions(t: Test, { offers, conclusions }: NegotiationReport): void {
  const ids = new Set(offers.map(({ handshake }) => handshake));
  for (const [name, { value, says, handshakes }] of Object.entries(conclusions)) {
    const known = handshakes.every((id) => ids.has(id));
    if (says === '' || !known) t.fail(`${name}: '${says}' on ${handshakes}`);
    if (value !== null && handshakes.length === 0) t.fail(`${name}: ${value} rests on nothing`);
  }
}

const WINDOWS = SCRIPTED['windows'] as ScriptedServer;

t.test('what comes with an offer is asked by itself where the answer differs', (t) => {
  const report = matrix({
    ...WINDOWS,
    name: 'does not like restricted admin',
    says: (offer, request, count) =>
      (request.flags & 1) !== 0 ? { fails: 4 } : WINDOWS.says(offer, request, count),
  });
  t.equal(report.conclusions.extras.value, 'matter');
  t.match(report.conclusions.extras.says, /RESTRICTED_ADMIN_MODE_REQUIRED.* INCONSISTENT_FLAGS/);
  const older = report.offers.filter(({ offer }) => offer?.value === 3);
  t.strictSame(
    older.map(({ cookie, flags }) => [cookie !== null, flags.value]),
    [
      [true, 1],
      [false, 0],
      [true, 0],
      [false, 1],
    ],
  );
  t.equal(report.conclusions.nla.value, 'required', 'which changes nothing else');
  t.end();
});

t.test('a routing token that leads elsewhere', (t) => {
  const report = matrix({
    ...WINDOWS,
    says: (offer, request, count) =>
      request.routingToken !== null ? 'resets' : WINDOWS.says(offer, request, count),
  });
  const usual = report.offers.filter(({ offer }) => offer?.value === 11);
  t.strictSame(
    usual.map(({ routingToken, flags }) => [routingToken !== null, flags.value]),
    [
      [false, 0],
      [true, 2],
      [false, 0],
      [true, 0],
      [false, 2],
    ],
  );
  t.equal(report.conclusions.answers.value, 'steady');
  t.end();
});

t.test('several servers behind one address', (t) => {
  const gnome = SCRIPTED['gnome'] as ScriptedServer;
  const tls = SCRIPTED['shadowTls'] as ScriptedServer;
  const report = matrix({
    ...gnome,
    says: (offer, request, count) => (count % 2 === 0 ? gnome : tls).says(offer, request, count),
  });
  t.equal(report.conclusions.answers.value, 'differ');
  checkConclusions(t, report);
  t.end();
});

t.test('RDSTLS and RDS-AAD: the other one is asked by itself', (t) => {
  const report = matrix({
    ...WINDOWS,
    says: (offer, request, count) =>
      offer !== null && (offer & 4) !== 0 ? { selects: 4 } : WINDOWS.says(offer, request, count),
  });
  t.equal(report.conclusions.rdstls.value, 'selected');
  t.equal(report.conclusions.rdsAad.value, 'refused');
  t.equal(report.offers.at(-1)?.offer?.value, 0x10);
  t.end();
});

t.test('with a token of its own there is no room for another', (t) => {
  const report = matrix(WINDOWS, { hasOwnLine: true, routingToken: null });
  t.ok(report.offers.every(({ cookie, routingToken }) => cookie === null && routingToken === null));
  t.equal(report.conclusions.extras.value, 'ignored', 'the flags are asked all the same');
  t.end();
});

t.test('whatever is answered, the matrix ends and says why it does not know', (t) => {
  const said: readonly Said[] = [
    ...[0, 1, 2, 4, 8, 0x10, 77].map((selects) => ({ selects })),
    ...[1, 2, 3, 4, 5, 6, 99].map((code) => ({ fails: code })),
    'confirms',
    'disconnects',
    'closes',
    'resets',
    'silent',
  ];
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const report = matrix({
      name: `seed ${seed}`,
      says: () => said[random() % said.length] ?? 'closes',
      mcs: () => random() % 2 === 0,
      flags: random() & 0x1f,
      sourceReference: random() % 3,
    });
    if (report.offers.length > 16) t.fail(`seed ${seed}: ${report.offers.length} requests`);
    checkConclusions(t, report);
  }
  t.pass('400 servers');
  t.end();
});

t.test('answers as real servers sent them', (t) => {
  const RECORDED: readonly (readonly [name: string, answer: Partial<OfferAnswer>])[] = [
    [
      'freerdp-shadow-failure-1',
      { answer: 'failure', failure: { code: 1, name: 'SSL_REQUIRED_BY_SERVER' } },
    ],
    [
      'freerdp-shadow-failure-2',
      { answer: 'failure', failure: { code: 2, name: 'SSL_NOT_ALLOWED_BY_SERVER' } },
    ],
    [
      'freerdp-shadow-failure-5',
      { answer: 'failure', failure: { code: 5, name: 'HYBRID_REQUIRED_BY_SERVER' } },
    ],
    ['xrdp-failure-3', { answer: 'failure', failure: { code: 3, name: 'SSL_CERT_NOT_ON_SERVER' } }],
    [
      'xrdp-tls13',
      {
        answer: 'selected',
        selectedProtocol: { value: 1, name: 'PROTOCOL_SSL' },
        mcs: 'not-tried',
      },
    ],
    [
      'xrdp-standard-rdp-security',
      { answer: 'not-negotiated', sourceReference: 0x1234, mcs: 'answered', offer: null },
    ],
    [
      'freerdp-shadow-rc4',
      { answer: 'selected', selectedProtocol: { value: 0, name: 'PROTOCOL_RDP' }, mcs: 'answered' },
    ],
    ['ssh-banner', { answer: 'not-rdp' }],
  ];
  for (const [name, answer] of RECORDED) {
    t.match(offerAnswer(traceOf(track(conversation(name).segments)), 0), answer, name);
  }
  t.end();
});

t.test('a routing token as [MS-RDPBCGR] writes it', (t) => {
  // Its own example is of port 3389 at 172.31.249.216.
  t.equal(routingTokenTo('172.31.249.216', 3389), 'Cookie: msts=3640205228.15629.0000');
  for (const other of ['2001:db8::1', 'srv01.example', '1.2.3', '1.2.3.400', '']) {
    t.equal(routingTokenTo(other, 3389), null, other);
  }
  t.end();
});
