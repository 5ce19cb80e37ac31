import t from 'tap';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import { weightsFor } from '../../src/diagnose/signals.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../src/probe/settings.js';
import { nextFollowUp } from '../../src/scan/follow-up.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { runInMemory } from '../support/scenario-run.js';
import { EXPECTED } from './expected.js';

/*
 * Where the catalogue's weights and the rules disagree: a signal that is decisive for a cause was
 * seen, and no finding has that cause. Each is known, with its reason; a new one is a fault of one of
 * the two.
 */

const SILENCE_LIMIT_MS = 1500;
const LONG_LIMIT_MS = 30_000;

/** What was seen in which scenario -> the cause that it would name, and why no finding names it. */
const KNOWN: Readonly<Record<string, string>> = {
  'not-yet-valid-certificate: cert.not-yet-valid -> ca-listener-cert-expired':
    'the certificate is self-signed: no authority issued it',
  'tls-alert-protocol-version: tls.alert-70 -> tls-server-only-legacy':
    'the alert says that no version is common; a ClientHello of TLS 1.0 was refused as well',
};

/** A failure that is no silence is followed by the further questions, as `check` asks them. */
async function connectionsWith(scenario: Scenario): Promise<readonly Handshake[]> {
  const expected = EXPECTED[scenario.name];
  if (expected === undefined) throw new Error(`nothing is expected of ${scenario.name}`);
  const silent = expected.how === 'timeout' && expected.failedAt !== null;
  const settings: ProbeSettings = {
    ...DEFAULT_SETTINGS,
    ...expected.asks,
    stageLimitsMs: stageLimits(
      LONG_LIMIT_MS,
      silent ? { [expected.failedAt]: SILENCE_LIMIT_MS } : {},
    ),
  };
  const { handshake: decisive } = await runInMemory(scenario, settings, 'whole');
  const further: Handshake[] = [];
  while (!silent) {
    const next = nextFollowUp(decisive, further, settings);
    if (next === null) break;
    const asked = await runInMemory(scenario, { ...settings, ...next.settings }, 'whole');
    further.push({ ...asked.handshake, id: further.length + 1, purpose: next.purpose });
  }
  return [decisive, ...further];
}

/** `signal -> cause` of each cause that a decisive signal names and no finding has. */
function disagreements({ signals = [], findings }: Diagnosis): readonly string[] {
  const found = new Set(findings.map(({ cause }) => cause));
  return Object.keys(CAUSES)
    .filter((cause) => !found.has(cause))
    .flatMap((cause) =>
      weightsFor(cause, signals)
        .filter(({ weight }) => weight === 'decisive')
        .map(({ signal }) => `${signal} -> ${cause}`),
    );
}

t.test('the weights of the catalogue and the rules', async (t) => {
  const all = await Promise.all(
    SCENARIOS.map(async (scenario) => {
      const handshakes = await connectionsWith(scenario);
      return { name: scenario.name, diagnosis: diagnose(scenario.name, handshakes, Date.now()) };
    }),
  );
  t.equal(all.length, Object.keys(EXPECTED).length);
  const found = all.flatMap(({ name, diagnosis }) =>
    disagreements(diagnosis).map((one) => `${name}: ${one}`),
  );
  t.strictSame(
    found.filter((one) => KNOWN[one] === undefined),
    [],
    'no other disagreement',
  );
  for (const one of found) t.comment(`${one}: ${KNOWN[one] ?? 'not known'}`);
  const weighed = all.filter(({ diagnosis }) =>
    diagnosis.findings.some(({ weights }) => weights?.some(({ weight }) => weight === 'decisive')),
  );
  t.ok(weighed.length >= 20, `${weighed.length} scenarios have a finding with a decisive signal`);
  const names = new Set(
    all.flatMap(({ diagnosis }) => diagnosis.signals ?? []).map(({ id }) => id),
  );
  t.ok(names.size >= 30, `${names.size} signals are seen in the scenarios`);
});
