import t from 'tap';
import { toHandshake } from '../../src/handshake/summary.js';
import { CONFIRM, figuresOf, REQUEST, traceOf } from '../support/captured-trace.js';
import { ACK, bytesOf, RST, SYN, SYN_OPTIONS } from '../support/packets.js';
import { packetsOf, Talk } from '../support/talk.js';

const VERDICT = { id: 0, purpose: 'verdict', reason: null } as const;

t.test('keep-alives, zero windows and duplicate acknowledgments', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST).send('server', 50_000, CONFIRM);
  talk.ack('client', 60_000);
  talk.say('client', 10_000_000, { seq: talk.next('client') - 1 });
  talk.ack('server', 10_020_000);
  talk.say('client', 20_000_000, { seq: talk.next('client') - 1, payload: bytesOf(0) });
  talk.ack('server', 20_020_000);
  talk.say('server', 21_000_000, { window: 0 });
  for (const at of [22_000_000, 23_000_000, 24_000_000]) talk.ack('client', at);
  const { client, server } = figuresOf(await traceOf(talk.packets()));
  t.match(client, { keepAlives: 2, retransmissions: 0, duplicateAcks: 3, zeroWindows: 0 });
  t.match(server, { zeroWindows: 1, retransmissions: 0, duplicateAcks: 0 });
});

t.test('a needless retransmission is told by its receiver (DSACK)', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  const sack = (left: number, right: number) =>
    bytesOf(
      1,
      1,
      8,
      10,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1,
      1,
      1,
      5,
      10,
      0,
      0,
      left >> 8,
      left & 0xff,
      0,
      0,
      right >> 8,
      right & 0xff,
    );
  talk.say('server', 50_000, { options: sack(1001, 1043) });
  talk.say('server', 51_000, { options: sack(1100, 1200) });
  const { client } = figuresOf(await traceOf(talk.packets()));
  t.equal(client.spuriousRetransmissions, 1);
});

t.test('sizes: the largest that passed, and the largest that arrived', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST).send('server', 40_000, CONFIRM);
  talk.ack('client', 41_000);
  talk.send('server', 50_000, new Uint8Array(1302));
  const { client, server } = figuresOf(await traceOf(talk.packets()));
  t.match(client, { largestSegment: 42, largestAcknowledged: 42, mss: 1460 });
  t.match(server, { largestSegment: 1302, largestAcknowledged: 19, windowScale: 7 });
});

t.test('where the capture was taken', async (t) => {
  const at = async (toServer: number, toClient: number) => {
    const talk = new Talk().open(0, toServer, 2).ack('client', toServer + toClient);
    return figuresOf(await traceOf(talk.packets())).vantage;
  };
  t.equal(await at(20_000, 40), 'client');
  t.equal(await at(60, 30_000), 'server');
  t.equal(await at(9_000, 12_000), 'middle');
  t.equal(await at(30, 20), 'unknown');
  t.equal(figuresOf(await traceOf(new Talk().open(0, 50, 2).packets())).vantage, 'unknown');
});

t.test('a SYN/ACK tells by its time stamp which SYN it answers', async (t) => {
  const stamp = (value: number, echo: number) => bytesOf(8, 10, 0, 0, 0, value, 0, 0, 0, echo);
  const talk = new Talk();
  talk.say('client', 0, { flags: SYN, ack: 0, options: stamp(10, 0) });
  talk.say('client', 1_000_000, { flags: SYN, ack: 0, options: stamp(20, 0) });
  talk.say('server', 1_200_000, { flags: SYN | ACK, ack: 1001, options: stamp(99, 10) });
  const first = await traceOf(talk.packets());
  t.match(figuresOf(first), { rttUs: 1_200_000, client: { synRetransmissions: 1 } });
  const other = talk.said.map((one, index) =>
    index === 2 ? { ...one, segment: { ...one.segment, options: stamp(99, 20) } } : one,
  );
  t.equal(figuresOf(await traceOf(packetsOf(other))).rttUs, 200_000);
});

t.test('attempts that come to nothing', async (t) => {
  const refused = new Talk().open(0, 0, 1).say('server', 300, { flags: RST | ACK, seq: 0 });
  t.match((await traceOf(refused.packets())).facts, [
    { kind: 'tcp-connect', at: 0, packets: [1] },
    {
      kind: 'tcp-failed',
      how: 'refused',
      by: 'server',
      code: 'ECONNREFUSED',
      at: 300,
      packets: [2],
    },
    { kind: 'tcp-figures' },
  ]);

  const silent = new Talk().open(0, 0, 1);
  silent.say('client', 1_000_000, { flags: SYN, ack: 0, seq: 1000 });
  t.match((await traceOf(silent.packets())).facts, [
    { kind: 'tcp-connect' },
    { kind: 'tcp-failed', how: 'timeout', by: null, at: 1_000_000 },
    { kind: 'tcp-figures', client: { synRetransmissions: 1 } },
  ]);

  // The capture ends before anything could have come: nothing is known.
  const cut = await traceOf(new Talk().open(0, 0, 1).packets());
  t.match(cut.facts, [{ kind: 'tcp-connect' }, { kind: 'tcp-figures' }]);

  const closed = new Talk().open().reset('client', 30_000);
  t.match((await traceOf(closed.packets())).facts, [
    { kind: 'tcp-connect' },
    { kind: 'tcp-accepted', at: 20_000 },
    { kind: 'tcp-end', by: 'client', how: 'reset', at: 30_000 },
    { kind: 'tcp-figures' },
  ]);
});

t.test('a server that never answers: silence, however the capture goes on', async (t) => {
  const asked = () => new Talk().open().send('client', 30_000, REQUEST);
  const gaveUp = await traceOf(asked().fin('client', 10_030_000).packets());
  t.match(gaveUp.facts.slice(2), [
    { message: { type: 'x224-request' } },
    { kind: 'silence', waitingFor: 'server', stage: 'x224', waitedMs: 10_000, at: 10_030_000 },
    { kind: 'tcp-end', by: 'client' },
    {},
  ]);
  const other = new Talk({ client: '10.0.0.9:999' }).open(8_000_000, 20, 1);
  const open = await traceOf([...asked().packets(), ...other.packets()]);
  t.match(open.facts.at(-2), { kind: 'silence', waitedMs: 7970 });
  const soon = await traceOf(asked().fin('client', 1_000_000).packets());
  t.notOk(soon.facts.some(({ kind }) => kind === 'silence'));
});

t.test('with which hop limit a side was heard, and whose reset it was', async (t) => {
  const ends = [{}, { client: '[2001:db8::1]:50000', server: '[2001:db8::2]:3389' }];
  for (const end of ends) {
    const heard = async (reset: number | null) => {
      const talk = new Talk(end).open(0, 20_000, 1);
      const flags = SYN | ACK;
      talk.say('server', 20_000, { flags, options: SYN_OPTIONS, seq: 5000, ttl: 118 });
      talk.say('client', 20_050, { seq: 1001, ack: 5001 });
      talk.send('client', 30_000, REQUEST);
      talk.say('server', 50_000, { seq: 5001, ttl: 118 });
      talk.say('server', 150_000, { seq: 5001, ttl: 117 });
      if (reset !== null) talk.say('server', 160_000, { seq: 5001, flags: RST, ttl: reset });
      return await traceOf(talk.packets());
    };
    const trace = await heard(252);
    const { client, server } = figuresOf(trace);
    t.same(server.hopLimits, { opening: 118, others: [118, 117], reset: 252 });
    t.same(client.hopLimits, { opening: 64, others: [64], reset: null });
    t.same(toHandshake(trace, VERDICT).tcp.strayReset, { hopLimit: 252, usual: [118, 117] });
    for (const reset of [118, 116, 119, null]) {
      t.equal(toHandshake(await heard(reset), VERDICT).tcp.strayReset, null, String(reset));
    }
  }
});
