import { createHash } from 'node:crypto';
import t from 'tap';
import { ntHash } from '../../src/probe/nt-hash.js';
import { clientAvPairs, decodeAvPairs, encodeAvPairs } from '../../src/wire/av-pair.js';
import { channelBindingsHash, tlsServerEndPoint } from '../../src/wire/channel-bindings.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeNtlm } from '../../src/wire/ntlm.js';
import { encodeNtlmAuthenticate, withMic } from '../../src/wire/ntlm-authenticate.js';
import { NtlmSealing, sealKey, signKey } from '../../src/wire/ntlm-session.js';
import { ntlmV2Responses, ntowfV2 } from '../../src/wire/ntlm-v2.js';
import { clientKeyProof, keyBindingOf, serverKeyProof } from '../../src/wire/public-key-binding.js';
import { Rc4 } from '../../src/wire/rc4.js';
import { encodeUtf16le } from '../../src/wire/text.js';
import { CERTIFICATES } from '../vectors/certificates.js';

const compact = (hex: string): string => toHex(fromHex(hex));

/** RFC 6229 section 2: key, offset into the key stream, 16 bytes of it. */
const KEY_STREAMS: readonly (readonly [key: string, offset: number, stream: string])[] = [
  ['0102030405', 0, 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405', 16, '6982944f18fc82d589c403a47a0d0919'],
  ['0102030405', 240, '28cb1132c96ce286421dcaadb8b69eae'],
  ['0102030405060708090a0b0c0d0e0f10', 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
  ['0102030405060708090a0b0c0d0e0f10', 16, '5248c4959014126a6e8a84f11d1a9e1c'],
];

t.test('RC4, RFC 6229', (t) => {
  for (const [key, offset, stream] of KEY_STREAMS) {
    const cipher = new Rc4(fromHex(key));
    cipher.update(new Uint8Array(offset));
    t.equal(toHex(cipher.update(new Uint8Array(16))), stream, `${key} at ${offset}`);
  }
  const whole = new Rc4(fromHex('0102030405')).update(new Uint8Array(100));
  const cut = new Rc4(fromHex('0102030405'));
  const pieces = [7, 0, 50, 43].map((length) => toHex(cut.update(new Uint8Array(length))));
  t.equal(pieces.join(''), toHex(whole), 'in pieces');
  t.throws(() => new Rc4(new Uint8Array()), RangeError);
  t.throws(() => new Rc4(new Uint8Array(257)), RangeError);
  t.end();
});

/** RFC 1320 appendix A.5, as far as it is text that UTF-16LE can hold, and [MS-NLMP] 4.2.2.1.2. */
t.test('MD4 of a password', async (t) => {
  t.equal(toHex(await ntHash('')), '31d6cfe0d16ae931b73c59d7e0c089c0');
  t.equal(toHex(await ntHash('Password')), 'a4f49c406510bdcab6824ee7c30fd852');
  t.equal(
    toHex(await ntHash('Passw0rd!')),
    'fc525c9683e8fe067095ba2ddc971889',
    'as winpr-hash says',
  );
  const letters = Buffer.from('abcdefghijklmnopqrstuvwxyz').toString('utf16le');
  t.equal(toHex(await ntHash(letters)), 'd79e1c308aa5bbcdeea8ed63df412da9', 'RFC 1320: a to z');
});

/** [MS-NLMP] 4.2.1 and 4.2.4. */
const FLAGS = 0xe28a8233;
const SERVER_CHALLENGE = fromHex('0123456789abcdef');
const CLIENT_CHALLENGE = fromHex('aaaaaaaaaaaaaaaa');
const SESSION_KEY = new Uint8Array(16).fill(0x55);
const TARGET_INFO = '02000c0044006f006d00610069006e0001000c00530065007200760065007200 00000000';
const RESPONSE_KEY = '0c868a403bfd7a93a3001ef22ef02e3f';
const CHALLENGE = `4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef
  0000000000000000 2400240044000000 0600701700 00000f 530065007200760065007200 ${TARGET_INFO}`;
const AUTHENTICATE = `4e544c4d53535000 03000000
  180018006c000000 5400540084000000 0c000c0048000000 0800080054000000 100010005c000000
  10001000d8000000 358288e2 0501280a0000000f
  44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
  86c35097ac9cec102554764a57cccc19 aaaaaaaaaaaaaaaa
  68cd0ab851e51c96aabc927bebef6a1c
  0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000 ${TARGET_INFO} 00000000
  c5dad2544fc9799094ce1ce90bc9d03e`;

const responses = ntlmV2Responses({
  responseKey: fromHex(RESPONSE_KEY),
  serverChallenge: SERVER_CHALLENGE,
  clientChallenge: CLIENT_CHALLENGE,
  time: 0n,
  targetInfo: decodeAvPairs(fromHex(TARGET_INFO)),
  withoutLm: false,
});

t.test('[MS-NLMP] 4.2.4: NTLMv2 authentication', async (t) => {
  const key = ntowfV2(await ntHash('Password'), 'User', 'Domain');
  t.equal(toHex(key), RESPONSE_KEY, '4.2.4.1.1 NTOWFv2');
  t.equal(toHex(ntowfV2(await ntHash('Password'), 'uSER', 'Domain')), RESPONSE_KEY, 'any case');
  t.not(toHex(ntowfV2(await ntHash('Password'), 'User', 'DOMAIN')), RESPONSE_KEY, 'not the domain');
  t.equal(toHex(responses.sessionBaseKey), '8de40ccadbc14a82f15cb0ad0de95ca3', '4.2.4.1.2');
  t.equal(
    toHex(responses.lmChallengeResponse),
    '86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa',
    '4.2.4.2.1',
  );
  t.equal(
    toHex(responses.ntChallengeResponse),
    compact(
      `68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000
       aaaaaaaaaaaaaaaa 00000000 ${TARGET_INFO} 00000000`,
    ),
    '4.2.4.2.2',
  );
  t.equal(
    toHex(new Rc4(responses.sessionBaseKey).update(SESSION_KEY)),
    'c5dad2544fc9799094ce1ce90bc9d03e',
    '4.2.4.2.3',
  );
});

t.test('[MS-NLMP] 4.2.4.3: the AUTHENTICATE_MESSAGE', (t) => {
  const challenge = decodeNtlm(fromHex(CHALLENGE));
  t.match(challenge, { kind: 'challenge', targetName: 'Server' });
  const own = encodeNtlmAuthenticate({
    negotiateFlags: 0xe2888235,
    domainName: 'Domain',
    userName: 'User',
    workstation: 'COMPUTER',
    lmChallengeResponse: responses.lmChallengeResponse,
    ntChallengeResponse: responses.ntChallengeResponse,
    encryptedRandomSessionKey: fromHex('c5dad2544fc9799094ce1ce90bc9d03e'),
    version: {
      productMajorVersion: 5,
      productMinorVersion: 1,
      productBuild: 2600,
      ntlmRevisionCurrent: 15,
    },
  });
  // The example is from before the MIC: 16 bytes of it stand before the payload, and move its offsets.
  const shown = fromHex(AUTHENTICATE);
  t.equal(toHex(own.subarray(88)), toHex(shown.subarray(72)), 'the payload');
  t.equal(toHex(own.subarray(60, 72)), toHex(shown.subarray(60, 72)), 'flags and version');
  const places = (bytes: Uint8Array, from: number): readonly (readonly number[])[] =>
    [12, 20, 28, 36, 44, 52].map((at) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return [view.getUint16(at, true), view.getUint32(at + 4, true) - from];
    });
  t.same(places(own, 88), places(shown, 72), 'the fields');
  t.match(decodeNtlm(own), { kind: 'authenticate', userName: 'User', micPresent: true });
  t.end();
});

/** 4.2.4.4; for the server's direction, values of an implementation other than ours. */
const SEALED = '54e50165bf1936dc996020c1811b0f06fb5f';
const SIGNATURE = '010000007fb38ec5c55d497600000000';
const SERVER_SEALED = '160871b730ba74e946c453d7465b54278dd0';
const SERVER_SIGNATURE = '01000000b298b847ce7c580700000000';

t.test('[MS-NLMP] 4.2.4.4: signing and sealing', (t) => {
  const message = encodeUtf16le('Plaintext');
  t.equal(toHex(signKey(SESSION_KEY, 'client')), '4788dc861b4782f35d43fd98fe1a2d39', 'SIGNKEY');
  t.equal(
    toHex(sealKey(FLAGS, SESSION_KEY, 'client')),
    '59f600973cc4960a25480a7c196e4c58',
    'SEALKEY',
  );
  const client = new NtlmSealing(FLAGS, SESSION_KEY, 'client');
  t.equal(toHex(client.seal(message)), SIGNATURE + SEALED);
  const server = new NtlmSealing(FLAGS, SESSION_KEY, 'server');
  t.equal(toHex(server.seal(message)), SERVER_SIGNATURE + SERVER_SEALED, 'the other direction');
  const withoutExchange = new NtlmSealing(FLAGS & ~0x40000000, SESSION_KEY, 'client');
  t.equal(
    toHex(withoutExchange.seal(message)),
    `0100000070352851f256430900000000${SEALED}`,
    'without a key exchange the checksum is in clear',
  );
  t.equal(toHex(sealKey(0x80000000, SESSION_KEY, 'client')).length, 32);
  t.not(
    toHex(sealKey(0x80000000, SESSION_KEY, 'client')),
    toHex(sealKey(FLAGS, SESSION_KEY, 'client')),
  );
  t.not(
    toHex(sealKey(0, SESSION_KEY, 'client')),
    toHex(sealKey(0x80000000, SESSION_KEY, 'client')),
  );
  t.end();
});

t.test('what was sealed is opened in its order, and nothing else', (t) => {
  const sender = new NtlmSealing(FLAGS, SESSION_KEY, 'server');
  const first = sender.seal(encodeUtf16le('one'));
  const second = sender.seal(encodeUtf16le('two'));
  const reader = new NtlmSealing(FLAGS, SESSION_KEY, 'server');
  t.equal(toHex(reader.open(first) ?? new Uint8Array()), toHex(encodeUtf16le('one')));
  t.equal(toHex(reader.open(second) ?? new Uint8Array()), toHex(encodeUtf16le('two')));
  const open = (bytes: Uint8Array): Uint8Array | null =>
    new NtlmSealing(FLAGS, SESSION_KEY, 'server').open(bytes);
  t.equal(open(second), null, 'out of order');
  for (let at = 0; at < first.length; at++) {
    const changed = first.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    t.equal(open(changed), null, `byte ${at} changed`);
    t.equal(open(first.subarray(0, at)), null, `cut at ${at}`);
  }
  t.end();
});

t.test('the MIC is over all three messages, with room for itself', (t) => {
  const message = new Uint8Array(100).fill(1);
  message.fill(0, 72, 88);
  const [negotiate, challenge] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  const signed = withMic(message, SESSION_KEY, negotiate, challenge);
  t.equal(toHex(signed.subarray(0, 72)) + toHex(signed.subarray(88)), '01'.repeat(84));
  t.not(toHex(signed.subarray(72, 88)), '00'.repeat(16));
  const other = withMic(message, SESSION_KEY, Uint8Array.of(1), Uint8Array.of(2, 3));
  t.equal(toHex(other), toHex(signed), 'it is their bytes that count');
  t.not(toHex(withMic(message, SESSION_KEY, challenge, negotiate)), toHex(signed));
  t.end();
});

t.test('what a client adds to the pairs of a server', (t) => {
  const server = decodeAvPairs(
    fromHex(`02000c0044006f006d00610069006e00 0600 0400 01000000
             0900 0200 4100 0a00 0100 ff 0700 0800 00b6f93a4979dd01 00000000`),
  );
  const own = clientAvPairs(server, {
    micProvided: true,
    channelBindings: new Uint8Array(16).fill(7),
    targetName: 'TERMSRV/a',
  });
  t.equal(
    toHex(encodeAvPairs(own)),
    compact(`02000c0044006f006d00610069006e00 07000800 00b6f93a4979dd01
      06000400 03000000 0a001000 ${'07'.repeat(16)}
      09001200 5400450052004d005300520056002f006100 00000000`),
    'in the place of those that the server sent for them',
  );
  const none = { micProvided: false, channelBindings: null, targetName: null };
  t.same(clientAvPairs([], none), []);
  t.end();
});

t.test('RFC 5929: the digest is that of the signature, but never below SHA-256', (t) => {
  const seen = new Set<string>();
  for (const { name, pem, value } of CERTIFICATES) {
    const certificate = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
    const signature = String(value['signatureAlgorithm']).toLowerCase();
    const found = tlsServerEndPoint(certificate);
    const named = /md5|sha(?:1|224|256|384|512)/.exec(signature)?.[0];
    if (named === undefined) {
      t.equal(found, null, `${name}: ${signature} has no digest in its name`);
      continue;
    }
    const digest = named === 'md5' || named === 'sha1' ? 'sha256' : named;
    const hash = createHash(digest).update(certificate).digest('hex');
    const label = Buffer.from('tls-server-end-point:').toString('hex');
    t.equal(toHex(found ?? new Uint8Array()), label + hash, name);
    seen.add(`${named} ${digest}`);
  }
  t.same([...seen].sort(), ['md5 sha256', 'sha1 sha256', 'sha256 sha256', 'sha384 sha384']);
  t.end();
});

/** RFC 4121 section 4.1.1.2: two address types and lengths, all zero, then the data. */
t.test('the hash of channel bindings', (t) => {
  t.equal(
    toHex(channelBindingsHash(new Uint8Array())),
    createHash('md5').update(Buffer.alloc(20)).digest('hex'),
  );
  const data = Buffer.from('tls-server-end-point:abc');
  const struct = Buffer.concat([Buffer.alloc(16), Buffer.of(data.length, 0, 0, 0), data]);
  t.equal(toHex(channelBindingsHash(data)), createHash('md5').update(struct).digest('hex'));
  t.end();
});

t.test('[MS-CSSP] 3.1.5: both bindings of the key', (t) => {
  const key = fromHex('ff0102');
  const nonce = new Uint8Array(32).fill(9);
  for (const version of [2, 3, 4]) {
    t.equal(keyBindingOf(version), 'echo');
    t.equal(toHex(clientKeyProof(version, nonce, key)), 'ff0102');
    t.equal(toHex(serverKeyProof(version, nonce, key)), '000102', 'plus one, without a carry');
  }
  const hash = (magic: string): string =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.from(magic), nonce, key]))
      .digest('hex');
  for (const version of [5, 6, 7]) {
    t.equal(keyBindingOf(version), 'hash');
    const client = toHex(clientKeyProof(version, nonce, key));
    t.equal(client, hash('CredSSP Client-To-Server Binding Hash\0'));
    const server = toHex(serverKeyProof(version, nonce, key));
    t.equal(server, hash('CredSSP Server-To-Client Binding Hash\0'));
  }
  t.equal(toHex(serverKeyProof(2, nonce, new Uint8Array())), '');
  const certificate = Buffer.from('30820102', 'hex');
  serverKeyProof(2, nonce, certificate.subarray(1));
  t.equal(certificate.toString('hex'), '30820102', 'what it was given stays as it is');
  t.end();
});
