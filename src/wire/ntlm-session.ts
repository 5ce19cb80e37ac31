import { createHash } from 'node:crypto';
import { NTLMSSP_NEGOTIATE_56, NTLMSSP_NEGOTIATE_128, NTLMSSP_NEGOTIATE_KEY_EXCH } from './ntlm.js';
import { hmacMd5 } from './ntlm-v2.js';
import { Rc4 } from './rc4.js';
import { concat, Writer } from './writer.js';

/** Which side seals: each direction has keys of its own. */
export type SealingSide = 'client' | 'server';

/** [MS-NLMP] 3.4.5.2 and 3.4.5.3: the names of the keys, each with its closing zero. */
const MAGIC: Readonly<Record<SealingSide, { readonly sign: string; readonly seal: string }>> = {
  client: {
    sign: 'session key to client-to-server signing key magic constant\0',
    seal: 'session key to client-to-server sealing key magic constant\0',
  },
  server: {
    sign: 'session key to server-to-client signing key magic constant\0',
    seal: 'session key to server-to-client sealing key magic constant\0',
  },
};

/** NTLMSSP_MESSAGE_SIGNATURE with extended session security, [MS-NLMP] 2.2.2.9.2. */
export const SIGNATURE_LENGTH = 16;

/** SIGNKEY with extended session security, [MS-NLMP] 3.4.5.2. */
export function signKey(exportedSessionKey: Uint8Array, side: SealingSide): Uint8Array {
  return md5(exportedSessionKey, MAGIC[side].sign);
}

/** SEALKEY with extended session security, [MS-NLMP] 3.4.5.3: as long as the flags allow. */
export function sealKey(
  negotiateFlags: number,
  exportedSessionKey: Uint8Array,
  side: SealingSide,
): Uint8Array {
  const length =
    negotiateFlags & NTLMSSP_NEGOTIATE_128 ? 16 : negotiateFlags & NTLMSSP_NEGOTIATE_56 ? 7 : 5;
  return md5(exportedSessionKey.subarray(0, length), MAGIC[side].seal);
}

function md5(key: Uint8Array, magic: string): Uint8Array {
  return new Uint8Array(createHash('md5').update(key).update(magic, 'latin1').digest());
}

/**
 * Seals or opens the messages of one direction, [MS-NLMP] 3.4.6 and 3.4.7, with extended session
 * security: a signature of 16 bytes, then the message encrypted.
 *
 * INVARIANT: messages are taken in the order in which they are sent; the key stream and the sequence
 * number go on from one to the next.
 */
export class NtlmSealing {
  readonly #signKey: Uint8Array;
  readonly #cipher: Rc4;
  readonly #keyExchange: boolean;
  #sequenceNumber = 0;

  constructor(negotiateFlags: number, exportedSessionKey: Uint8Array, side: SealingSide) {
    this.#signKey = signKey(exportedSessionKey, side);
    this.#cipher = new Rc4(sealKey(negotiateFlags, exportedSessionKey, side));
    this.#keyExchange = (negotiateFlags & NTLMSSP_NEGOTIATE_KEY_EXCH) !== 0;
  }

  /** What GSS_WrapEx gives: signature and sealed message. */
  seal(message: Uint8Array): Uint8Array {
    const sealed = this.#cipher.update(message);
    return concat(this.#signature(message), sealed);
  }

  /** @returns the message, or null where its signature does not verify */
  open(bytes: Uint8Array): Uint8Array | null {
    if (bytes.length < SIGNATURE_LENGTH) return null;
    const message = this.#cipher.update(bytes.subarray(SIGNATURE_LENGTH));
    const expected = this.#signature(message);
    return expected.every((octet, at) => octet === bytes[at]) ? message : null;
  }

  /** MAC, [MS-NLMP] 3.4.4.2: with a key exchange the checksum is encrypted as well. */
  #signature(message: Uint8Array): Uint8Array {
    const sequenceNumber = new Writer().u32le(this.#sequenceNumber++).finish();
    const checksum = hmacMd5(this.#signKey, sequenceNumber, message).subarray(0, 8);
    return concat(
      Uint8Array.of(1, 0, 0, 0),
      this.#keyExchange ? this.#cipher.update(checksum) : checksum,
      sequenceNumber,
    );
  }
}
