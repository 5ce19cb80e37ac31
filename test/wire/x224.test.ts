import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeX224,
  encodeX224ConnectionConfirm,
  encodeX224ConnectionRequest,
  encodeX224Data,
  encodeX224DisconnectRequest,
  X224_MAX_VARIABLE_LENGTH,
} from '../../src/wire/x224.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

interface Row extends Vector {
  readonly encode?: () => Uint8Array;
}

/** Rows whose length indicator ends with the bytes: each cut is an error. */
const CONTROL: readonly Row[] = [
  {
    name: 'Connection Request of [MS-RDPBCGR] 4.1.1, with cookie and RDP_NEG_REQ',
    hex: `27        ; length indicator: 39
          e0        ; CR, credit 0
          0000 0000 ; references
          00        ; class 0
          436f6f6b69653a206d737473686173683d656c746f6e730d0a 0100080000000000`,
    value: {
      kind: 'connection-request',
      destinationReference: 0,
      sourceReference: 0,
      classOptions: 0,
      variable: '436f6f6b69653a206d737473686173683d656c746f6e730d0a0100080000000000',
      trailing: '',
    },
    encode: () =>
      encodeX224ConnectionRequest({
        variable: fromHex('436f6f6b69653a206d737473686173683d656c746f6e730d0a0100080000000000'),
      }),
  },
  {
    name: 'Connection Confirm without variable part, from Windows XP (nDPI rdp3.pcap, packet 5)',
    hex: '06 d0 0000 1234 00',
    value: {
      kind: 'connection-confirm',
      destinationReference: 0,
      sourceReference: 0x1234,
      classOptions: 0,
      variable: '',
      trailing: '',
    },
    encode: () =>
      encodeX224ConnectionConfirm({ sourceReference: 0x1234, variable: new Uint8Array(0) }),
  },
  {
    name: 'Connection Confirm of Windows 10 (nDPI rdp.pcap, packet 5)',
    hex: '0e d0 0000 1234 00  021f080008000000',
    value: {
      kind: 'connection-confirm',
      destinationReference: 0,
      sourceReference: 0x1234,
      classOptions: 0,
      variable: '021f080008000000',
      trailing: '',
    },
    encode: () =>
      encodeX224ConnectionConfirm({
        sourceReference: 0x1234,
        variable: fromHex('021f080008000000'),
      }),
  },
  {
    name: 'Connection Confirm of a PLC with three COTP parameters (nDPI s7comm.pcap, packet 2)',
    hex: '11 d0 0007 0003 00  c0010a c1020100 c2020102',
    value: {
      kind: 'connection-confirm',
      destinationReference: 7,
      sourceReference: 3,
      classOptions: 0,
      variable: 'c0010ac1020100c2020102',
      trailing: '',
    },
    encode: () =>
      encodeX224ConnectionConfirm({
        destinationReference: 7,
        sourceReference: 3,
        variable: fromHex('c0010ac1020100c2020102'),
      }),
  },
  {
    name: 'Disconnect Request with a known reason and additional information',
    hex: '0b 80 0000 1234 03  e0034e6f21',
    value: {
      kind: 'disconnect-request',
      destinationReference: 0,
      sourceReference: 0x1234,
      reason: { value: 3, name: 'address unknown' },
      variable: 'e0034e6f21',
      trailing: '',
    },
    encode: () =>
      encodeX224DisconnectRequest({
        sourceReference: 0x1234,
        reason: 3,
        variable: fromHex('e0034e6f21'),
      }),
  },
  {
    name: 'Disconnect Request with a reason nobody has defined',
    hex: '06 80 0000 0000 4d',
    value: {
      kind: 'disconnect-request',
      destinationReference: 0,
      sourceReference: 0,
      reason: { value: 0x4d, name: null },
      variable: '',
      trailing: '',
    },
    encode: () => encodeX224DisconnectRequest({ reason: 0x4d }),
  },
  {
    name: 'Error TPDU with the rejected header in its variable part',
    hex: '08 70 0001 02  c102 27e0',
    value: {
      kind: 'error',
      destinationReference: 1,
      cause: { value: 2, name: 'invalid TPDU type' },
      variable: 'c10227e0',
      trailing: '',
    },
  },
];

/** Rows where bytes follow the header: cut inside those, they are shorter values. */
const WITH_TAIL: readonly Row[] = [
  {
    name: 'data that ends its TSDU',
    hex: '02 f0 80  0401000100',
    value: { kind: 'data', eot: true, payload: '0401000100' },
    encode: () => encodeX224Data(fromHex('0401000100')),
  },
  {
    name: 'data that does not end its TSDU',
    hex: '02 f0 00  aa',
    value: { kind: 'data', eot: false, payload: 'aa' },
    encode: () => encodeX224Data(fromHex('aa'), false),
  },
  {
    name: 'a Connection Request whose length indicator stops before the negotiation request',
    hex: '06 e0 0000 0000 00  0100080003000000',
    value: {
      kind: 'connection-request',
      destinationReference: 0,
      sourceReference: 0,
      classOptions: 0,
      variable: '',
      trailing: '0100080003000000',
    },
  },
  {
    name: 'an expedited data TPDU, which class 0 does not have',
    hex: '03 10 0102 ffee',
    value: { kind: 'other', code: { value: 0x10, name: 'ED' }, body: '0102ffee' },
  },
  {
    name: 'an H.225 call setup in TPKT, which is no X.224 at all (nDPI h323.pcap, packet 10)',
    hex: '08 02 f7f4027e003405 2180060008914a00',
    value: {
      kind: 'other',
      code: { value: 2, name: null },
      body: 'f7f4027e0034052180060008914a00',
    },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, CONTROL, (bytes) => decodeX224(bytes));
  checkDecoding(t, WITH_TAIL, (bytes) => decodeX224(bytes), 'any');
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex, encode } of [...CONTROL, ...WITH_TAIL]) {
    if (encode) t.equal(toHex(encode()), toHex(fromHex(hex)), name);
  }
  const longest = new Uint8Array(X224_MAX_VARIABLE_LENGTH);
  t.equal(encodeX224ConnectionRequest({ variable: longest })[0], 254);
  const tooLong = new Uint8Array(X224_MAX_VARIABLE_LENGTH + 1);
  t.throws(() => encodeX224ConnectionRequest({ variable: tooLong }), RangeError);
  t.throws(() => encodeX224ConnectionConfirm({ variable: tooLong }), RangeError);
  t.throws(() => encodeX224DisconnectRequest({ reason: 0, variable: tooLong }), RangeError);
  t.end();
});

t.test('the credit in the low bits of a CR or CC does not change what it is', (t) => {
  t.match(decodeX224(fromHex('06 ef 0000 0000 00')), { kind: 'connection-request' });
  t.match(decodeX224(fromHex('06 d1 0000 1234 00')), { kind: 'connection-confirm' });
  t.end();
});

t.test('what cannot be a TPDU is refused', (t) => {
  const rows: readonly [name: string, hex: string, message: string][] = [
    ['no bytes', '', 'X.224.lengthIndicator at byte 4: needs 1 byte, 0 left'],
    [
      'the reserved length indicator',
      'ff e0 0000',
      'X.224.lengthIndicator at byte 4: is 255, which is reserved',
    ],
    [
      'a length indicator without room for a code',
      '00 e0 0000',
      'X.224.lengthIndicator at byte 4: is 0, so there is no TPDU code',
    ],
    [
      'a Connection Request whose length indicator points beyond its TPKT',
      '0e e0 0000 0000 00 01000800030000',
      'X.224 header at byte 5: needs 14 bytes, 13 left',
    ],
    [
      'a Connection Confirm whose length indicator ends inside the references',
      '04 d0 0000 1234 00',
      'X.224.sourceReference at byte 8: needs 2 bytes, 1 left',
    ],
    [
      'a data TPDU of another class',
      '04 f0 0001 80 aa',
      'X.224 class 0 data header at byte 7: 2 bytes follow its end',
    ],
  ];
  for (const [name, hex, message] of rows) {
    t.throws(() => decodeX224(fromHex(hex), 4), { name: 'DecodeError', message }, name);
  }
  t.throws(() => decodeX224(new Uint8Array(0)), DecodeError);
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const samples = [...CONTROL, ...WITH_TAIL].map((row) => row.hex);
  checkNoOtherError(t, (bytes) => decodeX224(bytes), samples);
  t.end();
});
