import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { SOURCES } from '../../src/diagnose/catalogue/sources.js';
import { causePages } from './cause-pages.js';

const folder = new URL('../../docs/causes/', import.meta.url);

t.test('docs/causes is what the catalogue makes of it', (t) => {
  const pages = causePages();
  t.same(readdirSync(folder).sort(), [...pages.keys()].sort(), '`npm run docs` writes them');
  for (const [name, text] of pages)
    if (readFileSync(new URL(name, folder), 'utf8') !== text)
      t.fail(`docs/causes/${name} is out of date: run npm run docs`);
  t.end();
});

t.test('what a page tells', (t) => {
  const pages = causePages();
  for (const [id, { advice, sources, hostChecks, unverified }] of Object.entries(CAUSES)) {
    const text = pages.get(`${id}.md`) ?? '';
    for (const part of ['What you see', 'Why it happens', 'How the tool knows', 'What to do'])
      t.match(text, `## ${part}\n`, `${id}: ${part}`);
    for (const { command } of [...advice, ...hostChecks])
      if (command !== null && !text.includes(command)) t.fail(`${id}: ${command}`);
    for (const key of sources)
      if (!text.includes(SOURCES[key].url.replaceAll('(', '%28').replaceAll(')', '%29')))
        t.fail(`${id}: ${key}`);
    t.equal(text.includes('## Not verified'), unverified.length > 0, `${id}: what is not verified`);
  }
  const links = [...(pages.get('README.md') ?? '').matchAll(/\]\(([^)]+)\)/g)];
  for (const [, link = ''] of links) if (!pages.has(link)) t.fail(`the index leads to ${link}`);
  t.equal(new Set(links.map(([, link]) => link)).size, Object.keys(CAUSES).length, 'to each cause');
  t.end();
});
