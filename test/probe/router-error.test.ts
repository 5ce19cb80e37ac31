import t from 'tap';
import { decodeRouterError } from '../../src/probe/router-error.js';
import { fromHex } from '../../src/wire/hex.js';

/** Control messages laid out from linux/errqueue.h, cmsg(3), ip(7) and ipv6(7). */
const FRAGMENTATION_NEEDED = fromHex(`
  3000000000000000 00000000 0b000000   ; cmsg_len 48, SOL_IP, IP_RECVERR
  5a000000 02 03 04 00                 ; EMSGSIZE, SO_EE_ORIGIN_ICMP, type 3, code 4
  78050000 00000000                    ; ee_info 1400, ee_data
  0200 0000 c00002fe 0000000000000000  ; sockaddr_in of 192.0.2.254
`);
const PACKET_TOO_BIG = fromHex(`
  3c00000000000000 29000000 19000000   ; cmsg_len 60, SOL_IPV6, IPV6_RECVERR
  5a000000 03 02 00 00                 ; EMSGSIZE, SO_EE_ORIGIN_ICMP6, type 2, code 0
  00050000 00000000                    ; ee_info 1280, ee_data
  0a00 0000 00000000                   ; sockaddr_in6
  20010db8000000000000000000000001 00000000
`);
/** IP_TTL: 20 bytes, and 4 to the next multiple of 8. */
const TTL = fromHex(`
  1400000000000000 00000000 02000000
  40000000 00000000
`);

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

t.test('what a router says', (t) => {
  t.strictSame(decodeRouterError(FRAGMENTATION_NEEDED), { from: '192.0.2.254', mtu: 1400 });
  t.strictSame(decodeRouterError(PACKET_TOO_BIG), { from: '2001:db8::1', mtu: 1280 });
  t.strictSame(
    decodeRouterError(joined(TTL, PACKET_TOO_BIG)),
    { from: '2001:db8::1', mtu: 1280 },
    'behind another control message',
  );
  t.strictSame(
    decodeRouterError(joined(PACKET_TOO_BIG, new Uint8Array(4), FRAGMENTATION_NEEDED)),
    { from: '2001:db8::1', mtu: 1280 },
    'the first of two',
  );
  const padded = joined(changed(PACKET_TOO_BIG, 20, 1), new Uint8Array(4), FRAGMENTATION_NEEDED);
  t.match(decodeRouterError(padded), { mtu: 1400 }, 'behind one of 60 bytes and its padding');
  const within = joined(new Uint8Array(3), FRAGMENTATION_NEEDED).subarray(3);
  t.match(decodeRouterError(within), { mtu: 1400 }, 'a view into other bytes');
  t.end();
});

t.test('what is not a report of a router', (t) => {
  const rows: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['another control message', TTL],
    ['refused by this system itself', changed(FRAGMENTATION_NEEDED, 20, 1)],
    ['ICMP of the other family', changed(FRAGMENTATION_NEEDED, 20, 3)],
    ['time exceeded', changed(FRAGMENTATION_NEEDED, 21, 11)],
    ['port unreachable', changed(FRAGMENTATION_NEEDED, 22, 3)],
    ['an offender that the kernel does not know', changed(FRAGMENTATION_NEEDED, 32, 0)],
    ['an address of the other family', changed(PACKET_TOO_BIG, 32, 2)],
    ['a message shorter than its header', changed(FRAGMENTATION_NEEDED, 0, 15)],
    ['a message of no length', changed(FRAGMENTATION_NEEDED, 0, 0)],
    ['a message longer than what came', changed(FRAGMENTATION_NEEDED, 0, 49)],
    ['a length of 2^63 and more', changed(FRAGMENTATION_NEEDED, 7, 0xff)],
    ['a message that ends within its address', changed(FRAGMENTATION_NEEDED, 0, 39)],
  ];
  for (const [name, bytes] of rows) t.equal(decodeRouterError(bytes), null, name);
  t.end();
});

t.test('cut at each length', (t) => {
  for (const whole of [
    FRAGMENTATION_NEEDED,
    PACKET_TOO_BIG,
    joined(TTL, FRAGMENTATION_NEEDED),
    joined(TTL, PACKET_TOO_BIG),
  ]) {
    for (let length = 0; length < whole.length; length++) {
      const found = decodeRouterError(whole.subarray(0, length));
      if (found !== null) t.fail(`${length} of ${whole.length} bytes: ${JSON.stringify(found)}`);
    }
  }
  // The kernel shortens cmsg_len where there is no room. What follows the address is not needed.
  for (const [whole, needed] of [
    [FRAGMENTATION_NEEDED, 40],
    [PACKET_TOO_BIG, 56],
  ] as const) {
    for (let length = 0; length < whole.length; length++) {
      const found = decodeRouterError(changed(whole.subarray(0, length), 0, length));
      if ((found !== null) !== length >= needed) t.fail(`${length} bytes, and cmsg_len says so`);
    }
  }
  t.pass('nothing');
  t.end();
});
