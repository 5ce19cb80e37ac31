import type { Named } from '../wire/open-set.js';

/**
 * What a statement about a client program rests on. `captured`: its own bytes were seen; `inferred`:
 * nothing says so of this very version, and the note beside it says what it was drawn from.
 */
export type Basis = 'documented' | 'captured' | 'source-code' | 'inferred';

export interface ProfileSource {
  readonly title: string;
  readonly url: string;
}

/** What a client would get of this server, as far as that is certain. */
export interface ClientSession {
  readonly protocol: Named;
  /** null: standard RDP security, or not known */
  readonly tlsVersion: string | null;
  /** IANA name; null: not known which one the server would take */
  readonly cipher: string | null;
}

/** How one client would fare, up to the point where it needs credentials. */
export interface ClientVerdict {
  /** of the profile, e.g. `win11-24h2` */
  readonly id: string;
  readonly title: string;
  readonly verdict: 'can-connect' | 'cannot' | 'unknown';
  /** where it fails, or where it is not known how it goes on; null: it can connect */
  readonly stage: 'x224' | 'tls' | 'credssp' | null;
  /** one sentence */
  readonly reason: string;
  readonly session: ClientSession | null;
  /** what it offers in each of its connections, in order; more than one: it falls back */
  readonly attempts: readonly (number | null)[];
  /** `asked`: the server answered this client's own ClientHello */
  readonly basis: 'computed' | 'asked';
  /** the weakest of what the verdict uses of the profile */
  readonly restsOn: Basis;
  /** what would tell; null: nothing is missing */
  readonly question: string | null;
}

/** The report's `scan.clients`. */
export interface ClientScan {
  readonly profiles: readonly ClientVerdict[];
  /** connections that were made for it alone */
  readonly connections: number;
}

/** Policy "Encryption Oracle Remediation", KB4093492. */
export type OraclePolicy = 'force-updated-clients' | 'mitigated' | 'vulnerable';

/** Whether a client of one kind gets past CredSSP of this server. */
export interface OracleCell {
  readonly client: 'updated' | 'not-updated';
  readonly clientPolicy: OraclePolicy | null;
  readonly serverPolicy: OraclePolicy | null;
  readonly outcome: 'connects' | 'refused-by-client' | 'refused-by-server';
}

/** CVE-2018-0886 as the server's TSRequest shows it: the report's `scan.credssp`. */
export interface CredSspState {
  /** of the server's first TSRequest */
  readonly version: number;
  /** null: a version that nobody has documented */
  readonly updated: boolean | null;
  /** which systems answer this version, as far as that is known */
  readonly generation: string;
  readonly matrix: readonly OracleCell[];
  /** sentences: who is refused */
  readonly refuses: readonly string[];
}

/** One line of `scan --list-profiles`. */
export interface ProfileListing {
  readonly id: string;
  readonly title: string;
  readonly versions: readonly string[];
  readonly protocols: readonly string[];
  readonly credssp: string;
  readonly grounds: readonly ProfileGrounds[];
}

/** What one group of a profile's fields is based on. */
export interface ProfileGrounds {
  readonly field: string;
  readonly basis: Basis;
  readonly note: string | null;
  readonly sources: readonly ProfileSource[];
}
