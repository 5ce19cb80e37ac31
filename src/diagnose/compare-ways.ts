import type { DirectionReport } from '../handshake/path.js';
import {
  type Compared,
  type Comparison,
  type Conclusion,
  groupedBy,
  labels,
  valuesBy,
} from './compared.js';
import { duration, percent } from './figures.js';

/** A difference of round trips that is worth a word. */
const RTT_FACTOR = 2;
const RTT_LEAST_MS = 15;

export function rttOf({ handshake, path }: Compared): number | null {
  return path?.rtt.medianMs ?? handshake?.tcp.rttMs ?? null;
}

/** MSS options that arrive: each side's, as the other end of the way sees it. */
function segments(reports: readonly Compared[]): readonly Conclusion[] {
  const byAddress = groupedBy(reports, ({ handshake }) => handshake?.server.address ?? null);
  return [...byAddress.values()].flatMap((group) => {
    const sizes = groupedBy(
      group,
      ({ handshake }) => handshake?.tcp.mss.server?.toString() ?? null,
    );
    if (sizes.size < 2) return [];
    const most = Math.max(...[...sizes.keys()].map(Number));
    const clamped = [...sizes]
      .filter(([size]) => Number(size) < most)
      .flatMap(([, those]) => those);
    return [
      {
        id: 'mss-clamped',
        certainty: 'likely' as const,
        says: `The same server's MSS arrives in different sizes: ${valuesBy(sizes, 'gets')} bytes. On the way of ${labels(clamped)} something lowers it, as VPNs and tunnels do on purpose.`,
        separate: `rdp-probe path from ${labels(clamped)}: do packets of the size that is left pass?`,
      },
    ];
  });
}

type Way = 'toServer' | 'fromServer';

const WAYS: readonly (readonly [way: Way, says: string])[] = [
  ['toServer', 'to the server'],
  ['fromServer', 'from the server'],
];

function hasHole({ mechanism }: DirectionReport): boolean {
  return mechanism === 'black-hole' || mechanism === 'repaired-late';
}

function isKnown({ mechanism }: DirectionReport): boolean {
  return mechanism !== 'not-measured' && mechanism !== 'inconclusive';
}

/** Packet sizes, where paths were measured. */
function sizes(reports: readonly Compared[]): readonly Conclusion[] {
  return WAYS.flatMap(([way, direction]) => {
    const measured = reports.flatMap((one) => {
      const report = one.path?.mtu[way];
      return report === undefined || !isKnown(report) ? [] : [{ label: one.label, report }];
    });
    if (measured.length < 2) return [];
    const holes = measured.filter(({ report }) => hasHole(report));
    const sound = measured.filter(({ report }) => !hasHole(report));
    const figures = measured
      .map(({ label, report }) => `${label} up to ${report.passUpTo ?? 'no'} bytes`)
      .join(', ');
    if (holes.length > 0 && sound.length > 0) return [hole(holes, sound, figures, direction)];
    if (holes.length > 1) {
      return [
        {
          id: 'common-mtu-hole',
          certainty: 'likely' as const,
          says: `Large packets ${direction} vanish on every way that was measured (${figures}): the hole is at the server's end, or on a part that all share.`,
          separate: 'rdp-probe path from the network of the server.',
        },
      ];
    }
    const limits = groupedBy(measured, ({ report }) => report.passUpTo?.toString() ?? null);
    if (limits.size < 2) return [];
    return [
      {
        id: 'smaller-mtu',
        certainty: 'certain' as const,
        says: `Packets ${direction} pass in different sizes (${figures}), and both ends know it: a smaller MTU, and no fault.`,
        separate: null,
      },
    ];
  });
}

function hole(
  holes: readonly { readonly label: string }[],
  sound: readonly { readonly label: string }[],
  figures: string,
  direction: string,
): Conclusion {
  return {
    id: 'site-tunnel-mtu',
    certainty: 'likely',
    says: `Large packets ${direction} vanish on the way of ${labels(holes)} and not on that of ${labels(sound)} (${figures}): a tunnel or filter on that way, and not the server.`,
    separate: `Lower the MTU of the interface at ${labels(holes)}, or clamp the MSS in its tunnel, and measure again.`,
  };
}

function loss(reports: readonly Compared[]): readonly Conclusion[] {
  const measured = reports.flatMap(({ label, path }) => {
    const { ratio = null, interval95 = null } = path?.loss ?? {};
    return ratio === null || interval95 === null ? [] : [{ label, ratio, interval95 }];
  });
  const worst = measured.toSorted((one, other) => other.ratio - one.ratio)[0];
  const best = measured.toSorted((one, other) => one.ratio - other.ratio)[0];
  if (worst === undefined || best === undefined) return [];
  // Their intervals overlap: the same loss could have given both.
  if (worst.interval95[0] <= best.interval95[1]) return [];
  const figures = measured.map(({ label, ratio }) => `${label} ${percent(ratio)}`).join(', ');
  return [
    {
      id: 'loss-at-one-site',
      certainty: 'likely',
      says: `Packets to the server are lost more often from one place than from another: ${figures}.`,
      separate: `Measure from ${worst.label} to its own gateway: ping -n 100 GATEWAY.`,
    },
  ];
}

function distance(reports: readonly Compared[]): readonly Conclusion[] {
  const known = reports.flatMap((one) => {
    const rtt = rttOf(one);
    return rtt === null ? [] : [{ label: one.label, rtt }];
  });
  if (known.length < 2) return [];
  const least = Math.min(...known.map(({ rtt }) => rtt));
  const most = Math.max(...known.map(({ rtt }) => rtt));
  if (most < RTT_FACTOR * least || most - least < RTT_LEAST_MS) return [];
  const figures = known.map(({ label, rtt }) => `${label} ${duration(rtt)}`).join(', ');
  return [
    {
      id: 'slower-way',
      certainty: 'certain',
      says: `The round trips differ: ${figures}. Every stage takes several of them.`,
      separate: 'rdp-probe path from both, at the same time of day.',
    },
  ];
}

function udp(reports: readonly Compared[]): readonly Conclusion[] {
  const states = groupedBy(reports, ({ path }) => {
    const status = path?.udp.status ?? 'not-tested';
    return status === 'not-tested' ? null : status;
  });
  if (!states.has('answered') || states.size < 2) return [];
  const others = [...states]
    .filter(([state]) => state !== 'answered')
    .flatMap(([, those]) => those);
  return [
    {
      id: 'udp-blocked-at-one-site',
      certainty: 'likely',
      says: `UDP reaches the server from ${labels(states.get('answered') ?? [])} and not from ${labels(others)}: it is filtered on that way. Sessions from there use TCP alone.`,
      separate: 'A capture on the server: does the datagram arrive?',
    },
  ];
}

/** What the ways to the server show. */
export const WAY_COMPARISONS: readonly Comparison[] = [sizes, segments, loss, udp, distance];
