import {
  contextTag,
  DER_TAG,
  encodeDer,
  encodeInteger,
  encodeOctetString,
  frameDer,
  readElement,
  readInteger,
  readOctetString,
  readSequence,
  readTagged,
} from './der.js';
import { type Frame, NEED_MORE } from './framing.js';
import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';

/**
 * NTSTATUS values, [MS-ERREF] 2.3.1, that CredSSP is known to carry in TSRequest.errorCode; the first
 * ones are SECURITY_STATUS values, [MS-ERREF] 2.1.1, which servers other than Windows put there
 * (pyspnego does).
 */
export const CREDSSP_ERROR_CODES: NameTable = {
  2148074252: 'SEC_E_LOGON_DENIED',
  2148074254: 'SEC_E_NO_CREDENTIALS',
  2148074255: 'SEC_E_MESSAGE_ALTERED',
  2148074310: 'SEC_E_BAD_BINDINGS',
  3221225485: 'STATUS_INVALID_PARAMETER',
  3221225506: 'STATUS_ACCESS_DENIED',
  3221225566: 'STATUS_NO_LOGON_SERVERS',
  3221225572: 'STATUS_NO_SUCH_USER',
  3221225578: 'STATUS_WRONG_PASSWORD',
  3221225581: 'STATUS_LOGON_FAILURE',
  3221225582: 'STATUS_ACCOUNT_RESTRICTION',
  3221225583: 'STATUS_INVALID_LOGON_HOURS',
  3221225584: 'STATUS_INVALID_WORKSTATION',
  3221225585: 'STATUS_PASSWORD_EXPIRED',
  3221225586: 'STATUS_ACCOUNT_DISABLED',
  3221225626: 'STATUS_INSUFFICIENT_RESOURCES',
  3221225659: 'STATUS_NOT_SUPPORTED',
  3221225680: 'STATUS_REQUEST_NOT_ACCEPTED',
  3221225701: 'STATUS_INTERNAL_ERROR',
  3221225779: 'STATUS_TIME_DIFFERENCE_AT_DC',
  3221225813: 'STATUS_LOGON_NOT_GRANTED',
  3221225819: 'STATUS_LOGON_TYPE_NOT_GRANTED',
  3221225866: 'STATUS_NO_TRUST_LSA_SECRET',
  3221225867: 'STATUS_NO_TRUST_SAM_ACCOUNT',
  3221225868: 'STATUS_TRUSTED_DOMAIN_FAILURE',
  3221225869: 'STATUS_TRUSTED_RELATIONSHIP_FAILURE',
  3221225872: 'STATUS_TRUST_FAILURE',
  3221225874: 'STATUS_NETLOGON_NOT_STARTED',
  3221225875: 'STATUS_ACCOUNT_EXPIRED',
  3221226020: 'STATUS_PASSWORD_MUST_CHANGE',
  3221226035: 'STATUS_DOMAIN_CONTROLLER_NOT_FOUND',
  3221226036: 'STATUS_ACCOUNT_LOCKED_OUT',
  3221226179: 'STATUS_MUTUAL_AUTHENTICATION_FAILED',
  3221226237: 'STATUS_KDC_UNKNOWN_ETYPE',
  3221226272: 'STATUS_PKINIT_FAILURE',
  3221226331: 'STATUS_BAD_BINDINGS',
  3221226368: 'STATUS_SMARTCARD_WRONG_PIN',
  3221226369: 'STATUS_SMARTCARD_CARD_BLOCKED',
  3221226376: 'STATUS_DOWNGRADE_DETECTED',
  3221226378: 'STATUS_ISSUING_CA_UNTRUSTED',
  3221226515: 'STATUS_AUTHENTICATION_FIREWALL_FAILED',
  3221226520: 'STATUS_NTLM_BLOCKED',
};

/** An NTSTATUS beside its name; a negative number is read as the unsigned one of the same bits. */
export function ntStatus(value: number): Named {
  return named(CREDSSP_ERROR_CODES, value < 0 ? value + 2 ** 32 : value);
}

/** A context-specific field of a later version than we know: its tag number and its contents. */
export interface UnknownField {
  readonly tagNumber: number;
  readonly bytes: Uint8Array;
}

/**
 * TSRequest, [MS-CSSP] 2.2.1. The specification knows versions 2 to 6; any other is kept as it is.
 * `authInfo` and `pubKeyAuth` are encrypted by the authentication package and stay opaque: authInfo
 * holds the credentials.
 */
export interface TsRequest {
  readonly version: number;
  /** The tokens of negoTokens (NegoData, [MS-CSSP] 2.2.1.1); null where the field is absent. */
  readonly negoTokens: readonly Uint8Array[] | null;
  readonly authInfo: Uint8Array | null;
  readonly pubKeyAuth: Uint8Array | null;
  /** NTSTATUS as an unsigned number; the specification defines it for versions 3, 4 and 6. */
  readonly errorCode: Named | null;
  readonly clientNonce: Uint8Array | null;
  readonly other: readonly UnknownField[];
}

export type TsRequestFields = Pick<TsRequest, 'version'> & Partial<Omit<TsRequest, 'version'>>;

const VERSION = 0;
const NEGO_TOKENS = 1;
const AUTH_INFO = 2;
const PUB_KEY_AUTH = 3;
const ERROR_CODE = 4;
const CLIENT_NONCE = 5;

/** Where a TSRequest ends. Anything but a SEQUENCE is refused at its first byte. */
export function frameTsRequest(bytes: Uint8Array): Frame {
  const tag = bytes[0];
  if (tag === undefined) return NEED_MORE;
  if (tag !== DER_TAG.SEQUENCE) readTagged(new Reader(bytes), DER_TAG.SEQUENCE, 'TSRequest');
  return frameDer(bytes, 'TSRequest');
}

/**
 * The fields may come in any order, which DER would not allow and no peer needs: what a peer said
 * is clear all the same. A field that comes twice is refused, for it is not.
 */
export function decodeTsRequest(bytes: Uint8Array): TsRequest {
  const message = new Reader(bytes);
  const fields = readSequence(message, 'TSRequest');
  message.end('TSRequest');

  let version: number | null = null;
  let negoTokens: readonly Uint8Array[] | null = null;
  let authInfo: Uint8Array | null = null;
  let pubKeyAuth: Uint8Array | null = null;
  let errorCode: Named | null = null;
  let clientNonce: Uint8Array | null = null;
  const other: UnknownField[] = [];
  const seen = new Set<number>();

  while (fields.remaining > 0) {
    const at = fields.offset;
    const { tag, content } = readElement(fields, 'TSRequest');
    if ((tag & 0xe0) !== 0xa0) {
      throw fields.refuse('TSRequest', `field has tag 0x${tag.toString(16)}`, fields.offset - at);
    }
    if (seen.has(tag)) {
      throw fields.refuse('TSRequest', `has field [${tag & 0x1f}] twice`, fields.offset - at);
    }
    seen.add(tag);
    switch (tag & 0x1f) {
      case VERSION:
        version = readInteger(content, 'TSRequest.version', 0, 2 ** 31 - 1);
        break;
      case NEGO_TOKENS:
        negoTokens = readNegoData(content);
        break;
      case AUTH_INFO:
        authInfo = readOctetString(content, 'TSRequest.authInfo');
        break;
      case PUB_KEY_AUTH:
        pubKeyAuth = readOctetString(content, 'TSRequest.pubKeyAuth');
        break;
      case ERROR_CODE:
        // The specification says INTEGER. An NTSTATUS has its top bit set: implementations send
        // its 32 bits as they are, so a negative number in four octets, or a positive one in five.
        errorCode = ntStatus(readInteger(content, 'TSRequest.errorCode', -(2 ** 31), 2 ** 32 - 1));
        break;
      case CLIENT_NONCE:
        clientNonce = readOctetString(content, 'TSRequest.clientNonce');
        break;
      default:
        other.push({ tagNumber: tag & 0x1f, bytes: content.rest() });
    }
    content.end(`TSRequest field [${tag & 0x1f}]`);
  }
  if (version === null) throw fields.refuse('TSRequest.version', 'is missing');
  return { version, negoTokens, authInfo, pubKeyAuth, errorCode, clientNonce, other };
}

/** NegoData, [MS-CSSP] 2.2.1.1: SEQUENCE OF SEQUENCE { negoToken [0] OCTET STRING }. */
function readNegoData(reader: Reader): readonly Uint8Array[] {
  const list = readSequence(reader, 'TSRequest.negoTokens');
  const tokens: Uint8Array[] = [];
  while (list.remaining > 0) {
    const entry = readSequence(list, 'NegoData');
    const field = readTagged(entry, contextTag(0), 'NegoData.negoToken');
    tokens.push(readOctetString(field, 'NegoData.negoToken'));
    field.end('NegoData.negoToken');
    entry.end('NegoData');
  }
  return tokens;
}

/** Fields left out or null are not sent. errorCode takes four octets. */
export function encodeTsRequest(request: TsRequestFields): Uint8Array {
  const { negoTokens, authInfo, pubKeyAuth, errorCode, clientNonce, other = [] } = request;
  const parts: Uint8Array[] = [encodeDer(contextTag(VERSION), encodeInteger(request.version))];
  const add = (tagNumber: number, content: Uint8Array | null | undefined): void => {
    if (content) parts.push(encodeDer(contextTag(tagNumber), encodeOctetString(content)));
  };
  if (negoTokens) {
    const entries = negoTokens.map((token) =>
      encodeDer(DER_TAG.SEQUENCE, encodeDer(contextTag(0), encodeOctetString(token))),
    );
    parts.push(encodeDer(contextTag(NEGO_TOKENS), encodeDer(DER_TAG.SEQUENCE, ...entries)));
  }
  add(AUTH_INFO, authInfo);
  add(PUB_KEY_AUTH, pubKeyAuth);
  if (errorCode) {
    parts.push(encodeDer(contextTag(ERROR_CODE), encodeInteger(errorCode.value | 0)));
  }
  add(CLIENT_NONCE, clientNonce);
  for (const { tagNumber, bytes } of other) parts.push(encodeDer(contextTag(tagNumber), bytes));
  return encodeDer(DER_TAG.SEQUENCE, ...parts);
}
