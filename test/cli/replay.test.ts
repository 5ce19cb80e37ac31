import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Report } from '../../src/report/report.js';
import { writeBigCapture } from '../bench/big-capture.js';
import { run } from '../support/cli.js';
import { conversations } from '../support/conversations.js';
import { ownFolder } from '../support/own-folder.js';
import { assertMatchesSchema } from '../support/schema.js';
import { smallCapture } from '../support/small-capture.js';

const folder = ownFolder();
writeFileSync(join(folder, 'empty.pcap'), '');
writeFileSync(join(folder, 'words.txt'), 'not a capture');
mkdirSync(join(folder, 'none'));
const made = smallCapture();
const SMALL = made.path;

async function reportOf(...options: string[]): Promise<Report> {
  const { stdout } = await run(['replay', SMALL, '--json', ...options]);
  return JSON.parse(stdout) as Report;
}

t.test(
  'every RDP connection of a capture is told, as JSON that the schema describes',
  async (t) => {
    const report = await reportOf('--all');
    assertMatchesSchema(t, report);
    t.equal(report.command, 'replay');
    t.equal(report.handshakes.length, made.rdpConversations);
    t.equal(report.captures?.[0]?.packets, made.packets);
    t.equal(report.captures?.[0]?.others.length, made.rdpConversations, 'the bulk transfers');
    const outcomes = report.handshakes.map(({ outcome }) => outcome.how);
    for (const how of ['negotiation-failure', 'not-rdp', 'alert', null]) {
      t.ok(outcomes.includes(how as never), `${how} among them`);
    }
  },
);

t.test('exit statuses', async (t) => {
  t.equal((await run(['replay', SMALL])).status, 1, 'problems were found');
  const missing = await run(['replay', join(folder, 'nowhere.pcap')]);
  t.equal(missing.status, 3);
  t.match(missing.stderr, /^rdp-probe: [^\n]*nowhere\.pcap[^\n]*\n$/, 'one sentence');
  for (const name of ['empty.pcap', 'words.txt']) {
    const { status, stderr } = await run(['replay', join(folder, name)]);
    t.equal(status, 3, name);
    t.match(stderr, /^rdp-probe: [^\n]+\n$/, 'one sentence');
  }
  t.equal((await run(['replay', SMALL, '--filter', 'stream=999999'])).status, 3, 'nothing left');
  const none = await run(['replay', join(folder, 'none')]);
  t.equal(none.status, 3);
  t.match(none.stderr, /no capture is in the folder/);
});

t.test('what cannot be followed is refused with one sentence', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[SMALL, '--filter', 'nonsense'], /is not KEY=VALUE/],
    [[SMALL, '--filter', 'port=70000'], /is no port/],
    [[SMALL, '--port', 'x'], /is no port/],
    [[SMALL, '--json', '--ndjson'], /exclude each other/],
    [[], /missing|no capture|files/i],
  ];
  for (const [args, says] of cases) {
    const { status, stderr } = await run(['replay', ...args]);
    t.equal(status, 2, args.join(' '));
    t.match(stderr, says);
  }
  const keys = await run(['replay', SMALL, '--keylog', join(folder, 'words.txt')]);
  t.equal(keys.status, 3);
  t.match(keys.stderr, /no TLS key is in/);
  const key = await run(['replay', SMALL, '--tls-key', join(folder, 'words.txt')]);
  t.match(key.stderr, /is no RSA private key/);
});

t.test('filters narrow what is looked at', async (t) => {
  const all = await reportOf();
  const [first] = all.handshakes;
  const stream = first?.source.kind === 'capture' ? first.source.stream : -1;
  t.equal((await reportOf('--filter', `stream=${stream}`)).handshakes.length, 1);
  t.equal(
    (await reportOf('--filter', 'server=192.0.2.1')).handshakes.length,
    all.handshakes.length,
  );
  const port = String(first?.client.port);
  t.equal((await reportOf('--filter', `port=${port}`)).handshakes.length, 1);
  t.equal((await reportOf('--port', '3389')).handshakes.length, all.handshakes.length);
  t.equal((await run(['replay', SMALL, '--port', '3390'])).status, 3);
});

t.test('text at 80 columns: the file, a verdict, a table where there are many', async (t) => {
  const { stdout } = await run(['replay', SMALL, '--all']);
  for (const line of stdout.split('\n')) t.ok([...line].length <= 80, line);
  t.match(stdout, /packets,\s+\d+ TCP conversations,\s+\d+ RDP connections/);
  t.match(stdout, /not RDP\n/);
  t.match(stdout, /connections\n/);
  t.match(stdout, /connections\s+before\s+it\s+\d+\s+failed/);
  t.notMatch(stdout, '\u001b');
});

t.test('several files and a folder: one report, broken files told', async (t) => {
  const several = join(folder, 'several');
  mkdirSync(several);
  writeBigCapture(join(several, 'a.pcap'), 'pcap', 400);
  writeBigCapture(join(several, 'b.pcap'), 'pcap-nanoseconds', 400);
  writeFileSync(join(several, 'c.pcap'), 'broken');
  const { stdout, status } = await run(['replay', several, '--json']);
  const report = JSON.parse(stdout) as Report;
  assertMatchesSchema(t, report);
  t.equal(status, 1);
  t.strictSame(
    report.captures?.map(({ failure }) => failure === null),
    [true, true, false],
  );
  t.strictSame(
    report.handshakes.map(({ id }) => id),
    report.handshakes.map((_, index) => index),
  );
});

t.test('the recordings are all in the capture', (t) => {
  t.ok(made.rdpConversations >= conversations().length);
  t.end();
});
