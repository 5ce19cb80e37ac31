import { NOTHING_KNOWN, type TcpInfo } from './tcp-info.js';

/**
 * TCP_INFO_v0 of mstcpip.h, which SIO_TCP_INFO returns from Windows 10 1703 and Server 2016 on, with
 * the alignment of the Windows ABI; this was not run on Windows.
 */
export const TCP_INFO_V0_BYTES = 88;

/** @param bytes what WSAIoctl returned, little endian */
export function decodeTcpInfoV0(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u8 = (offset: number): number | null => bytes[offset] ?? null;
  const u32 = (offset: number): number | null =>
    offset + 4 <= bytes.length ? view.getUint32(offset, true) : null;
  const u64 = (offset: number): number | null =>
    offset + 8 <= bytes.length ? Number(view.getBigUint64(offset, true)) : null;
  const mss = nonZero(u32(4));
  const timestamps = u8(16);
  const inFlight = u32(28);
  const window = u32(32);
  const bytesRetransmitted = u32(68);
  return {
    ...NOTHING_KNOWN,
    state: u32(0),
    rttUs: nonZero(u32(20)),
    minRttUs: nonZero(u32(24)),
    // So many at the least: the system counts bytes.
    unacknowledged: segments(inFlight, mss, Math.ceil),
    // Data that was sent again is counted in bytes, so the number is known only without any.
    retransmissions: bytesRetransmitted === 0 ? u8(84) : null,
    bytesSent: u64(48),
    bytesRetransmitted,
    bytesReceived: u64(56),
    sendMss: mss,
    congestionWindow: segments(window, mss, Math.floor),
    sendWindow: u32(36),
    timestamps: timestamps === null ? null : timestamps !== 0,
  };
}

function segments(
  bytes: number | null,
  mss: number | null,
  round: (value: number) => number,
): number | null {
  if (bytes === 0) return 0;
  return bytes === null || mss === null ? null : round(bytes / mss);
}

function nonZero(value: number | null): number | null {
  return value === 0 ? null : value;
}
