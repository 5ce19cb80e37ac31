import {
  contextTag,
  DER_TAG,
  encodeDer,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  readElement,
  readInteger,
  readOctetString,
  readOid,
  readSequence,
  readTagged,
} from './der.js';
import { isNtlm } from './ntlm.js';
import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';

/** An authentication mechanism by its object identifier; the set is open. */
export interface Mechanism {
  readonly oid: string;
  readonly name: string | null;
}

export const OID_SPNEGO = '1.3.6.1.5.5.2';
export const OID_NTLMSSP = '1.3.6.1.4.1.311.2.2.10';
export const OID_KERBEROS = '1.2.840.113554.1.2.2';
export const OID_KERBEROS_USER_TO_USER = '1.2.840.113554.1.2.2.3';
/** The Kerberos identifier of Windows 2000, which lost a bit; Windows still offers it. */
export const OID_MS_KERBEROS = '1.2.840.48018.1.2.2';

const MECHANISM_NAMES: ReadonlyMap<string, string> = new Map([
  [OID_SPNEGO, 'SPNEGO'],
  [OID_NTLMSSP, 'NTLMSSP'],
  [OID_KERBEROS, 'Kerberos'],
  [OID_KERBEROS_USER_TO_USER, 'Kerberos user-to-user'],
  [OID_MS_KERBEROS, 'MS Kerberos'],
  ['1.3.6.1.5.2.5', 'IAKERB'],
  ['1.3.6.1.5.2.7', 'PKU2U'],
  ['1.3.6.1.4.1.311.2.2.30', 'NEGOEX'],
]);

const KERBEROS_MECHANISMS: ReadonlySet<string> = new Set([
  OID_KERBEROS,
  OID_KERBEROS_USER_TO_USER,
  OID_MS_KERBEROS,
]);

/** negState, [RFC 4178] 4.2.2. */
const NEG_STATE: NameTable = {
  0: 'accept-completed',
  1: 'accept-incomplete',
  2: 'reject',
  3: 'request-mic',
};

/** NegTokenInit, [RFC 4178] 4.2.1, and NegTokenInit2, [MS-SPNG] 2.2.1, which adds negHints. */
export interface NegTokenInit {
  readonly kind: 'negTokenInit';
  readonly mechTypes: readonly Mechanism[];
  /** The first token of the first mechanism, where the sender was optimistic. */
  readonly mechToken: Uint8Array | null;
  readonly mechListMic: Uint8Array | null;
}

/** NegTokenResp, [RFC 4178] 4.2.2. */
export interface NegTokenResp {
  readonly kind: 'negTokenResp';
  readonly negState: Named | null;
  readonly supportedMech: Mechanism | null;
  readonly responseToken: Uint8Array | null;
  readonly mechListMic: Uint8Array | null;
}

export type SpnegoToken = NegTokenInit | NegTokenResp;

/** InitialContextToken, [RFC 2743] 3.1: [APPLICATION 0] around an object identifier and a token. */
const INITIAL_CONTEXT_TOKEN = 0x60;
const NEG_TOKEN_INIT = contextTag(0);
const NEG_TOKEN_RESP = contextTag(1);

/** AP-REQ and AP-REP, [RFC 4120] 5.5, which DCE style Kerberos sends without a GSS-API wrapper. */
const KRB_AP_REQ = 0x6e;
const KRB_AP_REP = 0x6f;

/** More mechanisms than any implementation offers; Windows has about ten. */
const LARGEST_MECH_TYPES = 64;

export function mechanism(oid: string): Mechanism {
  return { oid, name: MECHANISM_NAMES.get(oid) ?? null };
}

/** The header of an InitialContextToken is at most 6 octets, that of an object identifier 2. */
function startsWithOid(bytes: Uint8Array, oid: string): boolean {
  const wanted = encodeOid(oid);
  const lengthOctet = bytes[1] ?? 0;
  const at = lengthOctet < 0x80 ? 2 : 2 + (lengthOctet & 0x7f);
  return bytes[0] === INITIAL_CONTEXT_TOKEN && wanted.every((octet, i) => bytes[at + i] === octet);
}

/** Whether the bytes begin like a SPNEGO message, the first one or a later one. */
export function isSpnego(bytes: Uint8Array): boolean {
  const tag = bytes[0];
  return tag === NEG_TOKEN_INIT || tag === NEG_TOKEN_RESP || startsWithOid(bytes, OID_SPNEGO);
}

/** A SPNEGO message; the first of a client may come with or without the GSS-API wrapper. */
export function decodeSpnego(bytes: Uint8Array): SpnegoToken {
  const message = new Reader(bytes);
  let outer = message;
  if (message.peek() === INITIAL_CONTEXT_TOKEN) {
    outer = readTagged(message, INITIAL_CONTEXT_TOKEN, 'InitialContextToken');
    const at = outer.offset;
    const thisMech = readOid(outer, 'InitialContextToken.thisMech');
    if (thisMech !== OID_SPNEGO) {
      throw outer.refuse('InitialContextToken.thisMech', `is ${thisMech}`, outer.offset - at);
    }
  }
  const { tag, content } = readElement(outer, 'NegotiationToken');
  outer.end('NegotiationToken');
  message.end('NegotiationToken');
  if (tag === NEG_TOKEN_INIT) return decodeNegTokenInit(content);
  if (tag === NEG_TOKEN_RESP) return decodeNegTokenResp(content);
  throw content.refuse('NegotiationToken', `has tag 0x${tag.toString(16)}, not 0xa0 or 0xa1`);
}

function decodeNegTokenInit(reader: Reader): NegTokenInit {
  const fields = readSequence(reader, 'NegTokenInit');
  reader.end('NegTokenInit');
  let mechTypes: readonly Mechanism[] = [];
  let mechToken: Uint8Array | null = null;
  let mechListMic: Uint8Array | null = null;
  while (fields.remaining > 0) {
    const { tag, content } = readElement(fields, 'NegTokenInit');
    if (tag === contextTag(0)) {
      mechTypes = readMechTypes(content);
    } else if (tag === contextTag(2)) {
      mechToken = readOctetString(content, 'NegTokenInit.mechToken');
    } else if (isMechListMic(tag, content)) {
      mechListMic = readOctetString(content, 'NegTokenInit.mechListMIC');
    } else {
      // reqFlags, which nobody obeys, negHints, and what later specifications add.
      content.rest();
    }
    content.end('NegTokenInit');
  }
  return { kind: 'negTokenInit', mechTypes, mechToken, mechListMic };
}

/** [3] is mechListMIC in RFC 4178 and negHints, a SEQUENCE, in MS-SPNG, which moves the MIC to [4]. */
function isMechListMic(tag: number, content: Reader): boolean {
  return (
    (tag === contextTag(3) || tag === contextTag(4)) && content.peek() === DER_TAG.OCTET_STRING
  );
}

function readMechTypes(reader: Reader): readonly Mechanism[] {
  const list = readSequence(reader, 'NegTokenInit.mechTypes');
  const mechTypes: Mechanism[] = [];
  while (list.remaining > 0) {
    if (mechTypes.length === LARGEST_MECH_TYPES) {
      throw list.refuse('NegTokenInit.mechTypes', `has more than ${LARGEST_MECH_TYPES} entries`);
    }
    mechTypes.push(mechanism(readOid(list, 'MechType')));
  }
  return mechTypes;
}

function decodeNegTokenResp(reader: Reader): NegTokenResp {
  const fields = readSequence(reader, 'NegTokenResp');
  reader.end('NegTokenResp');
  let negState: Named | null = null;
  let supportedMech: Mechanism | null = null;
  let responseToken: Uint8Array | null = null;
  let mechListMic: Uint8Array | null = null;
  while (fields.remaining > 0) {
    const { tag, content } = readElement(fields, 'NegTokenResp');
    switch (tag) {
      case contextTag(0): {
        const field = 'NegTokenResp.negState';
        negState = named(NEG_STATE, readInteger(content, field, 0, 255, DER_TAG.ENUMERATED));
        break;
      }
      case contextTag(1):
        supportedMech = mechanism(readOid(content, 'NegTokenResp.supportedMech'));
        break;
      case contextTag(2):
        responseToken = readOctetString(content, 'NegTokenResp.responseToken');
        break;
      case contextTag(3):
        mechListMic = readOctetString(content, 'NegTokenResp.mechListMIC');
        break;
      default:
        content.rest();
    }
    content.end('NegTokenResp');
  }
  return { kind: 'negTokenResp', negState, supportedMech, responseToken, mechListMic };
}

/** What one negoToken of a TSRequest holds. */
export interface NegoTokenContent {
  readonly wrapper: 'none' | 'spnego';
  /** Offered (NegTokenInit) or chosen (NegTokenResp); empty where the message names none. */
  readonly mechanisms: readonly Mechanism[];
  /** The NTLM message, not decoded. */
  readonly ntlm: Uint8Array | null;
  /** Whether the token itself, not only an offer beside it, is Kerberos. */
  readonly kerberos: boolean;
}

/** Takes the SPNEGO wrapper off, where there is one; CredSSP peers send NTLM with and without it. */
export function unwrapNegoToken(bytes: Uint8Array): NegoTokenContent {
  if (!isSpnego(bytes)) return { wrapper: 'none', mechanisms: [], ...tokenContent(bytes) };
  const message = decodeSpnego(bytes);
  switch (message.kind) {
    case 'negTokenInit':
      return {
        wrapper: 'spnego',
        mechanisms: message.mechTypes,
        ...tokenContent(message.mechToken),
      };
    case 'negTokenResp':
      return {
        wrapper: 'spnego',
        mechanisms: message.supportedMech === null ? [] : [message.supportedMech],
        ...tokenContent(message.responseToken),
      };
  }
}

function tokenContent(token: Uint8Array | null): Pick<NegoTokenContent, 'ntlm' | 'kerberos'> {
  if (token === null) return { ntlm: null, kerberos: false };
  const wrapped = [...KERBEROS_MECHANISMS].some((oid) => startsWithOid(token, oid));
  const bare = token[0] === KRB_AP_REQ || token[0] === KRB_AP_REP;
  return { ntlm: isNtlm(token) ? token : null, kerberos: wrapped || bare };
}

export interface NegTokenInitFields {
  /** Object identifiers, best first. */
  readonly mechTypes: readonly string[];
  readonly mechToken: Uint8Array | null;
}

/** A NegTokenInit inside its GSS-API wrapper. */
export function encodeNegTokenInit(fields: NegTokenInitFields): Uint8Array {
  const mechTypes = encodeDer(DER_TAG.SEQUENCE, ...fields.mechTypes.map(encodeOid));
  const parts = [encodeDer(contextTag(0), mechTypes)];
  if (fields.mechToken !== null) {
    parts.push(encodeDer(contextTag(2), encodeOctetString(fields.mechToken)));
  }
  const negTokenInit = encodeDer(NEG_TOKEN_INIT, encodeDer(DER_TAG.SEQUENCE, ...parts));
  return encodeDer(INITIAL_CONTEXT_TOKEN, encodeOid(OID_SPNEGO), negTokenInit);
}

export interface NegTokenRespFields {
  readonly negState: number | null;
  readonly supportedMech: string | null;
  readonly responseToken: Uint8Array | null;
}

export function encodeNegTokenResp(fields: NegTokenRespFields): Uint8Array {
  const { negState, supportedMech, responseToken } = fields;
  const parts: Uint8Array[] = [];
  if (negState !== null) {
    parts.push(encodeDer(contextTag(0), encodeInteger(negState, DER_TAG.ENUMERATED)));
  }
  if (supportedMech !== null) parts.push(encodeDer(contextTag(1), encodeOid(supportedMech)));
  if (responseToken !== null) {
    parts.push(encodeDer(contextTag(2), encodeOctetString(responseToken)));
  }
  return encodeDer(NEG_TOKEN_RESP, encodeDer(DER_TAG.SEQUENCE, ...parts));
}
