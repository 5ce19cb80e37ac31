import type { CertificateReport, Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { decisiveOf } from './decisive.js';
import { listed } from './figures.js';
import type { Diagnosis } from './finding.js';

/** One report of several that are compared: what it says of the target. */
export interface Compared {
  /** A, B, C ... */
  readonly label: string;
  readonly diagnosis: Diagnosis;
  /** the handshake that decides; null: only the path was measured */
  readonly handshake: Handshake | null;
  /** all of them */
  readonly handshakes: readonly Handshake[];
  readonly path: PathReport | null;
}

/** What a difference says. */
export interface Conclusion {
  /** stable, for scripts */
  readonly id: string;
  /** certain: what was seen leaves no other reading */
  readonly certainty: 'certain' | 'likely' | 'possible';
  /** one sentence with the figures */
  readonly says: string;
  /** what would tell it from other readings; null: nothing is left open */
  readonly separate: string | null;
}

/** Looks at all reports together; an empty list: nothing differs in what it looks at. */
export type Comparison = (reports: readonly Compared[]) => readonly Conclusion[];

export function comparedOf(
  label: string,
  diagnosis: Diagnosis,
  handshakes: readonly Handshake[],
): Compared {
  const { path } = diagnosis;
  return { label, diagnosis, handshake: decisiveOf(handshakes, path), handshakes, path };
}

export function leafOf({ handshake }: Compared): CertificateReport | null {
  return handshake?.tls.certificates[0] ?? null;
}

export function computerOf({ handshake }: Compared): string | null {
  return handshake === null ? null : computerNameOf(handshake);
}

/** The server's own word for itself. */
export function computerNameOf({ credssp: { ntlm } }: Handshake): string | null {
  return ntlm?.dnsComputerName ?? ntlm?.netbiosComputerName ?? null;
}

/** Reports by the computer that answered, by its own word; empty: none of them tells. */
export function byComputer<T extends Compared>(
  reports: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  return groupedBy(reports, (one) => computerOf(one)?.toLowerCase() ?? null);
}

/** Reports by a value of theirs, in the order in which they were given; null: it has none. */
export function groupedBy<T extends { readonly label: string }>(
  reports: readonly T[],
  of: (report: T) => string | null,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const report of reports) {
    const value = of(report);
    if (value === null || value === '') continue;
    const group = groups.get(value) ?? [];
    group.push(report);
    groups.set(value, group);
  }
  return groups;
}

/** `A`, `A and C`. */
export function labels(reports: readonly { readonly label: string }[]): string {
  return listed(reports.map(({ label }) => label));
}

/** `A saw this, B and C saw that`. */
export function valuesBy<T extends { readonly label: string }>(
  groups: ReadonlyMap<string, readonly T[]>,
  verb: string,
): string {
  return [...groups].map(([value, group]) => `${labels(group)} ${verb} ${value}`).join(', ');
}

/**
 * Whether the servers' own certificates are for one and the same public key. `unknown`: one of them
 * is of a report of an earlier version, or there is none.
 */
export function keysOf(reports: readonly Compared[]): 'same' | 'different' | 'unknown' {
  const keys = reports.flatMap((one) => {
    const leaf = leafOf(one);
    return leaf === null ? [] : [leaf.spkiSha256 ?? null];
  });
  const known = new Set(keys.filter((key) => key !== null));
  if (known.size > 1) return 'different';
  return known.size === 1 && keys.length > 1 && !keys.includes(null) ? 'same' : 'unknown';
}

/** `A: this, B and C: that`. */
export function valuesOf<T extends { readonly label: string }>(
  groups: ReadonlyMap<string, readonly T[]>,
): string {
  return [...groups].map(([value, group]) => `${labels(group)}: ${value}`).join(', ');
}

/** Whether the reports are of one place at several times, or of several places. */
export function kindOf(reports: readonly Compared[]): 'sites' | 'times' | 'unclear' {
  const clients = reports.map(({ handshake }) => handshake?.client.address ?? null);
  if (clients.includes(null)) return 'unclear';
  if (new Set(clients).size > 1) return 'sites';
  const targets = new Set(reports.map(({ diagnosis }) => diagnosis.target.toLowerCase()));
  const times = new Set(reports.map(startOf));
  return targets.size === 1 && times.size > 1 ? 'times' : 'unclear';
}

export function startOf({ handshake }: Compared): number {
  return Date.parse(handshake?.startedAt ?? '');
}

/** Checks that are further apart than this do not show one and the same state of a server. */
const APART_MIN = 15;

/** Whether both were made at about one and the same time. */
export function atOnce(one: Compared, other: Compared): boolean {
  return Math.abs(startOf(one) - startOf(other)) / 60_000 <= APART_MIN;
}

/** What the client offered: answers to different offers cannot be held against each other. */
export function offerOf({ handshake }: Compared): string | null {
  const request = handshake?.x224.request;
  if (request === null || request === undefined) return null;
  const hello = handshake?.tls.clientHello ?? null;
  return `${request.requestedProtocols?.value ?? 'none'} ${hello?.ja4 ?? ''}`;
}
