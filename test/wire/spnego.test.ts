import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeSpnego,
  encodeNegTokenInit,
  encodeNegTokenResp,
  isSpnego,
  mechanism,
  OID_MS_KERBEROS,
  OID_NTLMSSP,
  unwrapNegoToken,
} from '../../src/wire/spnego.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const compact = (hex: string): string => toHex(fromHex(hex));
const NTLM = { oid: '1.3.6.1.4.1.311.2.2.10', name: 'NTLMSSP' };
const KERBEROS = { oid: '1.2.840.113554.1.2.2', name: 'Kerberos' };
const MS_KERBEROS = { oid: '1.2.840.48018.1.2.2', name: 'MS Kerberos' };
const USER_TO_USER = { oid: '1.2.840.113554.1.2.2.3', name: 'Kerberos user-to-user' };
const NEGOEX = { oid: '1.3.6.1.4.1.311.2.2.30', name: 'NEGOEX' };

/** NEGOTIATE_MESSAGE of Windows 10 1809 (test data of pyspnego). */
const NTLM_NEGOTIATE =
  '4e544c4d53535000 01000000 b78208e2 0000000000000000 0000000000000000 0a0063450000000f';
/** CHALLENGE_MESSAGE of [MS-NLMP] 4.2.4.3. */
const NTLM_CHALLENGE = `
  4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000
  2400240044000000 060070170000000f 530065007200760065007200
  02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000`;
/** AP-REP of a Windows server (test capture schtask_create of OTRF Security-Datasets, packet 1374). */
const AP_REP = `6f5b 3059 a003 020105 a103 02010f a24d 304b a003 020112 a244 0442
  bb46a753e24be3018f06979411d5d4c8dd85fbe1674cd52e5e248a9cc9e4e1ae
  b9555a3e149d04831c74f042afb700215eca8a42a1a6b67123b2992125b917db2a14`;
const MIC = '040405ffffffffff0000000008379011eff9fd7f6e5d6b99622df927';

const INIT: Vector = {
  name: 'NegTokenInit with NTLM alone, as Windows SMB clients send it',
  hex: `6048 0606 2b0601050502                    ; InitialContextToken, SPNEGO
    a03e 303c                                   ; NegTokenInit
    a00e 300c 060a 2b06010401823702020a         ; mechTypes: NTLMSSP
    a22a 0428 ${NTLM_NEGOTIATE}                 ; mechToken`,
  value: {
    kind: 'negTokenInit',
    mechTypes: [NTLM],
    mechToken: compact(NTLM_NEGOTIATE),
    mechListMic: null,
  },
};

const RESP: Vector = {
  name: 'NegTokenResp with the NTLM challenge',
  hex: `a18181 307f
    a003 0a0101                                 ; negState
    a10c 060a 2b06010401823702020a              ; supportedMech
    a26a 0468 ${NTLM_CHALLENGE}                 ; responseToken`,
  value: {
    kind: 'negTokenResp',
    negState: { value: 1, name: 'accept-incomplete' },
    supportedMech: NTLM,
    responseToken: compact(NTLM_CHALLENGE),
    mechListMic: null,
  },
};

const VECTORS: readonly Vector[] = [
  INIT,
  {
    name: 'NegTokenInit without its GSS-API wrapper',
    hex: 'a012 3010 a00e 300c 060a 2b06010401823702020a',
    value: { kind: 'negTokenInit', mechTypes: [NTLM], mechToken: null, mechListMic: null },
  },
  {
    name: 'NegTokenInit2 of a Windows server, with negHints in the place of the MIC (pyspnego)',
    hex: `6076 0606 2b0601050502 a06c 306a
      a03c 303a
        060a 2b06010401823702021e
        0609 2a864882f712010202
        0609 2a864886f712010202
        060a 2a864886f71201020203
        060a 2b06010401823702020a
      a32a 3028 a026 1b24 6e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`,
    value: {
      kind: 'negTokenInit',
      mechTypes: [NEGOEX, MS_KERBEROS, KERBEROS, USER_TO_USER, NTLM],
      mechToken: null,
      mechListMic: null,
    },
  },
  {
    name: 'NegTokenInit with reqFlags and a MIC',
    hex: `a01f 301d a00e 300c 060a 2b06010401823702020a a104 0302 0640 a305 0403 010203`,
    value: { kind: 'negTokenInit', mechTypes: [NTLM], mechToken: null, mechListMic: '010203' },
  },
  RESP,
  {
    name: 'NegTokenResp with a Kerberos answer (OTRF Security-Datasets schtask_create, packet 1374)',
    hex: `a18189 3081 86 a003 0a0101 a25f 045d ${AP_REP} a31e 041c
      040404ffffffffff000000000d719505a2059c23816b93e426db8af5`,
    value: {
      kind: 'negTokenResp',
      negState: { value: 1, name: 'accept-incomplete' },
      supportedMech: null,
      responseToken: compact(AP_REP),
      mechListMic: '040404ffffffffff000000000d719505a2059c23816b93e426db8af5',
    },
  },
  {
    name: 'NegTokenResp that ends the exchange (the same capture, packet 1375)',
    hex: `a127 3025 a003 0a0100 a31e 041c ${MIC}`,
    value: {
      kind: 'negTokenResp',
      negState: { value: 0, name: 'accept-completed' },
      supportedMech: null,
      responseToken: null,
      mechListMic: MIC,
    },
  },
  {
    name: 'NegTokenResp with a state and a mechanism that nobody has heard of',
    hex: 'a10e 300c a003 0a0109 a105 0603 2a0304',
    value: {
      kind: 'negTokenResp',
      negState: { value: 9, name: null },
      supportedMech: { oid: '1.2.3.4', name: null },
      responseToken: null,
      mechListMic: null,
    },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeSpnego);
  t.end();
});

t.test('encode', (t) => {
  t.equal(
    toHex(encodeNegTokenInit({ mechTypes: [OID_NTLMSSP], mechToken: fromHex(NTLM_NEGOTIATE) })),
    compact(INIT.hex),
  );
  t.equal(
    toHex(encodeNegTokenInit({ mechTypes: [OID_MS_KERBEROS, OID_NTLMSSP], mechToken: null })),
    compact(`6027 0606 2b0601050502 a01d 301b a019 3017
      0609 2a864882f712010202 060a 2b06010401823702020a`),
  );
  t.equal(
    toHex(
      encodeNegTokenResp({
        negState: 1,
        supportedMech: OID_NTLMSSP,
        responseToken: fromHex(NTLM_CHALLENGE),
      }),
    ),
    compact(RESP.hex),
  );
  t.equal(
    toHex(encodeNegTokenResp({ negState: null, supportedMech: null, responseToken: null })),
    'a1023000',
  );
  t.end();
});

t.test('what a negoToken holds', (t) => {
  const rows: readonly [name: string, hex: string, value: unknown][] = [
    [
      'NTLM bare',
      NTLM_NEGOTIATE,
      { wrapper: 'none', mechanisms: [], ntlm: compact(NTLM_NEGOTIATE), kerberos: false },
    ],
    [
      'NTLM offered in SPNEGO',
      INIT.hex,
      { wrapper: 'spnego', mechanisms: [NTLM], ntlm: compact(NTLM_NEGOTIATE), kerberos: false },
    ],
    [
      'NTLM answered in SPNEGO',
      RESP.hex,
      { wrapper: 'spnego', mechanisms: [NTLM], ntlm: compact(NTLM_CHALLENGE), kerberos: false },
    ],
    [
      'mechanisms without a token',
      'a012 3010 a00e 300c 060a 2b06010401823702020a',
      { wrapper: 'spnego', mechanisms: [NTLM], ntlm: null, kerberos: false },
    ],
    [
      'Kerberos answered in SPNEGO, DCE style',
      `a163 3061 a25f 045d ${AP_REP}`,
      { wrapper: 'spnego', mechanisms: [], ntlm: null, kerberos: true },
    ],
    [
      'Kerberos bare',
      '600f 0609 2a864886f712010202 0100 6e00',
      { wrapper: 'none', mechanisms: [], ntlm: null, kerberos: true },
    ],
    ['noise', '0102', { wrapper: 'none', mechanisms: [], ntlm: null, kerberos: false }],
    ['nothing', '', { wrapper: 'none', mechanisms: [], ntlm: null, kerberos: false }],
  ];
  for (const [name, hex, value] of rows) {
    const content = unwrapNegoToken(fromHex(hex));
    t.strictSame({ ...content, ntlm: content.ntlm && toHex(content.ntlm) }, value, name);
  }
  t.end();
});

t.test('SPNEGO is known by its first bytes', (t) => {
  t.ok(isSpnego(fromHex(INIT.hex)));
  t.ok(isSpnego(fromHex(RESP.hex)));
  t.ok(isSpnego(fromHex('6082 0709 0606 2b0601050502')), 'behind a long length too');
  t.notOk(isSpnego(fromHex('600f 0609 2a864886f712010202')), 'Kerberos has the same wrapper');
  t.notOk(isSpnego(fromHex(NTLM_NEGOTIATE)));
  t.notOk(isSpnego(new Uint8Array()));
  t.same(mechanism('1.2.3'), { oid: '1.2.3', name: null });
  t.end();
});

t.test('what cannot be SPNEGO is refused', (t) => {
  const many = '0603 2a0304'.repeat(65);
  const rows: readonly [name: string, hex: string, message: RegExp][] = [
    ['another mechanism', '6005 0603 2a0304', /InitialContextToken.thisMech at byte 2: is 1.2.3.4/],
    ['another choice', 'a202 3000', /has tag 0xa2, not 0xa0 or 0xa1/],
    ['bytes after the end', 'a102 3000 00', /1 bytes follow its end/],
    [
      'a list of mechanisms without end',
      `a082 0151 3082 014d a082 0149 3082 0145 ${many}`,
      /more than 64 entries/,
    ],
  ];
  for (const [name, hex, message] of rows) {
    const result = outcome(() => decodeSpnego(fromHex(hex)));
    t.match(result instanceof DecodeError && result.message, message, name);
  }
  t.end();
});

t.test('whatever the bytes, a value or a DecodeError', (t) => {
  const samples = VECTORS.map((vector) => vector.hex);
  checkNoOtherError(t, decodeSpnego, samples);
  checkNoOtherError(t, unwrapNegoToken, [...samples, NTLM_NEGOTIATE], { seed: 2 });
  t.end();
});
