import type { UdpProbe, UdpReport } from '../handshake/path.js';
import { RDPUDP_MAX_MTU } from '../wire/rdpeudp.js';
import type { SynOutcome, SynPlan, SynResult } from './udp-plan.js';

type Answered = SynOutcome & { readonly result: SynResult & { kind: 'answered' } };

/**
 * Sizes of whole IP packets in one direction, from UDP alone. From the server they are those of its
 * datagrams: whether its system cut them up on the way is not seen here.
 */
export interface UdpSizes {
  readonly passUpTo: number | null;
  readonly failsFrom: number | null;
}

export interface UdpMeasured {
  readonly report: UdpReport;
  readonly sizes: { readonly toServer: UdpSizes; readonly fromServer: UdpSizes };
  /** datagrams that were sent */
  readonly datagrams: number;
  /** dotted path below `path` -> why it is null */
  readonly notMeasured: Readonly<Record<string, string>>;
}

/** IP and UDP header. Our packets have no IP options. */
export function udpHeaderBytes(family: 4 | 6): number {
  return (family === 4 ? 20 : 40) + 8;
}

/** How the measurement was made, as far as the verdict must say so. */
export interface UdpCircumstances {
  readonly family: 4 | 6;
  /** null: packets had the do-not-fragment bit; else why not */
  readonly fragmentable: string | null;
  readonly interrupted: boolean;
}

const SILENCE =
  'UDP may be blocked on the way or switched off at the server, or the server answers only a client whose TCP connection has announced it; RDP works without UDP';

/** What the answers say. Pure: the same outcomes give the same verdict on any platform. */
export function judgeUdp(
  outcomes: readonly SynOutcome[],
  circumstances: UdpCircumstances,
): UdpMeasured {
  const header = udpHeaderBytes(circumstances.family);
  const answered = outcomes.filter(isAnswered);
  const datagrams = outcomes.reduce((sum, { sent }) => sum + sent, 0);
  const rtts = answered.flatMap(({ result }) => (result.rttUs === null ? [] : [result.rttUs]));
  const versions = answered.flatMap(({ result }) =>
    result.version === null ? [] : [result.version],
  );
  const sizes = {
    toServer: sizesToServer(outcomes, header),
    fromServer: sizesFrom(outcomes, header),
  };
  const report: UdpReport = {
    ...statusOf(outcomes, datagrams, sizes, circumstances),
    rttMs: rtts.length === 0 ? null : Math.min(...rtts) / 1000,
    largestAnswerBytes: sizes.fromServer.passUpTo,
    version: versions.length === 0 ? null : Math.max(...versions),
    probes: outcomes.filter(({ sent }) => sent > 0).map((outcome) => probeOf(outcome, header)),
  };
  return { report, sizes, datagrams, notMeasured: reasonsOf(report) };
}

function isAnswered(outcome: SynOutcome): outcome is Answered {
  return outcome.result.kind === 'answered';
}

function probeOf({ plan, result }: SynOutcome, header: number): UdpProbe {
  const answer = result.kind === 'answered' ? result : null;
  return {
    sentBytes: plan.payloadBytes + header,
    advertisedMtu: plan.advertisedMtu,
    version: plan.version,
    answerBytes: answer === null ? null : answer.answerBytes + header,
    rttMs: answer === null || answer.rttUs === null ? null : answer.rttUs / 1000,
  };
}

/** Whether a SYN failed that differs in its sizes alone from one that was answered. */
function failed(
  outcomes: readonly SynOutcome[],
  differs: (plan: SynPlan, from: SynPlan) => boolean,
): boolean {
  return outcomes.some(
    ({ plan, result }) =>
      (result.kind === 'silent' || result.kind === 'too-large') &&
      outcomes.some(
        (other) =>
          isAnswered(other) && other.plan.version === plan.version && differs(plan, other.plan),
      ),
  );
}

function sizesToServer(outcomes: readonly SynOutcome[], header: number): UdpSizes {
  const passed = outcomes.filter(isAnswered).map(({ plan }) => plan.payloadBytes + header);
  const passUpTo = passed.length === 0 ? null : Math.max(...passed);
  const large = RDPUDP_MAX_MTU + header;
  const refused = outcomes.some(({ result }) => result.kind === 'too-large');
  const fails =
    refused ||
    failed(
      outcomes,
      (plan, from) =>
        plan.payloadBytes > from.payloadBytes && plan.advertisedMtu === from.advertisedMtu,
    );
  return { passUpTo, failsFrom: fails && passUpTo !== large ? large : null };
}

function sizesFrom(outcomes: readonly SynOutcome[], header: number): UdpSizes {
  const came = outcomes.filter(isAnswered).map(({ result }) => result.answerBytes + header);
  const passUpTo = came.length === 0 ? null : Math.max(...came);
  const large = RDPUDP_MAX_MTU + header;
  const fails = failed(
    outcomes,
    (plan, from) =>
      plan.advertisedMtu > from.advertisedMtu && plan.payloadBytes === from.payloadBytes,
  );
  // Where answers are not padded, a larger one was never sent.
  const padded = outcomes
    .filter(isAnswered)
    .some(({ plan, result }) => result.answerBytes >= plan.advertisedMtu);
  return { passUpTo, failsFrom: fails && padded && passUpTo !== large ? large : null };
}

function statusOf(
  outcomes: readonly SynOutcome[],
  datagrams: number,
  sizes: UdpMeasured['sizes'],
  circumstances: UdpCircumstances,
): Pick<UdpReport, 'status' | 'why'> {
  if (outcomes.some(isAnswered)) {
    return { status: 'answered', why: answeredWhy(outcomes, sizes, circumstances) };
  }
  for (const { result } of outcomes) {
    if (result.kind === 'unreachable') {
      return {
        status: 'icmp-unreachable',
        why: `an ICMP message came back (${result.code}): nothing listens for UDP on that port, or a firewall says so; RDP works without UDP`,
      };
    }
  }
  if (circumstances.interrupted) return { status: 'not-tested', why: 'interrupted' };
  for (const { result } of outcomes) {
    if (result.kind === 'not-sent') {
      return { status: 'not-tested', why: `the system sends no UDP there (${result.code})` };
    }
  }
  if (datagrams === 0) {
    return { status: 'not-tested', why: 'the system takes even the smallest packet for too large' };
  }
  return {
    status: 'silent',
    why: `no answer to ${datagrams === 1 ? 'one datagram' : `${datagrams} datagrams`}: ${SILENCE}`,
  };
}

function answeredWhy(
  outcomes: readonly SynOutcome[],
  { toServer, fromServer }: UdpMeasured['sizes'],
  { fragmentable }: UdpCircumstances,
): string {
  const parts = [
    `UDP packets of ${toServer.passUpTo} bytes reach the server, and answers of ${fromServer.passUpTo} bytes come back`,
  ];
  if (toServer.failsFrom !== null) {
    parts.push(
      outcomes.some(({ result }) => result.kind === 'too-large')
        ? `this system sends no packet of ${toServer.failsFrom} bytes there`
        : `those of ${toServer.failsFrom} bytes to the server get no answer`,
    );
  }
  if (fromServer.failsFrom !== null) {
    parts.push(
      `answers of ${fromServer.failsFrom} bytes do not come, or the server wants a request as large`,
    );
  }
  const unpadded = outcomes
    .filter(isAnswered)
    .every(({ plan, result }) => result.answerBytes < plan.advertisedMtu);
  if (unpadded) parts.push('its answers are not padded, so larger ones were not tried');
  const sizesExplain = toServer.failsFrom !== null || fromServer.failsFrom !== null;
  if (outcomes[0]?.result.kind === 'silent' && !sizesExplain && !unpadded) {
    parts.push('the first one was lost, or the version that it offers is not answered');
  }
  if (fragmentable !== null) {
    parts.push(`packets may have been fragmented on the way, for ${fragmentable}`);
  }
  return parts.join('; ');
}

function reasonsOf(report: UdpReport): Record<string, string> {
  const reasons: Record<string, string> = {};
  const answered = report.status === 'answered';
  const none = answered ? null : 'no answer came';
  if (report.rttMs === null) {
    reasons['udp.rttMs'] = none ?? 'only a SYN that was sent twice was answered';
  }
  if (report.largestAnswerBytes === null) reasons['udp.largestAnswerBytes'] = none ?? 'no answer';
  if (report.version === null) {
    reasons['udp.version'] = none ?? 'the server named none, which means version 1';
  }
  return reasons;
}
