import t from 'tap';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeRdpudp,
  encodeRdpudpSyn,
  RDPUDP_PROTOCOL_VERSION_2,
  RDPUDP_PROTOCOL_VERSION_3,
  type RdpudpSynFields,
} from '../../src/wire/rdpeudp.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

/** Sixteen zero bytes. */
const ZEROS = '00'.repeat(16);
const NO_SYN_EX = { uCorrelationId: null, synDataEx: null };

interface Row extends Vector {
  /** Absent where our side never sends such bytes. */
  readonly fields?: RdpudpSynFields;
}

const SYNS: readonly Row[] = [
  {
    // Its line of hex has three zero bytes before the correlation id, which its own table of
    // fields does not have: the table is right, as the captures show.
    name: '[MS-RDPEUDP] 4.1.1: a SYN with a correlation id, for lossy transport',
    hex: `ff ff ff ff 04 00 0A 01   00 00 00 42 04 D0 04 D0
          D2 35 AC 43 89 41 42 DA B1 0E DD 68 87 F7 F9 FB ${ZEROS}`,
    value: {
      kind: 'syn',
      snSourceAck: 0xffffffff,
      uReceiveWindowSize: 1024,
      uFlags: {
        value: 0x0a01,
        names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_SYNLOSSY', 'RDPUDP_FLAG_CORRELATION_ID'],
      },
      snInitialSequenceNumber: 0x42,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: 'd235ac43894142dab10edd6887f7f9fb',
      synDataEx: null,
      padding: 0,
    },
    fields: {
      snInitialSequenceNumber: 0x42,
      uReceiveWindowSize: 1024,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      lossy: true,
      uCorrelationId: fromHex('d235ac43894142dab10edd6887f7f9fb'),
      uUdpVer: null,
      length: 48,
    },
  },
  {
    name: '[MS-RDPEUDP] 4.1.2: a SYN+ACK',
    hex: '00 00 00 42 04 00 00 05 00 00 00 42 04 D0 04 D0',
    value: {
      kind: 'syn-ack',
      snSourceAck: 0x42,
      uReceiveWindowSize: 1024,
      uFlags: { value: 5, names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_ACK'] },
      snInitialSequenceNumber: 0x42,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      ...NO_SYN_EX,
      padding: 0,
    },
  },
  {
    name: 'a client of Windows offers version 2 (zeek rdpeudp-handshake-fail.pcap, packet 1)',
    hex: `ffffffff 0040 1801 ee4071dc 04d0 04d0
          f8530360ca7f4241a67374e5201a0000 ${ZEROS} 0001 0002`,
    value: {
      kind: 'syn',
      snSourceAck: 0xffffffff,
      uReceiveWindowSize: 64,
      uFlags: {
        value: 0x1801,
        names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_CORRELATION_ID', 'RDPUDP_FLAG_SYNEX'],
      },
      snInitialSequenceNumber: 0xee4071dc,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: 'f8530360ca7f4241a67374e5201a0000',
      synDataEx: {
        uSynExFlags: { value: 1, names: ['RDPUDP_VERSION_INFO_VALID'] },
        uUdpVer: { value: 2, name: 'RDPUDP_PROTOCOL_VERSION_2' },
        cookieHash: null,
      },
      padding: 0,
    },
    fields: {
      snInitialSequenceNumber: 0xee4071dc,
      uReceiveWindowSize: 64,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: fromHex('f8530360ca7f4241a67374e5201a0000'),
      uUdpVer: RDPUDP_PROTOCOL_VERSION_2,
      length: 52,
    },
  },
  {
    name: 'a version that no document has is offered (zeek rdpeudp-handshake-success.pcap, packet 1)',
    hex: `ffffffff 0040 1801 0b127f15 04d0 04d0
          7855d064fbaf43f0b6e8f8aadfad0000 ${ZEROS} 0001 0003`,
    value: {
      kind: 'syn',
      snSourceAck: 0xffffffff,
      uReceiveWindowSize: 64,
      uFlags: {
        value: 0x1801,
        names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_CORRELATION_ID', 'RDPUDP_FLAG_SYNEX'],
      },
      snInitialSequenceNumber: 0x0b127f15,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: '7855d064fbaf43f0b6e8f8aadfad0000',
      synDataEx: {
        uSynExFlags: { value: 1, names: ['RDPUDP_VERSION_INFO_VALID'] },
        uUdpVer: { value: 3, name: null },
        cookieHash: null,
      },
      padding: 0,
    },
  },
  {
    name: 'and the server answers with version 2 (the same, packet 2)',
    hex: '0b127f15 0040 1005 0f94ea0b 04d0 04d0 0001 0002',
    value: {
      kind: 'syn-ack',
      snSourceAck: 0x0b127f15,
      uReceiveWindowSize: 64,
      uFlags: {
        value: 0x1005,
        names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_SYNEX'],
      },
      snInitialSequenceNumber: 0x0f94ea0b,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: null,
      synDataEx: {
        uSynExFlags: { value: 1, names: ['RDPUDP_VERSION_INFO_VALID'] },
        uUdpVer: { value: 2, name: 'RDPUDP_PROTOCOL_VERSION_2' },
        cookieHash: null,
      },
      padding: 0,
    },
  },
  {
    name: 'version 3 has a cookie hash behind it, from the layout of 2.2.2.9',
    hex: `ffffffff 0040 1001 00000001 046c 046c 0001 0101 ${'c0'.repeat(32)}`,
    value: {
      kind: 'syn',
      snSourceAck: 0xffffffff,
      uReceiveWindowSize: 64,
      uFlags: { value: 0x1001, names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_SYNEX'] },
      snInitialSequenceNumber: 1,
      uUpStreamMtu: 1132,
      uDownStreamMtu: 1132,
      uCorrelationId: null,
      synDataEx: {
        uSynExFlags: { value: 1, names: ['RDPUDP_VERSION_INFO_VALID'] },
        uUdpVer: { value: 0x0101, name: 'RDPUDP_PROTOCOL_VERSION_3' },
        cookieHash: 'c0'.repeat(32),
      },
      padding: 0,
    },
    fields: {
      snInitialSequenceNumber: 1,
      uReceiveWindowSize: 64,
      uUpStreamMtu: 1132,
      uDownStreamMtu: 1132,
      uUdpVer: RDPUDP_PROTOCOL_VERSION_3,
      cookieHash: new Uint8Array(32).fill(0xc0),
      length: 52,
    },
  },
  {
    name: 'a SYN+ACK with version 3 has none',
    hex: '00000001 0040 1005 00000009 046c 04d0 0001 0101',
    value: {
      kind: 'syn-ack',
      snSourceAck: 1,
      uReceiveWindowSize: 64,
      uFlags: {
        value: 0x1005,
        names: ['RDPUDP_FLAG_SYN', 'RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_SYNEX'],
      },
      snInitialSequenceNumber: 9,
      uUpStreamMtu: 1132,
      uDownStreamMtu: 1232,
      uCorrelationId: null,
      synDataEx: {
        uSynExFlags: { value: 1, names: ['RDPUDP_VERSION_INFO_VALID'] },
        uUdpVer: { value: 0x0101, name: 'RDPUDP_PROTOCOL_VERSION_3' },
        cookieHash: null,
      },
      padding: 0,
    },
  },
  {
    name: 'a version that its sender does not call valid is none, and flags may be unknown',
    hex: '00000001 0040 f005 00000009 04d0 04d0 8000 0101',
    value: {
      kind: 'syn-ack',
      snSourceAck: 1,
      uReceiveWindowSize: 64,
      uFlags: {
        value: 0xf005,
        names: [
          'RDPUDP_FLAG_SYN',
          'RDPUDP_FLAG_ACK',
          'RDPUDP_FLAG_SYNEX',
          '0x2000',
          '0x4000',
          '0x8000',
        ],
      },
      snInitialSequenceNumber: 9,
      uUpStreamMtu: 1232,
      uDownStreamMtu: 1232,
      uCorrelationId: null,
      synDataEx: {
        uSynExFlags: { value: 0x8000, names: ['0x8000'] },
        uUdpVer: null,
        cookieHash: null,
      },
      padding: 0,
    },
  },
];

/** Datagrams of the data phase: the header is read, the rest is left. */
const OTHERS: readonly Vector[] = [
  {
    name: '[MS-RDPEUDP] 4.2.1: a Source Packet',
    hex: 'd6 cf 0a b8 04 00 00 0c 00 01 04 00 ec 47 1a e4 ec 47 1a e4 17 03 03 00 40 bb',
    value: {
      kind: 'other',
      snSourceAck: 0xd6cf0ab8,
      uReceiveWindowSize: 1024,
      uFlags: { value: 0x0c, names: ['RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_DATA'] },
      body: '00010400ec471ae4ec471ae41703030040bb',
    },
  },
  {
    name: '[MS-RDPEUDP] 4.2.2: an FEC Packet',
    hex: `d6 cf 0a cb 04 00 00 1c 00 01 04 00 ec 47 1a fd ec 47 1a fd 10 01 00 00 40 25 04 f1`,
    value: {
      kind: 'other',
      snSourceAck: 0xd6cf0acb,
      uReceiveWindowSize: 1024,
      uFlags: {
        value: 0x1c,
        names: ['RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_DATA', 'RDPUDP_FLAG_FEC'],
      },
      body: '00010400ec471afdec471afd10010000402504f1',
    },
  },
  {
    name: '[MS-RDPEUDP] 4.2.3: an ACK of ACKs',
    hex: `d6 cf 0a b8 04 00 01 0c 00 01 04 00 d6 cf 0a b8 ec 47 1a e4 ec 47 1a e4 17 03 03 00`,
    value: {
      kind: 'other',
      snSourceAck: 0xd6cf0ab8,
      uReceiveWindowSize: 1024,
      uFlags: {
        value: 0x10c,
        names: ['RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_DATA', 'RDPUDP_FLAG_ACK_OF_ACKS'],
      },
      body: '00010400d6cf0ab8ec471ae4ec471ae417030300',
    },
  },
];

t.test('decode SYN and SYN+ACK', (t) => {
  checkDecoding(t, SYNS, decodeRdpudp);
  t.end();
});

t.test('decode other datagrams', (t) => {
  checkDecoding(t, OTHERS, decodeRdpudp, 'any');
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex, fields } of SYNS) {
    if (fields) t.equal(toHex(encodeRdpudpSyn(fields)), toHex(fromHex(hex)), name);
  }
  t.end();
});

t.test('padding', (t) => {
  const unpadded: RdpudpSynFields = {
    snInitialSequenceNumber: 0xee4071dc,
    uReceiveWindowSize: 64,
    uUpStreamMtu: 1232,
    uDownStreamMtu: 1232,
    uCorrelationId: fromHex('f8530360ca7f4241a67374e5201a0000'),
    uUdpVer: RDPUDP_PROTOCOL_VERSION_2,
  };
  const whole = encodeRdpudpSyn(unpadded);
  t.equal(
    toHex(whole),
    `ffffffff00401801ee4071dc04d004d0f8530360ca7f4241a67374e5201a0000${ZEROS}00010002${'00'.repeat(1180)}`,
    'as in rdpeudp-handshake-fail.pcap',
  );
  t.match(decodeRdpudp(whole), { kind: 'syn', padding: 1180 });
  t.equal(
    encodeRdpudpSyn({ ...unpadded, uDownStreamMtu: 1132 }).length,
    1132,
    'to the smaller of the two',
  );
  t.equal(encodeRdpudpSyn({ ...unpadded, length: 1300 }).length, 1300, 'or as the caller wants');
  const answer = fromHex(
    `0b127f15 0040 1005 0f94ea0b 04d0 04d0 0001 0002 ${'00'.repeat(1210)} 01 ff`,
  );
  t.match(decodeRdpudp(answer), { kind: 'syn-ack', padding: 1212 }, 'whatever it consists of');
  t.end();
});

t.test('what the caller may not send', (t) => {
  const good: RdpudpSynFields = {
    snInitialSequenceNumber: 1,
    uReceiveWindowSize: 64,
    uUpStreamMtu: 1232,
    uDownStreamMtu: 1232,
    uUdpVer: RDPUDP_PROTOCOL_VERSION_2,
  };
  const hash = new Uint8Array(32);
  const bad: readonly Partial<RdpudpSynFields>[] = [
    { uUpStreamMtu: 1131 },
    { uDownStreamMtu: 1233 },
    { uUdpVer: RDPUDP_PROTOCOL_VERSION_3 },
    { cookieHash: hash },
    { uUdpVer: RDPUDP_PROTOCOL_VERSION_3, cookieHash: hash.subarray(1) },
    { uCorrelationId: hash },
    { length: 19 },
  ];
  for (const fields of bad) {
    t.throws(() => encodeRdpudpSyn({ ...good, ...fields }), RangeError, JSON.stringify(fields));
  }
  t.end();
});

t.test('what is refused', (t) => {
  t.throws(() => decodeRdpudp(fromHex('00000042 0400 0001 00000042 04d0 04d0')), {
    name: 'DecodeError',
    message: 'RDPUDP_FEC_HEADER.snSourceAck at byte 0: of a SYN is 66, not -1',
  });
  t.throws(() => decodeRdpudp(fromHex('00000042 0400 1005 00000042 04d0 04d0 0001')), {
    name: 'DecodeError',
    message: 'RDPUDP_SYNDATAEX_PAYLOAD.uUdpVer at byte 18: needs 2 bytes, 0 left',
  });
  t.throws(() => decodeRdpudp(new Uint8Array(65_508)), { name: 'DecodeError' });
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const samples = [...SYNS, ...OTHERS].map((row) => row.hex);
  checkNoOtherError(t, (bytes) => decodeRdpudp(bytes), samples);
  t.end();
});
