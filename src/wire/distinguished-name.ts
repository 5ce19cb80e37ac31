import { DER_TAG, type DerElement, readElement, readOid, readTagged } from './der.js';
import { toHex } from './hex.js';
import { ATTRIBUTE_TYPES, OID_COMMON_NAME } from './object-identifiers.js';
import type { Reader } from './reader.js';

/** Name, [RFC 5280] 4.1.2.4. */
export interface DistinguishedName {
  /** As [RFC 4514] writes it, the most specific part first: `CN=srv01,DC=corp,DC=example`. */
  readonly text: string;
  /** The first common name as it was sent, null where there is none. */
  readonly commonName: string | null;
}

/** More attributes than any issuer writes; Windows certificates for RDP have one. */
const LARGEST_NAME = 128;

/** @param content the contents of the RDNSequence */
export function decodeDistinguishedName(content: Reader, field: string): DistinguishedName {
  const relativeNames: string[] = [];
  let commonName: string | null = null;
  let count = 0;
  while (content.remaining > 0) {
    const set = readTagged(content, DER_TAG.SET, field);
    const attributes: string[] = [];
    while (set.remaining > 0) {
      if (++count > LARGEST_NAME)
        throw set.refuse(field, `has more than ${LARGEST_NAME} attributes`);
      const attribute = readTagged(set, DER_TAG.SEQUENCE, field);
      const type = readOid(attribute, `${field}.type`);
      const value = readElement(attribute, `${field}.value`);
      attribute.end(field);
      const text = directoryString(value);
      if (type === OID_COMMON_NAME && commonName === null) commonName = text;
      attributes.push(attributeText(type, text, value.bytes));
    }
    relativeNames.push(attributes.join('+'));
  }
  return { text: relativeNames.reverse().join(','), commonName };
}

function attributeText(type: string, text: string | null, value: Uint8Array): string {
  const name = ATTRIBUTE_TYPES.get(type);
  // A value whose type says nothing of its text is written as the hex of its encoding.
  return name === undefined || text === null
    ? `${name ?? type}=#${toHex(value)}`
    : `${name}=${escapeValue(text)}`;
}

/** Text of a string type, null for any other type and for characters that cannot be. */
export function directoryString({ tag, content }: DerElement): string | null {
  const bytes = content.rest();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (tag) {
    case DER_TAG.UTF8_STRING:
      return buffer.toString('utf8');
    case DER_TAG.NUMERIC_STRING:
    case DER_TAG.PRINTABLE_STRING:
    case DER_TAG.IA5_STRING:
    case DER_TAG.VISIBLE_STRING:
    // T.61 in name only: what is found in it is Latin-1.
    case DER_TAG.TELETEX_STRING:
      return buffer.toString('latin1');
    case DER_TAG.BMP_STRING:
      return bytes.length % 2 === 0 ? Buffer.from(buffer).swap16().toString('utf16le') : null;
    case DER_TAG.UNIVERSAL_STRING:
      return utf32be(buffer);
    default:
      return null;
  }
}

function utf32be(buffer: Buffer): string | null {
  if (buffer.length % 4 !== 0) return null;
  let text = '';
  for (let at = 0; at < buffer.length; at += 4) {
    const codePoint = buffer.readUInt32BE(at);
    if (codePoint > 0x10ffff) return null;
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

/** [RFC 4514] 2.4. */
function escapeValue(text: string): string {
  return escapeControls(text.replace(/[\\,+"<>;]|^[ #]| $/g, '\\$&'));
}

/**
 * Control characters as hex pairs, which RFC 4514 allows: a name is chosen by the peer, and nothing
 * it chose may steer the terminal that shows it.
 */
export function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is sought
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    toHex(Buffer.from(character, 'utf8')).replace(/../g, '\\$&'),
  );
}
