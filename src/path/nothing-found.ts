import type { DirectionReport, LossReport, UdpReport } from '../handshake/path.js';

/** What the parts of a measurement came to. */
export interface Found {
  /** null: the name did not resolve */
  readonly address: string | null;
  readonly family: 4 | 6;
  readonly toServer: DirectionReport;
  readonly fromServer: DirectionReport;
  readonly loss: LossReport;
  readonly interfaceMtu: number | null;
}

const NO_DIRECTION: DirectionReport = {
  passUpTo: null,
  failsFrom: null,
  testedUpTo: null,
  mechanism: 'not-measured',
  why: 'there was no connection',
  mss: null,
  learnedMtu: null,
  reportedBy: null,
  trials: { small: [0, 0], big: [0, 0] },
  p: null,
  sizes: [],
  repairedAfterMs: null,
};

const NO_LOSS: LossReport = {
  sent: null,
  lost: null,
  ratio: null,
  interval95: null,
  direction: 'to-server',
  spurious: null,
  synRetransmissions: null,
  fromServerOutOfOrder: null,
};

export const NO_UDP: UdpReport = {
  status: 'not-tested',
  rttMs: null,
  largestAnswerBytes: null,
  version: null,
  why: 'it was not asked for',
  probes: [],
};

export const NOTHING_FOUND: Found = {
  address: null,
  family: 4,
  toServer: NO_DIRECTION,
  fromServer: NO_DIRECTION,
  loss: NO_LOSS,
  interfaceMtu: null,
};
