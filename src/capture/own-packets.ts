import type { Endpoint, HopLimits, IcmpError } from '../handshake/trace.js';
import { parseAddress } from './address.js';
import type { FilePacket } from './capture-file.js';
import { readCapture } from './capture-reader.js';
import { HopLimitCounts } from './hop-limit-counts.js';
import { decodeIcmpError } from './icmp.js';
import { IpHeader, PROTOCOL_TCP } from './ip.js';
import { findIp } from './link.js';
import { newPacket, type Packet } from './packet.js';
import type { CaptureSource } from './source.js';
import { ACK, SYN, TcpHeader } from './tcp.js';

/** A probe moves kilobytes; whatever comes beside it must not fill the memory. */
export const MAX_KEPT_BYTES = 64 << 20;

/** Memory that a packet takes beside its bytes. */
const PACKET_COST = 200;

const LINKTYPE_LINUX_SLL2 = 276;

interface KeptPacket extends FilePacket {
  readonly linkType: number;
}

/** The packets of one connection, and of ICMP errors about it. */
export interface OwnPackets {
  readonly linkType: number;
  readonly packets: readonly FilePacket[];
  /** of the packets that came from the server */
  readonly serverHopLimits: HopLimits;
  readonly icmp: readonly OwnIcmp[];
}

/** An ICMP error about the connection. */
export interface OwnIcmp {
  readonly atNs: bigint;
  readonly error: Omit<IcmpError, 'at' | 'packet'>;
}

/** What a packet is to a connection: a number names the IP datagram that a fragment belongs to. */
type Belongs = 'whole' | 'first-fragment' | 'later-fragment' | 'no';

/**
 * Keeps the packets of a capture that runs, and finds among them those of single connections once it
 * is known which those are.
 */
export class PacketStore {
  readonly #packets: KeptPacket[] = [];
  readonly #packet = newPacket();
  readonly #ip = new IpHeader();
  readonly #quoted = new IpHeader();
  readonly #tcp = new TcpHeader();
  /** what the packet at hand says, where it is an ICMP error about the connection */
  #error: OwnIcmp['error'] | null = null;
  #bytes = 0;
  #left = 0;

  /** Packets for which there was no room. */
  get leftOut(): number {
    return this.#left;
  }

  /** Reads a capture until it ends. @throws ProbeError CANNOT_READ when it is none */
  async fill(source: CaptureSource): Promise<void> {
    let startedAtNs = 0n;
    await readCapture(source, {
      start: (at) => {
        startedAtNs = at;
      },
      packet: (packet) => this.#keep(packet, startedAtNs),
      keyLog: () => {},
      problem: () => {},
    });
  }

  #keep(packet: Packet, startedAtNs: bigint): void {
    const bytes = packet.bytes.slice(packet.start, packet.end);
    if (this.#bytes + bytes.length + PACKET_COST > MAX_KEPT_BYTES) {
      this.#left++;
      return;
    }
    this.#bytes += bytes.length + PACKET_COST;
    const { linkType, originalLength } = packet;
    const atNs = startedAtNs + BigInt(Math.round(packet.at));
    this.#packets.push({ atNs, linkType, bytes, originalLength, comment: null });
  }

  /** @returns null unless the connection's first SYN was captured */
  select(client: Endpoint, server: Endpoint): OwnPackets | null {
    const ends = endsOf(client, server);
    if (ends === null) return null;
    const fragments = new Set<string>();
    const found: { readonly packet: KeptPacket; readonly isSyn: boolean }[] = [];
    const fromServer = new HopLimitCounts();
    const icmp: OwnIcmp[] = [];
    for (const packet of this.#packets) {
      const belongs = this.#belongs(packet, ends);
      const name = `${this.#ip.identification}`;
      if (belongs === 'first-fragment') fragments.add(name);
      if (belongs === 'no' || (belongs === 'later-fragment' && !fragments.has(name))) continue;
      const isSyn = belongs === 'whole' && (this.#tcp.flags & (SYN | ACK)) === SYN;
      if (belongs === 'whole' && this.#isFrom(ends.server)) {
        fromServer.arrived(this.#ip.timeToLive, this.#tcp.flags);
      }
      if (this.#error !== null) icmp.push({ atNs: packet.atNs, error: this.#error });
      found.push({ packet, isSyn });
    }
    const syn = found.find(({ isSyn }) => isSyn)?.packet;
    if (syn === undefined) return null;
    // A packet that passes a bridge, a bond or a tag is captured on each of their interfaces.
    const place = interfaceOf(syn);
    const packets = found.map(({ packet }) => packet);
    return {
      linkType: syn.linkType,
      serverHopLimits: fromServer.figures(),
      icmp,
      packets: packets.filter(
        (packet) => packet.linkType === syn.linkType && interfaceOf(packet) === place,
      ),
    };
  }

  #belongs({ bytes, linkType, originalLength }: KeptPacket, ends: Ends): Belongs {
    const ip = this.#ip;
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    packet.end = bytes.length;
    this.#tcp.flags = 0;
    this.#error = null;
    const start = findIp(linkType, packet.view, 0, bytes.length);
    if (start < 0) return 'no';
    const outcome = ip.decode(packet.view, start, bytes.length, originalLength);
    if (outcome === 'not-ip') return 'no';
    const between = betweenHosts(bytes, ip, ends);
    if (outcome === 'fragment' && ip.fragmentOffset > 0) return between ? 'later-fragment' : 'no';
    if (ip.protocol !== PROTOCOL_TCP) return this.#isErrorAbout(ends) ? 'whole' : 'no';
    if (!between) return 'no';
    const tcp = this.#tcp;
    const isTcp = tcp.decode(packet.view, ip.payloadStart, ip.payloadEnd, ip.payloadLength);
    const ports = [tcp.sourcePort, tcp.destinationPort];
    if (!isTcp || !matches(ports, [ends.client.port, ends.server.port])) return 'no';
    return outcome === 'fragment' ? 'first-fragment' : 'whole';
  }

  #isFrom({ address, port }: Ends['server']): boolean {
    const { source, addressBytes, protocol } = this.#ip;
    const bytes = this.#packet.bytes.subarray(source, source + addressBytes);
    return (
      protocol === PROTOCOL_TCP &&
      this.#tcp.sourcePort === port &&
      Buffer.compare(bytes, address) === 0
    );
  }

  #isErrorAbout(ends: Ends): boolean {
    const packet = this.#packet;
    const error = decodeIcmpError(this.#ip, this.#quoted, packet);
    if (error === null) return false;
    const ports = [error.sourcePort, error.destinationPort];
    const isAbout =
      betweenHosts(packet.bytes, this.#quoted, ends) &&
      matches(ports, [ends.client.port, ends.server.port]);
    if (isAbout) {
      const { type, from, mtu } = error.report;
      const about = error.sourcePort === ends.client.port ? 'client' : 'server';
      this.#error = { type, from, mtu, about };
    }
    return isAbout;
  }
}

interface Ends {
  readonly client: { readonly address: Uint8Array; readonly port: number };
  readonly server: { readonly address: Uint8Array; readonly port: number };
}

function endsOf(client: Endpoint, server: Endpoint): Ends | null {
  const from = parseAddress(client.address ?? '');
  const to = parseAddress(server.address ?? '');
  if (from === null || to === null || client.port === null || server.port === null) return null;
  return {
    client: { address: from, port: client.port },
    server: { address: to, port: server.port },
  };
}

function betweenHosts(bytes: Uint8Array, ip: IpHeader, { client, server }: Ends): boolean {
  const at = (start: number): string =>
    Buffer.from(bytes.subarray(start, start + ip.addressBytes)).toString('hex');
  const hosts = [client, server].map(({ address }) => Buffer.from(address).toString('hex'));
  return matches([at(ip.source), at(ip.destination)], hosts);
}

/** Whether both have the same two values, in whichever order. */
function matches<T>([a, b]: readonly T[], [c, d]: readonly T[]): boolean {
  return (a === c && b === d) || (a === d && b === c);
}

/** LINKTYPE_LINUX_SLL2 has the interface's index after the protocol and two reserved bytes. */
function interfaceOf({ linkType, bytes }: KeptPacket): number | null {
  if (linkType !== LINKTYPE_LINUX_SLL2 || bytes.length < 8) return null;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}
