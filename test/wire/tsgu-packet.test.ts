import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { gatewayCode } from '../../src/wire/tsgu-names.js';
import {
  decodeTsguPacket,
  encodeChannelCreate,
  encodeCloseChannel,
  encodeHandshakeRequest,
  encodeKeepalive,
  encodeTsguData,
  encodeTunnelAuth,
  encodeTunnelCreate,
  frameTsguPacket,
} from '../../src/wire/tsgu-packet.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

const NO_ERROR = { value: 0, name: 'ERROR_SUCCESS' };

/** Recorded: what xfreerdp 2.10.0 sent to a gateway. */
const FROM_XFREERDP: readonly Vector[] = [
  {
    name: 'xfreerdp: handshake request',
    hex: '0100 0000 0e000000  01 00 0000 0000',
    value: {
      kind: 'handshake-request',
      version: '1.0',
      extendedAuth: { value: 0, names: [] },
    },
  },
  {
    name: 'xfreerdp: tunnel creation',
    hex: '0400 0000 10000000  0d000000 0000 0000',
    value: {
      kind: 'tunnel-create',
      capabilities: {
        value: 13,
        names: [
          'HTTP_CAPABILITY_TYPE_QUAR_SOH',
          'HTTP_CAPABILITY_MESSAGING_CONSENT_SIGN',
          'HTTP_CAPABILITY_MESSAGING_SERVICE_MSG',
        ],
      },
      paaCookie: false,
    },
  },
  {
    name: 'xfreerdp: tunnel authorization',
    hex: '0600 0000 12000000  0000 0600 76006d000000',
    value: { kind: 'tunnel-auth', clientName: 'vm' },
  },
  {
    name: 'xfreerdp: channel creation',
    hex: `0800 0000 36000000  01 00 3d0d 0300 2600
          730072007600300031002e0063006f00720070002e006500780061006d0070006c0065000000`,
    value: {
      kind: 'channel-create',
      resources: ['srv01.corp.example'],
      alternatives: [],
      port: 3389,
      protocol: 3,
    },
  },
];

/** Recorded: what rdpgw at commit 8998ab1 answered to this probe. */
const FROM_RDPGW: readonly Vector[] = [
  {
    name: 'rdpgw: handshake response',
    hex: '0200 0000 12000000  00000000 01 00 0000 0000',
    value: {
      kind: 'handshake-response',
      errorCode: NO_ERROR,
      version: '1.0',
      serverVersion: 0,
      extendedAuth: { value: 0, names: [] },
    },
  },
  {
    name: 'rdpgw: tunnel response',
    hex: '0500 0000 1a000000  0000 00000000 0300 0000 0a000000 02000000',
    value: {
      kind: 'tunnel-response',
      serverVersion: 0,
      statusCode: NO_ERROR,
      tunnelId: 10,
      capabilities: { value: 2, names: ['HTTP_CAPABILITY_IDLE_TIMEOUT'] },
      quarantine: false,
      consentMessage: null,
    },
  },
  {
    name: 'rdpgw: tunnel response to a cookie that is refused',
    hex: '0500 0000 1a000000  0000 f8590780 0300 0000 0a000000 02000000',
    value: {
      kind: 'tunnel-response',
      serverVersion: 0,
      statusCode: { value: 0x800759f8, name: 'E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED' },
      tunnelId: 10,
      capabilities: { value: 2, names: ['HTTP_CAPABILITY_IDLE_TIMEOUT'] },
      quarantine: false,
      consentMessage: null,
    },
  },
  {
    name: 'rdpgw: tunnel authorization response',
    hex: '0700 0000 18000000  00000000 0300 0000 00000080 11000000',
    value: {
      kind: 'tunnel-auth-response',
      errorCode: NO_ERROR,
      redirections: { value: 0x80000000, names: ['HTTP_TUNNEL_REDIR_ENABLE_ALL'] },
      idleTimeout: 17,
    },
  },
  {
    name: 'rdpgw: channel response',
    hex: '0900 0000 14000000  00000000 0100 0000 01000000',
    value: {
      kind: 'channel-response',
      errorCode: NO_ERROR,
      channelId: 1,
      udpPort: null,
      authnCookie: false,
    },
  },
  {
    name: 'rdpgw: channel response to a target that its policy refuses',
    hex: '0900 0000 14000000  da590780 0100 0000 01000000',
    value: {
      kind: 'channel-response',
      errorCode: { value: 0x800759da, name: 'E_PROXY_RAP_ACCESSDENIED' },
      channelId: 1,
      udpPort: null,
      authnCookie: false,
    },
  },
  {
    name: 'rdpgw: data, an X.224 Connection Confirm',
    hex: '0a00 0000 1d000000  1300 030000130ed00000123400021f080008000000',
    value: { kind: 'data', data: '030000130ed00000123400021f080008000000' },
  },
];

/** Written down from the tables of [MS-TSGU] 2.2.10. */
const FROM_TABLES: readonly Vector[] = [
  {
    name: 'tunnel response with quarantine and consent',
    hex: `0500 0000 38000000  0000 00000000 1700 0000 01000000 3f000000
          ${'aa'.repeat(16)} 0400 63000000 0600 480069000000`,
    value: {
      kind: 'tunnel-response',
      serverVersion: 0,
      statusCode: NO_ERROR,
      tunnelId: 1,
      capabilities: {
        value: 63,
        names: [
          'HTTP_CAPABILITY_TYPE_QUAR_SOH',
          'HTTP_CAPABILITY_IDLE_TIMEOUT',
          'HTTP_CAPABILITY_MESSAGING_CONSENT_SIGN',
          'HTTP_CAPABILITY_MESSAGING_SERVICE_MSG',
          'HTTP_CAPABILITY_REAUTH',
          'HTTP_CAPABILITY_UDP_TRANSPORT',
        ],
      },
      quarantine: true,
      consentMessage: 'Hi',
    },
  },
  {
    name: 'channel response with a UDP port and a cookie',
    hex: '0900 0000 1a000000  00000000 0700 0000 02000000 3f0d 0200 beef',
    value: {
      kind: 'channel-response',
      errorCode: NO_ERROR,
      channelId: 2,
      udpPort: 3391,
      authnCookie: true,
    },
  },
  {
    name: 'service message',
    hex: '0b00 0000 0e000000  0400 48006900',
    value: { kind: 'service-message', text: 'Hi' },
  },
  {
    name: 'reauthentication',
    hex: `0c00 0000 10000000 ${'01'.repeat(8)}`,
    value: { kind: 'reauth' },
  },
  { name: 'keepalive', hex: '0d00 0000 08000000', value: { kind: 'keepalive' } },
  {
    name: 'extended authentication',
    hex: '0300 0000 0e000000 00000000 0000',
    value: { kind: 'extended-auth', errorCode: NO_ERROR },
  },
  {
    name: 'close, with a code that some gateways send without its facility',
    hex: '1000 0000 0c000000 dd590000',
    value: {
      kind: 'close-channel',
      statusCode: { value: 0x59dd, name: 'E_PROXY_TS_CONNECTFAILED' },
    },
  },
  {
    name: 'answer to a close',
    hex: '1100 0000 0c000000 00000000',
    value: { kind: 'close-channel-response', statusCode: NO_ERROR },
  },
  {
    name: 'a type that no specification names',
    hex: '6300 0000 0a000000 0000',
    value: { kind: 'unknown', packetType: { value: 99, name: null }, bytes: 2 },
  },
];

const ALL = [...FROM_XFREERDP, ...FROM_RDPGW, ...FROM_TABLES];
checkDecoding(t, ALL, decodeTsguPacket);

t.test('framing', async (t) => {
  for (const { hex, name } of ALL) {
    const packet = fromHex(hex);
    t.same(
      frameTsguPacket(Uint8Array.from([...packet, 1, 2])),
      {
        kind: 'frame',
        length: packet.length,
      },
      name,
    );
    for (let length = 0; length < packet.length; length++) {
      t.equal(frameTsguPacket(packet.subarray(0, length)).kind, 'need-more');
    }
  }
  for (const hex of ['0a00000007000000', '0a000000ffffffff', '4854545020202020']) {
    t.throws(() => frameTsguPacket(fromHex(hex)), DecodeError, hex);
  }
});

t.test('what this program sends, against the bytes of xfreerdp', async (t) => {
  const [handshake, tunnel, auth, channel] = FROM_XFREERDP.map(({ hex }) => toHex(fromHex(hex)));
  t.equal(toHex(encodeHandshakeRequest(0)), handshake);
  t.equal(toHex(encodeTunnelCreate(0x0d)), tunnel);
  t.equal(toHex(encodeTunnelAuth('vm')), auth);
  t.equal(toHex(encodeChannelCreate('srv01.corp.example', 3389)), channel);
  t.equal(toHex(encodeTsguData(fromHex('0300'))), '0a0000000c00000002000300');
  t.equal(toHex(encodeKeepalive()), '0d00000008000000');
  t.equal(toHex(encodeCloseChannel(0)), '100000000c00000000000000');
  t.throws(() => encodeTsguData(new Uint8Array(65_536)), RangeError);
});

t.test('names of codes', async (t) => {
  const rows: readonly (readonly [value: number, name: string | null])[] = [
    [0, 'ERROR_SUCCESS'],
    [5, 'ERROR_ACCESS_DENIED'],
    [0x80070005, 'ERROR_ACCESS_DENIED'],
    [0x800759db, 'E_PROXY_NAP_ACCESSDENIED'],
    [0x59e6, 'E_PROXY_MAXCONNECTIONSREACHED'],
    [0x800759dd, 'E_PROXY_TS_CONNECTFAILED'],
    [0x801059dd, null],
    [0x1234, null],
  ];
  for (const [value, name] of rows) t.same(gatewayCode(value), { value, name });
});

checkNoOtherError(
  t,
  decodeTsguPacket,
  ALL.map(({ hex }) => hex),
  { count: 3000 },
);
