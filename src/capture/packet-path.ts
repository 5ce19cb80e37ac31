import type { Conversations } from './conversations.js';
import { Fragments, type Reassembled } from './fragments.js';
import { decodeIcmpError } from './icmp.js';
import { IpHeader, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from './ip.js';
import { describeUnsupported, findIp, UNSUPPORTED_LINK } from './link.js';
import { newPacket, type Packet } from './packet.js';
import type { Problems } from './problems.js';
import { TcpHeader } from './tcp.js';

/** Packets of one capture are a little out of order where several interfaces were captured. */
const BACKWARDS_NS = 1e9;

/** Leads each packet from the link layer to its TCP conversation. */
export class PacketPath {
  readonly #conversations: Conversations;
  readonly #problems: Problems;
  readonly #ip = new IpHeader();
  readonly #quoted = new IpHeader();
  readonly #tcp = new TcpHeader();
  readonly #whole = newPacket();
  readonly #fragments = new Fragments((part) => this.#incomplete(part));
  #lastAt = 0;
  #tcpPackets = 0;

  constructor(conversations: Conversations, problems: Problems) {
    this.#conversations = conversations;
    this.#problems = problems;
  }

  /** Time of the latest packet. */
  get lastAt(): number {
    return this.#lastAt;
  }

  get tcpPackets(): number {
    return this.#tcpPackets;
  }

  /** IP fragments seen. */
  get fragments(): number {
    return this.#fragments.total;
  }

  packet(packet: Packet): void {
    const { view, start, end, at } = packet;
    if (at > this.#lastAt) this.#lastAt = at;
    else if (this.#lastAt - at > BACKWARDS_NS) {
      this.#problems.add('the time stamps run backwards by more than a second', packet.number);
    }
    const ipStart = findIp(packet.linkType, view, start, end);
    if (ipStart < 0) {
      if (ipStart === UNSUPPORTED_LINK) {
        this.#problems.add(describeUnsupported(packet.linkType), packet.number);
      }
      return;
    }
    this.#readIp(packet, ipStart, end, start + packet.originalLength, 0);
  }

  #readIp(packet: Packet, start: number, end: number, wireEnd: number, fragments: number): void {
    const ip = this.#ip;
    switch (ip.decode(packet.view, start, end, wireEnd)) {
      case 'not-ip':
        return;
      case 'fragment': {
        const whole = ip.protocol === PROTOCOL_TCP ? this.#fragments.add(ip, packet) : null;
        if (whole !== null) this.#readReassembled(packet, whole);
        return;
      }
      case 'whole':
        if (ip.protocol === PROTOCOL_TCP) this.#readTcp(packet, fragments);
        else if (ip.protocol === PROTOCOL_ICMP || ip.protocol === PROTOCOL_ICMPV6) {
          this.#readIcmp(packet);
        }
    }
  }

  #readReassembled(packet: Packet, { bytes, fragments }: Reassembled): void {
    const whole = this.#packetOf(bytes);
    whole.number = packet.number;
    whole.at = packet.at;
    this.#readIp(whole, 0, bytes.length, bytes.length, fragments);
  }

  #packetOf(bytes: Uint8Array): Packet {
    const whole = this.#whole;
    whole.bytes = bytes;
    whole.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    whole.start = 0;
    whole.end = bytes.length;
    whole.originalLength = bytes.length;
    return whole;
  }

  #readTcp(packet: Packet, fragments: number): void {
    const ip = this.#ip;
    const tcp = this.#tcp;
    this.#tcpPackets++;
    if (!tcp.decode(packet.view, ip.payloadStart, ip.payloadEnd, ip.payloadLength)) {
      this.#problems.add('a packet is too short for its TCP header', packet.number);
      return;
    }
    if (tcp.payloadEnd - tcp.payloadStart < tcp.length) {
      this.#problems.add(
        'packets were cut when they were captured (snap length): what is missing counts as a gap',
        packet.number,
      );
    }
    this.#conversations.segment(packet, ip, tcp, fragments);
  }

  #readIcmp(packet: Packet): void {
    const error = decodeIcmpError(this.#ip, this.#quoted, packet);
    if (error !== null) this.#conversations.icmp(packet, error);
  }

  #incomplete({ bytes, fragments }: Reassembled): void {
    const part = this.#packetOf(bytes);
    const ip = this.#quoted;
    const tcp = this.#tcp;
    if (!ip.decodeQuoted(part.view, 0, bytes.length) || ip.protocol !== PROTOCOL_TCP) return;
    if (!tcp.decode(part.view, ip.payloadStart, bytes.length, bytes.length - ip.payloadStart))
      return;
    this.#conversations.incompleteFragments(part.view, ip, tcp, fragments);
  }

  /** The capture is at its end. */
  finish(): void {
    this.#fragments.finish();
    if (this.#fragments.incomplete > 0) {
      this.#problems.add('IP fragments never became a whole packet');
    }
    this.#conversations.finish(this.#lastAt);
  }
}
