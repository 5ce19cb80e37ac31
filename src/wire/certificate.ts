import { createHash, X509Certificate } from 'node:crypto';
import { DecodeError } from './decode-error.js';
import {
  contextTag,
  DER_TAG,
  decodeOid,
  implicitTag,
  readBitString,
  readBoolean,
  readElement,
  readInteger,
  readIntegerBytes,
  readOid,
  readOptional,
  readSequence,
  readTagged,
  readTaggedElement,
  readTime,
} from './der.js';
import { decodeDistinguishedName, escapeControls } from './distinguished-name.js';
import { toHex } from './hex.js';
import {
  CURVES,
  EXTENDED_KEY_USAGES,
  FIXED_SIZE_KEYS,
  KEY_USAGES,
  OID_DSA,
  OID_EC_PUBLIC_KEY,
  OID_PKCS_1,
  OID_RSASSA_PSS,
  SIGNATURE_ALGORITHMS,
  UNJUDGED_SIGNATURES,
} from './object-identifiers.js';
import { Reader } from './reader.js';

const { SEQUENCE } = DER_TAG;

export interface ExtendedKeyUsage {
  readonly oid: string;
  readonly name: string | null;
}

/**
 * What one X.509 certificate says, [RFC 5280] 4.1. Read with our own decoder, so that a certificate
 * which OpenSSL refuses gives its facts all the same; nothing here is a judgement of trust.
 */
export interface CertificateFacts {
  /** 1, 2 or 3; another number as it was sent. */
  readonly version: number;
  /** Hex as it was sent, without leading zero octets. */
  readonly serialNumber: string;
  /** As RFC 4514 writes names: `CN=srv01`. */
  readonly subject: string;
  readonly issuer: string;
  /** As it was sent: escape it before it is shown. */
  readonly commonName: string | null;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Issuer and subject are the same bytes. */
  readonly selfIssued: boolean;
  /** Self-issued, and its own key verifies its signature; null where that cannot be computed. */
  readonly selfSigned: boolean | null;
  /** RSA, RSA-PSS, EC, Ed25519, Ed448, DSA ..., else the object identifier. */
  readonly keyType: string;
  readonly keyBits: number | null;
  /** OpenSSL's name of the curve, or its object identifier; null for other keys. */
  readonly curve: string | null;
  /** OpenSSL's long name, else the object identifier. */
  readonly signatureAlgorithm: string;
  /** `DNS:srv01.example`, `IP:10.0.0.1`, `email:`, `URI:`, `RID:`, `DirName:`, `othername:`. */
  readonly subjectAltNames: readonly string[];
  readonly keyUsages: readonly string[];
  readonly extendedKeyUsages: readonly ExtendedKeyUsage[];
  /** null: the extension is absent. */
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | null } | null;
  /** Hex digests of the whole certificate, and of its SubjectPublicKeyInfo. */
  readonly sha256: string;
  readonly sha1: string;
  readonly spkiSha256: string;
  /** The octets of the BIT STRING subjectPublicKey, which CredSSP binds to the TLS channel. */
  readonly subjectPublicKey: Uint8Array;
}

/**
 * TLS allows 16 MiB. Certificates have some kilobytes, those signed with SLH-DSA some 50; beyond
 * this cap a list of a million names would only cost us memory.
 */
export const LARGEST_CERTIFICATE = 2 ** 17;

export function decodeCertificate(der: Uint8Array): CertificateFacts {
  if (der.length > LARGEST_CERTIFICATE) {
    throw new DecodeError(
      'Certificate',
      0,
      `has ${der.length} bytes, more than ${LARGEST_CERTIFICATE}`,
    );
  }
  const message = new Reader(der);
  const certificate = readSequence(message, 'Certificate');
  message.end('Certificate');
  const tbs = readSequence(certificate, 'TBSCertificate');
  const signatureAlgorithm = readAlgorithm(certificate, 'Certificate.signatureAlgorithm').oid;
  readBitString(certificate, 'Certificate.signatureValue');
  certificate.end('Certificate');

  const versionField = readOptional(tbs, contextTag(0), 'TBSCertificate.version');
  const version =
    versionField === null
      ? 1
      : readInteger(versionField, 'TBSCertificate.version', 0, 2 ** 31 - 2) + 1;
  const serialNumber = readIntegerBytes(tbs, 'TBSCertificate.serialNumber');
  readAlgorithm(tbs, 'TBSCertificate.signature');
  const issuerElement = readTaggedElement(tbs, SEQUENCE, 'TBSCertificate.issuer');
  const issuer = decodeDistinguishedName(issuerElement.content, 'TBSCertificate.issuer');
  const validity = readSequence(tbs, 'TBSCertificate.validity');
  const notBefore = readTime(validity, 'Validity.notBefore');
  const notAfter = readTime(validity, 'Validity.notAfter');
  validity.end('Validity');
  const subjectElement = readTaggedElement(tbs, SEQUENCE, 'TBSCertificate.subject');
  const subject = decodeDistinguishedName(subjectElement.content, 'TBSCertificate.subject');
  const spki = readTaggedElement(tbs, SEQUENCE, 'TBSCertificate.subjectPublicKeyInfo');
  const key = decodeSubjectPublicKeyInfo(spki.content);
  readOptional(tbs, implicitTag(1), 'TBSCertificate.issuerUniqueID');
  readOptional(tbs, implicitTag(2), 'TBSCertificate.subjectUniqueID');
  const extensions = decodeExtensions(
    readOptional(tbs, contextTag(3), 'TBSCertificate.extensions'),
  );
  tbs.end('TBSCertificate');

  const signatureName = SIGNATURE_ALGORITHMS.get(signatureAlgorithm);
  const selfIssued = toHex(issuerElement.bytes) === toHex(subjectElement.bytes);
  return {
    version,
    serialNumber: toHex(serialNumber).replace(/^(00)+(?=..)/, ''),
    subject: subject.text,
    issuer: issuer.text,
    commonName: subject.commonName,
    notBefore,
    notAfter,
    selfIssued,
    selfSigned: selfIssued ? verifiesItself(der, signatureName) : false,
    ...key,
    signatureAlgorithm: signatureName ?? signatureAlgorithm,
    ...extensions,
    sha256: digest('sha256', der),
    sha1: digest('sha1', der),
    spkiSha256: digest('sha256', spki.bytes),
  };
}

function digest(algorithm: 'sha1' | 'sha256', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** AlgorithmIdentifier, [RFC 5280] 4.1.1.2; the parameters are left unread. */
function readAlgorithm(reader: Reader, field: string): { oid: string; parameters: Reader } {
  const parameters = readSequence(reader, field);
  return { oid: readOid(parameters, `${field}.algorithm`), parameters };
}

/**
 * Whether the key in a certificate verifies its signature. OpenSSL computes it; what OpenSSL cannot
 * read, or an algorithm it does not have, is null and not a wrong signature.
 */
function verifiesItself(der: Uint8Array, signatureName: string | undefined): boolean | null {
  let verified: boolean;
  try {
    const certificate = new X509Certificate(der);
    verified = certificate.verify(certificate.publicKey);
  } catch {
    return null;
  }
  const judged = signatureName !== undefined && !UNJUDGED_SIGNATURES.has(signatureName);
  return verified || judged ? verified : null;
}

type KeyFacts = Pick<CertificateFacts, 'keyType' | 'keyBits' | 'curve' | 'subjectPublicKey'>;

/** SubjectPublicKeyInfo, [RFC 5280] 4.1.2.7, with the keys of [RFC 3279] 2.3 and [RFC 8410]. */
function decodeSubjectPublicKeyInfo(reader: Reader): KeyFacts {
  const { oid, parameters } = readAlgorithm(reader, 'SubjectPublicKeyInfo.algorithm');
  const at = reader.offset;
  const subjectPublicKey = readBitString(reader, 'SubjectPublicKeyInfo.subjectPublicKey').bytes;
  reader.end('SubjectPublicKeyInfo');
  const other = { curve: null, subjectPublicKey };

  // The certificates of Terminal Services licensing name a key's algorithm md5WithRSAEncryption
  // (Zeek's test capture rdp-x509.pcap): any member of the PKCS #1 arc means an RSA key.
  if (oid.startsWith(OID_PKCS_1)) {
    const key = readSequence(new Reader(subjectPublicKey, at), 'RSAPublicKey');
    const keyBits = bitLength(readIntegerBytes(key, 'RSAPublicKey.modulus'));
    return { keyType: oid === OID_RSASSA_PSS ? 'RSA-PSS' : 'RSA', keyBits, ...other };
  }
  if (oid === OID_EC_PUBLIC_KEY)
    return { keyType: 'EC', ...readCurve(parameters), subjectPublicKey };
  if (oid === OID_DSA) {
    // The parameters, p first, may be inherited from the issuer and then are not here.
    const domain = readOptional(parameters, DER_TAG.SEQUENCE, 'Dss-Parms');
    const keyBits = domain === null ? null : bitLength(readIntegerBytes(domain, 'Dss-Parms.p'));
    return { keyType: 'DSA', keyBits, ...other };
  }
  const fixed = FIXED_SIZE_KEYS.get(oid);
  return { keyType: fixed?.[0] ?? oid, keyBits: fixed?.[1] ?? null, ...other };
}

/** ECParameters, [RFC 5480] 2.1.1: a named curve, or parameters written out, which have no name. */
function readCurve(parameters: Reader): Pick<KeyFacts, 'curve' | 'keyBits'> {
  if (parameters.peek() !== DER_TAG.OBJECT_IDENTIFIER) return { curve: null, keyBits: null };
  const oid = readOid(parameters, 'ECParameters.namedCurve');
  const known = CURVES.get(oid);
  return { curve: known?.[0] ?? oid, keyBits: known?.[1] ?? null };
}

/** Significant bits of an unsigned number, most significant octet first. */
function bitLength(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0);
  if (first < 0) return 0;
  return (octets.length - first) * 8 - (Math.clz32(octets[first] ?? 0) - 24);
}

const OID_KEY_USAGE = '2.5.29.15';
const OID_SUBJECT_ALT_NAME = '2.5.29.17';
const OID_BASIC_CONSTRAINTS = '2.5.29.19';
const OID_EXTENDED_KEY_USAGE = '2.5.29.37';

type ExtensionFacts = Pick<
  CertificateFacts,
  'subjectAltNames' | 'keyUsages' | 'extendedKeyUsages' | 'basicConstraints'
>;

/** Extensions, [RFC 5280] 4.2, of which the four that matter for RDP are read. */
function decodeExtensions(explicit: Reader | null): ExtensionFacts {
  let subjectAltNames: readonly string[] = [];
  let keyUsages: readonly string[] = [];
  let extendedKeyUsages: readonly ExtendedKeyUsage[] = [];
  let basicConstraints: CertificateFacts['basicConstraints'] = null;
  const list = explicit === null ? null : readSequence(explicit, 'Extensions');
  explicit?.end('Extensions');
  while (list !== null && list.remaining > 0) {
    const extension = readSequence(list, 'Extension');
    const oid = readOid(extension, 'Extension.extnID');
    if (extension.peek() === DER_TAG.BOOLEAN) readBoolean(extension, 'Extension.critical');
    const value = readTagged(extension, DER_TAG.OCTET_STRING, 'Extension.extnValue');
    extension.end('Extension');
    if (oid === OID_SUBJECT_ALT_NAME) subjectAltNames = readGeneralNames(value);
    else if (oid === OID_KEY_USAGE) keyUsages = readKeyUsage(value);
    else if (oid === OID_EXTENDED_KEY_USAGE) extendedKeyUsages = readExtendedKeyUsage(value);
    else if (oid === OID_BASIC_CONSTRAINTS) basicConstraints = readBasicConstraints(value);
  }
  return { subjectAltNames, keyUsages, extendedKeyUsages, basicConstraints };
}

/** KeyUsage, [RFC 5280] 4.2.1.3. */
function readKeyUsage(reader: Reader): readonly string[] {
  const { bytes } = readBitString(reader, 'KeyUsage');
  return KEY_USAGES.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** ExtKeyUsageSyntax, [RFC 5280] 4.2.1.12. */
function readExtendedKeyUsage(reader: Reader): readonly ExtendedKeyUsage[] {
  const list = readSequence(reader, 'ExtKeyUsageSyntax');
  const usages: ExtendedKeyUsage[] = [];
  while (list.remaining > 0) {
    const oid = readOid(list, 'KeyPurposeId');
    usages.push({ oid, name: EXTENDED_KEY_USAGES.get(oid) ?? null });
  }
  return usages;
}

/** BasicConstraints, [RFC 5280] 4.2.1.9. */
function readBasicConstraints(reader: Reader): CertificateFacts['basicConstraints'] {
  const fields = readSequence(reader, 'BasicConstraints');
  const ca = fields.peek() === DER_TAG.BOOLEAN && readBoolean(fields, 'BasicConstraints.cA');
  const pathLength =
    fields.peek() === DER_TAG.INTEGER
      ? readInteger(fields, 'BasicConstraints.pathLenConstraint', 0, 2 ** 31 - 1)
      : null;
  return { ca, pathLength };
}

/** GeneralNames, [RFC 5280] 4.2.1.6, with the prefixes that OpenSSL writes. */
function readGeneralNames(reader: Reader): readonly string[] {
  const list = readSequence(reader, 'GeneralNames');
  const names: string[] = [];
  while (list.remaining > 0) {
    const { tag, content } = readElement(list, 'GeneralName');
    names.push(escapeControls(generalName(tag, content)));
  }
  return names;
}

function generalName(tag: number, content: Reader): string {
  const text = (): string => Buffer.from(content.rest()).toString('latin1');
  switch (tag) {
    case contextTag(0):
      return `othername:${readOid(content, 'OtherName.type-id')}`;
    case implicitTag(1):
      return `email:${text()}`;
    case implicitTag(2):
      return `DNS:${text()}`;
    case contextTag(4): {
      const name = readSequence(content, 'GeneralName.directoryName');
      return `DirName:${decodeDistinguishedName(name, 'GeneralName.directoryName').text}`;
    }
    case implicitTag(6):
      return `URI:${text()}`;
    case implicitTag(7):
      return `IP:${ipAddress(content.rest())}`;
    case implicitTag(8):
      return `RID:${decodeOid(content.rest())}`;
    default:
      return `[${tag & 0x1f}]:${toHex(content.rest())}`;
  }
}

/** An address as text, IPv6 as [RFC 5952] writes it; any other width as hex. */
function ipAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return toHex(bytes);
  const groups = (toHex(bytes).match(/..../g) ?? []).map((group) => group.replace(/^0{1,3}/, ''));
  let longestAt = 0;
  let longest = 0;
  for (let at = 0; at < groups.length; at++) {
    const end = groups.findIndex((group, index) => index >= at && group !== '0');
    const zeros = (end < 0 ? groups.length : end) - at;
    if (zeros > longest) [longestAt, longest] = [at, zeros];
  }
  if (longest < 2) return groups.join(':');
  const before = groups.slice(0, longestAt).join(':');
  return `${before}::${groups.slice(longestAt + longest).join(':')}`;
}
