#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli/process.js', import.meta.url);
if (existsSync(program)) {
  const { runProcess } = await import(program.href);
  await runProcess();
} else {
  process.stderr.write('rdp-probe: it is not built yet: run `npm run build` in its folder first\n');
  process.exitCode = 3;
}
