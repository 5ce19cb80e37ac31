import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

/*
 * tap runs each file in a process of its own, and for most of our files the start of the process is
 * most of the work. A suite runs the files of some folders in one process, one after another. Each
 * can still be run by itself: `npx tap --disable-coverage test/wire/tpkt.test.ts`.
 */

/** Folders of `test` that share a process; `others` takes every folder that stands in no other. */
const SUITES = {
  capture: ['capture'],
  cli: ['cli'],
  path: ['path'],
  scenarios: ['scenarios', 'simulator', 'probe', 'report'],
  wire: ['wire', 'handshake', 'diagnose'],
  others: [],
} as const satisfies Record<string, readonly string[]>;

const TESTS = join(import.meta.dirname, '..');

/** A file that measures the memory of its process is `*.alone.test.ts`, and tap runs it by itself. */
function filesOf(suite: keyof typeof SUITES): readonly string[] {
  const named: readonly string[] = Object.values(SUITES).flat();
  const folders: readonly string[] = SUITES[suite];
  return readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.alone.test.ts'))
    .filter((file) => {
      const [folder = ''] = file.split(sep);
      return suite === 'others' ? !named.includes(folder) : folders.includes(folder);
    })
    .sort();
}

/** Runs the files of a suite. The next is not begun before the tests of the one before are over. */
export async function runSuite(suite: keyof typeof SUITES): Promise<void> {
  const files = filesOf(suite);
  for (const file of files) {
    const before = t.counts.total;
    await import(pathToFileURL(join(TESTS, file)).href);
    await t.test(`that was ${file}`, (t) => {
      t.ok(t.parent && t.parent.counts.total > before, 'it has tests');
      t.end();
    });
  }
  // Nothing is open any more then. Node 20 can go round for ever in its own cleaning up, where a
  // reset of a socket was refused by libuv: its handle counts as closing and is never closed.
  process.once('beforeExit', () => setImmediate(() => process.exit()));
}
