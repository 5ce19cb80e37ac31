/**
 * delay-forwarder.mjs ONE_WAY_MS NAMESPACE_A ADDRESS_A NAMESPACE_B ADDRESS_B
 *
 * Puts a TUN device into each of two network namespaces and passes every packet from one to the
 * other, ONE_WAY_MS after it was read. Prints "ready" when both ends are up. Plain JavaScript: it
 * is a program of its own, started by delay-link.ts with nothing but node.
 *
 * It has no signal handler on purpose: two threads sit in a blocking read for good, an orderly
 * exit would wait for them, and the devices vanish with the process either way.
 */
import { execFileSync } from 'node:child_process';
import { openSync, read, writeSync } from 'node:fs';
import koffi from 'koffi';

/** <linux/if_tun.h>: _IOW('T', 202, int); a layer 3 device without a packet information header. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;

/** struct ifreq, <linux/if.h>: 16 bytes of name, then a union; flags are its first 2 bytes. */
const IFREQ_BYTES = 40;
const IFNAME_BYTES = 16;

const MTU = 1500;

/** Timers are late by a millisecond and more; the rest of the wait is spent turning. */
const TURNING_MS = 2.5;

/** <sched.h>: runs before every ordinary process, whatever else the machine is doing. */
const SCHED_FIFO = 1;

const libc = koffi.load(null);
const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
const schedSetscheduler = libc.func(
  'int sched_setscheduler(int pid, int policy, const int *priority)',
);

/** @param {...string} rest */
function ip(...rest) {
  execFileSync('ip', rest, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * @param {string} name of the device, unique on the host while it is on its way
 * @param {string} namespace
 * @param {string} address
 * @param {string} peer
 * @returns {number} the descriptor that reads what the namespace sends, and writes what it gets
 */
function openTun(name, namespace, address, peer) {
  const descriptor = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, IFNAME_BYTES - 1, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAME_BYTES);
  if (ioctl(descriptor, TUNSETIFF, request) < 0) {
    throw new Error(`TUNSETIFF ${name}: errno ${koffi.errno()}`);
  }
  ip('link', 'set', name, 'netns', namespace);
  ip('-n', namespace, 'address', 'add', `${address}/32`, 'peer', `${peer}/32`, 'dev', name);
  ip('-n', namespace, 'link', 'set', name, 'mtu', `${MTU}`, 'up');
  return descriptor;
}

/** @type {{ dueAt: number, to: number, packet: Buffer }[]} in order: the delay is always the same */
const queue = [];
let armed = false;

function arm() {
  const next = queue[0];
  if (armed || next === undefined) return;
  armed = true;
  const wait = next.dueAt - performance.now();
  if (wait > TURNING_MS) setTimeout(deliver, Math.floor(wait - TURNING_MS));
  else setImmediate(deliver);
}

function deliver() {
  armed = false;
  for (
    let next = queue[0];
    next !== undefined && next.dueAt <= performance.now();
    next = queue[0]
  ) {
    queue.shift();
    try {
      writeSync(next.to, next.packet);
    } catch {
      // The far end has gone down: the packet is lost, as it would be on a wire.
    }
  }
  arm();
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} delayMs
 */
function forward(from, to, delayMs) {
  const buffer = Buffer.alloc(65536);
  const again = () =>
    read(from, buffer, 0, buffer.length, null, (error, length) => {
      if (error !== null) throw error;
      queue.push({
        dueAt: performance.now() + delayMs,
        to,
        packet: Buffer.from(buffer.subarray(0, length)),
      });
      arm();
      again();
    });
  again();
}

// The threads that read are started later and inherit this. Where it is refused (a container), the
// link works all the same, less exactly under load.
schedSetscheduler(0, SCHED_FIFO, [1]);

const [delay = '', namespaceA = '', addressA = '', namespaceB = '', addressB = ''] =
  process.argv.slice(2);
const a = openTun(`rp${process.pid}a`, namespaceA, addressA, addressB);
const b = openTun(`rp${process.pid}b`, namespaceB, addressB, addressA);
forward(a, b, Number(delay));
forward(b, a, Number(delay));
process.stdout.write('ready\n');
