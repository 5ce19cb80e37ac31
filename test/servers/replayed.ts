import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Handshake } from '../../src/handshake/handshake.js';
import type { Report } from '../../src/report/report.js';
import { labEnvironment } from '../lab/daemon.js';

const LAUNCHER = fileURLToPath(new URL('../../bin/rdp-probe.js', import.meta.url));

/** What a live report and one of its saved capture must have in common. */
function tellings({ outcome, stages, x224, tls, credssp, mcs, tcp }: Handshake): unknown {
  const { ntlm, ...exchange } = credssp;
  return {
    outcome: { ...outcome, detail: null },
    stages: stages.map(({ stage, status, roundTrips }) => ({ stage, status, roundTrips })),
    x224,
    // A live probe decrypts nothing: it is the endpoint.
    tls: { ...tls, decrypted: null },
    exchange,
    ntlm: ntlm === null ? null : { ...ntlm, clockSkewMs: null },
    mcs,
    rttMs: tcp.rttMs,
  };
}

function findingsOf(report: Report): readonly string[] {
  return report.diagnoses.flatMap(({ findings }) =>
    findings.map(({ cause, certainty }) => `${certainty} ${cause}`),
  );
}

/** `rdp-probe replay` of what `check --save` wrote tells what the check told. */
export function compareWithReplay(t: Test, live: Report, file: string, port: number): void {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [LAUNCHER, 'replay', file, '--port', String(port), '--json'],
    { encoding: 'utf8', env: labEnvironment() },
  );
  t.equal(stderr, '');
  const replayed = JSON.parse(stdout) as Report;
  t.same(replayed.handshakes.map(tellings), live.handshakes.map(tellings), 'the same handshake');
  t.same(findingsOf(replayed), findingsOf(live), 'the same findings');
}
