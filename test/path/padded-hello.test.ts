import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { type DripSource, dripSource } from '../../src/path/drip-source.js';
import { MAX_PADDED_HELLO, paddedHello } from '../../src/path/padded-hello.js';
import { firstSizes, nextSizes } from '../../src/path/size-search.js';
import { toHex } from '../../src/wire/hex.js';
import {
  decodeKeyShares,
  decodePaddingLength,
  decodeServerName,
  decodeSupportedVersions,
} from '../../src/wire/tls-extensions.js';
import { type ClientHello, decodeTlsHandshake } from '../../src/wire/tls-handshake.js';
import { ContentType } from '../../src/wire/tls-names.js';
import { decodeTlsRecord, frameTlsRecord } from '../../src/wire/tls-record.js';
import { frameTpkt } from '../../src/wire/tpkt.js';
import { RECORDED_CERTIFICATE, RECORDED_KEY } from '../support/tls-recordings.js';
import { seededRandom } from '../support/wire-vectors.js';

function bytesFrom(seed: number): (count: number) => Uint8Array {
  const next = seededRandom(seed);
  return (count) => Uint8Array.from({ length: count }, () => next() & 0xff);
}

/** The longest that DNS has. */
const LONG_NAME = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;

const NAMES: readonly (string | null)[] = [null, 'srv01.corp.example', LONG_NAME];

function helloOf(record: Uint8Array): ClientHello {
  const { contentType, fragment } = decodeTlsRecord(record);
  if (contentType.value !== ContentType.handshake) throw new Error('not a handshake record');
  const message = decodeTlsHandshake(fragment);
  if (message.kind !== 'client-hello') throw new Error(message.kind);
  return message;
}

t.test('a hello of every length, as long as was asked for', (t) => {
  for (const name of NAMES) {
    const least = name === LONG_NAME ? 600 : 400;
    for (let length = least; length <= MAX_PADDED_HELLO; length += length < 1600 ? 1 : 97) {
      const record = paddedHello(length, name, bytesFrom(length));
      if (record.length !== length) t.fail(`${record.length} instead of ${length}`);
      const { extensions } = helloOf(record);
      if (extensions === null || decodeServerName(extensions) !== name) t.fail(`${length}: name`);
    }
    t.equal(paddedHello(MAX_PADDED_HELLO, name, bytesFrom(1)).length, 16_389);
  }
  t.end();
});

t.test('what is in it', (t) => {
  const hello = helloOf(paddedHello(2000, 'srv01.corp.example', bytesFrom(7)));
  const extensions = hello.extensions ?? [];
  t.strictSame(
    decodeSupportedVersions(extensions)?.map(({ value }) => value),
    [0x0304, 0x0303],
  );
  const shares = decodeKeyShares(extensions) ?? [];
  t.strictSame(
    shares.map(({ group, length }) => [group.value, length]),
    [[0x1d, 32]],
  );
  t.equal(hello.random.length, 32);
  t.equal(hello.sessionId.length, 32, 'as middleboxes of TLS 1.2 expect it');
  const types = extensions.map(({ type }) => type.value);
  t.equal(new Set(types).size, types.length, 'each extension once');
  t.equal(types.at(-1), 21, 'the padding comes last');
  const padding = decodePaddingLength(extensions) ?? 0;
  const other = helloOf(paddedHello(2001, 'srv01.corp.example', bytesFrom(7)));
  t.equal(decodePaddingLength(other.extensions ?? []), padding + 1);
  // RFC 7685: type 21, a length, and nothing but zeros.
  const record = paddedHello(2000, null, bytesFrom(3));
  const zeros = decodePaddingLength(helloOf(record).extensions ?? []) ?? 0;
  const end = toHex(record.subarray(-zeros - 4));
  t.equal(end, `0015${zeros.toString(16).padStart(4, '0')}${'00'.repeat(zeros)}`);
  t.end();
});

t.test('two of them share no random part', (t) => {
  const [one, other] = [bytesFrom(1), bytesFrom(2)].map((random) =>
    helloOf(paddedHello(900, null, random)),
  );
  t.not(toHex(one?.random ?? new Uint8Array()), toHex(other?.random ?? new Uint8Array()));
  t.not(toHex(one?.sessionId ?? new Uint8Array()), toHex(other?.sessionId ?? new Uint8Array()));
  t.end();
});

t.test('a length that cannot be had is a mistake of ours', (t) => {
  t.throws(() => paddedHello(MAX_PADDED_HELLO + 1, null, bytesFrom(1)), RangeError);
  t.throws(() => paddedHello(100, null, bytesFrom(1)), RangeError);
  t.throws(() => paddedHello(300, LONG_NAME, bytesFrom(1)), RangeError);
  t.end();
});

function source(layer: 'tls' | 'mcs', bytes: number, serverName: string | null): DripSource {
  return dripSource(layer, bytes, { serverName, random: bytesFrom(bytes) });
}

/** As many bytes of payload as a connection may be fed, without timestamps. */
function fed(sizes: readonly number[], singles: number): number {
  return sizes.reduce((sum, size) => sum + size - 40 + 2, singles);
}

t.test('the pieces never finish the message, however many sizes there are', (t) => {
  const series = [
    ...[577, 1280, 1400, 1500, 4000, 9000, 65_535].map((largest) => fed(firstSizes(largest), 120)),
    ...[600, 1400, 5000, 8999].map((passed) => fed(nextSizes({ passed, failed: 9001 }, 7), 0)),
    fed([576], 0),
    fed([1401], 0),
    0,
    1,
  ];
  for (const bytes of series) {
    for (const name of NAMES) {
      const tls = source('tls', bytes, name);
      const taken: number[] = [...tls.take(bytes)];
      t.equal(taken.length, bytes, `${bytes} of TLS can be had`);
      t.equal(frameTlsRecord(Uint8Array.from(taken)).kind, 'need-more', `${bytes} of TLS`);
      const rest = tls.rest() ?? new Uint8Array();
      const whole = Uint8Array.from([...taken, ...rest]);
      t.strictSame(frameTlsRecord(whole), { kind: 'frame', length: whole.length });
      t.equal(helloOf(whole).kind, 'client-hello', 'together they are a ClientHello');
    }
    const mcs = source('mcs', bytes, null);
    const taken = mcs.take(bytes);
    t.equal(taken.length, bytes, `${bytes} of MCS can be had`);
    t.equal(frameTpkt(Uint8Array.from([...taken, ...mcs.take(1 << 17)])).kind, 'need-more');
    t.equal(mcs.rest(), null, 'it is never finished');
  }
  t.end();
});

t.test('small pieces are the same message', (t) => {
  const [whole, pieces] = [
    source('tls', 900, 'srv01.example'),
    source('tls', 900, 'srv01.example'),
  ];
  const parts: number[] = [];
  for (let size = 1; parts.length < 900; size++) {
    parts.push(...pieces.take(Math.min(size, 900 - parts.length)));
  }
  parts.push(...(pieces.rest() ?? []));
  t.equal(
    toHex(Uint8Array.from(parts)),
    toHex(Uint8Array.from([...whole.take(900), ...(whole.rest() ?? [])])),
  );
  t.strictSame(pieces.rest(), new Uint8Array(), 'nothing is left');
  t.end();
});

t.test('the beginning of an MCS Connect Initial', (t) => {
  const bytes = source('mcs', 1000, null).take(20);
  // TPKT of 1128 bytes, X.224 data, APPLICATION 101 of 1116 bytes in two bytes of length.
  t.equal(toHex(bytes.subarray(0, 12)), '0300046802f0807f6582045c');
  t.end();
});

/** A TLS server of Node that keeps what its connections send before they are secured. */
async function tlsServer(
  t: Test,
  versions: { readonly maxVersion: 'TLSv1.2' | 'TLSv1.3' },
): Promise<number> {
  const server = createServer({
    cert: RECORDED_CERTIFICATE,
    key: RECORDED_KEY,
    ciphers: 'DEFAULT:@SECLEVEL=0',
    ...versions,
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket: TLSSocket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Feeds a hello in pieces, each a packet of its own, and takes the beginning of the answer. */
async function answerTo(
  port: number,
  message: DripSource,
  pieces: readonly number[],
): Promise<Uint8Array> {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const received: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  await once(socket, 'connect');
  for (const size of pieces) {
    socket.write(message.take(size));
    await new Promise((resolve) => setImmediate(resolve));
    if (received.length > 0) throw new Error('an answer before the message was complete');
  }
  socket.write(message.rest() ?? new Uint8Array());
  while (Buffer.concat(received).length < 6 && !socket.destroyed) {
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  }
  socket.destroy();
  return Buffer.concat(received);
}

t.test('a TLS server of another making answers it with a ServerHello', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const port = await tlsServer(t, { maxVersion });
    const sizes: readonly (readonly number[])[] = [
      [],
      [1, 1, 1, 400],
      firstSizes(1500).flatMap((size) => [size - 52, 1, 1]),
      firstSizes(65_535).flatMap((size) => [size - 52, 1, 1]),
      [16_000],
    ];
    for (const pieces of sizes) {
      for (const name of NAMES) {
        const message = source(
          'tls',
          pieces.reduce((sum, size) => sum + size, 0),
          name,
        );
        const answer = await answerTo(port, message, pieces);
        // Record of type handshake (22), TLS 1.2 in its header; message ServerHello (2).
        const what = `${maxVersion}, ${pieces.length} pieces, ${name?.length ?? 0} of a name`;
        t.equal(toHex(answer.subarray(0, 3)), '160303', what);
        t.equal(answer[5], 2, what);
      }
    }
  }
});

t.test('and as a single server hello to a known key share', async (t) => {
  const port = await tlsServer(t, { maxVersion: 'TLSv1.3' });
  const answer = await answerTo(port, source('tls', 3000, null), [1448, 1448, 100]);
  // ServerHello, RFC 8446 4.1.3: not the random of a HelloRetryRequest, so the share was taken.
  const retry = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
  t.not(toHex(answer.subarray(11, 43)), retry);
});
