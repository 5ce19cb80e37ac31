import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * TypeScript to JavaScript, one file at a time. Types are not checked; that is tsc's work. What was
 * made is kept in node_modules: most of the time of a short test would go into making it again.
 */

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEPT = join(ROOT, 'node_modules', '.cache', 'rdp-probe-test');

/** What the result depends on beside the source. */
const MAKER = `${require('typescript/package.json').version} ${readFileSync(import.meta.filename)}`;

/** @returns the JavaScript of a `.ts` file, with its source map inside */
export function transpile(path) {
  const source = readFileSync(path, 'utf8');
  const seal = `\n//${createHash('sha256').update(`${MAKER}\0${path}\0${source}`).digest('hex')}`;
  const kept = join(KEPT, relative(ROOT, path).replace(/[^\w.-]/g, '_'));
  const before = readKept(kept);
  if (before?.endsWith(seal)) return before.slice(0, -seal.length);
  const code = make(path, source);
  keep(kept, code + seal);
  return code;
}

function make(path, source) {
  const ts = require('typescript');
  return ts.transpileModule(source, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  }).outputText;
}

function readKept(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** A reader never sees half a file; where nothing can be written, nothing is kept. */
function keep(path, content) {
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(fresh, content);
    renameSync(fresh, path);
  } catch {}
}
