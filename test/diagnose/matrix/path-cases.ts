import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Handshake } from '../../../src/handshake/handshake.js';
import { toHandshake } from '../../../src/handshake/summary.js';
import { changed, died } from '../../support/diagnose-fixtures.js';
import { PATHS, type PathName } from '../../support/path-fixtures.js';
import { recordedTrials } from '../../support/path-series.js';
import { fault, HEALTHY, type MatrixCase, SIZES, type Truth } from './matrix-case.js';

interface Row {
  readonly path: PathName;
  readonly with: 'a healthy handshake' | 'a handshake that stalled in TLS' | 'SSH at the port';
  readonly truth: Truth;
  readonly from: string;
}

/** Reports as the measurement makes them of the worlds of the fault laboratory. */
const ROWS: readonly Row[] = [
  { path: 'clean', with: 'a healthy handshake', truth: HEALTHY, from: 'nothing limits anything' },
  { path: 'pmtud', with: 'a healthy handshake', truth: HEALTHY, from: 'a router says its MTU' },
  {
    path: 'mssClamped',
    with: 'a healthy handshake',
    truth: HEALTHY,
    from: 'the MSS is clamped to what passes',
  },
  { path: 'noKernel', with: 'a healthy handshake', truth: HEALTHY, from: 'nothing was measured' },
  { path: 'udpSilent', with: 'a healthy handshake', truth: HEALTHY, from: 'no UDP is offered' },
  {
    path: 'holeFromServer',
    with: 'a handshake that stalled in TLS',
    truth: SIZES,
    from: 'packets above 1280 bytes from the server vanish',
  },
  {
    path: 'holeBoth',
    with: 'a handshake that stalled in TLS',
    truth: SIZES,
    from: 'packets above 1280 bytes vanish both ways',
  },
  {
    path: 'holeFromServer',
    with: 'a healthy handshake',
    truth: SIZES,
    from: 'packets above 1280 bytes from the server vanish',
  },
  {
    path: 'holeToServer',
    with: 'a healthy handshake',
    truth: SIZES,
    from: 'packets above 1400 bytes to the server vanish',
  },
  {
    path: 'repairedLate',
    with: 'a healthy handshake',
    truth: SIZES,
    from: 'packets above 1280 bytes vanish until the server probes for the size',
  },
  {
    path: 'heavyLoss',
    with: 'a healthy handshake',
    truth: fault('packet-loss-on-path'),
    from: '20 % of the packets are dropped',
  },
  {
    path: 'heavyLoss',
    with: 'a handshake that stalled in TLS',
    truth: fault('packet-loss-on-path'),
    from: '20 % of the packets are dropped',
  },
  {
    path: 'clean',
    with: 'SSH at the port',
    truth: fault('not-an-rdp-service'),
    from: 'the path is sound, and another protocol answers',
  },
];

function handshakeOf(what: Row['with']): Handshake {
  switch (what) {
    case 'a healthy handshake':
      return changed();
    case 'a handshake that stalled in TLS':
      return died('tls', 'timeout', { outcome: { by: null } });
    case 'SSH at the port':
      return died('x224', 'not-rdp', { response: { kind: 'not-rdp', protocol: 'SSH' } });
  }
}

/** Connections recorded in worlds of the fault laboratory, by world and what was seen of the flight. */
const FLIGHTS: readonly (readonly [name: string, truth: Truth, from: string])[] = [
  ['discovery: flight arrived', HEALTHY, 'the world: a router of MTU 1280 that says so'],
  ['mss-clamped: flight arrived', HEALTHY, 'the world: the MSS is clamped to what passes'],
  [
    'hole-from-server-50ms: flight stalled',
    SIZES,
    'the world: large packets from the server vanish',
  ],
  ['mtu-probing: flight stalled', SIZES, 'the world: large packets from the server vanish'],
  [
    'firewall-drops: flight stuck',
    fault('middlebox-dpi-resets-rdp'),
    'the world: a firewall drops what comes after 500 bytes',
  ],
];

function flightCases(): readonly MatrixCase[] {
  const trials = recordedTrials();
  return FLIGHTS.map(([name, truth, from]) => {
    const trial = trials.find((one) => one.name === name);
    if (trial?.kind !== 'flight') throw new Error(`${name} was not recorded`);
    const handshake = toHandshake(trial.trace, { id: 0, purpose: 'verdict', reason: null });
    return {
      kind: 'path',
      name,
      truth,
      from,
      waits: false,
      diagnose: async () => diagnose('srv01', [handshake], Date.now()),
    };
  });
}

/** Measured paths, each with a handshake that went over it. */
export function pathCases(): readonly MatrixCase[] {
  const measured = ROWS.map(({ path, with: what, truth, from }) => ({
    kind: 'path' as const,
    name: `${path}, ${what}`,
    truth,
    from,
    waits: false,
    diagnose: async () => diagnose('srv01', [handshakeOf(what)], Date.now(), PATHS[path]),
  }));
  return [...measured, ...flightCases()];
}
