import type { TcpInfo } from './tcp-info.js';

/** Option bits of `tcpi_options` in linux/tcp.h. */
const TCPI_OPT_TIMESTAMPS = 1;
const TCPI_OPT_SACK = 2;

/** `tcpi_min_rtt` while there is no sample. */
const NO_RTT_YET = 0xffffffff;

/**
 * `struct tcp_info` of linux/tcp.h. Fields were only ever appended, so each is read by its offset
 * and is null where the kernel's structure ends before it.
 *
 * @param bytes what getsockopt returned, host byte order (little endian on all supported platforms)
 */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u8 = (offset: number): number | null =>
    offset < bytes.length ? view.getUint8(offset) : null;
  const u32 = (offset: number): number | null =>
    offset + 4 <= bytes.length ? view.getUint32(offset, true) : null;
  const u64 = (offset: number): number | null =>
    offset + 8 <= bytes.length ? Number(view.getBigUint64(offset, true)) : null;
  const options = u8(5);
  const minRtt = u32(148);
  return {
    state: u8(0),
    rttUs: nonZero(u32(68)),
    minRttUs: minRtt === NO_RTT_YET ? null : nonZero(minRtt),
    retransmissionTimeoutUs: u32(8),
    backoff: u8(4),
    unacknowledged: u32(24),
    sacked: u32(28),
    retransmissions: u32(100),
    spuriousRetransmissions: u32(216),
    bytesSent: u64(200),
    bytesRetransmitted: u64(208),
    bytesAcknowledged: u64(120),
    bytesReceived: u64(128),
    segmentsSent: u32(136),
    segmentsReceived: u32(140),
    dataSegmentsSent: u32(156),
    dataSegmentsReceived: u32(152),
    receivedOutOfOrder: u32(224),
    sendMss: nonZero(u32(16)),
    receiveMss: nonZero(u32(20)),
    advertisedMss: nonZero(u32(84)),
    pathMtu: nonZero(u32(60)),
    congestionWindow: u32(80),
    sendWindow: u32(228),
    timestamps: options === null ? null : (options & TCPI_OPT_TIMESTAMPS) !== 0,
    sackPermitted: options === null ? null : (options & TCPI_OPT_SACK) !== 0,
  };
}

/** Zero stands for "not known yet" in these fields. */
function nonZero(value: number | null): number | null {
  return value === 0 ? null : value;
}
