import { createPrivateKey } from 'node:crypto';
import t from 'tap';
import { TlsDecryptor } from '../../src/capture/tls-decryptor.js';
import { decryptPremaster } from '../../src/capture/tls-private-key.js';
import type { Side } from '../../src/handshake/trace.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { ContentType } from '../../src/wire/tls-names.js';
import { encodeTlsRecord } from '../../src/wire/tls-record.js';
import {
  decryptAll,
  keySource,
  privateKeySource,
  RECORDED_KEY,
  recordsOf,
  type Sent,
  tlsRecordings,
} from '../support/tls-recordings.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';
import {
  RFC8448_CERTIFICATE,
  RFC8448_CLIENT_HELLO,
  RFC8448_ENCRYPTED_EXTENSIONS,
  RFC8448_FINISHED,
  RFC8448_SERVER_HELLO,
} from '../vectors/tls.js';
import {
  RFC8448_CLIENT_ALERT_RECORD,
  RFC8448_CLIENT_DATA_RECORD,
  RFC8448_CLIENT_FINISHED_RECORD,
  RFC8448_KEY_LOG,
  RFC8448_NEW_SESSION_TICKET_RECORD,
  RFC8448_SERVER_ALERT_RECORD,
  RFC8448_SERVER_DATA_RECORD,
  RFC8448_SERVER_FLIGHT_RECORD,
} from '../vectors/tls-rfc8448.js';

const { handshake, alert, application_data, change_cipher_spec } = ContentType;

function hello(by: Side, hex: string): Sent {
  return { by, bytes: encodeTlsRecord(handshake, 0x0303, fromHex(hex)) };
}

const RFC8448: readonly Sent[] = [
  hello('client', RFC8448_CLIENT_HELLO),
  hello('server', RFC8448_SERVER_HELLO),
  { by: 'server', bytes: fromHex(RFC8448_SERVER_FLIGHT_RECORD) },
  { by: 'client', bytes: fromHex(RFC8448_CLIENT_FINISHED_RECORD) },
  { by: 'server', bytes: fromHex(RFC8448_NEW_SESSION_TICKET_RECORD) },
  { by: 'client', bytes: fromHex(RFC8448_CLIENT_DATA_RECORD) },
  { by: 'server', bytes: fromHex(RFC8448_SERVER_DATA_RECORD) },
  { by: 'client', bytes: fromHex(RFC8448_CLIENT_ALERT_RECORD) },
  { by: 'server', bytes: fromHex(RFC8448_SERVER_ALERT_RECORD) },
];

t.test('the whole trace of RFC 8448 section 3', (t) => {
  const { contents, decryptor } = decryptAll(RFC8448, keySource(RFC8448_KEY_LOG));
  t.strictSame(
    contents.map(({ by, type, bytes }) => [by, type, bytes.length]),
    [
      ['server', handshake, 657],
      ['client', handshake, 36],
      ['server', handshake, 205],
      ['client', application_data, 50],
      ['server', application_data, 50],
      ['client', alert, 2],
      ['server', alert, 2],
    ],
  );
  const [flight, , , data, , closing] = contents.map(({ bytes }) => toHex(bytes));
  const expected = [RFC8448_ENCRYPTED_EXTENSIONS, RFC8448_CERTIFICATE].map(fromHex).map(toHex);
  t.ok(flight?.startsWith(expected.join('')), 'EncryptedExtensions and Certificate');
  t.ok(flight?.endsWith(toHex(fromHex(RFC8448_FINISHED))), 'Finished');
  t.equal(data, toHex(Uint8Array.from({ length: 50 }, (_, i) => i)));
  t.equal(closing, '0100');
  t.strictSame(decryptor.state, { name: 'decrypting' });
  t.equal(decryptor.unverified, 0);
  const { established } = decryptor;
  t.equal(established?.version.name, 'TLSv1.3');
  t.equal(established?.cipherSuite.name, 'TLS_AES_128_GCM_SHA256');
  t.equal(established?.group?.name, 'x25519');
  t.strictSame(
    established?.certificates.map(({ length }) => length),
    [432],
  );
  t.equal(JSON.stringify(decryptor), '{}', 'no secret shows');
  t.end();
});

t.test('the handshake is established with the client Finished, not before', (t) => {
  const decryptor = new TlsDecryptor(keySource(RFC8448_KEY_LOG));
  const established = RFC8448.map(({ by, bytes }) => {
    decryptor.record(by, bytes);
    return decryptor.established !== null;
  });
  t.equal(established.indexOf(true), 3);
  t.end();
});

const LINES = [
  'one line from the client\n',
  `and another, ${'longer '.repeat(30)}\n`.replace(/ +\n$/, ' \n'),
];

for (const { name, title, keyLog, sent } of tlsRecordings()) {
  t.test(`GnuTLS: ${title}`, (t) => {
    const { data, decryptor, contents } = decryptAll(sent, keySource(keyLog.join('\n')));
    t.strictSame(decryptor.state, { name: 'decrypting' });
    t.equal(decryptor.unverified, 0);
    t.not(decryptor.established, null);
    t.equal(data.client, LINES.join(''));
    t.equal(data.server, LINES.join(''), 'the server sends back what it gets');
    const closing = contents.filter(({ type }) => type === alert).map(({ bytes }) => toHex(bytes));
    t.ok(closing.includes('0100'), 'close_notify');

    if (!name.endsWith('tls13')) {
      const withKey = decryptAll(sent, privateKeySource());
      t.strictSame(withKey.data, data, 'with the RSA key of the server');
      t.strictSame(withKey.decryptor.state, { name: 'decrypting' });
    }

    const bytewise = sent.flatMap(({ by, bytes }) =>
      Array.from(bytes, (byte) => ({ by, bytes: Uint8Array.of(byte) })),
    );
    t.strictSame(decryptAll(bytewise, keySource(keyLog.join('\n'))).data, data, 'byte by byte');
    t.end();
  });
}

t.test('a session that is resumed by its identifier', (t) => {
  const [full, resumed] = tlsRecordings('sessions');
  if (full === undefined || resumed === undefined) throw new Error('the recordings are missing');
  const keys = privateKeySource();
  const alone = decryptAll(resumed.sent, privateKeySource());
  t.strictSame(alone.decryptor.state, { name: 'no-keys' }, 'the private key alone is no help');
  t.strictSame(decryptAll(full.sent, keys).decryptor.state, { name: 'decrypting' });
  for (const source of [keys, keySource(resumed.keyLog.join('\n'))]) {
    const { data, decryptor } = decryptAll(resumed.sent, source);
    t.strictSame(decryptor.state, { name: 'decrypting' });
    t.strictSame(decryptor.established?.certificates, []);
    t.strictSame(data, { client: LINES.join(''), server: LINES.join('') });
  }
  t.end();
});

t.test('what a client sends ahead of the handshake is passed over', (t) => {
  const early = tlsRecordings('sessions')[2];
  const { data, decryptor } = decryptAll(
    early?.sent ?? [],
    keySource(early?.keyLog.join('\n') ?? ''),
  );
  t.strictSame(decryptor.state, { name: 'decrypting' });
  t.strictSame(data, { client: 'hello\n', server: 'hello back\n' });
  t.equal(decryptor.unverified, 0);
  t.end();
});

t.test('an RSA line of a key log, which names the encrypted premaster secret', (t) => {
  for (const { title, sent } of tlsRecordings().filter(({ name }) => name.startsWith('3des'))) {
    const keyExchange = recordsOf(sent).find(({ by, bytes }) => by === 'client' && bytes[5] === 16);
    const encrypted = keyExchange?.bytes.subarray(5 + 4 + 2) ?? new Uint8Array();
    const premaster = decryptPremaster(createPrivateKey(RECORDED_KEY), encrypted);
    const line = `RSA ${toHex(encrypted.subarray(0, 8))} ${toHex(premaster ?? new Uint8Array())}`;
    t.equal(decryptAll(sent, keySource(line)).data.client, LINES.join(''), title);
  }
  t.end();
});

function stateAfter(sent: readonly Sent[], lines: string): readonly [string, string | null] {
  const { state } = decryptAll(sent, keySource(lines)).decryptor;
  return [state.name, state.name === 'failed' ? state.reason : null];
}

t.test('keys that are missing or wrong', (t) => {
  t.strictSame(stateAfter(RFC8448.slice(0, 2), ''), ['waiting', null], 'nothing encrypted yet');
  t.strictSame(stateAfter(RFC8448, ''), ['no-keys', null]);
  t.strictSame(stateAfter(RFC8448, RFC8448_KEY_LOG.replaceAll('cb34', 'cb35')), ['no-keys', null]);
  t.strictSame(stateAfter(RFC8448, RFC8448_KEY_LOG.replaceAll('b67b', 'b67c')), [
    'failed',
    'the keys do not fit the first encrypted record of the server',
  ]);
  t.strictSame(stateAfter(RFC8448, RFC8448_KEY_LOG.replace(/CLIENT_TRAFFIC.*\n/, '')), [
    'failed',
    'there is no key for what the client sends next',
  ]);
  const [rsa] = tlsRecordings();
  t.strictSame(stateAfter(rsa?.sent ?? [], ''), ['no-keys', null]);
  t.end();
});

t.test('a connection that is not there from its start, or not completely', (t) => {
  const cases: readonly (readonly [string, readonly Sent[], string])[] = [
    [
      'only encrypted records',
      RFC8448.slice(5),
      'the client sends data before the hellos: the handshake was not captured',
    ],
    ['no ClientHello', RFC8448.slice(1), 'the ClientHello was not captured'],
    [
      'no ServerHello',
      RFC8448.filter((_, i) => i !== 1),
      'the server sends data before the hellos: the handshake was not captured',
    ],
  ];
  for (const [name, sent, reason] of cases) {
    t.strictSame(stateAfter(sent, RFC8448_KEY_LOG), ['failed', reason], name);
  }

  const decryptor = new TlsDecryptor(keySource(RFC8448_KEY_LOG));
  const opened = RFC8448.map(({ by, bytes }, i) => {
    if (i === 5) decryptor.gap('client');
    return decryptor.record(by, bytes).length;
  });
  t.strictSame(opened, [0, 0, 1, 1, 1, 0, 1, 0, 1], 'the side without a gap goes on');
  t.strictSame(decryptor.state, { name: 'failed', reason: 'bytes of the client are missing' });

  const early = new TlsDecryptor(keySource(RFC8448_KEY_LOG));
  early.gap('server');
  t.strictSame(
    RFC8448.flatMap(({ by, bytes }) => early.record(by, bytes)),
    [],
    'in the handshake neither side does',
  );
  t.end();
});

t.test('what is not decrypted is named', (t) => {
  const serverHello = (from: RegExp, to: string): readonly Sent[] => {
    const hex = toHex(fromHex(RFC8448_SERVER_HELLO)).replace(from, to);
    return [hello('client', RFC8448_CLIENT_HELLO), hello('server', hex)];
  };
  const cases: readonly (readonly [RegExp, string, string])[] = [
    [/00130100/, '00130700', 'the cipher suite TLS_AEGIS_128L_SHA256 is not decrypted'],
    [/00130100/, '00fffd00', 'the cipher suite number 65533 is not decrypted'],
    [
      /00130100/,
      '00c03000',
      'the cipher suite TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 is not decrypted',
    ],
    [/00130100/, '00130101', 'compressed records are not decrypted'],
    [/0304$/, '7f1c', 'version 32540 is not decrypted'],
    [/0304$/, '0300', 'SSLv3 is not decrypted'],
  ];
  for (const [from, to, reason] of cases) {
    t.strictSame(stateAfter(serverHello(from, to), RFC8448_KEY_LOG), ['failed', reason], reason);
  }
  t.strictSame(stateAfter([hello('server', RFC8448_CLIENT_HELLO)], ''), [
    'failed',
    'the server sends a ClientHello',
  ]);
  t.end();
});

t.test('a changed record is counted and left out, the rest is decrypted', (t) => {
  const changed = (index: number): readonly Sent[] =>
    RFC8448.map(({ by, bytes }, i) => {
      const copy = Uint8Array.from(bytes);
      if (i === index) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
      return { by, bytes: copy };
    });
  const { contents, decryptor } = decryptAll(changed(5), keySource(RFC8448_KEY_LOG));
  t.equal(contents.length, 6);
  t.equal(decryptor.unverified, 1);
  t.strictSame(decryptor.state, { name: 'decrypting' });
  t.end();
});

t.test('every kind of protection refuses every changed byte', (t) => {
  for (const { title, keyLog, sent } of tlsRecordings()) {
    const records = recordsOf(sent);
    const last = records.findLastIndex(({ by }) => by === 'client');
    const whole = decryptAll(records, keySource(keyLog.join('\n'))).contents.length;
    const survivors: number[] = [];
    const { length } = records[last]?.bytes ?? new Uint8Array();
    for (let at = 5; at < length; at++) {
      const changed = records.map(({ by, bytes }, i) => {
        const copy = Uint8Array.from(bytes);
        if (i === last) copy[at] = (copy[at] ?? 0) ^ 0x80;
        return { by, bytes: copy };
      });
      const { contents, decryptor } = decryptAll(changed, keySource(keyLog.join('\n')));
      if (contents.length !== whole - 1 || decryptor.unverified !== 1) survivors.push(at);
    }
    t.strictSame(survivors, [], title);
  }
  t.end();
});

t.test('records that do not verify, three in a row, end the decryption of a side', (t) => {
  const noise: Sent = { by: 'client', bytes: encodeTlsRecord(23, 0x0303, new Uint8Array(64)) };
  const sent = [...RFC8448.slice(0, 6), noise, noise, noise, ...RFC8448.slice(6)];
  const { decryptor, contents } = decryptAll(sent, keySource(RFC8448_KEY_LOG));
  t.strictSame(decryptor.state, {
    name: 'failed',
    reason: '3 records of the client in a row do not verify',
  });
  t.equal(contents.filter(({ by }) => by === 'server').length, 4, 'the other side goes on');
  t.end();
});

t.test('ChangeCipherSpec and alerts in clear change nothing in TLS 1.3', (t) => {
  const sham: Sent = {
    by: 'client',
    bytes: encodeTlsRecord(change_cipher_spec, 0x0303, Uint8Array.of(1)),
  };
  const clear: Sent = { by: 'server', bytes: encodeTlsRecord(alert, 0x0303, Uint8Array.of(2, 40)) };
  const sent = RFC8448.flatMap((record) => [
    record,
    sham,
    { ...sham, by: 'server' as const },
    clear,
  ]);
  t.equal(decryptAll(sent, keySource(RFC8448_KEY_LOG)).contents.length, 7);
  t.end();
});

t.test('whatever the records, nothing is thrown', (t) => {
  const random = seededRandom(7);
  const conversations = [
    { records: RFC8448, lines: RFC8448_KEY_LOG },
    ...tlsRecordings().map(({ sent, keyLog }) => ({
      records: recordsOf(sent),
      lines: keyLog.join('\n'),
    })),
  ];
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let round = 0; round < 1500; round++) {
      const { records, lines } = conversations[random() % conversations.length] ?? {
        records: [],
        lines: '',
      };
      const decryptor = new TlsDecryptor(
        random() % 4 === 0 ? privateKeySource() : keySource(lines),
      );
      for (const { by, bytes } of records) {
        const roll = random() % 16;
        const side = roll === 0 ? (by === 'client' ? 'server' : 'client') : by;
        decryptor.record(side, roll < 3 ? mutated([bytes], random) : bytes);
        if (roll === 3) decryptor.record(side, bytes);
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  t.pass('1500 connections with bytes changed, cut, repeated and sent by the other side');
  t.end();
});
