import t from 'tap';
import { liveProbe } from '../../src/cli/live-probe.js';
import { nearest } from '../../src/cli/nearest.js';
import { run } from '../support/cli.js';

t.test('the demo tells a sound server and two broken ones apart', async (t) => {
  const { status, stdout, stderr } = await run(['demo'], { probe: liveProbe('linux') });
  t.equal(status, 0, stdout);
  t.equal(stderr, '');
  t.match(stdout, /^1 of 3: a sound Windows server/);
  t.match(stdout, /nothing wrong was found/);
  t.match(stdout, /^tls +✗ failed/m);
  t.match(stdout, /proved +The self-signed RDP certificate expired/);
  t.equal(stdout.match(/told correctly$/gm)?.length, 3);
  t.match(stdout, /\n3 of 3 told correctly\. /);
  t.same(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
});

t.test('a demo that is told wrongly fails', async (t) => {
  const { TRACES } = await import('../support/handshake.js');
  const { status, stdout } = await run(['demo'], { probe: async () => [TRACES.ssh] });
  t.equal(status, 1);
  t.match(stdout, /told wrongly/);
});

t.test('the list of servers that can be simulated', async (t) => {
  const { status, stdout } = await run(['simulate', '--list']);
  t.equal(status, 0);
  for (const name of ['healthy-windows', 'expired-certificate', 'key-unreadable', 'ssh']) {
    t.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
  }
});

t.test('a simulated server listens until it is interrupted', async (t) => {
  const interruption = new AbortController();
  setTimeout(() => interruption.abort(), 50);
  const { status, stdout } = await run(['simulate', 'healthy-windows'], {
    signal: interruption.signal,
  });
  t.equal(status, 0);
  t.match(stdout, /^listening on 127\.0\.0\.1:\d+\n$/);
  const remote = await run(['simulate', 'ssh', '--host', '192.0.2.1']);
  t.equal(remote.status, 2);
  t.match(remote.stderr, /192\.0\.2\.1 is not a loopback address/);
});

t.test('nearest words', async (t) => {
  const known = ['healthy-windows', 'expired-certificate', 'ssh', 'silent'];
  t.same(nearest('heathy-windows', known), ['healthy-windows']);
  t.same(nearest('expired', known), ['expired-certificate']);
  t.same(nearest('slient', known), ['silent']);
  t.same(nearest('frobnicate', known), []);
});
