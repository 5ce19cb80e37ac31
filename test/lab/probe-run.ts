import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REPORT_SCHEMA, type Report } from '../../src/report/report.js';
import { labEnvironment } from './daemon.js';
import { commandIn } from './net-namespace.js';
import type { Place } from './server.js';

const LAUNCHER = fileURLToPath(new URL('../../bin/rdp-probe.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cli/process.js', import.meta.url));

/** Why the probe cannot be run as users run it, or null if it can. */
export function missingProbe(): string | null {
  if (!existsSync(LAUNCHER)) return 'bin/rdp-probe.js is not there';
  return existsSync(BUILT) ? null : 'dist/ is not there: npm run build';
}

export interface ProbeRun {
  /** null: a signal ended it */
  readonly exitStatus: number | null;
  readonly milliseconds: number;
  /** null: it printed none */
  readonly report: Report | null;
  readonly stderr: string;
}

export interface ProbeRunOptions {
  /** what stands on standard input; absent: nothing */
  readonly input?: string;
  /** of Node itself, e.g. `--tls-keylog=FILE` */
  readonly nodeOptions?: readonly string[];
}

/**
 * Runs the built `rdp-probe ... --json` as a process of its own, where clients of `place` stand.
 *
 * @param limitMs then it is killed
 */
export async function runProbe(
  place: Pick<Place, 'namespace'>,
  command: readonly string[],
  limitMs: number,
  { input, nodeOptions = [] }: ProbeRunOptions = {},
): Promise<ProbeRun> {
  const [program, ...rest] = commandIn(place.namespace, [
    process.execPath,
    ...nodeOptions,
    LAUNCHER,
    ...command,
    '--json',
  ]);
  const startedAt = performance.now();
  const child = spawn(program, rest, {
    env: labEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: limitMs,
    // It may be stuck in something of the kernel's, and no signal that it can answer is enough.
    killSignal: 'SIGKILL',
  });
  // It may be over before it has read what it was given.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
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
  return { exitStatus, milliseconds, report: parseReport(stdout), stderr };
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
