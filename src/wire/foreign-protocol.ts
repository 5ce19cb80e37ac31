/** A protocol other than RDP, as its server's first bytes show it. */
export interface ForeignProtocol {
  /** null: not recognised */
  readonly protocol: string | null;
  /** first line without its end, where the bytes are printable text */
  readonly text: string | null;
}

const LINE_FEED = 0x0a;

/** More than any first line or header that is told apart here. */
const FOREIGN_SAMPLE_BYTES = 256;

const TEXT_PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'SSH'],
  [/^HTTP\/|^<!DOCTYPE|^<html/i, 'HTTP'],
  [/^(GET|HEAD|POST|PUT|OPTIONS|CONNECT) \S+ HTTP\//, 'HTTP'],
  [/^RFB \d{3}\.\d{3}/, 'VNC'],
  [/^@RSYNCD:/, 'rsync'],
  [/^\* OK\b.*IMAP|^\* OK /i, 'IMAP'],
  [/^\+OK/, 'POP3'],
  [/^220[ -].*(ftp|filezilla|pure-ftpd)/i, 'FTP'],
  [/^220[ -].*(smtp|esmtp|mail)/i, 'SMTP'],
  [/^220[ -]/, 'FTP or SMTP'],
  [/^(-ERR|-DENIED|-NOAUTH)/, 'Redis'],
  [/^NICK|^:\S+ (NOTICE|\d{3}) /, 'IRC'],
  [/^NXSH-|^NXD-/, 'NX'],
  [/^RTSP\//, 'RTSP'],
  [/^SIP\//, 'SIP'],
];

function startsWith(bytes: Uint8Array, ...prefix: readonly number[]): boolean {
  return prefix.every((value, index) => bytes[index] === value);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/**
 * Names the protocol that a peer speaks instead of RDP.
 *
 * @param bytes the first bytes from that side, whatever they are
 */
export function identifyForeignProtocol(bytes: Uint8Array): ForeignProtocol {
  const text = printableLine(bytes);
  if (text !== null) {
    for (const [pattern, protocol] of TEXT_PROTOCOLS) {
      if (pattern.test(text)) return { protocol, text };
    }
  }
  return { protocol: identifyBinary(bytes), text };
}

function identifyBinary(bytes: Uint8Array): string | null {
  // RFC 8446 section 5.1: a TLS record, without the negotiation that RDP puts before it.
  if ((bytes[0] ?? 0) >= 20 && (bytes[0] ?? 0) <= 23 && bytes[1] === 3) return 'TLS';
  // MODBUS Messaging on TCP/IP, MBAP header: transaction, protocol 0, length, unit, function. A
  // server that takes our request for one echoes its first bytes as the transaction.
  if (bytes.length >= 8 && u16(bytes, 2) === 0) {
    const length = u16(bytes, 4);
    if (length >= 2 && length <= 254 && length >= bytes.length - 6) return 'Modbus';
  }
  if (startsWith(bytes, 0xff) && [0xfb, 0xfc, 0xfd, 0xfe].includes(bytes[1] ?? 0)) return 'Telnet';
  // MySQL Protocol::HandshakeV10: 3-byte length, sequence 0, version 10, then printable text.
  if (bytes.length >= 6 && startsWith(bytes.subarray(2), 0, 0, 10)) return 'MySQL';
  if (startsWith(bytes, 0x00) && startsWith(bytes.subarray(4), 0xff, 0x53, 0x4d, 0x42))
    return 'SMB';
  if (startsWith(bytes, 0x00) && startsWith(bytes.subarray(4), 0xfe, 0x53, 0x4d, 0x42))
    return 'SMB';
  if (startsWith(bytes, 0x05, 0x00) && bytes.length === 2) return 'SOCKS5';
  return null;
}

/** The first line, if all of it is printable ASCII; at most 200 characters. */
function printableLine(bytes: Uint8Array): string | null {
  let line = '';
  for (const byte of bytes) {
    if (byte === LINE_FEED || byte === 0x0d || line.length === 200) break;
    if (byte < 0x20 || byte > 0x7e) return null;
    line += String.fromCharCode(byte);
  }
  return line === '' ? null : line;
}

/**
 * The part of a peer's first bytes that names its protocol: the first line where that is text, else
 * as many bytes as are looked at. Null: more bytes could change what `identifyForeignProtocol` says.
 */
export function foreignSample(bytes: Uint8Array): Uint8Array | null {
  const lineEnd = bytes.subarray(0, FOREIGN_SAMPLE_BYTES).indexOf(LINE_FEED);
  if (lineEnd >= 0 && printableLine(bytes) !== null) return bytes.subarray(0, lineEnd + 1);
  return bytes.length < FOREIGN_SAMPLE_BYTES ? null : bytes.subarray(0, FOREIGN_SAMPLE_BYTES);
}
