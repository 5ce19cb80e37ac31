import t from 'tap';
import { avPairsOf, decodeAvPairs, encodeAvPairs, targetInfoOf } from '../../src/wire/av-pair.js';
import { DecodeError } from '../../src/wire/decode-error.js';
import { filetimeToUnixMicros, unixMicrosToFiletime } from '../../src/wire/filetime.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeNtlm,
  encodeNtlmChallenge,
  encodeNtlmNegotiate,
  isNtlm,
  productVersion,
  WINDOWS_11_VERSION,
} from '../../src/wire/ntlm.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const compact = (hex: string): string => toHex(fromHex(hex));
const version = (major: number, minor: number, build: number): unknown => ({
  productMajorVersion: major,
  productMinorVersion: minor,
  productBuild: build,
  ntlmRevisionCurrent: 15,
});
const textPair = (value: number, name: string, text: string): unknown => ({
  kind: 'text',
  avId: { value, name },
  value: text,
});

/** The flags that Windows asks for, 0xE20882B7. */
const WINDOWS_FLAGS = [
  'NTLMSSP_NEGOTIATE_UNICODE',
  'NTLM_NEGOTIATE_OEM',
  'NTLMSSP_REQUEST_TARGET',
  'NTLMSSP_NEGOTIATE_SIGN',
  'NTLMSSP_NEGOTIATE_SEAL',
  'NTLMSSP_NEGOTIATE_LM_KEY',
  'NTLMSSP_NEGOTIATE_NTLM',
  'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
  'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
  'NTLMSSP_NEGOTIATE_VERSION',
  'NTLMSSP_NEGOTIATE_128',
  'NTLMSSP_NEGOTIATE_KEY_EXCH',
  'NTLMSSP_NEGOTIATE_56',
];

const WINDOWS_NEGOTIATE: Vector = {
  name: 'NEGOTIATE of Windows 10 1809 (test data of pyspnego)',
  hex: `4e544c4d53535000 01000000
    b78208e2                                   ; NegotiateFlags
    0000 0000 00000000                         ; DomainNameFields
    0000 0000 00000000                         ; WorkstationFields
    0a 00 6345 000000 0f                       ; Version 10.0.17763`,
  value: {
    kind: 'negotiate',
    negotiateFlags: { value: 0xe20882b7, names: WINDOWS_FLAGS },
    domainName: null,
    workstationName: null,
    version: version(10, 0, 17763),
  },
};

const OLD_NEGOTIATE: Vector = {
  name: 'NEGOTIATE of Windows XP: names, no VERSION (Zeek mapi.pcap, packet 415)',
  hex: `4e544c4d53535000 01000000 07b208a0
    0600 0600 2b000000  0b00 0b00 20000000
    414c454f4e4152442d5850 434e414d4953`,
  value: {
    kind: 'negotiate',
    negotiateFlags: {
      value: 0xa008b207,
      names: [
        'NTLMSSP_NEGOTIATE_UNICODE',
        'NTLM_NEGOTIATE_OEM',
        'NTLMSSP_REQUEST_TARGET',
        'NTLMSSP_NEGOTIATE_NTLM',
        'NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED',
        'NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED',
        'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
        'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
        'NTLMSSP_NEGOTIATE_128',
        'NTLMSSP_NEGOTIATE_56',
      ],
    },
    domainName: 'CNAMIS',
    workstationName: 'ALEONARD-XP',
    version: null,
  },
};

const SPECIFICATION_CHALLENGE: Vector = {
  name: 'CHALLENGE of [MS-NLMP] 4.2.4.3',
  hex: `4e544c4d53535000 02000000
    0c00 0c00 38000000                         ; TargetNameFields
    33828ae2                                   ; NegotiateFlags
    0123456789abcdef                           ; ServerChallenge
    0000000000000000                           ; Reserved
    2400 2400 44000000                         ; TargetInfoFields
    06 00 7017 000000 0f                       ; Version
    530065007200760065007200                   ; "Server"
    0200 0c00 44006f006d00610069006e00         ; MsvAvNbDomainName
    0100 0c00 530065007200760065007200         ; MsvAvNbComputerName
    0000 0000                                  ; MsvAvEOL`,
  value: {
    kind: 'challenge',
    targetName: 'Server',
    negotiateFlags: {
      value: 0xe28a8233,
      names: [
        'NTLMSSP_NEGOTIATE_UNICODE',
        'NTLM_NEGOTIATE_OEM',
        'NTLMSSP_NEGOTIATE_SIGN',
        'NTLMSSP_NEGOTIATE_SEAL',
        'NTLMSSP_NEGOTIATE_NTLM',
        'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
        'NTLMSSP_TARGET_TYPE_SERVER',
        'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
        'NTLMSSP_NEGOTIATE_TARGET_INFO',
        'NTLMSSP_NEGOTIATE_VERSION',
        'NTLMSSP_NEGOTIATE_128',
        'NTLMSSP_NEGOTIATE_KEY_EXCH',
        'NTLMSSP_NEGOTIATE_56',
      ],
    },
    serverChallenge: '0123456789abcdef',
    targetInfo: [
      textPair(2, 'MsvAvNbDomainName', 'Domain'),
      textPair(1, 'MsvAvNbComputerName', 'Server'),
    ],
    version: version(6, 0, 6000),
  },
};

const WINDOWS_CHALLENGE: Vector = {
  name: 'CHALLENGE of Windows Server 2016 in a domain (test data of pyspnego)',
  hex: `4e544c4d53535000 02000000 0c000c0038000000 358289e2 e4101014cf8a90be 0000000000000000
    8a008a0044000000 0a0039380000000f
    44004f004d00410049004e00
    02000c00 44004f004d00410049004e00
    01000800 4400430030003100
    04001800 64006f006d00610069006e002e006c006f00630061006c00
    03002200 44004300300031002e0064006f006d00610069006e002e006c006f00630061006c00
    05001800 64006f006d00610069006e002e006c006f00630061006c00
    07000800 f8819288991ed601
    00000000`,
  value: {
    kind: 'challenge',
    targetName: 'DOMAIN',
    negotiateFlags: {
      value: 0xe2898235,
      names: [
        'NTLMSSP_NEGOTIATE_UNICODE',
        'NTLMSSP_REQUEST_TARGET',
        'NTLMSSP_NEGOTIATE_SIGN',
        'NTLMSSP_NEGOTIATE_SEAL',
        'NTLMSSP_NEGOTIATE_NTLM',
        'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
        'NTLMSSP_TARGET_TYPE_DOMAIN',
        'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
        'NTLMSSP_NEGOTIATE_TARGET_INFO',
        'NTLMSSP_NEGOTIATE_VERSION',
        'NTLMSSP_NEGOTIATE_128',
        'NTLMSSP_NEGOTIATE_KEY_EXCH',
        'NTLMSSP_NEGOTIATE_56',
      ],
    },
    serverChallenge: 'e4101014cf8a90be',
    targetInfo: [
      textPair(2, 'MsvAvNbDomainName', 'DOMAIN'),
      textPair(1, 'MsvAvNbComputerName', 'DC01'),
      textPair(4, 'MsvAvDnsDomainName', 'domain.local'),
      textPair(3, 'MsvAvDnsComputerName', 'DC01.domain.local'),
      textPair(5, 'MsvAvDnsTreeName', 'domain.local'),
      {
        kind: 'timestamp',
        avId: { value: 7, name: 'MsvAvTimestamp' },
        filetime: 132326883824140792n,
      },
    ],
    version: version(10, 0, 14393),
  },
};

const OLD_CHALLENGE: Vector = {
  name: 'CHALLENGE of an old domain without VERSION (Zeek mapi.pcap, packet 416)',
  hex: `4e544c4d53535000 02000000 0c000c0030000000 05828920 b06a306d9fc9db09 0000000000000000
    240024003c000000
    43004e0041004d0049005300
    02000c00 43004e0041004d0049005300 01000c00 530041005400550052004e00 00000000`,
  value: {
    kind: 'challenge',
    targetName: 'CNAMIS',
    negotiateFlags: {
      value: 0x20898205,
      names: [
        'NTLMSSP_NEGOTIATE_UNICODE',
        'NTLMSSP_REQUEST_TARGET',
        'NTLMSSP_NEGOTIATE_NTLM',
        'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
        'NTLMSSP_TARGET_TYPE_DOMAIN',
        'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
        'NTLMSSP_NEGOTIATE_TARGET_INFO',
        'NTLMSSP_NEGOTIATE_128',
      ],
    },
    serverChallenge: 'b06a306d9fc9db09',
    targetInfo: [
      textPair(2, 'MsvAvNbDomainName', 'CNAMIS'),
      textPair(1, 'MsvAvNbComputerName', 'SATURN'),
    ],
    version: null,
  },
};

/** A pair of every kind. */
const ALL_PAIRS: Vector = {
  name: 'CHALLENGE with an AV_PAIR of every kind, and one that nobody has heard of',
  hex: `4e544c4d53535000 02000000 0000000000000000 01008000 0102030405060708 0000000000000000
    3200320030000000
    06000400 02000000
    08000300 aabbcc
    09000200 4100
    0a000400 01020304
    0b000000
    07000800 0080d5de7a5ff001
    00000000 ff`,
  value: {
    kind: 'challenge',
    targetName: null,
    negotiateFlags: {
      value: 0x00800001,
      names: ['NTLMSSP_NEGOTIATE_UNICODE', 'NTLMSSP_NEGOTIATE_TARGET_INFO'],
    },
    serverChallenge: '0102030405060708',
    targetInfo: [
      { kind: 'flags', avId: { value: 6, name: 'MsvAvFlags' }, value: 2 },
      { kind: 'raw', avId: { value: 8, name: 'MsvAvSingleHost' }, value: 'aabbcc' },
      textPair(9, 'MsvAvTargetName', 'A'),
      { kind: 'raw', avId: { value: 10, name: 'MsvAvChannelBindings' }, value: '01020304' },
      { kind: 'raw', avId: { value: 11, name: null }, value: '' },
      {
        kind: 'timestamp',
        avId: { value: 7, name: 'MsvAvTimestamp' },
        filetime: 0x01f05f7aded58000n,
      },
    ],
    version: null,
  },
};

const AUTHENTICATE: readonly Vector[] = [
  {
    name: 'AUTHENTICATE of [MS-NLMP] 4.2.4.3: names, and nothing of the responses',
    hex: `4e544c4d53535000 03000000
      180018006c000000 5400540084000000         ; LM and NT response
      0c000c0048000000 0800080054000000 100010005c000000 ; domain, user, workstation
      10001000d8000000                          ; EncryptedRandomSessionKey
      358288e2 050128 0a0000000f
      44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
      86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa
      68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
      02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000
      c5dad2544fc9799094ce1ce90bc9d03e`,
    value: {
      kind: 'authenticate',
      domainName: 'Domain',
      userName: 'User',
      workstation: 'COMPUTER',
      negotiateFlags: {
        value: 0xe2888235,
        names: [
          'NTLMSSP_NEGOTIATE_UNICODE',
          'NTLMSSP_REQUEST_TARGET',
          'NTLMSSP_NEGOTIATE_SIGN',
          'NTLMSSP_NEGOTIATE_SEAL',
          'NTLMSSP_NEGOTIATE_NTLM',
          'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
          'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
          'NTLMSSP_NEGOTIATE_TARGET_INFO',
          'NTLMSSP_NEGOTIATE_VERSION',
          'NTLMSSP_NEGOTIATE_128',
          'NTLMSSP_NEGOTIATE_KEY_EXCH',
          'NTLMSSP_NEGOTIATE_56',
        ],
      },
      version: version(5, 1, 2600),
      micPresent: false,
    },
  },
  {
    name: 'AUTHENTICATE with room for a MIC, in an OEM character set with a letter beyond ASCII',
    hex: `4e544c4d53535000 03000000
      010001005c000000 010001005d000000
      0000000000000000 0300030058000000 010001005b000000
      0000000000000000
      02000002 0a0063450000000f
      000102030405060708090a0b0c0d0e0f
      4ac172 57 aa bb`,
    value: {
      kind: 'authenticate',
      domainName: '',
      userName: 'J\ufffdr',
      workstation: 'W',
      negotiateFlags: {
        value: 0x02000002,
        names: ['NTLM_NEGOTIATE_OEM', 'NTLMSSP_NEGOTIATE_VERSION'],
      },
      version: version(10, 0, 17763),
      micPresent: true,
    },
  },
];

const VECTORS: readonly Vector[] = [
  WINDOWS_NEGOTIATE,
  OLD_NEGOTIATE,
  SPECIFICATION_CHALLENGE,
  WINDOWS_CHALLENGE,
  OLD_CHALLENGE,
  ALL_PAIRS,
  ...AUTHENTICATE,
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeNtlm);
  t.end();
});

t.test('encode NEGOTIATE', (t) => {
  t.equal(
    toHex(encodeNtlmNegotiate({ version: { ...WINDOWS_11_VERSION, productBuild: 17763 } })),
    compact(WINDOWS_NEGOTIATE.hex),
  );
  t.equal(
    toHex(encodeNtlmNegotiate()),
    compact(WINDOWS_NEGOTIATE.hex).replace('0a0063450000000f', '0a0067580000000f'),
    'Windows 11 23H2 unless told otherwise',
  );
  t.equal(
    toHex(encodeNtlmNegotiate({ flags: 0x00088206, version: null })),
    '4e544c4d535350000100000006820800 00000000000000000000000000000000'.replace(' ', ''),
  );
  t.end();
});

t.test('encode CHALLENGE', (t) => {
  for (const { name, hex } of [SPECIFICATION_CHALLENGE, WINDOWS_CHALLENGE, OLD_CHALLENGE]) {
    const message = decodeNtlm(fromHex(hex));
    if (message.kind !== 'challenge') throw new TypeError(message.kind);
    const encoded = encodeNtlmChallenge({
      flags: message.negotiateFlags.value,
      serverChallenge: message.serverChallenge,
      targetName: message.targetName ?? '',
      targetInfo: message.targetInfo,
      version: message.version,
    });
    t.equal(toHex(encoded), compact(hex), name);
  }
  const fields = { flags: 1, targetName: '', targetInfo: null, version: null };
  t.equal(
    toHex(encodeNtlmChallenge({ ...fields, serverChallenge: new Uint8Array(8) })).slice(64),
    '0000000000000000 0000000030000000'.replace(' ', ''),
    'Reserved, and TargetInfoFields of no list at all',
  );
  t.throws(
    () => encodeNtlmChallenge({ ...fields, serverChallenge: new Uint8Array(7) }),
    RangeError,
  );
  t.end();
});

t.test('AV_PAIRs', (t) => {
  const names = {
    netbiosComputerName: 'DC01',
    netbiosDomainName: 'DOMAIN',
    dnsComputerName: 'DC01.domain.local',
    dnsDomainName: 'domain.local',
    dnsTreeName: 'domain.local',
    timestamp: 132326883824140792n,
  };
  const windows = decodeNtlm(fromHex(WINDOWS_CHALLENGE.hex));
  if (windows.kind !== 'challenge') throw new TypeError(windows.kind);
  t.same(targetInfoOf(windows.targetInfo), names);
  t.same(avPairsOf(names), windows.targetInfo, 'in the order of Windows');
  t.same(avPairsOf({}), []);
  t.same(targetInfoOf([]), {
    netbiosComputerName: null,
    netbiosDomainName: null,
    dnsComputerName: null,
    dnsDomainName: null,
    dnsTreeName: null,
    timestamp: null,
  });
  const all = '06000400 02000000 08000300 aabbcc 09000200 4100 0b000000 00000000';
  t.equal(toHex(encodeAvPairs(decodeAvPairs(fromHex(all)))), compact(all));
  t.same(decodeAvPairs(fromHex('0b000000')).length, 1, 'the list may end without MsvAvEOL');
  t.end();
});

t.test('FILETIME', (t) => {
  const rows: readonly [filetime: bigint, micros: number | null, name: string][] = [
    [116444736000000000n, 0, '1970'],
    [132326883824140792n, 1588214782414079, 'rounded down to whole microseconds'],
    [116444735999999999n, -1, 'before 1970 too'],
    [0n, null, '1601 is too far away to be exact'],
    [0x7fffffffffffffffn, null, 'never'],
    [0xffffffffffffffffn, null, 'the largest'],
  ];
  for (const [filetime, micros, name] of rows)
    t.equal(filetimeToUnixMicros(filetime), micros, name);
  t.equal(unixMicrosToFiletime(1588214782414079), 132326883824140790n);
  t.equal(unixMicrosToFiletime(0), 116444736000000000n);
  t.end();
});

t.test('versions as Windows writes them', (t) => {
  t.equal(productVersion(WINDOWS_11_VERSION), '10.0.22631');
  t.end();
});

t.test('what cannot be NTLM is refused', (t) => {
  const header = '4e544c4d53535000';
  const rows: readonly [name: string, hex: string, message: string][] = [
    ['another signature', '4e544c4d53535020 01000000', 'NTLM.Signature at byte 0: is not NTLMSSP'],
    ['a fourth message', `${header} 04000000`, 'NTLM.MessageType at byte 8: is 4, not 1, 2 or 3'],
    [
      'a name outside the message',
      `${header} 02000000 0c000c00ffffffff 01000000 0000000000000000 0000000000000000 ${'00'.repeat(8)}`,
      'CHALLENGE_MESSAGE.TargetName at byte 12: ends at 4294967307 of 48',
    ],
    [
      'half a UTF-16 character',
      `${header} 02000000 0100010030000000 01000000 0000000000000000 0000000000000000 ${'00'.repeat(8)} 41`,
      'CHALLENGE_MESSAGE.TargetName at byte 48: has 1 bytes of UTF-16',
    ],
    [
      'a clock of four bytes',
      `${header} 02000000 ${'00'.repeat(8)} 01000000 0000000000000000 0000000000000000 0800080030000000 0700040001020304`,
      'AV_PAIR.MsvAvTimestamp at byte 52: needs 8 bytes, 4 left',
    ],
    [
      'an AV_PAIR longer than its list',
      `${header} 02000000 ${'00'.repeat(8)} 01000000 0000000000000000 0000000000000000 0600060030000000 0100ffff4100`,
      'AV_PAIR.MsvAvNbComputerName at byte 52: needs 65535 bytes, 2 left',
    ],
  ];
  for (const [name, hex, message] of rows) {
    const result = outcome(() => decodeNtlm(fromHex(hex)));
    t.equal(result instanceof DecodeError && result.message, message, name);
  }
  t.ok(isNtlm(fromHex(header)));
  t.notOk(isNtlm(fromHex(header).subarray(0, 7)));
  t.end();
});

t.test('whatever the bytes, a value or a DecodeError', (t) => {
  checkNoOtherError(
    t,
    decodeNtlm,
    VECTORS.map((vector) => vector.hex),
  );
  checkNoOtherError(t, decodeAvPairs, ['06000400 02000000 09000200 4100 00000000'], { seed: 2 });
  t.end();
});
