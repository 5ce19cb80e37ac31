import t from 'tap';
import { MessageStream } from '../../src/handshake/framing.js';
import type { Frame } from '../../src/wire/framing.js';
import { toHex } from '../../src/wire/hex.js';
import { seededRandom } from '../support/wire-vectors.js';

/** Messages whose first byte is the number of bytes that follow. */
function frame(bytes: Uint8Array): Frame {
  return { kind: 'frame', length: 1 + (bytes[0] ?? 0) };
}

t.test('messages come out as they went in, however they were cut', (t) => {
  const random = seededRandom(3);
  const messages = Array.from({ length: 200 }, (_, index) => {
    const length = index % 7 === 0 ? 250 : random() % 20;
    return Uint8Array.from({ length: length + 1 }, (_, at) => (at === 0 ? length : index));
  });
  const bytes = Buffer.concat(messages);
  for (const size of [1, 2, 3, 17, 251, 4096, bytes.length]) {
    const stream = new MessageStream();
    const out: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      stream.push(bytes.subarray(at, at + size), at);
      for (let next = stream.next(frame); next !== null; next = stream.next(frame)) {
        out.push(toHex(next.bytes));
      }
    }
    t.strictSame(out, messages.map(toHex), `${size} bytes at a time`);
    t.equal(stream.pending, 0);
  }
  t.end();
});

t.test('a message knows the times and packets of its first and last byte', (t) => {
  const stream = new MessageStream();
  stream.push(Uint8Array.of(3, 1), 10, 1);
  t.equal(stream.next(frame), null);
  stream.push(Uint8Array.of(2), 20, 2);
  stream.push(Uint8Array.of(3, 1, 9, 0), 30, 3);
  t.match(stream.next(frame), { startAt: 10, at: 30, packets: [1, 2, 3], size: 4 });
  t.match(stream.next(frame), { startAt: 30, at: 30, packets: [3], size: 2 });
  t.match(stream.next(frame), { startAt: 30, at: 30, packets: [3], size: 1 });
  t.equal(stream.next(frame), null);
  t.equal(stream.firstAt, null);
  t.end();
});

t.test('what a message returns is a copy: later bytes do not change it', (t) => {
  const stream = new MessageStream();
  stream.push(Uint8Array.of(1, 7), 0);
  const first = stream.next(frame);
  for (let round = 0; round < 1000; round++) stream.push(Uint8Array.of(0), 0);
  t.same(first?.bytes, Uint8Array.of(1, 7));
  t.end();
});
