import type { CertificateReport } from '../handshake/handshake.js';
import {
  commonNameOf,
  isAddress,
  nameMatches,
  presentedNames,
  sameAddress,
} from './certificate-name.js';
import { DAY } from './figures.js';

/** What is known beside the certificate itself. */
export interface CertificateContext {
  /** the name or address that was asked for, without a port */
  readonly target: string | null;
  /** names that the server gave itself in its NTLM challenge */
  readonly netbiosComputerName: string | null;
  readonly dnsComputerName: string | null;
  /** our clock when the certificate was seen, milliseconds since 1970 UTC */
  readonly clockMs: number;
  /** the server's clock minus ours; null: it did not tell */
  readonly clockSkewMs: number | null;
}

/** Whether a clock is between notBefore and notAfter. */
export type Validity =
  | { readonly status: 'valid'; readonly endsInMs: number }
  | { readonly status: 'expired'; readonly agoMs: number }
  | { readonly status: 'not-yet-valid'; readonly inMs: number }
  /** the certificate could not be read */
  | { readonly status: 'unknown' };

/** How a name that the server goes by stands to those in the certificate. */
export type NameMatch =
  | 'matches'
  | 'differs'
  /** an address was asked for, and the certificate names no address: nobody expects it to */
  | 'asked-by-address'
  /** there is nothing to compare */
  | 'unknown';

export interface CertificateJudgement {
  readonly byOurClock: Validity;
  /** null: the server's clock is not known */
  readonly byServerClock: Validity | null;
  /** valid, and ends within ENDS_SOON_MS by our clock */
  readonly endsSoon: boolean;
  readonly selfSigned: boolean | null;
  /** names and addresses that it is for, as text */
  readonly names: readonly string[];
  readonly target: NameMatch;
  readonly computerName: NameMatch;
  readonly key: 'sound' | 'weak' | 'refused-by-windows' | 'unknown';
  /** of no weight in a self-signed certificate, whose signature nobody relies on */
  readonly signature: 'sound' | 'weak' | 'unknown';
  readonly usage: {
    /** no usages are listed: it may be used for anything */
    readonly unrestricted: boolean;
    readonly serverAuth: boolean;
    readonly remoteDesktop: boolean;
  };
}

/** A fortnight: time enough to have an internal CA issue another. */
export const ENDS_SOON_MS = 14 * DAY;

/** Microsoft Security Advisory 2661254: Windows refuses shorter RSA keys in any chain. */
const WINDOWS_LEAST_RSA_BITS = 1024;
/** What OpenSSL asks for at security level 2: 112 bits of security. */
const SOUND_RSA_BITS = 2048;
const SOUND_EC_BITS = 224;

const SERVER_AUTH: ReadonlySet<string> = new Set(['serverAuth', '1.3.6.1.5.5.7.3.1']);
const ANY_USAGE: ReadonlySet<string> = new Set(['anyExtendedKeyUsage', '2.5.29.37.0']);
/** The usage of the Remote Desktop Authentication template, under its OID or a name for it. */
const REMOTE_DESKTOP: ReadonlySet<string> = new Set([
  'Remote Desktop Authentication',
  'remoteDesktopAuthentication',
  '1.3.6.1.4.1.311.54.1.2',
]);

/** Judges the server's own certificate. Facts only: whether one is a fault depends on the case. */
export function judgeCertificate(
  leaf: CertificateReport,
  context: CertificateContext,
): CertificateJudgement {
  const { clockMs, clockSkewMs } = context;
  const byOurClock = validityAt(leaf, clockMs);
  const { dns, addresses } = presentedNames(leaf.subjectAltNames, leaf.subject);
  return {
    byOurClock,
    byServerClock: clockSkewMs === null ? null : validityAt(leaf, clockMs + clockSkewMs),
    endsSoon: byOurClock.status === 'valid' && byOurClock.endsInMs <= ENDS_SOON_MS,
    selfSigned: leaf.selfSigned,
    names: [...dns, ...addresses],
    target: matchTarget(context.target, dns, addresses),
    computerName: matchComputer(leaf, dns, context),
    key: judgeKey(leaf),
    signature: judgeSignature(leaf.signatureAlgorithm),
    usage: {
      unrestricted:
        leaf.extendedKeyUsages.length === 0 ||
        leaf.extendedKeyUsages.some((usage) => ANY_USAGE.has(usage)),
      serverAuth: leaf.extendedKeyUsages.some((usage) => SERVER_AUTH.has(usage)),
      remoteDesktop: leaf.extendedKeyUsages.some((usage) => REMOTE_DESKTOP.has(usage)),
    },
  };
}

function validityAt(leaf: CertificateReport, clockMs: number): Validity {
  const notBefore = Date.parse(leaf.notBefore ?? '');
  const notAfter = Date.parse(leaf.notAfter ?? '');
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter) || Number.isNaN(clockMs)) {
    return { status: 'unknown' };
  }
  if (clockMs < notBefore) return { status: 'not-yet-valid', inMs: notBefore - clockMs };
  // RFC 5280 section 4.1.2.5: the instant of notAfter is still within.
  if (clockMs > notAfter) return { status: 'expired', agoMs: clockMs - notAfter };
  return { status: 'valid', endsInMs: notAfter - clockMs };
}

function matchTarget(
  target: string | null,
  dns: readonly string[],
  addresses: readonly string[],
): NameMatch {
  if (target === null) return 'unknown';
  if (isAddress(target)) {
    if (addresses.some((address) => sameAddress(address, target))) return 'matches';
    // An address as CN is not what the RFC says, and what people write.
    if (dns.some((name) => sameAddress(name, target))) return 'matches';
    return addresses.length === 0 ? 'asked-by-address' : 'differs';
  }
  if (dns.length === 0) return 'unknown';
  return dns.some((name) => nameMatches(name, target)) ? 'matches' : 'differs';
}

/** Windows writes the DNS name of the computer into its certificates, or the short one alone. */
function matchComputer(
  leaf: CertificateReport,
  dns: readonly string[],
  context: CertificateContext,
): NameMatch {
  const own = [context.dnsComputerName, context.netbiosComputerName].filter(
    (name): name is string => name !== null && name !== '',
  );
  const commonName = commonNameOf(leaf.subject);
  const certified = commonName === null ? dns : [...dns, commonName];
  if (own.length === 0 || certified.length === 0) return 'unknown';
  const known = own.some((name) =>
    certified.some((one) => nameMatches(one, name) || sameHostLabel(one, name)),
  );
  return known ? 'matches' : 'differs';
}

/** NetBIOS names are the first label, cut off after 15 characters. */
function sameHostLabel(one: string, other: string): boolean {
  const label = (name: string): string => (name.split('.')[0] ?? '').toLowerCase().slice(0, 15);
  return !one.includes('*') && label(one) !== '' && label(one) === label(other);
}

function judgeKey(leaf: CertificateReport): CertificateJudgement['key'] {
  if (leaf.keyBits === null || leaf.keyType === null) return 'unknown';
  switch (leaf.keyType.toUpperCase()) {
    case 'RSA':
    case 'RSA-PSS':
      if (leaf.keyBits < WINDOWS_LEAST_RSA_BITS) return 'refused-by-windows';
      return leaf.keyBits < SOUND_RSA_BITS ? 'weak' : 'sound';
    case 'EC':
    case 'ECDSA':
    case 'ED25519':
    case 'ED448':
      return leaf.keyBits < SOUND_EC_BITS ? 'weak' : 'sound';
    default:
      return 'unknown';
  }
}

function judgeSignature(algorithm: string | null): CertificateJudgement['signature'] {
  if (algorithm === null) return 'unknown';
  if (/md[245]|sha-?1(?![0-9])/i.test(algorithm)) return 'weak';
  return /sha-?(2(24|56)?|384|512|3)|ed25519|ed448|pss/i.test(algorithm) ? 'sound' : 'unknown';
}
