import type { GatewayTrace } from '../handshake/gateway.js';
import type { Fact, HandshakeTrace, StageName } from '../handshake/trace.js';
import type { Clock } from './clock.js';
import { type GatewayContext, openGateway } from './gateway.js';
import { GatewayStream } from './gateway-stream.js';
import type { Logon } from './logon.js';
import { probeConnection } from './probe-connection.js';
import { serverNameFor } from './server-name.js';
import { type ProbeSettings, renderTarget, type Target } from './settings.js';
import { prepareTls } from './tls-client.js';

export interface ThroughGateway {
  readonly gateway: GatewayTrace;
  /** of the target; null: there was no channel to it */
  readonly trace: HandshakeTrace | null;
}

/** The gateway makes the TCP connection to the target, and nobody here sees it. */
const BEHIND_GATEWAY = "the gateway's connection to the target cannot be seen from here";

const TCP_FIELDS: readonly string[] = [
  'tcp.rttMs',
  'tcp.mss',
  'tcp.retransmissions',
  'tcp.synRetransmissions',
  'tcp.spuriousRetransmissions',
  'tcp.outOfOrder',
  'tcp.duplicateAcks',
  'tcp.zeroWindows',
  'tcp.fragments',
  'tcp.largestSegment',
  'tcp.icmp',
  'tcp.pathMtu',
];

/**
 * Goes through a gateway to the target and, where it opens a channel, probes the target in it: what
 * the report calls TCP is then the gateway's opening of that channel.
 */
export async function probeThroughGateway(
  gateway: Target,
  target: Target,
  settings: ProbeSettings,
  context: GatewayContext & {
    onStage?(stage: StageName): void;
    /** absent: nobody logs on to the target */
    readonly logon?: Logon;
  },
): Promise<ThroughGateway> {
  prepareTls();
  const { trace, link } = await openGateway(gateway, target, settings, context);
  if (link === null) return { gateway: trace, trace: null };
  const facts: Fact[] = [];
  const asked = trace.facts.findLast(
    (fact) => fact.kind === 'tunnel-packet' && fact.packet === 'channel-create',
  );
  const origin = trace.startedAt + (asked?.at ?? 0) - context.clock.startedAt;
  const clock: Clock = {
    startedAt: context.clock.startedAt + origin,
    now: () => context.clock.now() - origin,
  };
  facts.push({ kind: 'tcp-connect', at: 0 });
  facts.push({
    kind: 'tunnel',
    at: clock.now(),
    protocol: 'RD Gateway',
    target: renderTarget(target),
    proxy: trace.name,
    startAt: 0,
  });
  const stream = new GatewayStream(link);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  await probeConnection(stream, settings, {
    serverName: serverNameFor(target.host),
    clock,
    signal: context.signal,
    emit: (fact) => facts.push(fact),
    ...(context.logon === undefined ? {} : { logon: context.logon }),
    ...(context.onStage === undefined ? {} : { onStage: (stage) => context.onStage?.(stage) }),
  });
  // The connections to the gateway are ended politely too.
  stream.destroy();
  await closed;
  return {
    gateway: trace,
    trace: {
      source: { kind: 'live', profile: 'mstsc' },
      client: { address: null, port: null },
      server: { address: null, port: target.port, name: target.host },
      startedAt: clock.startedAt,
      facts,
      notMeasured: Object.fromEntries(TCP_FIELDS.map((field) => [field, BEHIND_GATEWAY])),
    },
  };
}
