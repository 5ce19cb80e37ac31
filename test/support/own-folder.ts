import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for all tests of a file, removed when the process ends. The `t.testdir()` of the root is
 * one for all files of a suite.
 */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-probe-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
