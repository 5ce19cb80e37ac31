import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import t, { type Test } from 'tap';
import type { KeySource } from '../../src/capture/tls-key-source.js';
import { ContentType } from '../../src/wire/tls-names.js';
import { said, type TlsPair, tlsPair } from '../support/tls-pair.js';
import {
  decryptAll,
  keySource,
  privateKeySource,
  RECORDED_CERTIFICATE,
  RECORDED_KEY,
  type Sent,
} from '../support/tls-recordings.js';
import { seededRandom } from '../support/wire-vectors.js';

/** The same bytes in other pieces. */
function cutAtRandom(sent: readonly Sent[], seed: number): readonly Sent[] {
  const random = seededRandom(seed);
  return sent.flatMap(({ by, bytes }) => {
    const pieces: Sent[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + (random() % 3000);
      pieces.push({ by, bytes: bytes.subarray(at, at + length) });
      at += length;
    }
    return pieces;
  });
}

function checkDecryption(t: Test, pair: TlsPair, keys: KeySource): void {
  for (const sent of [pair.sent, cutAtRandom(pair.sent, 1)]) {
    const { data, decryptor, contents } = decryptAll(sent, keys);
    t.strictSame(decryptor.state, { name: 'decrypting' });
    t.equal(decryptor.unverified, 0);
    t.equal(data.client === said('client'), true, 'what the client sent');
    t.equal(data.server === said('server'), true, 'what the server sent');
    const version = decryptor.established?.version.name;
    t.equal(version, pair.protocol === 'TLSv1' ? 'TLSv1.0' : pair.protocol);
    t.equal(decryptor.established?.cipherSuite.name, pair.cipher);
    t.ok(
      contents.some(({ type, by }) => by === 'client' && type === ContentType.alert),
      'close_notify',
    );
  }
}

function only(version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): SecureContextOptions {
  return { minVersion: version, maxVersion: version };
}

interface Case {
  readonly title: string;
  readonly client: SecureContextOptions;
  readonly server?: SecureContextOptions;
  readonly cipher: string;
}

function suite(
  version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2',
  openssl: string,
  cipher: string,
  options: number = 0,
): Case {
  return {
    title: `${version} ${cipher}${options === 0 ? '' : ', MAC then encrypt'}`,
    client: {
      ...only(version),
      ciphers: `${openssl}:@SECLEVEL=0`,
      ...(options === 0 ? {} : { secureOptions: options }),
    },
    cipher,
  };
}

const NO_ETM = constants.SSL_OP_NO_ENCRYPT_THEN_MAC;

const CASES: readonly Case[] = [
  suite('TLSv1', 'AES128-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA'),
  suite('TLSv1', 'AES256-SHA', 'TLS_RSA_WITH_AES_256_CBC_SHA', NO_ETM),
  suite('TLSv1', 'ECDHE-RSA-AES256-SHA', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA'),
  suite('TLSv1.1', 'AES128-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA'),
  suite('TLSv1.1', 'ECDHE-RSA-AES128-SHA', 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', NO_ETM),
  suite('TLSv1.2', 'AES128-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA', NO_ETM),
  suite('TLSv1.2', 'AES256-SHA256', 'TLS_RSA_WITH_AES_256_CBC_SHA256'),
  suite('TLSv1.2', 'AES256-GCM-SHA384', 'TLS_RSA_WITH_AES_256_GCM_SHA384'),
  suite('TLSv1.2', 'ECDHE-RSA-AES256-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384'),
  suite('TLSv1.2', 'ECDHE-RSA-AES256-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', NO_ETM),
  suite('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'),
  suite('TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'),
  ...[
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ].map((cipher) => ({
    title: `TLSv1.3 ${cipher}`,
    client: { ...only('TLSv1.3'), ciphers: `${cipher}:DEFAULT:@SECLEVEL=0` },
    server: { ciphers: `${cipher}:DEFAULT:@SECLEVEL=0` },
    cipher,
  })),
];

for (const { title, client, server = {}, cipher } of CASES) {
  t.test(title, async (t) => {
    const pair = await tlsPair({ client, server });
    t.equal(pair.cipher, cipher);
    checkDecryption(t, pair, keySource(pair.keyLog));
    if (cipher.startsWith('TLS_RSA_WITH')) {
      t.comment('with the private key of the server in place of the key log');
      checkDecryption(t, pair, privateKeySource());
    }
  });
}

t.test('HelloRetryRequest: the client has to choose another group', async (t) => {
  const pair = await tlsPair({
    client: { ...only('TLSv1.3'), ecdhCurve: 'X25519:P-256' },
    server: { ecdhCurve: 'P-256' },
  });
  checkDecryption(t, pair, keySource(pair.keyLog));
  t.equal(
    decryptAll(pair.sent, keySource(pair.keyLog)).decryptor.established?.group?.name,
    'secp256r1',
  );
});

t.test('a client certificate is not taken for that of the server', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const identity = { cert: RECORDED_CERTIFICATE, key: RECORDED_KEY };
    const pair = await tlsPair({
      client: { ...only(version), ...identity },
      server: {},
      requestCertificate: true,
    });
    checkDecryption(t, pair, keySource(pair.keyLog));
    const { decryptor, contents } = decryptAll(pair.sent, keySource(pair.keyLog));
    t.equal(decryptor.established?.certificates.length, 1, version);
    if (version === 'TLSv1.3') {
      const flight = contents.find(({ by }) => by === 'client');
      t.equal(flight?.bytes[0], 11, 'the client sends a Certificate too');
    }
  }
});

t.test('resumption, TLS 1.3 and TLS 1.2 with a ticket', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await tlsPair({ client: only(version), server: {} });
    const second = await tlsPair({
      client: only(version),
      server: {},
      resume: { session: first.session, context: first.context },
    });
    t.equal(second.resumed, true, version);
    checkDecryption(t, second, keySource(second.keyLog));
    const { decryptor } = decryptAll(second.sent, keySource(second.keyLog));
    t.strictSame(decryptor.established?.certificates, [], 'no certificate was sent');
  }
});

t.test('renegotiation', async (t) => {
  const pair = await tlsPair({
    client: { ...only('TLSv1.2'), ciphers: 'AES128-SHA:@SECLEVEL=0' },
    server: {},
    whenSecured: (client) =>
      new Promise((resolve, reject) => {
        client.renegotiate({}, (error) => (error === null ? resolve() : reject(error)));
      }),
  });
  checkDecryption(t, pair, keySource(pair.keyLog));
  checkDecryption(t, pair, privateKeySource());
});
