/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/**
 * Bytes of annotated hex: white space is ignored, and so is everything from `;` or `#` to the end
 * of its line.
 *
 * @throws SyntaxError when what is left is not an even number of hex digits
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[;#][^\n]*/g, '').replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) {
    throw new SyntaxError(`not hex: ${digits.slice(0, 40)}`);
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
