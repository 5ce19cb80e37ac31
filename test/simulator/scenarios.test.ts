import t from 'tap';
import * as recorded from '../../src/simulator/recorded-bytes.js';
import { findScenario, SCENARIOS } from '../../src/simulator/scenarios.js';
import { encodeServerMessage } from '../../src/simulator/server-message.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeNtlm, productVersion } from '../../src/wire/ntlm.js';
import { frameTpkt } from '../../src/wire/tpkt.js';
import { decodeTsRequest } from '../../src/wire/ts-request.js';

t.test('names are kebab-case and unique, titles one short line', (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, title } of SCENARIOS) {
    t.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    t.match(title, /^.{10,100}$/);
    t.equal(findScenario(name)?.title, title);
  }
  t.equal(findScenario('healthy'), null);
  t.ok(SCENARIOS.filter(({ listed }) => listed).length >= 10);
  t.end();
});

t.test('every hex of a scenario is hex', (t) => {
  for (const { name, steps } of SCENARIOS) {
    for (const step of steps) {
      if (step.do === 'send' || step.do === 'flood') {
        t.ok(fromHex(step.hex).length > 0, `${name}: ${step.do}`);
      }
    }
  }
  t.end();
});

t.test('recorded messages are whole', (t) => {
  for (const [name, hex] of Object.entries(recorded)) {
    if (!/^(CONFIRM|FAILURE|MCS)_/.test(name)) continue;
    const bytes = fromHex(hex);
    t.strictSame(frameTpkt(bytes), { kind: 'frame', length: bytes.length }, name);
  }
  t.end();
});

t.test('messages from fields', (t) => {
  t.equal(
    toHex(encodeServerMessage({ is: 'connection-confirm', selectedProtocol: 8, flags: 0x1f }, 0)),
    recorded.CONFIRM_HYBRID_EX.replace(' ', ''),
    'as Windows sends it',
  );
  t.equal(
    toHex(encodeServerMessage({ is: 'negotiation-failure', failureCode: 2 }, 0)),
    recorded.FAILURE_SSL_NOT_ALLOWED.replace(' ', ''),
    'as Windows sends it',
  );
  t.equal(toHex(encodeServerMessage({ is: 'tls-alert', description: 40 }, 0)), '15030300020228');
  t.equal(
    toHex(encodeServerMessage({ is: 'x224-disconnect', reason: 136 }, 0)),
    '0300000b06800000000088',
  );
  t.equal(
    toHex(encodeServerMessage({ is: 'ts-request-error', version: 6, errorCode: 0xc000006d }, 0)),
    '300da003020106a4060204c000006d',
  );
  const now = Date.UTC(2026, 0, 1);
  const request = decodeTsRequest(
    encodeServerMessage(
      {
        is: 'ntlm-challenge',
        version: 6,
        wrapper: 'none',
        productVersion: [10, 0, 20348],
        clockAheadMs: 1000,
      },
      now,
    ),
  );
  const challenge = decodeNtlm(request.negoTokens?.[0] ?? new Uint8Array());
  if (challenge.kind !== 'challenge' || challenge.version === null) throw new Error('no challenge');
  t.equal(productVersion(challenge.version), '10.0.20348');
  const timestamp = challenge.targetInfo.find((pair) => pair.kind === 'timestamp');
  // 1 January 2026 and one second as a FILETIME: 11644473600 s from 1601 to 1970.
  t.equal(timestamp?.filetime, (11_644_473_600n + BigInt(now) / 1000n + 1n) * 10_000_000n);
  t.end();
});
