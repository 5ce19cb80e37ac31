import { constants, createPrivateKey, createPublicKey, publicEncrypt } from 'node:crypto';
import t from 'tap';
import { decryptPremaster, readRsaPrivateKey } from '../../src/capture/tls-private-key.js';
import { Rc4 } from '../../src/capture/tls-rc4.js';
import {
  hkdfExpandLabel,
  keyBlock,
  type PrfHash,
  prf,
  trafficKeys,
} from '../../src/capture/tls-secrets.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { RECORDED_CERTIFICATE, RECORDED_KEY } from '../support/tls-recordings.js';

/** The vectors that passed through the TLS working group's list; OpenSSL's TLS1-PRF agrees. */
const PRF_VECTORS: readonly (readonly [PrfHash, string, string, string, string])[] = [
  [
    'sha256',
    '9bbe436ba940f017b17652849a71db35',
    'test label',
    'a0ba9f936cda311827a6f796ffd5198c',
    `e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af
     0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701
     87347b66`,
  ],
  [
    'sha384',
    'b80b733d6ceefcdc71566ea48e5567df',
    'test label',
    'cd665cf6a8447dd6ff8b27555edb7465',
    `7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0
     e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425
     9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e099070
     3d73e56f`,
  ],
  [
    'md5-sha1',
    'ab'.repeat(48),
    'PRF Testvector',
    'cd'.repeat(64),
    `d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289abcbc1187e4eb
     d31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f
     1afbc655a8c9a013`,
  ],
];

t.test('the pseudorandom functions', (t) => {
  for (const [hash, secret, label, seed, expected] of PRF_VECTORS) {
    const output = fromHex(expected);
    t.equal(
      toHex(prf(hash, fromHex(secret), label, fromHex(seed), output.length)),
      toHex(output),
      hash,
    );
  }
  t.end();
});

t.test('the key block is divided in the order of RFC 5246 section 6.3', (t) => {
  const master = new Uint8Array(48).fill(1);
  const client = new Uint8Array(32).fill(2);
  const server = new Uint8Array(32).fill(3);
  const seed = fromHex(`${'03'.repeat(32)}${'02'.repeat(32)}`);
  const block = toHex(prf('sha256', master, 'key expansion', seed, 104));
  const keys = keyBlock('sha256', master, client, server, { macKey: 20, key: 16, iv: 16 });
  const { client: c, server: s } = keys;
  t.equal([c.macKey, s.macKey, c.key, s.key, c.iv, s.iv].map(toHex).join(''), block);
  t.end();
});

t.test('traffic keys of RFC 8448 section 3', (t) => {
  const secret = 'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21';
  const { key, iv } = trafficKeys('sha256', fromHex(secret), 16);
  t.equal(toHex(key), 'dbfaa693d1762c5b666af5d950258d01');
  t.equal(toHex(iv), '5bd3c71b836e0b76bb73265f');
  const server = 'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38';
  t.equal(
    toHex(hkdfExpandLabel('sha256', fromHex(server), 'finished', 32)),
    '008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8',
  );
  t.end();
});

t.test('RC4: RFC 6229 section 2', (t) => {
  const vectors: readonly (readonly [key: string, rows: Readonly<Record<number, string>>])[] = [
    [
      '0102030405',
      { 0: 'b2396305f03dc027ccc3524a0a1118a8', 16: '6982944f18fc82d589c403a47a0d0919' },
    ],
    [
      '0102030405060708090a0b0c0d0e0f10',
      {
        0: '9ac7cc9a609d1ef7b2932899cde41b97',
        16: '5248c4959014126a6e8a84f11d1a9e1c',
        240: '065902e4b620f6cc36c8589f66432f2b',
        256: 'd39d566bc6bce3010768151549f3873f',
        4096: 'a36a4c301ae8ac13610ccbc12256cacc',
      },
    ],
  ];
  for (const [key, rows] of vectors) {
    for (const piece of [4112, 7]) {
      const rc4 = new Rc4(fromHex(key));
      const stream: number[] = [];
      while (stream.length < 4112) {
        stream.push(...rc4.update(new Uint8Array(Math.min(piece, 4112 - stream.length))));
      }
      for (const [at, expected] of Object.entries(rows)) {
        const row = Uint8Array.from(stream.slice(Number(at), Number(at) + 16));
        t.equal(toHex(row), expected, `offset ${at}, ${piece} bytes at a time`);
      }
    }
  }
  t.end();
});

const KEY = createPrivateKey(RECORDED_KEY);
const PUBLIC_KEY = createPublicKey(KEY);

t.test('a premaster secret is decrypted with the RSA key it was encrypted for', (t) => {
  const premaster = fromHex(`0303${'5a'.repeat(46)}`);
  const encrypt = (message: Uint8Array, padding: number): Uint8Array =>
    publicEncrypt({ key: PUBLIC_KEY, padding }, message);
  const { RSA_PKCS1_PADDING, RSA_NO_PADDING } = constants;
  const encrypted = encrypt(premaster, RSA_PKCS1_PADDING);
  t.equal(toHex(decryptPremaster(KEY, encrypted) ?? new Uint8Array()), toHex(premaster));

  const flipped = Uint8Array.from(encrypted);
  flipped[100] = (flipped[100] ?? 0) ^ 1;
  t.equal(decryptPremaster(KEY, flipped), null, 'other bytes');
  t.equal(decryptPremaster(KEY, encrypted.subarray(1)), null, 'too short');
  t.equal(decryptPremaster(KEY, new Uint8Array(128).fill(0xff)), null, 'above the modulus');
  t.equal(decryptPremaster(KEY, encrypt(premaster.subarray(1), RSA_PKCS1_PADDING)), null, '47');
  const padded = (head: string, fill: string): Uint8Array =>
    fromHex(`${head}${fill.repeat(77)}00${toHex(premaster)}`);
  t.equal(decryptPremaster(KEY, encrypt(padded('0001', 'ff'), RSA_NO_PADDING)), null, 'type 1');
  t.equal(decryptPremaster(KEY, encrypt(padded('0002', '00'), RSA_NO_PADDING)), null, 'zeros');
  t.end();
});

t.test('files that hold an RSA private key, and those that do not', (t) => {
  const der = KEY.export({ type: 'pkcs8', format: 'der' });
  const old = KEY.export({ type: 'pkcs1', format: 'der' });
  const encrypted = KEY.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-128-cbc',
    passphrase: 'x',
  });
  for (const file of [RECORDED_KEY, Buffer.from(RECORDED_KEY), der, old]) {
    t.equal(readRsaPrivateKey(file)?.asymmetricKeyDetails?.modulusLength, 1024);
  }
  const ec = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
  for (const file of [RECORDED_CERTIFICATE, String(encrypted), ec, '', 'no key', der.subarray(9)]) {
    t.equal(readRsaPrivateKey(file), null);
  }
  t.end();
});
