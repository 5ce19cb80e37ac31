import {
  CS_CORE,
  CS_NET,
  CS_SECURITY,
  SC_CORE,
  SC_MCS_MSGCHANNEL,
  SC_MULTITRANSPORT,
  SC_NET,
  SC_SECURITY,
} from '../wire/gcc-block.js';
import { type CertificateCast, scrubCertificate } from './scrub-certificate.js';
import { type Scrubber, scrub } from './scrubber.js';

const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const DISCONNECT_REQUEST = 0x80;
const ERROR = 0x70;
const DATA = 0xf0;

const CONNECT_INITIAL = 0x65;
const CONNECT_RESPONSE = 0x66;
const APPLICATION_TAG = 0x7f;
const DISCONNECT_PROVIDER_ULTIMATUM = 8;

const OCTET_STRING = 0x04;

/** RDP_NEG_REQ, RDP_NEG_RSP and RDP_NEG_FAILURE have eight bytes, [MS-RDPBCGR] 2.2.1.1.1. */
const NEGOTIATION_BYTES = 8;
const TYPE_RDP_NEG_REQ = 1;
const TYPE_RDP_CORRELATION_INFO = 6;

/** What stands before the value in the lines that clients send; a whole line may be a value. */
const LINE_PREFIX = /^(Cookie: )?(mstshash=|msts=|tsv:\/\/)?/;

/** Virtual channels of the specifications and of common clients; others may be those of a company. */
const KEPT_CHANNELS: ReadonlySet<string> = new Set(
  'rdpdr rdpsnd cliprdr drdynvc rail encomsp remdesk snddbg rdp2tcp tsmf tscredir'.split(' '),
);

/**
 * One TPKT of the same length and shape: cookies, tokens, names, keys and certificates become
 * others, and what comes after the connection sequence is zeros.
 */
export function scrubTpkt(bytes: Uint8Array, cast: CertificateCast): Uint8Array {
  return scrub(bytes, (scrubber) => {
    scrubber.keep(4);
    const indicator = scrubber.u8();
    const code = scrubber.u8() & 0xf0;
    switch (code) {
      case CONNECTION_REQUEST:
        scrubber.keep(5);
        scrubRequest(scrubber.carve(Math.min(indicator - 6, scrubber.remaining)), cast);
        return;
      case CONNECTION_CONFIRM:
        scrubber.keep(5);
        scrubConfirm(scrubber);
        return;
      case DISCONNECT_REQUEST:
        scrubber.keep(5);
        return;
      case ERROR:
        scrubber.keep(3);
        return;
      case DATA:
        scrubber.keep(1);
        scrubMcs(scrubber, cast);
        return;
    }
  });
}

/** The variable part of a Connection Request, [MS-RDPBCGR] 2.2.1.1. */
function scrubRequest(variable: Scrubber, { pseudonyms }: CertificateCast): void {
  for (let line = nextLine(variable); line !== null; line = nextLine(variable)) {
    const [prefix = ''] = LINE_PREFIX.exec(line) ?? [];
    variable.keep(prefix.length);
    variable.replace(line.length - prefix.length, (original) => pseudonyms.text(original));
    variable.keep(2);
  }
  if (variable.peek(1)[0] === TYPE_RDP_NEG_REQ) variable.keep(NEGOTIATION_BYTES);
  if (variable.peek(1)[0] === TYPE_RDP_CORRELATION_INFO) {
    variable.keep(4);
    variable.replace(16, (original) => pseudonyms.bytes(original));
    return;
  }
  keepParameterList(variable);
}

/** Text up to a CR LF; null: something else comes next. */
function nextLine(variable: Scrubber): string | null {
  const text = Buffer.from(variable.peek()).toString('latin1');
  const end = text.indexOf('\r\n');
  const line = text.slice(0, Math.max(0, end));
  const isText = Array.from(line).every((character) => character >= ' ' && character !== '\x7f');
  return line !== '' && isText ? line : null;
}

/** The variable part of a Connection Confirm, [MS-RDPBCGR] 2.2.1.2. */
function scrubConfirm(variable: Scrubber): void {
  const [type = 0] = variable.peek(1);
  if (type < 0x80) variable.keepUpTo(NEGOTIATION_BYTES);
  else keepParameterList(variable);
}

/** [X224] 13.3.4: other protocols name the two ends in such parameters. */
function keepParameterList(variable: Scrubber): void {
  while (variable.remaining > 0) {
    variable.keep(1);
    variable.blank(variable.u8());
  }
}

/** [T125] 7. */
function scrubMcs(mcs: Scrubber, cast: CertificateCast): void {
  const first = mcs.u8();
  if (first !== APPLICATION_TAG) {
    if (first >> 2 === DISCONNECT_PROVIDER_ULTIMATUM) mcs.keepUpTo(1);
    return;
  }
  const choice = mcs.u8();
  const body = mcs.carve(berLength(mcs));
  while (body.remaining > 0) {
    const tag = body.u8();
    const content = body.carve(berLength(body));
    if (tag === OCTET_STRING && choice === CONNECT_INITIAL) scrubUserData(content, 'Duca', cast);
    else if (tag === OCTET_STRING && choice === CONNECT_RESPONSE) {
      scrubUserData(content, 'McDn', cast);
    } else content.keep(content.remaining);
  }
}

function berLength(scrubber: Scrubber): number {
  const first = scrubber.u8();
  if (first < 0x80) return first;
  let length = 0;
  for (let octet = 0; octet < (first & 0x7f); octet++) length = length * 256 + scrubber.u8();
  return length;
}

/** Conference data, [T124] 8.7: what stands before its key is the same for everybody. */
function scrubUserData(content: Scrubber, key: string, cast: CertificateCast): void {
  const at = Buffer.from(content.peek(64)).indexOf(key, 0, 'latin1');
  if (at < 0) {
    // A domain selector has one byte.
    if (content.remaining <= 1) content.keep(content.remaining);
    return;
  }
  content.keep(at + key.length);
  const high = content.u8();
  if (high >= 0x80) content.keep(1);
  while (content.remaining > 0) {
    const type = content.u16le();
    const length = content.u16le();
    content.apart(length - 4, (block) => scrubBlock(type, block, cast));
  }
}

/** Data blocks of both sides, [MS-RDPBCGR] 2.2.1.3 and 2.2.1.4. */
function scrubBlock(type: number, block: Scrubber, cast: CertificateCast): void {
  switch (type) {
    case CS_CORE:
      scrubClientCore(block, cast);
      return;
    case CS_NET:
      scrubChannels(block, cast);
      return;
    case SC_SECURITY:
      scrubServerSecurity(block, cast);
      return;
    case CS_SECURITY:
    case SC_CORE:
    case SC_NET:
    case SC_MCS_MSGCHANNEL:
    case SC_MULTITRANSPORT:
      block.keep(block.remaining);
      return;
  }
}

/** TS_UD_CS_CORE, [MS-RDPBCGR] 2.2.1.3.2. */
function scrubClientCore(block: Scrubber, { pseudonyms }: CertificateCast): void {
  // version to SASSequence; keyboardLayout tells a country; clientBuild
  block.keep(12);
  block.blank(4);
  block.keep(4);
  // clientName
  block.replace(32, (original) => pseudonyms.wideText(original, true));
  // keyboardType to keyboardFunctionKey; imeFileName
  block.keep(12);
  block.blank(64);
  // postBeta2ColorDepth, clientProductId; serialNumber; highColorDepth to earlyCapabilityFlags
  block.keep(4);
  block.blank(4);
  block.keep(6);
  // clientDigProductId; connectionType, pad1octet, serverSelectedProtocol
  block.blank(64);
  block.keep(6);
}

/** TS_UD_CS_NET, [MS-RDPBCGR] 2.2.1.3.4. */
function scrubChannels(block: Scrubber, { pseudonyms }: CertificateCast): void {
  block.keep(4);
  while (block.remaining > 0) {
    const name = Buffer.from(block.peek(8)).toString('latin1').replace(/\0.*$/s, '');
    if (KEPT_CHANNELS.has(name.toLowerCase())) block.keep(8);
    else block.replace(8, (original) => pseudonyms.text(original));
    block.keep(4);
  }
}

/** TS_UD_SC_SEC1, [MS-RDPBCGR] 2.2.1.4.3. */
function scrubServerSecurity(block: Scrubber, cast: CertificateCast): void {
  block.keep(8);
  if (block.remaining === 0) return;
  const randomLength = block.u32le();
  const certificateLength = block.u32le();
  block.replace(randomLength, (original) => cast.pseudonyms.bytes(original));
  scrubServerCertificate(block.carve(certificateLength), cast);
}

/** SERVER_CERTIFICATE, [MS-RDPBCGR] 2.2.1.4.3.1. */
function scrubServerCertificate(certificate: Scrubber, cast: CertificateCast): void {
  const version = certificate.u32le() % 0x80000000;
  if (version === 1) {
    // dwSigAlgId, dwKeyAlgId, wPublicKeyBlobType
    certificate.keep(10);
    const key = certificate.carve(certificate.u16le());
    // magic; keylen; bitlen, datalen, pubExp; the modulus, little endian, and its padding
    key.keep(4);
    const length = key.u32le();
    key.keep(12);
    key.replace(length - 8, (original) => littleEndianNumber(cast.pseudonyms.bytes(original)));
    key.blank();
    certificate.keep(2);
    certificate.replace(certificate.u16le(), (original) => cast.pseudonyms.bytes(original));
  } else if (version === 2) {
    const count = certificate.u32le();
    for (let index = 0; index < count && certificate.remaining > 0; index++) {
      certificate.replace(certificate.u32le(), (der) => scrubCertificate(der, cast));
    }
  }
}

function littleEndianNumber(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1;
  bytes[0] = (bytes[0] ?? 0) | 1;
  bytes[last] = (bytes[last] ?? 0) | 0x80;
  return bytes;
}
