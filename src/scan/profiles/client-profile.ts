import type { Basis, ProfileSource } from '../../handshake/scan-clients.js';

/** What a group of fields rests on. A note says what is not documented, or how it was inferred. */
export interface Grounds {
  readonly basis: Basis;
  readonly sources: readonly ProfileSource[];
  readonly note: string | null;
}

/** Extensions of a ClientHello by their registered names, RFC 8446 section 4.2. */
export type ExtensionName =
  | 'server_name'
  | 'status_request'
  | 'supported_groups'
  | 'ec_point_formats'
  | 'signature_algorithms'
  | 'signed_certificate_timestamp'
  | 'encrypt_then_mac'
  | 'extended_master_secret'
  | 'session_ticket'
  | 'supported_versions'
  | 'psk_key_exchange_modes'
  | 'key_share'
  | 'renegotiation_info';

/**
 * The TLS that a client offers. Numbers are the registry's, in the order of the ClientHello.
 * Versions newest first.
 */
export interface TlsProfile {
  /** clients with the same offer share it */
  readonly id: string;
  readonly recordVersion: number;
  readonly sessionIdBytes: 0 | 32;
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly keyShares: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly extensions: readonly ExtensionName[];
  /** server_name also where the target is an address */
  readonly namesAddresses: boolean;
  /** takes a ServerKeyExchange of TLS 1.0 and 1.1, which is signed with MD5 and SHA-1 */
  readonly legacySignatures: 'yes' | 'no' | 'unsure';
  /** values that may be offered or not, listed above or not: no verdict may rest on one */
  readonly unsure: {
    readonly versions: readonly number[];
    readonly suites: readonly number[];
    readonly groups: readonly number[];
  };
  readonly grounds: {
    readonly versions: Grounds;
    readonly suites: Grounds;
    readonly groups: Grounds;
    readonly signatureAlgorithms: Grounds;
    readonly extensions: Grounds;
  };
}

/**
 * What a client does when its offer is refused, RDP_NEG_FAILURE of [MS-RDPBCGR] 2.2.1.2.2.
 * `only-standard-rdp`: after SSL_NOT_ALLOWED_BY_SERVER one more connection that offers 0;
 * `step-down`: a connection for each lower protocol, whatever the code;
 * `step-down-by-code`: the same, but the code leaves only one protocol; `none`: it gives up; `unknown`: nobody says.
 */
export type Fallback = 'none' | 'unknown' | 'only-standard-rdp' | 'step-down' | 'step-down-by-code';

export interface NegotiationProfile {
  /** requestedProtocols of the first connection */
  readonly protocols: number;
  readonly flags: number;
  /** `mstshash-9`: the user's name cut to 9 characters, domain included where there is one */
  readonly cookie: 'mstshash-9' | 'mstshash-user' | 'none';
  readonly fallback: Fallback;
  /** goes on when the server selects standard RDP security */
  readonly standardRdp: 'yes' | 'no' | 'unsure';
  readonly grounds: { readonly request: Grounds; readonly fallback: Grounds };
}

export interface CredSspProfile {
  /** of its TSRequest */
  readonly version: number;
  /** refuses a server without the fix of CVE-2018-0886, by its default policy */
  readonly refusesUnpatched: 'yes' | 'no' | 'unsure';
  /** has that fix itself */
  readonly updated: 'yes' | 'no' | 'unsure';
  readonly grounds: Grounds;
}

/** What a given client program puts on the wire, and what it does with the answers. */
export interface ClientProfile {
  readonly id: string;
  readonly title: string;
  readonly tls: TlsProfile;
  readonly negotiation: NegotiationProfile;
  readonly credssp: CredSspProfile;
}
