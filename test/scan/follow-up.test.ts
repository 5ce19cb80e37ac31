import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { withFollowUps } from '../../src/diagnose/follow-up-rules.js';
import { findingsOf } from '../../src/diagnose/rules.js';
import { askedOf, faredOf } from '../../src/handshake/follow-up.js';
import { type Handshake, OUTCOME_HOWS } from '../../src/handshake/handshake.js';
import { STAGES } from '../../src/handshake/trace.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import { type FollowUp, MAX_FOLLOW_UPS, nextFollowUp } from '../../src/scan/follow-up.js';
import {
  legacyHello,
  paddedHello,
  shortAnswerHello,
  smallHello,
} from '../../src/scan/follow-up-hellos.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';
import { encodeOwnHello, keyShareGroups } from '../../src/wire/own-hello.js';
import { changed, died } from '../support/diagnose-fixtures.js';
import { STARTED_AT_MS } from '../support/handshake.js';

const HELLO: NonNullable<Handshake['tls']['clientHello']> = {
  versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0'],
  ciphers: ['TLS_AES_256_GCM_SHA384'],
  serverName: null,
  bytes: 343,
  ja4: 't13',
};

/** What a connection looks like that asked this question, with some end or other. */
function answering(question: FollowUp, first: Handshake, end: Handshake, id: number): Handshake {
  const { settings } = question;
  const offer = settings.requestedProtocols;
  const request = first.x224.request;
  const own = typeof settings.tlsOffer === 'object' && 'hello' in settings.tlsOffer;
  const hello = own ? helloOf(settings.tlsOffer.hello) : first.tls.clientHello;
  return {
    ...end,
    id,
    purpose: 'follow-up',
    reason: question.reason,
    x224: {
      ...end.x224,
      request:
        settings.opening === 'tls' || request === null
          ? null
          : {
              ...request,
              ...(settings.cookie === undefined ? {} : { cookie: settings.cookie }),
              ...(settings.routingToken === undefined
                ? {}
                : { routingToken: settings.routingToken }),
              ...(offer === undefined || offer === null
                ? {}
                : { requestedProtocols: { value: offer, names: [] } }),
            },
    },
    tls: { ...end.tls, clientHello: hello },
  };
}

function helloOf(
  hello: ReturnType<typeof smallHello>,
): NonNullable<Handshake['tls']['clientHello']> {
  const material = {
    random: new Uint8Array(32),
    sessionId: new Uint8Array(hello.sessionIdBytes),
    keyShares: new Map(),
    serverName: 'srv01.corp.example',
  };
  const versions =
    hello.legacyVersion === 0x0301
      ? ['TLSv1.0']
      : hello.sessionIdBytes > 0
        ? ['TLSv1.3']
        : ['TLSv1.2'];
  const bytes = encodeOwnHello(hello, material).length;
  return { ...HELLO, versions, ciphers: ['own'], bytes };
}

const ENDS: readonly Handshake[] = [
  changed(),
  ...STAGES.flatMap((stage) => OUTCOME_HOWS.map((how) => died(stage, how))),
  { ...changed(), outcome: { ...changed().outcome, status: 'incomplete' } },
];

function failures(): readonly Handshake[] {
  const plain = STAGES.flatMap((stage) => OUTCOME_HOWS.map((how) => died(stage, how)));
  const codes = [1, 2, 3, 4, 5, 6, 99].flatMap((code) =>
    [0, 1, 2, 3, 11].map((value) =>
      died('x224', 'negotiation-failure', {
        request: { requestedProtocols: { value, names: [] } },
        response: { kind: 'failure', failure: { code, name: null } },
      }),
    ),
  );
  const hello = (['reset', 'closed', 'timeout', 'alert'] as const).map((how) =>
    died('tls', how, { tls: { version: null, certificates: [], clientHello: HELLO } }),
  );
  const token = died('x224', 'closed', { request: { routingToken: 'tsv://x' } });
  return [...plain, ...codes, ...hello, token, died('x224', 'closed', { request: null })];
}

t.test(
  'whatever failed and whatever is answered, it ends, asks nothing twice, and is judged',
  (t) => {
    const random = seededRandom(5);
    let asked = 0;
    for (let round = 0; round < 4; round++) {
      for (const decisive of failures()) {
        const before: Handshake[] = [];
        const kinds = new Set<string>();
        for (;;) {
          const question = nextFollowUp(decisive, before, DEFAULT_SETTINGS);
          if (question === null) break;
          const end = ENDS[random() % ENDS.length] ?? changed();
          const one = answering(question, decisive, end, before.length + 1);
          // What was asked is read from what was sent: only so can a saved report be judged again.
          kinds.add(question.reason);
          before.push(one);
          faredOf(one, decisive);
          asked++;
          if (before.length > MAX_FOLLOW_UPS) break;
        }
        if (before.length > MAX_FOLLOW_UPS) t.fail('too many questions');
        if (kinds.size !== before.length)
          t.fail(`a question twice: ${before.map(({ reason }) => reason)}`);
        const known = new Set([0, ...before.map(({ id }) => id)]);
        const findings = withFollowUps(decisive, before, findingsOf(decisive, STARTED_AT_MS));
        if (findings.length === 0) t.fail('no finding');
        for (const { evidence } of findings) {
          if (!evidence.every(({ handshake }) => handshake === null || known.has(handshake))) {
            t.fail('evidence of a handshake that is not there');
          }
        }
        const { verdict } = diagnose('srv01', [decisive, ...before], STARTED_AT_MS);
        if (/undefined|null|NaN/.test(verdict)) t.fail(verdict);
      }
    }
    t.ok(asked > 300, `${asked} questions`);
    t.end();
  },
);

t.test('no question where it would knock, or tell nothing', (t) => {
  const none: readonly Handshake[] = [
    changed(),
    died('resolve', 'not-found'),
    died('tcp', 'timeout'),
    died('tcp', 'unreachable'),
    died('tcp', 'refused', { outcome: { by: 'network' } }),
    died('credssp', 'error-code'),
    died('x224', 'not-rdp', { response: { kind: 'not-rdp', protocol: 'SSH' } }),
    died('tls', 'closed', { outcome: { by: 'client' } }),
  ];
  for (const decisive of none) {
    t.equal(nextFollowUp(decisive, [], DEFAULT_SETTINGS), null, JSON.stringify(decisive.outcome));
  }
  const tls = died('x224', 'not-rdp', { response: { kind: 'not-rdp', protocol: 'TLS' } });
  t.equal(nextFollowUp(tls, [], DEFAULT_SETTINGS)?.settings.opening, 'tls');
  const refused = nextFollowUp(died('tcp', 'refused'), [], DEFAULT_SETTINGS);
  t.equal(refused?.afterMs, 1000);
  t.end();
});

t.test('a question that ended before its ClientHello went out is not asked again', (t) => {
  const decisive = died('tls', 'closed', {
    tls: { version: null, certificates: [], clientHello: HELLO },
  });
  const first = nextFollowUp(decisive, [], DEFAULT_SETTINGS);
  t.match(first?.reason, /small ClientHello/);
  // Its end came with the confirm: what it was going to say does not show.
  const early = {
    ...died('tls', 'closed', { id: 1, purpose: 'follow-up' }),
    reason: first?.reason ?? null,
  };
  const next = nextFollowUp(decisive, [early], DEFAULT_SETTINGS);
  t.not(next?.reason, first?.reason);
  t.end();
});

t.test('a further question waits no longer than was allowed, nor than the path needs', (t) => {
  const limits = (ms: number, tookMs: number): Record<string, number> | undefined => {
    const base = died('tls', 'timeout', {
      tls: { version: null, certificates: [], clientHello: HELLO },
    });
    const decisive = {
      ...base,
      stages: base.stages.map((stage) => ({
        ...stage,
        durationMs: stage.status === 'completed' && stage.stage === 'tcp' ? tookMs : 1,
      })),
    };
    return nextFollowUp(decisive, [], { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(ms) })
      ?.settings.stageLimitsMs;
  };
  t.equal(limits(10_000, 20)?.['tls'], 3000);
  t.equal(limits(10_000, 300)?.['tls'], 6000);
  t.equal(limits(60_000, 900)?.['tls'], 10_000);
  t.equal(limits(500, 300)?.['tls'], 500);
  t.end();
});

t.test('ClientHellos: their sizes, and that none needs a key share', (t) => {
  t.ok(helloOf(smallHello()).bytes < 200, 'far below one packet, and below 256 bytes');
  t.ok(helloOf(legacyHello()).bytes < 200);
  t.ok(helloOf(shortAnswerHello()).bytes < 256);
  for (const bytes of [343, 517, 1800]) t.equal(helloOf(paddedHello(bytes)).bytes, bytes);
  t.equal(helloOf(paddedHello(10)).bytes, helloOf(smallHello()).bytes, 'it is never made smaller');
  for (const hello of [smallHello(), legacyHello(), shortAnswerHello()]) {
    t.same(keyShareGroups(hello), []);
  }
  t.end();
});

t.test('what was asked is read from the connection itself', (t) => {
  const first = died('tls', 'reset', {
    tls: { version: null, certificates: [], clientHello: HELLO },
  });
  const request = first.x224.request;
  const rows: readonly (readonly [asked: string, changes: Parameters<typeof changed>[0]])[] = [
    ['again', {}],
    ['small-hello', { tls: { clientHello: { ...HELLO, versions: ['TLSv1.2'], bytes: 137 } } }],
    ['padded-hello', { tls: { clientHello: { ...HELLO, versions: ['TLSv1.2'] } } }],
    ['legacy-hello', { tls: { clientHello: { ...HELLO, versions: ['TLSv1.0'] } } }],
    ['short-answer-hello', { tls: { clientHello: { ...HELLO, versions: ['TLSv1.3'] } } }],
    ['other-hello', { tls: { clientHello: { ...HELLO, ciphers: ['x'] } } }],
    ['direct-tls', { request: null }],
    ['plain-rdp', { request: { requestedProtocols: { value: 0, names: [] } } }],
    ['plain-rdp', { request: { requestedProtocols: null } }],
    ['other-offer', { request: { requestedProtocols: { value: 1, names: [] } } }],
    ['other-cookie', { request: { cookie: 'mstshash=user' } }],
  ];
  t.not(request, null);
  for (const [asked, changes] of rows) {
    const base = { tls: { clientHello: HELLO }, ...changes };
    t.equal(askedOf(changed(base), first), asked);
  }
  t.end();
});
