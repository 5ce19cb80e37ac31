import t from 'tap';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
import { openSsSockets } from '../../src/probe/kernel-socket-ss.js';
import { connectStream, loopbackServer } from '../support/loopback.js';

const kernel = openSsSockets('koffi was left out');
const SKIP = kernel.available ? false : 'NOT RUN: needs the command ss';

t.test('ss tells the same of a real socket as the kernel itself', { skip: SKIP }, async (t) => {
  if (!kernel.available) return;
  const server = await loopbackServer(t, '127.0.0.1');
  const opening = kernel.openStream({ family: 4, mss: null });
  if (opening.kind === 'refused') throw new Error(opening.why);
  const stream = opening.opened;
  t.equal(stream.info(), null, 'not connected yet');
  await connectStream(stream, '127.0.0.1', server.port);
  await server.accepted();
  const figures = kernel.read(stream.socket);
  t.ok((figures?.minRttUs ?? 0) > 0, 'a RTT');
  t.match(figures, { retransmissions: 0, unacknowledged: 0, backoff: 0 });
  t.match(stream.info(), { state: 1, bytesSent: 0, bytesAcknowledged: 1 });
  const direct = await openKernelSockets(process.platform);
  if (direct.available && direct.slow !== true) {
    t.strictSame(kernel.read(stream.socket), direct.read(stream.socket));
  }
  stream.socket.destroy();
  t.equal(stream.info(), null, 'nothing after the end');
  t.equal(kernel.read(stream.socket), null);
  stream.release();
});

t.test('a stream that is never used is closed with its release', { skip: SKIP }, (t) => {
  if (!kernel.available) return t.end();
  const opening = kernel.openStream({ family: 6, mss: null });
  if (opening.kind === 'refused') throw new Error(opening.why);
  opening.opened.release();
  opening.opened.release();
  t.ok(opening.opened.socket.destroyed);
  t.end();
});

t.test('a command that fails or says nothing', async (t) => {
  const server = await loopbackServer(t, '127.0.0.1');
  for (const output of [null, '', 'nonsense']) {
    const asked: string[][] = [];
    const sockets = openSsSockets('no koffi', (parameters) => {
      asked.push([...parameters]);
      return parameters[0] === '-V' ? 'ss utility, iproute2-6.1.0' : output;
    });
    if (!sockets.available) throw new Error(sockets.why);
    const opening = sockets.openStream({ family: 4, mss: null });
    if (opening.kind === 'refused') throw new Error(opening.why);
    const { socket } = opening.opened;
    await connectStream(opening.opened, '127.0.0.1', server.port);
    const { localPort } = socket;
    const info = opening.opened.info();
    t.equal(info?.rttUs ?? null, null);
    t.strictSame(asked[1], [
      '-tinoH',
      'sport',
      '=',
      `:${localPort}`,
      'and',
      'dport',
      '=',
      `:${server.port}`,
    ]);
    socket.destroy();
    opening.opened.release();
  }
});
