import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TlsScan } from '../../src/handshake/scan-tls.js';
import { labEnvironment } from './daemon.js';
import { commandIn } from './net-namespace.js';
import type { Place } from './server.js';

const SURVEY = fileURLToPath(new URL('./survey.mjs', import.meta.url));
const LIMIT_MS = 120_000;

export interface SurveyRun {
  readonly scan: TlsScan;
  readonly milliseconds: number;
}

/** Surveys a server's TLS from a process of its own, where clients of `place` stand. */
export async function runSurvey(
  place: Pick<Place, 'namespace'>,
  address: string,
  port: number,
  mode: 'short' | 'ciphers',
  limit?: number,
): Promise<SurveyRun> {
  const startedAt = performance.now();
  const stdout = await run(place, [
    process.execPath,
    SURVEY,
    address,
    `${port}`,
    mode,
    ...(limit === undefined ? [] : [`${limit}`]),
  ]);
  const milliseconds = performance.now() - startedAt;
  return { scan: JSON.parse(stdout) as TlsScan, milliseconds };
}

/** A cipher suite that sslscan calls accepted. */
export interface SslscanSuite {
  /** as OpenSSL writes it: `TLSv1.2` */
  readonly version: string;
  readonly suite: number;
}

export interface SslscanRun {
  /** versions that it calls enabled */
  readonly versions: readonly string[];
  readonly suites: readonly SslscanSuite[];
  readonly milliseconds: number;
}

/** `sslscan --rdp`, as anybody would run it. */
export async function runSslscan(
  place: Pick<Place, 'namespace'>,
  address: string,
  port: number,
): Promise<SslscanRun> {
  const startedAt = performance.now();
  const xml = await run(place, ['sslscan', '--rdp', '--xml=-', `${address}:${port}`]);
  const milliseconds = performance.now() - startedAt;
  const versions = [...xml.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)].map(
    ([, type, version]) => `${type === 'ssl' ? 'SSLv' : 'TLSv'}${version}`,
  );
  const suites = [
    ...xml.matchAll(/<cipher status="\w+" sslversion="([^"]+)"[^>]*? id="0x([0-9A-Fa-f]+)"/g),
  ].map(([, version = '', id = '']) => ({ version, suite: Number.parseInt(id, 16) }));
  return { versions, suites, milliseconds };
}

async function run(
  { namespace }: Pick<Place, 'namespace'>,
  command: readonly [string, ...string[]],
): Promise<string> {
  const [program, ...rest] = commandIn(namespace, command);
  const { stdout } = await promisify(execFile)(program, rest, {
    env: labEnvironment(),
    timeout: LIMIT_MS,
    maxBuffer: 1 << 24,
  });
  return stdout;
}
