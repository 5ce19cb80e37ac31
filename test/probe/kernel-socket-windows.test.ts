import t from 'tap';
import { loadForeignFunctions } from '../../src/probe/foreign-functions.js';
import { openWindowsSockets } from '../../src/probe/kernel-socket-windows.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';
import { decodeTcpInfoV0 } from '../../src/probe/tcp-info-windows.js';
import { fromHex } from '../../src/wire/hex.js';
import { fakeLibrary } from '../support/fake-library.js';
import { connectStream, loopbackServer } from '../support/loopback.js';

/** TCP_INFO_v0 laid out from mstcpip.h; no Windows was at hand. */
const ESTABLISHED = fromHex(`
  04000000 b4050000 e803000000000000   ; TCPSTATE_ESTABLISHED, Mss 1460, ConnectionTimeMs 1000
  00 000000                            ; TimestampsEnabled, padding
  f82a0000 10270000                    ; RttUs 11000, MinRttUs 10000
  b5050000 48390000                    ; BytesInFlight 1461, Cwnd 14664
  00000100 00000200 00000200           ; SndWnd 65536, RcvWnd, RcvBuf
  0500000001000000 a00f000000000000    ; BytesOut 4294967301, BytesIn 4000
  00000000 00000000                    ; BytesReordered, BytesRetrans
  00000000 00000000 00000000           ; FastRetrans, DupAcksIn, TimeoutEpisodes
  01 000000                            ; SynRetrans 1, padding
`);

t.test('TCP_INFO_v0 of Windows', (t) => {
  t.equal(ESTABLISHED.length, 88);
  t.strictSame(decodeTcpInfoV0(ESTABLISHED), {
    ...NOTHING_KNOWN,
    state: 4,
    rttUs: 11_000,
    minRttUs: 10_000,
    unacknowledged: 2,
    retransmissions: 1,
    bytesSent: 4_294_967_301,
    bytesRetransmitted: 0,
    bytesReceived: 4000,
    sendMss: 1460,
    congestionWindow: 10,
    sendWindow: 65_536,
    timestamps: false,
  });
  t.end();
});

t.test('data that was sent again is known in bytes only', (t) => {
  const bytes = Uint8Array.from(ESTABLISHED);
  new DataView(bytes.buffer).setUint32(68, 1460, true);
  t.match(decodeTcpInfoV0(bytes), { retransmissions: null, bytesRetransmitted: 1460 });
  t.end();
});

const ENDS: Partial<Record<keyof TcpInfo, number>> = {
  state: 4,
  sendMss: 8,
  timestamps: 17,
  rttUs: 24,
  minRttUs: 28,
  unacknowledged: 32,
  congestionWindow: 36,
  sendWindow: 40,
  bytesSent: 56,
  bytesReceived: 64,
  bytesRetransmitted: 72,
  retransmissions: 85,
};

t.test('a structure cut at each length', (t) => {
  const whole = decodeTcpInfoV0(ESTABLISHED);
  for (let length = 0; length <= ESTABLISHED.length; length++) {
    const info = decodeTcpInfoV0(ESTABLISHED.subarray(0, length));
    for (const field of Object.keys(NOTHING_KNOWN)) {
      const end = Reflect.get(ENDS, field) ?? Number.POSITIVE_INFINITY;
      const expected = length >= end ? Reflect.get(whole, field) : null;
      const value = Reflect.get(info, field);
      if (value !== expected) t.fail(`${field} of ${length} bytes is ${value}`);
    }
  }
  t.pass('all the same or null');
  t.end();
});

const INVALID_SOCKET = 0xffffffffffffffffn;

/** Windows Sockets as documented, where MSS cannot be set; `socket` gives SOCKET numbers. */
function windows(
  socket: (family: number) => unknown,
  info: Uint8Array | null,
): Parameters<typeof openWindowsSockets>[0] & { available: true } {
  return fakeLibrary({
    WSASocketW: socket,
    setsockopt: () => -10042,
    getsockopt: () => -10042,
    WSAIoctl: (
      _socket: number,
      code: number,
      version: Uint8Array,
      versionLength: number,
      out: Uint8Array,
      outLength: number,
      returned: number[],
    ) => {
      const asked = [code, ...version.subarray(0, versionLength), outLength];
      if (info === null || asked.join() !== [0xd8000027, 0, 0, 0, 0, 88].join()) return -10045;
      out.set(info);
      returned[0] = info.length;
      return 0;
    },
    closesocket: () => 0,
    WSAGetLastError: () => 10042,
  });
}

t.test('what is refused on Windows, and why', (t) => {
  const sockets = openWindowsSockets(windows(() => 500n, ESTABLISHED));
  if (!sockets.available) throw new Error(sockets.why);
  t.equal(sockets.ownStreamsOnly, true);
  for (const [ability, why] of Object.entries(sockets.abilities)) t.type(why, 'string', ability);
  t.equal(sockets.abilities['clamp-mss'], 'Windows refused an MSS of 536: error 10042');
  t.match(sockets.openStream({ family: 4, mss: 1200 }), { kind: 'refused', why: /error 10042/ });
  t.match(sockets.openDatagram({ family: 4, protocol: 'udp' }), { kind: 'refused' });
  t.equal(sockets.interfaceMtu('127.0.0.1'), null);
  t.end();
});

t.test('no socket to be had', (t) => {
  const sockets = openWindowsSockets(windows(() => INVALID_SOCKET, null));
  if (!sockets.available) throw new Error(sockets.why);
  t.match(sockets.openStream({ family: 6, mss: null }), {
    kind: 'refused',
    why: 'no TCP socket for IPv6: error 10042',
  });
  t.match(openWindowsSockets(fakeLibrary({})), { available: false, why: /cannot be called/ });
  t.end();
});

/** Node's handles take descriptors elsewhere as they take SOCKETs there. */
const libc = await loadForeignFunctions();
const SKIP =
  libc.available && process.platform === 'linux'
    ? false
    : 'NOT RUN: needs Linux and the optional package koffi';

t.test('Node takes a socket that was made for it, by its handle', { skip: SKIP }, async (t) => {
  const server = await loopbackServer(t, '127.0.0.1');
  const { sockets, made } = withRealSockets(ESTABLISHED);
  const opening = sockets.openStream({ family: 4, mss: null });
  if (opening.kind === 'refused') throw new Error(opening.why);
  const { socket, info, release } = opening.opened;
  await connectStream(opening.opened, '127.0.0.1', server.port);
  t.strictSame(made, [Reflect.get(Reflect.get(socket, '_handle'), 'fd')], 'the very same socket');
  t.match(info(), { rttUs: 11_000 });
  t.match(sockets.read(socket), { rttUs: 11_000, retransmissions: 1 });
  const peer = await server.accepted();
  peer.end('hello');
  let received = '';
  for await (const chunk of socket) received += chunk;
  t.equal(received, 'hello');
  socket.destroy();
  t.equal(info(), null, 'nothing of a closed socket');
  release();
  release();
});

t.test('the system that does not know SIO_TCP_INFO', { skip: SKIP }, async (t) => {
  const { sockets } = withRealSockets(null);
  const opening = sockets.openStream({ family: 4, mss: null });
  if (opening.kind === 'refused') throw new Error(opening.why);
  t.equal(opening.opened.info(), null);
  opening.opened.release();
  t.ok(opening.opened.socket.destroyed, 'never used, so closed');
});

function withRealSockets(info: Uint8Array | null) {
  if (!libc.available) throw new Error(libc.why);
  const real = libc.open(null).bind('int socket(int domain, int type, int protocol)');
  const made: unknown[] = [];
  const sockets = openWindowsSockets(
    windows((family) => {
      const fd = real(family, 1, 6);
      made.push(fd);
      return fd;
    }, info),
  );
  if (!sockets.available) throw new Error(sockets.why);
  return { sockets, made };
}
