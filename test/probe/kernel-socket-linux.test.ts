import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { kernelFiguresOf } from '../../src/probe/kernel-figures.js';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
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

t.test('figures of a real socket', async (t) => {
  const sockets = await openKernelSockets(process.platform);
  if (!sockets.available) {
    t.type(sockets.why, 'string');
    t.not(sockets.why, '', 'says why the kernel cannot be asked here');
    return;
  }
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const figures = sockets.read(socket);
  t.ok(figures !== null && figures.rttUs !== null && figures.rttUs > 0, 'a RTT');
  t.equal(figures?.retransmissions, 0);
  socket.destroy();
  t.equal(sockets.read(socket), null, 'nothing of a closed socket');
  for (const peer of accepted) peer.destroy();
  server.close();
});

t.test('platforms without a backend say so', async (t) => {
  for (const platform of ['darwin', 'win32', 'sunos']) {
    const sockets = await openKernelSockets(platform);
    t.equal(sockets.available, false);
    t.ok(!sockets.available && sockets.why.length > 20);
  }
});
