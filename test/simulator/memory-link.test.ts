import type { Duplex } from 'node:stream';
import t from 'tap';
import { type Cut, memoryLink } from '../../src/simulator/memory-link.js';

/** What arrives at an end, in pieces, until it ends or breaks. */
async function arrivals(end: Duplex): Promise<{ pieces: string[]; how: string }> {
  const pieces: string[] = [];
  end.on('data', (chunk: Buffer) => pieces.push(chunk.toString('latin1')));
  const how = await new Promise<string>((resolve) => {
    end.once('end', () => resolve('end'));
    end.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
  return { pieces, how };
}

t.test('bytes arrive in order, cut as asked, in each direction', async (t) => {
  const text = 'an X.224 connection request and whatever comes behind it'.repeat(4);
  const piecesOf = async (cut: Cut): Promise<string[]> => {
    const { client, server } = memoryLink({ toServer: cut });
    client.write(text.slice(0, 10));
    client.end(text.slice(10));
    const { pieces } = await arrivals(server);
    t.equal(pieces.join(''), text);
    return pieces;
  };
  t.strictSame(await piecesOf('whole'), [text.slice(0, 10), text.slice(10)]);
  t.strictSame(await piecesOf('bytes'), [...text]);
  const random = await piecesOf({ seed: 1 });
  t.ok(random.length > 4);
  t.strictSame(await piecesOf({ seed: 1 }), random, 'the same for the same seed');
  t.not((await piecesOf({ seed: 2 })).join('|'), random.join('|'));

  const { client, server } = memoryLink({ toServer: 'whole', toClient: 'bytes' });
  server.end('abc');
  t.strictSame((await arrivals(client)).pieces, ['a', 'b', 'c']);
});

t.test('each direction ends by itself', async (t) => {
  const { client, server } = memoryLink();
  client.end('question');
  const asked = await arrivals(server);
  t.strictSame(asked, { pieces: ['question'], how: 'end' });
  t.notOk(client.destroyed, 'the client goes on reading');
  server.end('answer');
  t.strictSame(await arrivals(client), { pieces: ['answer'], how: 'end' });
});

t.test('a reset comes behind what was sent before it', async (t) => {
  const { client, server } = memoryLink();
  const seen = arrivals(client);
  await new Promise<void>((resolve) => server.write('last words', () => resolve()));
  server.reset();
  server.reset();
  t.strictSame(await seen, { pieces: ['last words'], how: 'ECONNRESET' });
  t.ok(client.destroyed);
});

t.test('a reset is seen by an end that only writes', async (t) => {
  const { client, server } = memoryLink();
  server.on('error', () => {});
  server.reset();
  client.write('more');
  const code = await new Promise((resolve) => {
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  t.equal(code, 'ECONNRESET');
});

t.test('a destroyed end is an end for the other, and writing to it a reset', async (t) => {
  const { client, server } = memoryLink();
  server.destroy();
  const seen = arrivals(client);
  t.strictSame(await seen, { pieces: [], how: 'end' });
  const broken = new Promise((resolve) => {
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  client.write('anybody there?');
  t.equal(await broken, 'ECONNRESET');
});

t.test('a write of nothing is none', async (t) => {
  const { client, server } = memoryLink();
  server.destroy();
  const error = await new Promise((resolve) => client.write(new Uint8Array(0), resolve));
  t.notOk(error);
  t.notOk(client.destroyed);
});

t.test('a peer that does not read holds the writer back', async (t) => {
  const { client, server } = memoryLink();
  const block = Buffer.alloc(16 * 1024);
  let written = 0;
  for (let count = 0; count < 100; count++) client.write(block, () => written++);
  for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
  t.ok(written < 10, `${written} of 100 blocks are gone`);
  let received = 0;
  server.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  client.end();
  await new Promise((resolve) => server.once('end', resolve));
  t.equal(received, 100 * block.length);
});
