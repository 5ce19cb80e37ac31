import { DecodeError } from '../wire/decode-error.js';
import { decodeSupportedVersions } from '../wire/tls-extensions.js';
import { decodeTlsHandshake } from '../wire/tls-handshake.js';
import { isGrease } from '../wire/tls-names.js';
import { decodeTlsRecord } from '../wire/tls-record.js';
import type { RefuseHelloStep, TlsVersionName } from './scenario.js';

const VERSIONS: Readonly<Record<TlsVersionName, number>> = {
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
};

/** Whether a server of this step breaks off at the ClientHello in a record. */
export function isRefused(record: Uint8Array, step: RefuseHelloStep): boolean {
  if (step.longerThan !== null && record.length > step.longerThan) return true;
  return step.newerThan !== null && newestVersion(record) > VERSIONS[step.newerThan];
}

/** 0: it cannot be read, which is for the TLS library to say. */
function newestVersion(record: Uint8Array): number {
  try {
    const hello = decodeTlsHandshake(decodeTlsRecord(record).fragment);
    if (hello.kind !== 'client-hello') return 0;
    const listed = hello.extensions === null ? null : decodeSupportedVersions(hello.extensions);
    const versions = (listed ?? [hello.legacyVersion]).map(({ value }) => value);
    return Math.max(0, ...versions.filter((version) => !isGrease(version)));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return 0;
  }
}
