import { readFile } from 'node:fs/promises';
import t from 'tap';

t.test('the code of docs/testing-with-captures.md is the example that is run', async (t) => {
  const page = await readFile('docs/testing-with-captures.md', 'utf8');
  const example = await readFile('test/examples/captures.test.ts', 'utf8');
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)\n```$/gm)].map(([, code]) => code);
  t.equal(blocks.length, 2);
  t.equal(`${blocks.join('\n\n')}\n`, example.replace("'../../src/index.js'", "'rdp-probe'"));
});
