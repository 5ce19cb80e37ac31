import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transpile } from './transpile.mjs';

/** An import of `./x.js` means `./x.ts` where that is what there is. */
export async function resolve(specifier, context, next) {
  const isOurs = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts');
  if (!isOurs) return await next(specifier, context);
  const typescript = specifier.replace(/js$/, 'ts');
  const exists = existsSync(new URL(typescript, context.parentURL));
  return await next(exists ? typescript : specifier, context);
}

/** The hooks of tap come after this one: they are told the source, and count what of it was run. */
export async function load(url, context, next) {
  if (!/^file:.*\.ts$/.test(url)) return await next(url, context);
  const source = transpile(fileURLToPath(url));
  return await next(url, { ...context, format: 'module', source });
}
