import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Probe } from '../../src/cli/io.js';
import { run } from '../support/cli.js';
import { htmlProblems, readHtml } from '../support/html.js';
import { PATHS } from '../support/path-fixtures.js';
import { SCAN } from '../support/scan-fixtures.js';
import { smallCapture } from '../support/small-capture.js';

const broken: Probe = async () => {
  throw new RangeError('a bug');
};

function headings(page: string): readonly string[] {
  return readHtml(page).flatMap(({ name, text }) => (/^h[23]$/.test(name) ? [text] : []));
}

t.test('check --html writes the page beside what it prints', async (t) => {
  const file = join(t.testdir(), 'report.html');
  const plain = await run(['check', 'expired.example']);
  const { status, stdout, stderr } = await run(['check', 'expired.example', '--html', file]);
  t.same({ status, stdout, stderr }, { status: plain.status, stdout: plain.stdout, stderr: '' });
  const page = readFileSync(file, 'utf8');
  t.same(htmlProblems(page), []);
  t.match(page, /<title>expired\.example:3389: rdp-probe check<\/title>/);
  t.ok(headings(page).includes('Certificate'));
});

t.test('whatever the form of the other output, also none', async (t) => {
  const folder = t.testdir();
  for (const form of ['--json', '--ndjson', '--markdown', '--quiet', '--verbose']) {
    const file = join(folder, `${form}.html`);
    const { stdout, stderr } = await run(['check', 'refused.example', form, '--html', file]);
    t.equal(stdout === '', form === '--quiet', form);
    t.match(stderr, form === '--verbose' ? /report written to .*--verbose\.html\n$/ : /^$/);
    t.same(htmlProblems(readFileSync(file, 'utf8')), [], form);
  }
  const file = join(folder, 'told.html');
  const told = await run(['check', 'healthy.example', '--html', file], { stderr: { columns: 80 } });
  t.match(told.stderr, /rdp-probe: report written to .*told\.html\n$/);
});

t.test('path, scan and several targets', async (t) => {
  const folder = t.testdir();
  const measured = {
    measurePath: async () => ({ report: PATHS.holeFromServer, handshakes: [] }),
    scan: async () => ({ report: SCAN, handshakes: [] }),
  };
  const pages = await Promise.all(
    (['path', 'scan'] as const).map(async (command) => {
      const file = join(folder, `${command}.html`);
      await run([command, 'healthy.example', '--html', file], measured);
      return readFileSync(file, 'utf8');
    }),
  );
  for (const page of pages) t.same(htmlProblems(page), []);
  t.ok(headings(pages[0] ?? '').includes('The path'));
  t.ok(headings(pages[1] ?? '').includes('What the server takes'));

  const file = join(folder, 'two.html');
  await run(['check', 'healthy.example', 'refused.example', '--html', file]);
  const page = readFileSync(file, 'utf8');
  t.same(htmlProblems(page), []);
  t.same(headings(page).slice(0, 2), ['2 targets, 1 fine', 'healthy.example:3389']);
});

t.test('replay', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'replay.html');
  const { path: capture } = smallCapture();
  const plain = await run(['replay', capture]);
  const { status, stdout } = await run(['replay', capture, '--html', file]);
  t.same({ status, stdout }, { status: plain.status, stdout: plain.stdout });
  const page = readFileSync(file, 'utf8');
  t.same(htmlProblems(page), []);
  t.ok(headings(page).includes('The capture'));

  const none = join(folder, 'none.html');
  t.equal((await run(['replay', join(folder, 'absent.pcap'), '--html', none])).status, 3);
  t.notOk(existsSync(none), 'no empty file is left');
});

t.test('--markdown goes to standard output', async (t) => {
  const { stdout, status } = await run(['check', 'refused.example', '--markdown']);
  t.equal(status, 1);
  t.match(stdout, /^## refused\.example:3389\n\n\*\*Problem\.\*\*/);
  const replayed = await run(['replay', smallCapture().path, '--markdown']);
  t.match(replayed.stdout, /^## Captures\n/m);
  const both = await run(['check', 'refused.example', '--markdown', '--json']);
  t.equal(both.status, 2);
  t.match(both.stderr, /--json and --markdown exclude each other/);
});

t.test('a file that is there is left alone, and nothing is probed in vain', async (t) => {
  const file = join(t.testdir({ 'a.html': 'old' }), 'a.html');
  for (const argv of [
    ['check', 'healthy.example'],
    ['replay', smallCapture().path],
  ]) {
    const { status, stdout, stderr, probed } = await run([...argv, '--html', file]);
    t.same({ status, stdout, probed }, { status: 3, stdout: '', probed: [] });
    t.match(stderr, /a\.html cannot be written: it is there already: --force replaces it\n$/);
    t.equal(readFileSync(file, 'utf8'), 'old');
  }
  await run(['check', 'healthy.example', '--html', file, '--force']);
  t.same(htmlProblems(readFileSync(file, 'utf8')), []);
  await run(['replay', smallCapture().path, '--html', file, '--force']);
  t.match(readFileSync(file, 'utf8'), /The capture/);
});

t.test('a run that breaks off leaves no empty file', async (t) => {
  const folder = t.testdir();
  const [page, capture] = [join(folder, 'a.html'), join(folder, 'a.pcapng')];
  const argv = ['check', 'any.example', '--html', page];
  await t.rejects(run(argv, { probe: broken }), RangeError);
  t.notOk(existsSync(page));
  await t.rejects(run([...argv, '--force'], { probe: broken }), RangeError);
  t.notOk(existsSync(page), 'also where it might have been replaced');
  writeFileSync(page, 'old');
  await t.rejects(run([...argv, '--force'], { probe: broken }), RangeError);
  t.equal(readFileSync(page, 'utf8'), 'old', 'an old one keeps what is in it');
  const beside = ['check', 'any.example', '--save', capture, '--html', join(folder, 'no', 'a')];
  const { status } = await run([...beside, '--capture-with', 'none'], { probe: broken });
  t.equal(status, 3);
  t.notOk(existsSync(capture), 'nor the other one');
});

t.test('a run that is interrupted writes what is known', async (t) => {
  const file = join(t.testdir(), 'a.html');
  const argv = ['check', 'interrupted.example', 'healthy.example', '--html', file];
  const { status } = await run(argv, { signal: AbortSignal.abort() });
  t.equal(status, 130);
  const page = readFileSync(file, 'utf8');
  t.same(htmlProblems(page), []);
  t.match(page, /interrupted\.example/);
});

t.test('options that cannot be', async (t) => {
  const rows: readonly (readonly [options: readonly string[], says: RegExp])[] = [
    [['check', 'a.example', '--html', '-'], /--html takes the name of a file/],
    [['check', 'a.example', '--html', ''], /--html takes the name of a file/],
    [['check', 'a.example', '--html', 'x', '--save', './x'], /--html and --save name the same/],
    [['check', 'a.example', '--force'], /--force goes with --save FILE\.pcapng or --html FILE/],
    [['replay', 'a.pcap', '--force'], /--force goes with --html FILE/],
    [['check', 'a.example', '--no-secrets', '--html', 'x'], /--no-secrets goes with --save/],
  ];
  for (const [argv, says] of rows) {
    const { status, stderr } = await run(argv);
    t.equal(status, 2, argv.join(' '));
    t.match(stderr, says);
  }
});
