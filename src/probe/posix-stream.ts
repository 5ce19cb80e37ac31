import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Opened, OpenedStream, StreamRequest } from './kernel-figures.js';
import { describeErrno, type PosixCalls } from './posix-calls.js';
import type { TcpInfo } from './tcp-info.js';

export const IPPROTO_TCP = 6;

/** tcp(7); macOS has the same number. */
export const TCP_MAXSEG = 2;

/**
 * Options of Node's own that its types leave out. Without `manualStart` Node reads at once, takes
 * ENOTCONN for the end, and connects another socket later without our options.
 */
interface UnconnectedOptions extends SocketConstructorOpts {
  readonly manualStart: true;
}

/**
 * A TCP socket made by ourselves, so that options are set before the SYN leaves. A second descriptor
 * of it outlives Node's, which is closed before anybody hears of a reset.
 *
 * @param infoOf figures of a descriptor; null: the kernel does not tell
 */
export function openPosixStream(
  calls: PosixCalls,
  { family, mss }: StreamRequest,
  infoOf: (fd: number) => TcpInfo | null,
): Opened<OpenedStream> {
  const { AF_INET, AF_INET6, SOCK_STREAM } = calls.numbers;
  const fd = calls.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  if (fd < 0) return refused(`no TCP socket for IPv${family}: ${describeErrno(fd)}`);
  const why = mss === null ? null : clamp(calls, fd, mss);
  if (why !== null) {
    calls.close(fd);
    return refused(why);
  }
  const second = calls.duplicate(fd);
  if (second < 0) {
    calls.close(fd);
    return refused(`no second descriptor for the socket: ${describeErrno(second)}`);
  }
  const options: UnconnectedOptions = {
    fd,
    manualStart: true,
    readable: true,
    writable: true,
    allowHalfOpen: true,
  };
  let socket: Socket;
  try {
    socket = new Socket(options);
  } catch (error) {
    calls.close(fd);
    calls.close(second);
    return refused(`Node does not take the socket: ${error instanceof Error ? error.message : ''}`);
  }
  let used = false;
  socket.once('connect', () => {
    used = true;
  });
  let open = true;
  return {
    kind: 'opened',
    opened: {
      socket,
      info: () => (open ? infoOf(second) : null),
      release: () => {
        if (!open) return;
        open = false;
        calls.close(second);
        // Nobody else will close a socket that was never used.
        if (!used && !socket.connecting) socket.destroy();
      },
    },
  };
}

/**
 * Sets the MSS of the SYN, and believes only what the kernel says back.
 *
 * @returns null: done; else why not
 */
export function clamp(calls: PosixCalls, fd: number, mss: number): string | null {
  const result = calls.setOption(fd, IPPROTO_TCP, TCP_MAXSEG, mss);
  if (result < 0) return `the kernel refused an MSS of ${mss}: ${describeErrno(result)}`;
  const confirmed = calls.getOption(fd, IPPROTO_TCP, TCP_MAXSEG);
  if (confirmed === mss) return null;
  return confirmed < 0
    ? `the kernel does not confirm an MSS of ${mss}: ${describeErrno(confirmed)}`
    : `the kernel made ${confirmed} of an MSS of ${mss}`;
}

function refused(why: string): Opened<never> {
  return { kind: 'refused', why };
}
