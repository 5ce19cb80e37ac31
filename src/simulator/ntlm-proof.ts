import { createHmac } from 'node:crypto';
import { decodeUtf16le, encodeUtf16le } from '../wire/text.js';

/** A user of a simulated peer; the NT hash is MD4 of the password, [MS-NLMP] 3.3.1. */
export interface SimulatedUser {
  readonly name: string;
  /** hex */
  readonly ntHash: string;
}

/**
 * Whether an AUTHENTICATE_MESSAGE proves the user, [MS-NLMP] 3.3.2: the first 16 bytes of the
 * NtChallengeResponse are an HMAC over the challenge and the rest. Computed here from the raw fields,
 * with nothing of what our own client side uses.
 */
export function provesUser(
  authenticate: Uint8Array,
  serverChallenge: Uint8Array,
  user: SimulatedUser,
): boolean {
  const message = Buffer.from(authenticate);
  if (message.length < 64 || message.toString('latin1', 0, 8) !== 'NTLMSSP\0') return false;
  const field = (at: number): Buffer =>
    message.subarray(
      message.readUInt32LE(at + 4),
      message.readUInt32LE(at + 4) + message.readUInt16LE(at),
    );
  const response = field(20);
  const domain = decodeUtf16le(field(28));
  const name = decodeUtf16le(field(36));
  if (name.toLowerCase() !== user.name.toLowerCase() || response.length < 44) return false;
  const md5 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer => {
    const hmac = createHmac('md5', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const key = md5(Buffer.from(user.ntHash, 'hex'), encodeUtf16le(name.toUpperCase() + domain));
  return md5(key, serverChallenge, response.subarray(16)).equals(response.subarray(0, 16));
}
