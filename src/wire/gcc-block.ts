import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

export const CS_CORE = 0xc001;
export const CS_SECURITY = 0xc002;
export const CS_NET = 0xc003;
export const CS_CLUSTER = 0xc004;
export const CS_MONITOR = 0xc005;
export const CS_MCS_MSGCHANNEL = 0xc006;
export const CS_MONITOR_EX = 0xc008;
export const CS_MULTITRANSPORT = 0xc00a;
export const CS_UNUSED1 = 0xc00c;
export const SC_CORE = 0x0c01;
export const SC_SECURITY = 0x0c02;
export const SC_NET = 0x0c03;
export const SC_MCS_MSGCHANNEL = 0x0c04;
export const SC_MULTITRANSPORT = 0x0c08;

/** TS_UD_HEADER.type, [MS-RDPBCGR] 2.2.1.3.1. */
export const BLOCK_TYPES: NameTable = {
  [CS_CORE]: 'CS_CORE',
  [CS_SECURITY]: 'CS_SECURITY',
  [CS_NET]: 'CS_NET',
  [CS_CLUSTER]: 'CS_CLUSTER',
  [CS_MONITOR]: 'CS_MONITOR',
  [CS_MCS_MSGCHANNEL]: 'CS_MCS_MSGCHANNEL',
  [CS_MONITOR_EX]: 'CS_MONITOR_EX',
  [CS_MULTITRANSPORT]: 'CS_MULTITRANSPORT',
  [CS_UNUSED1]: 'CS_UNUSED1',
  [SC_CORE]: 'SC_CORE',
  [SC_SECURITY]: 'SC_SECURITY',
  [SC_NET]: 'SC_NET',
  [SC_MCS_MSGCHANNEL]: 'SC_MCS_MSGCHANNEL',
  [SC_MULTITRANSPORT]: 'SC_MULTITRANSPORT',
};

/** rdpVersion of both sides, [MS-RDPBCGR] 2.2.1.3.2 and 2.2.1.4.2. */
export const RDP_VERSIONS: NameTable = {
  524289: '4.0',
  // One number for 5.0, 5.1, 5.2, 6.0, 6.1, 7.0, 7.1, 8.0 and 8.1.
  524292: '5.0-8.1',
  524293: '10.0',
  524294: '10.1',
  524295: '10.2',
  524296: '10.3',
  524297: '10.4',
  524298: '10.5',
  524299: '10.6',
  524300: '10.7',
  524301: '10.8',
  524302: '10.9',
  524303: '10.10',
  524304: '10.11',
  524305: '10.12',
};

export const ENCRYPTION_METHOD_NONE = 0x00;
export const ENCRYPTION_METHOD_40BIT = 0x01;
export const ENCRYPTION_METHOD_128BIT = 0x02;
export const ENCRYPTION_METHOD_56BIT = 0x08;
export const ENCRYPTION_METHOD_FIPS = 0x10;

/** A mask in [MS-RDPBCGR] 2.2.1.3.3, one value in 2.2.1.4.3. */
export const ENCRYPTION_METHODS: NameTable = {
  [ENCRYPTION_METHOD_NONE]: 'ENCRYPTION_METHOD_NONE',
  [ENCRYPTION_METHOD_40BIT]: 'ENCRYPTION_METHOD_40BIT',
  [ENCRYPTION_METHOD_128BIT]: 'ENCRYPTION_METHOD_128BIT',
  [ENCRYPTION_METHOD_56BIT]: 'ENCRYPTION_METHOD_56BIT',
  [ENCRYPTION_METHOD_FIPS]: 'ENCRYPTION_METHOD_FIPS',
};

/** Every method, so that the server shows which one it takes. */
export const ALL_ENCRYPTION_METHODS =
  ENCRYPTION_METHOD_40BIT |
  ENCRYPTION_METHOD_128BIT |
  ENCRYPTION_METHOD_56BIT |
  ENCRYPTION_METHOD_FIPS;

/** flags of CS_MULTITRANSPORT and SC_MULTITRANSPORT, [MS-RDPBCGR] 2.2.1.3.8 and 2.2.1.4.6. */
export const MULTITRANSPORT_FLAGS: NameTable = {
  1: 'TRANSPORTTYPE_UDPFECR',
  4: 'TRANSPORTTYPE_UDPFECL',
  256: 'TRANSPORTTYPE_UDP_PREFERRED',
  512: 'SOFTSYNC_TCP_TO_UDP',
};

/** A data block that is kept as it came, [MS-RDPBCGR] 2.2.1.3.1. */
export interface OtherBlock {
  readonly kind: 'other';
  readonly type: Named;
  /** Without the header. */
  readonly body: Uint8Array;
}

export const BLOCK_HEADER_LENGTH = 4;

/**
 * Decodes data blocks, one behind the other; there are as many as the bytes hold, and each takes
 * four or more.
 */
export function decodeBlocks<T>(
  bytes: Uint8Array,
  base: number,
  decodeBlock: (type: number, body: Reader) => T,
): readonly T[] {
  const reader = new Reader(bytes, base);
  const blocks: T[] = [];
  while (reader.remaining > 0) {
    const type = reader.u16le('TS_UD_HEADER.type');
    const length = reader.u16le('TS_UD_HEADER.length');
    if (length < BLOCK_HEADER_LENGTH) {
      throw reader.refuse('TS_UD_HEADER.length', `is ${length}, less than its own header`, 2);
    }
    blocks.push(decodeBlock(type, reader.carve(length - BLOCK_HEADER_LENGTH, blockName(type))));
  }
  return blocks;
}

export function otherBlock(type: number, body: Reader): OtherBlock {
  return { kind: 'other', type: named(BLOCK_TYPES, type), body: body.rest() };
}

export function encodeBlock(type: number, body: Uint8Array): Uint8Array {
  const length = body.length + BLOCK_HEADER_LENGTH;
  return new Writer().u16le(type).u16le(length).bytes(body).finish();
}

function blockName(type: number): string {
  return BLOCK_TYPES[type] ?? `data block 0x${type.toString(16)}`;
}
