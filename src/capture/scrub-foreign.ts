import { identifyForeignProtocol } from '../wire/foreign-protocol.js';
import type { Pseudonyms } from './pseudonyms.js';

/** As many bytes of a binary protocol as it is told by. */
const BINARY_HEAD_BYTES = 8;

/** Words that a text protocol is told by; they name a protocol and nobody's server. */
const TELLING =
  /^(?:SSH-\d\.\d+-|HTTP\/\d\.\d \d{3}|RFB \d{3}\.\d{3}|@RSYNCD:|\* OK|\+OK|220[ -]|-ERR|-DENIED|-NOAUTH|NXSH-|NXD-|RTSP\/\d\.\d \d{3}|SIP\/\d\.\d|NICK|<!DOCTYPE|<html|(?:GET|HEAD|POST|PUT|OPTIONS|CONNECT) )|ftp|filezilla|pure-ftpd|e?smtp|mail|imap|NOTICE|HTTP\/\d\.\d/gi;

/**
 * The first bytes of a side that speaks another protocol, so that it is still told as that: the
 * words that name it stay, all other words become others.
 */
export function scrubForeign(sample: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const { protocol, text } = identifyForeignProtocol(sample);
  if (protocol === null) return new Uint8Array(sample.length).fill(0xaa);
  if (text === null) {
    const out = new Uint8Array(sample.length);
    out.set(sample.subarray(0, BINARY_HEAD_BYTES));
    return out;
  }
  const original = Buffer.from(sample).toString('latin1');
  const out = pseudonyms.text(sample);
  for (const { index, 0: word } of original.matchAll(TELLING)) {
    out.set(sample.subarray(index, index + word.length), index);
  }
  return out;
}
