import t from 'tap';
import { encodeClientConnectInitial } from '../../src/wire/client-connect-initial.js';
import { DecodeError } from '../../src/wire/decode-error.js';
import { decodeConferenceCreateRequest } from '../../src/wire/gcc.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  type DomainParameters,
  decodeMcs,
  encodeConnectInitial,
  encodeConnectResponse,
  encodeDisconnectProviderUltimatum,
} from '../../src/wire/mcs.js';
import { decodeTpkt } from '../../src/wire/tpkt.js';
import { decodeX224 } from '../../src/wire/x224.js';
import {
  CONNECT_INITIAL_4_1_3,
  CONNECT_INITIAL_PDU_4_1_3,
  CONNECT_RESPONSE_4_1_4,
  CONNECT_RESPONSE_PDU_4_1_4,
  CREATE_REQUEST_4_1_3,
  CREATE_RESPONSE_4_1_4,
} from '../support/mcs-dumps.js';
import { checkDecoding, checkNoOtherError, plain, type Vector } from '../support/wire-vectors.js';

interface Row extends Vector {
  readonly encode?: () => Uint8Array;
}

const TARGET: DomainParameters = {
  maxChannelIds: 34,
  maxUserIds: 2,
  maxTokenIds: 0,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMCSPDUsize: 65535,
  protocolVersion: 2,
};
const INITIAL_4_1_3 = {
  targetParameters: TARGET,
  minimumParameters: {
    ...TARGET,
    maxChannelIds: 1,
    maxUserIds: 1,
    maxTokenIds: 1,
    maxMCSPDUsize: 1056,
  },
  maximumParameters: {
    ...TARGET,
    maxChannelIds: 65535,
    maxUserIds: 64535,
    maxTokenIds: 65535,
  },
};
const SERVER_PARAMETERS = { ...TARGET, maxUserIds: 3, maxMCSPDUsize: 65528 };
const SUCCESSFUL = { value: 0, name: 'rt-successful' };

const ROWS: readonly Row[] = [
  {
    name: 'Connect Initial of [MS-RDPBCGR] 4.1.3',
    hex: CONNECT_INITIAL_4_1_3,
    value: {
      kind: 'connect-initial',
      ...INITIAL_4_1_3,
      userData: toHex(fromHex(CREATE_REQUEST_4_1_3)),
    },
    encode: () =>
      encodeConnectInitial({ ...INITIAL_4_1_3, userData: fromHex(CREATE_REQUEST_4_1_3) }),
  },
  {
    name: 'Connect Response of [MS-RDPBCGR] 4.1.4',
    hex: CONNECT_RESPONSE_4_1_4,
    value: {
      kind: 'connect-response',
      result: SUCCESSFUL,
      calledConnectId: 0,
      domainParameters: SERVER_PARAMETERS,
      userData: toHex(fromHex(CREATE_RESPONSE_4_1_4)),
    },
    encode: () =>
      encodeConnectResponse({
        result: 0,
        calledConnectId: 0,
        domainParameters: SERVER_PARAMETERS,
        userData: fromHex(CREATE_RESPONSE_4_1_4),
      }),
  },
  {
    name: 'a Connect Response that refuses and has no user data',
    hex: `7f66 24 0a010e 020100
          301a 020122 020103 020100 020101 020100 020101 020300fff8 020102 0400`,
    value: {
      kind: 'connect-response',
      result: { value: 14, name: 'rt-unspecified-failure' },
      calledConnectId: 0,
      domainParameters: SERVER_PARAMETERS,
      userData: '',
    },
    encode: () =>
      encodeConnectResponse({
        result: 14,
        calledConnectId: 0,
        domainParameters: SERVER_PARAMETERS,
        userData: new Uint8Array(0),
      }),
  },
  {
    name: 'Attach User Request (nDPI rdp3.pcap, packet 9)',
    hex: '28',
    value: { kind: 'attach-user-request' },
  },
  {
    name: 'Attach User Confirm of [MS-RDPBCGR] 4.1.7',
    hex: '2e 00 0006',
    value: { kind: 'attach-user-confirm', result: SUCCESSFUL, initiator: 1007 },
  },
  {
    name: 'Attach User Confirm that refuses: the result is spread over two bytes',
    hex: '2d a0',
    value: {
      kind: 'attach-user-confirm',
      result: { value: 13, name: 'rt-too-many-users' },
      initiator: null,
    },
  },
  {
    name: 'Channel Join Request (nDPI rdp3.pcap, packet 12)',
    hex: '38 0006 03ef',
    value: { kind: 'channel-join-request', initiator: 1007, channelId: 1007 },
  },
  {
    name: 'Channel Join Confirm (nDPI rdp3.pcap, packet 13)',
    hex: '3e 00 0006 03ef 03ef',
    value: {
      kind: 'channel-join-confirm',
      result: SUCCESSFUL,
      initiator: 1007,
      requested: 1007,
      channelId: 1007,
    },
  },
  {
    name: 'Channel Join Confirm that refuses and names no channel',
    hex: '3c 60 0006 03ef',
    value: {
      kind: 'channel-join-confirm',
      result: { value: 3, name: 'rt-no-such-channel' },
      initiator: 1007,
      requested: 1007,
      channelId: null,
    },
  },
  {
    name: 'Send Data Request',
    hex: '64 0006 03eb 70 8003 010203',
    value: { kind: 'send-data-request', initiator: 1007, channelId: 1003, payload: '010203' },
  },
  {
    name: 'Send Data Indication',
    hex: '68 0001 03eb 70 02 abcd',
    value: { kind: 'send-data-indication', initiator: 1002, channelId: 1003, payload: 'abcd' },
  },
  {
    name: 'Disconnect Provider Ultimatum of [MS-RDPBCGR] 4.2.3: rn-user-requested',
    hex: '21 80',
    value: {
      kind: 'disconnect-provider-ultimatum',
      reason: { value: 3, name: 'rn-user-requested' },
    },
    encode: () => encodeDisconnectProviderUltimatum(3),
  },
  {
    name: 'Disconnect Provider Ultimatum: rn-provider-initiated',
    hex: '20 80',
    value: {
      kind: 'disconnect-provider-ultimatum',
      reason: { value: 1, name: 'rn-provider-initiated' },
    },
    encode: () => encodeDisconnectProviderUltimatum(1),
  },
  {
    name: 'Disconnect Provider Ultimatum with a reason nobody knows',
    hex: '23 80',
    value: { kind: 'disconnect-provider-ultimatum', reason: { value: 7, name: null } },
    encode: () => encodeDisconnectProviderUltimatum(7),
  },
];

/** Kept whatever follows their first bytes: cut, they are shorter values. */
const OTHERS: readonly Vector[] = [
  {
    name: 'Erect Domain Request of [MS-RDPBCGR] 4.1.5',
    hex: '04 0100 0100',
    value: { kind: 'erect-domain-request' },
  },
  {
    name: 'Erect Domain Request as rdesktop writes it, which is not PER',
    hex: '04 0001 0001',
    value: { kind: 'erect-domain-request' },
  },
  {
    name: 'a domain message RDP does not use',
    hex: '24 0102',
    value: {
      kind: 'other',
      choice: { value: 9, name: 'rejectMCSPDUUltimatum' },
      body: '0102',
    },
  },
  {
    name: 'a choice nobody knows',
    hex: 'fc',
    value: { kind: 'other', choice: { value: 63, name: null }, body: '' },
  },
  {
    name: 'a connect message of a second transport connection',
    hex: '7f67 00',
    value: { kind: 'other', choice: { value: 0x7f67, name: 'connect-additional' }, body: '00' },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, ROWS, (bytes) => decodeMcs(bytes));
  checkDecoding(t, OTHERS, (bytes) => decodeMcs(bytes), 'any');
  t.throws(() => decodeMcs(new Uint8Array(0)), DecodeError);
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex, encode } of ROWS) {
    if (encode) t.equal(toHex(encode()), toHex(fromHex(hex)), name);
  }
  t.end();
});

t.test('whole PDUs, from TPKT to MCS', (t) => {
  const kinds: readonly [hex: string, kind: string][] = [
    [CONNECT_INITIAL_PDU_4_1_3, 'connect-initial'],
    [CONNECT_RESPONSE_PDU_4_1_4, 'connect-response'],
    ['03000009 02f080 2180', 'disconnect-provider-ultimatum'],
  ];
  for (const [hex, kind] of kinds) {
    const tpdu = decodeX224(decodeTpkt(fromHex(hex)).payload, 4);
    t.equal(tpdu.kind === 'data' && decodeMcs(tpdu.payload, 7).kind, kind);
  }
  t.end();
});

t.test('domain parameters of another number are refused', (t) => {
  const bytes = fromHex(CONNECT_RESPONSE_4_1_4.replace('301a 020122', '301d 020122 020122'));
  t.throws(() => decodeMcs(bytes), DecodeError);
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const samples = [...ROWS, ...OTHERS].map((row) => row.hex);
  checkNoOtherError(t, (bytes) => decodeMcs(bytes), samples);
  t.end();
});

t.test('the Connect Initial that the probe sends', (t) => {
  // CS_CORE, CS_CLUSTER and CS_SECURITY in the form of [MS-RDPBCGR] 4.1.3, with our own values.
  const expected = `
    03000174 02f080 7f65 820168
    040101 040101 0101ff
    3019 020122 020102 020100 020101 020100 020101 0202ffff 020102
    3019 020101 020101 020101 020101 020100 020101 02020420 020102
    301c 0202ffff 0202fc17 0202ffff 020101 020100 020101 0202ffff 020102
    04820107
    000500147c0001 80fe 0008001000 01c000 44756361 80f0
    01c0 d800 11000800 0004 0003 01ca 03aa 09040000 b11d0000
    7200640070002d00700072006f0062006500 ${'00'.repeat(14)}  ; "rdp-probe"
    04000000 00000000 0c000000 ${'00'.repeat(64)}
    01ca 0100 00000000 1800 0700 0100 ${'00'.repeat(64)}
    00 00 01000000
    04c0 0c00 0d000000 00000000
    02c0 0c00 00000000 00000000`;
  t.equal(
    toHex(encodeClientConnectInitial({ serverSelectedProtocol: 1, encryptionMethods: 0 })),
    toHex(fromHex(expected)),
  );

  const pdu = encodeClientConnectInitial({
    clientName: 'other',
    serverSelectedProtocol: 0,
    encryptionMethods: 0x1b,
    channels: [{ name: 'rdpsnd', options: 0xc0000000 }],
  });
  const tpdu = decodeX224(decodeTpkt(pdu).payload);
  const mcs = tpdu.kind === 'data' ? decodeMcs(tpdu.payload) : null;
  const blocks =
    mcs?.kind === 'connect-initial' ? decodeConferenceCreateRequest(mcs.userData).blocks : [];
  t.match(plain(blocks), [
    { kind: 'CS_CORE', clientName: 'other', serverSelectedProtocol: { name: 'PROTOCOL_RDP' } },
    { kind: 'other', type: { name: 'CS_CLUSTER' } },
    { kind: 'CS_SECURITY', encryptionMethods: { value: 0x1b } },
    { kind: 'CS_NET', channelDefArray: [{ name: 'rdpsnd' }] },
  ]);
  const tooLong = { serverSelectedProtocol: 0, encryptionMethods: 0, clientName: 'x'.repeat(16) };
  t.throws(() => encodeClientConnectInitial(tooLong), RangeError);
  t.end();
});
