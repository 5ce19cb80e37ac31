import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { makeHelloMaterial } from '../../src/probe/hello-material.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../src/probe/settings.js';
import type { Cut } from '../../src/simulator/memory-link.js';
import type { Scenario, Step } from '../../src/simulator/scenario.js';
import { toHex } from '../../src/wire/hex.js';
import type { OwnHello } from '../../src/wire/own-hello.js';
import { conversation } from '../support/conversations.js';
import { type Run, runInMemory, runOverLoopback } from '../support/scenario-run.js';
import { RFC8448_HELLO_RETRY_REQUEST } from '../vectors/tls.js';

const HELLO: OwnHello = {
  recordVersion: 0x0301,
  legacyVersion: 0x0303,
  sessionIdBytes: 32,
  cipherSuites: [0x1301, 0xc02f, 0x002f],
  compressionMethods: [0],
  extensions: [
    { extension: 'server_name' },
    { extension: 'supported_versions', versions: [0x0304, 0x0303] },
    { extension: 'supported_groups', groups: [0x001d] },
    { extension: 'key_share', groups: [0x001d] },
    { extension: 'signature_algorithms', schemes: [0x0804, 0x0401] },
  ],
};

const SETTINGS: ProbeSettings = {
  ...DEFAULT_SETTINGS,
  tlsOffer: { kind: 'own-hello', hello: HELLO },
};

/** What the server of a recorded conversation sent, by its number among the server's segments. */
function recorded(name: string, index: number): string {
  const said = conversation(name).segments.filter(({ by }) => by === 'server');
  const segment = said[index];
  if (segment === undefined || !('hex' in segment)) throw new Error(`${name} has no ${index}`);
  return segment.hex;
}

const CONFIRM: Step = {
  do: 'send-message',
  message: {
    is: 'connection-confirm',
    selectedProtocol: 1,
    flags: 0,
  },
};

function server(...steps: readonly Step[]): Scenario {
  return {
    name: 'test',
    title: 'test',
    listed: false,
    steps: [
      { do: 'expect', what: 'connection-request' },
      CONFIRM,
      { do: 'expect', what: 'client-hello' },
      ...steps,
    ],
  };
}

function messagesOf({ facts }: Run): readonly string[] {
  return facts.flatMap((fact) => {
    if (fact.kind === 'answered') return ['answered'];
    if (fact.kind === 'tcp-end') return [`${fact.by} ${fact.how}`];
    if (fact.kind === 'silence') return ['silence'];
    if (fact.kind !== 'message') return [];
    const { message } = fact;
    return [message.type === 'tls-handshake' ? message.name : message.type];
  });
}

const CUTS: readonly Cut[] = ['whole', 'bytes', { seed: 7 }];

t.test('up to TLS 1.2 the flight is waited for to its end', async (t) => {
  for (const cut of CUTS) {
    const scenario = server({ do: 'send', hex: recorded('xrdp-tls12', 1) }, { do: 'stall' });
    const run = await runInMemory(scenario, SETTINGS, cut);
    t.strictSame(messagesOf(run), [
      'x224-request',
      'x224-confirm',
      'tls-client-hello',
      'tls-server-hello',
      'tls-certificate',
      'server-key-exchange',
      'server-hello-done',
      'answered',
      'client fin',
      'server fin',
    ]);
    const { outcome, stages } = run.handshake;
    t.equal(outcome.status, 'ok');
    t.equal(stages.find(({ stage }) => stage === 'tls')?.status, 'not-attempted');
    t.match(outcome.detail, /answered the ClientHello/);
  }
});

t.test('a HelloRetryRequest is an answer', async (t) => {
  const bytes = RFC8448_HELLO_RETRY_REQUEST.replace(/\s/g, '');
  const record = `160303${(bytes.length / 2).toString(16).padStart(4, '0')}${bytes}`;
  const run = await runInMemory(server({ do: 'send', hex: record }), SETTINGS, 'whole');
  t.strictSame(messagesOf(run).slice(3), [
    'tls-server-hello',
    'answered',
    'client fin',
    'server fin',
  ]);
});

t.test('an alert, an end and a reset are what they are', async (t) => {
  const alert = await runInMemory(
    server({ do: 'send-message', message: { is: 'tls-alert', description: 70 } }),
    SETTINGS,
    'whole',
  );
  t.strictSame(messagesOf(alert).slice(2), [
    'tls-client-hello',
    'tls-alert',
    'client fin',
    'server fin',
  ]);
  t.equal(alert.handshake.outcome.failedAt, 'tls');
  t.equal(alert.handshake.outcome.how, 'alert');
  const closed = await runInMemory(server({ do: 'close', closeNotify: false }), SETTINGS, 'whole');
  t.strictSame(messagesOf(closed).slice(3), ['server fin', 'client fin']);
  const reset = await runOverLoopback(server({ do: 'reset' }), SETTINGS);
  t.strictSame(messagesOf(reset).slice(3), ['server reset']);
  t.equal(reset.handshake.outcome.how, 'reset');
});

t.test('a flight that stops in its middle is silence', async (t) => {
  const flight = recorded('xrdp-tls12', 1);
  const settings = { ...SETTINGS, stageLimitsMs: stageLimits(5000, { tls: 50 }) };
  const run = await runInMemory(
    server({ do: 'send', hex: flight.slice(0, 400) }, { do: 'stall' }),
    settings,
    'whole',
  );
  t.ok(messagesOf(run).includes('silence'));
  t.notOk(messagesOf(run).includes('answered'));
  t.equal(run.handshake.outcome.how, 'timeout');
});

function helloWith(groups: readonly number[]): OwnHello {
  return { ...HELLO, extensions: [{ extension: 'key_share', groups }] };
}

t.test('key shares that a peer can go on with', (t) => {
  const groups = [0x0017, 0x0018, 0x0019, 0x001d, 0x001e, 0x11eb, 0x11ec, 0x4a4a];
  const { keyShares, random, sessionId } = makeHelloMaterial(helloWith(groups), 'srv01');
  t.equal(random.length, 32);
  t.equal(sessionId.length, 32);
  t.strictSame([...keyShares.keys()], groups);
  t.strictSame(
    groups.map((group) => keyShares.get(group)?.length),
    [65, 97, 133, 32, 56, 1249, 1216, 1],
  );
  const x25519 = keyShares.get(0x001d) ?? new Uint8Array();
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(x25519).toString('base64url') },
    format: 'jwk',
  });
  const { privateKey } = generateKeyPairSync('x25519');
  t.equal(diffieHellman({ privateKey, publicKey }).length, 32);
  // FIPS 203 section 7.2: two coefficients in three bytes, each below the modulus.
  const hybrid = keyShares.get(0x11ec) ?? new Uint8Array();
  for (let at = 0; at < 1152; at += 3) {
    const [low = 0, middle = 0, high = 0] = hybrid.subarray(at, at + 3);
    const pair = [low | ((middle & 0x0f) << 8), (middle >> 4) | (high << 4)];
    if (pair.some((value) => value >= 3329)) t.fail(`${pair.join(' and ')} at ${at}`);
  }
  t.not(
    toHex(hybrid),
    toHex(makeHelloMaterial(helloWith([0x11ec]), null).keyShares.get(0x11ec) ?? new Uint8Array()),
  );
  t.throws(() => makeHelloMaterial(helloWith([0x0100]), null), RangeError);
  t.end();
});
