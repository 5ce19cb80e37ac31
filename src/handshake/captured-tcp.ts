import type { TcpReport } from './handshake.js';
import { strayReset } from './hop-limits.js';
import type { TcpFiguresFact } from './trace.js';

/** The report's `tcp` block from what a capture shows, without how the connection ended. */
export function capturedTcp(figures: TcpFiguresFact): Omit<TcpReport, 'end'> {
  const { client, server } = figures;
  const mtus = figures.icmp.map(({ mtu }) => mtu).filter((mtu) => mtu !== null);
  return {
    rttMs: figures.rttUs === null ? null : figures.rttUs / 1000,
    vantage: figures.vantage,
    mss: { client: client.mss, server: server.mss },
    retransmissions: { client: client.retransmissions, server: server.retransmissions },
    synRetransmissions: client.synRetransmissions,
    spuriousRetransmissions: client.spuriousRetransmissions,
    outOfOrder: client.outOfOrder + server.outOfOrder,
    duplicateAcks: client.duplicateAcks + server.duplicateAcks,
    zeroWindows: client.zeroWindows + server.zeroWindows,
    fragments: { client: client.fragments, server: server.fragments },
    largestSegment: { client: client.largestSegment, server: server.largestSegment },
    icmp: figures.icmp.map(({ type, from, mtu, at }) => ({
      type,
      from,
      mtu,
      atMs: at === null ? null : at / 1000,
    })),
    pathMtu: mtus.length === 0 ? null : Math.min(...mtus),
    strayReset: strayReset(server.hopLimits),
  };
}
