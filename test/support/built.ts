import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from './transpile.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The program as it is installed, made from the present sources: a test that spawns it must not
 * depend on when `dist` was last built, nor write there.
 *
 * @returns path of `bin/rdp-probe.js` in the folder
 */
export async function buildInto(folder: string): Promise<string> {
  const source = join(ROOT, 'src');
  const files = await readdir(source, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile() || !/(?<!\.d)\.ts$/.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    const target = join(folder, 'dist', relative(source, path)).replace(/\.ts$/, '.js');
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, transpile(path));
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await cp(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  return join(folder, 'bin', 'rdp-probe.js');
}
