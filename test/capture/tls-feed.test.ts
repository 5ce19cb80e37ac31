import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TlsDecryptor } from '../../src/capture/tls-decryptor.js';
import { DecryptingFeed } from '../../src/capture/tls-feed.js';
import type { Fact, Side } from '../../src/handshake/trace.js';
import { Tracker } from '../../src/handshake/tracker.js';
import { fromHex } from '../../src/wire/hex.js';
import {
  BYTE_BY_BYTE,
  type Cut,
  conversation,
  handshakeOf,
  type Segment,
  WHOLE,
} from '../support/conversations.js';
import { keySource } from '../support/tls-recordings.js';
import { seededRandom } from '../support/wire-vectors.js';

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'decryption');

interface Recording {
  readonly title: string;
  readonly keyLog: readonly string[];
  readonly segments: readonly Segment[];
}

/** A conversation with a real server, recorded for this project, and its keys. */
function recording(name: string): Recording {
  const file = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Omit<
    Recording,
    'segments'
  > & { readonly segments?: readonly Segment[]; readonly conversation?: string };
  return {
    title: file.title,
    keyLog: file.keyLog,
    segments: file.segments ?? conversation(file.conversation ?? '').segments,
  };
}

function trackDecrypted(
  { segments, keyLog }: Recording,
  cut: Cut = WHOLE,
): { readonly facts: readonly Fact[]; readonly decryptor: TlsDecryptor } {
  const facts: Fact[] = [
    { kind: 'tcp-connect', at: 0 },
    { kind: 'tcp-accepted', at: 0 },
  ];
  const tracker = new Tracker((fact) => facts.push(fact));
  const decryptor = new TlsDecryptor(keySource(keyLog.join('\n')));
  const feed = new DecryptingFeed(tracker, decryptor);
  for (const [packet, segment] of segments.entries()) {
    if ('end' in segment) {
      tracker.end(segment.by, segment.at, segment.end);
      continue;
    }
    for (const piece of cut(fromHex(segment.hex))) {
      feed.bytes(segment.by, segment.at, piece, packet);
    }
  }
  tracker.finish();
  return { facts, decryptor };
}

/** What was inside TLS, in one line each. */
function insideOf(facts: readonly Fact[]): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    if (fact.kind === 'tls-secured') lines.push(`secured ${fact.version} ${fact.source}`);
    if (fact.kind !== 'message') continue;
    const { by, message } = fact;
    switch (message.type) {
      case 'ts-request':
        lines.push(`${by} ts-request ${message.version} ${message.carries.join('+')}`);
        break;
      case 'tls-alert':
        if (message.description !== null) lines.push(`${by} alert ${message.description.name}`);
        break;
      case 'mcs-connect-initial':
      case 'mcs-connect-response':
        lines.push(`${by} ${message.type}`);
        break;
      default:
    }
  }
  return lines;
}

/** FreeRDP puts the nonce into every message, the server's answers included. */
const NTLM = [
  'client ts-request 6 ntlm-negotiate+client-nonce',
  'server ts-request 6 ntlm-challenge+client-nonce',
  'client ts-request 6 ntlm-authenticate+pub-key-auth+client-nonce',
];

const LOGGED_ON = [
  ...NTLM,
  'server ts-request 6 pub-key-auth+client-nonce',
  'client ts-request 6 auth-info+client-nonce',
  'client mcs-connect-initial',
];

const ANSWERED = ['client mcs-connect-initial', 'server mcs-connect-response'];

/**
 * What happened, from the set-up of each server and its client's own log; what the messages held,
 * as tshark decrypts them with the same keys.
 */
const TRUTH: Readonly<Record<string, readonly string[]>> = {
  'freerdp-shadow-nla-tls13': ['secured TLSv1.3 keys', ...LOGGED_ON, 'server mcs-connect-response'],
  'freerdp-shadow-nla-tls12': ['secured TLSv1.2 keys', ...LOGGED_ON, 'server mcs-connect-response'],
  'freerdp-shadow-nla-wrong-password': [
    'secured TLSv1.3 keys',
    ...NTLM,
    'server alert close_notify',
    'client alert close_notify',
  ],
  'freerdp-shadow-killed-after-pubkeyauth': [
    'secured TLSv1.3 keys',
    ...LOGGED_ON,
    'client alert close_notify',
  ],
  'freerdp-shadow-killed-after-tls': [
    'secured TLSv1.3 keys',
    'client mcs-connect-initial',
    'client alert close_notify',
  ],
  'xrdp-tls12': ['secured TLSv1.2 keys', ...ANSWERED],
  'xrdp-tls13': ['secured TLSv1.3 keys', ...ANSWERED],
  'xrdp-certificate-refused': ['secured TLSv1.3 keys', 'client alert close_notify'],
};

t.test('every recording has its truth', (t) => {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
  t.strictSame(names.sort(), Object.keys(TRUTH).sort());
  t.end();
});

/** Facts as JSON, without the times and packets that depend on how the bytes were cut. */
function withoutTimes(facts: readonly Fact[]): readonly unknown[] {
  return facts.map((fact) => JSON.parse(JSON.stringify({ ...fact, at: 0, startAt: 0 })));
}

function randomCut(seed: number): Cut {
  const random = seededRandom(seed);
  return (bytes) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + (random() % 400);
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    return pieces;
  };
}

for (const [name, truth] of Object.entries(TRUTH)) {
  const recorded = recording(name);
  t.test(recorded.title, (t) => {
    const { facts, decryptor } = trackDecrypted(recorded);
    t.strictSame(insideOf(facts), truth);
    t.strictSame(decryptor.state, { name: 'decrypting' });
    t.equal(decryptor.unverified, 0);
    for (const cut of [BYTE_BY_BYTE, randomCut(1), randomCut(2)]) {
      t.strictSame(withoutTimes(trackDecrypted(recorded, cut).facts), withoutTimes(facts));
    }
    t.end();
  });
}

t.test('what a live probe would tell', (t) => {
  const { facts } = trackDecrypted(recording('freerdp-shadow-nla-tls13'));
  const secured = facts.find((fact) => fact.kind === 'tls-secured');
  t.match(secured, {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    group: 'x25519',
    source: 'keys',
    certificates: [{ readable: true, subject: 'CN=rdplab.test' }],
  });
  const handshake = handshakeOf(facts);
  t.strictSame(
    handshake.stages.map(({ stage, status }) => `${stage} ${status}`),
    [
      'resolve not-applicable',
      'tcp completed',
      'x224 completed',
      'tls completed',
      'credssp completed',
      'mcs completed',
    ],
  );
  t.equal(handshake.tls?.decrypted, true);
  t.match(handshake.credssp?.ntlm, { netbiosComputerName: /./ });
  t.end();
});

t.test('the same conversations without keys: hidden, and nothing invented', (t) => {
  for (const name of Object.keys(TRUTH)) {
    const { facts, decryptor } = trackDecrypted({ ...recording(name), keyLog: [] });
    t.strictSame(insideOf(facts), [], name);
    t.strictSame(decryptor.state, { name: 'no-keys' });
  }
  t.end();
});

t.test('bytes that are neither TPKT nor TLS go to the tracker alone', (t) => {
  const { facts, decryptor } = trackDecrypted({ ...conversation('ssh-banner'), keyLog: [] });
  t.ok(facts.some(({ kind }) => kind === 'foreign'));
  t.strictSame(decryptor.state, { name: 'waiting' });
  t.end();
});

t.test('a gap ends the reading of its side in tracker and decryptor', (t) => {
  const { segments, keyLog } = recording('freerdp-shadow-nla-tls13');
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  const decryptor = new TlsDecryptor(keySource(keyLog.join('\n')));
  const feed = new DecryptingFeed(tracker, decryptor);
  let client = 0;
  for (const segment of segments) {
    if ('end' in segment) continue;
    if (segment.by === 'client') client++;
    const lost: Side | null = client === 4 && segment.by === 'client' ? 'client' : null;
    if (lost !== null) feed.gap(lost, segment.at, segment.hex.length / 2);
    else feed.bytes(segment.by, segment.at, fromHex(segment.hex));
  }
  t.strictSame(insideOf(facts).slice(0, 3), [
    'secured TLSv1.3 keys',
    'server ts-request 6 ntlm-challenge+client-nonce',
    'server ts-request 6 pub-key-auth+client-nonce',
  ]);
  t.ok(facts.some(({ kind }) => kind === 'gap'));
  t.strictSame(decryptor.state, { name: 'failed', reason: 'bytes of the client are missing' });
  t.end();
});

t.test('no secret reaches the facts', (t) => {
  for (const name of Object.keys(TRUTH)) {
    const recorded = recording(name);
    const text = JSON.stringify(trackDecrypted(recorded).facts);
    for (const line of recorded.keyLog) {
      t.notOk(text.includes(line.split(' ')[2] ?? line), line.slice(0, 30));
    }
    t.notMatch(text, /Passw0rd/);
  }
  t.end();
});
