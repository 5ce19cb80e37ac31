import { TPKT_MAX_LENGTH, TPKT_VERSION } from '../wire/tpkt.js';
import { concat, Writer } from '../wire/writer.js';
import { encodeX224Data } from '../wire/x224.js';
import { MAX_PADDED_HELLO, paddedHello } from './padded-hello.js';

/** A long client message that is taken in pieces. */
export interface DripSource {
  /** the next bytes, as many as are left of those asked for */
  take(count: number): Uint8Array;
  /** what is left; null: the message is not to be finished */
  rest(): Uint8Array | null;
}

/** What remains of a message for its end, so that no piece finishes it early. */
const TAIL = 64;

/** The least that a padded ClientHello can be with the longest server name. */
const LEAST_HELLO = 700;

/**
 * @param layer what the server expects: TLS, or the MCS Connect Initial of standard RDP security
 * @param bytes that will be taken in pieces
 */
export function dripSource(
  layer: 'tls' | 'mcs',
  bytes: number,
  hello: { readonly serverName: string | null; random(count: number): Uint8Array },
): DripSource {
  switch (layer) {
    case 'tls': {
      const length = Math.min(MAX_PADDED_HELLO, Math.max(LEAST_HELLO, bytes + TAIL));
      return new Pieces(paddedHello(length, hello.serverName, hello.random), true);
    }
    case 'mcs':
      return new Pieces(unfinishedConnectInitial(bytes + TAIL), false);
  }
}

/**
 * The beginning of an MCS Connect Initial, [MS-RDPBCGR] 2.2.1.3, that announces more than ever comes:
 * there is no field in it that a server would let grow at will, so it is left unfinished.
 */
function unfinishedConnectInitial(bytes: number): Uint8Array {
  const length = Math.min(TPKT_MAX_LENGTH, bytes + TAIL);
  // T.125 Connect-Initial: APPLICATION 101, a length in the two-byte form of BER.
  const start = new Writer()
    .u8(0x7f)
    .u8(0x65)
    .u8(0x82)
    .u16be(length - 12)
    .finish();
  const data = encodeX224Data(start);
  const header = new Writer().u8(TPKT_VERSION).u8(0).u16be(length).finish();
  return concat(header, data, new Uint8Array(Math.max(0, bytes - header.length - data.length)));
}

class Pieces implements DripSource {
  readonly #bytes: Uint8Array;
  readonly #finishes: boolean;
  #taken = 0;

  constructor(bytes: Uint8Array, finishes: boolean) {
    this.#bytes = bytes;
    this.#finishes = finishes;
  }

  take(count: number): Uint8Array {
    const piece = this.#bytes.subarray(this.#taken, this.#taken + count);
    this.#taken += piece.length;
    return piece;
  }

  rest(): Uint8Array | null {
    if (!this.#finishes) return null;
    return this.take(this.#bytes.length - this.#taken);
  }
}
