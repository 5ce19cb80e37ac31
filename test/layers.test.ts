import { readdir, readFile } from 'node:fs/promises';
import t from 'tap';

/*
 * Which room may import what is the linter's (biome.json). What it cannot say: below the rooms that
 * do live I/O there is no clock and no randomness; both are passed in.
 */

const PURE_ROOMS: readonly string[] = ['wire', 'handshake', 'diagnose', 'report'];

const IMPURE =
  /Date\.now\(|new Date\(\)|\bDate\(\)|Math\.random\(|\brandom(?:Bytes|UUID|Int|FillSync)\b|hrtime/;

t.test('no clock and no randomness in the pure rooms', async (t) => {
  for (const room of PURE_ROOMS) {
    const folder = new URL(`../src/${room}/`, import.meta.url);
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const source = await readFile(new URL(file, folder), 'utf8');
      const breach = IMPURE.exec(source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''));
      if (breach !== null) t.fail(`src/${room}/${file}: ${breach[0]}`);
    }
  }
  t.pass('none');
});

t.test('every document that the code cites is in docs/specifications.md', async (t) => {
  const listed = await readFile(new URL('../docs/specifications.md', import.meta.url), 'utf8');
  const folder = new URL('../src/', import.meta.url);
  const missing = new Set<string>();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(new URL(file, folder), 'utf8');
    for (const [cited] of source.matchAll(/\[MS-[A-Z]+\]|\[[TX]\d{3}\]|\bRFC \d{4}\b/g)) {
      if (!listed.includes(cited)) missing.add(cited);
    }
  }
  t.same([...missing], []);
});

/** Modules that a module needs at once: static imports that are more than types. */
async function loadedWith(file: URL, seen: Set<string>): Promise<void> {
  if (seen.has(file.href)) return;
  seen.add(file.href);
  const source = await readFile(file, 'utf8');
  for (const [, kind = '', path = ''] of source.matchAll(
    /^(?:import|export) ?(type )?[^;]*? from '(\.[^']+)\.js';/gm,
  )) {
    if (kind === '') await loadedWith(new URL(`${path}.ts`, file), seen);
  }
}

t.test('check loads the catalogue only after the probe', async (t) => {
  const seen = new Set<string>();
  for (const name of ['process', 'check', 'check-run', 'check-target'])
    await loadedWith(new URL(`../src/cli/${name}.ts`, import.meta.url), seen);
  t.ok(
    [...seen].some(
      (file) =>
        file.endsWith('/src/probe/probe-target.ts') || file.endsWith('/src/cli/live-probe.ts'),
    ),
  );
  t.same(
    [...seen].filter((file) => file.includes('/src/diagnose/')),
    [],
  );
});

/*
 * Credentials are delegated in TSRequest.authInfo as TSCredentials, [MS-CSSP] 2.2.1.2. Nothing in the
 * program builds them, and nothing that sends a TSRequest fills that field.
 */
t.test('there is no way to delegate credentials', async (t) => {
  const folder = new URL('../src/', import.meta.url);
  const knowing: string[] = [];
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(new URL(file, folder), 'utf8');
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (/TSCredentials|TSPasswordCreds|TSSmartCardCreds/i.test(code)) t.fail(file);
    if (/authInfo/.test(code)) knowing.push(file);
  }
  t.same(knowing.sort(), [
    'handshake/credssp-layer.ts',
    'simulator/nla-peer.ts',
    'wire/ts-request.ts',
  ]);
});
