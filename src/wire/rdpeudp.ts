import { type Flags, flags, type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

export const RDPUDP_FLAG_SYN = 0x0001;
export const RDPUDP_FLAG_ACK = 0x0004;
export const RDPUDP_FLAG_SYNLOSSY = 0x0200;
export const RDPUDP_FLAG_CORRELATION_ID = 0x0800;
export const RDPUDP_FLAG_SYNEX = 0x1000;

/** uFlags of RDPUDP_FEC_HEADER, [MS-RDPEUDP] 2.2.2.1. FIN is named there, and "currently unused". */
export const RDPUDP_FLAGS: NameTable = {
  [RDPUDP_FLAG_SYN]: 'RDPUDP_FLAG_SYN',
  2: 'RDPUDP_FLAG_FIN',
  [RDPUDP_FLAG_ACK]: 'RDPUDP_FLAG_ACK',
  8: 'RDPUDP_FLAG_DATA',
  16: 'RDPUDP_FLAG_FEC',
  32: 'RDPUDP_FLAG_CN',
  64: 'RDPUDP_FLAG_CWR',
  128: 'RDPUDP_FLAG_SACK_OPTION',
  256: 'RDPUDP_FLAG_ACK_OF_ACKS',
  [RDPUDP_FLAG_SYNLOSSY]: 'RDPUDP_FLAG_SYNLOSSY',
  1024: 'RDPUDP_FLAG_ACKDELAYED',
  [RDPUDP_FLAG_CORRELATION_ID]: 'RDPUDP_FLAG_CORRELATION_ID',
  [RDPUDP_FLAG_SYNEX]: 'RDPUDP_FLAG_SYNEX',
};

const RDPUDP_VERSION_INFO_VALID = 0x0001;

/** uSynExFlags, [MS-RDPEUDP] 2.2.2.9. */
const SYN_EX_FLAGS: NameTable = { [RDPUDP_VERSION_INFO_VALID]: 'RDPUDP_VERSION_INFO_VALID' };

/** Windows 8 and Server 2012; also what a SYN without RDPUDP_SYNDATAEX_PAYLOAD means. */
export const RDPUDP_PROTOCOL_VERSION_1 = 0x0001;
/** Since Windows 8.1 and Server 2012 R2. */
export const RDPUDP_PROTOCOL_VERSION_2 = 0x0002;
/** Since Windows 10 1809 and Server 2019. What follows the SYN+ACK is [MS-RDPEUDP2]'s. */
export const RDPUDP_PROTOCOL_VERSION_3 = 0x0101;

/** uUdpVer, [MS-RDPEUDP] 2.2.2.9; which Windows has which stands in its Appendix A. */
export const RDPUDP_PROTOCOL_VERSIONS: NameTable = {
  [RDPUDP_PROTOCOL_VERSION_1]: 'RDPUDP_PROTOCOL_VERSION_1',
  [RDPUDP_PROTOCOL_VERSION_2]: 'RDPUDP_PROTOCOL_VERSION_2',
  [RDPUDP_PROTOCOL_VERSION_3]: 'RDPUDP_PROTOCOL_VERSION_3',
};

/** The range of uUpStreamMtu and uDownStreamMtu, [MS-RDPEUDP] 3.1.1.3: bytes of UDP payload. */
export const RDPUDP_MIN_MTU = 1132;
export const RDPUDP_MAX_MTU = 1232;

/** snSourceAck of a SYN, [MS-RDPEUDP] 3.1.5.1.1: -1, for there is nothing to acknowledge. */
const NOTHING_TO_ACKNOWLEDGE = 0xffffffff;
const CORRELATION_ID_LENGTH = 16;
const RESERVED_LENGTH = 16;
const COOKIE_HASH_LENGTH = 32;

/** The most that UDP can carry over IPv4; a longer datagram cannot have arrived. */
const MAX_DATAGRAM_LENGTH = 65_507;

/** RDPUDP_FEC_HEADER, [MS-RDPEUDP] 2.2.2.1. */
export interface RdpudpFecHeader {
  readonly snSourceAck: number;
  /** in packets */
  readonly uReceiveWindowSize: number;
  readonly uFlags: Flags;
}

/** RDPUDP_SYNDATAEX_PAYLOAD, [MS-RDPEUDP] 2.2.2.9. */
export interface RdpudpSynDataEx {
  readonly uSynExFlags: Flags;
  /** null: its sender says that it is not valid */
  readonly uUdpVer: Named | null;
  /** 32 bytes; only a SYN that offers version 3 has it */
  readonly cookieHash: Uint8Array | null;
}

/** A datagram of the connection initialization: [MS-RDPEUDP] 3.1.5.1.1 (SYN), 3.1.5.1.3 (SYN+ACK). */
export interface RdpudpSyn extends RdpudpFecHeader {
  readonly kind: 'syn' | 'syn-ack';
  readonly snInitialSequenceNumber: number;
  readonly uUpStreamMtu: number;
  readonly uDownStreamMtu: number;
  /** RDPUDP_CORRELATION_ID_PAYLOAD, 2.2.2.8; 16 bytes */
  readonly uCorrelationId: Uint8Array | null;
  readonly synDataEx: RdpudpSynDataEx | null;
  /** bytes behind the structures, zero by the specification; any value is let through */
  readonly padding: number;
}

/** Any other datagram. After version 3 was agreed it is of [MS-RDPEUDP2], and has no such header. */
export interface RdpudpOther extends RdpudpFecHeader {
  readonly kind: 'other';
  readonly body: Uint8Array;
}

export type Rdpudp = RdpudpSyn | RdpudpOther;

/** Decodes one UDP payload. Numbers are in network byte order, as the examples of section 4 show. */
export function decodeRdpudp(bytes: Uint8Array): Rdpudp {
  const reader = new Reader(bytes);
  if (bytes.length > MAX_DATAGRAM_LENGTH) {
    throw reader.refuse('RDPUDP datagram', `has ${bytes.length} bytes, more than UDP can carry`);
  }
  const snSourceAck = reader.u32be('RDPUDP_FEC_HEADER.snSourceAck');
  const uReceiveWindowSize = reader.u16be('RDPUDP_FEC_HEADER.uReceiveWindowSize');
  const uFlags = flags(RDPUDP_FLAGS, reader.u16be('RDPUDP_FEC_HEADER.uFlags'));
  const header = { snSourceAck, uReceiveWindowSize, uFlags };
  if ((uFlags.value & RDPUDP_FLAG_SYN) === 0) {
    return { kind: 'other', ...header, body: reader.rest() };
  }
  const kind = (uFlags.value & RDPUDP_FLAG_ACK) === 0 ? 'syn' : 'syn-ack';
  if (kind === 'syn' && snSourceAck !== NOTHING_TO_ACKNOWLEDGE) {
    throw reader.refuse('RDPUDP_FEC_HEADER.snSourceAck', `of a SYN is ${snSourceAck}, not -1`, 8);
  }
  return {
    kind,
    ...header,
    snInitialSequenceNumber: reader.u32be('RDPUDP_SYNDATA_PAYLOAD.snInitialSequenceNumber'),
    uUpStreamMtu: reader.u16be('RDPUDP_SYNDATA_PAYLOAD.uUpStreamMtu'),
    uDownStreamMtu: reader.u16be('RDPUDP_SYNDATA_PAYLOAD.uDownStreamMtu'),
    uCorrelationId:
      (uFlags.value & RDPUDP_FLAG_CORRELATION_ID) === 0 ? null : readCorrelationId(reader),
    synDataEx: (uFlags.value & RDPUDP_FLAG_SYNEX) === 0 ? null : readSynDataEx(reader, kind),
    padding: reader.rest().length,
  };
}

function readCorrelationId(reader: Reader): Uint8Array {
  const name = 'RDPUDP_CORRELATION_ID_PAYLOAD';
  const uCorrelationId = reader.bytes(CORRELATION_ID_LENGTH, `${name}.uCorrelationId`);
  reader.skip(RESERVED_LENGTH, `${name}.uReserved`);
  return uCorrelationId;
}

function readSynDataEx(reader: Reader, kind: RdpudpSyn['kind']): RdpudpSynDataEx {
  const name = 'RDPUDP_SYNDATAEX_PAYLOAD';
  const uSynExFlags = flags(SYN_EX_FLAGS, reader.u16be(`${name}.uSynExFlags`));
  const version = reader.u16be(`${name}.uUdpVer`);
  const valid = (uSynExFlags.value & RDPUDP_VERSION_INFO_VALID) !== 0;
  return {
    uSynExFlags,
    uUdpVer: valid ? named(RDPUDP_PROTOCOL_VERSIONS, version) : null,
    cookieHash:
      valid && kind === 'syn' && version === RDPUDP_PROTOCOL_VERSION_3
        ? reader.bytes(COOKIE_HASH_LENGTH, `${name}.cookieHash`)
        : null,
  };
}

/** What the client says in a SYN. */
export interface RdpudpSynFields {
  readonly snInitialSequenceNumber: number;
  /** in packets */
  readonly uReceiveWindowSize: number;
  readonly uUpStreamMtu: number;
  readonly uDownStreamMtu: number;
  /** neither side wants lost datagrams sent again */
  readonly lossy?: boolean;
  /** 16 bytes */
  readonly uCorrelationId?: Uint8Array | null;
  /** null: no RDPUDP_SYNDATAEX_PAYLOAD, which means version 1 */
  readonly uUdpVer: number | null;
  /** 32 bytes; with version 3 and with no other */
  readonly cookieHash?: Uint8Array | null;
  /** bytes of the whole datagram; by default what 3.1.5.1.1 says: the smaller of the two MTUs */
  readonly length?: number;
}

/**
 * A SYN, zero-padded, [MS-RDPEUDP] 3.1.5.1.1.
 *
 * @throws RangeError for what a client may not send
 */
export function encodeRdpudpSyn(fields: RdpudpSynFields): Uint8Array {
  const { uCorrelationId = null, uUdpVer, cookieHash = null, lossy = false } = fields;
  checkMtu('uUpStreamMtu', fields.uUpStreamMtu);
  checkMtu('uDownStreamMtu', fields.uDownStreamMtu);
  if ((uUdpVer === RDPUDP_PROTOCOL_VERSION_3) !== (cookieHash !== null)) {
    throw new RangeError('a cookie hash goes with version 3, and with no other');
  }
  const writer = new Writer()
    .u32be(NOTHING_TO_ACKNOWLEDGE)
    .u16be(fields.uReceiveWindowSize)
    .u16be(
      RDPUDP_FLAG_SYN |
        (lossy ? RDPUDP_FLAG_SYNLOSSY : 0) |
        (uCorrelationId === null ? 0 : RDPUDP_FLAG_CORRELATION_ID) |
        (uUdpVer === null ? 0 : RDPUDP_FLAG_SYNEX),
    )
    .u32be(fields.snInitialSequenceNumber)
    .u16be(fields.uUpStreamMtu)
    .u16be(fields.uDownStreamMtu);
  if (uCorrelationId !== null) {
    checkLength('uCorrelationId', uCorrelationId, CORRELATION_ID_LENGTH);
    writer.bytes(uCorrelationId).zeros(RESERVED_LENGTH);
  }
  if (uUdpVer !== null) writer.u16be(RDPUDP_VERSION_INFO_VALID).u16be(uUdpVer);
  if (cookieHash !== null) {
    checkLength('cookieHash', cookieHash, COOKIE_HASH_LENGTH);
    writer.bytes(cookieHash);
  }
  const length = fields.length ?? Math.min(fields.uUpStreamMtu, fields.uDownStreamMtu);
  if (length < writer.length) throw new RangeError(`a SYN does not fit into ${length} bytes`);
  return writer.zeros(length - writer.length).finish();
}

function checkMtu(field: string, mtu: number): void {
  if (mtu < RDPUDP_MIN_MTU || mtu > RDPUDP_MAX_MTU) {
    throw new RangeError(`${field} is ${mtu}, not within ${RDPUDP_MIN_MTU} and ${RDPUDP_MAX_MTU}`);
  }
}

function checkLength(field: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new RangeError(`${field} has ${bytes.length} bytes, not ${length}`);
  }
}
