import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { renderAddress } from '../../src/capture/ip.js';
import { captureFromBytes } from '../../src/capture/source.js';
import { concat } from '../../src/wire/writer.js';
import { conversation } from '../support/conversations.js';
import {
  bytesOf,
  type Captured,
  ethernet,
  ip,
  ipv4,
  ipv6,
  pcap,
  splitEndpoint,
  tcp,
  u16,
  u32,
} from '../support/packets.js';
import { START, Talk, talkOf } from '../support/talk.js';

const SAID = conversation('xrdp-tls12');
const IPV6 = { client: '[2001:db8::1]:50000', server: '[2001:db8::2]:3389' };

const analyse = (packets: readonly Captured[]) => analyseCapture(captureFromBytes(pcap(packets)));

t.test('addresses as people write them', (t) => {
  for (const address of [
    '::',
    '::1',
    '2001:db8::1',
    '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1::1',
    'fe80::a:b:c:d',
    '1:2:3:4:5:6:7:8',
    '1::',
  ]) {
    const { address: bytes } = splitEndpoint(`[${address}]:1`);
    t.equal(renderAddress(bytes, 0, 16), address);
  }
  const mapped = concat(new Uint8Array(10), bytesOf(0xff, 0xff, 192, 0, 2, 1));
  t.equal(renderAddress(mapped, 0, 16), '::ffff:192.0.2.1');
  t.equal(renderAddress(bytesOf(9, 10, 0, 0, 1), 1, 4), '10.0.0.1');
  t.end();
});

/** Each packet in fragments of so many bytes of payload. */
function inFragments(
  talk: Talk,
  size: number,
  order: (parts: Captured[]) => Captured[],
): Captured[] {
  return talk.said.flatMap(({ at, segment }, index) => {
    const payload = tcp(segment);
    const isIpv6 = segment.from.startsWith('[');
    const parts: Captured[] = [];
    for (let offset = 0; offset < payload.length; offset += size) {
      const moreFragments = offset + size < payload.length;
      const fields = { ...segment, id: index + 1, fragmentOffset: offset, moreFragments };
      const part = payload.subarray(offset, offset + size);
      const header = concat(bytesOf(6, 0), u16(offset | (moreFragments ? 1 : 0)), u32(index + 1));
      const bytes = isIpv6 ? ipv6(fields, part, { next: 44, bytes: header }) : ipv4(fields, part);
      parts.push({ at: START + at / 1e6, bytes: ethernet(bytes) });
    }
    return order(parts);
  });
}

t.test('fragments are put together, counted, and told with their last packet', async (t) => {
  const plain = await analyse(talkOf(SAID).packets());
  for (const endpoints of [{}, IPV6]) {
    for (const order of [
      (parts: Captured[]) => parts,
      (parts: Captured[]) => parts.toReversed(),
      (parts: Captured[]) => parts.flatMap((part) => [part, part]),
    ]) {
      const talk = talkOf(SAID, endpoints);
      const { traces, ipFragments } = await analyse(inFragments(talk, 64, order));
      const kinds = traces[0]?.facts.map(({ kind, at }) => [kind, at]);
      t.strictSame(
        kinds,
        plain.traces[0]?.facts.map(({ kind, at }) => [kind, at]),
      );
      const figures = traces[0]?.facts.at(-1);
      t.match(figures, { kind: 'tcp-figures', client: { fragments: Number } });
      t.ok(ipFragments > talk.said.length);
    }
  }
});

t.test('of overlapping fragments the first copy wins', async (t) => {
  const talk = new Talk().open();
  talk.send('client', 30_000, conversationBytes());
  const [, , , data] = talk.said;
  if (data === undefined) throw new Error('nothing was said');
  const whole = tcp(data.segment);
  const at = START + 0.03;
  const part = (offset: number, moreFragments: boolean, bytes: Uint8Array): Captured => ({
    at,
    bytes: ethernet(ipv4({ ...data.segment, id: 9, fragmentOffset: offset, moreFragments }, bytes)),
  });
  const { traces } = await analyse([
    ...talk.packets().slice(0, 3),
    part(0, true, whole.subarray(0, 32)),
    part(24, true, new Uint8Array(16).fill(0xee)),
    part(48, false, whole.subarray(48)),
    part(32, true, whole.subarray(32, 48)),
  ]);
  // Bytes 32 to 39 are those of the second fragment, which came before the fourth.
  t.match(traces[0]?.facts[2], { message: { type: 'x224-request', cookie: null } });

  const good = await analyse([
    ...talk.packets().slice(0, 3),
    part(0, true, whole.subarray(0, 40)),
    part(24, true, new Uint8Array(16).fill(0xee)),
    part(40, false, whole.subarray(40)),
  ]);
  t.match(good.traces[0]?.facts[2], {
    message: { type: 'x224-request', cookie: 'mstshash=user' },
    packets: [6],
  });
});

function conversationBytes(): Uint8Array {
  return Uint8Array.from(
    Buffer.from(
      '0300002a25e00000000000436f6f6b69653a206d737473686173683d757365720d0a0100080001000000',
      'hex',
    ),
  );
}

t.test('fragments that never become whole are counted where they belong', async (t) => {
  const talk = new Talk().open();
  const segment = { from: '10.0.0.2:3389', to: '10.0.0.1:50000', payload: new Uint8Array(1400) };
  const first = tcp(segment).subarray(0, 1200);
  const { traces, problems } = await analyse([
    ...talk.packets(),
    {
      at: START + 1,
      bytes: ethernet(ipv4({ ...segment, fragmentOffset: 0, moreFragments: true }, first)),
    },
    // More than are kept at a time: the first ones are given up.
    ...Array.from({ length: 400 }, (_, index) => ({
      at: START + 1,
      bytes: ethernet(
        ipv4({ ...segment, id: index + 1, fragmentOffset: 800, moreFragments: true }, first),
      ),
    })),
  ]);
  t.match(traces[0]?.facts.at(-1), { server: { fragments: 1 } });
  t.match(problems, [{ says: 'IP fragments never became a whole packet' }]);
});

t.test('extension headers before TCP', async (t) => {
  const chain = concat(
    // hop-by-hop, destination options of 16 bytes, routing, authentication
    bytesOf(60, 0, 1, 4, 0, 0, 0, 0),
    bytesOf(43, 1, 1, 12, ...new Uint8Array(12)),
    bytesOf(51, 0, 0, 0, 0, 0, 0, 0),
    bytesOf(6, 4, 0, 0, ...new Uint8Array(20)),
  );
  const talk = talkOf(SAID, IPV6);
  const packets = talk.said.map(({ at, segment }) => ({
    at: START + at / 1e6,
    bytes: ethernet(ipv6(segment, tcp(segment), { next: 0, bytes: chain })),
  }));
  const { traces } = await analyse(packets);
  const plain = await analyse(talk.packets());
  t.strictSame(traces[0]?.facts, plain.traces[0]?.facts);
});

t.test('an endless chain of extension headers is no TCP', async (t) => {
  const chain = new Uint8Array(8 * 400);
  const segment = { from: '[2001:db8::1]:50000', to: '[2001:db8::2]:3389' };
  const bytes = ethernet(ipv6(segment, tcp(segment), { next: 0, bytes: chain }));
  const { tcpPackets } = await analyse([{ at: START, bytes }]);
  t.equal(tcpPackets, 0);
});

t.test('padding of short frames is no data', async (t) => {
  const talk = talkOf(SAID);
  const packets = talk.packets().map(({ at, bytes }) => ({
    at,
    bytes: bytes.length < 60 ? concat(bytes, new Uint8Array(60 - bytes.length).fill(0x41)) : bytes,
  }));
  const { traces } = await analyse(packets);
  const plain = await analyse(talk.packets());
  t.strictSame(traces[0]?.facts, plain.traces[0]?.facts);
});

t.test(
  'a total length of 0 is that of a packet which the network card had still to cut',
  async (t) => {
    const talk = talkOf(SAID);
    const packets = talk.packets().map(({ at, bytes }) => {
      const copy = bytes.slice();
      copy.set([0, 0], 16);
      return { at, bytes: copy };
    });
    const { traces } = await analyse(packets);
    const plain = await analyse(talk.packets());
    t.strictSame(traces[0]?.facts, plain.traces[0]?.facts);
  },
);

t.test('header lengths that cannot be', async (t) => {
  const [first] = talkOf(SAID).packets();
  if (first === undefined) throw new Error('nothing was said');
  const changed = (...changes: readonly (readonly [at: number, value: number])[]): Captured => {
    const bytes = first.bytes.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return { at: START, bytes };
  };
  const { tcpPackets, conversations } = await analyse([
    changed([14, 0x44]),
    changed([14, 0x4f]),
    changed([16, 0], [17, 10]),
    changed([46, 0x40]),
    changed([46, 0xf0]),
    { at: START, bytes: first.bytes.subarray(0, 40) },
  ]);
  t.equal(tcpPackets, 3);
  t.equal(conversations, 0);
});

/** An ICMP error that quotes a packet. */
function icmp(from: string, to: string, header: Uint8Array, quoted: Uint8Array): Uint8Array {
  const isIpv6 = from.startsWith('[');
  const body = concat(header, quoted);
  const fields = { from: `${from}:0`, to: `${to}:0` };
  return ethernet(
    isIpv6
      ? ipv6(fields, body, { next: 58, bytes: bytesOf() })
      : ipv4({ ...fields, protocol: 1 }, body),
  );
}

t.test('ICMP errors are tied to the connection whose packet they quote', async (t) => {
  const talk = new Talk().open().send('server', 30_000, new Uint8Array(1400));
  const [, , , data] = talk.said;
  if (data === undefined) throw new Error('nothing was said');
  const quoted = ip(data.segment).subarray(0, 28);
  const packets = [
    ...talk.packets(),
    {
      at: START + 0.031,
      bytes: icmp('10.9.9.9', '10.0.0.2', concat(bytesOf(3, 4, 0, 0, 0, 0), u16(1280)), quoted),
    },
    {
      at: START + 0.032,
      bytes: icmp('10.9.9.8', '10.0.0.2', bytesOf(11, 0, 0, 0, 0, 0, 0, 0), quoted),
    },
    // An echo request, an error about no one's packet, one that is cut off.
    {
      at: START + 0.033,
      bytes: icmp('10.9.9.8', '10.0.0.2', bytesOf(8, 0, 0, 0, 0, 0, 0, 0), quoted),
    },
    {
      at: START + 0.034,
      bytes: icmp(
        '10.9.9.8',
        '10.0.0.2',
        bytesOf(3, 1, 0, 0, 0, 0, 0, 0),
        quoted.map((b, i) => (i > 15 ? 9 : b)),
      ),
    },
    { at: START + 0.035, bytes: icmp('10.9.9.8', '10.0.0.2', bytesOf(3, 1, 0, 0, 0), bytesOf()) },
  ];
  const { traces } = await analyse(packets);
  t.match(traces[0]?.facts.at(-1), {
    icmp: [
      {
        type: 'fragmentation-needed',
        from: '10.9.9.9',
        about: 'server',
        mtu: 1280,
        at: 31_000,
        packet: 5,
      },
      { type: 'time-exceeded', from: '10.9.9.8', about: 'server', mtu: null, packet: 6 },
    ],
  });
  const figures = traces[0]?.facts.find((fact) => fact.kind === 'tcp-figures');
  t.equal(figures?.icmp.length, 2);
});

t.test('ICMPv6 packet too big', async (t) => {
  const talk = new Talk(IPV6).open().send('server', 30_000, new Uint8Array(1400));
  const [, , , data] = talk.said;
  if (data === undefined) throw new Error('nothing was said');
  const quoted = ip(data.segment).subarray(0, 1200);
  const { traces } = await analyse([
    ...talk.packets(),
    {
      at: START + 0.031,
      bytes: icmp('[fe80::9]', '[2001:db8::2]', concat(bytesOf(2, 0, 0, 0), u32(1280)), quoted),
    },
  ]);
  t.match(traces[0]?.facts.at(-1), {
    icmp: [{ type: 'packet-too-big', from: 'fe80::9', mtu: 1280 }],
  });
});

t.test('an attempt that ICMP ends', async (t) => {
  for (const [code, how, by, name] of [
    [3, 'refused', 'server', 'ECONNREFUSED'],
    [1, 'unreachable', 'network', 'EHOSTUNREACH'],
    [0, 'unreachable', 'network', 'ENETUNREACH'],
    [13, 'unreachable', 'network', 'EACCES'],
  ] as const) {
    const talk = new Talk().open(0, 0, 1);
    const [syn] = talk.said;
    if (syn === undefined) throw new Error('nothing was said');
    const { traces } = await analyse([
      ...talk.packets(),
      {
        at: START + 0.01,
        bytes: icmp('10.0.0.2', '10.0.0.1', bytesOf(3, code, 0, 0, 0, 0, 0, 0), ip(syn.segment)),
      },
    ]);
    t.match(traces[0]?.facts, [
      { kind: 'tcp-connect', at: 0 },
      { kind: 'tcp-failed', at: 10_000, how, by, code: name, packets: [2] },
      { kind: 'tcp-figures' },
    ]);
  }
});
