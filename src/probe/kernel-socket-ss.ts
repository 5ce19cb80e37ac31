import { Socket } from 'node:net';
import {
  type KernelAbility,
  type KernelFigures,
  type KernelSockets,
  kernelFiguresOf,
  type Opened,
  type OpenedStream,
  type StreamRequest,
} from './kernel-figures.js';
import { runSs } from './ss-command.js';
import { parseSocketStatistics } from './ss-output.js';
import type { TcpInfo } from './tcp-info.js';

/**
 * Linux without foreign functions: figures from the command `ss`. Each reading starts a process and
 * waits for it (3 to 40 ms were seen), so no time that is measured may have one in it.
 *
 * @param why there are no foreign functions
 */
export function openSsSockets(why: string, run: typeof runSs = runSs): KernelSockets {
  if (run(['-V']) === null) return { available: false, why: `${why}; nor is there the command ss` };
  return new SsSockets(why, run);
}

class SsSockets {
  readonly available = true;
  readonly slow = true;
  readonly abilities: Readonly<Record<KernelAbility, string>>;
  readonly #why: string;
  readonly #run: typeof runSs;

  constructor(why: string, run: typeof runSs) {
    this.#why = why;
    this.#run = run;
    this.abilities = {
      'clamp-mss': why,
      'figures-after-end': why,
      'interface-mtu': why,
      'udp-dont-fragment': why,
      'icmp-socket': why,
    };
  }

  read(socket: Socket): KernelFigures | null {
    const info = this.#infoOf(socket);
    return info === null ? null : kernelFiguresOf(info);
  }

  openStream({ mss }: StreamRequest): Opened<OpenedStream> {
    if (mss !== null) return { kind: 'refused', why: this.#why };
    const socket = new Socket({ allowHalfOpen: true });
    let open = true;
    const opened: OpenedStream = {
      socket,
      info: () => (open ? this.#infoOf(socket) : null),
      release: () => {
        open = false;
        if (socket.pending && !socket.connecting) socket.destroy();
      },
    };
    return { kind: 'opened', opened };
  }

  openDatagram(): Opened<never> {
    return { kind: 'refused', why: this.#why };
  }

  interfaceMtu(): null {
    return null;
  }

  /** The ports tell the socket, but for another with both of them between other addresses. */
  #infoOf({ localPort, remotePort }: Socket): TcpInfo | null {
    if (localPort === undefined || remotePort === undefined) return null;
    const filter = ['sport', '=', `:${localPort}`, 'and', 'dport', '=', `:${remotePort}`];
    const output = this.#run(['-tinoH', ...filter]);
    return output === null ? null : parseSocketStatistics(output);
  }
}
