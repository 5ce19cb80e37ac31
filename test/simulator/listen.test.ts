import { connect, type Socket } from 'node:net';
import t from 'tap';
import { ProbeError } from '../../src/probe-error.js';
import { startSimulator } from '../../src/simulator/listen.js';
import type { Played } from '../../src/simulator/play.js';
import type { Scenario, Step } from '../../src/simulator/scenario.js';

function scenario(...steps: readonly Step[]): Scenario {
  return { name: 'test', title: 'test', listed: false, steps };
}

interface Visit {
  readonly socket: Socket;
  readonly received: string;
  readonly events: readonly string[];
}

/** Connects, says something, and waits until the connection is closed. */
async function visit(port: number, says: string): Promise<Visit> {
  const socket = connect({ host: '127.0.0.1', port });
  const events: string[] = [];
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('hex');
  });
  for (const event of ['connect', 'end', 'error'] as const) {
    socket.on(event, () => events.push(event));
  }
  socket.write(says);
  await new Promise((resolve) => socket.once('close', resolve));
  return { socket, received, events };
}

t.test('plays the scenario on every connection', async (t) => {
  const ends: Played[] = [];
  const simulator = await startSimulator(
    scenario(
      { do: 'expect-bytes', count: 2 },
      { do: 'send', hex: '0102' },
      {
        do: 'close',
        closeNotify: false,
      },
    ),
    { onPlayed: (played) => ends.push(played) },
  );
  t.equal(simulator.address, '127.0.0.1');
  t.equal(simulator.connections, 0);
  const visits = await Promise.all([visit(simulator.port, 'hi'), visit(simulator.port, 'hi')]);
  t.strictSame(
    visits.map(({ received, events }) => ({ received, events })),
    Array(2).fill({ received: '0102', events: ['connect', 'end'] }),
  );
  t.equal(simulator.connections, 2);
  await simulator.close();
  t.strictSame(ends, Array(2).fill({ step: 2, how: 'ended' }));
});

t.test('a reset is a RST, without a FIN before it', async (t) => {
  const simulator = await startSimulator(
    scenario({ do: 'expect-bytes', count: 2 }, { do: 'reset' }),
  );
  const { events } = await visit(simulator.port, 'hi');
  t.strictSame(events, ['connect', 'error']);
  await simulator.close();
});

t.test('a port that is in use, and hosts that are not ours', async (t) => {
  const simulator = await startSimulator(scenario());
  await t.rejects(startSimulator(scenario(), { port: simulator.port }), {
    name: 'ProbeError',
    code: 'CANNOT_LISTEN',
    message: `cannot listen on 127.0.0.1 port ${simulator.port}: another program uses it`,
  });
  await simulator.close();
  const again = await startSimulator(scenario(), { port: simulator.port });
  await again.close();
  await again.close();

  for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example', 'example.com']) {
    await t.rejects(startSimulator(scenario(), { host }), { code: 'BAD_OPTION' }, host);
  }
  await t.rejects(
    startSimulator(scenario(), { host: '192.0.2.1', allowRemote: true }),
    new ProbeError(
      'CANNOT_LISTEN',
      'cannot listen on 192.0.2.1 port 0: this machine does not have that address',
    ),
  );
});

t.test('closing and aborting break off what is under way', async (t) => {
  const stop = new AbortController();
  const aborted: Played[] = [];
  const first = await startSimulator(scenario(), {
    signal: stop.signal,
    onPlayed: (played) => aborted.push(played),
  });
  const visitor = visit(first.port, 'x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  await visitor;
  await first.close();
  t.strictSame(aborted, [{ step: 0, how: 'aborted' }]);

  const second = await startSimulator(scenario());
  const other = visit(second.port, 'x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await second.close();
  await other;
  await t.rejects(startSimulator(scenario(), { signal: stop.signal }), { name: 'AbortError' });
});

t.test('a reset right after the end of our direction is a reset too', async (t) => {
  const simulator = await startSimulator(scenario({ do: 'half-close' }, { do: 'reset' }));
  t.teardown(() => simulator.close());
  const socket = connect({ host: '127.0.0.1', port: simulator.port, allowHalfOpen: true });
  // After an end nothing is read any more, so that only a write shows what became of the connection.
  socket.once('end', () => {
    const writing = setInterval(() => socket.write('x'), 5);
    socket.once('close', () => clearInterval(writing));
  });
  socket.resume();
  const code = await new Promise((resolve) =>
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
  );
  t.ok(code === 'ECONNRESET' || code === 'EPIPE', `${code}`);
});
