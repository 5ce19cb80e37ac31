import { md4 } from 'hash-wasm';
import { encodeUtf16le } from '../wire/text.js';

/**
 * The home of hash-wasm, for MD4 alone: the OpenSSL of Node has it no more. Loaded where somebody
 * logs on.
 */

/**
 * NTOWFv1, [MS-NLMP] 3.3.1: MD4 of the password in UTF-16LE, 16 bytes. It is as good as the password
 * itself.
 */
export async function ntHash(password: string): Promise<Uint8Array> {
  return new Uint8Array(Buffer.from(await md4(encodeUtf16le(password)), 'hex'));
}
