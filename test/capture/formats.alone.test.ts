import { gzipSync } from 'node:zlib';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { type CaptureSource, captureFromBytes } from '../../src/capture/source.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { ProbeError } from '../../src/probe-error.js';
import { concat } from '../../src/wire/writer.js';
import { conversation } from '../support/conversations.js';
import {
  block,
  bytesOf,
  type Captured,
  enhancedPacket,
  interfaceDescription,
  obsoletePacket,
  option,
  type PcapOptions,
  pcap,
  pcapng,
  secrets,
  sectionHeader,
  simplePacket,
} from '../support/packets.js';
import { START, talkOf } from '../support/talk.js';

const PACKETS = talkOf(conversation('freerdp-shadow-failure-5')).packets();
const MICROS = (at: number): bigint => BigInt(Math.round(at * 1e6));

/** Facts without what depends on the place of a packet in its file. */
function factsOf(traces: readonly HandshakeTrace[]): unknown {
  return traces.map(({ facts, client, server, startedAt }) => ({
    facts,
    client,
    server,
    startedAt,
  }));
}

const reference = await analyseCapture(captureFromBytes(pcap(PACKETS)));

t.test('the reference is what was said', (t) => {
  t.equal(reference.packets, PACKETS.length);
  t.equal(reference.traces.length, 1);
  t.equal(reference.startedAt, START * 1e6);
  t.strictSame(reference.problems, []);
  t.match(reference.traces[0]?.facts, [
    { kind: 'tcp-connect', at: 0, packets: [1] },
    { kind: 'tcp-accepted', at: 40, packets: [2] },
    { kind: 'message', message: { type: 'x224-request', cookie: 'mstshash=user' }, packets: [4] },
    { kind: 'message', message: { negotiation: { failureCode: { value: 5 } } }, packets: [5] },
    { kind: 'tcp-end', by: 'client', how: 'fin', packets: [6] },
    { kind: 'tcp-end', by: 'server', how: 'fin', packets: [7] },
    { kind: 'tcp-figures', rttUs: 40 },
  ]);
  t.end();
});

function enhanced({ at, bytes }: Captured, littleEndian = true): Uint8Array {
  return enhancedPacket({ units: MICROS(at), bytes }, littleEndian);
}

/** The same packets in every form. */
const FORMS: Readonly<Record<string, Uint8Array>> = {
  'pcap, big-endian': pcap(PACKETS, { littleEndian: false }),
  'pcap, nanoseconds': pcap(PACKETS, { variant: 'nanoseconds' }),
  'pcap, nanoseconds, big-endian': pcap(PACKETS, { variant: 'nanoseconds', littleEndian: false }),
  'pcap, modified': pcap(PACKETS, { variant: 'modified' }),
  'pcap, modified, big-endian': pcap(PACKETS, { variant: 'modified', littleEndian: false }),
  'pcap, gzip': gzipSync(pcap(PACKETS)),
  pcapng: pcapng(PACKETS),
  'pcapng, big-endian': pcapng(PACKETS, false),
  'pcapng, gzip': gzipSync(pcapng(PACKETS)),
  'pcapng, two sections of different byte order': concat(
    pcapng(PACKETS.slice(0, 3)),
    pcapng(PACKETS.slice(3), false),
  ),
  'pcapng, obsolete packet blocks': concat(
    sectionHeader(),
    interfaceDescription(),
    ...PACKETS.map(({ at, bytes }) => obsoletePacket({ units: MICROS(at), bytes })),
  ),
  'pcapng, unknown blocks, name resolution, statistics and secrets between': concat(
    sectionHeader(),
    interfaceDescription({ options: concat(option(2, bytesOf(0x65)), option(9, bytesOf(6))) }),
    ...PACKETS.flatMap((packet) => [
      enhanced(packet),
      block(4, bytesOf(0, 0, 0, 0)),
      block(5, new Uint8Array(12)),
      block(0x7fff_0001, new Uint8Array(3000)),
      secrets('# nothing\n'),
    ]),
  ),
  'pcapng, interfaces of 10^-9 s, of 10^-6 s with an offset, and of 10^-7 s': concat(
    sectionHeader(),
    interfaceDescription({ options: option(9, bytesOf(9)) }),
    interfaceDescription({
      options: concat(option(9, bytesOf(6)), option(14, bytesOf(100, 0, 0, 0, 0, 0, 0, 0))),
    }),
    interfaceDescription({ options: option(9, bytesOf(7)) }),
    ...PACKETS.map(({ at, bytes }, index) => {
      const micros = MICROS(at);
      const units = [micros * 1000n, micros - 100_000_000n, micros * 10n][index % 3] ?? 0n;
      return enhancedPacket({ interface: index % 3, units, bytes });
    }),
  ),
};

for (const [name, bytes] of Object.entries(FORMS)) {
  t.test(`${name}: the same facts`, async (t) => {
    const { traces, packets, problems } = await analyseCapture(captureFromBytes(bytes));
    t.equal(packets, PACKETS.length);
    t.strictSame(factsOf(traces), factsOf(reference.traces));
    t.strictSame(problems, []);
  });
}

t.test('however the file is cut by reads: the same facts', async (t) => {
  for (const [name, bytes] of Object.entries(FORMS)) {
    for (const size of [1, 7, 1000]) {
      const { traces } = await analyseCapture(inPieces(bytes, size));
      t.strictSame(factsOf(traces), factsOf(reference.traces), `${name} by ${size}`);
    }
  }
});

/** A source whose chunks are overwritten once the next one is asked for, as a file's are. */
function inPieces(bytes: Uint8Array, size: number): CaptureSource {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(size);
    for (let at = 0; at < bytes.length; at += size) {
      buffer.set(bytes.subarray(at, at + size));
      yield buffer.subarray(0, Math.min(size, bytes.length - at));
      buffer.fill(0xee);
    }
  }
  const whole = captureFromBytes(bytes);
  return bytes[0] === 0x1f ? whole : { ...whole, chunks: pieces() };
}

t.test('a resolution of a power of two is exact to a microsecond', async (t) => {
  const bytes = concat(
    sectionHeader(),
    interfaceDescription({ options: option(9, bytesOf(0x80 | 32)) }),
    ...PACKETS.map(({ at, bytes }) => {
      const micros = MICROS(at);
      return enhancedPacket({ units: (micros * (1n << 32n)) / 1_000_000n + 1n, bytes });
    }),
  );
  const { traces } = await analyseCapture(captureFromBytes(bytes));
  t.strictSame(factsOf(traces), factsOf(reference.traces));
});

t.test('simple packets have no time: nothing is measured, all else is told', async (t) => {
  const bytes = concat(
    sectionHeader(),
    interfaceDescription({ snapLength: 200 }),
    ...PACKETS.map(({ bytes }) => simplePacket(bytes)),
  );
  const { traces, startedAt } = await analyseCapture(captureFromBytes(bytes));
  t.equal(startedAt, null);
  t.match(traces[0]?.facts, [
    { kind: 'tcp-connect', at: null },
    { kind: 'tcp-accepted', at: null },
    { kind: 'message', at: null, message: { type: 'x224-request' } },
    { kind: 'message', at: null, message: { type: 'x224-confirm' } },
    { kind: 'tcp-end', at: null },
    { kind: 'tcp-end', at: null },
    { kind: 'tcp-figures', rttUs: null, vantage: 'unknown' },
  ]);
});

t.test('nanoseconds are kept until they are rounded', async (t) => {
  // 40.6 and 99.5 us after the SYN: cut off one by one they would be 40 and 99.
  const times = [0.9e-6, 41.5e-6, 100.4e-6];
  const options: PcapOptions = { variant: 'nanoseconds' };
  const early = PACKETS.slice(0, 3).map(({ bytes }, index) => ({ at: times[index] ?? 0, bytes }));
  const { traces } = await analyseCapture(captureFromBytes(pcap(early, options)));
  t.match(traces[0]?.facts, [{ at: 0 }, { at: 41 }, { rttUs: 41, handshakeRestUs: 59 }]);
});

/** What must be said of a file that is no capture. */
const NO_CAPTURES: Readonly<Record<string, readonly [bytes: Uint8Array, says: RegExp]>> = {
  'an empty file': [bytesOf(), /is empty$/],
  'three bytes': [bytesOf(1, 2, 3), /is no capture file/],
  text: [new TextEncoder().encode('This is some text, and long enough'), /is no capture file/],
  'a zip archive': [new TextEncoder().encode(`PK\x03\x04${'x'.repeat(40)}`), /a zip archive/],
  'gzip in gzip': [gzipSync(gzipSync(pcap(PACKETS))), /gzip data inside gzip data/],
  'a pcap header that is cut off': [pcap([]).subarray(0, 20), /ends inside its pcap header$/],
  'a pcap of version 7': [pcap([]).map((byte, at) => (at === 4 ? 7 : byte)), /version 7\.4/],
  'a section header that is cut off': [sectionHeader().subarray(0, 16), /pcapng header$/],
  'a section without byte order': [
    sectionHeader().map((byte, at) => (at >= 8 && at < 12 ? 0 : byte)),
    /section header is wrong$/,
  ],
  'gzip of nothing that is cut off': [gzipSync(pcap(PACKETS)).subarray(0, 12), /ends too early$/],
  'damaged gzip': [
    concat(gzipSync(pcap(PACKETS)).subarray(0, 10), new Uint8Array(60).fill(0xff)),
    /gzip data is damaged$/,
  ],
};

t.test('a file that is no capture is told in one sentence', async (t) => {
  for (const [name, [bytes, says]] of Object.entries(NO_CAPTURES)) {
    await t.rejects(
      analyseCapture(captureFromBytes(bytes)),
      { name: 'ProbeError', code: 'CANNOT_READ', message: says },
      name,
    );
  }
  await t.rejects(analyseCapture('/nowhere/at/all.pcap'), { code: 'CANNOT_READ' });
  await t.rejects(analyseCapture(import.meta.dirname), { message: /is a folder/ });
});

/** Every byte where fuzzing is asked for; else every third, beginning elsewhere in each form. */
const STRIDE = process.env['RDP_PROBE_FUZZ'] === undefined ? 3 : 1;

t.test('cut at any byte: what came before is read, or one sentence says why not', async (t) => {
  const forms = Object.entries({ pcap: pcap(PACKETS), ...FORMS });
  for (const [index, [name, bytes]] of forms.entries()) {
    let told = 0;
    for (let length = index % STRIDE; length < bytes.length; length += STRIDE) {
      const cut = await analyseCapture(captureFromBytes(bytes.subarray(0, length))).catch(
        (error: unknown) => {
          if (error instanceof ProbeError) return error;
          throw error;
        },
      );
      if (cut instanceof ProbeError) continue;
      told += cut.problems.length;
      if (cut.packets > PACKETS.length) t.fail(`${name} cut to ${length}: ${cut.packets} packets`);
    }
    t.ok(told > 0, `${name}: ${told} of ${bytes.length} cuts are told`);
  }
});

t.test('lengths that cannot be end the reading there, and are told', async (t) => {
  const good = pcap(PACKETS);
  const first = PACKETS[0]?.bytes.length ?? 0;
  const second = 24 + 16 + first;
  const claims = good.slice();
  claims.set([0xff, 0xff, 0xff, 0x7f], second + 8);
  for (const [name, bytes] of Object.entries({
    pcap: claims,
    'nanosecond pcap': concat(bytesOf(0x4d, 0x3c, 0xb2, 0xa1), claims.subarray(4)),
  })) {
    const { packets, problems } = await analyseCapture(captureFromBytes(bytes));
    t.equal(packets, 1, name);
    t.match(problems, [{ says: /^packet 2 at byte \d+ claims 2147483647 bytes/ }]);
  }

  const damaged: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    'a block shorter than its frame': [
      bytesOf(6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0),
      /8 bytes cannot/,
    ],
    'a block of gigabytes': [
      bytesOf(6, 0, 0, 0, 0, 0, 0, 0x70, 0, 0, 0, 0),
      /claims 1879048192 bytes/,
    ],
    'lengths that differ': [bytesOf(9, 9, 9, 9, 12, 0, 0, 0, 12, 0, 0, 0), /^$/],
    'an interface of 2^-127 s': [
      interfaceDescription({ options: option(9, bytesOf(0xff)) }),
      /resolution that cannot be/,
    ],
    'a section of version 2': [
      sectionHeader().map((byte, at) => (at === 12 ? 2 : byte)),
      /version 2/,
    ],
  };
  for (const [name, [bytes, says]] of Object.entries(damaged)) {
    const file = concat(pcapng(PACKETS), bytes, pcapng(PACKETS));
    const { packets, problems } = await analyseCapture(captureFromBytes(file));
    if (says.source === '^$') {
      t.equal(packets, 2 * PACKETS.length, name);
    } else {
      t.equal(packets, PACKETS.length, name);
      t.match(problems, [{ says }], name);
    }
  }
});

t.test('blocks whose content cannot be are left out, and counted', async (t) => {
  const [{ bytes } = { bytes: bytesOf() }] = PACKETS;
  const file = concat(
    pcapng(PACKETS),
    enhancedPacket({ interface: 7, units: 0n, bytes }),
    block(6, new Uint8Array(8)),
    enhancedPacket({ units: 0n, bytes }).map((byte, at) => (at === 20 ? 0xff : byte)),
    block(5, concat(new Uint8Array(12), option(5, bytesOf(3, 0, 0, 0, 0, 0, 0, 0)))),
  );
  const { packets, problems } = await analyseCapture(captureFromBytes(file));
  t.equal(packets, PACKETS.length + 3);
  t.match(problems, [
    { says: /interface that was not described/, packet: PACKETS.length + 1 },
    { says: /shorter than its own fields/ },
    { says: /more bytes than its block holds/ },
    { says: 'the capture itself lost 3 packets' },
  ]);
});

t.test('an option list that claims to go on for ever ends with its block', async (t) => {
  const endless = new Uint8Array(60_000);
  for (let at = 0; at < endless.length; at += 4) endless.set([1, 0, 0, 0], at);
  const file = concat(sectionHeader(), interfaceDescription({ options: endless }));
  const { packets, problems } = await analyseCapture(captureFromBytes(file));
  t.equal(packets, 0);
  t.strictSame(problems, []);
});

t.test('custom blocks are numbered as Wireshark numbers them', async (t) => {
  const file = concat(
    sectionHeader(),
    interfaceDescription(),
    block(0x0bad, bytesOf(0, 0, 0, 1)),
    ...PACKETS.map((packet) => enhanced(packet)),
  );
  const { packets, traces } = await analyseCapture(captureFromBytes(file));
  t.equal(packets, PACKETS.length + 1);
  t.match(traces[0]?.source, { firstPacket: 2, lastPacket: packets });
});

t.test('a gzip bomb is read through in little memory', async (t) => {
  const chunk = new Uint8Array(1 << 20);
  const bomb = gzipSync(
    concat(pcapng(PACKETS), block(0x7fff_0001, new Uint8Array(64 << 20)), chunk),
  );
  t.ok(bomb.length < 200_000);
  const before = process.memoryUsage().arrayBuffers;
  const { packets } = await analyseCapture(captureFromBytes(bomb));
  t.equal(packets, PACKETS.length);
  t.ok(process.memoryUsage().arrayBuffers - before < 16 << 20, 'nothing of it was collected');
});
