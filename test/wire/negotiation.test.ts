import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  CORRELATION_INFO_COST,
  CORRELATION_INFO_PRESENT,
  decodeNegotiationConfirm,
  decodeNegotiationRequest,
  encodeConnectionConfirm,
  encodeConnectionRequest,
  encodeNegotiationFailure,
  encodeNegotiationRequest,
  encodeNegotiationResponse,
  MAX_COOKIE_LENGTH,
  MAX_ROUTING_TOKEN_LENGTH,
  type NegotiationRequestFields,
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDP,
  PROTOCOL_RDSAAD,
  PROTOCOL_RDSTLS,
  PROTOCOL_SSL,
} from '../../src/wire/negotiation.js';
import {
  type RoutingToken,
  readRoutingToken,
  routingTokenProblem,
} from '../../src/wire/routing-token.js';
import { decodeTpkt } from '../../src/wire/tpkt.js';
import { decodeX224 } from '../../src/wire/x224.js';
import { checkDecoding, checkNoOtherError, plain, type Vector } from '../support/wire-vectors.js';

/** From the whole PDU to the meaning of its variable part, as the tracker goes. */
function decodeRequestPdu(bytes: Uint8Array): unknown {
  const tpdu = decodeX224(decodeTpkt(bytes).payload, 4);
  if (tpdu.kind !== 'connection-request') throw new DecodeError('test', 0, tpdu.kind);
  return decodeNegotiationRequest(tpdu.variable, 11);
}

function decodeConfirmPdu(bytes: Uint8Array): unknown {
  const tpdu = decodeX224(decodeTpkt(bytes).payload, 4);
  if (tpdu.kind !== 'connection-confirm') throw new DecodeError('test', 0, tpdu.kind);
  return decodeNegotiationConfirm(tpdu.variable, 11);
}

const MSTS_FORM = "has not the form 'Cookie: msts=ADDRESS.PORT.0000', with both as numbers";

const NOTHING = {
  routingToken: null,
  cookie: null,
  negotiation: null,
  correlationInfo: null,
  rest: '',
};
const NO_FLAGS = { value: 0, names: [] };

interface RequestRow extends Vector {
  /** Absent where our side never sends such bytes. */
  readonly fields?: NegotiationRequestFields;
}

const REQUESTS: readonly RequestRow[] = [
  {
    name: 'as mstsc.exe sends the token of a connection file, from a published capture',
    hex: `0300003e 39e00000000000
          7473763a2f2f 4d53205465726d696e616c20536572766963657320506c7567696e
          2e 31 2e 3939393939 0d0a
          01 00 0800 0b000000`,
    value: {
      ...NOTHING,
      routingToken: 'tsv://MS Terminal Services Plugin.1.99999',
      negotiation: {
        flags: NO_FLAGS,
        requestedProtocols: {
          value: 11,
          names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'],
        },
      },
    },
    fields: {
      routingToken: 'tsv://MS Terminal Services Plugin.1.99999',
      flags: 0,
      requestedProtocols: PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX,
    },
  },
  {
    name: '[MS-RDPBCGR] 4.1.1: a cookie, and only standard RDP security requested',
    hex: `0300002c 27e00000000000
          43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74 6f 6e 73 0d 0a
          01 00 0800 00000000`,
    value: {
      ...NOTHING,
      cookie: 'mstshash=eltons',
      negotiation: { flags: NO_FLAGS, requestedProtocols: NO_FLAGS },
    },
    fields: { cookie: 'mstshash=eltons', flags: 0, requestedProtocols: PROTOCOL_RDP },
  },
  {
    name: 'macOS client: SSL, HYBRID and HYBRID_EX, no cookie (nDPI rdp.pcap, packet 4)',
    hex: '03000013 0ee00000000000 01 00 0800 0b000000',
    value: {
      ...NOTHING,
      negotiation: {
        flags: NO_FLAGS,
        requestedProtocols: {
          value: 11,
          names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'],
        },
      },
    },
    fields: {
      flags: 0,
      requestedProtocols: PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX,
    },
  },
  {
    name: 'a cookie with trailing spaces keeps them (zeek rdp-x509.pcap, packet 6)',
    hex: '0300002f2ae00000000000436f6f6b69653a206d737473686173683d4a4f484e2d504320200d0a0100080000000000',
    value: {
      ...NOTHING,
      cookie: 'mstshash=JOHN-PC  ',
      negotiation: { flags: NO_FLAGS, requestedProtocols: NO_FLAGS },
    },
    fields: { cookie: 'mstshash=JOHN-PC  ', flags: 0, requestedProtocols: PROTOCOL_RDP },
  },
  {
    name: 'a cookie without RDP_NEG_REQ, from Windows XP (nDPI rdp3.pcap, packet 4)',
    hex: '0300002722e00000000000436f6f6b69653a206d737473686173683d41646d696e697374720d0a',
    value: { ...NOTHING, cookie: 'mstshash=Administr' },
    fields: { cookie: 'mstshash=Administr', flags: 0, requestedProtocols: null },
  },
  {
    name: 'nothing at all in the variable part',
    hex: '0300000b 06e00000000000',
    value: NOTHING,
    fields: { flags: 0, requestedProtocols: null },
  },
  {
    name: 'every flag and every known protocol, and one bit of each that nobody knows',
    hex: '03000013 0ee00000000000 01 1b 0800 3f000000',
    value: {
      ...NOTHING,
      negotiation: {
        flags: {
          value: 0x1b,
          names: [
            'RESTRICTED_ADMIN_MODE_REQUIRED',
            'REDIRECTED_AUTHENTICATION_MODE_REQUIRED',
            'CORRELATION_INFO_PRESENT',
            '0x10',
          ],
        },
        requestedProtocols: {
          value: 0x3f,
          names: [
            'PROTOCOL_SSL',
            'PROTOCOL_HYBRID',
            'PROTOCOL_RDSTLS',
            'PROTOCOL_HYBRID_EX',
            'PROTOCOL_RDSAAD',
            '0x20',
          ],
        },
      },
    },
    fields: { flags: 0x1b, requestedProtocols: 0x3f },
  },
  {
    name: 'a load balancer cookie is a routing token, not a user name',
    hex: `03000037 32e00000000000
          436f6f6b69653a206d7374733d  ; "Cookie: msts="
          333634303230353232382e31353632392e30303030 0d0a  ; "3640205228.15629.0000"
          01 00 0800 03000000`,
    value: {
      ...NOTHING,
      routingToken: 'Cookie: msts=3640205228.15629.0000',
      negotiation: {
        flags: NO_FLAGS,
        requestedProtocols: { value: 3, names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID'] },
      },
    },
    fields: {
      routingToken: 'Cookie: msts=3640205228.15629.0000',
      flags: 0,
      requestedProtocols: 3,
    },
  },
  {
    name: 'a connection broker collection as routing token',
    hex: `0300003a 35e00000000000
          7473763a2f2f                          ; "tsv://"
          4d53205465726d696e616c205365727669636573  ; "MS Terminal Services"
          20506c7567696e2e312e41 0d0a           ; " Plugin.1.A"
          01 00 0800 0b000000`,
    value: {
      ...NOTHING,
      routingToken: 'tsv://MS Terminal Services Plugin.1.A',
      negotiation: {
        flags: NO_FLAGS,
        requestedProtocols: {
          value: 11,
          names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'],
        },
      },
    },
    fields: {
      routingToken: 'tsv://MS Terminal Services Plugin.1.A',
      flags: 0,
      requestedProtocols: 11,
    },
  },
  {
    name: 'a cookie, RDP_NEG_REQ, and correlation info with a CR LF among its bytes',
    hex: `0300004b 46e00000000000
          436f6f6b69653a20 6d737473686173683d61 0d0a   ; "Cookie: mstshash=a"
          01 08 0800 03000000
          06 00 2400 ; RDP_NEG_CORRELATION_INFO, 36 bytes
          e1e2e3e4e5e60d0ae9eaebecedeeeff0
          00000000000000000000000000000000`,
    value: {
      ...NOTHING,
      cookie: 'mstshash=a',
      negotiation: {
        flags: { value: 8, names: ['CORRELATION_INFO_PRESENT'] },
        requestedProtocols: { value: 3, names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID'] },
      },
      correlationInfo: {
        correlationId: 'e1e2e3e4e5e60d0ae9eaebecedeeeff0',
        reserved: '00000000000000000000000000000000',
      },
    },
    fields: {
      cookie: 'mstshash=a',
      flags: CORRELATION_INFO_PRESENT,
      requestedProtocols: 3,
      correlationId: fromHex('e1e2e3e4e5e60d0ae9eaebecedeeeff0'),
    },
  },
  {
    name: 'a routing token and a cookie together, which servers are to accept',
    hex: `03000028 23e00000000000
          6d74683a2f2f78 0d0a                         ; "mth://x"
          436f6f6b69653a20 6d737473686173683d61 0d0a`,
    value: { ...NOTHING, routingToken: 'mth://x', cookie: 'mstshash=a' },
    fields: { routingToken: 'mth://x', cookie: 'mstshash=a', flags: 0, requestedProtocols: null },
  },
  {
    name: 'a second cookie is not claimed',
    hex: '03000020 1be00000000000 436f6f6b69653a200d0a 436f6f6b69653a20620d0a',
    value: { ...NOTHING, cookie: '', rest: '436f6f6b69653a20620d0a' },
  },
  {
    name: 'a user name in Latin-1',
    hex: '03000020 1be00000000000 436f6f6b69653a20 6d737473686173683de9fc 0d0a',
    value: { ...NOTHING, cookie: 'mstshash=éü' },
    fields: { cookie: 'mstshash=éü', flags: 0, requestedProtocols: null },
  },
  {
    name: 'S7comm parameters are none of ours (nDPI s7comm.pcap, packet 1)',
    hex: '0300001611e00000000700c1020100c2020102c0010a',
    value: { ...NOTHING, rest: 'c1020100c2020102c0010a' },
  },
  {
    name: 'RDP_NEG_REQ with a length other than 8 is not one',
    hex: '03000013 0ee00000000000 01 00 0900 03000000',
    value: { ...NOTHING, rest: '0100090003000000' },
  },
  {
    name: 'RDP_NEG_REQ that is cut short is not one',
    hex: '03000011 0ce00000000000 01 00 0800 0300',
    value: { ...NOTHING, rest: '010008000300' },
  },
  {
    name: 'correlation info that nobody announced and that is cut short is not one',
    hex: '03000011 0ce00000000000 06 00 2400 0102',
    value: { ...NOTHING, rest: '060024000102' },
  },
  {
    name: 'text that ends in LF alone is no line',
    hex: '0300000e 09e00000000000 61620a',
    value: { ...NOTHING, rest: '61620a' },
  },
];

const REFUSED_REQUESTS: readonly [name: string, hex: string, message: string][] = [
  [
    'a cookie that does not end',
    '03000015 10e00000000000 436f6f6b69653a206162',
    'X.224 CR.cookie at byte 11: does not end in CR LF',
  ],
  [
    'announced correlation info with a wrong length',
    '03000017 12e00000000000 01 08 0800 03000000 06 00 0400',
    'RDP_NEG_CORRELATION_INFO at byte 19: says 4 bytes and has 4, not 36',
  ],
];

t.test('decode requests', (t) => {
  checkDecoding(t, REQUESTS, decodeRequestPdu);
  for (const [name, hex, message] of REFUSED_REQUESTS) {
    t.throws(() => decodeRequestPdu(fromHex(hex)), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('encode requests', (t) => {
  for (const { name, hex, fields } of REQUESTS) {
    if (fields) t.equal(toHex(encodeConnectionRequest(fields)), toHex(fromHex(hex)), name);
  }
  t.end();
});

t.test('the longest cookie and routing token just fit', (t) => {
  const correlationId = new Uint8Array(16).fill(1);
  const base = { flags: 0, requestedProtocols: 3 };
  const rows: readonly [longest: number, fields: (length: number) => NegotiationRequestFields][] = [
    [MAX_COOKIE_LENGTH, (length) => ({ ...base, cookie: 'c'.repeat(length) })],
    [MAX_ROUTING_TOKEN_LENGTH, (length) => ({ ...base, routingToken: 't'.repeat(length) })],
    [
      MAX_COOKIE_LENGTH - CORRELATION_INFO_COST,
      (length) => ({ ...base, cookie: 'c'.repeat(length), correlationId }),
    ],
  ];
  for (const [longest, fields] of rows) {
    const pdu = encodeConnectionRequest(fields(longest));
    t.equal(pdu.length, 259);
    t.equal(pdu[4], 254, 'the largest length indicator there is');
    t.throws(() => encodeConnectionRequest(fields(longest + 1)), RangeError);
  }
  t.end();
});

t.test('what the caller may not send', (t) => {
  const base = { flags: 0, requestedProtocols: 3 };
  t.throws(() => encodeNegotiationRequest({ ...base, cookie: 'a\r\nb' }), RangeError);
  t.throws(() => encodeNegotiationRequest({ ...base, routingToken: '語' }), RangeError);
  t.throws(
    () => encodeNegotiationRequest({ ...base, correlationId: new Uint8Array(15) }),
    RangeError,
  );
  t.throws(() => encodeNegotiationRequest({ ...base, requestedProtocols: -1 }), RangeError);
  t.end();
});

interface ConfirmRow extends Vector {
  readonly encode?: () => Uint8Array;
}

function response(flags: { value: number; names: string[] }, value: number, name: string | null) {
  return { kind: 'response', flags, selectedProtocol: { value, name }, rest: '' };
}

const WINDOWS_10_FLAGS = {
  value: 0x1f,
  names: [
    'EXTENDED_CLIENT_DATA_SUPPORTED',
    'DYNVC_GFX_PROTOCOL_SUPPORTED',
    'NEGRSP_FLAG_RESERVED',
    'RESTRICTED_ADMIN_MODE_SUPPORTED',
    'REDIRECTED_AUTHENTICATION_MODE_SUPPORTED',
  ],
};

const CONFIRMS: readonly ConfirmRow[] = [
  {
    name: '[MS-RDPBCGR] 4.1.2: standard RDP security selected, which is protocol zero',
    hex: '03000013 0ed00000123400 02 00 0800 00000000',
    value: response(NO_FLAGS, 0, 'PROTOCOL_RDP'),
    encode: () => encodeNegotiationResponse({ flags: 0, selectedProtocol: PROTOCOL_RDP }),
  },
  {
    name: 'Windows 10 selects HYBRID_EX (nDPI rdp.pcap, packet 5)',
    hex: '030000130ed00000123400 021f0800 08000000',
    value: response(WINDOWS_10_FLAGS, 8, 'PROTOCOL_HYBRID_EX'),
    encode: () => encodeNegotiationResponse({ flags: 0x1f, selectedProtocol: PROTOCOL_HYBRID_EX }),
  },
  {
    name: 'Windows Server 2008 R2 selects HYBRID (zeek rdp-to-ssl.pcap, packet 6)',
    hex: '030000130ed000001234000201080002000000',
    value: response({ value: 1, names: ['EXTENDED_CLIENT_DATA_SUPPORTED'] }, 2, 'PROTOCOL_HYBRID'),
    encode: () => encodeNegotiationResponse({ flags: 1, selectedProtocol: PROTOCOL_HYBRID }),
  },
  {
    name: 'SSL selected',
    hex: '03000013 0ed00000123400 02 00 0800 01000000',
    value: response(NO_FLAGS, 1, 'PROTOCOL_SSL'),
    encode: () => encodeNegotiationResponse({ flags: 0, selectedProtocol: PROTOCOL_SSL }),
  },
  {
    name: 'RDSTLS selected',
    hex: '03000013 0ed00000123400 02 00 0800 04000000',
    value: response(NO_FLAGS, 4, 'PROTOCOL_RDSTLS'),
    encode: () => encodeNegotiationResponse({ flags: 0, selectedProtocol: PROTOCOL_RDSTLS }),
  },
  {
    name: 'RDS-AAD selected',
    hex: '03000013 0ed00000123400 02 00 0800 10000000',
    value: response(NO_FLAGS, 16, 'PROTOCOL_RDSAAD'),
    encode: () => encodeNegotiationResponse({ flags: 0, selectedProtocol: PROTOCOL_RDSAAD }),
  },
  {
    name: 'a selected protocol is one value, not a mask, and may be one nobody knows',
    hex: '03000013 0ed00000123400 02 20 0800 03000080',
    value: response({ value: 0x20, names: ['0x20'] }, 0x80000003, null),
    encode: () => encodeNegotiationResponse({ flags: 0x20, selectedProtocol: 0x80000003 }),
  },
  ...[
    'SSL_REQUIRED_BY_SERVER',
    'SSL_NOT_ALLOWED_BY_SERVER',
    'SSL_CERT_NOT_ON_SERVER',
    'INCONSISTENT_FLAGS',
    'HYBRID_REQUIRED_BY_SERVER',
    'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER',
    null,
  ].map((name, index) => ({
    name: `failure code ${index + 1}: ${name ?? 'one nobody knows'}`,
    hex: `03000013 0ed00000123400 03 00 0800 0${index + 1}000000`,
    value: {
      kind: 'failure',
      flags: NO_FLAGS,
      failureCode: { value: index + 1, name },
      rest: '',
    },
    encode: () => encodeNegotiationFailure({ failureCode: index + 1 }),
  })),
  {
    name: 'no negotiation data: Windows XP, or a server that ignores the request',
    hex: '0300000b06d00000123400',
    value: { kind: 'none', cotpParameters: false, rest: '' },
    encode: () => new Uint8Array(0),
  },
  {
    name: 'the COTP parameters of a PLC (nDPI s7comm.pcap, packet 2)',
    hex: '0300001611d00007000300 c0010a c1020100 c2020102',
    value: { kind: 'none', cotpParameters: true, rest: 'c0010ac1020100c2020102' },
  },
  {
    name: 'COTP parameters whose last length is wrong are not a list',
    hex: '0300000f0ad00000000000 c0010a c1',
    value: { kind: 'none', cotpParameters: false, rest: 'c0010ac1' },
  },
  {
    name: 'a COTP parameter that reaches beyond the end is not a list either',
    hex: '0300000e09d00000000000 c0050a',
    value: { kind: 'none', cotpParameters: false, rest: 'c0050a' },
  },
  {
    name: 'a structure type nobody knows is kept, not refused',
    hex: '03000013 0ed00000123400 09 00 0800 01000000',
    value: { kind: 'none', cotpParameters: false, rest: '0900080001000000' },
  },
  {
    name: 'a client request sent back by an echo service is no answer',
    hex: '03000013 0ed00000000000 01 00 0800 03000000',
    value: { kind: 'none', cotpParameters: false, rest: '0100080003000000' },
  },
  {
    name: 'bytes behind the response are kept',
    hex: '03000015 10d00000123400 02 00 0800 01000000 beef',
    value: {
      kind: 'response',
      flags: NO_FLAGS,
      selectedProtocol: { value: 1, name: 'PROTOCOL_SSL' },
      rest: 'beef',
    },
  },
];

const REFUSED_CONFIRMS: readonly [name: string, hex: string, message: string][] = [
  [
    'RDP_NEG_RSP with a length of zero (zeek rdp-invalid-length.pcap, packet 5)',
    '030000130ed000001234000203000001000002',
    'RDP_NEG_RSP.length at byte 13: is 0, not 8',
  ],
  [
    'RDP_NEG_FAILURE with a length in the wrong byte order',
    '03000013 0ed00000123400 03 00 0008 02000000',
    'RDP_NEG_FAILURE.length at byte 13: is 2048, not 8',
  ],
  [
    'RDP_NEG_RSP that ends early',
    '03000011 0cd00000123400 02 00 0800 0100',
    'RDP_NEG_RSP.selectedProtocol at byte 15: needs 4 bytes, 2 left',
  ],
];

t.test('decode confirms', (t) => {
  checkDecoding(t, CONFIRMS, decodeConfirmPdu);
  for (const [name, hex, message] of REFUSED_CONFIRMS) {
    t.throws(() => decodeConfirmPdu(fromHex(hex)), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('encode confirms', (t) => {
  for (const { name, hex, encode } of CONFIRMS) {
    if (encode) t.equal(toHex(encodeConnectionConfirm(encode())), toHex(fromHex(hex)), name);
  }
  t.equal(
    toHex(encodeConnectionConfirm(encodeNegotiationFailure({ failureCode: 1 }), 0)),
    '030000130ed000000000000300080001000000',
    'xrdp and GNOME answer with source reference zero',
  );
  t.end();
});

t.test('a variable part cut at any length is a value or a DecodeError', (t) => {
  const variable = fromHex('436f6f6b69653a20610d0a 01080800 03000000 06002400');
  t.throws(() => decodeNegotiationRequest(variable.subarray(0, 10)), DecodeError);
  t.same(plain(decodeNegotiationRequest(variable.subarray(0, 14))), {
    ...NOTHING,
    cookie: 'a',
    rest: '010808',
  });
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const variables = (rows: readonly Vector[]) =>
    rows.map((row) => toHex(fromHex(row.hex)).slice(22));
  checkNoOtherError(t, (bytes) => decodeNegotiationRequest(bytes), variables(REQUESTS));
  checkNoOtherError(t, (bytes) => decodeNegotiationConfirm(bytes), variables(CONFIRMS));
  t.end();
});

t.test('where a routing token leads', (t) => {
  const rows: readonly (readonly [token: string, reading: RoutingToken])[] = [
    // The example of IMsRdpClientAdvancedSettings::LoadBalanceInfo: 172.31.249.216, port 3389.
    ['Cookie: msts=3640205228.15629.0000', { form: 'msts', address: '172.31.249.216', port: 3389 }],
    ['Cookie: msts=3640205228.15629.', { form: 'msts', address: '172.31.249.216', port: 3389 }],
    ['Cookie: msts=9999999999.15629.0000', { form: 'unknown' }],
    ['Cookie: msts=1.70000.0000', { form: 'unknown' }],
    ['tsv://MS Terminal Services Plugin.1.Sales', { form: 'tsv', collection: 'Sales' }],
    ['tsv://MS Terminal Services Plugin.1.A.B', { form: 'tsv', collection: 'A.B' }],
    ['tsv://other', { form: 'tsv', collection: null }],
    ['mth://localhost/b3c36ae0', { form: 'mth' }],
    ['anything', { form: 'unknown' }],
    ['', { form: 'unknown' }],
  ];
  for (const [token, reading] of rows) {
    t.same(readRoutingToken(token), reading, token);
    t.equal(routingTokenProblem(token), /msts=(9{10}|1\.7)/.test(token) ? MSTS_FORM : null, token);
  }
  t.end();
});
