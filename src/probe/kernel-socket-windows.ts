import { Socket, type SocketConstructorOpts } from 'node:net';
import type { ForeignFunctions } from './foreign-functions.js';
import {
  type KernelAbility,
  type KernelFigures,
  type KernelSockets,
  kernelFiguresOf,
  type Opened,
  type OpenedStream,
  type StreamRequest,
} from './kernel-figures.js';
import type { TcpInfo } from './tcp-info.js';
import { decodeTcpInfoV0, TCP_INFO_V0_BYTES } from './tcp-info-windows.js';
import { openWindowsCalls, type WindowsCalls } from './windows-calls.js';

const DATAGRAMS = 'Node takes no datagram socket that was opened for it on Windows';

const ABILITIES: Readonly<Record<Exclude<KernelAbility, 'clamp-mss'>, string>> = {
  'figures-after-end': 'Windows tells nothing of a socket that is closed',
  'interface-mtu': 'the MTU of interfaces is not asked for on Windows',
  'udp-dont-fragment': DATAGRAMS,
  'icmp-socket': DATAGRAMS,
};

/** An MSS that suits any path, RFC 9293 3.7.1. */
const HARMLESS_MSS = 536;

/**
 * Windows Sockets, written from their documentation and not run on Windows. Node hides the sockets
 * that it makes, so figures are to be had only of those that are made here.
 */
export function openWindowsSockets(functions: ForeignFunctions): KernelSockets {
  if (!functions.available) return functions;
  try {
    return new WindowsSockets(openWindowsCalls(functions));
  } catch (error) {
    const says = error instanceof Error ? error.message : '';
    return { available: false, why: `Windows Sockets cannot be called (${says})` };
  }
}

class WindowsSockets {
  readonly available = true;
  readonly ownStreamsOnly = true;
  readonly #calls: WindowsCalls;
  readonly #opened = new WeakMap<Socket, OpenedStream>();
  #abilities: Readonly<Record<KernelAbility, string | null>> | null = null;

  constructor(calls: WindowsCalls) {
    this.#calls = calls;
  }

  get abilities(): Readonly<Record<KernelAbility, string | null>> {
    this.#abilities ??= { ...ABILITIES, 'clamp-mss': this.#tryClamp() };
    return this.#abilities;
  }

  read(socket: Socket): KernelFigures | null {
    const info = this.#opened.get(socket)?.info() ?? null;
    return info === null ? null : kernelFiguresOf(info);
  }

  openStream({ family, mss }: StreamRequest): Opened<OpenedStream> {
    const unable = mss === null ? null : this.abilities['clamp-mss'];
    if (unable !== null) return { kind: 'refused', why: unable };
    const made = this.#calls.socket(family);
    if (made.kind === 'refused') return made;
    const number = made.opened;
    const why = mss === null ? null : this.#calls.clamp(number, mss);
    if (why !== null) {
      this.#calls.close(number);
      return { kind: 'refused', why };
    }
    let socket: Socket;
    try {
      socket = adopt(number);
    } catch (error) {
      this.#calls.close(number);
      const says = error instanceof Error ? error.message : '';
      return { kind: 'refused', why: `Node does not take the socket: ${says}` };
    }
    const opened = this.#stream(socket, number);
    this.#opened.set(socket, opened);
    return { kind: 'opened', opened };
  }

  openDatagram(): Opened<never> {
    return { kind: 'refused', why: DATAGRAMS };
  }

  interfaceMtu(): null {
    return null;
  }

  #stream(socket: Socket, number: number): OpenedStream {
    let used = false;
    socket.once('connect', () => {
      used = true;
    });
    let open = true;
    return {
      socket,
      // A number that Node has closed belongs to whatever is opened next.
      info: () => (open && !socket.destroyed ? this.#infoOf(number) : null),
      release: () => {
        if (!open) return;
        open = false;
        if (!used && !socket.connecting) socket.destroy();
      },
    };
  }

  #infoOf(number: number): TcpInfo | null {
    const into = new Uint8Array(TCP_INFO_V0_BYTES);
    const length = this.#calls.tcpInfo(number, into);
    return length === null ? null : decodeTcpInfoV0(into.subarray(0, length));
  }

  #tryClamp(): string | null {
    const made = this.#calls.socket(4);
    if (made.kind === 'refused') return made.why;
    const why = this.#calls.clamp(made.opened, HARMLESS_MSS);
    this.#calls.close(made.opened);
    return why;
  }
}

/** What Node calls a TCP handle; there is no public way to one. */
interface TcpHandle {
  open(socket: number): number;
}

interface HandleOptions extends SocketConstructorOpts {
  readonly handle: TcpHandle;
  readonly manualStart: true;
}

/** @throws Error where Node does not take it */
function adopt(number: number): Socket {
  const handle = newHandle();
  const result = handle.open(number);
  if (result !== 0) throw new Error(`error ${result}`);
  const options: HandleOptions = {
    handle,
    manualStart: true,
    readable: true,
    writable: true,
    allowHalfOpen: true,
  };
  return new Socket(options);
}

/** `new Socket({ fd })` is for C file descriptors on Windows, so it takes a handle of Node's own. */
function newHandle(): TcpHandle {
  const scout = new Socket();
  // Makes a handle at once and would connect in the next turn, which never comes for it.
  scout.connect({ host: '127.0.0.1', port: 9, autoSelectFamily: false });
  const found: unknown = Reflect.get(scout, '_handle');
  scout.destroy();
  if (typeof found !== 'object' || found === null) throw new Error('no handle to learn from');
  const made: unknown = Reflect.construct(found.constructor, [0]);
  if (!isTcpHandle(made)) throw new Error('a handle without open()');
  return made;
}

function isTcpHandle(value: unknown): value is TcpHandle {
  return typeof value === 'object' && value !== null && 'open' in value;
}
