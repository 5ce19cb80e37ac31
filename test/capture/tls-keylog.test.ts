import t from 'tap';
import { KeyLog } from '../../src/capture/tls-keylog.js';
import { fromHex, toHex } from '../../src/wire/hex.js';

const RANDOM = 'a1'.repeat(32);
const OTHER_RANDOM = 'b2'.repeat(32);
const MASTER = 'c3'.repeat(48);
const SECRET = 'd4'.repeat(32);

function found(secret: Uint8Array | null): string | null {
  return secret === null ? null : toHex(secret);
}

t.test('every form of line, with comments, empty lines, CRLF and no end of line', (t) => {
  const log = new KeyLog();
  log.add(
    [
      '\uFEFF# SSL/TLS secrets log file',
      '',
      `CLIENT_RANDOM ${RANDOM.toUpperCase()} ${MASTER}`,
      `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${OTHER_RANDOM} ${SECRET}`,
      `SERVER_HANDSHAKE_TRAFFIC_SECRET ${OTHER_RANDOM} ${'01'.repeat(48)}`,
      `  CLIENT_TRAFFIC_SECRET_0\t${OTHER_RANDOM}  ${'02'.repeat(32)} `,
      `SERVER_TRAFFIC_SECRET_0 ${OTHER_RANDOM} ${'03'.repeat(32)}`,
      `EXPORTER_SECRET ${OTHER_RANDOM} ${'04'.repeat(32)}`,
      `RSA 0102030405060708 ${'05'.repeat(48)}`,
      `RSA Session-ID:0a0b0c Master-Key:${'06'.repeat(48)}`,
    ].join('\r\n'),
  );
  const random = fromHex(RANDOM);
  const other = fromHex(OTHER_RANDOM);
  t.equal(found(log.lookup('CLIENT_RANDOM', random)), MASTER);
  t.equal(found(log.lookup('CLIENT_RANDOM', other)), null);
  t.equal(found(log.lookup('CLIENT_HANDSHAKE_TRAFFIC_SECRET', other)), SECRET);
  t.equal(found(log.lookup('SERVER_HANDSHAKE_TRAFFIC_SECRET', other)), '01'.repeat(48));
  t.equal(found(log.lookup('CLIENT_TRAFFIC_SECRET_0', other)), '02'.repeat(32));
  t.equal(found(log.lookup('SERVER_TRAFFIC_SECRET_0', other)), '03'.repeat(32));
  t.equal(found(log.premaster(fromHex(`0102030405060708${'ff'.repeat(120)}`))), '05'.repeat(48));
  t.equal(found(log.premaster(fromHex('01020304'))), null);
  t.equal(found(log.sessionMaster(fromHex('0a0b0c'))), '06'.repeat(48));
  t.equal(found(log.sessionMaster(new Uint8Array())), null);
  t.equal(log.entries, 7);
  t.equal(log.ignored, 1, 'EXPORTER_SECRET');
  t.equal(log.broken, 0);
  t.end();
});

t.test('broken lines are counted and hide none of the others', (t) => {
  const broken = [
    'hello',
    'CLIENT_RANDOM',
    `CLIENT_RANDOM ${RANDOM}`,
    `CLIENT_RANDOM ${RANDOM} ${MASTER} ${MASTER}`,
    `CLIENT_RANDOM ${RANDOM.slice(2)} ${MASTER}`,
    `CLIENT_RANDOM ${RANDOM} ${SECRET}`,
    `CLIENT_RANDOM ${RANDOM} ${MASTER.slice(1)}`,
    `CLIENT_RANDOM ${RANDOM} ${MASTER.slice(2)}zz`,
    `SERVER_TRAFFIC_SECRET_0 ${RANDOM} ${'00'.repeat(16)}`,
    `client_random ${RANDOM} ${MASTER}`,
    `RSA 01020304 ${MASTER}`,
    `RSA 0102030405060708 ${SECRET}`,
    `RSA Session-ID:0a0b0c Master-Key:${SECRET}`,
    `RSA Session-ID:0a0 Master-Key:${MASTER}`,
    `RSA Session-ID: Master-Key:${MASTER}`,
    `CLIENT_RANDOM ${RANDOM} ${'00'.repeat(2000)}`,
    '\u0000\uD800 \u{1F511}',
  ];
  const log = new KeyLog();
  log.add(`${broken.join('\n')}\nCLIENT_RANDOM ${RANDOM} ${MASTER}\n`);
  t.equal(log.broken, broken.length);
  t.equal(log.entries, 1);
  t.end();
});

t.test('text in several pieces, a line said twice, a session that was worked out', (t) => {
  const log = new KeyLog();
  log.add(`CLIENT_RANDOM ${RANDOM} ${'00'.repeat(48)}\n`);
  log.add(`CLIENT_RANDOM ${RANDOM} ${MASTER}\n`);
  log.add('');
  log.addSession(fromHex('aabb'), fromHex(MASTER));
  log.addSession(new Uint8Array(), fromHex(MASTER));
  t.equal(found(log.lookup('CLIENT_RANDOM', fromHex(RANDOM))), MASTER, 'the later line');
  t.equal(found(log.sessionMaster(fromHex('aabb'))), MASTER);
  t.equal(log.entries, 2);
  t.end();
});

t.test('too many secrets are dropped, known ones still replaced', (t) => {
  const log = new KeyLog();
  const id = (n: number): Uint8Array => Uint8Array.of(1, n >> 16, (n >> 8) & 0xff, n & 0xff);
  for (let n = 0; n < 200_010; n++) log.addSession(id(n), new Uint8Array(48));
  log.addSession(id(1), fromHex(MASTER));
  t.equal(log.entries, 200_000);
  t.equal(log.dropped, 10);
  t.equal(found(log.sessionMaster(id(1))), MASTER);
  t.end();
});

t.test('the secrets are not in what a log of it would show', (t) => {
  const log = new KeyLog();
  log.add(`CLIENT_RANDOM ${RANDOM} ${MASTER}\n`);
  t.equal(JSON.stringify(log), '{}');
  t.end();
});
