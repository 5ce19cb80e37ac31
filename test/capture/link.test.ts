import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { captureFromBytes } from '../../src/capture/source.js';
import { fromHex } from '../../src/wire/hex.js';
import { concat } from '../../src/wire/writer.js';
import { conversation } from '../support/conversations.js';
import { bytesOf, ethernet, pcap, u16 } from '../support/packets.js';
import { talkOf } from '../support/talk.js';

type Link = (packet: Uint8Array) => Uint8Array;

/** IPv4 or IPv6, as the packet itself says. */
const version = (packet: Uint8Array): number => (packet[0] ?? 0) >> 4;
const etherType = (packet: Uint8Array): number => (version(packet) === 6 ? 0x86dd : 0x0800);
const pppProtocol = (packet: Uint8Array): number => (version(packet) === 6 ? 0x57 : 0x21);

const behind =
  (hex: string): Link =>
  (packet) =>
    concat(fromHex(hex), packet);

/** The address family in four bytes, little-endian. */
const nullHeader =
  (ipv6: number): Link =>
  (packet) =>
    concat(bytesOf(version(packet) === 6 ? ipv6 : 2, 0, 0, 0), packet);

const LINKS: Readonly<Record<string, readonly [linkType: number, link: Link]>> = {
  'Ethernet, 802.1Q': [1, (p) => ethernet(p, etherType(p), fromHex('8100004d'))],
  'Ethernet, QinQ': [1, (p) => ethernet(p, etherType(p), fromHex('88a800018100004d'))],
  'Ethernet, three tags': [
    1,
    (p) => ethernet(p, etherType(p), fromHex('910000019200000281000003')),
  ],
  'Ethernet, MPLS': [1, (p) => ethernet(concat(fromHex('0001d040 00010140'), p), 0x8847)],
  'Ethernet, MPLS pseudowire': [
    1,
    (p) => ethernet(concat(fromHex('00010140 00000000'), ethernet(p)), 0x8847),
  ],
  'Ethernet, 802.1Q then MPLS': [
    1,
    (p) => ethernet(concat(fromHex('00010140'), p), 0x8848, fromHex('8100004d')),
  ],
  'Ethernet, PPPoE': [
    1,
    (p) => ethernet(concat(fromHex('110000010000'), u16(pppProtocol(p)), p), 0x8864),
  ],
  'Ethernet, 802.2 SNAP': [
    1,
    (p) =>
      concat(new Uint8Array(12), u16(p.length + 8), fromHex('aaaa03000000'), u16(etherType(p)), p),
  ],
  'Ethernet with padding': [1, (p) => concat(ethernet(p), new Uint8Array(46))],
  'BSD loopback': [0, nullHeader(30)],
  'BSD loopback, big-endian': [0, (p) => concat(bytesOf(0, 0, 0, version(p) === 6 ? 24 : 2), p)],
  'OpenBSD loopback': [108, (p) => concat(bytesOf(0, 0, 0, version(p) === 6 ? 24 : 2), p)],
  'raw IP': [101, (p) => p],
  'raw IP, DLT 12': [12, (p) => p],
  'raw IP, OpenBSD': [14, (p) => p],
  PPP: [9, (p) => concat(fromHex('ff03'), u16(pppProtocol(p)), p)],
  'PPP without address and control, short protocol': [9, (p) => concat(bytesOf(pppProtocol(p)), p)],
  'PPP, serial': [50, (p) => concat(fromHex('ff03'), u16(pppProtocol(p)), p)],
  'PPP with direction': [204, (p) => concat(fromHex('01ff03'), u16(pppProtocol(p)), p)],
  PPPoE: [51, (p) => concat(fromHex('110000010000'), u16(pppProtocol(p)), p)],
  'Linux cooked': [113, (p) => concat(new Uint8Array(14), u16(etherType(p)), p)],
  'Linux cooked with a tag': [
    113,
    (p) => concat(new Uint8Array(14), fromHex('8100004d'), u16(etherType(p)), p),
  ],
  'Linux cooked v2': [276, (p) => concat(u16(etherType(p)), new Uint8Array(18), p)],
  'Linux NFLOG': [
    239,
    (p) =>
      concat(
        bytesOf(version(p) === 6 ? 10 : 2, 0, 0, 0),
        fromHex('0500 0100 00 000000'),
        bytesOf((p.length + 4) & 0xff, (p.length + 4) >> 8, 9, 0),
        p,
      ),
  ],
  'IPv4 in IPv4': [101, behind('4500ffff 00010000 40040000 0a090909 0a090908')],
  'GRE with a key': [101, behind('4500ffff 00010000 402f0000 0a090909 0a090908 20000800 00000007')],
};

const SAID = conversation('freerdp-shadow-failure-5');
const IPV6 = { client: '[2001:db8::1]:50000', server: '[2001:db8::2]:3389' };

for (const [name, [linkType, link]] of Object.entries(LINKS)) {
  t.test(name, async (t) => {
    for (const endpoints of [{}, IPV6]) {
      if (endpoints === IPV6 && /GRE|IPv4 in/.test(name)) continue;
      const packets = talkOf(SAID, { link, ...endpoints }).packets();
      const { traces, problems } = await analyseCapture(
        captureFromBytes(pcap(packets, { linkType })),
      );
      t.strictSame(problems, []);
      t.match(traces, [
        {
          client: { address: endpoints === IPV6 ? '2001:db8::1' : '10.0.0.1', port: 50000 },
          server: { port: 3389 },
          facts: [
            { kind: 'tcp-connect' },
            { kind: 'tcp-accepted' },
            { message: { type: 'x224-request' } },
            { message: { type: 'x224-confirm' } },
            { kind: 'tcp-end' },
            { kind: 'tcp-end' },
            { kind: 'tcp-figures' },
          ],
        },
      ]);
    }
  });
}

t.test('a link type that is not read is told by its name, once', async (t) => {
  const packets = talkOf(SAID).packets();
  for (const [linkType, says] of [
    [105, 'packets of link type 105, IEEE 802.11 (wireless), are not read'],
    [127, 'packets of link type 127, IEEE 802.11 with a radiotap header (wireless), are not read'],
    [9999, 'packets of link type 9999 are not read'],
  ] as const) {
    const analysis = await analyseCapture(captureFromBytes(pcap(packets, { linkType })));
    t.strictSame(analysis.problems, [{ says, packet: 1, count: packets.length }]);
    t.strictSame(analysis.traces, []);
  }
});

t.test('what is no IP is stepped over', async (t) => {
  const frames = [
    bytesOf(),
    new Uint8Array(13),
    ethernet(new Uint8Array(28), 0x0806),
    ethernet(bytesOf(), 0x0800),
    ethernet(bytesOf(0x45), 0x0800),
    ethernet(new Uint8Array(40), 0x0800),
    ethernet(bytesOf(0x81), 0x8100),
    ethernet(bytesOf(0, 0, 0), 0x8847),
    concat(new Uint8Array(12), u16(38), new Uint8Array(38)),
  ].map((bytes) => ({ at: 1, bytes }));
  const { packets, tcpPackets, problems } = await analyseCapture(captureFromBytes(pcap(frames)));
  t.equal(packets, frames.length);
  t.equal(tcpPackets, 0);
  t.strictSame(problems, []);
});
