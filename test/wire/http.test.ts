import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeToken68, parseHttpChallenges } from '../../src/wire/http-challenge.js';
import { encodeHttpChunk, frameHttpChunk } from '../../src/wire/http-chunk.js';
import {
  decodeHttpRequestHead,
  decodeHttpResponseHead,
  encodeHttpRequest,
  frameHttpHead,
  httpBodyOf,
  httpFields,
  httpTokens,
  MAX_HTTP_HEAD_BYTES,
} from '../../src/wire/http-head.js';
import {
  decodeSocks5Method,
  decodeSocks5PasswordAnswer,
  decodeSocks5Reply,
  encodeSocks5Connect,
  encodeSocks5Greeting,
  encodeSocks5Password,
  socks5ReplyLength,
} from '../../src/wire/socks5.js';
import {
  encodeWebSocketFrame,
  readWebSocketFrame,
  webSocketAccept,
} from '../../src/wire/websocket.js';
import { checkNoOtherError, outcome, plain } from '../support/wire-vectors.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

t.test('the head of a response', async (t) => {
  // [MS-NTHT] 4.1 has the two fields; the others are IIS's.
  const text =
    'HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-HTTPAPI/2.0\r\nWWW-Authenticate: Negotiate\r\n' +
    'www-authenticate:NTLM\r\nX-Folded: one\r\n  two\r\nConnection: Keep-Alive, x\r\nContent-Length: 13\r\n\r\n';
  const whole = bytes(`${text}the body, 13b`);
  t.same(frameHttpHead(whole), { kind: 'frame', length: text.length });
  for (let length = 0; length < text.length; length++) {
    t.equal(frameHttpHead(whole.subarray(0, length)).kind, 'need-more', `${length}`);
  }
  const head = decodeHttpResponseHead(whole.subarray(0, text.length));
  t.match(head, { version: '1.1', status: 401, reason: 'Unauthorized' });
  t.same(httpFields(head, 'www-authenticate'), ['Negotiate', 'NTLM']);
  t.same(httpFields(head, 'x-folded'), ['one two']);
  t.same(httpTokens(head, 'connection'), ['keep-alive', 'x']);
  t.same(httpBodyOf(head), { kind: 'length', length: 13 });
});

t.test('line ends without CR, no reason, and bodies', async (t) => {
  const read = (text: string) => decodeHttpResponseHead(bytes(text));
  t.match(read('HTTP/1.0 200\n\n'), { version: '1.0', status: 200, reason: '' });
  t.same(httpBodyOf(read('HTTP/1.1 200 OK\r\n\r\n')), { kind: 'until-close' });
  t.same(httpBodyOf(read('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n')), {
    kind: 'until-close',
  });
  t.same(httpBodyOf(read('HTTP/1.1 101 Go\r\n\r\n')), { kind: 'none' });
  t.same(httpBodyOf(read('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n')), { kind: 'none' });
  t.same(
    httpBodyOf(
      read('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 9\r\n\r\n'),
    ),
    { kind: 'chunked' },
  );
});

t.test('what is no head', async (t) => {
  for (const text of [
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: no name\r\n\r\n',
    `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(201)}\r\n`,
  ]) {
    t.throws(() => decodeHttpResponseHead(bytes(text)), DecodeError, text.slice(0, 40));
  }
  t.throws(() => frameHttpHead(new Uint8Array(MAX_HTTP_HEAD_BYTES).fill(0x41)), DecodeError);
  t.throws(() => encodeHttpRequest('GET', '/', [['a', 'b\r\nc: d']]), RangeError);
  checkNoOtherError(
    t,
    (input) => {
      const frame = frameHttpHead(input);
      if (frame.kind === 'need-more') throw new DecodeError('head', 0, 'not whole');
      return decodeHttpResponseHead(input.subarray(0, frame.length));
    },
    [toHex(bytes('HTTP/1.1 401 Unauthorized\r\nA: b\r\nVia: 1.1 x\r\n\r\n'))],
    { count: 1500 },
  );
});

t.test('a request, as xfreerdp 2.10 sent it to a gateway', async (t) => {
  const text =
    'RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n' +
    'Upgrade: websocket\r\nRDG-Connection-Id: {d3fa071b-5b16-5ab3-c522-70c9e31a1351}\r\n\r\n';
  const head = decodeHttpRequestHead(bytes(text));
  t.match(head, { method: 'RDG_OUT_DATA', target: '/remoteDesktopGateway/', version: '1.1' });
  t.same(httpTokens(head, 'upgrade'), ['websocket']);
  t.throws(() => decodeHttpRequestHead(bytes('GET /\r\n\r\n')), DecodeError);
});

t.test('challenges', async (t) => {
  const rows: readonly (readonly [values: readonly string[], schemes: readonly unknown[]])[] = [
    [
      ['Negotiate', 'NTLM'],
      ['Negotiate', 'NTLM'],
    ],
    [
      ['Negotiate, NTLM,Basic realm="a, b=\\"c\\""'],
      ['Negotiate', 'NTLM', ['Basic', 'realm', 'a, b="c"']],
    ],
    [['NTLM TlRMTVNTUAACAAAA=='], [['NTLM', 'TlRMTVNTUAACAAAA==']]],
    [
      ['NTLM abc, Negotiate def='],
      [
        ['NTLM', 'abc'],
        ['Negotiate', 'def='],
      ],
    ],
    // RFC 7616 section 3.9.1, shortened.
    [
      ['Digest realm="http-auth@example.org", qop="auth, auth-int", stale=FALSE, Basic realm=x'],
      [
        ['Digest', 'realm', 'http-auth@example.org', 'qop', 'auth, auth-int', 'stale', 'FALSE'],
        ['Basic', 'realm', 'x'],
      ],
    ],
    [['', ' , ', '"', '@', 'a"b'], []],
    [
      [Array.from({ length: 100 }, (_, at) => `S${at}`).join(', ')],
      Array.from({ length: 20 }, (_, at) => `S${at}`),
    ],
  ];
  for (const [values, expected] of rows) {
    const read = parseHttpChallenges(values).map(({ scheme, token68, parameters }) => {
      if (token68 !== null) return [scheme, token68];
      if (parameters.length === 0) return scheme;
      return [scheme, ...parameters.flatMap(({ name, value }) => [name, value])];
    });
    t.same(read, expected, values.join(' | ').slice(0, 60));
  }
  t.same(toHex(decodeToken68('TlRMTVNTUA==') ?? new Uint8Array()), '4e544c4d53535000'.slice(0, 14));
  for (const text of ['', 'a', 'a b', 'abc$', 'ab===']) t.equal(decodeToken68(text), null, text);
});

t.test('chunks', async (t) => {
  t.same(frameHttpChunk(bytes('5;x=y\r\nhello\r\nrest')), {
    kind: 'chunk',
    start: 7,
    end: 12,
    length: 14,
  });
  t.same(frameHttpChunk(bytes('0\r\n\r\n')), { kind: 'last', length: 3 });
  for (const text of ['', '5', '5\r\nhell', '5\r\nhello', '5\r\nhello\r']) {
    t.same(frameHttpChunk(bytes(text)), { kind: 'need-more' }, JSON.stringify(text));
  }
  for (const text of ['x\r\n', '\r\n', 'ffffffff\r\n', '5\r\nhelloXX', 'a'.repeat(300)]) {
    t.throws(() => frameHttpChunk(bytes(text)), DecodeError, JSON.stringify(text.slice(0, 20)));
  }
  t.equal(
    Buffer.from(encodeHttpChunk(new Uint8Array(26).fill(0x41))).toString(),
    `1a\r\n${'A'.repeat(26)}\r\n`,
  );
  t.throws(() => encodeHttpChunk(new Uint8Array()), RangeError);
});

t.test('WebSocket: RFC 6455 sections 1.3 and 5.7', async (t) => {
  t.equal(webSocketAccept('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  const rows: readonly (readonly [hex: string, opcode: number, masked: boolean, text: string])[] = [
    ['81 05 48 65 6c 6c 6f', 1, false, 'Hello'],
    ['81 85 37 fa 21 3d 7f 9f 4d 51 58', 1, true, 'Hello'],
    ['89 05 48 65 6c 6c 6f', 9, false, 'Hello'],
    ['8a 85 37 fa 21 3d 7f 9f 4d 51 58', 10, true, 'Hello'],
  ];
  for (const [hex, opcode, masked, text] of rows) {
    const input = fromHex(hex);
    const read = readWebSocketFrame(input);
    if (read.kind !== 'frame') throw new Error('no frame');
    t.equal(read.length, input.length);
    t.equal(Buffer.from(read.frame.payload).toString(), text);
    t.match(read.frame, { final: true, masked, opcode: { value: opcode } });
    for (let length = 0; length < input.length; length++) {
      t.equal(readWebSocketFrame(input.subarray(0, length)).kind, 'need-more');
    }
    const mask = masked ? fromHex('37fa213d') : null;
    t.equal(toHex(encodeWebSocketFrame(opcode, bytes(text), mask)), toHex(input));
  }
  t.equal(toHex(encodeWebSocketFrame(2, new Uint8Array(256), null).subarray(0, 4)), '827e0100');
  t.equal(
    toHex(encodeWebSocketFrame(2, new Uint8Array(65536), null).subarray(0, 10)),
    '827f0000000000010000',
  );
  for (const hex of [
    'c105',
    '097e0000',
    '887e0080',
    '827f0000000100000000',
    '827f00000000ffffffff',
  ]) {
    t.throws(() => readWebSocketFrame(fromHex(hex)), DecodeError, hex);
  }
  checkNoOtherError(
    t,
    readWebSocketFrame,
    rows.map(([hex]) => hex),
    { count: 1500 },
  );
});

t.test('SOCKS5: RFC 1928 and RFC 1929', async (t) => {
  t.equal(toHex(encodeSocks5Greeting([0, 2])), '05020002');
  t.equal(toHex(encodeSocks5Password('u', 'pw')), '01017502 7077'.replace(' ', ''));
  t.equal(
    toHex(encodeSocks5Connect('a.example', 3389)),
    `0501000309${toHex(bytes('a.example'))}0d3d`,
  );
  t.same(decodeSocks5Method(fromHex('05ff')), { value: 255, name: 'NO ACCEPTABLE METHODS' });
  t.equal(decodeSocks5PasswordAnswer(fromHex('0101')), 1);
  t.same(decodeSocks5Reply(fromHex('05050001 00000000 0000')), {
    value: 5,
    name: 'connection refused',
  });
  t.same(decodeSocks5Reply(fromHex('05000003 03 616263 0d3d')), { value: 0, name: 'succeeded' });
  t.same(decodeSocks5Reply(fromHex(`05630004 ${'00'.repeat(16)} 0000`)), { value: 99, name: null });
  t.equal(socks5ReplyLength(fromHex('05000001')), null);
  for (const hex of ['04', '48545450', '0500000500', '']) {
    t.ok(outcome(() => decodeSocks5Reply(fromHex(hex))) instanceof DecodeError, hex);
  }
  for (const decode of [decodeSocks5Method, decodeSocks5PasswordAnswer, decodeSocks5Reply]) {
    t.ok(plain(outcome(() => decode(fromHex('00')))) !== null);
  }
  checkNoOtherError(t, decodeSocks5Reply, ['050500010000000000 00'], { count: 1500 });
});
