import {
  encodePayloadField,
  encodeVersion,
  NTLM_AUTHENTICATE,
  NTLM_SIGNATURE,
  NTLMSSP_NEGOTIATE_VERSION,
  type NtlmVersion,
} from './ntlm.js';
import { hmacMd5 } from './ntlm-v2.js';
import { encodeUtf16le } from './text.js';
import { Writer } from './writer.js';

/** What goes into an AUTHENTICATE_MESSAGE, [MS-NLMP] 2.2.1.3. Its responses and key are secret. */
export interface NtlmAuthenticateFields {
  readonly negotiateFlags: number;
  readonly domainName: string;
  readonly userName: string;
  readonly workstation: string;
  readonly lmChallengeResponse: Uint8Array;
  readonly ntChallengeResponse: Uint8Array;
  /** 16 bytes; empty without a key exchange */
  readonly encryptedRandomSessionKey: Uint8Array;
  readonly version: NtlmVersion;
}

/** Where the MIC stands: behind eight fixed fields, six of the payload, the flags and VERSION. */
const MIC_AT = 72;
const MIC_LENGTH = 16;
const PAYLOAD_AT = MIC_AT + MIC_LENGTH;

/** An AUTHENTICATE_MESSAGE with room for a MIC, still zero; the payload in the order of Windows. */
export function encodeNtlmAuthenticate(fields: NtlmAuthenticateFields): Uint8Array {
  const domain = encodeUtf16le(fields.domainName);
  const user = encodeUtf16le(fields.userName);
  const workstation = encodeUtf16le(fields.workstation);
  const lm = fields.lmChallengeResponse;
  const nt = fields.ntChallengeResponse;
  const key = fields.encryptedRandomSessionKey;
  const userAt = PAYLOAD_AT + domain.length;
  const workstationAt = userAt + user.length;
  const lmAt = workstationAt + workstation.length;
  const ntAt = lmAt + lm.length;
  return new Writer()
    .bytes(NTLM_SIGNATURE)
    .u32le(NTLM_AUTHENTICATE)
    .bytes(encodePayloadField(lm, lmAt))
    .bytes(encodePayloadField(nt, ntAt))
    .bytes(encodePayloadField(domain, PAYLOAD_AT))
    .bytes(encodePayloadField(user, userAt))
    .bytes(encodePayloadField(workstation, workstationAt))
    .bytes(encodePayloadField(key, ntAt + nt.length))
    .u32le((fields.negotiateFlags | NTLMSSP_NEGOTIATE_VERSION) >>> 0)
    .bytes(encodeVersion(fields.version))
    .zeros(MIC_LENGTH)
    .bytes(domain)
    .bytes(user)
    .bytes(workstation)
    .bytes(lm)
    .bytes(nt)
    .bytes(key)
    .finish();
}

/**
 * The same message with its MIC, [MS-NLMP] 3.1.5.1.2: over all three messages as they were sent,
 * this one with a MIC of zero.
 */
export function withMic(
  authenticate: Uint8Array,
  exportedSessionKey: Uint8Array,
  negotiate: Uint8Array,
  challenge: Uint8Array,
): Uint8Array {
  const signed = Uint8Array.from(authenticate);
  signed.set(hmacMd5(exportedSessionKey, negotiate, challenge, authenticate), MIC_AT);
  return signed;
}
