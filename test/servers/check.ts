import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Handshake } from '../../src/handshake/handshake.js';
import { REPORT_SCHEMA, type Report } from '../../src/report/report.js';
import { labEnvironment } from '../lab/daemon.js';
import { commandIn } from '../lab/net-namespace.js';
import type { Place } from '../lab/server.js';

const LAUNCHER = fileURLToPath(new URL('../../bin/rdp-probe.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cli/process.js', import.meta.url));

/** Far more than any stage limit adds up to against a server that is there. */
const CHECK_LIMIT_MS = 60_000;

/** Why the probe cannot be run as users run it, or null if it can. */
export function missingProbe(): string | null {
  if (!existsSync(LAUNCHER)) return 'bin/rdp-probe.js is not there';
  return existsSync(BUILT) ? null : 'dist/ is not there: npm run build';
}

export interface Check {
  readonly exitStatus: number | null;
  readonly milliseconds: number;
  readonly report: Report;
  /** the one handshake whose outcome is the answer */
  readonly handshake: Handshake;
}

/** Runs `rdp-probe check HOST:PORT --json` as a process of its own, where `place` can be reached. */
export async function check(
  place: Place,
  host: string,
  port: number,
  options: readonly string[],
): Promise<Check> {
  const [program, ...rest] = commandIn(place.namespace, [
    process.execPath,
    LAUNCHER,
    ...['check', `${host}:${port}`, '--json', ...options],
  ]);
  const startedAt = performance.now();
  const child = spawn(program, rest, {
    env: labEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: CHECK_LIMIT_MS,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exitStatus = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const milliseconds = performance.now() - startedAt;
  const report = parseReport(stdout);
  const handshake = report?.handshakes.find(({ purpose }) => purpose === 'verdict');
  if (report === null || handshake === undefined) {
    throw new Error(`check ${host}:${port} ended with ${exitStatus} and no report\n${stderr}`);
  }
  return { exitStatus, milliseconds, report, handshake };
}

function parseReport(text: string): Report | null {
  if (text === '') return null;
  const document: unknown = JSON.parse(text);
  return isReport(document) ? document : null;
}

function isReport(document: unknown): document is Report {
  return (
    typeof document === 'object' &&
    document !== null &&
    'schema' in document &&
    document.schema === REPORT_SCHEMA
  );
}
