import type { ProbedConnection } from '../../../src/capture/probe-capture.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Handshake } from '../../../src/handshake/handshake.js';
import type { StageName } from '../../../src/handshake/trace.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../../src/probe/settings.js';
import { nextFollowUp } from '../../../src/scan/follow-up.js';
import type { Scenario } from '../../../src/simulator/scenario.js';
import { startTls, unlisted } from '../../../src/simulator/scenario-parts.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { PROTOCOL_HYBRID, PROTOCOL_RDP, PROTOCOL_SSL } from '../../../src/wire/negotiation.js';
import { EXPECTED } from '../../scenarios/expected.js';
import { runInMemory, SERVER_NAME } from '../../support/scenario-run.js';
import {
  fault,
  KEY_OR_CERTIFICATE,
  type MatrixCase,
  type Truth,
  untold,
  VARIES,
} from './matrix-case.js';
import { SCENARIO_TRUTHS } from './simulator-cases.js';

interface Row {
  readonly name: string;
  readonly truth: Truth;
  readonly from: string;
  /** the scenario that answers a connection, by its number from 0 and by what it asks */
  readonly server: (connection: number, asks: ProbeSettings) => string | Scenario;
  readonly asks?: Partial<ProbeSettings>;
  /** where it falls silent */
  readonly silentIn?: StageName;
}

const DIRECT_TLS = unlisted('direct-tls', 'TLS without the negotiation', startTls());

const BOTH = PROTOCOL_SSL | PROTOCOL_HYBRID;

const first =
  (bad: string, then: string): Row['server'] =>
  (connection) =>
    connection === 0 ? bad : then;

const ROWS: readonly Row[] = [
  {
    name: 'no ClientHello is answered, and the server negotiates on',
    truth: KEY_OR_CERTIFICATE,
    from: 'a server that breaks off after any ClientHello, and without TLS wants NLA',
    server: (_, asks) => (asks.requestedProtocols === 0 ? 'nla-required' : 'key-unreadable'),
  },
  {
    name: 'a long ClientHello is refused',
    truth: fault('large-clienthello-intolerant-path'),
    from: 'a server that breaks off above 255 bytes',
    server: () => 'long-hello-refused',
  },
  {
    name: 'a ClientHello with TLS 1.3 is refused',
    truth: fault('large-clienthello-intolerant-path'),
    from: 'a server that breaks off where TLS 1.3 is offered',
    server: () => 'new-hello-refused',
  },
  {
    name: 'only TLS 1.0 is answered',
    truth: fault('tls-server-only-legacy'),
    from: 'a server that breaks off where anything newer than TLS 1.0 is offered',
    server: () => 'only-old-hello-answered',
  },
  {
    name: 'TLS is answered without the request, and not behind it',
    truth: fault('middlebox-dpi-resets-rdp'),
    from: 'something that breaks off what begins with an RDP request, and no other TLS',
    server: (_, asks) => (asks.opening === 'tls' ? DIRECT_TLS : 'key-unreadable'),
  },
  {
    name: 'silent to the request, TLS is answered without it',
    truth: fault('middlebox-dpi-resets-rdp', 'not-an-rdp-service'),
    from: 'something that lets the RDP request fall, and no other TLS',
    server: (_, asks) => (asks.opening === 'tls' ? DIRECT_TLS : 'silent-after-request'),
    silentIn: 'x224',
  },
  {
    name: 'a routing token that leads nowhere',
    truth: fault('load-balancer-or-broker-token'),
    from: 'a server that closes where a token is given, and answers without',
    server: (_, asks) => (asks.routingToken === null ? 'healthy-windows' : 'close-after-request'),
    asks: { routingToken: 'tsv://MS Terminal Services Plugin.1.Gone' },
  },
  ...['close-after-request', 'reset-after-request', 'close-after-ts-request'].map((bad) => ({
    name: `${bad} once, then healthy`,
    truth: VARIES,
    from: 'the first connection alone is bad: it depends on the moment or the host',
    server: first(bad, 'healthy-windows'),
  })),
  {
    name: 'silent once, then healthy',
    truth: VARIES,
    from: 'the first connection alone is bad: it depends on the moment or the host',
    server: first('silent-after-request', 'healthy-windows'),
    silentIn: 'x224',
  },
  {
    name: 'silent to every request',
    truth: fault('termservice-hung'),
    from: 'a server that accepts and never answers',
    server: () => 'silent-after-request',
    silentIn: 'x224',
  },
  {
    name: 'the flight stalls, a short answer arrives',
    truth: fault('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp'),
    from: 'the long flight is cut off twice, the answer of one packet is not',
    server: (connection) => (connection < 2 ? 'stall-mid-server-hello' : 'hello-retry'),
    silentIn: 'tls',
  },
  {
    name: 'nothing after the ClientHello, a short answer arrives',
    truth: fault('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp'),
    from: 'the long flight never comes, the answer of one packet does',
    server: (connection) => (connection === 2 ? 'hello-retry' : 'silent-after-client-hello'),
    silentIn: 'tls',
  },
  {
    name: 'nothing after any ClientHello',
    truth: untold('no answer of any size: a filter and a hung service alike'),
    from: 'a server that reads every ClientHello and never answers',
    server: () => 'silent-after-client-hello',
    silentIn: 'tls',
  },
  {
    name: 'NLA ends without a word, TLS alone goes through',
    truth: fault('ntlm-blocked', 'tls-interception-breaks-nla'),
    from: 'a server that closes at the first TSRequest, and is sound without NLA',
    server: (_, asks) =>
      asks.requestedProtocols === PROTOCOL_SSL ? 'healthy-tls-only' : 'close-after-ts-request',
  },
  {
    name: 'alert 40 to everything but old suites',
    truth: fault('tls-cipher-mismatch', 'tls-server-only-legacy'),
    from: 'a server that answers the ClientHello of TLS 1.0 alone',
    server: first('tls-alert-handshake-failure', 'tls10-only'),
  },
  {
    name: 'alert 40 to every ClientHello',
    truth: fault('tls-cipher-mismatch', 'tls-no-common-group', 'fips-mode-mismatch'),
    from: 'RFC 8446 section 6.2: the meaning of the alert that the server answers always',
    server: () => 'tls-alert-handshake-failure',
  },
  {
    name: 'NLA is required, and accepted',
    truth: fault('nla-required-by-server'),
    from: 'a server with NLA alone, asked for TLS',
    server: first('nla-required', 'healthy-windows'),
    asks: { requestedProtocols: PROTOCOL_SSL },
  },
  {
    name: 'TLS is required, and accepted',
    truth: fault('tls-required-by-server'),
    from: 'a server with TLS alone, asked for NLA',
    server: first('tls-required', 'healthy-tls-only'),
    asks: { requestedProtocols: PROTOCOL_HYBRID },
  },
  {
    name: 'no certificate, and without TLS it goes on',
    truth: fault('server-has-no-usable-certificate'),
    from: 'a server that answers failure 3, and takes standard RDP security',
    server: first('no-certificate', 'rdp-security'),
    asks: { requestedProtocols: BOTH },
  },
  {
    name: 'TLS is not allowed, and without it it goes on',
    truth: fault('security-layer-rdp-only'),
    from: 'a server with standard RDP security alone',
    server: (_, asks) =>
      asks.requestedProtocols === PROTOCOL_RDP ? 'rdp-security' : 'rdp-security-only',
    asks: { requestedProtocols: BOTH },
  },
];

/** No stage that does not end in silence ever gets here. */
const LONG_LIMIT_MS = 30_000;
/** Long enough for whatever has to happen before the silence. */
const SILENCE_LIMIT_MS = 1000;

interface Probed {
  readonly handshake: Handshake;
  readonly connection: ProbedConnection;
}

async function probe(
  server: string | Scenario,
  settings: ProbeSettings,
  as: Pick<Handshake, 'id' | 'purpose' | 'reason'>,
): Promise<Probed> {
  const scenario = typeof server === 'string' ? findScenario(server) : server;
  if (scenario === null) throw new Error(`no scenario ${String(server)}`);
  const { handshake, trace, recording } = await runInMemory(scenario, settings, 'whole');
  const { purpose, reason } = as;
  return {
    handshake: { ...handshake, ...as },
    connection: { trace, recording, captured: null, asked: { purpose, reason } },
  };
}

/** What only further questions show of a scenario. */
const ASKED_FURTHER: Readonly<Record<string, Truth>> = {
  'long-hello-refused': fault('large-clienthello-intolerant-path'),
  'new-hello-refused': fault('large-clienthello-intolerant-path'),
  'only-old-hello-answered': fault('tls-server-only-legacy'),
};

/** Every scenario that fails, played to each of the questions as well. */
function everyFailure(): readonly Row[] {
  return Object.entries(EXPECTED).flatMap(([name, { failedAt, how, asks }]) => {
    const truth = ASKED_FURTHER[name] ?? SCENARIO_TRUTHS[name];
    if (failedAt === null || truth === undefined) return [];
    const silent = how === 'timeout' ? { silentIn: failedAt } : {};
    const from = `the scenario ${name}, in every connection`;
    return [
      { name: `${name}, whatever is asked`, truth, from, server: () => name, asks, ...silent },
    ];
  });
}

/** What check does: a handshake that fails, and the questions that it asks after it. */
export function followUpCases(): readonly MatrixCase[] {
  return [...ROWS, ...everyFailure()].map(({ name, truth, from, server, asks = {}, silentIn }) => ({
    kind: 'follow-up',
    name,
    truth,
    from,
    waits: silentIn !== undefined,
    diagnose: async (keep) => {
      const silence = silentIn === undefined ? {} : { [silentIn]: SILENCE_LIMIT_MS };
      const stageLimitsMs = stageLimits(LONG_LIMIT_MS, silence);
      const settings: ProbeSettings = { ...DEFAULT_SETTINGS, ...asks, stageLimitsMs };
      const first = await probe(server(0, settings), settings, {
        id: 0,
        purpose: 'verdict',
        reason: null,
      });
      const made = [first];
      for (;;) {
        const followUps = made.slice(1).map(({ handshake }) => handshake);
        const next = nextFollowUp(first.handshake, followUps, settings);
        if (next === null) break;
        const whole: ProbeSettings = { ...settings, ...next.settings };
        const id = made.length;
        const { purpose, reason } = next;
        made.push(await probe(server(id, whole), whole, { id, purpose, reason }));
      }
      keep?.(made.map(({ connection }) => connection));
      const handshakes = made.map(({ handshake }) => handshake);
      return diagnose(SERVER_NAME, handshakes, Date.now());
    },
  }));
}
