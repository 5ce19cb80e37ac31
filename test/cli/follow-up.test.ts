import { join } from 'node:path';
import t, { type Test } from 'tap';
import { liveProbe } from '../../src/cli/live-probe.js';
import type { Diagnosis, Finding } from '../../src/diagnose/finding.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { MAX_FOLLOW_UPS } from '../../src/scan/follow-up.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { startTls } from '../../src/simulator/scenario-parts.js';
import { toHex } from '../../src/wire/hex.js';
import { decodeNegotiationRequest } from '../../src/wire/negotiation.js';
import { changingServer, type Opening } from '../support/changing-server.js';
import { run } from '../support/cli.js';
import { assertMatchesSchema } from '../support/schema.js';

/*
 * Whole runs of check against servers on loopback that fail in ways that one handshake cannot tell
 * apart. A server that never answers is waited for 300 ms: the others answer far sooner.
 */

interface Checked {
  readonly diagnosis: Diagnosis;
  /** the first one */
  readonly decisive: Handshake;
  readonly followUps: readonly Handshake[];
  readonly openings: readonly Opening[];
}

async function check(
  t: Test,
  choose: (opening: Opening) => string | Scenario,
  ...options: readonly string[]
): Promise<Checked> {
  const server = await changingServer(t, choose);
  const saved = join(t.testdir(), 'saved.pcapng');
  const saving = ['--save', saved, '--capture-with', 'none'];
  const argv = ['check', `127.0.0.1:${server.port}`, '--json', ...saving, ...options];
  const { stdout } = await run(argv, { probe: liveProbe('none') });
  const report = JSON.parse(stdout);
  const replayed = JSON.parse((await run(['replay', saved, '--json'])).stdout);
  t.strictSame(told(replayed), told(report), 'saved and replayed it tells the same');
  assertMatchesSchema(t, report);
  const [decisive, ...followUps] = report.handshakes as Handshake[];
  const [diagnosis] = report.diagnoses as Diagnosis[];
  if (decisive === undefined || diagnosis === undefined) throw new Error('no report');
  t.equal(decisive.purpose, 'verdict');
  t.same(
    [...new Set(followUps.map(({ purpose }) => purpose))],
    followUps.length > 0 ? ['follow-up'] : [],
  );
  t.ok(followUps.every(({ reason }) => /^whether /.test(reason ?? '')));
  t.ok(followUps.length <= MAX_FOLLOW_UPS, 'at most five connections in all');
  t.equal(server.openings.length, followUps.length + 1, 'each question is one connection');
  t.same(
    diagnosis.handshakes,
    report.handshakes.map(({ id }: Handshake) => id),
  );
  return { diagnosis, decisive, followUps, openings: server.openings };
}

/** What a report and one of its saved capture have in common. */
function told(report: {
  readonly handshakes: readonly Handshake[];
  readonly diagnoses: readonly Diagnosis[];
}): unknown {
  return {
    handshakes: report.handshakes.map(({ purpose, reason, outcome }) => ({
      purpose,
      reason,
      outcome: { ...outcome, detail: null },
    })),
    findings: report.diagnoses.map(({ findings }) =>
      findings.map(({ cause, certainty, evidence }) => ({
        cause,
        certainty,
        handshakes: evidence.map(({ handshake }) => handshake),
      })),
    ),
  };
}

function found({ diagnosis }: Checked, cause: string): Finding {
  const finding = diagnosis.findings.find((one) => one.cause === cause);
  if (finding === undefined) throw new Error(`no finding ${cause}`);
  return finding;
}

/** Ids of the handshakes that a finding points at. */
function cited(finding: Finding): readonly (number | null)[] {
  return finding.evidence.map(({ handshake }) => handshake);
}

/** As Windows, which takes a ClientHello in the place of the request. */
const DIRECT_TLS: Scenario = {
  name: 'direct-tls',
  title: 'TLS without the negotiation',
  listed: false,
  steps: [startTls()],
};

const QUICK = ['--timeout', '0.3', '--stage-timeout', 'tcp=10'];

/** requestedProtocols of an X.224 request; null: it has none, or is no request. */
function offerIn({ bytes }: Opening): number | null {
  if (bytes[0] !== 3) return null;
  return decodeNegotiationRequest(bytes.subarray(11)).negotiation?.requestedProtocols.value ?? null;
}

t.test('no ClientHello is answered: the key is what is left', async (t) => {
  const checked = await check(t, (opening) =>
    offerIn(opening) === 0 ? 'nla-required' : 'key-unreadable',
  );
  const { diagnosis, followUps, decisive } = checked;
  t.equal(decisive.outcome.how, 'reset');
  t.equal(followUps.length, 4);
  t.same(followUps[0]?.tls.clientHello?.versions, ['TLSv1.2']);
  t.same(followUps[1]?.tls.clientHello?.versions, ['TLSv1.0']);
  t.equal(followUps[2]?.x224.request?.requestedProtocols?.value, 0);
  t.equal(followUps[3]?.x224.request, null);
  const [best] = diagnosis.findings;
  t.match(best, { cause: 'private-key-acl-machinekeys', certainty: 'likely', against: [] });
  t.same(cited(found(checked, 'private-key-acl-machinekeys')), [0, 1, 2, 3]);
  t.match(found(checked, 'tls-cipher-mismatch').against, [
    /every ClientHello ends in the same way/,
  ]);
  t.match(diagnosis.verdict, /no ClientHello is answered, whatever it offers, although the server/);
  const plain = found(checked, 'private-key-acl-machinekeys').evidence.at(-1);
  t.match(plain?.says, /question 3: an offer without TLS: .*HYBRID_REQUIRED_BY_SERVER/);
});

t.test('the size of the ClientHello decides', async (t) => {
  const checked = await check(t, () => 'long-hello-refused');
  const [small, padded, again] = checked.followUps;
  t.equal(checked.followUps.length, 3);
  const first = checked.decisive.tls.clientHello?.bytes ?? 0;
  t.ok((small?.tls.clientHello?.bytes ?? 999) < 256);
  t.equal(padded?.tls.clientHello?.bytes, first, 'as large as the first');
  t.equal(again?.tls.clientHello?.bytes, first);
  t.equal(small?.outcome.status, 'ok');
  t.equal(small?.tls.certificates.length, 1);
  t.equal(padded?.outcome.how, 'reset');
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'large-clienthello-intolerant-path', certainty: 'likely' });
  t.match(best?.says, /of \d+ bytes is not answered, whatever is in it, and one of \d+ bytes is/);
  t.match(best?.against, [/a filter that counts bytes/], 'one thing it cannot be told from');
  t.same(cited(found(checked, 'large-clienthello-intolerant-path')), [0, 1, 2, 3]);
  const key = found(checked, 'private-key-acl-machinekeys');
  t.equal(key.certainty, 'possible');
  t.match(key.against, [/another ClientHello is answered with TLS/]);
  t.match(
    checked.diagnosis.verdict,
    /a smaller ClientHello is answered, the same one padded is not/,
  );
});

t.test('what newer clients offer decides', async (t) => {
  const checked = await check(t, () => 'new-hello-refused');
  t.equal(checked.followUps.length, 3);
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'large-clienthello-intolerant-path', certainty: 'likely' });
  t.match(best?.says, /TLS 1\.2 alone is answered, whatever its size/);
  t.match(
    checked.diagnosis.verdict,
    /a ClientHello of TLS 1\.2 alone is answered, whatever its size/,
  );
});

t.test('only TLS 1.0 is answered', async (t) => {
  const checked = await check(t, () => 'only-old-hello-answered');
  t.equal(checked.followUps.length, 3);
  t.equal(checked.followUps[1]?.tls.version, 'TLSv1.0');
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'tls-server-only-legacy', certainty: 'likely' });
  t.same(cited(found(checked, 'tls-server-only-legacy')), [0, 2, 1, 3]);
});

t.test('the negotiation is what something minds: TLS without it is answered', async (t) => {
  const checked = await check(t, ({ bytes }) => (bytes[0] === 22 ? DIRECT_TLS : 'key-unreadable'));
  t.equal(checked.followUps.length, 4);
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'middlebox-dpi-resets-rdp', certainty: 'likely' });
  t.same(cited(found(checked, 'middlebox-dpi-resets-rdp')), [0, 4, 1, 2, 3]);
  t.match(checked.diagnosis.verdict, /TLS without the request is answered/);
});

t.test('chance: a second try goes through, and what lasts is ruled out', async (t) => {
  for (const [bad, further] of [
    ['close-after-request', ['load-balancer-or-broker-token', 'rdp-connection-limit-or-drain']],
    ['silent-after-request', ['packet-loss-on-path', 'host-busy-or-out-of-memory']],
    ['close-after-ts-request', ['load-balancer-or-broker-token']],
  ] as const) {
    const checked = await check(
      t,
      ({ connection }) => (connection === 0 ? bad : 'healthy-windows'),
      ...QUICK,
    );
    t.equal(checked.followUps.length, 1, bad);
    t.equal(checked.followUps[0]?.outcome.status, 'ok', bad);
    t.equal(checked.decisive.outcome.status, 'failed', 'it stays the one that decides');
    t.match(checked.diagnosis.verdict, /^died in .*; a second try went through$/, bad);
    for (const cause of further) t.same(cited(found(checked, cause)).at(-1), 1, `${bad}: ${cause}`);
    const lasting = checked.diagnosis.findings.filter(({ against }) =>
      against.some((says) => /goes further when it is tried again/.test(says)),
    );
    t.ok(lasting.length > 0, bad);
    t.ok(
      lasting.every(({ certainty }) => certainty === 'possible'),
      bad,
    );
  }
});

t.test('silence after the request: again, with a cookie, without the request', async (t) => {
  const checked = await check(t, () => 'silent-after-request', ...QUICK);
  t.equal(checked.followUps.length, 3);
  t.equal(checked.followUps[1]?.x224.request?.cookie, 'mstshash=user');
  t.equal(checked.followUps[2]?.x224.request, null);
  t.match(checked.diagnosis.verdict, /3 more tries ended in the same way/);
  t.match(checked.diagnosis.findings[0]?.cause, 'termservice-hung');
});

t.test('a routing token that leads nowhere', async (t) => {
  const checked = await check(
    t,
    ({ bytes }) =>
      Buffer.from(bytes).includes('tsv://') ? 'close-after-request' : 'healthy-windows',
    '--load-balance-info',
    'tsv://MS Terminal Services Plugin.1.Gone',
  );
  t.equal(checked.followUps.length, 2);
  t.equal(checked.followUps[1]?.x224.request?.routingToken, null);
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'load-balancer-or-broker-token', certainty: 'likely' });
  t.match(best?.says, /With the routing token the request is not answered/);
  t.match(checked.diagnosis.verdict, /a request without cookie and routing token is answered/);
});

t.test('refused negotiations: the offer that the code asks for', async (t) => {
  const rows: readonly (readonly [
    offer: string,
    refused: string,
    accepted: string,
    asked: number,
    cause: string,
  ])[] = [
    ['ssl', 'nla-required', 'healthy-windows', 0x0b, 'nla-required-by-server'],
    ['hybrid', 'tls-required', 'healthy-tls-only', 0x01, 'tls-required-by-server'],
    ['hybrid', 'rdp-security-only', 'healthy-tls-only', 0x01, 'security-layer-rdp-only'],
    ['ssl,hybrid', 'rdp-security-only', 'rdp-security', 0x00, 'security-layer-rdp-only'],
    ['ssl,hybrid', 'no-certificate', 'rdp-security', 0x00, 'server-has-no-usable-certificate'],
  ];
  for (const [offer, refused, accepted, asked, cause] of rows) {
    const choose = (opening: Opening): string => (opening.connection === 0 ? refused : accepted);
    const checked = await check(t, choose, '--protocols', offer);
    const what = `${offer}: ${refused}`;
    t.equal(checked.followUps.length, 1, what);
    t.equal(checked.followUps[0]?.x224.request?.requestedProtocols?.value, asked, what);
    t.same(cited(found(checked, cause)), [0, 1], what);
    t.match(checked.diagnosis.verdict, /is accepted$/, what);
    const isDone = cause === 'nla-required-by-server' || cause === 'tls-required-by-server';
    t.equal(found(checked, cause).nextCheck === null, isDone, 'what was asked is not advised');
  }
  const contradiction = await check(t, () => 'nla-required');
  t.equal(contradiction.followUps.length, 1);
  t.match(contradiction.followUps[0]?.reason, /once more/);
});

t.test('alerts: old suites, and TLS 1.2 alone', async (t) => {
  const checked = await check(t, ({ connection }) =>
    connection === 0 ? 'tls-alert-handshake-failure' : 'tls10-only',
  );
  t.equal(checked.followUps.length, 1);
  t.equal(checked.followUps[0]?.tls.version, 'TLSv1.0');
  t.match(checked.diagnosis.verdict, /a ClientHello of TLS 1\.0 is answered/);
  const never = await check(t, () => 'tls-alert-handshake-failure');
  t.equal(never.followUps.length, 2);
});

t.test('a flight that does not arrive: is a short answer better off?', async (t) => {
  const checked = await check(
    t,
    ({ connection }) => (connection < 2 ? 'stall-mid-server-hello' : 'hello-retry'),
    ...QUICK,
  );
  t.equal(checked.followUps.length, 2);
  const [best] = checked.diagnosis.findings;
  t.match(best, { cause: 'mtu-pmtud-blackhole', certainty: 'likely' });
  t.same(cited(found(checked, 'mtu-pmtud-blackhole')).at(-1), 2);
});

t.test('silence after the ClientHello: a short answer, or an alert, arrives', async (t) => {
  const short = await check(
    t,
    ({ connection }) => (connection === 2 ? 'hello-retry' : 'silent-after-client-hello'),
    ...QUICK,
  );
  t.equal(short.followUps.length, 3);
  t.match(short.diagnosis.findings[0], { cause: 'mtu-pmtud-blackhole', certainty: 'likely' });
  t.match(short.diagnosis.verdict, /an answer that fits one small packet arrives/);
  const alert = await check(
    t,
    ({ connection }) =>
      connection < 2 ? 'silent-after-client-hello' : 'tls-alert-protocol-version',
    ...QUICK,
  );
  t.match(alert.diagnosis.findings[0], { cause: 'mtu-pmtud-blackhole', certainty: 'likely' });
  const never = await check(t, () => 'silent-after-client-hello', ...QUICK);
  t.equal(never.followUps.length, 4);
  t.match(never.diagnosis.verdict, /no ClientHello is answered, whatever it offers/);
});

t.test('CredSSP: again, and TLS without it', async (t) => {
  const checked = await check(t, (opening) =>
    offerIn(opening) === 1 ? 'healthy-tls-only' : 'close-after-ts-request',
  );
  t.equal(checked.followUps.length, 2);
  t.match(checked.diagnosis.verdict, /without NLA it goes through/);
  t.same(cited(found(checked, 'ntlm-blocked')).at(-1), 2);
});

t.test('where there is nothing to separate, nothing is asked', async (t) => {
  for (const scenario of ['healthy-windows', 'expired-certificate', 'ssh', 'credssp-error-code']) {
    t.equal((await check(t, () => scenario)).followUps.length, 0, scenario);
  }
  for (const scenario of ['key-unreadable', 'close-after-request']) {
    t.equal((await check(t, () => scenario, '--no-follow-up')).followUps.length, 0, scenario);
  }
});

t.test('a refused port is tried once more, a moment later', async (t) => {
  const { probed, stdout } = await run(['check', 'refused.example', '--json']);
  t.equal(probed.length, 2);
  t.equal(probed[1]?.afterMs, 1000);
  t.match(JSON.parse(stdout).diagnoses[0].verdict, /a second try ended in the same way/);
  for (const name of ['timeout', 'notFound', 'unreachable', 'ssh']) {
    t.equal((await run(['check', `${name}.example`, '--json'])).probed.length, 1, name);
  }
});

t.test('the name goes on, and the address is not looked up again', async (t) => {
  const { probed } = await run(['check', 'resetAfterClientHello.example', '--json']);
  t.equal(probed[0]?.target, 'resetAfterClientHello.example:3389');
  for (const { target, name } of probed.slice(1)) {
    t.equal(target, '10.0.0.2:3389');
    t.equal(name, 'resetAfterClientHello.example');
  }
});

t.test(
  'text: the questions and what came of them; the exit status counts the first alone',
  async (t) => {
    const server = await changingServer(t, () => 'long-hello-refused');
    const argv = ['check', `127.0.0.1:${server.port}`];
    const { stdout, status } = await run(argv, { probe: liveProbe('none') });
    t.equal(status, 1);
    t.match(stdout, /\nasked further\n1\. whether a small ClientHello/);
    t.match(stdout, /\n2\. whether the same ClientHello/);
    t.match(stdout, /question 2: the same ClientHello, padded/);
    t.equal((stdout.match(/\nfound\n/g) ?? []).length, 1, 'the further ones are not told in full');
  },
);

t.test('saved and replayed: every connection has the same facts', async (t) => {
  const server = await changingServer(t, () => 'long-hello-refused');
  const folder = t.testdir();
  const file = join(folder, 'run.pcapng');
  const live = await run(
    ['check', `127.0.0.1:${server.port}`, '--json', '--save', file, '--capture-with', 'none'],
    { probe: liveProbe('none') },
  );
  const report = JSON.parse((await run(['replay', file, '--json'])).stdout);
  const anonymous = join(folder, 'anonymous.pcapng');
  await run(['anonymise', file, anonymous]);
  const passedOn = JSON.parse((await run(['replay', anonymous, '--json'])).stdout);
  t.strictSame(told(passedOn), told(report), 'as it may be passed on it tells the same');
  const replayed = report.handshakes as Handshake[];
  const seen = JSON.parse(live.stdout).handshakes as Handshake[];
  t.equal(replayed.length, 4);
  for (const [index, one] of seen.entries()) {
    const other = replayed[index];
    t.same(other?.x224, one.x224, `${index}: the negotiation`);
    t.same(other?.tls.clientHello, one.tls.clientHello, `${index}: the ClientHello`);
    t.equal(other?.tls.version, one.tls.version, `${index}: the answer`);
    t.same(other?.tls.certificates, one.tls.certificates, `${index}: the certificate`);
    if (one.outcome.status === 'failed') t.same(other?.outcome.how, one.outcome.how);
  }
});

t.test('interrupted: no further question', async (t) => {
  const interruption = new AbortController();
  const server = await changingServer(t, () => 'key-unreadable');
  const live = liveProbe('none');
  let probes = 0;
  const { status } = await run(['check', `127.0.0.1:${server.port}`, '--json'], {
    signal: interruption.signal,
    probe: async (target, settings, request) => {
      const traces = await live(target, settings, request);
      if (++probes === 2) interruption.abort();
      return traces;
    },
  });
  t.equal(status, 130);
  t.equal(probes, 2);
});

t.test('what is sent is what was planned', async (t) => {
  const { openings } = await check(t, () => 'silent-after-request', ...QUICK);
  const [first, again, cookie, direct] = openings.map(({ bytes }) => toHex(bytes));
  t.equal(again, first);
  t.match(cookie, toHex(Uint8Array.from(Buffer.from('Cookie: mstshash=user\r\n'))));
  t.match(direct, /^1603/);
});
