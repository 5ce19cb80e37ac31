import { CAUSE_IDS } from '../diagnose/causes.js';
import type { Diagnosis } from '../diagnose/finding.js';
import { ProbeError } from '../probe-error.js';
import type { ClientProfile } from '../scan/profiles/client-profile.js';
import { CLIENT_PROFILES, clientProfile } from '../scan/profiles/clients.js';
import {
  DEFAULT_MOST_CONNECTIONS,
  DEFAULT_MOST_WITH_CIPHERS,
  type ScanOptions,
} from '../scan/scan-options.js';
import { WEAK_SETTING_IDS } from '../scan/weak-settings.js';
import { nearest } from './nearest.js';

/** Options of a scan, as the command line has them. */
export interface RawScanOptions {
  readonly maxConnections?: string;
  readonly ciphers?: boolean;
  readonly as?: string;
  readonly failOn?: readonly string[];
}

/** What to ask, and when the exit status says that something is wrong. */
export interface ScanOrder {
  readonly options: ScanOptions;
  /** whether something of `--fail-on` was found */
  failsOn(diagnosis: Diagnosis): boolean;
}

/** More is no scan any more. */
const MAX_CONNECTIONS = 500;

/** @throws ProbeError BAD_OPTION with a sentence that says what to write instead */
export function readScanOptions(raw: RawScanOptions): ScanOrder {
  const { maxConnections, ciphers, as: client, failOn } = raw;
  const unwanted = new Set((failOn ?? []).map(readId));
  return {
    options: {
      ciphers: ciphers === true,
      client: client === undefined ? null : readClient(client),
      mostConnections:
        maxConnections !== undefined
          ? readCount(maxConnections)
          : ciphers === true
            ? DEFAULT_MOST_WITH_CIPHERS
            : DEFAULT_MOST_CONNECTIONS,
    },
    failsOn: ({ scan, findings }) =>
      findings.some(({ cause }) => unwanted.has(cause)) ||
      (scan?.weaknesses ?? []).some(({ id }) => unwanted.has(id)),
  };
}

function readCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= 1 && count <= MAX_CONNECTIONS)) {
    throw new ProbeError(
      'BAD_OPTION',
      `--max-connections takes a whole number from 1 to ${MAX_CONNECTIONS}, not '${text}'`,
    );
  }
  return count;
}

function readClient(id: string): ClientProfile {
  const profile = clientProfile(id);
  if (profile !== null) return profile;
  const known = CLIENT_PROFILES.map((one) => one.id);
  const meant = nearest(id, known);
  const hint = meant.length === 0 ? '' : ` (did you mean ${meant.join(' or ')}?)`;
  throw new ProbeError(
    'BAD_OPTION',
    `--as does not know '${id}'${hint}: it takes ${known.join(', ')}`,
  );
}

function readId(id: string): string {
  if (WEAK_SETTING_IDS.includes(id) || CAUSE_IDS.includes(id)) return id;
  const meant = nearest(id, [...WEAK_SETTING_IDS, ...CAUSE_IDS]);
  const hint = meant.length === 0 ? '' : ` (did you mean ${meant.join(' or ')}?)`;
  throw new ProbeError(
    'BAD_OPTION',
    `--fail-on does not know '${id}'${hint}: it takes the weak settings ` +
      `${WEAK_SETTING_IDS.join(', ')}; and the causes ${CAUSE_IDS.join(', ')}`,
  );
}
