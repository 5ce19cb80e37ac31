import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The program as it is installed, made from the present sources: a test that spawns it must not
 * depend on when `dist` was last built, nor write there. Types are not checked; that is tsc's work.
 *
 * @returns path of `bin/rdp-probe.js` in the folder
 */
export async function buildInto(folder: string): Promise<string> {
  const source = join(ROOT, 'src');
  const files = await readdir(source, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile() || !file.name.endsWith('.ts')) continue;
    const path = join(file.parentPath, file.name);
    const target = join(folder, 'dist', relative(source, path)).replace(/\.ts$/, '.js');
    const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await cp(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  return join(folder, 'bin', 'rdp-probe.js');
}
