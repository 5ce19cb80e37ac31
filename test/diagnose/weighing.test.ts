import t from 'tap';
import { finding } from '../../src/diagnose/case.js';
import { CAUSES, type CauseId } from '../../src/diagnose/catalogue/catalogue.js';
import type { Cause } from '../../src/diagnose/catalogue/cause.js';
import { SIGNALS, type SignalId } from '../../src/diagnose/catalogue/signals.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Certainty, Finding, Signal } from '../../src/diagnose/finding.js';
import { SIGNAL_IDS, signalsOf } from '../../src/diagnose/signals.js';
import { weighed, weightsFor } from '../../src/diagnose/weighing.js';
import { died } from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';
import { asking, FIRST, LEGACY, SHOWN, SMALL } from '../support/signal-fixtures.js';

/*
 * What weights do to findings. Whether the weights are right is asked by the labelled matrix.
 */

function brought(cause: CauseId, certainty: Certainty = 'likely'): Finding {
  return finding(cause, certainty, { says: `${cause}.`, evidence: [] });
}

function signal(id: SignalId, handshake: number | null = 0): Signal {
  return {
    id,
    says: SIGNALS[id],
    evidence: [{ says: `shown of ${id}`, handshake, atMs: null, packets: [] }],
  };
}

function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ certainty, cause }) => `${certainty} ${cause}`);
}

t.test('a signal carries as much as its weight', (t) => {
  const of = (cause: CauseId, certainty: Certainty, ...ids: readonly SignalId[]) =>
    weighed(
      [brought(cause, certainty)],
      ids.map((id) => signal(id)),
      null,
    )[0]?.certainty;
  t.equal(of('nla-required-by-server', 'proved', 'x224.neg-failure-5'), 'proved', 'decisive');
  t.equal(of('inconsistent-negotiation-flags', 'proved', 'x224.neg-failure-4'), 'likely');
  t.equal(of('fips-mode-mismatch', 'likely', 'tls.alert-40'), 'possible', 'a hint');
  t.equal(of('rdp-disabled', 'likely', 'tcp.refused'), 'possible', 'ambiguous');
  t.equal(of('private-key-acl-machinekeys', 'proved', 'tls.rst-after-client-hello'), 'possible');
  t.equal(of('nla-required-by-server', 'proved'), 'possible', 'nothing was seen');
  t.equal(
    of('nla-required-by-server', 'likely', 'x224.neg-failure-5'),
    'likely',
    'the rule doubts',
  );
  t.end();
});

t.test('whatever is seen: no cause is more than its rule says, or its weightiest signal', (t) => {
  const all = SIGNAL_IDS.map((id) => signal(id));
  const ids = Object.keys(CAUSES) as CauseId[];
  for (const certainty of ['proved', 'likely', 'possible'] as const) {
    const findings = weighed(
      ids.map((id) => brought(id, certainty)),
      all,
      null,
    );
    t.equal(findings.length, ids.length);
    for (const { cause: id, certainty: said, weights = [], against } of findings) {
      const { signalWeights, counterSignals, phase }: Cause = CAUSES[id as CauseId];
      const ownWeights = Object.entries(signalWeights)
        .filter(([name]) => phase === 'direct' || name.startsWith('gw.'))
        .map(([, weight]) => weight);
      if (said === 'proved') t.ok(ownWeights.includes('decisive'), id);
      if (said === 'likely') {
        t.ok(ownWeights.includes('decisive') || ownWeights.includes('supporting'), id);
      }
      const ruledOut = Object.values(counterSignals ?? {}).includes('rules-out');
      if (ruledOut) t.equal(said, 'possible', `${id} is ruled out`);
      t.equal(against.length, new Set(against).size, `${id}: each objection once`);
      t.equal(
        against.length > 0,
        counterSignals !== undefined,
        `${id}: what is against it is said`,
      );
      t.notOk(weights.some(({ weight }) => (weight as string) === 'ambiguous'));
    }
  }
  t.end();
});

t.test('the order', (t) => {
  const inTls = died('tls', 'reset');
  t.same(
    brief(
      weighed(
        [
          brought('self-signed-cert-not-renewed', 'possible'),
          brought('middlebox-dpi-resets-rdp', 'possible'),
          brought('rdp-disabled', 'possible'),
          brought('tls-cipher-mismatch', 'possible'),
        ],
        [signal('tls.alert-40')],
        inTls,
      ),
    ),
    [
      'possible tls-cipher-mismatch',
      'possible self-signed-cert-not-renewed',
      'possible middlebox-dpi-resets-rdp',
      'possible rdp-disabled',
    ],
    'where it died, then what speaks for it, then as the rules had it',
  );
  const refuted = weighed(
    [brought('tls-cipher-mismatch', 'likely'), brought('middlebox-dpi-resets-rdp', 'possible')],
    [signal('tls.no-hello-answered'), signal('tls.alert-40')],
    inTls,
  );
  t.same(brief(refuted), ['possible middlebox-dpi-resets-rdp', 'possible tls-cipher-mismatch']);
  t.same(refuted[1]?.against, [SIGNALS['tls.no-hello-answered']]);
  t.same(refuted[1]?.weights, [
    { signal: 'tls.no-hello-answered', weight: 'rules-out' },
    { signal: 'tls.alert-40', weight: 'supporting' },
  ]);
  const [lost] = weighed([brought('packet-loss-on-path')], [signal('net.loss-low', null)], null);
  t.same(lost?.against, ['shown of net.loss-low'], 'a measurement in its figures');
  t.end();
});

t.test('the answers to further questions become evidence of what they speak for', (t) => {
  const answers = [asking(SMALL, 1, 'dead'), asking(LEGACY, 2, 'dead')];
  const { findings } = diagnose('srv01', [FIRST, ...answers], STARTED_AT_MS);
  const [key] = findings;
  t.match(key, { cause: 'private-key-acl-machinekeys', certainty: 'likely' });
  t.same(
    key?.evidence.map(({ handshake }) => handshake),
    [0, 1, 2],
  );
  const alone = diagnose('srv01', [FIRST], STARTED_AT_MS).findings[0];
  t.match(alone, { cause: 'private-key-acl-machinekeys', certainty: 'possible' }, 'one is too few');
  const suites = findings.find(({ cause }) => cause === 'tls-cipher-mismatch');
  t.same(suites?.against, [`${SIGNALS['tls.no-hello-answered']} (questions 1 and 2)`]);
  t.end();
});

t.test("weights are the catalogue's, without what is ambiguous", (t) => {
  const failure = diagnose('srv01', [handshake('hybridRequired')], STARTED_AT_MS);
  t.same(failure.findings.find(({ cause }) => cause === 'nla-required-by-server')?.weights, [
    { signal: 'x224.neg-failure-5', weight: 'decisive' },
  ]);
  const all = SIGNAL_IDS.map((id) => signal(id));
  for (const [id, cause] of Object.entries(CAUSES)) {
    const { signalWeights, counterSignals }: Cause = cause;
    for (const { signal: name, weight } of weightsFor(id, all)) {
      const known = [signalWeights[name], counterSignals?.[name]];
      t.ok(known.includes(weight), `${id}: ${name}`);
    }
  }
  const seen = (id: string) =>
    signalsOf(SHOWN[id]?.handshakes ?? [], { path: null, scan: null }, STARTED_AT_MS);
  t.same(weightsFor('toString', seen('tls.ok')), [], 'no cause of ours');
  // A certificate of the server is not the gateway's.
  t.same(weightsFor('gateway-certificate-problem', seen('cert.issued-expired')), []);
  t.same(weightsFor('ca-listener-cert-expired', seen('cert.issued-expired')), [
    { signal: 'cert.issued-expired', weight: 'decisive' },
  ]);
  t.end();
});
