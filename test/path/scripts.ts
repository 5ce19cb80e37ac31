import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

/**
 * Shell scripts that stand for programs.
 *
 * @returns the folder to put into PATH, and the arguments of each call so far
 */
export function scriptsNamed(
  t: Test,
  scripts: Readonly<Record<string, string>>,
): { readonly folder: string; readonly calls: () => string[] } {
  const folder = t.testdir();
  const log = join(folder, 'calls');
  for (const [name, body] of Object.entries(scripts)) {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho "$*" >> '${log}'\n${body}\n`);
    chmodSync(path, 0o755);
  }
  return {
    folder,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}
