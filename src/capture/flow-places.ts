import { type Direction, FlowTable } from './flow-table.js';
import type { IpHeader } from './ip.js';
import { ACK, distance, FIN, RST, SYN, type TcpHeader } from './tcp.js';

/** Where a segment's payload belongs. */
export interface Place {
  /** number of the connection */
  connection: number;
  direction: Direction;
  /** offset of the payload's first byte in the direction's stream */
  offset: number;
}

/**
 * Tells of each segment to which connection it belongs and where in its stream. Two passes over the
 * same packets get the same answers.
 */
export class FlowPlaces {
  readonly #flows = new FlowTable();
  readonly #place: Place = { connection: 0, direction: 0, offset: 0 };
  #connections = 0;

  /** @returns one object, used again for the next segment */
  find(view: DataView, ip: IpHeader, tcp: TcpHeader): Place {
    const flows = this.#flows;
    let slot = flows.find(view, ip, tcp);
    const { direction } = flows;
    const isSyn = (tcp.flags & SYN) !== 0;
    if (slot < 0) slot = flows.insert(this.#connections++);
    else if (this.#isNewConnection(slot, direction, tcp)) flows.restart(slot, this.#connections++);
    if ((tcp.flags & (RST | FIN)) !== 0) flows.markEnded(slot);
    // The number before that of the first byte, as a SYN has it.
    const known = flows.baseOf(slot, direction);
    const base = known ?? (isSyn ? tcp.sequence : (tcp.sequence - 1) | 0);
    if (known === null && (tcp.flags & RST) === 0) flows.setBase(slot, direction, base);
    const place = this.#place;
    place.connection = flows.streamOf(slot);
    place.direction = direction;
    place.offset = distance(base, tcp.sequence) - (isSyn ? 0 : 1);
    return place;
  }

  /** Another first number, or any after the old connection has ended. */
  #isNewConnection(slot: number, direction: Direction, tcp: TcpHeader): boolean {
    if ((tcp.flags & (SYN | ACK)) !== SYN) return false;
    const base = this.#flows.baseOf(slot, direction);
    return base !== null && (base !== tcp.sequence || this.#flows.hasEnded(slot));
  }
}
