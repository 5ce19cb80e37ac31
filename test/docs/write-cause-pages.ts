import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { causePages } from './cause-pages.js';

/* Writes docs/causes anew: what is no page of the catalogue any more goes. */

const folder = new URL('../../docs/causes/', import.meta.url);
mkdirSync(folder, { recursive: true });
const pages = causePages();
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder));
for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
process.stdout.write(`${pages.size} pages in docs/causes\n`);
