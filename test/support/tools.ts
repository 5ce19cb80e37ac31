import { execFileSync, spawnSync } from 'node:child_process';

/*
 * Programs of others that judge what we write. They are no part of a development environment, so
 * tests that need one say so and are skipped without it; CI has them.
 */

/** @returns options for a test that needs a program */
export function needs(program: string): { readonly skip?: string } {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  // In CI nothing is skipped: there the test runs, and fails for want of the program.
  if (error === undefined || process.env['CI'] === 'true') return {};
  return { skip: `${program} is not installed` };
}

/** What a program prints. It must not read the settings of whoever runs the tests. */
export function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', HOME: '/nonexistent' },
  });
}

/** One finding of tshark's expert, e.g. `Warn: TCP: Connection reset (RST)`. */
export function expertFindings(file: string, options: readonly string[] = []): readonly string[] {
  const strict = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  const output = run('tshark', ['-r', file, ...strict, ...options, '-q', '-z', 'expert']);
  const findings: string[] = [];
  let severity = '';
  for (const line of output.split('\n')) {
    const header = /^(\w+)s \(\d+\)$/.exec(line);
    if (header !== null) severity = header[1] ?? '';
    const row = /^\s+\d+\s+\S+\s+(\S+)\s+(.*)$/.exec(line);
    if (row !== null && row[1] !== 'Protocol') findings.push(`${severity}: ${row[1]}: ${row[2]}`);
  }
  return findings;
}
