import { Reader } from './reader.js';

const CERT_CHAIN_VERSION_1 = 1;
const CERT_CHAIN_VERSION_2 = 2;
const SIGNATURE_ALG_RSA = 1;
const KEY_EXCHANGE_ALG_RSA = 1;
const BB_RSA_KEY_BLOB = 6;
const BB_RSA_SIGNATURE_BLOB = 8;

/** "RSA1", RSA_PUBLIC_KEY.magic, [MS-RDPBCGR] 2.2.1.4.3.1.1.1. */
const RSA_MAGIC = 0x31415352;

/** The modulus is followed by eight bytes of zero, which keylen counts. */
const MODULUS_PADDING = 8;

/** [MS-RDPELE] 2.2.1.4.2: a chain has 200 certificates at the most. */
const MAX_CERTIFICATES = 200;

/** SERVER_CERTIFICATE, [MS-RDPBCGR] 2.2.1.4.3.1. */
export type ServerCertificate =
  /** PROPRIETARYSERVERCERTIFICATE, [MS-RDPBCGR] 2.2.1.4.3.1.1. */
  | {
      readonly kind: 'proprietary';
      /** Issued to the server for a time only. */
      readonly temporary: boolean;
      readonly rsaKeyBits: number;
      readonly pubExp: number;
      /** Little-endian, as on the wire. */
      readonly modulus: Uint8Array;
      readonly signature: Uint8Array;
    }
  /** X.509 certificate chain, [MS-RDPBCGR] 5.3.3.2 and [MS-RDPELE] 2.2.1.4.2. */
  | {
      readonly kind: 'x509';
      readonly temporary: boolean;
      /** DER, from the root down: the server's own is the last. */
      readonly certificates: readonly Uint8Array[];
    }
  | {
      readonly kind: 'other';
      readonly temporary: boolean;
      readonly certChainVersion: number;
      readonly certData: Uint8Array;
    };

/** @param serverCertificate the field of that name of SC_SECURITY */
export function decodeServerCertificate(
  serverCertificate: Uint8Array,
  base = 0,
): ServerCertificate {
  const reader = new Reader(serverCertificate, base);
  const dwVersion = reader.u32le('SERVER_CERTIFICATE.dwVersion');
  const temporary = dwVersion >= 0x80000000;
  const certChainVersion = dwVersion % 0x80000000;
  switch (certChainVersion) {
    case CERT_CHAIN_VERSION_1:
      return { kind: 'proprietary', temporary, ...readProprietary(reader) };
    case CERT_CHAIN_VERSION_2:
      return { kind: 'x509', temporary, certificates: readChain(reader) };
    default:
      return { kind: 'other', temporary, certChainVersion, certData: reader.rest() };
  }
}

function readProprietary(reader: Reader): {
  rsaKeyBits: number;
  pubExp: number;
  modulus: Uint8Array;
  signature: Uint8Array;
} {
  const structure = 'PROPRIETARYSERVERCERTIFICATE';
  expectU32(reader, SIGNATURE_ALG_RSA, `${structure}.dwSigAlgId`);
  expectU32(reader, KEY_EXCHANGE_ALG_RSA, `${structure}.dwKeyAlgId`);
  expectU16(reader, BB_RSA_KEY_BLOB, `${structure}.wPublicKeyBlobType`);
  const wPublicKeyBlobLen = reader.u16le(`${structure}.wPublicKeyBlobLen`);
  const key = reader.carve(wPublicKeyBlobLen, `${structure}.PublicKeyBlob`);
  expectU32(key, RSA_MAGIC, 'RSA_PUBLIC_KEY.magic');
  const keylen = key.u32le('RSA_PUBLIC_KEY.keylen');
  if (keylen < MODULUS_PADDING) {
    throw key.refuse('RSA_PUBLIC_KEY.keylen', `is ${keylen}, less than its padding`, 4);
  }
  const rsaKeyBits = key.u32le('RSA_PUBLIC_KEY.bitlen');
  key.skip(4, 'RSA_PUBLIC_KEY.datalen');
  const pubExp = key.u32le('RSA_PUBLIC_KEY.pubExp');
  const modulus = key.bytes(keylen - MODULUS_PADDING, 'RSA_PUBLIC_KEY.modulus');
  expectU16(reader, BB_RSA_SIGNATURE_BLOB, `${structure}.wSignatureBlobType`);
  const wSignatureBlobLen = reader.u16le(`${structure}.wSignatureBlobLen`);
  const signature = reader.bytes(wSignatureBlobLen, `${structure}.SignatureBlob`);
  return { rsaKeyBits, pubExp, modulus, signature };
}

function readChain(reader: Reader): readonly Uint8Array[] {
  const count = reader.u32le('X509_CERTIFICATE_CHAIN.NumCertBlobs');
  if (count > MAX_CERTIFICATES) {
    const problem = `is ${count}, more than ${MAX_CERTIFICATES}`;
    throw reader.refuse('X509_CERTIFICATE_CHAIN.NumCertBlobs', problem, 4);
  }
  const certificates: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const cbCert = reader.u32le('CERT_BLOB.cbCert');
    certificates.push(reader.bytes(cbCert, 'CERT_BLOB.abCert'));
  }
  // Padding follows, 8 + 4 * NumCertBlobs bytes by [MS-RDPELE]. It means nothing: not checked.
  return certificates;
}

function expectU32(reader: Reader, expected: number, field: string): void {
  const value = reader.u32le(field);
  if (value !== expected) throw reader.refuse(field, `is ${value}, not ${expected}`, 4);
}

function expectU16(reader: Reader, expected: number, field: string): void {
  const value = reader.u16le(field);
  if (value !== expected) throw reader.refuse(field, `is ${value}, not ${expected}`, 2);
}
