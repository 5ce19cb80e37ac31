import { AnonymousConnection } from './anonymous-connection.js';
import { anonymousLabel } from './anonymous-label.js';
import { type AnonymousPacket, AnonymousPackets } from './anonymous-packets.js';
import { readCapture } from './capture-reader.js';
import { CaptureWriter, PLAIN_INTERFACE } from './capture-writer.js';
import { DisposableKeys } from './disposable-keys.js';
import type { Watch } from './failed-attempt.js';
import { FlowPlaces } from './flow-places.js';
import type { Direction } from './flow-table.js';
import { decodeIcmpError } from './icmp.js';
import { IpHeader, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from './ip.js';
import { FILLER } from './kept-pieces.js';
import { findIp } from './link.js';
import type { Packet } from './packet.js';
import { MAX_LABELS, parseLabel, renderLabel } from './probe-label.js';
import { type CaptureProblem, Problems } from './problems.js';
import { Pseudonyms } from './pseudonyms.js';
import { openCapture, type Progress } from './source.js';
import { TcpHeader } from './tcp.js';

/** [MS-RDPBCGR] 1.9: the port that RDP servers listen on. */
const RDP_PORT = 3389;

/** What is kept of all connections together: some kilobytes for each handshake. */
const MAX_KEPT_BYTES = 128 << 20;

/** Memory of a connection of which nothing is kept. */
const CONNECTION_COST = 1024;

/** Datagrams in pieces whose first one was seen; they come at once or never. */
const MAX_DATAGRAMS = 1024;

/** With the interface of all other packets they are as many as a file may have. */
const MAX_WATCHES = 65_535;

export interface AnonymiseOptions {
  /** replace the file if it is there */
  readonly overwrite: boolean;
  /** where RDP is expected beside 3389 */
  readonly ports: readonly number[];
  /** the program that writes the file */
  readonly application: string;
  /** random bytes: the same key gives the same stand-ins */
  readonly key: Uint8Array;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Anonymised {
  readonly packetsRead: number;
  readonly packetsWritten: number;
  /** connections of which messages were kept, with other names in them */
  readonly connectionsKept: number;
  readonly problems: readonly CaptureProblem[];
}

/**
 * Writes an anonymous copy of a capture. It is read twice: first to find the messages of each
 * connection, then to write its packets with what stands for them. What is not understood is left
 * out or becomes filler; only TCP, and ICMP errors about it, are written.
 *
 * @throws ProbeError CANNOT_READ, CANNOT_WRITE
 */
export async function anonymiseCapture(
  input: string,
  output: string,
  options: AnonymiseOptions,
): Promise<Anonymised> {
  const problems = new Problems();
  const pseudonyms = new Pseudonyms(options.key);
  const { application, overwrite } = options;
  const writer = CaptureWriter.open(output, input, overwrite);
  try {
    const messages = new MessagePass(pseudonyms, options, problems);
    await eachPacket(input, messages, options, problems);
    messages.finish();
    const comment = `made anonymous by ${application}`;
    writer.begin({ application, comment, notes: messages.notes });
    const packets = new PacketPass(pseudonyms, messages, writer, problems);
    const packetsRead = await eachPacket(input, packets, options, null);
    packets.finish();
    const packetsWritten = writer.close();
    const { connectionsKept } = messages;
    return { packetsRead, packetsWritten, connectionsKept, problems: problems.list() };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

async function eachPacket(
  input: string,
  pass: Pass,
  { signal, onProgress }: AnonymiseOptions,
  problems: Problems | null,
): Promise<number> {
  const source = await openCapture(input);
  const reader = await readCapture(
    source,
    {
      start: (startedAtNs) => {
        pass.startedAtNs = startedAtNs;
      },
      packet: (packet) => pass.packet(packet),
      watched: (interfaceNumber, until, attempt) =>
        pass.watched(interfaceNumber, { until, attempt }),
      note: (text) => pass.note(text),
      keyLog: () => {},
      problem: (says, packet) => problems?.add(says, packet ?? null),
    },
    () => {
      signal?.throwIfAborted();
      onProgress?.(source.progress());
    },
  );
  return reader.packets;
}

/** A datagram whose first fragment was seen: where the payload of the others belongs. */
interface Datagram {
  readonly connection: number;
  readonly direction: Direction;
  /** offset in the stream of the byte behind the TCP header */
  readonly offset: number;
  readonly headerBytes: number;
}

/** What both passes do with a packet: find the TCP payload in it and where that belongs. */
abstract class Pass {
  startedAtNs = 0n;
  protected readonly ip = new IpHeader();
  protected readonly quoted = new IpHeader();
  protected readonly tcp = new TcpHeader();
  readonly #places = new FlowPlaces();
  readonly #datagrams = new Map<string, Datagram>();

  packet(packet: Packet): void {
    const { view, start, end } = packet;
    const ipStart = findIp(packet.linkType, view, start, end);
    if (ipStart < 0) return;
    const { ip } = this;
    const outcome = ip.decode(view, ipStart, end, start + packet.originalLength);
    if (outcome === 'not-ip') return;
    if (outcome === 'fragment' && ip.fragmentOffset > 0) {
      const datagram = this.#datagrams.get(this.#datagramName(packet));
      if (datagram !== undefined) this.laterFragment(packet, datagram);
      return;
    }
    if (ip.protocol === PROTOCOL_ICMP || ip.protocol === PROTOCOL_ICMPV6) {
      if (outcome === 'whole') this.other(packet);
      return;
    }
    if (ip.protocol !== PROTOCOL_TCP) return;
    const { tcp } = this;
    if (!tcp.decode(view, ip.payloadStart, ip.payloadEnd, ip.payloadLength)) return;
    const { connection, direction, offset } = this.#places.find(view, ip, tcp);
    if (outcome === 'fragment') {
      if (this.#datagrams.size >= MAX_DATAGRAMS) this.#datagrams.clear();
      const headerBytes = ip.payloadLength - tcp.length;
      const name = this.#datagramName(packet);
      this.#datagrams.set(name, { connection, direction, offset, headerBytes });
    }
    this.segment(packet, connection, direction, offset);
  }

  #datagramName({ bytes }: Packet): string {
    const { source, addressBytes, identification } = this.ip;
    const ends = bytes.subarray(source, source + 2 * addressBytes);
    return `${Buffer.from(ends).toString('latin1')} ${identification}`;
  }

  /** @param offset of the payload's first byte in the stream of its direction */
  protected abstract segment(
    packet: Packet,
    connection: number,
    direction: Direction,
    offset: number,
  ): void;

  protected abstract laterFragment(packet: Packet, datagram: Datagram): void;

  protected abstract other(packet: Packet): void;

  /** Until when packets were looked for on an interface. */
  abstract watched(interfaceNumber: number, watch: Watch): void;

  /** A comment of our own on the section. */
  abstract note(text: string): void;
}

/** Reads the messages of all connections, and keeps what stands for them. */
class MessagePass extends Pass {
  readonly #cast: ConstructorParameters<typeof AnonymousConnection>[0];
  /** where RDP is expected */
  readonly #ports: Set<number>;
  readonly #problems: Problems;
  readonly #connections = new Map<number, AnonymousConnection>();
  /** by interface; it stands behind the packets, and their interface is described before them */
  readonly watches = new Map<number, Watch>();
  /** what our own probe says of its connections, with other names */
  readonly notes: string[] = [];
  #cost = 0;

  constructor(pseudonyms: Pseudonyms, { ports }: AnonymiseOptions, problems: Problems) {
    super();
    this.#cast = { pseudonyms, keys: new DisposableKeys(), remembered: new Map() };
    this.#ports = new Set([RDP_PORT, ...ports]);
    this.#problems = problems;
  }

  get connectionsKept(): number {
    return [...this.#connections.values()].filter(({ keepsMessages }) => keepsMessages).length;
  }

  protected segment(
    { bytes, number }: Packet,
    connection: number,
    direction: Direction,
    offset: number,
  ): void {
    const { tcp } = this;
    this.#take(connection, direction, offset, bytes.subarray(tcp.payloadStart, tcp.payloadEnd), {
      isRdpPort: this.#ports.has(tcp.sourcePort) || this.#ports.has(tcp.destinationPort),
      number,
    });
  }

  protected laterFragment({ bytes, number }: Packet, datagram: Datagram): void {
    const { connection, direction, offset, headerBytes } = datagram;
    const { ip } = this;
    const payload = bytes.subarray(ip.payloadStart, ip.payloadEnd);
    const start = offset + ip.fragmentOffset - headerBytes;
    this.#take(connection, direction, start, payload, { isRdpPort: false, number });
  }

  protected other(): void {}

  override note(text: string): void {
    const label = parseLabel(text);
    if (label === null || this.notes.length >= MAX_LABELS) return;
    if (label.server.port !== null) this.#ports.add(label.server.port);
    const anonymous = anonymousLabel(label, this.#cast.pseudonyms);
    if (anonymous !== null) this.notes.push(renderLabel(anonymous));
  }

  override watched(interfaceNumber: number, watch: Watch): void {
    if (this.watches.size < MAX_WATCHES) this.watches.set(interfaceNumber, watch);
  }

  #take(
    number: number,
    direction: Direction,
    offset: number,
    payload: Uint8Array,
    packet: { readonly isRdpPort: boolean; readonly number: number },
  ): void {
    if (payload.length === 0) return;
    let connection = this.#connections.get(number);
    if (connection === undefined) {
      if (this.#cost > MAX_KEPT_BYTES) {
        this.#problems.add(
          'too many connections for the memory: the payload of the later ones became filler',
          packet.number,
        );
        return;
      }
      connection = new AnonymousConnection(this.#cast, packet.isRdpPort);
      this.#connections.set(number, connection);
      this.#cost += CONNECTION_COST;
    }
    const before = connection.cost;
    connection.segment(direction, offset, payload);
    this.#cost += connection.cost - before;
    if (this.#cost > 2 * MAX_KEPT_BYTES) this.finish();
  }

  /** Nothing more is read of the connections so far. */
  finish(): void {
    for (const connection of this.#connections.values()) connection.finish();
    this.#cost = 0;
    for (const { cost } of this.#connections.values()) this.#cost += cost + CONNECTION_COST;
  }

  /** What stands for a stretch of a stream. */
  render(connection: number, direction: Direction, offset: number, length: number): Uint8Array {
    return (
      this.#connections.get(connection)?.render(direction, offset, length) ??
      new Uint8Array(length).fill(FILLER)
    );
  }
}

/** Writes the packets with what stands for their payload. */
class PacketPass extends Pass {
  readonly #messages: MessagePass;
  readonly #packets: AnonymousPackets;
  readonly #writer: CaptureWriter;
  readonly #problems: Problems;
  /** of the copy, by that of the original: those of which is known until when they were watched */
  readonly #interfaces = new Map<number, number>();

  constructor(
    pseudonyms: Pseudonyms,
    messages: MessagePass,
    writer: CaptureWriter,
    problems: Problems,
  ) {
    super();
    this.#messages = messages;
    this.#packets = new AnonymousPackets(pseudonyms);
    this.#writer = writer;
    this.#problems = problems;
  }

  protected segment(
    packet: Packet,
    connection: number,
    direction: Direction,
    offset: number,
  ): void {
    const { ip, tcp } = this;
    const length = Math.min(tcp.payloadEnd - tcp.payloadStart, tcp.length);
    const payload = this.#messages.render(connection, direction, offset, length);
    this.#write(packet, this.#packets.tcp(packet, ip, tcp, payload));
  }

  protected laterFragment(packet: Packet, datagram: Datagram): void {
    const { connection, direction, offset, headerBytes } = datagram;
    const { ip } = this;
    const start = offset + ip.fragmentOffset - headerBytes;
    const length = ip.payloadEnd - ip.payloadStart;
    const payload = this.#messages.render(connection, direction, start, length);
    this.#write(packet, this.#packets.fragment(packet, ip, payload));
  }

  protected other(packet: Packet): void {
    const { ip, quoted } = this;
    const error = decodeIcmpError(ip, quoted, packet);
    if (error !== null) this.#write(packet, this.#packets.icmp(packet, ip, error, quoted));
  }

  #write(packet: Packet, anonymous: AnonymousPacket | null): void {
    if (anonymous === null) {
      this.#problems.add('more addresses than there are for examples: packets were left out');
      return;
    }
    const { bytes, originalLength } = anonymous;
    const id = this.#interfaceOf(packet);
    // A packet without a time is put where the file starts.
    const at = Number.isNaN(packet.at) ? 0 : packet.at;
    this.#writer.packet(id, this.#instantOf(at), bytes, originalLength);
  }

  #interfaceOf({ interfaceNumber }: Packet): number {
    if (!this.#messages.watches.has(interfaceNumber)) return PLAIN_INTERFACE;
    const known = this.#interfaces.get(interfaceNumber);
    if (known !== undefined) return known;
    const id = this.#writer.addInterface();
    this.#interfaces.set(interfaceNumber, id);
    return id;
  }

  /** Nanoseconds since 1970 UTC. */
  #instantOf(at: number): bigint {
    return this.startedAtNs + BigInt(Math.round(at));
  }

  /** The first pass has them already. */
  override watched(): void {}
  override note(): void {}

  /** The packets are written: tells of the attempts among them how they ended. */
  finish(): void {
    for (const [interfaceNumber, id] of this.#interfaces) {
      const watch = this.#messages.watches.get(interfaceNumber);
      if (watch !== undefined) {
        this.#writer.watched(id, this.#instantOf(watch.until), watch.attempt);
      }
    }
  }
}
