import { diagnose } from '../../../src/diagnose/diagnose.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../../src/probe/settings.js';
import { SCENARIOS } from '../../../src/simulator/scenarios.js';
import { EXPECTED } from '../../scenarios/expected.js';
import { runInMemory, SERVER_NAME } from '../../support/scenario-run.js';
import {
  fault,
  HEALTHY,
  KEY_OR_CERTIFICATE,
  type MatrixCase,
  type Truth,
  untold,
} from './matrix-case.js';

const OTHER_SERVICE = fault('not-an-rdp-service');
const UNPATCHED = fault('credssp-oracle-patched-client-unpatched-server');
const LEGACY = fault('tls-server-only-legacy');
const HUNG = fault('termservice-hung');
const NOT_OFFERED = fault('general-secure-negotiation-failure');
const ENDED = untold('an end without a word: a limit, a balancer, a filter or a crash alike');
const SPOILT = untold('bytes that mean nothing: whoever made them does not say who it is');

/** What each scenario was written to be: its title says so. */
export const SCENARIO_TRUTHS: Readonly<Record<string, Truth>> = {
  'healthy-windows': HEALTHY,
  'healthy-tls12': HEALTHY,
  'healthy-ca-certificate': HEALTHY,
  'healthy-tls-only': HEALTHY,
  'rdp-security': HEALTHY,
  'no-negotiation': fault('legacy-server-without-negotiation'),
  'split-1': HEALTHY,
  'hello-retry': HEALTHY,
  'spnego-wrapped': HEALTHY,
  'expired-certificate': fault('self-signed-cert-not-renewed'),
  'not-yet-valid-certificate': fault('kerberos-time-skew'),
  'renamed-computer': fault('cert-name-or-trust'),
  'weak-certificate': fault('weak-certificate'),
  'clock-ahead': fault('kerberos-time-skew'),
  'unpatched-credssp-2': UNPATCHED,
  'unpatched-credssp-3': UNPATCHED,
  'unpatched-credssp-4': UNPATCHED,
  'patched-credssp-5': HEALTHY,
  'tls10-only': LEGACY,
  'tls11-only': LEGACY,

  'nla-required': fault('nla-required-by-server'),
  'tls-required': fault('tls-required-by-server'),
  'rdp-security-only': fault('security-layer-rdp-only'),
  'no-certificate': fault('server-has-no-usable-certificate'),
  'inconsistent-flags': fault('inconsistent-negotiation-flags'),
  'user-auth-required': fault('client-certificate-required'),
  'unknown-failure': NOT_OFFERED,
  'talks-on-after-failure': fault('security-layer-rdp-only'),
  rdstls: NOT_OFFERED,
  'unknown-protocol': NOT_OFFERED,
  'x224-disconnect': fault('load-balancer-or-broker-token', 'rdp-connection-limit-or-drain'),
  'mcs-disconnect': ENDED,
  silent: HUNG,
  'silent-after-request': HUNG,
  'closed-at-once': ENDED,
  'reset-at-once': ENDED,
  'close-after-request': ENDED,
  'reset-after-request': ENDED,
  'stall-mid-confirm': untold('half an answer: loss, load or a hung service alike'),
  'close-mid-confirm': ENDED,
  trickle: untold('an answer of a byte a second: a narrow line and a busy host alike'),
  'malformed-confirm': SPOILT,
  'garbage-confirm': OTHER_SERVICE,
  ssh: OTHER_SERVICE,
  http: OTHER_SERVICE,
  vnc: OTHER_SERVICE,
  'tls-at-once': OTHER_SERVICE,
  modbus: OTHER_SERVICE,
  mysql: OTHER_SERVICE,
  'iso-on-tcp': OTHER_SERVICE,

  'key-unreadable': KEY_OR_CERTIFICATE,
  'long-hello-refused': untold('one ClientHello does not show what about it is minded'),
  'new-hello-refused': untold('one ClientHello does not show what about it is minded'),
  'only-old-hello-answered': untold('one ClientHello does not show what about it is minded'),
  'closed-after-client-hello': untold('closes where an unreadable key would, for no reason'),
  'silent-after-client-hello': untold('silence after the ClientHello: sizes, filter or service'),
  'close-after-confirm': ENDED,
  'reset-after-confirm': ENDED,
  'tls-alert-handshake-failure': fault('tls-cipher-mismatch'),
  'tls-alert-protocol-version': fault('tls-versions-disabled-on-host'),
  // The alerts of a server that cannot use its key or its Schannel, as the catalogue documents.
  'tls-alert-internal-error': fault(
    'private-key-acl-machinekeys',
    'private-key-missing-or-corrupt',
    'schannel-configuration-damaged',
  ),
  'stall-mid-server-hello': fault('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp'),
  'reset-in-server-flight': ENDED,
  'garbage-after-client-hello': SPOILT,
  flood: SPOILT,

  'close-after-tls': ENDED,
  'close-notify-after-tls': ENDED,
  'reset-after-tls': ENDED,
  'silent-after-tls': untold('silence: loss or a hung service alike'),
  'close-after-ts-request': ENDED,
  'reset-after-ts-request': ENDED,
  'credssp-error-code': fault('nla-bad-credentials', 'ntlm-blocked'),
  'nla-logon': HEALTHY,
  'malformed-ts-request': SPOILT,
  'garbage-after-tls': SPOILT,
  'mcs-disconnect-after-connect': ENDED,
  'silent-after-connect': untold('silence: loss or a hung service alike'),
};

/** No stage that does not end in silence ever gets here. */
const LONG_LIMIT_MS = 30_000;
/** Long enough for whatever has to happen before the silence. */
const SILENCE_LIMIT_MS = 1500;

function settingsFor(name: string): ProbeSettings {
  const expected = EXPECTED[name];
  if (expected === undefined) throw new Error(`nothing is expected of ${name}`);
  const { failedAt, how, asks } = expected;
  const silent = how === 'timeout' && failedAt !== null ? { [failedAt]: SILENCE_LIMIT_MS } : {};
  return { ...DEFAULT_SETTINGS, ...asks, stageLimitsMs: stageLimits(LONG_LIMIT_MS, silent) };
}

/** Every scenario, probed once in memory. */
export function simulatorCases(): readonly MatrixCase[] {
  return SCENARIOS.map((scenario) => {
    const truth = SCENARIO_TRUTHS[scenario.name];
    if (truth === undefined) throw new Error(`${scenario.name} has no label`);
    return {
      kind: 'simulator',
      name: scenario.name,
      truth,
      from: `the scenario: ${scenario.title}`,
      waits: EXPECTED[scenario.name]?.how === 'timeout',
      diagnose: async (keep) => {
        const run = await runInMemory(scenario, settingsFor(scenario.name), 'whole');
        const { handshake, trace, recording } = run;
        keep?.([{ trace, recording, captured: null }]);
        return diagnose(SERVER_NAME, [handshake], Date.now());
      },
    };
  });
}
