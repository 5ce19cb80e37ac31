/**
 * What a measurement of the network path found: the `path` of the report. Produced live, read by the
 * diagnosis and the renderers. Serialisable. Sizes are bytes of whole IP packets, header included.
 */

/** The figures of a series of durations; null where there was no sample. */
export interface Spread {
  readonly samples: number;
  readonly minMs: number | null;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
  /** mean difference between one sample and the next */
  readonly jitterMs: number | null;
}

export interface HistogramBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export type Mechanism =
  /** every size that was tested passed */
  | 'none'
  /** path-MTU discovery works: larger packets are refused by ICMP and the sender obeys */
  | 'pmtud'
  /** larger packets vanish without a word, smaller ones pass */
  | 'black-hole'
  /** the MSS that the other end sees is smaller than what was offered */
  | 'mss-clamped'
  /** a black hole, which the sender worked around late by MTU probing */
  | 'repaired-late'
  | 'inconclusive'
  | 'not-measured';

/** One packet size in one direction. */
export interface SizeTrial {
  readonly bytes: number;
  readonly result: 'passed' | 'vanished' | 'refused' | 'unclear';
  /** how often a packet of this size was sent, as far as it is known; retransmissions count */
  readonly sent: number;
  /** position in `attempts` */
  readonly attempt: number;
}

/** How large packets may be in one direction. */
export interface DirectionReport {
  /** the largest size that was seen to pass; null: none was */
  readonly passUpTo: number | null;
  /** the smallest size that was seen not to pass; null: none was */
  readonly failsFrom: number | null;
  /** the largest size that was tried at all */
  readonly testedUpTo: number | null;
  readonly mechanism: Mechanism;
  /** one sentence: what it rests on, or why nothing can be said */
  readonly why: string | null;
  /** payload bytes of the largest segment that this direction may send, by its MSS option */
  readonly mss: number | null;
  /** path MTU that this side's kernel learned, or that the peer's segments show it has learned */
  readonly learnedMtu: number | null;
  /** address of the router that reported it */
  readonly reportedBy: string | null;
  /** passed and tried, up to `passUpTo` and above it */
  readonly trials: {
    readonly small: readonly [number, number];
    readonly big: readonly [number, number];
  };
  /** one-sided Fisher test of `trials`; null: there is nothing to compare */
  readonly p: number | null;
  /** in order of size, then of time */
  readonly sizes: readonly SizeTrial[];
  /** how long the sender took to work around the hole; null: it did not */
  readonly repairedAfterMs: number | null;
}

export interface LossReport {
  /** packets with data that we sent, those sent again included; null: not measured */
  readonly sent: number | null;
  /** of those, how many did not arrive */
  readonly lost: number | null;
  /** lost / sent */
  readonly ratio: number | null;
  /** Wilson score interval, 95 % */
  readonly interval95: readonly [number, number] | null;
  /** the server's own retransmissions are not seen from here */
  readonly direction: 'to-server';
  /** sent again although they had arrived (the server said so by DSACK); in `sent`, not in `lost` */
  readonly spurious: number | null;
  /** connections whose SYN had to be sent again, and connections that were asked for */
  readonly synRetransmissions: { readonly connections: number; readonly of: number } | null;
  /** segments from the server that came before one that should have come earlier: loss or overtaking */
  readonly fromServerOutOfOrder: number | null;
}

export type UdpStatus = 'answered' | 'silent' | 'icmp-unreachable' | 'not-tested';

/** One RDPEUDP SYN, and whether an answer came. */
export interface UdpProbe {
  /** whole IP packet that we sent */
  readonly sentBytes: number;
  /** uUpStreamMtu and uDownStreamMtu that it advertised */
  readonly advertisedMtu: number;
  readonly version: number;
  /** whole IP packet of the answer; null: none came */
  readonly answerBytes: number | null;
  readonly rttMs: number | null;
}

export interface UdpReport {
  readonly status: UdpStatus;
  readonly rttMs: number | null;
  /** whole IP packet */
  readonly largestAnswerBytes: number | null;
  /** highest RDPEUDP version that the server answered with, as on the wire; null: it named none */
  readonly version: number | null;
  /** what this means, or why it was not tested */
  readonly why: string | null;
  readonly probes: readonly UdpProbe[];
}

/** What another tool or another way says, which proves nothing by itself. */
export interface SideEvidence {
  readonly what: 'ping' | 'tracepath' | 'icmp-socket' | 'second-port' | 'other-address' | 'ttl';
  readonly says: string;
  /** whole IP packets that came back; null: it says nothing of sizes */
  readonly passUpTo: number | null;
  readonly failsFrom: number | null;
  /** router that refused a larger packet, and the MTU that it named */
  readonly reportedBy: string | null;
  readonly reportedMtu: number | null;
}

/** One TCP connection that the measurement made. */
export interface PathAttempt {
  /** since the start of the measurement */
  readonly atMs: number;
  readonly tookMs: number;
  readonly purpose: 'handshake' | 'to-server' | 'from-server' | 'loss';
  /** one sentence: what was tried and what came of it */
  readonly says: string;
  /** MSS that it advertised, where that was set on purpose */
  readonly clampedMss: number | null;
  /** `id` of its handshake in the report; null: it is not among them */
  readonly handshake: number | null;
}

/** The times of one handshake of the latency series. */
export interface PathSample {
  readonly atMs: number;
  /** null: the SYN was sent again, or the kernel does not tell and there was no connection */
  readonly rttMs: number | null;
  /** stage -> duration, of the stages that completed */
  readonly stagesMs: Readonly<Record<string, number>>;
  readonly synRetransmissions: number | null;
  /** this process was so late at times that the stage times are not to be trusted */
  readonly shaky: boolean;
}

export interface PathReport {
  readonly rtt: Spread & {
    /** kernel: from the kernel's own sample of the SYN; application: as this process saw it */
    readonly source: 'kernel' | 'application' | null;
    readonly histogram: readonly HistogramBin[];
  };
  /** of the latency series, for the stages that completed in it */
  readonly stages: readonly (Spread & {
    readonly stage: string;
    /** median / median RTT; null: the RTT is below 1 ms, and says nothing of the stage */
    readonly roundTrips: number | null;
  })[];
  readonly loss: LossReport;
  readonly mtu: { readonly toServer: DirectionReport; readonly fromServer: DirectionReport };
  readonly udp: UdpReport;
  /** a box on the way seems to answer TCP for the server; null: no sign of it */
  readonly terminatedBy: string | null;
  /** MTU of the interface that leads to the target */
  readonly interfaceMtu: number | null;
  readonly sideEvidence: readonly SideEvidence[];
  /** TCP connections made */
  readonly connections: number;
  /** the most that it would have made */
  readonly plannedConnections: number;
  /** the longest that this process was late in serving its own events */
  readonly eventLoopDelayMs: number | null;
  readonly samples: readonly PathSample[];
  readonly attempts: readonly PathAttempt[];
  /** what to set or to do, one sentence; null: nothing */
  readonly advice: string | null;
  /** one line */
  readonly verdict: string;
  /** dotted path below `path` -> why it is null */
  readonly notMeasured: Readonly<Record<string, string>>;
}
