import t from 'tap';
import { kernelFiguresOf } from '../../src/probe/kernel-figures.js';
import { clampState, type TcpInfo } from '../../src/probe/tcp-info.js';
import { decodeTcpInfo } from '../../src/probe/tcp-info-linux.js';
import { fromHex } from '../../src/wire/hex.js';

/** getsockopt(TCP_INFO) of Linux 6.18 on a loopback connection, just after connect. */
const AT_CONNECT = fromHex(`
  01 00 00 00 00 07 aa 01  400d0300 00000000   ; state .. backoff 0 options ts|sack|wscale, rto, ato
  e57f0000 18020000                            ; snd_mss 32741, rcv_mss 536
  0000000000000000000000000000000000000000     ; unacked, sacked, lost, retrans, fackets
  04000000 00000000 04000000 04000000          ; last data sent .. ack received
  ffff0000 d7ff0000                            ; pmtu 65535, rcv_ssthresh
  21000000 10000000                            ; rtt 33 us, rttvar
  ffffff7f 0a000000 cbff0000 03000000          ; ssthresh, cwnd, advmss 65483, reordering
  00000000 d7ff0000 00000000                   ; rcv_rtt, rcv_space, total_retrans 0
  edf30a9a06000000 ffffffffffffffff            ; pacing
  0100000000000000 0000000000000000            ; bytes_acked, bytes_received
  02000000 01000000 00000000 21000000          ; segs_out, segs_in, notsent, min_rtt 33 us
  00000000 00000000 0000000000000000           ; data_segs in, out; delivery rate
  0000000000000000 0000000000000000 0000000000000000
  01000000 00000000 0000000000000000 0000000000000000
  00000000 00000000 00000000 cbff0000          ; dsack_dups 0, reord, ooopack 0, snd_wnd 65483
`);

t.test('struct tcp_info is read by offset', (t) => {
  t.strictSame(kernelFiguresOf(decodeTcpInfo(AT_CONNECT)), {
    rttUs: 33,
    minRttUs: 33,
    retransmissions: 0,
    spuriousRetransmissions: 0,
    largestReceived: null,
    clientMss: 65495,
    serverMss: null,
    pathMtu: 65535,
    receivedOutOfOrder: 0,
    unacknowledged: 0,
    backoff: 0,
    timestamps: true,
  });
  t.end();
});

t.test('a MSS is the peer’s only where its window does not bound it', (t) => {
  const info = Uint8Array.from(AT_CONNECT);
  const view = new DataView(info.buffer);
  view.setUint32(16, 1448, true);
  view.setUint32(84, 1448, true);
  view.setUint32(20, 1302, true);
  view.setUint32(228, 64240, true);
  t.match(kernelFiguresOf(decodeTcpInfo(info)), {
    clientMss: 1460,
    serverMss: 1460,
    largestReceived: 1302,
  });
  view.setUint8(5, 0);
  t.match(kernelFiguresOf(decodeTcpInfo(info)), {
    clientMss: 1448,
    serverMss: 1448,
    timestamps: false,
  });
  t.end();
});

t.test('an older kernel ends the structure earlier: those fields are null, never guessed', (t) => {
  for (let length = 0; length <= AT_CONNECT.length; length++) {
    const figures = kernelFiguresOf(decodeTcpInfo(AT_CONNECT.subarray(0, length)));
    t.equal(figures.rttUs, length >= 72 ? 33 : null);
    t.equal(figures.minRttUs, length >= 152 ? 33 : null);
    t.equal(figures.retransmissions, length >= 104 ? 0 : null);
    t.equal(figures.receivedOutOfOrder, length >= 228 ? 0 : null);
  }
  t.end();
});

/** Where each field of TcpInfo ends in the structure, from linux/tcp.h. */
const ENDS: Readonly<Record<keyof TcpInfo, number>> = {
  state: 1,
  backoff: 5,
  timestamps: 6,
  sackPermitted: 6,
  retransmissionTimeoutUs: 12,
  sendMss: 20,
  receiveMss: 24,
  unacknowledged: 28,
  sacked: 32,
  pathMtu: 64,
  rttUs: 72,
  congestionWindow: 84,
  advertisedMss: 88,
  retransmissions: 104,
  bytesAcknowledged: 128,
  bytesReceived: 136,
  segmentsSent: 140,
  segmentsReceived: 144,
  minRttUs: 152,
  dataSegmentsReceived: 156,
  dataSegmentsSent: 160,
  bytesSent: 208,
  bytesRetransmitted: 216,
  spuriousRetransmissions: 220,
  receivedOutOfOrder: 228,
  sendWindow: 232,
};

t.test('each field is told from the length on that holds it, and is the same at any more', (t) => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 7 + 3) & 0xff);
  const whole = decodeTcpInfo(bytes);
  for (let length = 0; length <= bytes.length; length++) {
    const info = decodeTcpInfo(bytes.subarray(0, length));
    for (const [field, end] of Object.entries(ENDS)) {
      const value = Reflect.get(info, field);
      const expected = length >= end ? Reflect.get(whole, field) : null;
      if (value !== expected) t.fail(`${field} of ${length} bytes is ${value}`);
    }
  }
  t.notOk(Object.values(whole).includes(null), 'these bytes fill every field');
  t.end();
});

t.test('64-bit counters and no sample of the RTT', (t) => {
  const bytes = Uint8Array.from(AT_CONNECT);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(200, 0x1_0000_0007n, true);
  view.setUint32(148, 0xffffffff, true);
  view.setUint32(68, 0, true);
  t.match(decodeTcpInfo(bytes), { bytesSent: 4294967303, minRttUs: null, rttUs: null });
  t.end();
});

t.test('whether a clamp is the connection’s', (t) => {
  const at = (mss: number, timestamps: boolean, segmentsSent = 2): TcpInfo => {
    const bytes = Uint8Array.from(AT_CONNECT);
    const view = new DataView(bytes.buffer);
    view.setUint32(84, mss, true);
    view.setUint8(5, timestamps ? 7 : 6);
    view.setUint32(136, segmentsSent, true);
    return decodeTcpInfo(bytes);
  };
  t.equal(clampState(at(1188, true), 1200), 'held');
  t.equal(clampState(at(1200, false), 1200), 'held');
  t.equal(clampState(at(1189, true), 1200), 'lost');
  t.equal(clampState(at(65483, true), 1200), 'lost');
  t.equal(clampState(at(0, false, 0), 1200), 'lost', 'another socket is connected');
  t.equal(clampState(at(0, false), 1200), 'unknown');
  t.equal(clampState(null, 1200), 'unknown');
  t.end();
});
