import {
  decodeBlocks,
  ENCRYPTION_METHODS,
  encodeBlock,
  MULTITRANSPORT_FLAGS,
  type OtherBlock,
  otherBlock,
  RDP_VERSIONS,
  SC_CORE,
  SC_MCS_MSGCHANNEL,
  SC_MULTITRANSPORT,
  SC_NET,
  SC_SECURITY,
} from './gcc-block.js';
import { PROTOCOLS } from './negotiation.js';
import { type Flags, flags, type Named, type NameTable, named } from './open-set.js';
import type { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/** TS_UD_SC_CORE.earlyCapabilityFlags, [MS-RDPBCGR] 2.2.1.4.2. */
export const SERVER_EARLY_CAPABILITY_FLAGS: NameTable = {
  1: 'RNS_UD_SC_EDGE_ACTIONS_SUPPORTED_V1',
  2: 'RNS_UD_SC_DYNAMIC_DST_SUPPORTED',
  4: 'RNS_UD_SC_EDGE_ACTIONS_SUPPORTED_V2',
  8: 'RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED',
};

/** TS_UD_SC_SEC1.encryptionLevel, [MS-RDPBCGR] 2.2.1.4.3. */
export const ENCRYPTION_LEVELS: NameTable = {
  0: 'ENCRYPTION_LEVEL_NONE',
  1: 'ENCRYPTION_LEVEL_LOW',
  2: 'ENCRYPTION_LEVEL_CLIENT_COMPATIBLE',
  3: 'ENCRYPTION_LEVEL_HIGH',
  4: 'ENCRYPTION_LEVEL_FIPS',
};

/** TS_UD_SC_CORE, [MS-RDPBCGR] 2.2.1.4.2. */
export interface ServerCoreData {
  readonly kind: 'SC_CORE';
  readonly version: Named;
  /** What the server understood of the RDP_NEG_REQ. Null: the server is too old to say. */
  readonly clientRequestedProtocols: Flags | null;
  readonly earlyCapabilityFlags: Flags | null;
  /** Fields that are newer than these. */
  readonly rest: Uint8Array;
}

/** TS_UD_SC_SEC1, [MS-RDPBCGR] 2.2.1.4.3. */
export interface ServerSecurityData {
  readonly kind: 'SC_SECURITY';
  readonly encryptionMethod: Named;
  readonly encryptionLevel: Named;
  /** Null where the block ends before their lengths, as it does without encryption. */
  readonly serverRandom: Uint8Array | null;
  /** See decodeServerCertificate. */
  readonly serverCertificate: Uint8Array | null;
}

/** TS_UD_SC_NET, [MS-RDPBCGR] 2.2.1.4.4. */
export interface ServerNetworkData {
  readonly kind: 'SC_NET';
  /** The I/O channel. */
  readonly MCSChannelId: number;
  /** One for each channel the client asked for, in its order; zero where there is none. */
  readonly channelIdArray: readonly number[];
}

/** TS_UD_SC_MCS_MSGCHANNEL, [MS-RDPBCGR] 2.2.1.4.5. */
export interface ServerMessageChannelData {
  readonly kind: 'SC_MCS_MSGCHANNEL';
  readonly MCSChannelID: number;
}

/** TS_UD_SC_MULTITRANSPORT, [MS-RDPBCGR] 2.2.1.4.6. */
export interface ServerMultitransportData {
  readonly kind: 'SC_MULTITRANSPORT';
  readonly flags: Flags;
}

export type ServerBlock =
  | ServerCoreData
  | ServerSecurityData
  | ServerNetworkData
  | ServerMessageChannelData
  | ServerMultitransportData
  | OtherBlock;

/** The server's data blocks in their order, [MS-RDPBCGR] 2.2.1.4. */
export function decodeServerData(serverData: Uint8Array, base = 0): readonly ServerBlock[] {
  return decodeBlocks(serverData, base, decodeServerBlock);
}

function decodeServerBlock(type: number, body: Reader): ServerBlock {
  switch (type) {
    case SC_CORE: {
      const version = named(RDP_VERSIONS, body.u32le('SC_CORE.version'));
      const requested = body.remaining >= 4 ? body.u32le('SC_CORE.clientRequestedProtocols') : null;
      const early = body.remaining >= 4 ? body.u32le('SC_CORE.earlyCapabilityFlags') : null;
      return {
        kind: 'SC_CORE',
        version,
        clientRequestedProtocols: requested === null ? null : flags(PROTOCOLS, requested),
        earlyCapabilityFlags: early === null ? null : flags(SERVER_EARLY_CAPABILITY_FLAGS, early),
        rest: body.rest(),
      };
    }
    case SC_SECURITY:
      return readSecurity(body);
    case SC_NET: {
      const MCSChannelId = body.u16le('SC_NET.MCSChannelId');
      const channelCount = body.u16le('SC_NET.channelCount');
      // Bounded by the block: two bytes a channel. An odd count is followed by two of padding.
      const ids = body.carve(channelCount * 2, 'SC_NET.channelIdArray');
      const channelIdArray: number[] = [];
      while (ids.remaining > 0) channelIdArray.push(ids.u16le('SC_NET.channelIdArray'));
      return { kind: 'SC_NET', MCSChannelId, channelIdArray };
    }
    case SC_MCS_MSGCHANNEL: {
      const MCSChannelID = body.u16le('SC_MCS_MSGCHANNEL.MCSChannelID');
      return { kind: 'SC_MCS_MSGCHANNEL', MCSChannelID };
    }
    case SC_MULTITRANSPORT: {
      const value = body.u32le('SC_MULTITRANSPORT.flags');
      return { kind: 'SC_MULTITRANSPORT', flags: flags(MULTITRANSPORT_FLAGS, value) };
    }
    default:
      return otherBlock(type, body);
  }
}

function readSecurity(body: Reader): ServerSecurityData {
  const encryptionMethod = named(ENCRYPTION_METHODS, body.u32le('SC_SECURITY.encryptionMethod'));
  const encryptionLevel = named(ENCRYPTION_LEVELS, body.u32le('SC_SECURITY.encryptionLevel'));
  const head = { kind: 'SC_SECURITY', encryptionMethod, encryptionLevel } as const;
  if (body.remaining === 0) return { ...head, serverRandom: null, serverCertificate: null };
  const serverRandomLen = body.u32le('SC_SECURITY.serverRandomLen');
  const serverCertLen = body.u32le('SC_SECURITY.serverCertLen');
  return {
    ...head,
    serverRandom: body.bytes(serverRandomLen, 'SC_SECURITY.serverRandom'),
    serverCertificate: body.bytes(serverCertLen, 'SC_SECURITY.serverCertificate'),
  };
}

/** @throws RangeError when a value does not fit its field */
export function encodeServerData(blocks: readonly ServerBlock[]): Uint8Array {
  return concat(...blocks.map(encodeServerBlock));
}

function encodeServerBlock(block: ServerBlock): Uint8Array {
  const writer = new Writer();
  switch (block.kind) {
    case 'SC_CORE':
      writer.u32le(block.version.value);
      if (block.clientRequestedProtocols !== null) {
        writer.u32le(block.clientRequestedProtocols.value);
        if (block.earlyCapabilityFlags !== null) writer.u32le(block.earlyCapabilityFlags.value);
      }
      return encodeBlock(SC_CORE, writer.bytes(block.rest).finish());
    case 'SC_SECURITY':
      writer.u32le(block.encryptionMethod.value).u32le(block.encryptionLevel.value);
      if (block.serverRandom !== null && block.serverCertificate !== null) {
        writer.u32le(block.serverRandom.length).u32le(block.serverCertificate.length);
        writer.bytes(block.serverRandom).bytes(block.serverCertificate);
      }
      return encodeBlock(SC_SECURITY, writer.finish());
    case 'SC_NET':
      writer.u16le(block.MCSChannelId).u16le(block.channelIdArray.length);
      for (const id of block.channelIdArray) writer.u16le(id);
      if (block.channelIdArray.length % 2 === 1) writer.zeros(2);
      return encodeBlock(SC_NET, writer.finish());
    case 'SC_MCS_MSGCHANNEL':
      return encodeBlock(SC_MCS_MSGCHANNEL, writer.u16le(block.MCSChannelID).finish());
    case 'SC_MULTITRANSPORT':
      return encodeBlock(SC_MULTITRANSPORT, writer.u32le(block.flags.value).finish());
    case 'other':
      return encodeBlock(block.type.value, block.body);
  }
}
