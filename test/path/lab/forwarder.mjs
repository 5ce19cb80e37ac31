/**
 * forwarder.mjs NAMESPACE_A NAMESPACE_B DEVICE SETTINGS_JSON
 *
 * The middle of a path: puts a TUN device called DEVICE into each of two network namespaces and
 * passes packets from one to the other as the settings say. Prints {"ready":true} when both devices
 * are there; addresses are the starter's business. A is the client's side, B the server's.
 *
 * Settings, for `toServer` and `fromServer` each (all of them have a value that changes nothing):
 *   delayMs, jitterMs  one way; every packet takes delayMs + random * jitterMs, never overtaking
 *   lossPercent        of packets, at random
 *   maxPacketBytes     longer IP packets vanish without a word; null: none do
 *   rateKbit           null: no limit. What waits is bounded by queueBytes
 *   queueBytes
 * and `seed`, from which the losses are drawn.
 *
 * Lines of JSON on standard input, each answered by one line with the same `id`:
 *   {"id":1,"settings":{"toServer":{"lossPercent":5}}}    changes what is named, at once
 *   {"id":2,"statistics":true}                            what has gone through so far
 *   {"id":3,"startCounting":true}                         forgets it
 *
 * Nothing here turns or polls: several of these run side by side on few cores. A packet may be a
 * millisecond or two late, and one without a delay is passed on as soon as it is read. There is no
 * signal handler on purpose: two threads sit in a blocking read for good, an orderly exit would
 * wait for them, and the devices vanish with the process either way.
 */
import { execFileSync } from 'node:child_process';
import { openSync, read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import { readPacket } from './packet.mjs';

/** <linux/if_tun.h>: _IOW('T', 202, int); a layer 3 device without a packet information header. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;

/** struct ifreq, <linux/if.h>: 16 bytes of name, then a union; flags are its first 2 bytes. */
const IFREQ_BYTES = 40;
const IFNAME_BYTES = 16;

/** <sched.h>: runs before every ordinary process, which keeps packets in time on a busy machine. */
const SCHED_FIFO = 1;

const DIRECTIONS = /** @type {const} */ (['toServer', 'fromServer']);

const UNTOUCHED = {
  delayMs: 0,
  jitterMs: 0,
  lossPercent: 0,
  maxPacketBytes: null,
  rateKbit: null,
  queueBytes: 256 * 1024,
};

const libc = koffi.load(null);
const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
const schedSetscheduler = libc.func(
  'int sched_setscheduler(int pid, int policy, const int *priority)',
);

/**
 * @param {string} label one letter, so that the name is unique on the host while it is on its way
 * @param {string} namespace
 * @param {string} device what it is called there
 * @returns {number} the descriptor that reads what the namespace sends, and writes what it gets
 */
function openTun(label, namespace, device) {
  const name = `rp${process.pid}${label}`;
  const descriptor = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, IFNAME_BYTES - 1, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAME_BYTES);
  if (ioctl(descriptor, TUNSETIFF, request) < 0) {
    throw new Error(`TUNSETIFF ${name}: errno ${koffi.errno()}`);
  }
  execFileSync('ip', ['link', 'set', name, 'netns', namespace, 'name', device]);
  return descriptor;
}

/** mulberry32: 32 bits of state, the same numbers for the same seed. */
function randomFrom(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one kind of packet came to. */
function newCount() {
  return { packets: 0, lost: 0, tooBig: 0, overflowed: 0, largestPassed: 0 };
}

function newCounts() {
  return { all: newCount(), tcpData: newCount(), tcpSyn: newCount(), udp: newCount() };
}

/** One direction: what has been read waits here, in order, until it is due. */
class Lane {
  settings = { ...UNTOUCHED };
  counts = newCounts();
  maxLatenessMs = 0;
  /** @type {{ dueAt: number, packet: Buffer }[]} */
  #waiting = [];
  #waitingBytes = 0;
  #lastDueAt = 0;
  #lineFreeAt = 0;
  #random = randomFrom(0);
  /** 0 to 1, of the packet at hand */
  #jitter = 0;
  #to;

  constructor(/** @type {number} */ to) {
    this.#to = to;
  }

  reseed(/** @type {number} */ seed) {
    this.#random = randomFrom(seed);
  }

  /** @returns {number} when the next packet is due; Infinity: none waits */
  get nextDueAt() {
    return this.#waiting[0]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  accept(/** @type {Buffer} */ packet, /** @type {number} */ now) {
    const counted = [this.counts.all];
    const { kind } = readPacket(packet);
    if (kind !== 'other') counted.push(this.counts[kind]);
    for (const count of counted) count.packets += 1;
    const fate = this.#fateOf(packet, now);
    if (fate !== 'passed') {
      for (const count of counted) count[fate] += 1;
      return;
    }
    for (const count of counted) {
      count.largestPassed = Math.max(count.largestPassed, packet.length);
    }
    const dueAt = this.#dueAt(packet, now);
    if (dueAt <= now && this.#waiting.length === 0) this.#pass(packet);
    else {
      this.#waiting.push({ dueAt, packet: Buffer.from(packet) });
      this.#waitingBytes += packet.length;
    }
  }

  passWhatIsDue(/** @type {number} */ now) {
    for (let next = this.#waiting[0]; next !== undefined && next.dueAt <= now; ) {
      this.#waiting.shift();
      this.#waitingBytes -= next.packet.length;
      this.maxLatenessMs = Math.max(this.maxLatenessMs, now - next.dueAt);
      this.#pass(next.packet);
      next = this.#waiting[0];
    }
  }

  /** Chance is asked for every packet, so that what else happens does not shift the losses. */
  #fateOf(/** @type {Buffer} */ packet, /** @type {number} */ now) {
    const { lossPercent, maxPacketBytes, rateKbit, queueBytes } = this.settings;
    const unlucky = this.#random() * 100 < lossPercent;
    this.#jitter = this.#random();
    if (maxPacketBytes !== null && packet.length > maxPacketBytes) return 'tooBig';
    if (unlucky) return 'lost';
    if (rateKbit !== null) {
      const queued = Math.max(0, this.#lineFreeAt - now) * (rateKbit / 8);
      if (queued + packet.length > queueBytes) return 'overflowed';
    } else if (this.#waitingBytes + packet.length > 64 * 1024 * 1024) return 'overflowed';
    return 'passed';
  }

  #dueAt(/** @type {Buffer} */ packet, /** @type {number} */ now) {
    const { delayMs, jitterMs, rateKbit } = this.settings;
    let sentAt = now;
    if (rateKbit !== null) {
      sentAt = Math.max(now, this.#lineFreeAt) + (packet.length * 8) / rateKbit;
      this.#lineFreeAt = sentAt;
    }
    this.#lastDueAt = Math.max(this.#lastDueAt, sentAt + delayMs + this.#jitter * jitterMs);
    return this.#lastDueAt;
  }

  #pass(/** @type {Buffer} */ packet) {
    try {
      writeSync(this.#to, packet);
    } catch {
      // The far end has gone down: the packet is lost, as it would be on a wire.
    }
  }
}

/** @type {NodeJS.Timeout | null} */
let timer = null;
let armedFor = Number.POSITIVE_INFINITY;

/** One timer, for whichever lane is next. */
function arm() {
  const dueAt = Math.min(...Object.values(lanes).map((lane) => lane.nextDueAt));
  if (dueAt >= armedFor) return;
  if (timer !== null) clearTimeout(timer);
  armedFor = dueAt;
  // A timer of Node's may be early by a part of a millisecond; then it is set again.
  timer = setTimeout(deliver, Math.max(1, Math.round(dueAt - performance.now())));
}

function deliver() {
  timer = null;
  armedFor = Number.POSITIVE_INFINITY;
  for (const lane of Object.values(lanes)) lane.passWhatIsDue(performance.now());
  arm();
}

function forward(/** @type {number} */ from, /** @type {Lane} */ lane) {
  const buffer = Buffer.alloc(65536);
  const again = () =>
    read(from, buffer, 0, buffer.length, null, (error, length) => {
      // The namespace is gone: so is the work.
      if (error !== null) process.exit(0);
      lane.accept(buffer.subarray(0, length), performance.now());
      arm();
      again();
    });
  again();
}

/** @param {Record<string, object | number>} settings */
function change(settings) {
  for (const direction of DIRECTIONS) Object.assign(lanes[direction].settings, settings[direction]);
  if (typeof settings['seed'] === 'number') {
    // Apart by a constant, or both directions would lose the same packets.
    lanes.toServer.reseed(settings['seed']);
    lanes.fromServer.reseed(settings['seed'] + 0x5bd1e995);
  }
}

function statistics() {
  return Object.fromEntries(
    DIRECTIONS.map((direction) => {
      const { counts, maxLatenessMs } = lanes[direction];
      return [direction, { ...counts, maxLatenessMs }];
    }),
  );
}

function startCounting() {
  for (const lane of Object.values(lanes)) {
    lane.counts = newCounts();
    lane.maxLatenessMs = 0;
  }
}

function say(/** @type {object} */ line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// The threads that read are started later and inherit this. Where it is refused (a user namespace),
// the path works all the same, less exactly under load.
schedSetscheduler(0, SCHED_FIFO, [1]);

const [namespaceA = '', namespaceB = '', device = '', settings = '{}'] = process.argv.slice(2);
const a = openTun('a', namespaceA, device);
const b = openTun('b', namespaceB, device);
const lanes = { toServer: new Lane(b), fromServer: new Lane(a) };
change(JSON.parse(settings));
forward(a, lanes.toServer);
forward(b, lanes.fromServer);
createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = JSON.parse(line);
  if (asked.settings !== undefined) change(asked.settings);
  if (asked.startCounting === true) startCounting();
  say({ id: asked.id, ...(asked.statistics === true ? { statistics: statistics() } : {}) });
});
say({ ready: true });
