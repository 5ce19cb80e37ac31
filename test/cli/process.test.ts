import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Report } from '../../src/report/report.js';
import { writeBigCapture } from '../bench/big-capture.js';
import { buildInto } from '../support/built.js';

/*
 * The program as a process of its own: what only shows there. Everything else is tested in-process.
 */

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(program: string, argv: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, ...argv], { env: { LANG: 'C.UTF-8' } });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** A server that says nothing, until the test is over. */
async function silentServer(t: Test): Promise<{ port: number; connected: Promise<void> }> {
  const server = createServer({ allowHalfOpen: false }, (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const connected = new Promise<void>((resolve) => server.once('connection', () => resolve()));
  return { port: (server.address() as AddressInfo).port, connected };
}

t.test('as a process', async (t) => {
  const program = await buildInto(t.testdir());

  await t.test('exit statuses and the streams', async (t) => {
    const help = await ended(start(program, ['--help']));
    t.match(help, { status: 0, stderr: '' });
    t.match(help.stdout, /^Usage: rdp-probe/);
    const usage = await ended(start(program, ['check', '--frobnicate']));
    t.match(usage, { status: 2, stdout: '' });
    t.match(usage.stderr, /^rdp-probe: unknown option '--frobnicate'/);
  });

  await t.test('a closed port: exit 1, a reader who leaves is no fault', async (t) => {
    const { port } = await new Promise<AddressInfo>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as AddressInfo;
        server.close(() => resolve(address));
      });
    });
    const child = start(program, ['check', `127.0.0.1:${port}`, '--json']);
    child.stdout.destroy();
    const { status, stderr } = await ended(child);
    t.equal(status, 1);
    t.equal(stderr, '');
  });

  await t.test('Ctrl-C: a report of what is known, and exit 130', async (t) => {
    const { port, connected } = await silentServer(t);
    const child = start(program, ['check', `127.0.0.1:${port}`]);
    const end = ended(child);
    await connected;
    setTimeout(() => child.kill('SIGINT'), 100);
    const { status, signal, stdout } = await end;
    t.same({ status, signal }, { status: 130, signal: null });
    t.match(stdout, new RegExp(`127\\.0\\.0\\.1:${port}: `));
    t.match(stdout, /^tcp +✓ completed/m);
  });

  await t.test('simulate runs until Ctrl-C', async (t) => {
    const child = start(program, ['simulate', 'ssh']);
    const end = ended(child);
    const port = await new Promise<string>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        const found = /^listening on 127\.0\.0\.1:(\d+)\n$/.exec(chunk.toString());
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    });
    const checked = await ended(start(program, ['check', `127.0.0.1:${port}`]));
    t.equal(checked.status, 1);
    t.match(checked.stdout, /speaks SSH, not RDP/);
    const taken = await ended(start(program, ['simulate', 'ssh', '--port', port]));
    t.match(taken, { status: 3, stdout: '', stderr: /^rdp-probe: cannot listen on [^\n]+\n$/ });
    child.kill('SIGINT');
    t.match(await end, { status: 0, signal: null, stderr: '' });
  });

  await t.test('several large captures, read side by side', async (t) => {
    const captures = t.testdir();
    const files = ['a.pcapng', 'b.pcap', 'c.pcap'].map((name) => join(captures, name));
    const [first = '', second = '', third = ''] = files;
    const made = [
      writeBigCapture(first, 'pcapng', 16_000),
      writeBigCapture(second, 'pcap-nanoseconds', 16_000),
    ];
    await writeFile(third, 'no capture');
    const replayed = await ended(start(program, ['replay', ...files, '--json']));
    t.match(replayed, { status: 1, stderr: '' });
    const report = JSON.parse(replayed.stdout) as Report;
    t.strictSame(
      report.captures?.map(({ packets }) => packets),
      [...made.map(({ packets }) => packets), null],
    );
    const rdp = made.reduce((sum, { rdpConversations }) => sum + rdpConversations, 0);
    t.equal(report.handshakes.length, rdp);
  });
});

t.test('a clone that was not built says how', async (t) => {
  const folder = t.testdir();
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await cp(new URL('../../bin/rdp-probe.js', import.meta.url), join(bin, 'rdp-probe.mjs'));
  const { status, stderr } = await ended(start(join(bin, 'rdp-probe.mjs'), ['demo']));
  t.equal(status, 3);
  t.match(stderr, /^rdp-probe: it is not built yet: run `npm run build` [^\n]*\n$/);
});
