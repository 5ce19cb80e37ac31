import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import { probeCapture } from '../../src/capture/probe-capture.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { signalsOf } from '../../src/diagnose/signals.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Endpoint, HandshakeTrace } from '../../src/handshake/trace.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { type RecordedRun, recordScenario, recordTarget } from '../support/recorded-run.js';
import { expertFindings, needs, run } from '../support/tools.js';

/*
 * A live probe, saved as packets and read back as a capture, tells the same. Once over loopback for
 * every scenario; all connections go into one file, as `check --save` writes them.
 */

/** Longer than a dozen handshakes at a time take on a busy machine: only silent servers wait for it. */
const SETTINGS = { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(3200) };

/** Silent servers cost nothing but time. */
const AT_A_TIME = 12;

/** What was said inside TLS is read a moment after its bytes came, on a busy machine a long one. */
const MAX_SKEW_MS = 250;

async function recordAll(): Promise<ReadonlyMap<string, RecordedRun>> {
  const runs = new Map<string, RecordedRun>();
  const waiting: Scenario[] = [...SCENARIOS];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const host = runs.size % 3 === 0 ? '::1' : '127.0.0.1';
      runs.set(next.name, await recordScenario(next, SETTINGS, host));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const [refused] = await recordTarget({ host: '127.0.0.1', port: 1 }, SETTINGS);
  if (refused !== undefined) runs.set('a closed port', refused);
  return runs;
}

function handshakeOf(trace: HandshakeTrace): Handshake {
  return toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
}

function isSamePort(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port;
}

/** What must be the same. Times of single messages are not in it: TLS writes after it was asked. */
function tellings(handshake: Handshake): unknown {
  const { outcome, stages, x224, tls, credssp, mcs, tcp } = handshake;
  const { ntlm, ...exchange } = credssp;
  return {
    outcome: { ...outcome, detail: outcome.detail.replace(/\d+(\.\d+)? m?s/g, 'a while') },
    stages: stages.map(({ stage, status, roundTrips }) => ({ stage, status, roundTrips })),
    x224,
    // A live probe decrypts nothing: it is the endpoint.
    tls: { ...tls, decrypted: null },
    credssp: exchange,
    ntlm: ntlm === null ? null : { ...ntlm, clockSkewMs: null },
    mcs,
    signals: signalsOf([handshake], { path: null, scan: null }, Date.now()).map(
      ({ id, evidence }) => ({ id, shownBy: evidence.map((one) => one.handshake) }),
    ),
    end: { ...tcp.end, atMs: null },
  };
}

/** The findings, which must be the same but for the times that they tell. */
function findings(handshake: Handshake): readonly string[] {
  return diagnose('target', [handshake], Date.now()).findings.map(
    ({ cause, certainty, says, against }) =>
      [certainty, cause, says, ...against].join(' | ').replace(/\d+(\.\d+)? m?s/g, 'a while'),
  );
}

t.test('what is saved tells the same as what was seen', async (t) => {
  const runs = await recordAll();
  const capture = probeCapture(
    [...runs.values()].map((run) => ({ ...run, captured: null })),
    { version: 'test', withSecrets: true },
  );
  const file = join(t.testdir(), 'all.pcapng');
  writeFileSync(file, encodeCaptureFile(capture));
  const ports = [...runs.values()].map(({ trace }) => trace.server.port ?? 0);
  const { traces, problems } = await analyseCapture(file, { ports });
  t.same(problems, []);
  t.equal(traces.length, runs.size);

  for (const [name, { trace, recording }] of runs) {
    await t.test(name, async (t) => {
      const replayed = traces.find(
        ({ client, server }) =>
          isSamePort(client, recording.client) && isSamePort(server, trace.server),
      );
      if (replayed === undefined) throw new Error('its conversation was not found');
      const live = handshakeOf(trace);
      const saved = handshakeOf(replayed);
      t.same(tellings(saved), tellings(live));
      t.same(findings(saved), findings(live));
      t.same({ ...saved.tcp, end: null }, { ...live.tcp, end: null }, 'what the kernel told');
      const skews = [live, saved].map(({ credssp }) => credssp.ntlm?.clockSkewMs ?? 0);
      t.ok(Math.abs((skews[0] ?? 0) - (skews[1] ?? 0)) <= MAX_SKEW_MS, `${skews}`);
    });
  }

  await t.test('tshark finds faults only where the server has some', needs('tshark'), async (t) => {
    // Under load the kernel sends a segment again, which a comment of ours says.
    const normal =
      /^Comment|Connection (establish|finish|reset)|This frame (initiates|undergoes) the connection|HTTP/;
    const faults = expertFindings(file).filter((finding) => !normal.test(finding));
    const ours = /^(TCP|IPv4|IPv6|Ethernet|Frame)$/;
    t.same(
      faults.filter((finding) => ours.test(finding.split(': ')[1] ?? '')),
      [],
    );
    t.match(faults.join('\n'), /CredSSP/, 'the malformed TSRequest of one scenario');
  });

  await t.test('tshark decrypts with the embedded secrets', needs('tshark'), async (t) => {
    const port = runs.get('healthy-windows')?.trace.server.port ?? 0;
    const args = ['-r', file, '-d', `tcp.port==${port},tls`, '-Y', `tcp.port==${port}`];
    const fields = ['-e', 'ntlmssp.messagetype', '-e', 'ntlmssp.challenge.target_name'];
    const says = run('tshark', [...args, '-T', 'fields', ...fields]);
    t.match(says, /0x00000001/, 'NTLM NEGOTIATE');
    t.match(says, /0x00000002\s+CORP/, 'NTLM CHALLENGE');
  });
});

t.test('without the secrets CredSSP is hidden', async (t) => {
  const scenario = SCENARIOS.find(({ name }) => name === 'healthy-windows');
  if (scenario === undefined) throw new Error('no such scenario');
  const run = await recordScenario(scenario);
  const capture = probeCapture([{ ...run, captured: null }], {
    version: 'test',
    withSecrets: false,
  });
  t.same(capture.keyLog, []);
  t.notMatch(capture.comment, /secrets/);
  const file = join(t.testdir(), 'hidden.pcapng');
  writeFileSync(file, encodeCaptureFile(capture));
  const { traces } = await analyseCapture(file, { ports: [run.trace.server.port ?? 0] });
  const [trace] = traces;
  if (trace === undefined) throw new Error('nothing was found');
  const { stages, credssp } = handshakeOf(trace);
  t.equal(stages.find(({ stage }) => stage === 'credssp')?.status, 'hidden');
  t.equal(credssp.ntlm, null);
});
