import t from 'tap';
import { recordConversation } from '../../src/capture/conversation-record.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import type { RecordedConversation } from '../../src/simulator/recorded-conversation.js';
import { replayOf } from '../../src/simulator/replay.js';
import type { Step } from '../../src/simulator/scenario.js';
import { fromHex } from '../../src/wire/hex.js';
import { conversations, handshakeOf, type Segment, track } from '../support/conversations.js';
import {
  captureFile,
  captureNames,
  captureRecord,
  type ExpectedConnection,
} from '../support/recorded-captures.js';
import { runInMemory, runOverLoopback } from '../support/scenario-run.js';

/** Long enough for what is answered, short enough for what is not. */
const SETTINGS = { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(1500) };

/** Captures whose server asks for a client certificate: TLS is done anew, and asks for none. */
const ASKS_FOR_CERTIFICATE: ReadonlySet<string> = new Set([
  'tls-service-wants-client-certificate',
  'tls12-service-wants-client-certificate',
]);

/** What a probe without credentials must meet where a recorded client met this. */
function expectedOfProbe({ outcome, credssp }: ExpectedConnection): object | null {
  // A client that left tells nothing of its server; a sound one goes on.
  if (outcome.by === 'client') return null;
  const challenged = credssp !== undefined && credssp.version !== null;
  if (!challenged) return outcome;
  return { status: 'ok', reached: 'credssp', failedAt: null, how: null, by: null };
}

function certificateOf({ tls }: Handshake): unknown {
  const [certificate] = tls.certificates;
  if (certificate === undefined) return null;
  // Its key is another, and so are the signature and the digests.
  const { sha256, sha1, spkiSha256, ...same } = certificate;
  return same;
}

/** The group of the key exchange is not among them: which one it is depends on the client. */
function parametersOf({ tls: { version, cipher }, credssp, mcs }: Handshake): unknown {
  // Behind CredSSP a probe without credentials sees no MCS.
  const seen = credssp.version === null ? mcs : null;
  return { version, cipher, mcs: seen, credssp: [credssp.version, credssp.ntlm?.productVersion] };
}

function namesOf({ credssp: { ntlm } }: Handshake): unknown {
  if (ntlm === null) return null;
  const { netbiosComputerName, netbiosDomainName, dnsComputerName, dnsDomainName } = ntlm;
  return { netbiosComputerName, netbiosDomainName, dnsComputerName, dnsDomainName };
}

for (const name of captureNames('.pcapng')) {
  t.test(`the server of ${name} does to our probe what it did to its client`, async (t) => {
    for (const expected of captureRecord(name).expected) {
      const { stream } = expected;
      if (expected.stages.tcp !== 'completed') {
        await t.rejects(recordConversation(captureFile(name), { stream }), {
          code: 'CANNOT_READ',
          message: /stream \d+ of .* cannot be replayed: the server did not accept it/,
        });
        continue;
      }
      const record = await recordConversation(captureFile(name), { stream });
      // A further question was another one than that of our probe here.
      if ((record.trace.label?.purpose ?? 'verdict') !== 'verdict') continue;
      const recorded = toHandshake(record.trace, { id: 0, purpose: 'verdict', reason: null });
      const { scenario, replayed, recreated } = replayOf(record, 'full');
      t.ok(replayed.length > 0, 'something is as it was recorded');
      const { handshake } = await runOverLoopback(scenario, SETTINGS);
      const { detail: _, ...outcome } = handshake.outcome;
      const wanted = expectedOfProbe(expected);
      if (ASKS_FOR_CERTIFICATE.has(name)) {
        t.notSame(outcome, wanted, 'else it would be no exception');
        t.match(
          recreated.join(),
          /without the request for a certificate|alert 116: .* in its place/,
        );
      } else if (wanted !== null) t.strictSame(outcome, wanted, `stream ${stream}`);
      t.strictSame(handshake.x224.response, recorded.x224.response, 'the negotiation');
      if (handshake.tls.version !== null && recorded.tls.decrypted) {
        t.ok(recreated.some((what) => what.startsWith('TLS')));
        t.strictSame(certificateOf(handshake), certificateOf(recorded), 'the certificate');
      }
      if (recorded.outcome.status === 'ok') {
        t.strictSame(parametersOf(handshake), parametersOf(recorded), 'its parameters');
      }
      if (recorded.credssp.ntlm !== null) t.strictSame(namesOf(handshake), namesOf(recorded));
    }
  });
}

/** A recording without keys, as plain data that no capture was needed for. */
function withoutKeys(segments: readonly Segment[]): RecordedConversation {
  return {
    events: segments.map((segment) =>
      'end' in segment
        ? { kind: 'end', by: segment.by, at: segment.at, how: segment.end }
        : { kind: 'bytes', by: segment.by, at: segment.at, bytes: fromHex(segment.hex) },
    ),
    decrypted: false,
    certificates: [],
  };
}

/** Without keys the inside of TLS is a stand-in, up to where the shape of the records tells. */
const WITHOUT_KEYS: Readonly<Record<string, readonly [outcome: string, recreated: number]>> = {
  'freerdp-shadow-failure-1': ['failed at x224: negotiation-failure by server', 0],
  'freerdp-shadow-failure-2': ['failed at x224: negotiation-failure by server', 0],
  'freerdp-shadow-failure-5': ['failed at x224: negotiation-failure by server', 0],
  'freerdp-shadow-killed-after-pubkeyauth': ['ok after credssp', 3],
  'freerdp-shadow-killed-at-client-hello': ['failed at tls: closed by server', 0],
  'freerdp-shadow-nla-tls12': ['ok after credssp', 3],
  'freerdp-shadow-nla-tls13': ['ok after credssp', 3],
  'freerdp-shadow-rc4': ['ok after mcs', 0],
  'ssh-banner': ['failed at x224: not-rdp by server', 0],
  'xrdp-failure-3': ['failed at x224: negotiation-failure by server', 0],
  'xrdp-standard-rdp-security': ['ok after mcs', 0],
  'xrdp-tls10-alert': ['ok after mcs', 4],
  'xrdp-tls12': ['ok after mcs', 3],
  'xrdp-tls13': ['ok after mcs', 3],
};

t.test('recordings without keys', async (t) => {
  const all = conversations();
  t.strictSame(
    all.map(({ name }) => name),
    Object.keys(WITHOUT_KEYS),
  );
  for (const { name, segments } of all) {
    const { scenario, recreated } = replayOf(withoutKeys(segments), 'full');
    const { handshake } = await runInMemory(scenario, SETTINGS, 'whole');
    const { status, reached, failedAt, how, by } = handshake.outcome;
    const outcome =
      status === 'ok' ? `ok after ${reached}` : `${status} at ${failedAt}: ${how} by ${by}`;
    t.strictSame(
      [outcome, recreated.length],
      WITHOUT_KEYS[name],
      `${name}: ${recreated.join('; ')}`,
    );
    const recorded = handshakeOf(track(segments));
    t.strictSame(handshake.x224.response, recorded.x224.response, name);
    if (recorded.tls.version === null) continue;
    t.equal(handshake.tls.version, recorded.tls.version, name);
    t.equal(handshake.tls.cipher, recorded.tls.cipher, name);
  }
});

t.test('pauses as recorded, or none', async (t) => {
  const record = await recordConversation(captureFile('freerdp-failure-5-rtt-50ms'));
  const kinds = (steps: readonly Step[]): readonly string[] => steps.map((step) => step.do);
  t.strictSame(kinds(replayOf(record, 'full').scenario.steps), ['expect', 'send']);
  const { steps } = replayOf(record, 'recorded').scenario;
  t.strictSame(kinds(steps), ['expect', 'wait', 'send']);
  // tshark: packet 4 at 0.050157 s, packet 6 at 0.130681 s.
  const [, wait] = steps;
  t.equal(wait?.do === 'wait' ? wait.ms : 0, 81);
});

t.test('a scenario of a replay is plain data', async (t) => {
  const record = await recordConversation(captureFile('freerdp-nla-tls12-logon'));
  const { scenario } = replayOf(record, 'recorded');
  t.strictSame(JSON.parse(JSON.stringify(scenario)), scenario);
});
