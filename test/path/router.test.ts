import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { type RouterAnswer, type RouterRequest, routerOf } from '../../src/path/router.js';
import type { Clock } from '../../src/probe/clock.js';
import type { KernelSockets } from '../../src/probe/kernel-figures.js';
import { NO_KERNEL_SOCKETS, openKernelSockets } from '../../src/probe/kernel-socket.js';
import { openDarwinSockets } from '../../src/probe/kernel-socket-darwin.js';
import { openLinuxSockets } from '../../src/probe/kernel-socket-linux.js';
import { fromHex } from '../../src/wire/hex.js';
import { fakeLibrary } from '../support/fake-library.js';
import { hasIpv6 } from '../support/loopback.js';

const REQUEST: RouterRequest = {
  address: '198.51.100.7',
  family: 4,
  port: 3389,
  learnedMtu: 1400,
  interfaceMtu: 1500,
};

/** Nobody is to wait here: each look at it takes 200 ms. */
function hastyClock(): Clock {
  let at = 0;
  return {
    startedAt: 0,
    now: () => {
      at += 200_000;
      return at;
    },
  };
}

async function ask(
  kernel: KernelSockets,
  request: Partial<RouterRequest> = {},
  signal = new AbortController().signal,
): Promise<RouterAnswer> {
  return await routerOf({ ...REQUEST, ...request }, kernel, hastyClock(), signal);
}

/** `struct cmsghdr`, `struct sock_extended_err` and `struct sockaddr_in`, linux/errqueue.h. */
function fragmentationNeeded(router: number, mtu: number): Uint8Array {
  const message = fromHex(`
    3000000000000000 00000000 0b000000  5a000000 02030400
    00000000 00000000  0200 0000 c0000200 0000000000000000
  `);
  new DataView(message.buffer).setUint32(24, mtu, true);
  message[39] = router;
  return message;
}

interface FakeNetwork {
  readonly kernel: KernelSockets;
  /** bytes of UDP payload */
  readonly sent: number[];
  /** what `connect` was given */
  readonly connected: Uint8Array[];
  /** descriptors and memory that were not given back */
  readonly held: Set<string>;
  /** what is in the error queue */
  readonly queue: Uint8Array[];
}

/**
 * The calls of Linux, with a network behind them.
 *
 * @param answer what comes into the error queue for a datagram of so many bytes of payload; a
 *   number: the negated `errno` of send
 */
function network(
  answer: (payload: number) => readonly Uint8Array[] | number,
  missing: readonly string[] = [],
): FakeNetwork {
  const sent: number[] = [];
  const connected: Uint8Array[] = [];
  const held = new Set<string>();
  const queue: Uint8Array[] = [];
  // Above what fits into 32 bits, as addresses are.
  const MEMORY = 0x7f12_3456_7890;
  let memory = new Uint8Array();
  const calls: Record<string, (...values: never[]) => unknown> = {
    socket: () => {
      held.add('descriptor 7');
      return 7;
    },
    close: (fd: number) => {
      held.delete(`descriptor ${fd}`);
      return 0;
    },
    setsockopt: () => 0,
    getsockopt: () => -92,
    fcntl: () => -22,
    ioctl: () => -22,
    inet_pton: (family: number, text: string, into: Uint8Array) => {
      if (family !== 2) return 0;
      into.set(text.split('.').map(Number));
      return 1;
    },
    if_nametoindex: () => 0,
    connect: (_fd: number, address: Uint8Array, length: number) => {
      connected.push(address.slice(0, length));
      return 0;
    },
    send: (_fd: number, _bytes: Uint8Array, length: number) => {
      const answered = answer(length);
      if (typeof answered === 'number') return answered;
      sent.push(length);
      queue.push(...answered);
      return length;
    },
    recvmsg: (_fd: number, header: Uint8Array, flags: number) => {
      const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
      const next = queue.shift();
      if (next === undefined || flags !== 0x2040) return -11;
      if (view.getBigUint64(32, true) !== BigInt(MEMORY)) return -14;
      memory.set(next.subarray(0, Number(view.getBigUint64(40, true))));
      view.setBigUint64(40, BigInt(next.length), true);
      return 0;
    },
    calloc: (count: number, size: number) => {
      memory = new Uint8Array(count * size);
      held.add('memory');
      return MEMORY;
    },
    memcpy: (into: Uint8Array, from: number, length: number) => {
      if (from === MEMORY) into.set(memory.subarray(0, length));
    },
    free: (at: number) => {
      if (at === MEMORY) held.delete('memory');
    },
  };
  for (const name of missing) delete calls[name];
  return { kernel: openLinuxSockets(fakeLibrary(calls)), sent, connected, held, queue };
}

const PORT_UNREACHABLE = fromHex(`
  3000000000000000 00000000 0b000000  6f000000 02030300
  00000000 00000000  0200 0000 c6336407 0000000000000000
`);

t.test('a router that refuses the smallest packet above the path MTU', async (t) => {
  const { kernel, sent, connected, held } = network(() => [
    PORT_UNREACHABLE,
    fragmentationNeeded(254, 1400),
  ]);
  t.strictSame(await ask(kernel), { kind: 'named', from: '192.0.2.254' });
  t.strictSame(sent, [1401 - 28], 'one datagram');
  // struct sockaddr_in: AF_INET, port 3389, 198.51.100.7.
  t.strictSame(connected, [fromHex('0200 0d3d c6336407 0000000000000000')]);
  t.equal(held.size, 0);
});

t.test('routers with larger links before it are not asked', async (t) => {
  const { kernel, sent } = network((payload) => {
    if (payload + 28 > 1450) return [fragmentationNeeded(1, 1450)];
    return payload + 28 > 1400 ? [fragmentationNeeded(2, 1400)] : [];
  });
  t.strictSame(await ask(kernel), { kind: 'named', from: '192.0.2.2' });
  t.strictSame(sent, [1401 - 28]);
});

t.test('a tunnel that carries more than it names', async (t) => {
  const { kernel, sent } = network((payload) =>
    payload + 28 > 1408 ? [fragmentationNeeded(3, 1400)] : [],
  );
  t.strictSame(await ask(kernel), { kind: 'named', from: '192.0.2.3' });
  t.strictSame(sent, [1401 - 28, 1500 - 28]);
});

t.test('nobody is named without the MTU that was learned', async (t) => {
  const other = network(() => [fragmentationNeeded(4, 1300)]);
  t.strictSame(await ask(other.kernel), {
    kind: 'unknown',
    why: '192.0.2.4 refuses UDP datagrams and names 1300, not 1400',
  });
  t.equal(other.sent.length, 2);
  const silent = network(() => []);
  t.strictSame(await ask(silent.kernel), {
    kind: 'unknown',
    why: 'no router refused a UDP datagram of 1401 or 1500 bytes within 1 s',
  });
  t.equal(silent.sent.length, 2);
  t.equal(silent.held.size, 0);
});

t.test('a queue that is full of other things is not read to its end', async (t) => {
  const many = new Array<Uint8Array>(1000).fill(PORT_UNREACHABLE);
  const { kernel, sent, queue } = network(() => many);
  t.match(await ask(kernel), { kind: 'unknown', why: /^no router/ });
  t.equal(sent.length, 2);
  t.ok(queue.length > 1500, `${queue.length} of 2000 are left`);
});

t.test('sizes', async (t) => {
  const rows: readonly (readonly [Partial<RouterRequest>, readonly number[]])[] = [
    [{ learnedMtu: 1499 }, [1500]],
    [{ interfaceMtu: 9000 }, [1401, 1500]],
    [{ interfaceMtu: 9000, learnedMtu: 8000 }, [8001, 9000]],
    [{ interfaceMtu: null }, [1401, 1500]],
    [{ interfaceMtu: 1400 }, []],
    [{ interfaceMtu: null, learnedMtu: 1500 }, []],
  ];
  for (const [request, packets] of rows) {
    const { kernel, sent } = network(() => []);
    const answer = await ask(kernel, request);
    t.strictSame(
      sent.map((payload) => payload + 28),
      packets,
      JSON.stringify(request),
    );
    if (packets.length === 0) t.match(answer, { why: /sends no packets above it/ });
  }
});

t.test('reasons', async (t) => {
  const aborted = new AbortController();
  aborted.abort();
  const whole = network(() => []);
  t.match(await ask(whole.kernel, {}, aborted.signal), { why: 'it was interrupted' });
  t.equal(whole.sent.length, 0);
  t.match(await ask(whole.kernel, { address: '2001:db8::1', family: 6 }), {
    why: 'not an address of IPv6 here',
  });
  t.equal(whole.held.size, 0, 'closed');
  t.match(await ask(NO_KERNEL_SOCKETS), { why: 'the kernel was not asked for its figures' });
  const refusing = network(() => -90);
  t.match(await ask(refusing.kernel), { why: /^a datagram of 1401 bytes was not sent: / });
  t.equal(refusing.held.size, 0);
  const lacking = network(() => [], ['recvmsg']);
  t.match(await ask(lacking.kernel), {
    why: 'the C library cannot be called (no function recvmsg)',
  });
  t.equal(lacking.held.size, 0);
  const library = fakeLibrary({
    socket: () => 7,
    setsockopt: () => 0,
    getsockopt: () => -1,
    fcntl: () => 0,
    ioctl: () => 0,
    close: () => 0,
  });
  t.match(await ask(openDarwinSockets(library)), { why: /does not tell who sent an ICMP error/ });
});

t.test('interrupted while it waits', async (t) => {
  const stop = new AbortController();
  const { kernel, sent, held } = network(() => {
    setImmediate(() => stop.abort());
    return [];
  });
  t.match(await ask(kernel, {}, stop.signal), { why: 'it was interrupted' });
  t.equal(sent.length, 1);
  t.equal(held.size, 0);
});

t.test('on loopback, where no router is', async (t) => {
  const kernel = await openKernelSockets(process.platform);
  await askLoopback(t, kernel, '127.0.0.1');
  if (hasIpv6()) await askLoopback(t, kernel, '::1');
  else t.comment('NOT RUN: no ::1 here');
});

/** A port that takes it; then one that refuses, so that something else is in the error queue. */
async function askLoopback(t: Test, kernel: KernelSockets, address: string): Promise<void> {
  const family = address.includes(':') ? 6 : 4;
  const server = createSocket(family === 4 ? 'udp4' : 'udp6');
  server.bind(0, address);
  await once(server, 'listening');
  const { port } = server.address();
  const lengths: number[] = [];
  server.on('message', ({ length }) => lengths.push(length));
  const answer = await ask(kernel, { address, family, port });
  t.match(answer, { kind: 'unknown', why: /\w/ });
  t.comment(answer.kind === 'unknown' ? answer.why : '');
  const able = kernel.available && kernel.slow !== true && process.platform === 'linux';
  const overhead = family === 4 ? 28 : 48;
  if (able) {
    t.match(answer, { why: /^no router refused a UDP datagram of 1401 or 1500 bytes/ });
    t.strictSame(lengths, [1401 - overhead, 1500 - overhead], 'they arrive whole');
  }
  server.close();
  await once(server, 'close');
  const refused = await ask(kernel, { address, family, port });
  t.strictSame(refused, answer, 'a refused port is no router');
}
