import { NOTHING_KNOWN, type TcpInfo } from './tcp-info.js';

/** TCPS_LISTEN of netinet/tcp_fsm.h: up to this state the kernel leaves the structure empty. */
const TCPS_LISTEN = 1;

/** TCPCI_OPT_TIMESTAMPS, TCPCI_OPT_SACK of netinet/tcp.h. */
const TIMESTAMPS = 1;
const SACK = 2;

/**
 * `struct tcp_connection_info` of netinet/tcp.h on macOS, as its published header and kernel source
 * have it; this was not run on macOS. Round trips are in whole milliseconds there, so one of less
 * cannot be told from none, and is null.
 *
 * @param bytes what getsockopt returned, little endian
 */
export function decodeTcpConnectionInfo(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number): number | null =>
    offset + 4 <= bytes.length ? view.getUint32(offset, true) : null;
  const u64 = (offset: number): number | null =>
    offset + 8 <= bytes.length ? Number(view.getBigUint64(offset, true)) : null;
  const state = bytes[0] ?? null;
  if (state === null || state <= TCPS_LISTEN) return { ...NOTHING_KNOWN, state };
  const options = u32(4);
  const mss = nonZero(u32(16));
  const window = u32(24);
  return {
    ...NOTHING_KNOWN,
    state,
    rttUs: microseconds(u32(44)),
    retransmissionTimeoutUs: microseconds(u32(12)),
    // The kernel counts the bytes of the send buffer: none of them is a certain answer.
    unacknowledged: zeroOnly(u32(32)),
    retransmissions: u64(104),
    bytesSent: u64(64),
    bytesRetransmitted: u64(72),
    bytesReceived: u64(88),
    // The kernel counts bytes, not packets.
    receivedOutOfOrder: zeroOnly(u64(96)),
    sendMss: mss,
    congestionWindow: mss === null || window === null ? null : Math.floor(window / mss),
    sendWindow: u32(28),
    timestamps: options === null ? null : (options & TIMESTAMPS) !== 0,
    sackPermitted: options === null ? null : (options & SACK) !== 0,
  };
}

function nonZero(value: number | null): number | null {
  return value === 0 ? null : value;
}

function zeroOnly(value: number | null): 0 | null {
  return value === 0 ? 0 : null;
}

function microseconds(milliseconds: number | null): number | null {
  return milliseconds === null || milliseconds === 0 ? null : milliseconds * 1000;
}
