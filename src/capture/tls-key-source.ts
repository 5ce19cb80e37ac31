import type { KeyObject } from 'node:crypto';
import type { KeyLog } from './tls-keylog.js';
import { type Agreement, type Negotiation, TLS_1_2 } from './tls-negotiation.js';
import { decryptPremaster } from './tls-private-key.js';
import { extendedMasterSecret, masterSecret, type PrfHash } from './tls-secrets.js';

/** Where the keys of recorded connections come from. All connections of a capture share it. */
export interface KeySource {
  readonly keyLog: KeyLog;
  /** RSA keys of servers, for connections with RSA key exchange */
  readonly privateKeys: readonly KeyObject[];
}

/** The hash of the PRF: a suite's own from TLS 1.2 on, RFC 5246 section 5. */
export function prfHashOf({ version, suite }: Agreement): PrfHash {
  return version.value >= TLS_1_2 ? (suite?.prf ?? 'sha256') : 'md5-sha1';
}

/** The master secret of a connection before TLS 1.3, from whichever key leads to it. */
export function findMasterSecret(keys: KeySource, negotiation: Negotiation): Uint8Array | null {
  const { agreement, clientRandom } = negotiation;
  if (agreement === null || clientRandom === null) return null;
  const logged = keys.keyLog.lookup('CLIENT_RANDOM', clientRandom);
  if (logged !== null) return logged;
  const computed = fromPremaster(keys, negotiation, agreement, clientRandom);
  if (computed === null) return keys.keyLog.sessionMaster(agreement.sessionId);
  keys.keyLog.addSession(agreement.sessionId, computed);
  return computed;
}

function fromPremaster(
  keys: KeySource,
  negotiation: Negotiation,
  agreement: Agreement,
  clientRandom: Uint8Array,
): Uint8Array | null {
  const premaster = findPremaster(keys, negotiation.encryptedPremaster);
  if (premaster === null) return null;
  const hash = prfHashOf(agreement);
  if (!agreement.extendedMasterSecret) {
    return masterSecret(hash, premaster, clientRandom, agreement.serverRandom);
  }
  const { transcript } = negotiation;
  return transcript === null ? null : extendedMasterSecret(hash, premaster, transcript);
}

function findPremaster(keys: KeySource, encrypted: Uint8Array | null): Uint8Array | null {
  if (encrypted === null) return null;
  const logged = keys.keyLog.premaster(encrypted);
  if (logged !== null) return logged;
  for (const key of keys.privateKeys) {
    const premaster = decryptPremaster(key, encrypted);
    if (premaster !== null) return premaster;
  }
  return null;
}
