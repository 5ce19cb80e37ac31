import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { madeOf } from '../support/made-capture.js';
import { START, Talk } from '../support/talk.js';

/* A process of its own, because it measures its memory. */

const MEGABYTE = 1 << 20;

/** Offset of the source address in an Ethernet frame with IPv4. */
const SOURCE = 26;

t.test('a flood of SYNs is counted, and does not fill the memory', async (t) => {
  const count = 200_000;
  const [syn] = new Talk().open(0, 0, 1).packets();
  if (syn === undefined) throw new Error('nothing was said');
  const source = madeOf(count, syn, (packet, index) => {
    packet.setUint32(SOURCE, 0x0100_0000 + index);
    return START + index / 100_000;
  });
  const before = process.memoryUsage().rss;
  let largest = 0;
  let told = 0;
  const { conversations, problems } = await analyseCapture(source, {
    onTrace: () => told++,
    onProgress: () => {
      largest = Math.max(largest, process.memoryUsage().rss - before);
    },
  });
  t.equal(conversations, count);
  t.equal(told, count);
  t.match(problems, [{ says: /^more than 4096 conversations at a time/ }]);
  t.ok(largest < 400 * MEGABYTE, `${Math.round(largest / MEGABYTE)} MB at most`);
});
