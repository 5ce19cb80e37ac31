import t from 'tap';
import type { Handshake } from '../../src/handshake/handshake.js';
import type { Fact, Side } from '../../src/handshake/trace.js';
import { Tracker } from '../../src/handshake/tracker.js';
import { fromHex } from '../../src/wire/hex.js';
import {
  BYTE_BY_BYTE,
  type Cut,
  conversations,
  handshakeOf,
  type Segment,
  track,
  WHOLE,
} from '../support/conversations.js';
import { mutated, seededRandom } from '../support/wire-vectors.js';

/** Facts as JSON, without the times that depend on how the bytes were cut. */
function withoutTimes(facts: readonly Fact[]): readonly unknown[] {
  return facts.map((fact) =>
    JSON.parse(JSON.stringify(fact, (key, value) => (/^(startAt|at)$/.test(key) ? 0 : value))),
  );
}

/** The course of a handshake in one line. */
function courseOf({ stages, outcome }: Handshake): string {
  const visible = stages.filter(({ status }) => status !== 'not-applicable');
  return [
    ...visible.map(({ stage, status }) => `${stage} ${status}`),
    [outcome.status, outcome.failedAt, outcome.how, outcome.by].filter(Boolean).join(' '),
  ].join(', ');
}

/** What is known of each conversation from the server's set-up and from its client's own log. */
const TRUTH: Readonly<Record<string, readonly [course: string, facts: Record<string, unknown>]>> = {
  'freerdp-shadow-failure-1': [
    'tcp completed, x224 failed, tls not-reached, credssp not-reached, mcs not-reached, failed x224 negotiation-failure server',
    { failure: 'SSL_REQUIRED_BY_SERVER', requested: [] },
  ],
  'freerdp-shadow-failure-2': [
    'tcp completed, x224 failed, tls not-reached, credssp not-reached, mcs not-reached, failed x224 negotiation-failure server',
    { failure: 'SSL_NOT_ALLOWED_BY_SERVER', requested: ['PROTOCOL_SSL'] },
  ],
  'freerdp-shadow-failure-5': [
    'tcp completed, x224 failed, tls not-reached, credssp not-reached, mcs not-reached, failed x224 negotiation-failure server',
    { failure: 'HYBRID_REQUIRED_BY_SERVER', requested: ['PROTOCOL_SSL'] },
  ],
  'freerdp-shadow-killed-after-pubkeyauth': [
    'tcp completed, x224 completed, tls completed, credssp hidden, mcs hidden, incomplete',
    { selected: 'PROTOCOL_HYBRID', version: 'TLSv1.3' },
  ],
  'freerdp-shadow-killed-at-client-hello': [
    'tcp completed, x224 completed, tls failed, credssp not-reached, mcs not-reached, failed tls closed server',
    { selected: 'PROTOCOL_HYBRID', version: null },
  ],
  'freerdp-shadow-nla-tls12': [
    'tcp completed, x224 completed, tls completed, credssp hidden, mcs hidden, incomplete',
    { selected: 'PROTOCOL_HYBRID', version: 'TLSv1.2', subject: 'CN=rdplab.test' },
  ],
  'freerdp-shadow-nla-tls13': [
    'tcp completed, x224 completed, tls completed, credssp hidden, mcs hidden, incomplete',
    { selected: 'PROTOCOL_HYBRID', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  ],
  'freerdp-shadow-rc4': [
    'tcp completed, x224 completed, mcs completed, ok',
    { selected: 'PROTOCOL_RDP', encryption: 'ENCRYPTION_METHOD_128BIT', rdpVersion: '10.7' },
  ],
  'ssh-banner': [
    'tcp completed, x224 failed, tls not-reached, credssp not-reached, mcs not-reached, failed x224 not-rdp server',
    { kind: 'not-rdp', protocol: 'SSH' },
  ],
  'xrdp-failure-3': [
    'tcp completed, x224 failed, tls not-reached, credssp not-reached, mcs not-reached, failed x224 negotiation-failure server',
    { failure: 'SSL_CERT_NOT_ON_SERVER' },
  ],
  'xrdp-standard-rdp-security': [
    'tcp completed, x224 completed, mcs completed, ok',
    { kind: 'none-negotiated', encryption: 'ENCRYPTION_METHOD_128BIT', rdpVersion: '5.0-8.1' },
  ],
  'xrdp-tls10-alert': [
    'tcp completed, x224 completed, tls failed, mcs not-reached, failed tls alert client',
    { selected: 'PROTOCOL_SSL', version: 'TLSv1.0', alert: 'protocol_version' },
  ],
  'xrdp-tls12': [
    'tcp completed, x224 completed, tls completed, mcs hidden, incomplete',
    { selected: 'PROTOCOL_SSL', version: 'TLSv1.2', subject: 'CN=rdplab.test' },
  ],
  'xrdp-tls13': [
    'tcp completed, x224 completed, tls completed, mcs hidden, incomplete',
    { selected: 'PROTOCOL_SSL', version: 'TLSv1.3' },
  ],
};

function factsOf({ x224, tls, mcs }: Handshake): Record<string, unknown> {
  return {
    kind: x224.response.kind,
    protocol: x224.response.protocol,
    requested: x224.request?.requestedProtocols?.names ?? [],
    selected: x224.response.selectedProtocol?.name ?? null,
    failure: x224.response.failure?.name ?? null,
    version: tls.version,
    cipher: tls.cipher,
    alert: tls.alert?.name ?? null,
    subject: tls.certificates[0]?.subject ?? null,
    encryption: mcs.encryptionMethod?.name ?? null,
    rdpVersion: mcs.rdpVersion,
  };
}

t.test('conversations with real servers are read as what they were', (t) => {
  const recorded = conversations();
  t.strictSame(
    recorded.map(({ name }) => name),
    Object.keys(TRUTH),
    'each recording has its truth',
  );
  for (const { name, title, segments } of recorded) {
    const [course, facts] = TRUTH[name] ?? ['', {}];
    const handshake = handshakeOf(track(segments));
    t.equal(courseOf(handshake), course, title);
    t.match(factsOf(handshake), facts, title);
  }
  t.end();
});

t.test('how the bytes are cut changes no fact', (t) => {
  const random = seededRandom(8);
  const anyhow: Cut = (bytes) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const next = at + 1 + (random() % 40);
      pieces.push(bytes.subarray(at, next));
      at = next;
    }
    return pieces;
  };
  for (const { name, segments } of conversations()) {
    const whole = withoutTimes(track(segments, WHOLE));
    t.strictSame(withoutTimes(track(segments, BYTE_BY_BYTE)), whole, `${name}, byte by byte`);
    t.strictSame(withoutTimes(track(segments, anyhow)), whole, `${name}, in pieces`);
    t.strictSame(withoutTimes(track(mergeNeighbours(segments))), whole, `${name}, in one`);
  }
  t.end();
});

/** Segments of one side that follow each other, as one. */
function mergeNeighbours(segments: readonly Segment[]): readonly Segment[] {
  const merged: Segment[] = [];
  for (const segment of segments) {
    const last = merged.at(-1);
    if (last !== undefined && 'hex' in last && 'hex' in segment && last.by === segment.by) {
      merged[merged.length - 1] = { ...last, hex: last.hex + segment.hex };
    } else {
      merged.push(segment);
    }
  }
  return merged;
}

t.test('each message carries when its first and its last byte came', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  const request = fromHex('030000130ee000000000000100080003000000');
  tracker.bytes('client', 100, request.subarray(0, 5));
  tracker.bytes('client', 250, request.subarray(5));
  t.match(facts, [{ kind: 'message', startAt: 100, at: 250, bytes: 19 }]);
  t.end();
});

t.test('a stop in the middle of a message tells how much of it had come', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1, fromHex('030000130ee000000000000100080003000000'));
  tracker.bytes('server', 2, fromHex('030000130ed000'));
  tracker.silence(10_000_000, 'server', 10_000);
  t.match(facts.at(-1), { kind: 'silence', stage: 'x224', partialBytes: 7, waitedMs: 10_000 });
  t.end();
});

t.test('messages from the wrong side and after a refusal are told as unexpected', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1, fromHex('0300000b06d00000123400'));
  tracker.bytes('client', 2, fromHex('030000130ee000000000000100080003000000'));
  tracker.bytes('server', 3, fromHex('030000130ed000001234000300080002000000'));
  tracker.bytes('server', 4, fromHex('0300000b06d00000123400'));
  t.match(facts, [
    { kind: 'unexpected', by: 'client', what: 'x224-confirm from the client' },
    { kind: 'message', message: { type: 'x224-request' } },
    { kind: 'message', message: { type: 'x224-confirm', negotiation: { kind: 'failure' } } },
    { kind: 'unexpected', by: 'server', what: 'x224-confirm after the negotiation was refused' },
  ]);
  t.equal(tracker.phase.name, 'refused');
  t.end();
});

t.test('missing bytes hide what follows them on that side, up to the next message', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1, fromHex('030000130ee000000000000100080003000000'));
  tracker.gap('server', 2, 19);
  tracker.bytes('server', 3, fromHex('05d0000012340002'));
  tracker.bytes('client', 4, fromHex('15030300020246'));
  tracker.bytes('server', 5, fromHex('16030300040e000000'));
  tracker.gap('server', 6, 100);
  // As long as a whole message, but what it says does not add up: it is encrypted.
  tracker.bytes('server', 7, fromHex('160303000600000000a1b2'));
  t.match(facts, [
    { kind: 'message', by: 'client' },
    { kind: 'gap', by: 'server' },
    { kind: 'message', by: 'client', message: { type: 'tls-alert' } },
    { kind: 'message', by: 'server', message: { name: 'server-hello-done' } },
    { kind: 'gap', by: 'server' },
    { kind: 'tls-record', by: 'server', contentType: { name: 'handshake' } },
  ]);
  t.equal(facts.length, 6);
  t.end();
});

t.test('other protocols are named by their first bytes', (t) => {
  const cases: readonly (readonly [hex: string, protocol: string | null])[] = [
    [Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n').toString('hex'), 'SSH'],
    [Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex'), 'HTTP'],
    [Buffer.from('RFB 003.008\n').toString('hex'), 'VNC'],
    [Buffer.from('220 mail.example ESMTP ready\r\n').toString('hex'), 'SMTP'],
    ['15030100020246', 'TLS'],
    ['4a0000000a382e302e333600', 'MySQL'],
    ['0300000000030183 01', 'Modbus'],
    ['fffd18fffd20', 'Telnet'],
    ['deadbeef', null],
  ];
  for (const [hex, protocol] of cases) {
    for (const cut of [WHOLE, BYTE_BY_BYTE]) {
      const facts = track([{ by: 'server', at: 5, hex }], cut);
      t.match(facts.at(-1), { kind: 'foreign', by: 'server', protocol }, protocol ?? 'unknown');
    }
  }
  t.end();
});

t.test('a server that sends the request back is an echo', (t) => {
  const request = '030000130ee000000000000100080003000000';
  for (const cut of [WHOLE, BYTE_BY_BYTE]) {
    const facts = track(
      [
        { by: 'client', at: 1, hex: request },
        { by: 'server', at: 5, hex: request },
        { by: 'server', at: 6, hex: request },
      ],
      cut,
    );
    t.same(
      facts.map((fact) => (fact.kind === 'foreign' ? [fact.by, fact.protocol] : fact.kind)),
      ['tcp-connect', 'tcp-accepted', 'message', ['server', 'Echo']],
    );
    const other = request.replace(/03000000$/, '01000000');
    t.match(
      track(
        [
          { by: 'client', at: 1, hex: request },
          { by: 'server', at: 5, hex: other },
        ],
        cut,
      ).at(-1),
      { kind: 'unexpected', what: 'x224-request from the server' },
      'another request is no echo',
    );
  }
  t.end();
});

t.test('a malformed message ends the reading of that side, with what was wrong', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1, fromHex('030000130ee000000000000100080003000000'));
  tracker.bytes('server', 2, fromHex('030000130ed000001234000200070002000000'));
  tracker.bytes('server', 3, fromHex('030000130ed000001234000200080002000000'));
  t.match(facts.slice(1), [
    { kind: 'malformed', by: 'server', at: 2, layer: 'x224', problem: /RDP_NEG_RSP.length/ },
  ]);
  t.equal(facts.length, 2);
  t.end();
});

/** CI runs more: see .ci/run. */
const ROUNDS = Number(process.env['RDP_PROBE_FUZZ'] ?? 4_000);

t.test(`whatever the bytes and however they are cut: facts, never an error (${ROUNDS})`, (t) => {
  const random = seededRandom(20_261_121);
  const recorded = conversations().map(({ segments }) => segments);
  const samples = recorded.flatMap((segments) =>
    segments.flatMap((segment) => ('hex' in segment ? [fromHex(segment.hex)] : [])),
  );
  const plaintexts = [
    '3037a003020106a130302e302ca02a04284e544c4d535350000100000037820 8e2000000000000000000000000000000000a00639700 00000f',
    '300da003020106a40602040c0000 6d',
    '00000000',
    '0300000902f0802180',
  ].map((hex) => fromHex(hex));
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let facts = 0;
  let largest = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      let own = 0;
      const tracker = new Tracker((fact) => {
        own++;
        JSON.stringify(fact);
      });
      const script = recorded[random() % recorded.length] ?? [];
      for (const segment of script.slice(0, random() % 14)) {
        const at = round;
        if ('end' in segment) {
          tracker.end(segment.by, at, segment.end);
          continue;
        }
        const side: Side = random() % 16 === 0 ? 'server' : segment.by;
        const good = fromHex(segment.hex);
        const bytes = random() % 3 === 0 ? mutated([good, ...samples], random) : good;
        const cut = random() % (bytes.length + 1);
        tracker.bytes(side, at, bytes.subarray(0, cut));
        tracker.bytes(side, at, bytes.subarray(cut));
        if (random() % 8 === 0) tracker.plaintext(side, at, mutated(plaintexts, random));
        if (random() % 64 === 0) tracker.gap(side, at, 1);
      }
      tracker.silence(round, 'server', 1);
      facts += own;
      largest = Math.max(largest, own);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  t.ok(facts > ROUNDS, `${facts} facts`);
  t.ok(largest < 300, `at most ${largest} facts in one conversation`);
  t.end();
});

t.test('a peer that talks for ever is cut off and told, and fills no memory', (t) => {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1, fromHex('030000130ee000000000000100080003000000'));
  tracker.bytes('server', 2, fromHex('030000130ed000001234000200080001000000'));
  const warning = fromHex('15030300020164');
  for (let round = 0; round < 20_000; round++) tracker.bytes('server', round, warning);
  t.equal(facts.length, 1001, 'the list of facts is bounded');
  t.match(facts.at(-1), { kind: 'flood', by: 'server', bytes: 7012 });
  t.equal(tracker.partialBytes('server'), 0);
  t.end();
});
