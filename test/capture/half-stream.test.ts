import t from 'tap';
import { HalfStream } from '../../src/capture/half-stream.js';
import { FIN, SYN, TcpHeader } from '../../src/capture/tcp.js';
import { seededRandom } from '../support/wire-vectors.js';

interface Told {
  /** how far the stream was told, bytes and gaps together */
  length: number;
  gaps: number;
  ends: number;
  /** a byte that is not the one of its place */
  wrong: number;
}

const byteAt = (offset: number): number => (offset * 31 + (offset >> 8)) & 0xff;

function newHalf(): { half: HalfStream; told: Told } {
  const told: Told = { length: 0, gaps: 0, ends: 0, wrong: 0 };
  const half = new HalfStream({
    bytes: (_, bytes) => {
      for (const byte of bytes) if (byte !== byteAt(told.length++)) told.wrong++;
    },
    gap: (_, length) => {
      if (length <= 0) told.wrong++;
      told.length += length;
      told.gaps += length;
    },
    fin: () => {
      told.ends++;
    },
  });
  return { half, told };
}

function segment(sequence: number, length: number, flags: number): TcpHeader {
  const tcp = new TcpHeader();
  tcp.sequence = sequence | 0;
  tcp.length = length;
  tcp.flags = flags;
  return tcp;
}

/** Whatever is lost, repeated or overtaken: in order, each byte once, and the right ones. */
t.test('random segments of one stream (2000 streams)', (t) => {
  const random = seededRandom(21);
  let gaps = 0;
  for (let round = 0; round < 2000; round++) {
    const { half, told } = newHalf();
    const isn = [0, 0x7fff_ff00, 0xffff_ff00, random()][round % 4] ?? 0;
    const total = 200 + (random() % 2000);
    half.receive(segment(isn, 0, SYN), new Uint8Array(0), 0, 1, 1);
    let at = 0;
    let sent = 0;
    while (sent < total) {
      at += 1e6;
      const start = Math.max(0, sent - (random() % 300) + (random() % 200));
      const length = Math.min(total - start, 1 + (random() % 150));
      if (length <= 0) break;
      const bytes = Uint8Array.from({ length }, (_, index) => byteAt(start + index));
      const captured = random() % 10 === 0 ? bytes.subarray(0, random() % length) : bytes;
      const flags = start + length === total ? FIN : 0;
      half.receive(segment(isn + 1 + start, length, flags), captured, at, 2, 1e6);
      sent = Math.max(sent, start + length);
      if (random() % 3 === 0) half.acknowledge((isn + 1 + (random() % (sent + 1))) | 0, at);
      if (random() % 20 === 0) at += 500e6;
      half.settle(at);
      if (random() % 400 === 0) half.stopReading();
    }
    half.acknowledge((isn + 1 + sent) | 0, at);
    half.finish(at);
    if (told.wrong > 0) t.fail(`round ${round}: ${told.wrong} bytes are not in their place`);
    if (told.length > sent) t.fail(`round ${round}: ${told.length} of ${sent} bytes were told`);
    if (told.ends > 1) t.fail(`round ${round}: ${told.ends} ends`);
    gaps += told.gaps;
  }
  t.ok(gaps > 0, `${gaps} bytes were missing`);
  t.end();
});

t.test('random sequence numbers: bounded, and always an end (300)', (t) => {
  const random = seededRandom(22);
  const bytes = new Uint8Array(1400);
  for (let round = 0; round < 300; round++) {
    const { half, told } = newHalf();
    const base = random();
    const spread = [16, 3000, 1 << 20, 0xffff_ffff][round % 4] ?? 16;
    for (let step = 0; step < 400; step++) {
      const sequence = base + (random() % spread);
      const length = random() % 1400;
      const flags = random() & (FIN | SYN);
      half.receive(
        segment(sequence, length, flags),
        bytes.subarray(0, length),
        step * 1e8,
        step,
        1e6,
      );
      if (random() % 2 === 0) half.acknowledge((base + (random() % spread)) | 0, step * 1e8);
      half.settle(step * 1e8);
      if (half.pendingBytes > 300_000) t.fail(`${half.pendingBytes} bytes wait`);
    }
    half.finish(1e12);
    if (told.ends > 1) t.fail(`round ${round}: ${told.ends} ends`);
  }
  t.pass('all came to an end');
  t.end();
});
