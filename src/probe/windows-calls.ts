import type { ForeignFunctions } from './foreign-functions.js';
import type { Opened } from './kernel-figures.js';

/** Calls of Windows Sockets, on SOCKET numbers. */
export interface WindowsCalls {
  socket(family: 4 | 6): Opened<number>;
  /** @returns null: done, and confirmed; else why not */
  clamp(socket: number, mss: number): string | null;
  /** @returns how many bytes of `into` were written; null: the system does not tell */
  tcpInfo(socket: number, into: Uint8Array): number | null;
  close(socket: number): void;
}

/** winsock2.h, ws2ipdef.h, mstcpip.h. */
const AF_INET = 2;
const AF_INET6 = 23;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_MAXSEG = 4;
const WSA_FLAG_OVERLAPPED = 0x01;
const WSA_FLAG_NO_HANDLE_INHERIT = 0x80;
const SIO_TCP_INFO = 0xd8000027;

/** SOCKET numbers are small; INVALID_SOCKET is all ones and no safe integer. */
function socketNumber(value: unknown): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** @throws Error where ws2_32.dll lacks one of the functions, which no Windows does */
export function openWindowsCalls(functions: ForeignFunctions & { available: true }): WindowsCalls {
  const library = functions.open('ws2_32.dll');
  const wsaSocket = library.bind(
    'uintptr_t __stdcall WSASocketW(int family, int type, int protocol, void *info, uint32_t group, uint32_t flags)',
  );
  const setsockopt = library.bind(
    'int __stdcall setsockopt(uintptr_t socket, int level, int option, const void *value, int length)',
  );
  const getsockopt = library.bind(
    'int __stdcall getsockopt(uintptr_t socket, int level, int option, void *value, _Inout_ int *length)',
  );
  const wsaIoctl = library.bind(
    'int __stdcall WSAIoctl(uintptr_t socket, uint32_t code, const void *input, uint32_t inputLength, void *output, uint32_t outputLength, _Out_ uint32_t *returned, void *overlapped, void *completion)',
  );
  const closesocket = library.bind('int __stdcall closesocket(uintptr_t socket)');
  const lastError = library.bind('int __stdcall WSAGetLastError()');
  const failure = (what: string): string => `${what}: error ${String(lastError())}`;
  const word = new Uint8Array(4);
  const view = new DataView(word.buffer);
  return {
    socket(family) {
      const made = wsaSocket(
        family === 4 ? AF_INET : AF_INET6,
        SOCK_STREAM,
        IPPROTO_TCP,
        null,
        0,
        WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT,
      );
      const number = socketNumber(made);
      return number === null
        ? { kind: 'refused', why: failure(`no TCP socket for IPv${family}`) }
        : { kind: 'opened', opened: number };
    },
    clamp(socket, mss) {
      view.setUint32(0, mss, true);
      if (setsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, word, word.length) !== 0) {
        return failure(`Windows refused an MSS of ${mss}`);
      }
      word.fill(0);
      if (getsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, word, [word.length]) !== 0) {
        return failure(`Windows does not confirm an MSS of ${mss}`);
      }
      const confirmed = view.getUint32(0, true);
      return confirmed === mss ? null : `Windows made ${confirmed} of an MSS of ${mss}`;
    },
    tcpInfo(socket, into) {
      // The version of the structure that is asked for: 0.
      view.setUint32(0, 0, true);
      const returned = [0];
      const result = wsaIoctl(
        socket,
        SIO_TCP_INFO,
        word,
        word.length,
        into,
        into.length,
        returned,
        null,
        null,
      );
      return result === 0 ? (returned[0] ?? 0) : null;
    },
    close: (socket) => {
      closesocket(socket);
    },
  };
}
