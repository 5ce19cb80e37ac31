import type { Socket } from 'node:net';
import { descriptorOf, type KernelFigures, type KernelSockets } from './kernel-figures.js';

/** tcp(7): level and option of getsockopt for `struct tcp_info`. */
const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** More than any kernel returns today (280 bytes in 6.18); the structure only ever grows. */
const TCP_INFO_BYTES = 512;

/** TCP_MSS_DEFAULT of net/tcp.h: what the kernel takes for the peer's segment size at first. */
const RECEIVED_MSS_GUESS = 536;

/** Option bits of `tcpi_options` in linux/tcp.h. */
const TCPI_OPT_TIMESTAMPS = 1;

/** RFC 7323: the timestamps option takes this much of every segment. */
const TIMESTAMP_OPTION_BYTES = 12;

type GetSockOpt = (
  fd: number,
  level: number,
  option: number,
  value: Uint8Array,
  length: number[],
) => number;

/** Opens `getsockopt` of the C library in this process through koffi, if it is installed. */
export async function openLinuxSockets(): Promise<KernelSockets> {
  let getsockopt: GetSockOpt;
  try {
    const { default: koffi } = await import('koffi');
    getsockopt = koffi
      .load(null)
      .func(
        'int getsockopt(int fd, int level, int option, void *value, _Inout_ uint32_t *length)',
      ) as GetSockOpt;
  } catch {
    return {
      available: false,
      why: 'the optional package koffi is not installed, so the kernel cannot be asked',
    };
  }
  const buffer = new Uint8Array(TCP_INFO_BYTES);
  return {
    available: true,
    read(socket: Socket): KernelFigures | null {
      const fd = descriptorOf(socket);
      if (fd === null) return null;
      const length = [buffer.length];
      if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, buffer, length) !== 0) return null;
      return decodeTcpInfo(buffer.subarray(0, length[0] ?? 0));
    },
  };
}

/**
 * `struct tcp_info` of linux/tcp.h. Fields were only ever appended, so each is read by its offset
 * and is null where the kernel's structure ends before it. Segment sizes are as on the wire: the
 * kernel leaves the timestamps option out of its own, so that is added back.
 *
 * @param bytes what getsockopt returned, host byte order (little endian on all supported platforms)
 */
export function decodeTcpInfo(bytes: Uint8Array): KernelFigures {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number): number | null =>
    offset + 4 <= bytes.length ? view.getUint32(offset, true) : null;
  const u8 = (offset: number): number | null =>
    offset < bytes.length ? view.getUint8(offset) : null;
  const options = u8(5);
  const timestamps = options === null ? null : (options & TCPI_OPT_TIMESTAMPS) !== 0;
  const advertised = (mss: number | null): number | null =>
    mss === null || mss === 0 ? null : mss + (timestamps ? TIMESTAMP_OPTION_BYTES : 0);
  const nonZero = (value: number | null): number | null => (value === 0 ? null : value);
  const minRtt = u32(148);
  const sendMss = u32(16);
  const sendWindow = u32(228);
  // The kernel sends no segment larger than half the peer's window; then it is not the peer's MSS.
  const boundByWindow = sendMss !== null && sendWindow !== null && sendMss === sendWindow >>> 1;
  const receivedMss = u32(20);
  return {
    rttUs: nonZero(u32(68)),
    // The kernel's "no sample yet" is all ones.
    minRttUs: minRtt === 0xffffffff ? null : nonZero(minRtt),
    retransmissions: u32(100),
    spuriousRetransmissions: u32(216),
    // Starts as a guess and only grows, with the payload of what really came.
    largestReceived: receivedMss !== null && receivedMss > RECEIVED_MSS_GUESS ? receivedMss : null,
    clientMss: advertised(u32(84)),
    serverMss: boundByWindow ? null : advertised(sendMss),
    pathMtu: nonZero(u32(60)),
    receivedOutOfOrder: u32(224),
    unacknowledged: u32(24),
    backoff: u8(4),
    timestamps,
  };
}
