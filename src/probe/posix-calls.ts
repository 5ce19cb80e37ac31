import { getSystemErrorMap } from 'node:util';
import type { ForeignFunctions } from './foreign-functions.js';

/** Numbers of a system's headers that its calls about sockets need. */
export interface PosixNumbers {
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  /** added to the type; 0 where the system has no such flags */
  readonly socketFlags: number;
  readonly F_DUPFD_CLOEXEC: number;
  readonly SIOCGIFMTU: number;
}

/**
 * Calls of the C library about sockets. Like in libuv, a negative result is the negated `errno`;
 * none of the options that are read here can be negative.
 */
export interface PosixCalls {
  readonly numbers: PosixNumbers;
  socket(domain: number, type: number, protocol: number): number;
  setOption(fd: number, level: number, option: number, value: number): number;
  getOption(fd: number, level: number, option: number): number;
  /** @returns how many bytes of `into` were written */
  getStructure(fd: number, level: number, option: number, into: Uint8Array): number;
  /** A second descriptor of the same socket, which child processes do not inherit. */
  duplicate(fd: number): number;
  close(fd: number): void;
  interfaceMtu(fd: number, name: string): number;
}

/** netdevice(7): the name, NUL included, then a union of at most 24 bytes. */
const IFNAMSIZ = 16;
const IFREQ_BYTES = 40;

const FD_CLOEXEC = 1;
const F_SETFD = 2;

/** @throws Error where the C library lacks one of the functions */
export function openPosixCalls(
  functions: ForeignFunctions & { available: true },
  numbers: PosixNumbers,
): PosixCalls {
  const library = functions.open(null);
  const socket = library.bind('int socket(int domain, int type, int protocol)');
  const setsockopt = library.bind(
    'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  );
  const getsockopt = library.bind(
    'int getsockopt(int fd, int level, int option, void *value, _Inout_ uint32_t *length)',
  );
  const fcntl = library.bind('int fcntl(int fd, int command, ...)');
  const ioctl = library.bind('int ioctl(int fd, unsigned long request, ...)');
  const close = library.bind('int close(int fd)');
  const checked = (result: unknown): number => {
    if (typeof result === 'number' && result >= 0) return result;
    return -functions.errno();
  };
  const word = new Uint8Array(4);
  const view = new DataView(word.buffer);
  return {
    numbers,
    socket(domain, type, protocol) {
      const fd = checked(socket(domain, type | numbers.socketFlags, protocol));
      if (fd >= 0 && numbers.socketFlags === 0) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
      return fd;
    },
    setOption(fd, level, option, value) {
      view.setInt32(0, value, true);
      return checked(setsockopt(fd, level, option, word, word.length));
    },
    getOption(fd, level, option) {
      word.fill(0);
      const result = checked(getsockopt(fd, level, option, word, [word.length]));
      return result < 0 ? result : view.getInt32(0, true);
    },
    getStructure(fd, level, option, into) {
      const length = [into.length];
      const result = checked(getsockopt(fd, level, option, into, length));
      return result < 0 ? result : (length[0] ?? 0);
    },
    duplicate: (fd) => checked(fcntl(fd, numbers.F_DUPFD_CLOEXEC, 'int', 0)),
    close: (fd) => {
      close(fd);
    },
    interfaceMtu(fd, name) {
      const request = new Uint8Array(IFREQ_BYTES);
      const encoded = new TextEncoder().encode(name);
      if (encoded.length >= IFNAMSIZ) return errnoOf('ENODEV');
      request.set(encoded);
      const result = checked(ioctl(fd, numbers.SIOCGIFMTU, 'void *', request));
      return result < 0 ? result : new DataView(request.buffer).getInt32(IFNAMSIZ, true);
    },
  };
}

/** "EINVAL, invalid argument" @param result negated `errno` */
export function describeErrno(result: number): string {
  const [name, says] = getSystemErrorMap().get(result) ?? [`errno ${-result}`, 'no name for it'];
  return `${name}, ${says}`;
}

/** Negated number of an error name on this platform; -1 where it has none. */
export function errnoOf(name: string): number {
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return number;
  return -1;
}
