import { type ClientBlock, decodeClientData, encodeClientData } from './gcc-client-data.js';
import { decodeServerData, encodeServerData, type ServerBlock } from './gcc-server-data.js';
import { type Named, type NameTable, named } from './open-set.js';
import {
  encodePerLength,
  encodePerOctetString,
  readPerInteger,
  readPerInteger16,
  readPerLength,
} from './per.js';
import { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/** ConnectData.t124Identifier, [T124] 8.7: choice `object`, five bytes, {itu-t 0 20 124 0 1}. */
const T124_IDENTIFIER = Uint8Array.of(0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01);

/**
 * ConferenceCreateRequest up to its user data, as every RDP client writes it: [MS-RDPBCGR] 4.1.3
 * takes it apart bit by bit. The conference is named "1", and of the optional parts there is user
 * data alone. Another name would move all later bits, so nothing else is understood here.
 */
const CREATE_REQUEST_HEAD = Uint8Array.of(0x00, 0x08, 0x00, 0x10, 0x00);

/** ConnectGCCPDU: no extension, and choice 1 in the three bits after that. */
const CREATE_RESPONSE_CHOICE = 0x10;
const CREATE_RESPONSE_HAS_USER_DATA = 0x04;

/** UserData: a set of one, which has a value and an h221NonStandard key of four bytes. */
const USER_DATA_HEAD = Uint8Array.of(0x01, 0xc0, 0x00);

/** The keys of the two sides, [MS-RDPBCGR] 3.2.5.3.3 and 3.3.5.3.4. */
const CLIENT_KEY = Uint8Array.from(Buffer.from('Duca'));
const SERVER_KEY = Uint8Array.from(Buffer.from('McDn'));

/** UserID of [T124] 8.7 is an INTEGER from here on. */
const MIN_USER_ID = 1001;

/** ConferenceCreateResponse.result, [T124] 8.7. */
export const CONFERENCE_RESULTS: NameTable = {
  0: 'success',
  1: 'userRejected',
  2: 'resourcesNotAvailable',
  3: 'rejectedForSymmetryBreaking',
  4: 'lockedConferenceNotSupported',
};

/** ConferenceCreateRequest, [T124] 8.7; [MS-RDPBCGR] 2.2.1.3. */
export interface ConferenceCreateRequest {
  readonly blocks: readonly ClientBlock[];
}

/** ConferenceCreateResponse, [T124] 8.7; [MS-RDPBCGR] 2.2.1.4. */
export interface ConferenceCreateResponse {
  readonly nodeID: number;
  readonly tag: number;
  readonly result: Named;
  readonly blocks: readonly ServerBlock[];
}

/** @param userData the userData of an MCS Connect Initial */
export function decodeConferenceCreateRequest(
  userData: Uint8Array,
  base = 0,
): ConferenceCreateRequest {
  const reader = new Reader(userData, base);
  readConnectData(reader);
  expectBytes(reader, CREATE_REQUEST_HEAD, 'ConferenceCreateRequest');
  const data = carveUserData(reader, CLIENT_KEY);
  const at = data.offset;
  return { blocks: decodeClientData(data.rest(), at) };
}

/** @param userData the userData of an MCS Connect Response */
export function decodeConferenceCreateResponse(
  userData: Uint8Array,
  base = 0,
): ConferenceCreateResponse {
  const reader = new Reader(userData, base);
  readConnectData(reader);
  const choice = reader.u8('ConnectGCCPDU');
  const hasUserData = (choice & CREATE_RESPONSE_HAS_USER_DATA) !== 0;
  if ((choice & ~CREATE_RESPONSE_HAS_USER_DATA) !== CREATE_RESPONSE_CHOICE) {
    const problem = `is 0x${choice.toString(16)}, no ConferenceCreateResponse`;
    throw reader.refuse('ConnectGCCPDU', problem, 1);
  }
  const nodeID = readPerInteger16(reader, MIN_USER_ID, 'ConferenceCreateResponse.nodeID');
  const tag = readPerInteger(reader, 'ConferenceCreateResponse.tag');
  // An extension bit, three bits of value, and padding.
  const resultBits = reader.u8('ConferenceCreateResponse.result');
  if (resultBits >= 0x80) {
    throw reader.refuse('ConferenceCreateResponse.result', 'is an extension of T.124', 1);
  }
  const result = named(CONFERENCE_RESULTS, resultBits >> 4);
  if (!hasUserData) return { nodeID, tag, result, blocks: [] };
  const data = carveUserData(reader, SERVER_KEY);
  const at = data.offset;
  return { nodeID, tag, result, blocks: decodeServerData(data.rest(), at) };
}

/**
 * The length of the PDU is read over: servers write 42 whatever the length is. [MS-RDPBCGR] 4.1.4
 * shows it of Windows, and captures show it of xrdp and FreeRDP. The BER string around all this
 * has the right length.
 */
function readConnectData(reader: Reader): void {
  expectBytes(reader, T124_IDENTIFIER, 'ConnectData.t124Identifier');
  readPerLength(reader, 'ConnectData.connectPDU');
}

function carveUserData(reader: Reader, key: Uint8Array): Reader {
  expectBytes(reader, USER_DATA_HEAD, 'UserData');
  expectBytes(reader, key, 'UserData.key');
  return reader.carve(readPerLength(reader, 'UserData.value'), 'UserData.value');
}

function expectBytes(reader: Reader, expected: Uint8Array, field: string): void {
  for (const byte of expected) {
    const actual = reader.u8(field);
    if (actual !== byte) throw reader.refuse(field, `is 0x${actual.toString(16)} here`, 1);
  }
}

/** @throws RangeError when the blocks have more than 16383 bytes together */
export function encodeConferenceCreateRequest(request: ConferenceCreateRequest): Uint8Array {
  const pdu = concat(
    CREATE_REQUEST_HEAD,
    USER_DATA_HEAD,
    CLIENT_KEY,
    encodePerOctetString(encodeClientData(request.blocks)),
  );
  return concat(T124_IDENTIFIER, encodePerLength(pdu.length), pdu);
}

/**
 * Written as Windows servers do, down to the wrong length of 42.
 *
 * @throws RangeError when the blocks have more than 16383 bytes together
 */
export function encodeConferenceCreateResponse(response: ConferenceCreateResponse): Uint8Array {
  return new Writer()
    .bytes(T124_IDENTIFIER)
    .u8(42)
    .u8(CREATE_RESPONSE_CHOICE | CREATE_RESPONSE_HAS_USER_DATA)
    .u16be(response.nodeID - MIN_USER_ID)
    .u8(1)
    .u8(response.tag)
    .u8(response.result.value << 4)
    .bytes(USER_DATA_HEAD)
    .bytes(SERVER_KEY)
    .bytes(encodePerOctetString(encodeServerData(response.blocks)))
    .finish();
}
