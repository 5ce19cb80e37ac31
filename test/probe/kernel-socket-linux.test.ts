import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connect } from '../../src/probe/connect.js';
import { loadForeignFunctions } from '../../src/probe/foreign-functions.js';
import type { KernelSockets, Opened, OpenedStream } from '../../src/probe/kernel-figures.js';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
import { clampState } from '../../src/probe/tcp-info.js';
import { connectStream, hasIpv6, loopbackServer } from '../support/loopback.js';

const kernel = await openKernelSockets(process.platform);
const SKIP =
  process.platform !== 'linux'
    ? 'NOT RUN: needs Linux'
    : kernel.available && kernel.slow !== true
      ? false
      : 'NOT RUN: needs the optional package koffi';

/** Only to be called where the tests run. */
function sockets(): KernelSockets & { available: true } {
  if (!kernel.available) throw new Error(kernel.why);
  return kernel;
}

function opened<T>(opening: Opened<T>): T {
  if (opening.kind === 'refused') throw new Error(opening.why);
  return opening.opened;
}

const FAMILIES: readonly { family: 4 | 6; address: string }[] = [
  { family: 4, address: '127.0.0.1' },
  { family: 6, address: '::1' },
];

t.test('figures of a socket that Node made', { skip: SKIP }, async (t) => {
  const server = await loopbackServer(t, '127.0.0.1');
  const socket = new Socket();
  socket.connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const figures = sockets().read(socket);
  t.ok(figures !== null && figures.rttUs !== null && figures.rttUs > 0, 'a RTT');
  t.equal(figures?.retransmissions, 0);
  socket.destroy();
  t.equal(sockets().read(socket), null, 'nothing of a closed socket');
});

for (const { family, address } of FAMILIES) {
  const skip = SKIP || (family === 6 && !hasIpv6() ? 'NOT RUN: no ::1 here' : false);

  t.test(`IPv${family}: a clamped MSS is in the SYN, as the peer sees it`, { skip }, async (t) => {
    const server = await loopbackServer(t, address);
    const stream = opened(sockets().openStream({ family, mss: 1200 }));
    t.teardown(() => stream.release());
    t.equal(stream.info()?.segmentsSent, 0, 'not connected yet');
    await connectStream(stream, address, server.port);
    const peer = await server.accepted();
    const info = stream.info();
    t.equal(info?.state, 1, 'ESTABLISHED');
    t.ok(info !== null && info.rttUs !== null && info.rttUs > 0, 'a RTT');
    t.equal(clampState(info, 1200), 'held');
    t.equal(sockets().read(stream.socket)?.clientMss, 1200);
    t.equal(sockets().read(peer)?.serverMss, 1200, 'what the peer may send in one segment');
    peer.write(new Uint8Array(5000));
    let received = 0;
    stream.socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    while (received < 5000) await sleep(5);
    t.match(stream.info(), { bytesReceived: 5000, receiveMss: 1188 }, 'segments of that size');
    stream.socket.destroy();
  });

  t.test(`IPv${family}: figures after the peer's reset, until the release`, { skip }, async (t) => {
    const server = await loopbackServer(t, address);
    const stream = opened(sockets().openStream({ family, mss: null }));
    await connectStream(stream, address, server.port);
    const peer = await server.accepted();
    stream.socket.write('five!');
    await once(peer, 'data');
    peer.resetAndDestroy();
    const [error] = await once(stream.socket, 'error');
    t.equal(error.code, 'ECONNRESET');
    t.equal(sockets().read(stream.socket), null, 'the descriptor of Node is gone');
    t.match(stream.info(), { state: 7, bytesSent: 5, dataSegmentsSent: 1, retransmissions: 0 });
    stream.release();
    stream.release();
    t.equal(stream.info(), null);
  });
}

t.test('an MSS that the kernel refuses', { skip: SKIP }, (t) => {
  t.equal(sockets().abilities['clamp-mss'], null);
  t.match(sockets().openStream({ family: 4, mss: 87 }), {
    kind: 'refused',
    why: 'the kernel refused an MSS of 87: EINVAL, invalid argument',
  });
  t.match(sockets().openStream({ family: 4, mss: 70_000 }), { kind: 'refused', why: /70000/ });
  const least = opened(sockets().openStream({ family: 4, mss: 88 }));
  least.release();
  t.ok(least.socket.destroyed, 'a socket that was never used is closed with its release');
  t.end();
});

t.test(
  'a clamp is lost with the socket that Node puts in the place of ours',
  { skip: SKIP },
  async (t) => {
    const server = await loopbackServer(t, '127.0.0.1');
    const stream = opened(sockets().openStream({ family: 4, mss: 1200 }));
    // Destroyed sockets may be connected again, on a descriptor of their own.
    stream.socket.destroy();
    await once(stream.socket, 'close');
    stream.socket.connect(server.port, '127.0.0.1');
    await once(stream.socket, 'connect');
    t.equal(clampState(stream.info(), 1200), 'lost');
    stream.socket.destroy();
    stream.release();
  },
);

t.test('the end of a connection reaches the peer', { skip: SKIP }, async (t) => {
  const server = await loopbackServer(t, '127.0.0.1');
  const stream = opened(sockets().openStream({ family: 4, mss: null }));
  await connectStream(stream, '127.0.0.1', server.port);
  const peer = await server.accepted();
  peer.resume();
  let ended = false;
  peer.once('end', () => {
    ended = true;
  });
  stream.socket.destroy();
  await sleep(50);
  t.notOk(ended, 'not while the figures are kept');
  stream.release();
  await once(peer, 'end');
  t.ok(ended);
});

t.test('no descriptor is left behind', { skip: SKIP }, async (t) => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const server = await loopbackServer(t, '127.0.0.1');
  // The abilities are tried on the first use.
  t.ok(sockets().abilities);
  await sleep(20);
  const before = count();
  for (let i = 0; i < 500; i++) {
    const stream = opened(sockets().openStream({ family: 4, mss: i % 2 === 0 ? 1000 : null }));
    if (i % 10 === 0) {
      await connectStream(stream, '127.0.0.1', server.port);
      (await server.accepted()).destroy();
      stream.socket.destroy();
    }
    stream.release();
    sockets().openStream({ family: 4, mss: 87 });
    sockets().interfaceMtu('127.0.0.1');
  }
  await sleep(50);
  t.equal(count(), before);
});

t.test('connecting a socket of ours: refused, called off, too late', { skip: SKIP }, async (t) => {
  const open = (): OpenedStream => opened(sockets().openStream({ family: 4, mss: 1000 }));
  const tried = async (port: number, limitMs: number, abort?: AbortController) => {
    const stream = open();
    const connected = await connect(
      { address: '127.0.0.1', port, sourceAddress: '127.0.0.1', limitMs, socket: stream.socket },
      (abort ?? new AbortController()).signal,
    );
    t.ok(connected.kind === 'connected' || stream.socket.destroyed, 'closed with the failure');
    stream.release();
    return connected;
  };
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const address = closed.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  closed.close();
  await once(closed, 'close');
  t.match(await tried(port, 1000), { kind: 'failed', how: 'refused', code: 'ECONNREFUSED' });
  const abort = new AbortController();
  abort.abort();
  t.match(await tried(port, 1000, abort), { kind: 'aborted' });
  const full = await fullListener(t);
  const waiting = await tried(full, 1000);
  t.equal(waiting.kind, 'connected', 'the queue takes one');
  if (waiting.kind === 'connected') waiting.socket.destroy();
  t.match(await tried(full, 200), { kind: 'failed', how: 'timeout', code: null });
});

/** A port of loopback whose listener never accepts: the kernel drops what its queue cannot take. */
async function fullListener(t: Test): Promise<number> {
  const functions = await loadForeignFunctions();
  if (!functions.available) throw new Error(functions.why);
  const library = functions.open(null);
  const fd = library.bind('int socket(int domain, int type, int protocol)')(2, 1, 0);
  // struct sockaddr_in: AF_INET, port 0, 127.0.0.1.
  const address = Uint8Array.from([2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  library.bind('int bind(int fd, const void *address, uint32_t length)')(fd, address, 16);
  library.bind('int listen(int fd, int backlog)')(fd, 0);
  library.bind('int getsockname(int fd, void *address, _Inout_ uint32_t *length)')(
    fd,
    address,
    [16],
  );
  t.teardown(() => library.bind('int close(int fd)')(fd));
  return new DataView(address.buffer).getUint16(2);
}

t.test('datagram sockets never fragment, and tell of ICMP errors', { skip: SKIP }, async (t) => {
  for (const { family, address } of FAMILIES) {
    if (family === 6 && !hasIpv6()) {
      t.comment('NOT RUN: no ::1 here');
      continue;
    }
    const datagram = opened(sockets().openDatagram({ family, protocol: 'udp' }));
    t.equal(datagram.pathMtu(), null, 'not connected');
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const listening = once(socket, 'listening');
    socket.bind({ fd: datagram.fd });
    await listening;
    const port = await closedUdpPort(family, address);
    socket.connect(port, address);
    await once(socket, 'connect');
    t.ok((datagram.pathMtu() ?? 0) >= 16_384, 'the path MTU of the loopback interface');
    const failed = once(socket, 'error');
    socket.send('?');
    const [error] = await failed;
    t.equal(error.code, 'ECONNREFUSED', 'ICMP port unreachable');
    socket.close();
    await once(socket, 'close');
    // Takes the number of the descriptor that was closed.
    const other = opened(sockets().openDatagram({ family, protocol: 'udp' }));
    t.equal(datagram.pathMtu(), null, 'nothing of a closed socket');
    const cleaner = createSocket(family === 4 ? 'udp4' : 'udp6');
    cleaner.bind({ fd: other.fd });
    cleaner.close();
  }
});

async function closedUdpPort(family: 4 | 6, address: string): Promise<number> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

t.test('ICMP echo without privileges, or why not', { skip: SKIP }, async (t) => {
  const why = sockets().abilities['icmp-socket'];
  const opening = sockets().openDatagram({ family: 4, protocol: 'icmp' });
  if (opening.kind === 'refused') {
    t.equal(opening.why, why, 'the ability said so');
    t.match(why, /ping_group_range|no ICMP socket/);
    return;
  }
  t.equal(why, null);
  await echo(t, opening.opened.fd);
});

async function echo(t: Test, fd: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind({ fd });
  socket.connect(1, '127.0.0.1');
  await once(socket, 'connect');
  const answered = once(socket, 'message');
  // Echo request, RFC 792; the kernel fills in identifier and checksum.
  socket.send(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 1, 0x61));
  const [answer] = await answered;
  t.equal(answer[0], 0, 'echo reply');
  t.equal(answer.length, 9);
  socket.close();
}

t.test('MTU of interfaces', { skip: SKIP }, (t) => {
  t.equal(sockets().abilities['interface-mtu'], null);
  t.ok((sockets().interfaceMtu('127.0.0.1') ?? 0) >= 16_384);
  t.equal(sockets().interfaceMtu('192.0.2.77'), null, 'an address that is not ours');
  t.equal(sockets().interfaceMtu('not an address'), null);
  for (const [name, all] of Object.entries(networkInterfaces())) {
    const linkLocal = all?.find(({ address }) => address.startsWith('fe80:'))?.address;
    if (linkLocal === undefined) continue;
    t.ok((sockets().interfaceMtu(`${linkLocal}%${name}`) ?? 0) >= 1280, 'found by its zone');
    t.equal(sockets().interfaceMtu(`${linkLocal}%none`), null);
  }
  t.end();
});
