import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { avPairsOf } from '../wire/av-pair.js';
import { DecodeError } from '../wire/decode-error.js';
import { unixMicrosToFiletime } from '../wire/filetime.js';
import { encodeNtlmChallenge } from '../wire/ntlm.js';
import { encodeNegTokenResp, unwrapNegoToken } from '../wire/spnego.js';
import { decodeTsRequest, encodeTsRequest, ntStatus } from '../wire/ts-request.js';
import { COMPUTER } from './computer.js';
import type { LogonStep } from './scenario.js';

/*
 * The server of CredSSP with NTLMv2, [MS-CSSP] 3.1.5 and [MS-NLMP] 3.2.5. It checks everything that a
 * server can check. What it checks it computes by itself, from the digests of node:crypto and an RC4
 * of its own: were the client's code used here too, a fault in it would agree with itself.
 */

const STATUS_LOGON_FAILURE = 0xc000006d;
const STATUS_NO_SUCH_USER = 0xc0000064;
const STATUS_INVALID_PARAMETER = 0xc000000d;
const STATUS_BAD_BINDINGS = 0xc000035b;
/** SEC_E_MESSAGE_ALTERED, [MS-ERREF] 2.1.1: the client's proof of the key does not verify. */
const SEC_E_MESSAGE_ALTERED = 0x8009030f;

const SERVER_CHALLENGE = Buffer.from('0123456789abcdef', 'hex');

/** What the peer needs to know of the TLS connection that it speaks in. */
export interface PeerChannel {
  /** DER, signed with SHA-256 or a weaker digest */
  readonly certificate: Uint8Array;
}

/** What the peer does next; `bytes` null: nothing is sent. */
export interface PeerAnswer {
  readonly bytes: Uint8Array | null;
  readonly goesOn: boolean;
}

/** Fields of an AUTHENTICATE_MESSAGE, [MS-NLMP] 2.2.1.3. */
interface Authenticate {
  readonly lm: Buffer;
  readonly nt: Buffer;
  readonly domain: string;
  readonly user: string;
  readonly sessionKey: Buffer;
  readonly flags: number;
  readonly whole: Buffer;
}

export class NlaPeer {
  readonly #step: LogonStep;
  readonly #channel: PeerChannel;
  readonly #nowMs: number;
  #negotiate: Buffer | null = null;
  #challenge: Buffer | null = null;
  #isOver = false;

  /** @param nowMs milliseconds since 1970 UTC, for the clock in the challenge */
  constructor(step: LogonStep, channel: PeerChannel, nowMs: number) {
    this.#step = step;
    this.#channel = channel;
    this.#nowMs = nowMs;
  }

  /**
   * Takes one whole TSRequest of the client.
   *
   * @throws DecodeError or RangeError for one that cannot be read
   */
  receive(bytes: Uint8Array): PeerAnswer {
    const request = decodeTsRequest(bytes);
    if (this.#isOver || request.authInfo !== null) return this.#refuse(STATUS_INVALID_PARAMETER);
    const { ntlm, wrapper } = unwrapNegoToken(request.negoTokens?.[0] ?? new Uint8Array());
    if (ntlm === null) return this.#refuse(STATUS_INVALID_PARAMETER);
    const message = Buffer.from(ntlm);
    if (this.#negotiate === null || this.#challenge === null) {
      this.#negotiate = message;
      return this.#sendChallenge(wrapper);
    }
    this.#isOver = true;
    const { pubKeyAuth, clientNonce } = request;
    const authenticate = readAuthenticate(message);
    const sessionKey = this.#sessionKeyOf(authenticate, this.#negotiate, this.#challenge);
    if (typeof sessionKey === 'number') return this.#refuse(sessionKey);
    if (this.#step.status !== null) return this.#refuse(this.#step.status);
    return this.#proveKey(authenticate.flags, sessionKey, pubKeyAuth, clientNonce);
  }

  #sendChallenge(wrapper: 'none' | 'spnego'): PeerAnswer {
    const { clock, flags, version } = this.#step;
    this.#challenge = Buffer.from(
      encodeNtlmChallenge({
        flags,
        serverChallenge: SERVER_CHALLENGE,
        targetName: COMPUTER.netbiosDomainName,
        targetInfo: avPairsOf({
          ...COMPUTER,
          timestamp: clock ? unixMicrosToFiletime(this.#nowMs * 1000) : null,
        }),
        version: {
          productMajorVersion: 10,
          productMinorVersion: 0,
          productBuild: 20348,
          ntlmRevisionCurrent: 15,
        },
      }),
    );
    const wrapped = wrapper === 'spnego' || this.#step.wrapper === 'spnego';
    const token = wrapped
      ? encodeNegTokenResp({ negState: 1, supportedMech: null, responseToken: this.#challenge })
      : this.#challenge;
    return { bytes: encodeTsRequest({ version, negoTokens: [token] }), goesOn: true };
  }

  /** The exported session key where everything in the message is right, else an NTSTATUS. */
  #sessionKeyOf(message: Authenticate, negotiate: Buffer, challenge: Buffer): Buffer | number {
    const { account, clock } = this.#step;
    if (message.user.toLowerCase() !== account.user.toLowerCase()) return STATUS_NO_SUCH_USER;
    // NTOWFv2 and the proof, [MS-NLMP] 3.3.2, from the hash that a server keeps.
    const responseKey = hmac(
      Buffer.from(account.ntHash, 'hex'),
      Buffer.from(message.user.toUpperCase() + message.domain, 'utf16le'),
    );
    const proof = message.nt.subarray(0, 16);
    const temp = message.nt.subarray(16);
    if (!hmac(responseKey, SERVER_CHALLENGE, temp).equals(proof)) return STATUS_LOGON_FAILURE;
    const baseKey = hmac(responseKey, proof);
    const exported = message.flags & 0x40000000 ? rc4(baseKey)(message.sessionKey) : baseKey;
    const pairs = readPairs(temp.subarray(28));
    const hasMic = ((pairs.get(6)?.readUInt32LE(0) ?? 0) & 2) !== 0;
    // [MS-NLMP] 3.2.5.1.2: a client that saw a clock must send a MIC, and no LM response.
    if (hasMic !== clock) return STATUS_INVALID_PARAMETER;
    if (clock && !this.#micIsRight(message, exported, negotiate, challenge)) {
      return STATUS_INVALID_PARAMETER;
    }
    if (!this.#lmIsRight(message, responseKey, temp)) return STATUS_LOGON_FAILURE;
    if (pairs.get(10)?.equals(this.#bindings()) !== true) return STATUS_BAD_BINDINGS;
    if (!/^TERMSRV\/./.test(pairs.get(9)?.toString('utf16le') ?? ''))
      return STATUS_INVALID_PARAMETER;
    return exported;
  }

  #micIsRight(message: Authenticate, key: Buffer, negotiate: Buffer, challenge: Buffer): boolean {
    const unsigned = Buffer.from(message.whole);
    unsigned.fill(0, 72, 88);
    return hmac(key, negotiate, challenge, unsigned).equals(message.whole.subarray(72, 88));
  }

  #lmIsRight({ lm }: Authenticate, responseKey: Buffer, temp: Buffer): boolean {
    if (this.#step.clock) return lm.length === 24 && lm.every((octet) => octet === 0);
    const clientChallenge = temp.subarray(16, 24);
    const expected = hmac(responseKey, SERVER_CHALLENGE, clientChallenge);
    return lm.equals(Buffer.concat([expected, clientChallenge]));
  }

  /** RFC 5929 section 4.1 in a gss_channel_bindings_struct. */
  #bindings(): Buffer {
    const digest = createHash('sha256').update(this.#channel.certificate).digest();
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), digest]);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(data.length, 16);
    return createHash('md5').update(head).update(data).digest();
  }

  #proveKey(
    flags: number,
    sessionKey: Buffer,
    pubKeyAuth: Uint8Array | null,
    clientNonce: Uint8Array | null,
  ): PeerAnswer {
    const { version, fault } = this.#step;
    const hashed = version >= 5;
    if (pubKeyAuth === null || (hashed && clientNonce?.length !== 32)) {
      return this.#refuse(STATUS_INVALID_PARAMETER);
    }
    const key = subjectPublicKey(this.#channel.certificate);
    const nonce = clientNonce ?? Buffer.alloc(0);
    const expected = hashed ? bindingHash('Client-To-Server', nonce, key) : key;
    const sent = open(flags, sessionKey, Buffer.from(pubKeyAuth));
    if (sent === null || !sent.equals(expected)) return this.#refuse(SEC_E_MESSAGE_ALTERED);
    const proved = fault === 'other-key' ? otherKey(key) : key;
    const proof = hashed ? bindingHash('Server-To-Client', nonce, proved) : plusOne(proved);
    const sealed = seal(flags, sessionKey, proof);
    if (fault === 'bad-seal') sealed[20] = (sealed[20] ?? 0) ^ 0x01;
    const answer = encodeTsRequest({
      version: fault === 'other-version' ? otherVersion(version) : version,
      pubKeyAuth: fault === 'no-proof' ? null : sealed,
      negoTokens: fault === 'no-proof' && this.#challenge !== null ? [this.#challenge] : null,
    });
    return { bytes: answer, goesOn: true };
  }

  #refuse(status: number): PeerAnswer {
    const { version, refusal } = this.#step;
    this.#isOver = true;
    if (refusal === 'ending') return { bytes: null, goesOn: false };
    return { bytes: encodeTsRequest({ version, errorCode: ntStatus(status) }), goesOn: false };
  }
}

function otherVersion(version: number): number {
  return version === 6 ? 2 : 6;
}

function readAuthenticate(message: Buffer): Authenticate {
  const field = (at: number): Buffer => {
    const offset = message.readUInt32LE(at + 4);
    return message.subarray(offset, offset + message.readUInt16LE(at));
  };
  if (message.readUInt32LE(8) !== 3) throw new DecodeError('NTLM.MessageType', 8, 'is not 3');
  return {
    lm: field(12),
    nt: field(20),
    domain: field(28).toString('utf16le'),
    user: field(36).toString('utf16le'),
    sessionKey: field(52),
    flags: message.readUInt32LE(60),
    whole: message,
  };
}

/** AV_PAIRs by their id. */
function readPairs(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const id = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (id === 0) break;
    pairs.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return pairs;
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  return createHmac('md5', key).update(Buffer.concat(parts)).digest();
}

function bindingHash(direction: string, nonce: Uint8Array, key: Uint8Array): Buffer {
  const magic = Buffer.from(`CredSSP ${direction} Binding Hash\0`);
  return createHash('sha256')
    .update(Buffer.concat([magic, nonce, key]))
    .digest();
}

function plusOne(key: Buffer): Buffer {
  const copy = Buffer.from(key);
  copy[0] = ((copy[0] ?? 0) + 1) % 256;
  return copy;
}

/** A key of the same form that is another one. */
function otherKey(key: Buffer): Buffer {
  const copy = Buffer.from(key);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 0xff;
  return copy;
}

/** What stands in the BIT STRING of the certificate's key: PKCS #1 for RSA, a point for EC. */
function subjectPublicKey(certificate: Uint8Array): Buffer {
  const { publicKey } = new X509Certificate(certificate);
  if (publicKey.asymmetricKeyType === 'rsa') {
    return publicKey.export({ type: 'pkcs1', format: 'der' });
  }
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = [x, y].map((half) => Buffer.from(half, 'base64url'));
  return Buffer.concat([Buffer.of(4), ...point]);
}

function keyOf(sessionKey: Buffer, direction: string, use: 'signing' | 'sealing'): Buffer {
  const magic = `session key to ${direction} ${use} key magic constant\0`;
  return createHash('md5').update(sessionKey).update(magic).digest();
}

/** [MS-NLMP] 3.4.4.2 for the first message of a direction, with 128-bit keys. */
function signature(
  flags: number,
  signingKey: Buffer,
  message: Buffer,
  stream: (bytes: Uint8Array) => Buffer,
): Buffer {
  const number = Buffer.alloc(4);
  const checksum = hmac(signingKey, number, message).subarray(0, 8);
  const shown = flags & 0x40000000 ? stream(checksum) : checksum;
  return Buffer.concat([Buffer.of(1, 0, 0, 0), shown, number]);
}

/** What the client sealed, or null where its signature is wrong. */
function open(flags: number, sessionKey: Buffer, sealed: Buffer): Buffer | null {
  const stream = rc4(keyOf(sessionKey, 'client-to-server', 'sealing'));
  const message = stream(sealed.subarray(16));
  const signingKey = keyOf(sessionKey, 'client-to-server', 'signing');
  const expected = signature(flags, signingKey, message, stream);
  return expected.equals(sealed.subarray(0, 16)) ? message : null;
}

function seal(flags: number, sessionKey: Buffer, message: Buffer): Buffer {
  const stream = rc4(keyOf(sessionKey, 'server-to-client', 'sealing'));
  const sealed = stream(message);
  const signingKey = keyOf(sessionKey, 'server-to-client', 'signing');
  return Buffer.concat([signature(flags, signingKey, message, stream), sealed]);
}

/** RC4 as its inventor's own steps go: a permutation mixed by the key, then stirred on. */
function rc4(key: Uint8Array): (bytes: Uint8Array) => Buffer {
  const box = Array.from({ length: 256 }, (_, index) => index);
  const exchange = (one: number, other: number): void => {
    [box[one], box[other]] = [box[other] ?? 0, box[one] ?? 0];
  };
  let mixed = 0;
  box.forEach((_, index) => {
    mixed = (mixed + (box[index] ?? 0) + (key[index % key.length] ?? 0)) % 256;
    exchange(index, mixed);
  });
  let step = 0;
  let stirred = 0;
  return (bytes) =>
    Buffer.from(
      Array.from(bytes, (octet) => {
        step = (step + 1) % 256;
        stirred = (stirred + (box[step] ?? 0)) % 256;
        exchange(step, stirred);
        return octet ^ (box[((box[step] ?? 0) + (box[stirred] ?? 0)) % 256] ?? 0);
      }),
    );
}
