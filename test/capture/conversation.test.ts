import t from 'tap';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact } from '../../src/handshake/trace.js';
import { fromHex } from '../../src/wire/hex.js';
import { analyse, CONFIRM, figuresOf, REQUEST, traceOf } from '../support/captured-trace.js';
import { conversation, conversations, track } from '../support/conversations.js';
import { ACK, bytesOf, PSH, RST, SYN } from '../support/packets.js';
import { packetsOf, type Said, START, Talk, type TalkOptions, talkOf } from '../support/talk.js';
import { seededRandom } from '../support/wire-vectors.js';

/** What the bytes said, without times and packets. */
function contentOf(facts: readonly Fact[]): readonly unknown[] {
  const drop = new Set(['at', 'startAt', 'packets']);
  return facts
    .filter(({ kind }) => !['tcp-figures', 'tcp-connect', 'tcp-accepted'].includes(kind))
    .map((fact) =>
      JSON.parse(JSON.stringify(fact, (key, value) => (drop.has(key) ? undefined : value))),
    );
}

const messages = (facts: readonly Fact[]) => contentOf(facts).filter((f) => isOf(f, 'message'));

function isOf(fact: unknown, kind: string): boolean {
  return typeof fact === 'object' && fact !== null && Reflect.get(fact, 'kind') === kind;
}

t.test(
  'recorded conversations: as from their bytes, whatever the addresses and segments',
  async (t) => {
    const wraps: readonly TalkOptions[] = [
      {},
      { client: '[2001:db8::1]:50000', server: '[2001:db8::2]:3389' },
      // Sequence numbers that wrap within the first bytes.
      { clientIsn: 0xffff_fff0, serverIsn: 0xffff_ffff },
      { clientIsn: 0x7fff_fff0, serverIsn: 0x7fff_ffff },
      { client: '10.0.0.9:50000', server: '10.0.0.2:3389' },
      { client: '10.0.0.1:50000', server: '10.0.0.2:40000' },
    ];
    for (const recorded of conversations()) {
      const expected = contentOf(track(recorded.segments));
      for (const options of wraps) {
        for (const mss of [1460, 100, 7]) {
          const { traces } = await analyse(talkOf(recorded, { ...options, mss }).packets());
          if (recorded.name === 'ssh-banner' && traces.length === 0) continue;
          t.strictSame(contentOf(traces[0]?.facts ?? []), expected, `${recorded.name} ${mss}`);
        }
      }
    }
  },
);

/** Disturbs a talk as networks do: swaps neighbours, repeats, repeats as another segmentation. */
function disturbed(said: readonly Said[], random: () => number): Said[] {
  const result = [...said];
  for (let index = 4; index + 1 < result.length; index++) {
    const [first, second] = [result[index], result[index + 1]];
    if (first === undefined || second === undefined) continue;
    if (first.by === second.by && random() % 4 === 0) {
      result[index] = { ...second, at: first.at };
      result[index + 1] = { ...first, at: second.at };
    }
  }
  return result.flatMap((one, index) => {
    if (index < 4 || random() % 5 !== 0) return [one];
    const { payload } = one.segment;
    if (payload === undefined || payload.length < 2) return [one, one];
    const middle = 1 + (random() % (payload.length - 1));
    const tail = { ...one.segment, seq: ((one.segment.seq ?? 0) + middle) >>> 0 };
    const part = { ...one, segment: { ...tail, payload: payload.subarray(middle) } };
    return random() % 2 === 0 ? [part, one] : [one, part];
  });
}

t.test('disturbed by the network: the same messages', async (t) => {
  const random = seededRandom(7);
  for (const recorded of conversations()) {
    const expected = messages(track(recorded.segments));
    for (let round = 0; round < 20; round++) {
      const talk = talkOf(recorded, { mss: 60, clientIsn: 0xffff_ff00, serverIsn: 0xffff_ff00 });
      const { facts } = await traceOf(packetsOf(disturbed(talk.said, random)));
      t.strictSame(messages(facts), expected, `${recorded.name}, round ${round}`);
      const times = facts.map(({ at }) => at ?? 0).slice(0, -1);
      t.ok(
        times.every((at, index) => at >= (times[index - 1] ?? 0)),
        'times never run backwards',
      );
    }
  }
});

t.test('what was sent again is counted, and what was overtaken is not taken for it', async (t) => {
  const talk = new Talk().open();
  talk.say('client', 1_000_000, { flags: SYN, seq: 1000, ack: 0 });
  talk.send('client', 1_100_000, REQUEST);
  talk.say('client', 1_400_000, { flags: PSH | ACK, seq: 1001, payload: REQUEST });
  talk.send('server', 1_500_000, CONFIRM);
  talk.fin('client', 1_600_000);
  talk.say('client', 1_900_000, { flags: 0x11, seq: talk.next('client') - 1 });
  const trace = await traceOf(talk.packets());
  t.match(figuresOf(trace), {
    client: { retransmissions: 3, synRetransmissions: 1, outOfOrder: 0, bytes: 84 },
    server: { retransmissions: 0 },
    resent: [
      { by: 'client', at: 1_000_000, packet: 4, bytes: 0 },
      { by: 'client', at: 1_400_000, packet: 6, bytes: 42 },
      { by: 'client', at: 1_900_000, packet: 9, bytes: 0 },
    ],
  });
  t.equal(trace.facts.filter(({ kind }) => kind === 'message').length, 2);

  const swapped = new Talk().open();
  swapped
    .send('client', 30_000, REQUEST.subarray(0, 20))
    .send('client', 30_100, REQUEST.subarray(20));
  const [a, b, c, first, second] = swapped.said;
  if (!a || !b || !c || !first || !second) throw new Error('five were said');
  const late = await traceOf(packetsOf([a, b, c, second, { ...first, at: 30_200 }]));
  t.match(figuresOf(late), { client: { retransmissions: 0, outOfOrder: 1 } });
  t.match(late.facts[2], { message: { type: 'x224-request' }, at: 30_200, packets: [5, 4] });

  // After more than a round trip, a hole is filled because its bytes were lost and sent again.
  const lost = await traceOf(packetsOf([a, b, c, second, { ...first, at: 300_000 }]));
  t.match(figuresOf(lost), { client: { retransmissions: 1, outOfOrder: 0 } });
});

t.test('a packet that was captured twice counts once', async (t) => {
  const talk = talkOf(conversation('xrdp-tls12'));
  const once = await traceOf(talk.packets());
  const twice = await traceOf(talk.packets().flatMap((packet) => [packet, packet]));
  t.strictSame(contentOf(twice.facts), contentOf(once.facts));
  const { capturedTwice, resent, ...figures } = figuresOf(twice);
  const { capturedTwice: none, resent: before, ...expected } = figuresOf(once);
  t.equal(none, 0);
  t.equal(capturedTwice, talk.said.length);
  t.equal(resent.length, before.length);
  t.strictSame(figures, expected);
});

t.test('a SYN that was captured twice with two MSS shows that something changes it', async (t) => {
  const talk = new Talk().open(0, 20_000, 1);
  talk.say('client', 300, {
    flags: SYN,
    seq: 1000,
    ack: 0,
    id: 77,
    options: bytesOf(2, 4, 0x05, 0x14),
  });
  const [first, second] = talk.said;
  if (first === undefined || second === undefined) throw new Error('two were said');
  const same = { ...first, segment: { ...first.segment, id: 77 } };
  const { client, capturedTwice } = figuresOf(await traceOf(packetsOf([same, second])));
  t.match(client, { mss: 1460, otherMss: [1300], retransmissions: 0 });
  t.equal(capturedTwice, 1);
});

t.test(
  'of overlapping bytes the first copy wins, and a copy that differs is counted',
  async (t) => {
    const talk = new Talk().open().send('client', 30_000, REQUEST);
    const other = REQUEST.map((byte, index) => (index > 30 ? 0x41 : byte));
    talk.say('client', 400_000, { flags: PSH | ACK, seq: 1001, payload: other });
    const trace = await traceOf(talk.packets());
    t.match(trace.facts[2], { message: { cookie: 'mstshash=user' } });
    t.match(figuresOf(trace).client, { differingCopies: 1, retransmissions: 1 });

    // The same while the bytes wait for others before them.
    const waiting = new Talk().open();
    waiting.say('client', 30_000, { seq: 1001 + 20, payload: REQUEST.subarray(20) });
    waiting.say('client', 30_100, { seq: 1001 + 15, payload: other.subarray(15) });
    waiting.say('client', 30_200, { seq: 1001, payload: REQUEST.subarray(0, 20) });
    const late = await traceOf(waiting.packets());
    t.match(late.facts[2], { message: { cookie: 'mstshash=user' } });
    t.match(figuresOf(late).client, { differingCopies: 1 });
  },
);

t.test('bytes that were received and not captured are a gap', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  talk.lose('server', CONFIRM.length);
  talk.ack('client', 60_000);
  talk.send('client', 70_000, fromHex('16030100050100000100'));
  talk.send('server', 400_000, fromHex('15030300020246'));
  const trace = await traceOf(talk.packets());
  t.match(trace.facts.slice(2), [
    { message: { type: 'x224-request' } },
    { kind: 'malformed', by: 'client' },
    { kind: 'gap', by: 'server', bytes: 19, at: 400_000 },
    { message: { type: 'tls-alert' } },
    { kind: 'tcp-figures' },
  ]);
  t.equal(figuresOf(trace).server.unseenBytes, 0);
});

t.test('an acknowledgment may be captured before what it acknowledges', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  talk.send('server', 60_000, CONFIRM).ack('client', 60_100);
  const [a, b, c, request, confirm, ack] = talk.said;
  if (!a || !b || !c || !request || !confirm || !ack) throw new Error('six were said');
  const trace = await traceOf(packetsOf([a, b, c, request, ack, { ...confirm, at: 60_500 }]));
  t.notOk(trace.facts.some(({ kind }) => kind === 'gap'));
  t.match(figuresOf(trace).server, { retransmissions: 0, unseenBytes: 0 });
});

t.test('bytes that were sent, and neither captured nor received, are told as unseen', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  const next = talk.next('server');
  talk.lose('server', 1302).say('server', 60_000, {});
  talk.say('client', 60_100, { ack: next });
  const trace = await traceOf(talk.packets());
  t.notOk(trace.facts.some(({ kind }) => kind === 'gap'));
  t.equal(figuresOf(trace).server.unseenBytes, 1302);
});

t.test('bytes behind a FIN, acknowledged: told as missing, and the reading goes on', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST).fin('server', 40_000);
  talk.say('server', 50_000, { seq: talk.next('server') + 1, payload: CONFIRM });
  talk.say('client', 60_000, { ack: talk.next('server') + 1 + CONFIRM.length });
  talk.ack('client', 1_000_000);
  const lost = new Talk().open().send('client', 30_000, REQUEST);
  const fin = lost.next('server');
  lost.say('server', 40_000, { flags: 0x11, seq: fin + 10 });
  lost.say('server', 50_000, { seq: fin + 11, payload: CONFIRM });
  lost.say('client', 60_000, { ack: fin + 11 + CONFIRM.length }).ack('client', 1_000_000);
  for (const { packets } of [talk, lost].map((one) => ({ packets: one.packets() }))) {
    const trace = await traceOf(packets);
    t.ok(trace.facts.some((fact) => fact.kind === 'tcp-end' && fact.by === 'server'));
    t.ok(trace.facts.some((fact) => fact.kind === 'gap' && fact.by === 'server'));
  }
});

t.test('what the snap length cut off is a gap, and no data', async (t) => {
  const packets = talkOf(conversation('xrdp-tls12')).packets();
  const cut = packets.map(({ at, bytes }) => ({
    at,
    bytes: bytes.subarray(0, 400),
    originalLength: bytes.length,
  }));
  const { traces, problems } = await analyse(cut);
  t.match(problems, [{ says: /snap length/ }]);
  const facts = traces[0]?.facts ?? [];
  t.ok(facts.some(({ kind }) => kind === 'gap'));
  t.notOk(facts.some(({ kind }) => kind === 'malformed'));
  const whole = await traceOf(packets);
  t.equal(
    figuresOf(whole).server.bytes,
    facts.at(-1)?.kind === 'tcp-figures' ? figuresOf({ ...whole, facts }).server.bytes : 0,
  );
});

t.test('an end behind missing bytes of the server is not explained', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  talk.lose('server', CONFIRM.length).ack('client', 60_000).ack('client', 400_000);
  const trace = await traceOf(talk.fin('client', 500_000).fin('server', 501_000).packets());
  const { outcome, stages } = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  t.match(outcome, { status: 'incomplete', failedAt: null, how: null, detail: /are missing/ });
  t.equal(stages.find(({ stage }) => stage === 'x224')?.status, 'hidden');
  const silent = new Talk().open().send('client', 30_000, REQUEST).fin('client', 500_000);
  const without = toHandshake(await traceOf(silent.packets()), {
    id: 0,
    purpose: 'verdict',
    reason: null,
  });
  t.match(without.outcome, { status: 'failed', failedAt: 'x224', how: 'closed', by: 'client' });
});

t.test('the same ports again make a new conversation, as Wireshark counts', async (t) => {
  const first = new Talk().open().send('client', 30_000, REQUEST).send('server', 40_000, CONFIRM);
  first.fin('client', 50_000).fin('server', 51_000);
  const again = new Talk({ clientIsn: 90_000, serverIsn: 70_000 }).open(1_000_000);
  again.send('client', 1_100_000, REQUEST);
  const other = new Talk({ client: '10.0.0.7:1024' }).open(2_000_000, 100, 1);
  // The very same SYN: after the end a new attempt, before it one that was sent again.
  const refused = new Talk({ client: '10.0.0.8:1024' }).open(3_000_000, 100, 1);
  refused.say('server', 3_000_100, { flags: RST | ACK, seq: 0, ack: 1001 });
  refused.say('client', 3_500_000, { flags: SYN, seq: 1000, ack: 0 });
  refused.say('client', 4_500_000, { flags: SYN, seq: 1000, ack: 0 });
  refused.say('server', 4_500_100, { flags: RST | ACK, seq: 0, ack: 1001 });
  const { traces, conversations } = await analyse([
    ...first.packets(),
    ...again.packets(),
    ...other.packets(),
    ...refused.packets(),
  ]);
  t.equal(conversations, 5);
  t.strictSame(
    traces.map(({ source }) => source.kind === 'capture' && source.stream),
    [0, 1, 2, 3, 4],
  );
  t.match(traces[1]?.source, { firstPacket: 8, lastPacket: 11 });
  t.match(traces[3]?.facts, [{}, { kind: 'tcp-failed', how: 'refused' }, {}]);
  t.match(traces[4]?.facts.at(-1), { client: { synRetransmissions: 1 } });
});

t.test('half a capture: one side alone', async (t) => {
  const { said } = talkOf(conversation('freerdp-shadow-nla-tls12'));
  const client = await traceOf(packetsOf(said.filter(({ by }) => by === 'client')));
  t.ok(client.facts.some((fact) => fact.kind === 'message' && fact.by === 'client'));
  t.ok(client.facts.some((fact) => fact.kind === 'gap' && fact.by === 'server'));
  t.match(client.notMeasured, { 'tcp.rttMs': 'the SYN/ACK is not in the capture' });
  const server = await traceOf(packetsOf(said.filter(({ by }) => by === 'server')));
  t.ok(server.facts.some((fact) => fact.kind === 'message' && fact.by === 'server'));
  t.match(server.notMeasured, { 'tcp.rttMs': 'the SYN is not in the capture' });
});

t.test('time stamps that run backwards are told, and no time does', async (t) => {
  const packets = talkOf(conversation('xrdp-tls12')).packets();
  const backwards = packets.map(({ bytes }, index) => ({ at: START + 1000 - index * 2, bytes }));
  const { traces, problems } = await analyse(backwards);
  t.match(problems, [{ says: /run backwards/, packet: 2 }]);
  const facts = traces[0]?.facts ?? [];
  t.ok(facts.length > 5);
  t.ok(facts.every(({ at }) => at === null || at === 0));
  t.match(facts.at(-1), { rttUs: null, vantage: 'unknown' });
});

t.test('more than a window of sequence numbers away is another connection', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  talk.say('client', 30_100, { seq: 1001 + 0x5000_0000, payload: REQUEST });
  talk.send('server', 40_000, CONFIRM);
  const trace = await traceOf(talk.packets());
  t.match(messages(trace.facts), [{}, { message: { type: 'x224-confirm' } }]);
  t.equal(figuresOf(trace).client.unseenBytes, 0);
});
