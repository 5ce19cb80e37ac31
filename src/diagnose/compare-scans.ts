import {
  connects,
  differsIn,
  isNoAnswer,
  ONLY_LONG_FAILS,
  type ScanPart,
  type ScanRow,
  scanRows,
  versionOf,
  WEAK,
  wasUnanswered,
} from './compare-scan-rows.js';
import {
  byComputer,
  type Compared,
  type Comparison,
  type Conclusion,
  computerNameOf,
  groupedBy,
  kindOf,
  labels,
  startOf,
  valuesOf,
} from './compared.js';
import { listed } from './figures.js';

/** So many differences are told in a sentence; the table has all of them. */
const MOST_TOLD = 4;

/** Parts that show how a server answers; the others are drawn from them. */
const ANSWERS: ReadonlySet<ScanPart> = new Set(['negotiation', 'standard RDP', 'TLS', 'suites']);

/** What else says that the server is set up in another way, once that is said. */
const SAID_BY_LAYER: ReadonlySet<string> = new Set(['NLA', 'standard RDP']);

/** In which answers scans differ, a clause each. Where one got none, `unanswered` tells of it. */
export function clausesOf(reports: readonly Compared[]): readonly string[] {
  const differing = answersThatDiffer(reports);
  const layer = differing.some(({ aspect }) => aspect === 'layer');
  const own = differing.filter(
    ({ part, aspect }) =>
      part !== 'suites' &&
      !(layer && part === 'negotiation' && (isOffer(aspect) || SAID_BY_LAYER.has(aspect))),
  );
  const shown = own.slice(0, MOST_TOLD);
  const more = own.length - shown.length;
  return [
    ...shown.map((row) => `${row.aspect} (${valuesOf(groupsIn(row, reports))})`),
    ...suiteClauses(differing.filter(({ part }) => part === 'suites')),
    ...(more === 0 ? [] : [`${more} more, as the table has them`]),
  ];
}

function answersThatDiffer(reports: readonly Compared[]): readonly ScanRow[] {
  return scanRows(reports).filter(
    (row) => ANSWERS.has(row.part) && differsIn(row) && !wasUnanswered(row),
  );
}

/** `0x0B TLS NLA NLA-EX`, or the request without a negotiation. */
function isOffer(aspect: string): boolean {
  return aspect.startsWith('0x') || aspect.startsWith('no negotiation');
}

function groupsIn(
  { values }: ScanRow,
  reports: readonly Compared[],
): ReadonlyMap<string, readonly Compared[]> {
  return groupedBy(reports, (one) => values[reports.indexOf(one)] ?? null);
}

function suiteClauses(rows: readonly ScanRow[]): readonly string[] {
  const byVersion = new Map<string, number>();
  for (const row of rows) byVersion.set(versionOf(row), (byVersion.get(versionOf(row)) ?? 0) + 1);
  return [...byVersion].map(
    ([version, count]) =>
      `${count} cipher ${count === 1 ? 'suite' : 'suites'} of ${version} (not all of them take ${count === 1 ? 'it' : 'them'})`,
  );
}

/** X.224 is answered alike, and TLS in another way: with other versions, suites or another order. */
export function tlsAloneDiffers(reports: readonly Compared[]): boolean {
  const parts = new Set(answersThatDiffer(reports).map(({ part }) => part));
  return (parts.has('TLS') || parts.has('suites')) && !parts.has('negotiation');
}

/** What got no answer from one place, and was answered from another. */
function unanswered(reports: readonly Compared[]): readonly Conclusion[] {
  const rows = scanRows(reports).filter(
    (row) => ANSWERS.has(row.part) && differsIn(row) && wasUnanswered(row),
  );
  if (rows.length === 0) return [];
  const without = reports.filter((_, index) =>
    rows.some(({ values }) => isNoAnswer(values[index] ?? null)),
  );
  const what = listed(rows.map(({ aspect }) => aspect));
  const who = labels(without);
  const sites = kindOf(reports) === 'sites';
  return [
    {
      id: sites ? 'hello-filtered-at-one-site' : 'hello-unanswered',
      // One question of many may be lost; several, or one held against a shorter one, hardly are.
      certainty:
        sites && (rows.length > 1 || rows.some(({ values }) => values.includes(ONLY_LONG_FAILS)))
          ? 'likely'
          : 'possible',
      says: `${who} got no answer to what others were answered: ${what}. ${
        sites
          ? `Something on the way of ${who} does not let it through, as a filter that looks into TLS, or a path that carries no packets of that size`
          : 'Something on the way or at the server does not let it through'
      }; or it was lost.`,
      separate: `rdp-probe path from ${who}, and a capture on the server: does the ClientHello arrive, and does an answer leave?`,
    },
  ];
}

/** Weak settings of the certificate alone: what differing certificates say is told elsewhere. */
const OF_CERTIFICATE: ReadonlySet<string> = new Set(['self-signed', 'weak-certificate']);

/** One is stricter than the other: a hardened member, or settings that were changed between. */
function hardening(reports: readonly Compared[]): readonly Conclusion[] {
  const rows = scanRows(reports).filter(
    ({ part, aspect, values }) =>
      part === 'weak settings' && !OF_CERTIFICATE.has(aspect) && !values.includes(null),
  );
  const weakOf = (one: Compared): readonly string[] =>
    rows.filter(({ values }) => values[reports.indexOf(one)] === WEAK).map(({ aspect }) => aspect);
  const groups = [...groupedBy(reports, (one) => weakOf(one).join(', ') || 'none').values()];
  if (groups.length < 2) return [];
  const [laxer, stricter] = groups.toSorted(
    ([one], [other]) => countOf(other, weakOf) - countOf(one, weakOf),
  );
  if (laxer?.[0] === undefined || stricter?.[0] === undefined) return [];
  const weak = weakOf(laxer[0]);
  const kept = weakOf(stricter[0]);
  if (groups.length > 2 || !kept.every((id) => weak.includes(id))) {
    const sets = groupedBy(reports, (one) => weakOf(one).join(' ') || 'none');
    return [
      {
        id: 'weak-settings-differ',
        certainty: 'certain',
        says: `They are weak in different settings: ${valuesOf(sets)}.`,
        separate: null,
      },
    ];
  }
  const gone = weak.filter((id) => !kept.includes(id));
  return [hardened(reports, laxer, stricter, gone)];
}

function countOf(one: Compared | undefined, weakOf: (one: Compared) => readonly string[]): number {
  return one === undefined ? 0 : weakOf(one).length;
}

function hardened(
  reports: readonly Compared[],
  laxer: readonly Compared[],
  stricter: readonly Compared[],
  gone: readonly string[],
): Conclusion {
  const says = `${labels(laxer)} ${laxer.length === 1 ? 'has' : 'have'} weak settings that ${labels(stricter)} ${stricter.length === 1 ? 'has' : 'have'} not (${listed(gone)}), and the other way round there is none`;
  if (byComputer(reports).size > 1) {
    return {
      id: 'member-hardened',
      certainty: 'likely',
      says: `${says}: the computer of ${labels(stricter)} is hardened, and that of ${labels(laxer)} is not.`,
      separate:
        'Who is let in depends on which of them answers: rdp-probe scan each by its own address.',
    };
  }
  const order = kindOf(reports) === 'times' ? orderOf(laxer, stricter) : null;
  if (order !== null) {
    return {
      id: order === 'before' ? 'hardened-between' : 'weakened-between',
      certainty: 'likely',
      says: `${says}: the server was ${order === 'before' ? 'hardened' : 'made weaker'} between.`,
      separate:
        'What was changed on the host between: policies (gpresult), updates, Schannel settings.',
    };
  }
  return {
    id: 'one-is-weaker',
    certainty: 'possible',
    says: `${says}: members of a farm that are not set up alike, a setting that was changed between, or something on the way that ends TLS itself.`,
    separate: 'rdp-probe scan from the network of the server, some times: do the answers change?',
  };
}

/** Whether all of the ones came before all of the others, or after; null: neither. */
function orderOf(
  ones: readonly Compared[],
  others: readonly Compared[],
): 'before' | 'after' | null {
  const [one, other] = [ones.map(startOf), others.map(startOf)];
  if (Math.max(...one) < Math.min(...other)) return 'before';
  return Math.min(...one) > Math.max(...other) ? 'after' : null;
}

/** Clients that one server would let in and the other not. */
function clients(reports: readonly Compared[]): readonly Conclusion[] {
  const rows = scanRows(reports).filter(({ part, values }) => {
    const known = values.filter((value) => value !== null);
    return part === 'clients' && known.some(connects) && !known.every(connects);
  });
  const [first] = rows;
  if (first === undefined) return [];
  const shown = rows
    .slice(0, MOST_TOLD)
    .map((row) => `${row.aspect} (${valuesOf(groupsIn(row, reports))})`);
  const more = rows.length - shown.length;
  return [
    {
      id: 'clients-differ',
      certainty: 'likely',
      says: `Not the same clients can connect: ${shown.join('; ')}${more === 0 ? '' : `; and ${more} more`}.`,
      separate: `rdp-probe scan --as ${first.aspect} from each: asked with that client's own ClientHello.`,
    },
  ];
}

/** What the questions of one report show: several servers behind one address take turns. */
export function membersWithin(reports: readonly Compared[]): readonly string[] {
  return reports.flatMap(({ label, handshakes, diagnosis: { scan } }) => {
    const byAddress = new Map<string, Set<string>>();
    for (const one of handshakes) {
      const computer = computerNameOf(one)?.toLowerCase() ?? null;
      const { address } = one.server;
      if (computer === null || address === null) continue;
      byAddress.set(address, (byAddress.get(address) ?? new Set()).add(computer));
    }
    const several = [...byAddress].find(([, computers]) => computers.size > 1);
    if (several !== undefined) {
      const [address, computers] = several;
      return [
        `${label} was answered by several computers at ${address} (${listed([...computers])}): a farm behind one address, whose members take turns. What differs may be theirs.`,
      ];
    }
    return scan?.negotiation?.conclusions.answers.value === 'differ'
      ? [
          `${label} got different answers to the same offer within one scan, as from several servers behind one address. What differs may be theirs.`,
        ]
      : [];
  });
}

/** What scans show together; nothing where fewer than two reports have one. */
export const SCAN_COMPARISONS: readonly Comparison[] = [hardening, clients, unanswered];
