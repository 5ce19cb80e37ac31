/** UTF-16 little-endian, the text encoding of Windows protocols; a lone surrogate stays as it is. */
export function decodeUtf16le(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le');
}

export function encodeUtf16le(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}
