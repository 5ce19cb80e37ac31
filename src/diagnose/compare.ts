import type { Handshake } from '../handshake/handshake.js';
import { commonNameOf } from './certificate-name.js';
import { differsIn, type ScanPart, scanRows } from './compare-scan-rows.js';
import { membersWithin, SCAN_COMPARISONS } from './compare-scans.js';
import { SERVER_COMPARISONS } from './compare-servers.js';
import { rttOf, WAY_COMPARISONS } from './compare-ways.js';
import {
  type Compared,
  type Conclusion,
  comparedOf,
  computerOf,
  kindOf,
  leafOf,
} from './compared.js';
import { duration, listed, percent } from './figures.js';
import type { Diagnosis } from './finding.js';

/** One thing in which reports can differ, and what each has there. */
export interface ComparedAspect {
  /** what shows it: the connection that counts, or a part of a scan */
  readonly part: 'connection' | ScanPart;
  readonly aspect: string;
  /** in the order of the reports; null: it is not known there */
  readonly values: readonly (string | null)[];
  /** those that are known are not all the same, by more than chance */
  readonly differs: boolean;
}

export interface ComparedSource {
  readonly label: string;
  /** as the user named it */
  readonly file: string;
  readonly target: string;
  readonly startedAt: string | null;
  readonly client: string | null;
  readonly verdict: string;
}

export interface ReportComparison {
  /** `times`: one client at several times; `sites`: several clients */
  readonly kind: 'sites' | 'times' | 'unclear';
  readonly reports: readonly ComparedSource[];
  readonly aspects: readonly ComparedAspect[];
  readonly conclusions: readonly Conclusion[];
  /** what is to be kept in mind, a sentence each */
  readonly notes: readonly string[];
}

/** A saved report, as far as it is compared. */
export interface ComparisonInput {
  readonly file: string;
  readonly handshakes: readonly Handshake[];
  readonly diagnoses: readonly Diagnosis[];
}

interface Aspect {
  readonly name: string;
  of(one: Compared): string | null;
  /** the conclusion that says when it differs by more than chance; absent: texts that are not the same */
  readonly byConclusion?: string;
}

/** In the order of a connection. */
const ASPECTS: readonly Aspect[] = [
  { name: 'target', of: ({ diagnosis }) => diagnosis.target.toLowerCase() },
  { name: 'address', of: ({ handshake }) => handshake?.server.address ?? null },
  {
    name: 'way',
    of: ({ diagnosis: { gateway } }) =>
      gateway === undefined ? 'direct' : `gateway ${gateway.name}`,
  },
  { name: 'outcome', of: outcomeOf },
  { name: 'dies at', of: ({ handshake }) => handshake?.outcome.failedAt ?? null },
  { name: 'RTT', of: (one) => mapped(rttOf(one), duration), byConclusion: 'slower-way' },
  {
    name: 'loss',
    of: ({ path }) => mapped(path?.loss.ratio ?? null, percent),
    byConclusion: 'loss-at-one-site',
  },
  { name: 'own MSS', of: ({ handshake }) => asText(handshake?.tcp.mss.client) },
  { name: 'server MSS', of: ({ handshake }) => asText(handshake?.tcp.mss.server) },
  { name: 'MTU there', of: ({ path }) => sizeOf(path?.mtu.toServer) },
  { name: 'MTU back', of: ({ path }) => sizeOf(path?.mtu.fromServer) },
  { name: 'UDP', of: ({ path }) => path?.udp.status ?? null },
  { name: 'offered', of: ({ handshake }) => namesOf(handshake?.x224.request?.requestedProtocols) },
  { name: 'protocol', of: ({ handshake }) => protocolOf(handshake) },
  { name: 'flags', of: ({ handshake }) => flagsOf(handshake?.x224.response.flags) },
  { name: 'server kind', of: ({ handshake }) => handshake?.x224.response.serverKind ?? null },
  { name: 'TLS', of: ({ handshake }) => handshake?.tls.version ?? null },
  { name: 'suite', of: ({ handshake }) => handshake?.tls.cipher?.replace(/^TLS_/, '') ?? null },
  { name: 'group', of: ({ handshake }) => handshake?.tls.group ?? null },
  { name: 'thumbprint', of: (one) => leafOf(one)?.sha1 ?? leafOf(one)?.sha256 ?? null },
  { name: 'public key', of: (one) => leafOf(one)?.spkiSha256 ?? null },
  { name: 'subject', of: (one) => commonNameOf(leafOf(one)?.subject ?? null) },
  { name: 'issuer', of: (one) => commonNameOf(leafOf(one)?.issuer ?? null) },
  { name: 'serial', of: (one) => leafOf(one)?.serialNumber ?? null },
  { name: 'valid from', of: (one) => leafOf(one)?.notBefore?.slice(0, 10) ?? null },
  { name: 'valid until', of: (one) => leafOf(one)?.notAfter?.slice(0, 10) ?? null },
  { name: 'computer', of: computerOf },
  { name: 'domain', of: ({ handshake }) => handshake?.credssp.ntlm?.dnsDomainName ?? null },
  { name: 'Windows', of: ({ handshake }) => handshake?.credssp.ntlm?.productVersion ?? null },
  { name: 'CredSSP', of: ({ handshake }) => asText(handshake?.credssp.version) },
];

/**
 * Sets reports of one target beside each other: several sites, or before and after.
 *
 * @param inputs at least two
 */
export function compare(inputs: readonly ComparisonInput[]): ReportComparison {
  const notes: string[] = [];
  const reports = chosen(inputs, notes);
  notes.push(...membersWithin(reports));
  const conclusions = [...SERVER_COMPARISONS, ...SCAN_COMPARISONS, ...WAY_COMPARISONS].flatMap(
    (each) => each(reports),
  );
  const drawn = new Set(conclusions.map(({ id }) => id));
  return {
    kind: kindOf(reports),
    reports: reports.map((one, index) => ({
      label: one.label,
      file: inputs[index]?.file ?? '',
      target: one.diagnosis.target,
      startedAt: one.handshake?.startedAt ?? null,
      client: one.handshake?.client.address ?? null,
      verdict: one.diagnosis.verdict,
    })),
    aspects: [...connectionAspects(reports, drawn), ...scanAspects(reports)],
    conclusions,
    notes,
  };
}

function connectionAspects(
  reports: readonly Compared[],
  drawn: ReadonlySet<string>,
): readonly ComparedAspect[] {
  return ASPECTS.map(({ name, of, byConclusion }) => {
    const values = reports.map(of);
    const differs = byConclusion === undefined ? differsIn({ values }) : drawn.has(byConclusion);
    return { part: 'connection', aspect: name, values, differs };
  });
}

function scanAspects(reports: readonly Compared[]): readonly ComparedAspect[] {
  return scanRows(reports).map((row) => ({ ...row, differs: differsIn(row) }));
}

/** Of each report the target that all have, else its first. */
function chosen(inputs: readonly ComparisonInput[], notes: string[]): readonly Compared[] {
  const targets = inputs.map(({ diagnoses }) =>
    diagnoses.map(({ target }) => target.toLowerCase()),
  );
  const common = targets[0]?.find((target) => targets.every((those) => those.includes(target)));
  const reports = inputs.map(({ diagnoses, handshakes, file }, index) => {
    const label = labelOf(index);
    const own = diagnoses.find(({ target }) => target.toLowerCase() === common) ?? diagnoses[0];
    if (own === undefined) throw new TypeError(`${file} has no diagnosis`);
    if (diagnoses.length > 1) {
      notes.push(`${label} is about ${diagnoses.length} targets: ${own.target} is compared.`);
    }
    return comparedOf(
      label,
      own,
      own.handshakes.flatMap((id) => handshakes[id] ?? []),
    );
  });
  if (common === undefined) {
    const named = reports.map(({ label, diagnosis }) => `${label} ${diagnosis.target}`);
    notes.push(
      `The reports are of different targets (${named.join(', ')}): they are compared as if they were one.`,
    );
  }
  const profiles = new Set(reports.map(({ handshake }) => profileOf(handshake)));
  if (profiles.size > 1) {
    const named = reports.map(({ label, handshake }) => `${label} ${profileOf(handshake)}`);
    notes.push(`They were not observed in the same way: ${listed(named)}.`);
  }
  return reports;
}

function profileOf(handshake: Handshake | null): string {
  if (handshake === null) return 'measured the path alone';
  return handshake.source.kind === 'capture'
    ? 'is from a capture'
    : `was live as ${handshake.source.profile}`;
}

/** A, B, ... Z, A1, B1 ... */
function labelOf(index: number): string {
  const letter = String.fromCharCode('A'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

function mapped<T>(value: T | null, show: (value: T) => string): string | null {
  return value === null ? null : show(value);
}

function asText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function outcomeOf({ handshake }: Compared): string | null {
  if (handshake === null) return null;
  const { status, how, reached } = handshake.outcome;
  return status === 'failed'
    ? (how ?? 'failed')
    : `${status}${reached === null ? '' : `, up to ${reached}`}`;
}

function sizeOf(
  direction: { readonly passUpTo: number | null; readonly mechanism: string } | undefined,
): string | null {
  if (direction === undefined || direction.mechanism === 'not-measured') return null;
  const { passUpTo, mechanism } = direction;
  return mechanism === 'none' ? `${passUpTo ?? '?'}` : `${passUpTo ?? '?'} ${mechanism}`;
}

function protocolOf(handshake: Handshake | null): string | null {
  const response = handshake?.x224.response;
  if (response === undefined || response.kind === null) return null;
  const { selectedProtocol, failure, kind } = response;
  if (failure !== null) return failure.name ?? `failure ${failure.code}`;
  return (
    selectedProtocol?.name?.replace('PROTOCOL_', '') ?? selectedProtocol?.value.toString() ?? kind
  );
}

function namesOf(
  flags: { readonly value: number; readonly names: readonly string[] } | null | undefined,
): string | null {
  if (flags === null || flags === undefined) return null;
  return flags.value === 0
    ? 'RDP'
    : flags.names.map((name) => name.replace('PROTOCOL_', '')).join(' ');
}

function flagsOf(flags: { readonly value: number } | null | undefined): string | null {
  return flags === null || flags === undefined
    ? null
    : `0x${flags.value.toString(16).padStart(2, '0')}`;
}
