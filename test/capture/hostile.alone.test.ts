import t, { type Test } from 'tap';
import { type AnalyseOptions, analyseCapture } from '../../src/capture/analyse.js';
import { type CaptureSource, captureFromBytes } from '../../src/capture/source.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { ProbeError } from '../../src/probe-error.js';
import { concat } from '../../src/wire/writer.js';
import { conversations } from '../support/conversations.js';
import { madeOf } from '../support/made-capture.js';
import { ethernet, ip, pcap, pcapng, SYN } from '../support/packets.js';
import { START, Talk, talkOf } from '../support/talk.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';

/** What comes of it: an analysis, or our own error. Anything else fails the test. */
async function outcome(source: CaptureSource, options: AnalyseOptions = {}) {
  try {
    const analysis = await analyseCapture(source, { all: true, ...options });
    for (const trace of analysis.traces) {
      toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
      // What is not RDP is told when that is known, with the time of its first byte.
      const inOrder = trace.facts.filter(({ kind }) => kind !== 'foreign' && kind !== 'malformed');
      for (const [index, { at }] of inOrder.slice(0, -1).entries()) {
        const before = inOrder[index - 1]?.at ?? 0;
        if (at !== null && at < before) throw new Error(`time runs backwards at fact ${index}`);
      }
    }
    return analysis;
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
}

const SAMPLES = conversations().flatMap((recorded, index) => {
  const ipv6 = { client: '[2001:db8::1]:50000', server: '[2001:db8::2]:3389' };
  const packets = talkOf(recorded, { mss: 300, ...(index % 2 === 0 ? {} : ipv6) }).packets();
  return [pcap(packets.slice(0, 30)), pcapng(packets.slice(0, 30), index % 2 === 0)];
});

/** CI runs more: see .ci/run. */
const ROUNDS = Number(process.env['RDP_PROBE_FUZZ'] ?? 1_000);

t.test(`whatever the bytes of a file: an analysis or one sentence (${ROUNDS})`, async (t) => {
  const random = seededRandom(11);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  t.teardown(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  let refused = 0;
  let traces = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutated(SAMPLES, random);
    const result = await outcome(captureFromBytes(bytes), { every: round % 2 === 0 });
    if (result instanceof ProbeError) refused++;
    else traces += result.traces.length;
  }
  t.ok(refused > ROUNDS / 30, `${refused} are refused`);
  t.ok(traces > ROUNDS / 3, `${traces} traces come of the others`);
});

t.test(`whatever the bytes of the packets (${ROUNDS})`, async (t) => {
  const random = seededRandom(12);
  let traces = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const recorded = conversations()[random() % conversations().length];
    if (recorded === undefined) continue;
    const packets = talkOf(recorded, { mss: 200 }).packets().slice(0, 24);
    const changed = packets.map(({ at, bytes }) => {
      if (random() % 3 !== 0) return { at, bytes };
      // Mostly headers: link, IP, TCP and its options.
      const copy = bytes.slice();
      copy[random() % Math.min(copy.length, 74)] = random() & 0xff;
      const cut = random() % 10 === 0 ? copy.subarray(0, random() % copy.length) : copy;
      return { at: at + (random() % 3) - 1, bytes: cut, originalLength: bytes.length };
    });
    const linkType = [1, 1, 1, 0, 9, 51, 101, 113, 239, 276][random() % 10] ?? 1;
    const result = await outcome(captureFromBytes(pcap(changed, { linkType })), { every: true });
    if (result instanceof ProbeError) t.fail(result.message);
    else traces += result.traces.length;
  }
  t.ok(traces > ROUNDS / 3, `${traces} traces`);
});

/** Offsets in an Ethernet frame with IPv4 and TCP. */
const TOTAL_LENGTH = 16;
const SOURCE = 26;
const SEQUENCE = 38;

const MEGABYTE = 1 << 20;

for (const holes of [0, 1]) {
  t.test(`a connection of 4 GB with ${holes} holes`, (t) => checkGigabytes(t, holes));
}

async function checkGigabytes(t: Test, holes: number): Promise<void> {
  const talk = new Talk({ serverIsn: 0xf000_0000 }).open();
  talk.send('client', 30_000, talkBytes());
  const size = 60_000;
  const count = 80_000;
  const segment = ip({ from: '10.0.0.2:3389', to: '10.0.0.1:50000', ack: 1043 });
  const template = { bytes: ethernet(segment), length: 54 + size };
  const source = madeOf(
    count,
    template,
    (packet, index) => {
      packet.setUint16(TOTAL_LENGTH, 40 + size);
      const before = index < 100 ? index : index + holes;
      packet.setUint32(SEQUENCE, (0xf000_0001 + before * size) >>> 0);
      return START + 1 + index / 1000;
    },
    talk.packets(),
  );
  const { traces } = await analyseCapture(source);
  const figures = traces[0]?.facts.find((fact) => fact.kind === 'tcp-figures');
  t.equal(figures?.server.bytes, size * count);
  t.equal(figures?.server.retransmissions, 0);
  t.equal(traces.length, 1);
  t.ok((traces[0]?.facts.length ?? 0) < 200);
}

function talkBytes(): Uint8Array {
  return Uint8Array.from(
    Buffer.from(
      '0300002a25e00000000000436f6f6b69653a206d737473686173683d757365720d0a0100080001000000',
      'hex',
    ),
  );
}

t.test('a server that sends without end is not read without end', async (t) => {
  const talk = new Talk().open().send('client', 30_000, talkBytes());
  const payload = new Uint8Array(1400).fill(0x16);
  const segment = ip({ from: '10.0.0.2:3389', to: '10.0.0.1:50000', ack: 1043, payload });
  const source = madeOf(
    20_000,
    { bytes: ethernet(segment) },
    (packet, index) => {
      packet.setUint32(SEQUENCE, 5001 + index * payload.length);
      return START + 1 + index / 1000;
    },
    talk.packets(),
  );
  const { traces } = await analyseCapture(source);
  t.match(traces[0]?.facts[3], { kind: 'foreign', by: 'server' });
  t.equal(traces[0]?.facts.length, 5);
});

t.test('holes that are never filled keep no bytes for ever', async (t) => {
  const flows = 2000;
  const payload = new Uint8Array(1400).fill(7);
  const syn = ip({ from: '10.0.0.1:4000', to: '10.9.9.9:3389', flags: SYN, seq: 1 });
  const first = Array.from({ length: flows }, (_, flow) => {
    const bytes = ethernet(syn.slice());
    new DataView(bytes.buffer).setUint32(SOURCE, 0x0a00_0000 + flow);
    return { at: START, bytes };
  });
  const segment = ip({ from: '10.0.0.1:4000', to: '10.9.9.9:3389', payload });
  const source = madeOf(
    flows * 100,
    { bytes: ethernet(segment) },
    (packet, index) => {
      packet.setUint32(SOURCE, 0x0a00_0000 + (index % flows));
      packet.setUint32(SEQUENCE, 2000 + Math.floor(index / flows) * 2800);
      return START + 1 + index / 100_000;
    },
    first,
  );
  let largest = 0;
  const before = process.memoryUsage().arrayBuffers;
  const { problems } = await analyseCapture(source, {
    onTrace: () => {},
    onProgress: () => {
      largest = Math.max(largest, process.memoryUsage().arrayBuffers - before);
    },
  });
  t.match(problems, [{ says: /too many bytes waited/ }]);
  t.ok(largest < 200 * MEGABYTE, `${Math.round(largest / MEGABYTE)} MB at most`);
});

t.test('many files of nothing but headers', async (t) => {
  for (const bytes of [pcap([]), pcapng([]), concat(pcapng([]), pcapng([], false))]) {
    const result = await outcome(captureFromBytes(bytes));
    t.match(result, { packets: 0, traces: [], problems: [], startedAt: null, endedAt: null });
  }
});
