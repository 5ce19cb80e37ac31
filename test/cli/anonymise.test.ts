import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { encodeConnectionRequest } from '../../src/wire/negotiation.js';
import { run } from '../support/cli.js';
import { ACK, ethernet, ip, ipv4, pcap, SYN } from '../support/packets.js';

const CLIENT = '10.11.12.13:50000';
const SERVER = '10.99.98.97:3390';

const payload = encodeConnectionRequest({
  requestedProtocols: 3,
  flags: 0,
  cookie: 'mstshash=jdoe1234',
});

const CAPTURE = pcap(
  [
    ip({ from: CLIENT, to: SERVER, flags: SYN, seq: 99 }),
    ip({ from: CLIENT, to: SERVER, flags: ACK, seq: 100, payload }),
    ipv4({ from: CLIENT, to: SERVER, protocol: 17 }, Buffer.from('something else')),
  ].map((packet, index) => ({ at: 1_700_000_000 + index, bytes: ethernet(packet) })),
);

function files(t: Test): { input: string; output: string } {
  const folder = t.testdir();
  const input = join(folder, 'in.pcap');
  writeFileSync(input, CAPTURE);
  return { input, output: join(folder, 'out.pcapng') };
}

t.test('a copy without names', async (t) => {
  const { input, output } = files(t);
  const { status, stdout, stderr } = await run(['anonymise', input, output]);
  t.equal(status, 0);
  t.equal(stdout, '2 of 3 packets, 1 connection with messages under other names\n');
  t.equal(stderr, '');
  const copy = readFileSync(output);
  t.notOk(copy.includes('jdoe1234'));
  t.ok(copy.includes('mstshash='));
  const again = await run(['anonymise', input, output]);
  t.equal(again.status, 3);
  t.match(again.stderr, /out\.pcapng cannot be written: it is there already: --force replaces it/);
  t.same(readFileSync(output), copy);
  const quiet = await run(['anonymise', input, output, '--force', '--quiet', '--port', '3390']);
  t.same(quiet, { status: 0, stdout: '', stderr: '', probed: [] });
  t.notSame(readFileSync(output), copy, 'every copy has names of its own');
});

t.test('what it cannot do, in one sentence', async (t) => {
  const { input, output } = files(t);
  const rows: readonly (readonly [argv: readonly string[], status: number, says: RegExp])[] = [
    [[`${input}.none`, output], 3, /there is no such file/],
    [[input, join(output, 'x')], 3, /its folder does not exist/],
    [['-', output], 2, /cannot take standard input/],
    [[input, output, '--port', '0'], 2, /--port takes a number from 1 to 65535, not '0'/],
    [[input], 2, /out/],
  ];
  for (const [argv, status, says] of rows) {
    const result = await run(['anonymise', ...argv]);
    t.equal(result.status, status, argv.join(' '));
    t.match(result.stderr, says);
    t.equal(result.stderr.split('\n').length, 2, 'one sentence');
    t.notOk(existsSync(output));
  }
});

t.test('interrupted: no copy is left', async (t) => {
  const { input, output } = files(t);
  const { status } = await run(['anonymise', input, output], { signal: AbortSignal.abort() });
  t.equal(status, 130);
  t.notOk(existsSync(output));
});

t.test('a damaged capture is copied as far as it goes', async (t) => {
  const { input, output } = files(t);
  writeFileSync(input, CAPTURE.subarray(0, CAPTURE.length - 5));
  const { status, stdout, stderr } = await run(['anonymise', input, output]);
  t.equal(status, 0);
  t.match(stdout, /^2 of 2 packets/);
  t.match(stderr, /^rdp-probe: .*in\.pcap: the file ends inside packet 3/);
});

t.test('the help says what stays', async (t) => {
  const { stdout } = await run(['anonymise', '--help']);
  t.match(stdout, /What becomes filler: everything encrypted/);
});
