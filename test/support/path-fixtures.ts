import type {
  DirectionReport,
  LossReport,
  PathAttempt,
  PathReport,
  PathSample,
  SizeTrial,
  Spread,
  UdpReport,
} from '../../src/handshake/path.js';

/*
 * What measurements of paths found, made by hand as the measuring code says it: one for each kind of
 * path. Their chances are those of Fisher's test for the trials beside them, their intervals
 * Wilson's, worked out apart from the code that computes them.
 */

/** Sizes that passed, and sizes that vanished, each of the latter in a connection of its own. */
function sizesOf(
  passed: readonly number[],
  vanished: readonly number[] = [],
  sent = 3,
): readonly SizeTrial[] {
  return [
    ...passed.map((bytes) => ({ bytes, result: 'passed' as const, sent: 1, attempt: 0 })),
    ...vanished.map((bytes, index) => ({
      bytes,
      result: 'vanished' as const,
      sent,
      attempt: index + 1,
    })),
  ].toSorted((one, other) => one.bytes - other.bytes);
}

const KNOWN_SIZES = [
  576, 1000, 1200, 1280, 1300, 1320, 1340, 1360, 1380, 1400, 1420, 1440, 1460, 1472, 1480, 1492,
  1500,
] as const;

function knownUpTo(limit: number): readonly number[] {
  return KNOWN_SIZES.filter((bytes) => bytes <= limit);
}

export const CLEAN_DIRECTION: DirectionReport = {
  passUpTo: 1500,
  failsFrom: null,
  testedUpTo: 1500,
  mechanism: 'none',
  why: 'every size passed, up to 1500 bytes',
  mss: 1460,
  learnedMtu: null,
  reportedBy: null,
  trials: { small: [17, 17], big: [0, 0] },
  p: null,
  sizes: sizesOf(KNOWN_SIZES),
  repairedAfterMs: null,
};

/** Nothing above so many bytes arrives: 12 of 12 small ones did, 0 of 6 large ones. */
export function hole(limit: number, changes: Partial<DirectionReport> = {}): DirectionReport {
  return {
    ...CLEAN_DIRECTION,
    passUpTo: limit,
    failsFrom: limit + 1,
    mechanism: 'black-hole',
    why: `${limit} bytes pass, ${limit + 1} bytes vanish without a word, in 2 connections`,
    trials: { small: [12, 12], big: [0, 6] },
    p: 5.387e-5,
    sizes: sizesOf([...knownUpTo(limit), limit], [1500, limit + 1]),
    ...changes,
  };
}

export const NOT_MEASURED_DIRECTION: DirectionReport = {
  passUpTo: null,
  failsFrom: null,
  testedUpTo: null,
  mechanism: 'not-measured',
  why: 'the kernel of this machine does not tell what was acknowledged',
  mss: null,
  learnedMtu: null,
  reportedBy: null,
  trials: { small: [0, 0], big: [0, 0] },
  p: null,
  sizes: [],
  repairedAfterMs: null,
};

export function spread(medianMs: number, changes: Partial<Spread> = {}): Spread {
  return {
    samples: 5,
    minMs: medianMs * 0.98,
    medianMs,
    p95Ms: medianMs * 1.06,
    maxMs: medianMs * 1.08,
    jitterMs: medianMs * 0.03,
    ...changes,
  };
}

export const NO_SPREAD: Spread = {
  samples: 0,
  minMs: null,
  medianMs: null,
  p95Ms: null,
  maxMs: null,
  jitterMs: null,
};

export const NO_LOSS: LossReport = {
  sent: 212,
  lost: 0,
  ratio: 0,
  interval95: [0, 0.017_8],
  direction: 'to-server',
  spurious: 1,
  synRetransmissions: { connections: 0, of: 9 },
  fromServerOutOfOrder: 0,
};

/** 43 of 214: a fifth. */
export const HEAVY_LOSS: LossReport = {
  sent: 214,
  lost: 43,
  ratio: 0.200_9,
  interval95: [0.152_7, 0.259_7],
  direction: 'to-server',
  spurious: 4,
  synRetransmissions: { connections: 3, of: 12 },
  fromServerOutOfOrder: 7,
};

export const UDP_ANSWERED: UdpReport = {
  status: 'answered',
  rttMs: 50.6,
  largestAnswerBytes: 1260,
  version: 0x101,
  why: 'the server speaks RDPEUDP',
  probes: [
    { sentBytes: 1260, advertisedMtu: 1232, version: 0x101, answerBytes: 1260, rttMs: 50.6 },
  ],
};

export const UDP_SILENT: UdpReport = {
  status: 'silent',
  rttMs: null,
  largestAnswerBytes: null,
  version: null,
  why: 'no answer to 3 datagrams, which says little: many servers answer none outside a session',
  probes: [
    { sentBytes: 1260, advertisedMtu: 1232, version: 0x101, answerBytes: null, rttMs: null },
    { sentBytes: 1160, advertisedMtu: 1132, version: 2, answerBytes: null, rttMs: null },
    { sentBytes: 1160, advertisedMtu: 1132, version: 1, answerBytes: null, rttMs: null },
  ],
};

export const UDP_NOT_TESTED: UdpReport = {
  status: 'not-tested',
  rttMs: null,
  largestAnswerBytes: null,
  version: null,
  why: 'it was not asked for',
  probes: [],
};

const SAMPLES: readonly PathSample[] = [50.4, 50.9, 51.3, 50.1, 53.8].map((rttMs, index) => ({
  atMs: index * 1_200,
  rttMs,
  stagesMs: { tcp: rttMs + 0.3, x224: rttMs + 0.9, tls: 2 * rttMs + 6, credssp: rttMs + 2 },
  synRetransmissions: 0,
  shaky: index === 4,
}));

export function attempt(changes: Partial<PathAttempt> = {}): PathAttempt {
  return {
    atMs: 0,
    tookMs: 260,
    purpose: 'handshake',
    says: 'the handshake completes',
    clampedMss: null,
    handshake: null,
    ...changes,
  };
}

const ATTEMPTS: readonly PathAttempt[] = [
  attempt(),
  attempt({ atMs: 1_200, purpose: 'to-server', says: '17 sizes up to 1500 bytes acknowledged' }),
  attempt({
    atMs: 2_000,
    tookMs: 2_520,
    purpose: 'from-server',
    says: 'the whole server flight arrived in segments of 1460 bytes',
    clampedMss: 1460,
  }),
];

const CLEAN: PathReport = {
  rtt: {
    ...spread(50.9, { minMs: 50.1, p95Ms: 53.8, maxMs: 53.8, jitterMs: 1.45 }),
    source: 'kernel',
    histogram: [
      { fromMs: 50, toMs: 51, count: 3 },
      { fromMs: 51, toMs: 52, count: 1 },
      { fromMs: 52, toMs: 53, count: 0 },
      { fromMs: 53, toMs: 54, count: 1 },
    ],
  },
  stages: [
    { stage: 'tcp', ...spread(51.2), roundTrips: 1.01 },
    { stage: 'x224', ...spread(51.8), roundTrips: 1.02 },
    { stage: 'tls', ...spread(107.8), roundTrips: 2.12 },
    { stage: 'credssp', ...spread(52.9), roundTrips: 1.04 },
  ],
  loss: NO_LOSS,
  mtu: { toServer: CLEAN_DIRECTION, fromServer: CLEAN_DIRECTION },
  udp: UDP_ANSWERED,
  terminatedBy: null,
  interfaceMtu: 1500,
  sideEvidence: [
    {
      what: 'ping',
      says: '1500 bytes come back with do-not-fragment set',
      passUpTo: 1500,
      failsFrom: null,
      reportedBy: null,
      reportedMtu: null,
    },
  ],
  connections: 9,
  plannedConnections: 12,
  eventLoopDelayMs: 3.1,
  samples: SAMPLES,
  attempts: ATTEMPTS,
  advice: null,
  verdict: 'packets of 1500 bytes pass in both directions, no loss in 212 packets, RTT 50.9 ms',
  notMeasured: {},
};

/** A path of 50 ms without a fault, with these changes. */
export function pathReport(changes: Partial<PathReport> = {}): PathReport {
  return { ...CLEAN, ...changes };
}

const HOLE_ATTEMPTS: readonly PathAttempt[] = [
  attempt({ says: 'died in tls: no answer within 10 s', tookMs: 10_160, handshake: 0 }),
  attempt({
    atMs: 11_000,
    tookMs: 2_520,
    purpose: 'from-server',
    says: 'nothing of the server flight arrived',
    clampedMss: 1460,
  }),
  attempt({
    atMs: 14_000,
    tookMs: 2_510,
    purpose: 'from-server',
    says: 'the first size above the limit: nothing arrived',
    clampedMss: 1241,
  }),
  attempt({
    atMs: 17_000,
    purpose: 'from-server',
    says: 'at the limit: the whole flight in full segments',
    clampedMss: 1240,
  }),
];

const SILENT_PING = {
  what: 'ping',
  says: '1280 bytes come back, 1281 do not; a round trip tells no direction',
  passUpTo: 1280,
  failsFrom: 1281,
  reportedBy: null,
  reportedMtu: null,
} as const;

/** One path of each kind. */
export const PATHS = {
  clean: CLEAN,
  holeFromServer: pathReport({
    mtu: { toServer: CLEAN_DIRECTION, fromServer: hole(1280) },
    sideEvidence: [SILENT_PING],
    connections: 11,
    attempts: HOLE_ATTEMPTS,
    advice: 'set the tunnel MTU to 1280 or clamp the MSS to 1240',
    verdict:
      'everything above 1280 bytes from the server vanishes: 12 of 12 small and 0 of 6 large arrived, p = 5e-5',
  }),
  holeToServer: pathReport({
    mtu: { toServer: hole(1400), fromServer: CLEAN_DIRECTION },
    sideEvidence: [],
    connections: 10,
    attempts: HOLE_ATTEMPTS.map((one) => ({ ...one, purpose: 'to-server', clampedMss: null })),
    advice: 'set the tunnel MTU to 1400 or clamp the MSS to 1360',
    verdict:
      'everything above 1400 bytes to the server vanishes: 12 of 12 small and 0 of 6 large arrived, p = 5e-5',
  }),
  holeBoth: pathReport({
    mtu: { toServer: hole(1280), fromServer: hole(1280) },
    udp: UDP_NOT_TESTED,
    connections: 16,
    plannedConnections: 16,
    attempts: HOLE_ATTEMPTS,
    advice: 'set the tunnel MTU to 1280 or clamp the MSS to 1240',
    verdict:
      'everything above 1280 bytes vanishes in both directions: 24 of 24 small and 0 of 12 large arrived, p = 5e-5',
  }),
  pmtud: pathReport({
    mtu: {
      toServer: {
        ...CLEAN_DIRECTION,
        passUpTo: 1280,
        failsFrom: 1281,
        mechanism: 'pmtud',
        why: 'a router refused 1500 bytes by ICMP, and the kernel obeyed',
        learnedMtu: 1280,
        reportedBy: '10.77.1.1',
        trials: { small: [8, 8], big: [0, 1] },
        sizes: [
          ...sizesOf(knownUpTo(1280)),
          { bytes: 1500, result: 'refused', sent: 1, attempt: 1 },
        ],
      },
      fromServer: {
        ...CLEAN_DIRECTION,
        passUpTo: 1280,
        testedUpTo: 1280,
        mechanism: 'pmtud',
        why: 'the server sends segments of 1228 bytes where 1460 were offered, without delay',
        learnedMtu: 1280,
        sizes: sizesOf([1200, 1280]),
      },
    },
    verdict: 'path-MTU discovery works: 10.77.1.1 limits packets to 1280 bytes, and both ends obey',
  }),
  mssClamped: pathReport({
    mtu: {
      toServer: {
        ...CLEAN_DIRECTION,
        passUpTo: 1280,
        testedUpTo: 1280,
        mechanism: 'mss-clamped',
        why: 'the SYN/ACK allows 1240 bytes where this interface allows 1460',
        mss: 1240,
        sizes: sizesOf(knownUpTo(1280)),
      },
      fromServer: {
        ...CLEAN_DIRECTION,
        passUpTo: 1280,
        testedUpTo: 1280,
        mechanism: 'mss-clamped',
        why: 'full segments have 1240 bytes where 1460 were offered',
        mss: 1240,
        sizes: sizesOf([1280]),
      },
    },
    verdict: 'the MSS is limited to 1240 by the server or on the path, and 1280 bytes pass',
  }),
  repairedLate: pathReport({
    mtu: {
      toServer: CLEAN_DIRECTION,
      fromServer: hole(1280, {
        mechanism: 'repaired-late',
        why: 'the flight came after 6.6 s in segments of 1024 bytes',
        repairedAfterMs: 6_600,
        learnedMtu: 1064,
      }),
    },
    attempts: HOLE_ATTEMPTS,
    advice: 'set the tunnel MTU to 1280 or clamp the MSS to 1240',
    verdict:
      'packets above 1280 bytes from the server vanish; it works around that after 6.6 s by MTU probing',
  }),
  heavyLoss: pathReport({
    loss: HEAVY_LOSS,
    mtu: {
      toServer: {
        ...CLEAN_DIRECTION,
        passUpTo: 1400,
        testedUpTo: 1500,
        mechanism: 'inconclusive',
        why: 'heavy loss: 20 % of all packets are lost, whatever their size',
        trials: { small: [13, 16], big: [0, 2] },
        p: 0.065_4,
        sizes: [
          ...sizesOf(knownUpTo(1400)),
          { bytes: 1500, result: 'unclear', sent: 2, attempt: 1 },
        ],
      },
      fromServer: {
        ...CLEAN_DIRECTION,
        passUpTo: null,
        testedUpTo: 1500,
        mechanism: 'inconclusive',
        why: 'heavy loss: 20 % of all packets are lost, whatever their size',
        trials: { small: [0, 0], big: [1, 3] },
        sizes: [{ bytes: 1500, result: 'unclear', sent: 3, attempt: 2 }],
      },
    },
    connections: 12,
    verdict: '20 % of the packets to the server are lost; packet sizes cannot be told from that',
  }),
  noKernel: pathReport({
    rtt: {
      ...spread(51.2),
      source: 'application',
      histogram: [{ fromMs: 50, toMs: 55, count: 5 }],
    },
    loss: {
      sent: null,
      lost: null,
      ratio: null,
      interval95: null,
      direction: 'to-server',
      spurious: null,
      synRetransmissions: null,
      fromServerOutOfOrder: null,
    },
    mtu: { toServer: NOT_MEASURED_DIRECTION, fromServer: NOT_MEASURED_DIRECTION },
    udp: UDP_NOT_TESTED,
    interfaceMtu: null,
    sideEvidence: [],
    connections: 5,
    attempts: [attempt()],
    verdict: 'RTT 51.2 ms; packet sizes and loss were not measured: the package koffi is missing',
    notMeasured: {
      'loss.sent': 'the package koffi is missing',
      'mtu.toServer': 'the package koffi is missing',
      'mtu.fromServer': 'the package koffi is missing',
      interfaceMtu: 'the package koffi is missing',
    },
  }),
  udpSilent: pathReport({ udp: UDP_SILENT }),
} as const satisfies Record<string, PathReport>;

export type PathName = keyof typeof PATHS;
