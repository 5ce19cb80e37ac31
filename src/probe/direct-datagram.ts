import type { ForeignFunctions } from './foreign-functions.js';
import type { DatagramRequest, DirectDatagram, Opened } from './kernel-figures.js';
import { describeErrno } from './posix-calls.js';
import { decodeRouterError, type RouterError } from './router-error.js';

/** Numbers of Linux's generic headers. */
const AF_INET = 2;
const AF_INET6 = 10;
const MSG_ERRQUEUE = 0x2000;
const MSG_DONTWAIT = 0x40;

/** `struct msghdr` where a pointer has 8 bytes; glibc and musl agree on little-endian machines. */
const MSGHDR_BYTES = 56;
const MSG_CONTROL_AT = 32;
const MSG_CONTROLLEN_AT = 40;

/** One error takes less than 100; more is cut off and marked by the kernel. */
const CONTROL_BYTES = 512;

/** Entries that are read at once: others than a router's report are of no use here. */
const MAX_ENTRIES = 16;

interface DirectCalls {
  /** fills in the bytes of an IP literal; negated `errno` or 0 where it does not */
  parse(family: number, text: string, into: Uint8Array): number;
  /** 0: there is no such interface */
  interfaceIndex(name: string): number;
  connect(fd: number, address: Uint8Array): number;
  send(fd: number, payload: Uint8Array): number;
  /** @returns control bytes of the next entry in `into`; negated `errno` where there is none */
  readError(fd: number, into: Uint8Array): number;
  close(fd: number): void;
}

/**
 * Connects a datagram socket of Linux without Node, which does not tell who sent an ICMP error.
 * Closes the socket where that fails. Never throws.
 */
export function openDirectDatagram(
  functions: ForeignFunctions & { available: true },
  socket: { readonly fd: number; readonly family: DatagramRequest['family'] },
  to: { readonly address: string; readonly port: number },
): Opened<DirectDatagram> {
  const { fd, family } = socket;
  let calls: DirectCalls;
  try {
    calls = bindCalls(functions);
  } catch (error) {
    functions.open(null).bind('int close(int fd)')(fd);
    const says = error instanceof Error ? error.message : '';
    return { kind: 'refused', why: `the C library cannot be called (${says})` };
  }
  const refuse = (why: string): Opened<never> => {
    calls.close(fd);
    return { kind: 'refused', why };
  };
  if (functions.pointerBytes !== 8) {
    return refuse('the error queue of a socket is only read on 64-bit machines');
  }
  const address = socketAddress(calls, family, to);
  if (address === null) return refuse(`not an address of IPv${family} here`);
  const connected = calls.connect(fd, address);
  if (connected < 0) return refuse(`no way to the address: ${describeErrno(connected)}`);
  let open = true;
  const control = new Uint8Array(CONTROL_BYTES);
  return {
    kind: 'opened',
    opened: {
      send: (payload) => {
        if (!open) return 'the socket is closed';
        const sent = calls.send(fd, payload);
        return sent < 0 ? describeErrno(sent) : null;
      },
      routerError: (): RouterError | null => {
        for (let read = 0; open && read < MAX_ENTRIES; read++) {
          const length = calls.readError(fd, control);
          if (length < 0) return null;
          const error = decodeRouterError(control.subarray(0, length));
          if (error !== null) return error;
        }
        return null;
      },
      close: () => {
        if (open) calls.close(fd);
        open = false;
      },
    },
  };
}

/** `struct sockaddr_in` or `struct sockaddr_in6`; null: no literal of that family, or no such zone. */
function socketAddress(
  calls: DirectCalls,
  family: 4 | 6,
  { address, port }: { readonly address: string; readonly port: number },
): Uint8Array | null {
  const bytes = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  const domain = family === 4 ? AF_INET : AF_INET6;
  view.setUint16(0, domain, true);
  view.setUint16(2, port);
  const [literal = '', zone = null] = address.split('%');
  const place = family === 4 ? bytes.subarray(4, 8) : bytes.subarray(8, 24);
  if (calls.parse(domain, literal, place) !== 1) return null;
  if (zone === null) return bytes;
  const index = /^\d+$/.test(zone) ? Number(zone) : calls.interfaceIndex(zone);
  if (family === 4 || index === 0) return null;
  view.setUint32(24, index, true);
  return bytes;
}

/** @throws Error where the C library lacks one of the functions */
function bindCalls(functions: ForeignFunctions & { available: true }): DirectCalls {
  const library = functions.open(null);
  const parse = library.bind('int inet_pton(int family, const char *text, void *address)');
  const index = library.bind('unsigned int if_nametoindex(const char *name)');
  const connect = library.bind('int connect(int fd, const void *address, uint32_t length)');
  const send = library.bind('long send(int fd, const void *bytes, size_t length, int flags)');
  const receive = library.bind('long recvmsg(int fd, void *message, int flags)');
  const close = library.bind('int close(int fd)');
  // What the kernel is told the address of must not move, as memory of JavaScript may.
  const allocate = library.bind('uintptr_t calloc(size_t count, size_t size)');
  const copy = library.bind('void memcpy(void *into, uintptr_t from, size_t length)');
  const free = library.bind('void free(uintptr_t memory)');
  const checked = (result: unknown): number => {
    const number = Number(result);
    return number >= 0 ? number : -functions.errno();
  };
  return {
    parse: (family, text, into) => checked(parse(family, text, into)),
    interfaceIndex: (name) => checked(index(name)),
    connect: (fd, address) => checked(connect(fd, address, address.length)),
    send: (fd, payload) => checked(send(fd, payload, payload.length, MSG_DONTWAIT)),
    close: (fd) => {
      close(fd);
    },
    readError(fd, into) {
      const memory = allocate(1, into.length);
      const header = new Uint8Array(MSGHDR_BYTES);
      const view = new DataView(header.buffer);
      view.setBigUint64(MSG_CONTROL_AT, addressOf(memory), true);
      view.setBigUint64(MSG_CONTROLLEN_AT, BigInt(into.length), true);
      try {
        // No place for the packet itself: its control messages are all that is wanted.
        const result = checked(receive(fd, header, MSG_ERRQUEUE | MSG_DONTWAIT));
        if (result < 0) return result;
        const told = Number(view.getBigUint64(MSG_CONTROLLEN_AT, true));
        const length = Math.min(told, into.length);
        copy(into, memory, length);
        return length;
      } finally {
        free(memory);
      }
    },
  };
}

function addressOf(memory: unknown): bigint {
  // koffi gives numbers where they are exact.
  return typeof memory === 'bigint' ? memory : BigInt(Number(memory));
}
