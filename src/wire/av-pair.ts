import { DecodeError } from './decode-error.js';
import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { decodeUtf16le, encodeUtf16le } from './text.js';
import { Writer } from './writer.js';

/** AvId, [MS-NLMP] 2.2.2.1. */
const AV_ID: NameTable = {
  0: 'MsvAvEOL',
  1: 'MsvAvNbComputerName',
  2: 'MsvAvNbDomainName',
  3: 'MsvAvDnsComputerName',
  4: 'MsvAvDnsDomainName',
  5: 'MsvAvDnsTreeName',
  6: 'MsvAvFlags',
  7: 'MsvAvTimestamp',
  8: 'MsvAvSingleHost',
  9: 'MsvAvTargetName',
  10: 'MsvAvChannelBindings',
};

const MSV_AV_EOL = 0x0000;
const MSV_AV_NB_COMPUTER_NAME = 0x0001;
const MSV_AV_NB_DOMAIN_NAME = 0x0002;
const MSV_AV_DNS_COMPUTER_NAME = 0x0003;
const MSV_AV_DNS_DOMAIN_NAME = 0x0004;
const MSV_AV_DNS_TREE_NAME = 0x0005;
const MSV_AV_FLAGS = 0x0006;
const MSV_AV_TIMESTAMP = 0x0007;
const MSV_AV_TARGET_NAME = 0x0009;
const MSV_AV_CHANNEL_BINDINGS = 0x000a;

/** A bit of MsvAvFlags, [MS-NLMP] 2.2.2.1: the message has a MIC. */
const MIC_PROVIDED = 0x00000002;

/** One AV_PAIR, [MS-NLMP] 2.2.2.1. MsvAvSingleHost, MsvAvChannelBindings and unknown ones stay raw. */
export type AvPair =
  | { readonly kind: 'text'; readonly avId: Named; readonly value: string }
  | { readonly kind: 'flags'; readonly avId: Named; readonly value: number }
  | { readonly kind: 'timestamp'; readonly avId: Named; readonly filetime: bigint }
  | { readonly kind: 'raw'; readonly avId: Named; readonly value: Uint8Array };

/** Text of a field that is UTF-16LE by its specification. */
export function unicodeText(bytes: Uint8Array, field: string, at: number): string {
  if (bytes.length % 2 !== 0)
    throw new DecodeError(field, at, `has ${bytes.length} bytes of UTF-16`);
  return decodeUtf16le(bytes);
}

/**
 * A list of AV_PAIRs, [MS-NLMP] 2.2.2.1, up to MsvAvEOL. A list that ends without it is accepted:
 * the length of the list has said the same. What follows MsvAvEOL is padding.
 *
 * @param base offset of the list in its message, for error messages
 */
export function decodeAvPairs(bytes: Uint8Array, base = 0): readonly AvPair[] {
  const reader = new Reader(bytes, base);
  const pairs: AvPair[] = [];
  while (reader.remaining > 0) {
    const id = reader.u16le('AV_PAIR.AvId');
    const avId = named(AV_ID, id);
    const field = `AV_PAIR.${avId.name ?? id}`;
    const value = reader.carve(reader.u16le('AV_PAIR.AvLen'), field);
    if (id === MSV_AV_EOL) break;
    if (id <= MSV_AV_DNS_TREE_NAME || id === MSV_AV_TARGET_NAME) {
      const at = value.offset;
      pairs.push({ kind: 'text', avId, value: unicodeText(value.rest(), field, at) });
    } else if (id === MSV_AV_FLAGS) {
      pairs.push({ kind: 'flags', avId, value: value.u32le(field) });
      value.end(field);
    } else if (id === MSV_AV_TIMESTAMP) {
      pairs.push({ kind: 'timestamp', avId, filetime: value.u64le(field) });
      value.end(field);
    } else {
      pairs.push({ kind: 'raw', avId, value: value.rest() });
    }
  }
  return pairs;
}

/** What a CHALLENGE_MESSAGE reveals of its server; null for what it leaves out. */
export interface TargetInfo {
  readonly netbiosComputerName: string | null;
  readonly netbiosDomainName: string | null;
  readonly dnsComputerName: string | null;
  readonly dnsDomainName: string | null;
  readonly dnsTreeName: string | null;
  /** The server's clock as a FILETIME; filetimeToUnixMicros reads it. */
  readonly timestamp: bigint | null;
}

export function targetInfoOf(pairs: readonly AvPair[]): TargetInfo {
  const name = (id: number): string | null => {
    for (const pair of pairs) {
      if (pair.kind === 'text' && pair.avId.value === id) return pair.value;
    }
    return null;
  };
  return {
    netbiosComputerName: name(MSV_AV_NB_COMPUTER_NAME),
    netbiosDomainName: name(MSV_AV_NB_DOMAIN_NAME),
    dnsComputerName: name(MSV_AV_DNS_COMPUTER_NAME),
    dnsDomainName: name(MSV_AV_DNS_DOMAIN_NAME),
    dnsTreeName: name(MSV_AV_DNS_TREE_NAME),
    timestamp: pairs.find((pair) => pair.kind === 'timestamp')?.filetime ?? null,
  };
}

function encodeValue(pair: AvPair): Uint8Array {
  switch (pair.kind) {
    case 'text':
      return encodeUtf16le(pair.value);
    case 'flags':
      return new Writer().u32le(pair.value).finish();
    case 'timestamp':
      return new Writer().u64le(pair.filetime).finish();
    case 'raw':
      return pair.value;
  }
}

/** The list with its closing MsvAvEOL. */
export function encodeAvPairs(pairs: readonly AvPair[]): Uint8Array {
  const writer = new Writer();
  for (const pair of pairs) {
    const value = encodeValue(pair);
    writer.u16le(pair.avId.value).u16le(value.length).bytes(value);
  }
  return writer.u16le(MSV_AV_EOL).u16le(0).finish();
}

/**
 * The pairs of a server in the order in which Windows sends them; a name left out is not sent.
 * What targetInfoOf takes apart.
 */
export function avPairsOf(info: Partial<TargetInfo>): readonly AvPair[] {
  const pairs: AvPair[] = [];
  const add = (id: number, value: string | null | undefined): void => {
    if (typeof value === 'string') pairs.push({ kind: 'text', avId: named(AV_ID, id), value });
  };
  add(MSV_AV_NB_DOMAIN_NAME, info.netbiosDomainName);
  add(MSV_AV_NB_COMPUTER_NAME, info.netbiosComputerName);
  add(MSV_AV_DNS_DOMAIN_NAME, info.dnsDomainName);
  add(MSV_AV_DNS_COMPUTER_NAME, info.dnsComputerName);
  add(MSV_AV_DNS_TREE_NAME, info.dnsTreeName);
  if (typeof info.timestamp === 'bigint') {
    const avId = named(AV_ID, MSV_AV_TIMESTAMP);
    pairs.push({ kind: 'timestamp', avId, filetime: info.timestamp });
  }
  return pairs;
}

/** What a client adds to the server's pairs. */
export interface ClientPairs {
  /** the AUTHENTICATE_MESSAGE has a MIC */
  readonly micProvided: boolean;
  /** hash of the channel bindings, 16 bytes; null: none can be computed */
  readonly channelBindings: Uint8Array | null;
  /** service principal name, e.g. `TERMSRV/srv01.example`; null: none is known */
  readonly targetName: string | null;
}

/**
 * The pairs that a client answers with, [MS-NLMP] 3.1.5.1.2: the server's own, and what the client
 * says of itself. A pair that the server sent in the place of one of the client's is dropped.
 */
export function clientAvPairs(server: readonly AvPair[], own: ClientPairs): readonly AvPair[] {
  const clients = [MSV_AV_FLAGS, MSV_AV_TARGET_NAME, MSV_AV_CHANNEL_BINDINGS];
  const flags = server.find((pair) => pair.kind === 'flags')?.value ?? 0;
  const pairs = server.filter(({ avId }) => !clients.includes(avId.value));
  const avId = (id: number): Named => named(AV_ID, id);
  const value = (flags | (own.micProvided ? MIC_PROVIDED : 0)) >>> 0;
  if (value !== 0) pairs.push({ kind: 'flags', avId: avId(MSV_AV_FLAGS), value });
  if (own.channelBindings !== null) {
    const bytes = own.channelBindings;
    pairs.push({ kind: 'raw', avId: avId(MSV_AV_CHANNEL_BINDINGS), value: bytes });
  }
  if (own.targetName !== null) {
    pairs.push({ kind: 'text', avId: avId(MSV_AV_TARGET_NAME), value: own.targetName });
  }
  return pairs;
}
