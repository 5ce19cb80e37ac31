import {
  CS_CORE,
  CS_NET,
  CS_SECURITY,
  decodeBlocks,
  ENCRYPTION_METHODS,
  encodeBlock,
  type OtherBlock,
  otherBlock,
  RDP_VERSIONS,
} from './gcc-block.js';
import { PROTOCOLS } from './negotiation.js';
import { type Flags, flags, type Named, type NameTable, named } from './open-set.js';
import type { Reader } from './reader.js';
import { decodeUtf16le, encodeUtf16le } from './text.js';
import { concat, Writer } from './writer.js';

export const RNS_UD_CS_SUPPORT_ERRINFO_PDU = 0x0001;

/** TS_UD_CS_CORE.earlyCapabilityFlags, [MS-RDPBCGR] 2.2.1.3.2. */
export const CLIENT_EARLY_CAPABILITY_FLAGS: NameTable = {
  [RNS_UD_CS_SUPPORT_ERRINFO_PDU]: 'RNS_UD_CS_SUPPORT_ERRINFO_PDU',
  2: 'RNS_UD_CS_WANT_32BPP_SESSION',
  4: 'RNS_UD_CS_SUPPORT_STATUSINFO_PDU',
  8: 'RNS_UD_CS_STRONG_ASYMMETRIC_KEYS',
  16: 'RNS_UD_CS_UNUSED',
  32: 'RNS_UD_CS_VALID_CONNECTION_TYPE',
  64: 'RNS_UD_CS_SUPPORT_MONITOR_LAYOUT_PDU',
  128: 'RNS_UD_CS_SUPPORT_NETCHAR_AUTODETECT',
  256: 'RNS_UD_CS_SUPPORT_DYNVC_GFX_PROTOCOL',
  512: 'RNS_UD_CS_SUPPORT_DYNAMIC_TIME_ZONE',
  1024: 'RNS_UD_CS_SUPPORT_HEARTBEAT_PDU',
  2048: 'RNS_UD_CS_SUPPORT_SKIP_CHANNELJOIN',
};

/** colorDepth and postBeta2ColorDepth, [MS-RDPBCGR] 2.2.1.3.2. */
export const COLOR_DEPTHS: NameTable = {
  51712: 'RNS_UD_COLOR_4BPP',
  51713: 'RNS_UD_COLOR_8BPP',
  51714: 'RNS_UD_COLOR_16BPP_555',
  51715: 'RNS_UD_COLOR_16BPP_565',
  51716: 'RNS_UD_COLOR_24BPP',
};

/** connectionType, [MS-RDPBCGR] 2.2.1.3.2. */
export const CONNECTION_TYPES: NameTable = {
  1: 'CONNECTION_TYPE_MODEM',
  2: 'CONNECTION_TYPE_BROADBAND_LOW',
  3: 'CONNECTION_TYPE_SATELLITE',
  4: 'CONNECTION_TYPE_BROADBAND_HIGH',
  5: 'CONNECTION_TYPE_WAN',
  6: 'CONNECTION_TYPE_LAN',
  7: 'CONNECTION_TYPE_AUTODETECT',
};

/** CHANNEL_DEF.options, [MS-RDPBCGR] 2.2.1.3.4.1. */
export const CHANNEL_OPTIONS: NameTable = {
  2147483648: 'CHANNEL_OPTION_INITIALIZED',
  1073741824: 'CHANNEL_OPTION_ENCRYPT_RDP',
  536870912: 'CHANNEL_OPTION_ENCRYPT_SC',
  268435456: 'CHANNEL_OPTION_ENCRYPT_CS',
  134217728: 'CHANNEL_OPTION_PRI_HIGH',
  67108864: 'CHANNEL_OPTION_PRI_MED',
  33554432: 'CHANNEL_OPTION_PRI_LOW',
  8388608: 'CHANNEL_OPTION_COMPRESS_RDP',
  4194304: 'CHANNEL_OPTION_COMPRESS',
  2097152: 'CHANNEL_OPTION_SHOW_PROTOCOL',
  1048576: 'REMOTE_CONTROL_PERSISTENT',
};

/**
 * TS_UD_CS_CORE, [MS-RDPBCGR] 2.2.1.3.2. From postBeta2ColorDepth on, each field may be missing
 * (null), and then so are all after it.
 */
export interface ClientCoreData {
  readonly kind: 'CS_CORE';
  readonly version: Named;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
  readonly colorDepth: Named;
  readonly SASSequence: number;
  readonly keyboardLayout: number;
  readonly clientBuild: number;
  /** May name a computer and its owner. */
  readonly clientName: string;
  readonly keyboardType: number;
  readonly keyboardSubType: number;
  readonly keyboardFunctionKey: number;
  readonly imeFileName: string;
  readonly postBeta2ColorDepth: Named | null;
  readonly clientProductId: number | null;
  readonly serialNumber: number | null;
  readonly highColorDepth: number | null;
  readonly supportedColorDepths: number | null;
  readonly earlyCapabilityFlags: Flags | null;
  readonly clientDigProductId: string | null;
  readonly connectionType: Named | null;
  readonly pad1octet: number | null;
  /** What the client believes the server has selected: one value, as in RDP_NEG_RSP. */
  readonly serverSelectedProtocol: Named | null;
  readonly desktopPhysicalWidth: number | null;
  readonly desktopPhysicalHeight: number | null;
  readonly desktopOrientation: number | null;
  readonly desktopScaleFactor: number | null;
  readonly deviceScaleFactor: number | null;
  /** Fields that are newer than this list. */
  readonly rest: Uint8Array;
}

/** TS_UD_CS_SEC, [MS-RDPBCGR] 2.2.1.3.3. */
export interface ClientSecurityData {
  readonly kind: 'CS_SECURITY';
  readonly encryptionMethods: Flags;
  /** French locales put their methods here and zero above. */
  readonly extEncryptionMethods: Flags;
}

/** CHANNEL_DEF, [MS-RDPBCGR] 2.2.1.3.4.1. */
export interface ChannelDef {
  readonly name: string;
  readonly options: Flags;
}

/** TS_UD_CS_NET, [MS-RDPBCGR] 2.2.1.3.4. */
export interface ClientNetworkData {
  readonly kind: 'CS_NET';
  readonly channelDefArray: readonly ChannelDef[];
}

export type ClientBlock = ClientCoreData | ClientSecurityData | ClientNetworkData | OtherBlock;

const CLIENT_NAME_LENGTH = 32;
const IME_FILE_NAME_LENGTH = 64;
const PRODUCT_ID_LENGTH = 64;
const CHANNEL_NAME_LENGTH = 8;
const CHANNEL_DEF_LENGTH = 12;

/** The client's data blocks in their order, [MS-RDPBCGR] 2.2.1.3. */
export function decodeClientData(clientData: Uint8Array, base = 0): readonly ClientBlock[] {
  return decodeBlocks(clientData, base, decodeClientBlock);
}

function decodeClientBlock(type: number, body: Reader): ClientBlock {
  switch (type) {
    case CS_CORE:
      return readCore(body);
    case CS_SECURITY:
      return {
        kind: 'CS_SECURITY',
        encryptionMethods: flags(ENCRYPTION_METHODS, body.u32le('CS_SECURITY.encryptionMethods')),
        // Missing from the oldest clients; zero is what it means then.
        extEncryptionMethods: flags(
          ENCRYPTION_METHODS,
          body.remaining === 0 ? 0 : body.u32le('CS_SECURITY.extEncryptionMethods'),
        ),
      };
    case CS_NET:
      return readNetwork(body);
    default:
      return otherBlock(type, body);
  }
}

function readText(body: Reader, length: number, field: string): string {
  const text = decodeUtf16le(body.bytes(length, field));
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

function readCore(body: Reader): ClientCoreData {
  let ended = false;
  const optional = <T>(width: number, read: () => T): T | null => {
    // A field that does not fit ends the structure, even if a narrower one behind it would fit.
    ended ||= body.remaining < width;
    return ended ? null : read();
  };
  const optionalU16 = (field: string) => optional(2, () => body.u16le(`CS_CORE.${field}`));
  const optionalU32 = (field: string) => optional(4, () => body.u32le(`CS_CORE.${field}`));
  return {
    kind: 'CS_CORE',
    version: named(RDP_VERSIONS, body.u32le('CS_CORE.version')),
    desktopWidth: body.u16le('CS_CORE.desktopWidth'),
    desktopHeight: body.u16le('CS_CORE.desktopHeight'),
    colorDepth: named(COLOR_DEPTHS, body.u16le('CS_CORE.colorDepth')),
    SASSequence: body.u16le('CS_CORE.SASSequence'),
    keyboardLayout: body.u32le('CS_CORE.keyboardLayout'),
    clientBuild: body.u32le('CS_CORE.clientBuild'),
    clientName: readText(body, CLIENT_NAME_LENGTH, 'CS_CORE.clientName'),
    keyboardType: body.u32le('CS_CORE.keyboardType'),
    keyboardSubType: body.u32le('CS_CORE.keyboardSubType'),
    keyboardFunctionKey: body.u32le('CS_CORE.keyboardFunctionKey'),
    imeFileName: readText(body, IME_FILE_NAME_LENGTH, 'CS_CORE.imeFileName'),
    postBeta2ColorDepth: optional(2, () =>
      named(COLOR_DEPTHS, body.u16le('CS_CORE.postBeta2ColorDepth')),
    ),
    clientProductId: optionalU16('clientProductId'),
    serialNumber: optionalU32('serialNumber'),
    highColorDepth: optionalU16('highColorDepth'),
    supportedColorDepths: optionalU16('supportedColorDepths'),
    earlyCapabilityFlags: optional(2, () =>
      flags(CLIENT_EARLY_CAPABILITY_FLAGS, body.u16le('CS_CORE.earlyCapabilityFlags')),
    ),
    clientDigProductId: optional(PRODUCT_ID_LENGTH, () =>
      readText(body, PRODUCT_ID_LENGTH, 'CS_CORE.clientDigProductId'),
    ),
    connectionType: optional(1, () => named(CONNECTION_TYPES, body.u8('CS_CORE.connectionType'))),
    pad1octet: optional(1, () => body.u8('CS_CORE.pad1octet')),
    serverSelectedProtocol: optional(4, () =>
      named(PROTOCOLS, body.u32le('CS_CORE.serverSelectedProtocol')),
    ),
    desktopPhysicalWidth: optionalU32('desktopPhysicalWidth'),
    desktopPhysicalHeight: optionalU32('desktopPhysicalHeight'),
    desktopOrientation: optionalU16('desktopOrientation'),
    desktopScaleFactor: optionalU32('desktopScaleFactor'),
    deviceScaleFactor: optionalU32('deviceScaleFactor'),
    rest: body.rest(),
  };
}

function readNetwork(body: Reader): ClientNetworkData {
  const channelCount = body.u32le('CS_NET.channelCount');
  // The specification allows 31; the bytes at hand bound it better, as each channel takes twelve.
  const available = Math.floor(body.remaining / CHANNEL_DEF_LENGTH);
  if (channelCount > available) {
    throw body.refuse('CS_NET.channelCount', `is ${channelCount}, with room for ${available}`, 4);
  }
  const channelDefArray: ChannelDef[] = [];
  for (let i = 0; i < channelCount; i++) {
    const name = Buffer.from(body.bytes(CHANNEL_NAME_LENGTH, 'CHANNEL_DEF.name'));
    const end = name.indexOf(0);
    channelDefArray.push({
      name: name.toString('latin1', 0, end === -1 ? name.length : end),
      options: flags(CHANNEL_OPTIONS, body.u32le('CHANNEL_DEF.options')),
    });
  }
  return { kind: 'CS_NET', channelDefArray };
}

/** @throws RangeError when a value does not fit its field */
export function encodeClientData(blocks: readonly ClientBlock[]): Uint8Array {
  return concat(...blocks.map(encodeClientBlock));
}

function encodeClientBlock(block: ClientBlock): Uint8Array {
  switch (block.kind) {
    case 'CS_CORE':
      return encodeBlock(CS_CORE, encodeCore(block));
    case 'CS_SECURITY':
      return encodeBlock(
        CS_SECURITY,
        new Writer()
          .u32le(block.encryptionMethods.value)
          .u32le(block.extEncryptionMethods.value)
          .finish(),
      );
    case 'CS_NET': {
      const writer = new Writer().u32le(block.channelDefArray.length);
      for (const { name, options } of block.channelDefArray) {
        const nameBytes = Uint8Array.from(Buffer.from(name, 'latin1'));
        writer.bytes(padded(nameBytes, CHANNEL_NAME_LENGTH, 1, name)).u32le(options.value);
      }
      return encodeBlock(CS_NET, writer.finish());
    }
    case 'other':
      return encodeBlock(block.type.value, block.body);
  }
}

function encodeCore(core: ClientCoreData): Uint8Array {
  const writer = new Writer()
    .u32le(core.version.value)
    .u16le(core.desktopWidth)
    .u16le(core.desktopHeight)
    .u16le(core.colorDepth.value)
    .u16le(core.SASSequence)
    .u32le(core.keyboardLayout)
    .u32le(core.clientBuild)
    .bytes(padded(encodeUtf16le(core.clientName), CLIENT_NAME_LENGTH, 2, core.clientName))
    .u32le(core.keyboardType)
    .u32le(core.keyboardSubType)
    .u32le(core.keyboardFunctionKey)
    .bytes(padded(encodeUtf16le(core.imeFileName), IME_FILE_NAME_LENGTH, 2, core.imeFileName));
  const tail: readonly [value: number | string | null, width: 1 | 2 | 4][] = [
    [core.postBeta2ColorDepth?.value ?? null, 2],
    [core.clientProductId, 2],
    [core.serialNumber, 4],
    [core.highColorDepth, 2],
    [core.supportedColorDepths, 2],
    [core.earlyCapabilityFlags?.value ?? null, 2],
    [core.clientDigProductId, 1],
    [core.connectionType?.value ?? null, 1],
    [core.pad1octet, 1],
    [core.serverSelectedProtocol?.value ?? null, 4],
    [core.desktopPhysicalWidth, 4],
    [core.desktopPhysicalHeight, 4],
    [core.desktopOrientation, 2],
    [core.desktopScaleFactor, 4],
    [core.deviceScaleFactor, 4],
  ];
  for (const [value, width] of tail) {
    // The first missing field ends the structure: those behind it could not be found.
    if (value === null) break;
    if (typeof value === 'string') {
      writer.bytes(padded(encodeUtf16le(value), PRODUCT_ID_LENGTH, 2, value));
    } else if (width === 1) writer.u8(value);
    else if (width === 2) writer.u16le(value);
    else writer.u32le(value);
  }
  return writer.bytes(core.rest).finish();
}

/** The text with zeros up to the length of its field, one character of zero at the least. */
function padded(bytes: Uint8Array, length: number, terminator: number, text: string): Uint8Array {
  if (bytes.length > length - terminator) {
    throw new RangeError(`"${text}" does not fit into ${length} bytes`);
  }
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}
