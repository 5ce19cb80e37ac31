import t from 'tap';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeIcmpEchoReply, encodeIcmpEchoRequest } from '../../src/wire/icmp-echo.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

/*
 * What the ping of iputils 20221126 sent on loopback, and what Linux 6.18 answered, seen by tcpdump.
 */
const DATA = 'a5'.repeat(9);

t.test('encode requests', (t) => {
  const data = fromHex(DATA);
  t.equal(
    toHex(encodeIcmpEchoRequest(4, { identifier: 258, sequenceNumber: 1, data })),
    `0800bb6501020001${DATA}`,
    'an odd number of bytes',
  );
  t.equal(
    toHex(encodeIcmpEchoRequest(6, { identifier: 258, sequenceNumber: 1, data })),
    `8000000001020001${DATA}`,
    'the kernel sets the checksum of ICMPv6',
  );
  t.end();
});

const REPLIES: readonly (Vector & { readonly family: 4 | 6 })[] = [
  {
    name: 'IPv4',
    family: 4,
    hex: `0000 c365 0102 0001 ${DATA}`,
    value: { identifier: 258, sequenceNumber: 1, data: DATA },
  },
  {
    name: 'IPv4 with its header before it, as on macOS',
    family: 4,
    hex: `45000025 8ae70000 4001f1ee 7f000001 7f000001 0000 c365 0102 0001 ${DATA}`,
    value: { identifier: 258, sequenceNumber: 1, data: DATA },
  },
  {
    name: 'IPv6',
    family: 6,
    hex: '8100 d8af 0102 0001 a500000000000000',
    value: { identifier: 258, sequenceNumber: 1, data: 'a500000000000000' },
  },
];

t.test('decode replies', (t) => {
  for (const reply of REPLIES) {
    checkDecoding(t, [reply], (bytes) => decodeIcmpEchoReply(reply.family, bytes), 'any');
  }
  t.throws(() => decodeIcmpEchoReply(4, fromHex(`0800bb6501020001${DATA}`)), {
    name: 'DecodeError',
    message: 'ICMP.type at byte 0: is 8, not that of an Echo Reply',
  });
  t.throws(() => decodeIcmpEchoReply(6, fromHex('0000c36501020001')), { name: 'DecodeError' });
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const samples = REPLIES.map(({ hex }) => hex);
  checkNoOtherError(t, (bytes) => decodeIcmpEchoReply(4, bytes), samples);
  checkNoOtherError(t, (bytes) => decodeIcmpEchoReply(6, bytes), samples);
  t.end();
});
