import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import t from 'tap';
import { type MemoryEnd, memoryLink } from '../../src/simulator/memory-link.js';
import { type Played, type PlayOptions, play } from '../../src/simulator/play.js';
import type { Step } from '../../src/simulator/scenario.js';
import { startTls } from '../../src/simulator/scenario-parts.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';

const REQUEST = '030000130ee000000000000100080003000000';

interface Table {
  readonly client: MemoryEnd;
  readonly played: Promise<Played>;
  /** what has arrived, a piece an entry, as hex */
  readonly pieces: string[];
  /** how it ended for the client: `end`, or the code of an error */
  readonly ended: Promise<string>;
}

function playSteps(steps: readonly Step[], options: PlayOptions = {}): Table {
  const { client, server } = memoryLink();
  const scenario = { name: 'test', title: 'test', listed: false, steps };
  const played = play(scenario, { stream: server, reset: () => server.reset() }, options);
  const pieces: string[] = [];
  client.on('data', (chunk: Buffer) => pieces.push(chunk.toString('hex')));
  return { client, played, pieces, ended: endOf(client) };
}

function endOf(client: Duplex): Promise<string> {
  return new Promise((resolve) => {
    client.once('end', () => resolve('end'));
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

const CLOSE: Step = { do: 'close', closeNotify: false };

t.test('steps are played in order', async (t) => {
  const { client, played, pieces, ended } = playSteps([
    { do: 'expect', what: 'connection-request' },
    { do: 'send', hex: '01 02' },
    { do: 'expect-bytes', count: 2 },
    { do: 'wait', ms: 1 },
    { do: 'send-message', message: { is: 'negotiation-failure', failureCode: 5 } },
    { do: 'expect', what: 'any' },
    CLOSE,
  ]);
  // One message in two pieces, and the next one behind it.
  client.write(hex(REQUEST.slice(0, 8)));
  client.write(hex(`${REQUEST.slice(8)}aabbcc`));
  t.equal(await ended, 'end');
  t.strictSame(pieces, ['0102', '030000130ed000001234000300080005000000']);
  client.end();
  t.strictSame(await played, { step: 6, how: 'ended' });
});

t.test('what comes from a client that is not expected ends the scenario', async (t) => {
  for (const [what, bytes] of [
    ['connection-request', '474554202f'],
    ['connection-request', '0300000702f080'],
    ['client-hello', '15030100020100'],
    ['ts-request', '0400'],
    ['mcs-connect-initial', '0300000802f08028'],
  ] as const) {
    const { client, played, ended } = playSteps([{ do: 'expect', what }]);
    client.write(hex(bytes));
    t.equal(await ended, 'end');
    client.end();
    t.strictSame(await played, { step: 0, how: 'unexpected' }, `${bytes} for ${what}`);
  }
});

t.test('split and trickle cut what goes out', async (t) => {
  const split = playSteps([{ do: 'split', every: 2 }, { do: 'send', hex: '0102030405' }, CLOSE]);
  await split.ended;
  split.client.end();
  await split.played;
  t.strictSame(split.pieces, ['0102', '0304', '05']);

  const trickle = playSteps([{ do: 'trickle', everyMs: 2 }, { do: 'send', hex: '010203' }, CLOSE]);
  await trickle.ended;
  trickle.client.end();
  await trickle.played;
  t.strictSame(trickle.pieces, ['01', '02', '03']);
});

t.test('garbage is the same for the same seed', async (t) => {
  const sent = async (seed: number): Promise<string> => {
    const { client, pieces, played, ended } = playSteps([
      { do: 'garbage', seed, count: 40 },
      CLOSE,
    ]);
    await ended;
    client.end();
    await played;
    return pieces.join('');
  };
  const first = await sent(1);
  t.equal(first.length, 80);
  t.equal(await sent(1), first);
  t.not(await sent(2), first);
});

t.test('a connection breaks after so many bytes, as asked', async (t) => {
  for (const [how, end] of [
    ['close', 'end'],
    ['reset', 'ECONNRESET'],
  ] as const) {
    const { client, played, pieces, ended } = playSteps([
      { do: 'break-after', count: 3, how },
      { do: 'send', hex: '0102' },
      { do: 'send', hex: '030405' },
      { do: 'send', hex: '06' },
    ]);
    t.equal(await ended, end);
    client.end();
    await played;
    t.equal(pieces.join(''), '010203', how);
  }
  const { client, played, pieces, ended } = playSteps([
    { do: 'break-after', count: 1, how: 'stall' },
    { do: 'send', hex: '0102' },
    { do: 'expect', what: 'any' },
    { do: 'send', hex: '03' },
  ]);
  client.write('x');
  client.end();
  t.equal(await ended, 'end');
  t.strictSame(await played, { step: 4, how: 'client-left' });
  t.strictSame(pieces, ['01']);
});

t.test('half-close, close, reset', async (t) => {
  const half = playSteps([{ do: 'half-close' }, { do: 'expect-bytes', count: 3 }, { do: 'reset' }]);
  t.equal(await half.ended, 'end');
  half.client.on('error', () => {});
  half.client.write('abc');
  t.strictSame(await half.played, { step: 2, how: 'ended' });

  const reset = playSteps([{ do: 'reset' }]);
  t.equal(await reset.ended, 'ECONNRESET');
  t.strictSame(await reset.played, { step: 0, how: 'ended' });
});

t.test('every step ends when the client leaves', async (t) => {
  const steps: readonly Step[] = [
    { do: 'expect', what: 'connection-request' },
    { do: 'expect-bytes', count: 9 },
    { do: 'wait', ms: 600_000 },
    { do: 'flood', hex: '00'.repeat(100) },
    { do: 'stall' },
    startTls(),
  ];
  for (const step of steps) {
    for (const leave of ['end', 'reset', 'destroy'] as const) {
      const { client, played } = playSteps([step]);
      client.on('error', () => {});
      client.write('x');
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (leave === 'end') client.end();
      else if (leave === 'reset') client.reset();
      else client.destroy();
      const { how } = await played;
      const wanted = step.do === 'expect' ? ['unexpected'] : ['client-left', 'tls-failed'];
      t.ok(wanted.includes(how), `${step.do}, client ${leave}: ${how}`);
    }
  }
  const trickle = playSteps([
    { do: 'trickle', everyMs: 600_000 },
    { do: 'send', hex: '0102' },
  ]);
  trickle.client.end();
  t.equal(await trickle.ended, 'end');
  t.equal((await trickle.played).how, 'client-left');
});

t.test('a client that left before it began', async (t) => {
  const { client, server } = memoryLink();
  client.destroy();
  server.destroy();
  const scenario = { name: 'test', title: 'test', listed: false, steps: [] };
  const played = await play(scenario, { stream: server, reset: () => server.reset() });
  t.strictSame(played, { step: 0, how: 'client-left' });
});

t.test('a signal and the time limit end it in the middle of a step', async (t) => {
  const steps: readonly Step[] = [
    { do: 'stall' },
    { do: 'wait', ms: 600_000 },
    { do: 'expect', what: 'any' },
    { do: 'flood', hex: '00' },
    startTls(),
  ];
  for (const step of steps) {
    const limited = playSteps([step], { limitMs: 10 });
    await limited.ended;
    t.strictSame(await limited.played, { step: 0, how: 'out-of-time' }, step.do);

    const stop = new AbortController();
    const aborted = playSteps([step], { signal: stop.signal });
    setTimeout(() => stop.abort(), 5);
    await aborted.ended;
    t.strictSame(await aborted.played, { step: 0, how: 'aborted' }, step.do);
  }
  const before = playSteps([CLOSE], { signal: AbortSignal.abort() });
  t.strictSame(await before.played, { step: 0, how: 'aborted' });
});

t.test('TLS starts with what the client has sent already, and messages go inside', async (t) => {
  const { client, server } = memoryLink();
  const played = play(
    {
      name: 'test',
      title: 'test',
      listed: false,
      steps: [
        { do: 'expect', what: 'client-hello' },
        startTls('self-signed', ['TLSv1.2', 'TLSv1.2']),
        { do: 'expect-bytes', count: 4 },
        { do: 'send', hex: '70 6f 6e 67' },
        { do: 'close', closeNotify: true },
      ],
    },
    { stream: server, reset: () => server.reset() },
  );
  const tls = connect({ socket: client, rejectUnauthorized: false });
  tls.write('ping');
  const chunks: string[] = [];
  tls.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  await new Promise((resolve) => tls.once('end', resolve));
  t.strictSame(chunks, ['pong']);
  t.equal(tls.getProtocol(), 'TLSv1.2');
  t.equal(tls.getPeerCertificate().subject.CN, 'srv01.corp.example');
  tls.end();
  t.strictSame(await played, { step: 4, how: 'ended' });
});

t.test('a TLS handshake that fails shows its alert and is told', async (t) => {
  const { client, server } = memoryLink();
  const played = play(
    {
      name: 'test',
      title: 'test',
      listed: false,
      steps: [startTls('self-signed', ['TLSv1.2', 'TLSv1.2'])],
    },
    { stream: server, reset: () => server.reset() },
  );
  const tls = connect({ socket: client, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const error = await new Promise<Error>((resolve) => tls.once('error', resolve));
  t.match(error.message, /alert number 70/);
  client.end();
  t.strictSame(await played, { step: 0, how: 'tls-failed' });
});

t.test('whatever a client sends, and however it leaves, the player ends', async (t) => {
  const random = seededRandom(5);
  const bytes = (length: number): Buffer =>
    Buffer.from(Uint8Array.from({ length }, () => random() & 0xff));
  const steps: readonly Step[] = [
    { do: 'expect', what: 'connection-request' },
    { do: 'send', hex: '0102' },
    startTls(),
    { do: 'expect', what: 'ts-request' },
    { do: 'send', hex: '0304' },
  ];
  const hello = hex('160301003801000034030300');
  const outcomes = new Set<string>();
  for (let round = 0; round < 200; round++) {
    const { client, played } = playSteps(steps, { limitMs: 10_000 });
    client.on('error', () => {});
    const parts = [
      hex(REQUEST),
      hello,
      bytes(random() % 80),
      hex('1503030002022a'),
      bytes(random() % 20_000),
    ];
    for (const part of parts.slice(random() % 2, 1 + (random() % 5))) client.write(part);
    if (random() % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    const leave = random() % 3;
    if (leave === 0) client.end();
    else if (leave === 1) client.reset();
    else client.destroy();
    outcomes.add((await played).how);
  }
  t.notOk(outcomes.has('out-of-time'), [...outcomes].join(', '));
  t.ok(outcomes.size >= 3, [...outcomes].join(', '));
});
