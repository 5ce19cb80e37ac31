import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import {
  decodeConferenceCreateRequest,
  decodeConferenceCreateResponse,
  encodeConferenceCreateRequest,
  encodeConferenceCreateResponse,
} from '../../src/wire/gcc.js';
import {
  type ClientBlock,
  decodeClientData,
  encodeClientData,
} from '../../src/wire/gcc-client-data.js';
import {
  decodeServerData,
  encodeServerData,
  type ServerBlock,
} from '../../src/wire/gcc-server-data.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeServerCertificate } from '../../src/wire/server-certificate.js';
import {
  CLIENT_DATA_4_1_3,
  CREATE_REQUEST_4_1_3,
  CREATE_RESPONSE_4_1_4,
  SERVER_CERTIFICATE_4_1_4,
  SERVER_DATA_4_1_4,
} from '../support/mcs-dumps.js';
import {
  checkDecoding,
  checkNoOtherError,
  outcome,
  plain,
  type Vector,
} from '../support/wire-vectors.js';

const NO_FLAGS = { value: 0, names: [] };
const EIGHT_BITS = { value: 0xca01, name: 'RNS_UD_COLOR_8BPP' };
const NO_BYTES = new Uint8Array(0);

const CORE_4_1_3: ClientBlock = {
  kind: 'CS_CORE',
  version: { value: 0x00080004, name: '5.0-8.1' },
  desktopWidth: 1280,
  desktopHeight: 1024,
  colorDepth: EIGHT_BITS,
  SASSequence: 0xaa03,
  keyboardLayout: 0x409,
  clientBuild: 3790,
  clientName: 'ELTONS-DEV2',
  keyboardType: 4,
  keyboardSubType: 0,
  keyboardFunctionKey: 12,
  imeFileName: '',
  postBeta2ColorDepth: EIGHT_BITS,
  clientProductId: 1,
  serialNumber: 0,
  highColorDepth: 24,
  supportedColorDepths: 7,
  earlyCapabilityFlags: { value: 1, names: ['RNS_UD_CS_SUPPORT_ERRINFO_PDU'] },
  clientDigProductId: '69712-783-0357974-42714',
  connectionType: { value: 0, name: null },
  pad1octet: 0,
  serverSelectedProtocol: { value: 0, name: 'PROTOCOL_RDP' },
  desktopPhysicalWidth: null,
  desktopPhysicalHeight: null,
  desktopOrientation: null,
  desktopScaleFactor: null,
  deviceScaleFactor: null,
  rest: NO_BYTES,
};

const CLIENT_BLOCKS_4_1_3: readonly ClientBlock[] = [
  CORE_4_1_3,
  {
    kind: 'other',
    type: { value: 0xc004, name: 'CS_CLUSTER' },
    body: fromHex('0d00000000000000'),
  },
  {
    kind: 'CS_SECURITY',
    encryptionMethods: {
      value: 0x1b,
      names: [
        'ENCRYPTION_METHOD_40BIT',
        'ENCRYPTION_METHOD_128BIT',
        'ENCRYPTION_METHOD_56BIT',
        'ENCRYPTION_METHOD_FIPS',
      ],
    },
    extEncryptionMethods: NO_FLAGS,
  },
  {
    kind: 'CS_NET',
    channelDefArray: [
      {
        name: 'rdpdr',
        options: {
          value: 0x80800000,
          names: ['CHANNEL_OPTION_COMPRESS_RDP', 'CHANNEL_OPTION_INITIALIZED'],
        },
      },
      {
        name: 'cliprdr',
        options: {
          value: 0xc0a00000,
          names: [
            'CHANNEL_OPTION_SHOW_PROTOCOL',
            'CHANNEL_OPTION_COMPRESS_RDP',
            'CHANNEL_OPTION_ENCRYPT_RDP',
            'CHANNEL_OPTION_INITIALIZED',
          ],
        },
      },
      {
        name: 'rdpsnd',
        options: {
          value: 0xc0000000,
          names: ['CHANNEL_OPTION_ENCRYPT_RDP', 'CHANNEL_OPTION_INITIALIZED'],
        },
      },
    ],
  },
];

/** A CS_CORE that ends after imeFileName, the last field that must be there. */
const SHORTEST_CORE = `01c0 8400 01000800 8002 e001 00ca 03aa 07040000 77000000
  ${'00'.repeat(32)} 04000000 00000000 0c000000 ${'00'.repeat(64)}`;

interface ClientRow {
  readonly name: string;
  readonly hex: string;
  readonly blocks: readonly ClientBlock[];
}

const SHORTEST_CORE_VALUE: ClientBlock = {
  ...CORE_4_1_3,
  version: { value: 0x00080001, name: '4.0' },
  desktopWidth: 640,
  desktopHeight: 480,
  colorDepth: { value: 0xca00, name: 'RNS_UD_COLOR_4BPP' },
  keyboardLayout: 0x407,
  clientBuild: 119,
  clientName: '',
  postBeta2ColorDepth: null,
  clientProductId: null,
  serialNumber: null,
  highColorDepth: null,
  supportedColorDepths: null,
  earlyCapabilityFlags: null,
  clientDigProductId: null,
  connectionType: null,
  pad1octet: null,
  serverSelectedProtocol: null,
};

const CLIENT_ROWS: readonly ClientRow[] = [
  { name: '[MS-RDPBCGR] 4.1.3', hex: CLIENT_DATA_4_1_3, blocks: CLIENT_BLOCKS_4_1_3 },
  {
    name: 'the shortest CS_CORE, of RDP 4.0',
    hex: SHORTEST_CORE,
    blocks: [SHORTEST_CORE_VALUE],
  },
  {
    name: 'a field that is cut ends CS_CORE, though a narrower one behind it would fit',
    hex: SHORTEST_CORE.replace('01c0 8400', '01c0 8500').concat('07'),
    blocks: [{ ...SHORTEST_CORE_VALUE, rest: Uint8Array.of(7) }],
  },
  {
    name: 'the longest CS_CORE that is known, and a byte of the future',
    hex: CLIENT_DATA_4_1_3.slice(0, CLIENT_DATA_4_1_3.indexOf('04c0 0c00'))
      .replace('01c0 d800', '01c0 eb00')
      .replace('04000800', '11000800')
      .replace('00 00 00000000 ', '06 00 08000000 ')
      .concat('\n 5e010000 c8000000 5a00 7d000000 8c000000 ff'),
    blocks: [
      {
        ...CORE_4_1_3,
        version: { value: 0x00080011, name: '10.12' },
        connectionType: { value: 6, name: 'CONNECTION_TYPE_LAN' },
        serverSelectedProtocol: { value: 8, name: 'PROTOCOL_HYBRID_EX' },
        desktopPhysicalWidth: 350,
        desktopPhysicalHeight: 200,
        desktopOrientation: 90,
        desktopScaleFactor: 125,
        deviceScaleFactor: 140,
        rest: Uint8Array.of(0xff),
      },
    ],
  },
  {
    name: 'blocks that are kept as they came, among them one nobody knows',
    hex: '06c00800 00000000 0ac00800 05030000 ffc00400',
    blocks: [
      {
        kind: 'other',
        type: { value: 0xc006, name: 'CS_MCS_MSGCHANNEL' },
        body: fromHex('00000000'),
      },
      {
        kind: 'other',
        type: { value: 0xc00a, name: 'CS_MULTITRANSPORT' },
        body: fromHex('05030000'),
      },
      { kind: 'other', type: { value: 0xc0ff, name: null }, body: NO_BYTES },
    ],
  },
  { name: 'no blocks', hex: '', blocks: [] },
];

t.test('client data', (t) => {
  const vectors = CLIENT_ROWS.map(({ name, hex, blocks }) => ({ name, hex, value: plain(blocks) }));
  checkDecoding(t, vectors, (bytes) => decodeClientData(bytes), 'any');
  for (const { name, hex, blocks } of CLIENT_ROWS) {
    t.equal(toHex(encodeClientData(blocks)), toHex(fromHex(hex)), `encode: ${name}`);
  }
  t.same(
    plain(decodeClientData(fromHex('02c00800 03000000'))),
    [
      {
        kind: 'CS_SECURITY',
        encryptionMethods: {
          value: 3,
          names: ['ENCRYPTION_METHOD_40BIT', 'ENCRYPTION_METHOD_128BIT'],
        },
        extEncryptionMethods: NO_FLAGS,
      },
    ],
    'the oldest clients end CS_SECURITY after its first field',
  );
  const named16 = { ...CORE_4_1_3, clientName: 'x'.repeat(16) };
  t.throws(() => encodeClientData([named16]), RangeError, 'a name and its zero have 16 characters');
  t.end();
});

const SERVER_BLOCKS_4_1_4: readonly ServerBlock[] = [
  {
    kind: 'SC_CORE',
    version: { value: 0x00080004, name: '5.0-8.1' },
    clientRequestedProtocols: NO_FLAGS,
    earlyCapabilityFlags: null,
    rest: NO_BYTES,
  },
  { kind: 'SC_NET', MCSChannelId: 1003, channelIdArray: [1004, 1005, 1006] },
  {
    kind: 'SC_SECURITY',
    encryptionMethod: { value: 2, name: 'ENCRYPTION_METHOD_128BIT' },
    encryptionLevel: { value: 2, name: 'ENCRYPTION_LEVEL_CLIENT_COMPATIBLE' },
    serverRandom: fromHex('1011772030610a12e434a11ef2c39f317da45f01893496e0ff1108697f1ac3d2'),
    serverCertificate: fromHex(SERVER_CERTIFICATE_4_1_4),
  },
];

const SERVER_ROWS: readonly {
  readonly name: string;
  readonly hex: string;
  readonly blocks: readonly ServerBlock[];
}[] = [
  { name: '[MS-RDPBCGR] 4.1.4', hex: SERVER_DATA_4_1_4, blocks: SERVER_BLOCKS_4_1_4 },
  {
    name: 'a server behind TLS: no encryption, message channel, multitransport, early flags',
    hex: `010c 1000 0d000800 0b000000 0f000000
          030c 0800 eb03 0000
          020c 0c00 00000000 00000000
          040c 0600 f003
          080c 0800 05030000`,
    blocks: [
      {
        kind: 'SC_CORE',
        version: { value: 0x0008000d, name: '10.8' },
        clientRequestedProtocols: {
          value: 11,
          names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'],
        },
        earlyCapabilityFlags: {
          value: 15,
          names: [
            'RNS_UD_SC_EDGE_ACTIONS_SUPPORTED_V1',
            'RNS_UD_SC_DYNAMIC_DST_SUPPORTED',
            'RNS_UD_SC_EDGE_ACTIONS_SUPPORTED_V2',
            'RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED',
          ],
        },
        rest: NO_BYTES,
      },
      { kind: 'SC_NET', MCSChannelId: 1003, channelIdArray: [] },
      {
        kind: 'SC_SECURITY',
        encryptionMethod: { value: 0, name: 'ENCRYPTION_METHOD_NONE' },
        encryptionLevel: { value: 0, name: 'ENCRYPTION_LEVEL_NONE' },
        serverRandom: null,
        serverCertificate: null,
      },
      { kind: 'SC_MCS_MSGCHANNEL', MCSChannelID: 1008 },
      {
        kind: 'SC_MULTITRANSPORT',
        flags: {
          value: 0x305,
          names: [
            'TRANSPORTTYPE_UDPFECR',
            'TRANSPORTTYPE_UDPFECL',
            'TRANSPORTTYPE_UDP_PREFERRED',
            'SOFTSYNC_TCP_TO_UDP',
          ],
        },
      },
    ],
  },
  {
    name: 'xrdp without negotiation: SC_CORE holds a version and nothing else',
    hex: '010c 0800 04000800',
    blocks: [
      {
        kind: 'SC_CORE',
        version: { value: 0x00080004, name: '5.0-8.1' },
        clientRequestedProtocols: null,
        earlyCapabilityFlags: null,
        rest: NO_BYTES,
      },
    ],
  },
  {
    name: 'versions, methods, levels and blocks that nobody knows',
    hex: '010c 0800 12000800  020c 0c00 20000000 05000000  070c 0500 01',
    blocks: [
      {
        kind: 'SC_CORE',
        version: { value: 0x00080012, name: null },
        clientRequestedProtocols: null,
        earlyCapabilityFlags: null,
        rest: NO_BYTES,
      },
      {
        kind: 'SC_SECURITY',
        encryptionMethod: { value: 0x20, name: null },
        encryptionLevel: { value: 5, name: null },
        serverRandom: null,
        serverCertificate: null,
      },
      { kind: 'other', type: { value: 0x0c07, name: null }, body: Uint8Array.of(1) },
    ],
  },
];

t.test('server data', (t) => {
  const vectors = SERVER_ROWS.map(({ name, hex, blocks }) => ({ name, hex, value: plain(blocks) }));
  checkDecoding(t, vectors, (bytes) => decodeServerData(bytes), 'any');
  for (const { name, hex, blocks } of SERVER_ROWS) {
    t.equal(toHex(encodeServerData(blocks)), toHex(fromHex(hex)), `encode: ${name}`);
  }
  t.same(plain(decodeServerData(fromHex('020c 1400 00000000 00000000 00000000 00000000'))), [
    {
      kind: 'SC_SECURITY',
      encryptionMethod: { value: 0, name: 'ENCRYPTION_METHOD_NONE' },
      encryptionLevel: { value: 0, name: 'ENCRYPTION_LEVEL_NONE' },
      serverRandom: '',
      serverCertificate: '',
    },
  ]);
  t.end();
});

t.test('blocks that cannot be are refused', (t) => {
  const rows: readonly [name: string, hex: string, message: string][] = [
    [
      'a block shorter than its own header',
      '01c0 0300',
      'TS_UD_HEADER.length at byte 2: is 3, less than its own header',
    ],
    ['a block beyond the end', '04c0 0d00 00', 'CS_CLUSTER at byte 4: needs 9 bytes, 1 left'],
    [
      'more channels than there is room for',
      '03c0 1400 ffffffff 000000000000000000000000',
      'CS_NET.channelCount at byte 4: is 4294967295, with room for 1',
    ],
  ];
  for (const [name, hex, message] of rows) {
    t.throws(() => decodeClientData(fromHex(hex)), { name: 'DecodeError', message }, name);
  }
  const serverRows: readonly [name: string, hex: string, message: string][] = [
    [
      'more channel ids than there is room for',
      '030c 0800 eb03 0300',
      'SC_NET.channelIdArray at byte 8: needs 6 bytes, 0 left',
    ],
    [
      'a random of 4 GiB',
      '020c 1400 02000000 03000000 ffffffff 00000000',
      'SC_SECURITY.serverRandom at byte 20: needs 4294967295 bytes, 0 left',
    ],
  ];
  for (const [name, hex, message] of serverRows) {
    t.throws(() => decodeServerData(fromHex(hex)), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('conference create request', (t) => {
  const row = {
    name: '[MS-RDPBCGR] 4.1.3',
    hex: CREATE_REQUEST_4_1_3,
    value: { blocks: plain(CLIENT_BLOCKS_4_1_3) },
  };
  checkDecoding(t, [row], (bytes) => decodeConferenceCreateRequest(bytes));
  t.equal(
    toHex(encodeConferenceCreateRequest({ blocks: CLIENT_BLOCKS_4_1_3 })),
    toHex(fromHex(row.hex)),
  );
  t.end();
});

t.test('conference create response', (t) => {
  const result = { value: 0, name: 'success' };
  const rows: readonly Vector[] = [
    {
      name: '[MS-RDPBCGR] 4.1.4, with a connectPDU length that is wrong',
      hex: CREATE_RESPONSE_4_1_4,
      value: { nodeID: 31219, tag: 1, result, blocks: plain(SERVER_BLOCKS_4_1_4) },
    },
    {
      name: 'refused, and without user data',
      hex: '000500147c0001 06 10 760a 0101 20',
      value: {
        nodeID: 31219,
        tag: 1,
        result: { value: 2, name: 'resourcesNotAvailable' },
        blocks: [],
      },
    },
  ];
  checkDecoding(t, rows, (bytes) => decodeConferenceCreateResponse(bytes));
  t.equal(
    toHex(
      encodeConferenceCreateResponse({
        nodeID: 31219,
        tag: 1,
        result,
        blocks: SERVER_BLOCKS_4_1_4,
      }),
    ),
    toHex(fromHex(CREATE_RESPONSE_4_1_4)),
  );
  t.end();
});

t.test('conferences that RDP does not hold are refused', (t) => {
  const request = (hex: string) => outcome(() => decodeConferenceCreateRequest(fromHex(hex)));
  const response = (hex: string) => outcome(() => decodeConferenceCreateResponse(fromHex(hex)));
  const rows: readonly [outcome: unknown, message: string][] = [
    [request('000500147c0002'), 'ConnectData.t124Identifier at byte 6: is 0x2 here'],
    [request('000500147c0001 08 0008002000'), 'ConferenceCreateRequest at byte 11: is 0x20 here'],
    [
      request('000500147c0001 0e 0008001000 01c000 4d63446e 00'),
      'UserData.key at byte 16: is 0x4d here',
    ],
    [
      response('000500147c0001 08 0008001000'),
      'ConnectGCCPDU at byte 8: is 0x0, no ConferenceCreateResponse',
    ],
    [
      response('000500147c0001 08 10 760a 0101 80'),
      'ConferenceCreateResponse.result at byte 13: is an extension of T.124',
    ],
  ];
  for (const [error, message] of rows) {
    t.ok(error instanceof DecodeError);
    t.match(error, { message });
  }
  t.end();
});

t.test('server certificate', (t) => {
  const rows: readonly Vector[] = [
    {
      name: 'proprietary, [MS-RDPBCGR] 4.1.4',
      hex: SERVER_CERTIFICATE_4_1_4,
      value: {
        kind: 'proprietary',
        temporary: false,
        rsaKeyBits: 512,
        pubExp: 65537,
        modulus:
          'cb81feba6d61c35505d55f2e87f87194d6f1a5cbf15f0c3df8700296c4fb9bc8' +
          '3c2d55aee8ff3275ea6879e5a201fd31a0b11f55a61fc1f6d1838863265612bc',
        signature:
          'e9e1d628468b4ef50adffdee2199acb4e18f5f815782ef9d965263271829dbb3' +
          '4afd9ada42adb56921890e1dc04c1aa8aa713e0f54b99ae499683f6cd6768461' +
          '0000000000000000',
      },
    },
    {
      name: 'a temporary X.509 chain of two (shortened)',
      hex: '02000080 02000000 04000000 30020500 03000000 300101',
      value: { kind: 'x509', temporary: true, certificates: ['30020500', '300101'] },
    },
  ];
  checkDecoding(t, rows, (bytes) => decodeServerCertificate(bytes));
  t.same(plain(decodeServerCertificate(fromHex('02000000 01000000 01000000 30 000000000000'))), {
    kind: 'x509',
    temporary: false,
    certificates: ['30'],
  });
  t.same(plain(decodeServerCertificate(fromHex('07000000 abcd'))), {
    kind: 'other',
    temporary: false,
    certChainVersion: 7,
    certData: 'abcd',
  });
  const refused: readonly [hex: string, message: string][] = [
    ['02000000 c9000000', 'X509_CERTIFICATE_CHAIN.NumCertBlobs at byte 4: is 201, more than 200'],
    [
      '02000000 01000000 ffffffff 30',
      'CERT_BLOB.abCert at byte 12: needs 4294967295 bytes, 1 left',
    ],
    ['01000000 02000000', 'PROPRIETARYSERVERCERTIFICATE.dwSigAlgId at byte 4: is 2, not 1'],
    [
      '01000000 01000000 01000000 0700',
      'PROPRIETARYSERVERCERTIFICATE.wPublicKeyBlobType at byte 12: is 7, not 6',
    ],
    [
      '01000000 01000000 01000000 0600 0800 52534131 07000000',
      'RSA_PUBLIC_KEY.keylen at byte 20: is 7, less than its padding',
    ],
  ];
  for (const [hex, message] of refused) {
    t.throws(() => decodeServerCertificate(fromHex(hex)), { name: 'DecodeError', message });
  }
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const client = CLIENT_ROWS.map((row) => row.hex);
  const server = SERVER_ROWS.map((row) => row.hex);
  checkNoOtherError(t, (bytes) => decodeClientData(bytes), client);
  checkNoOtherError(t, (bytes) => decodeServerData(bytes), server);
  checkNoOtherError(t, (bytes) => decodeConferenceCreateRequest(bytes), [CREATE_REQUEST_4_1_3]);
  checkNoOtherError(t, (bytes) => decodeConferenceCreateResponse(bytes), [CREATE_RESPONSE_4_1_4]);
  checkNoOtherError(t, (bytes) => decodeServerCertificate(bytes), [
    SERVER_CERTIFICATE_4_1_4,
    '02000080 02000000 04000000 30020500 03000000 300101',
  ]);
  t.end();
});
