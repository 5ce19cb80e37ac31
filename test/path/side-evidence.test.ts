import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import t from 'tap';
import { runProgram } from '../../src/path/run-program.js';
import { gatherSideEvidence, type SideEvidenceRequest } from '../../src/path/side-evidence.js';
import { ttlEvidence } from '../../src/path/ttl-evidence.js';
import { NO_KERNEL_SOCKETS, openKernelSockets } from '../../src/probe/kernel-socket.js';
import { scriptsNamed } from './scripts.js';

const signal = new AbortController().signal;
const NOTHING: SideEvidenceRequest = {
  address: '127.0.0.1',
  family: 4,
  port: 3389,
  pingSizes: [],
  icmpSizes: [],
  tracepath: false,
  secondPorts: [],
  otherAddresses: [],
  kernel: NO_KERNEL_SOCKETS,
  random: (count) => new Uint8Array(count).fill(0x5a),
  platform: 'linux',
  environment: {},
};

async function listening(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(port, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function closedPort(host: string): Promise<number> {
  const { server, port } = await listening(host);
  server.close();
  await once(server, 'close');
  return port;
}

t.test('what is not asked for is not gathered', async (t) => {
  t.strictSame(await gatherSideEvidence(NOTHING, signal), { evidence: [], notGathered: {} });
});

t.test('a second port', async (t) => {
  const { server, port } = await listening('127.0.0.1');
  t.teardown(() => server.close());
  const closed = await closedPort('127.0.0.1');
  const says = async (secondPorts: readonly number[]) =>
    await gatherSideEvidence({ ...NOTHING, secondPorts }, signal);
  const ended = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  t.strictSame(await says([port, closed]), {
    evidence: [
      {
        what: 'second-port',
        says: `port ${port} of the same host accepts connections`,
        passUpTo: null,
        failsFrom: null,
        reportedBy: null,
        reportedMtu: null,
      },
    ],
    notGathered: {},
  });
  await ended; // closed at once, or the test ends in a timeout
  t.match(await says([closed, port]), {
    evidence: [
      {
        says: `port ${closed} of the same host refuses connections: the host answers, or a firewall in its name`,
      },
    ],
  });
});

t.test('other addresses of the name', async (t) => {
  const { server, port } = await listening('::1');
  t.teardown(() => server.close());
  const otherAddresses = ['::1', '127.0.0.1', '127.0.0.2'];
  const { evidence } = await gatherSideEvidence({ ...NOTHING, port, otherAddresses }, signal);
  t.strictSame(
    evidence.map(({ what, says }) => [what, says]),
    [
      ['other-address', `port ${port} of ::1 accepts connections`],
      ['other-address', `port ${port} of 127.0.0.1 refuses connections`],
    ],
    'two at most',
  );
});

t.test('programs that are not there, hang, or say too much', async (t) => {
  const environment = { PATH: '/nowhere' };
  t.strictSame(
    await gatherSideEvidence(
      { ...NOTHING, pingSizes: [1400], tracepath: true, environment },
      signal,
    ),
    {
      evidence: [],
      notGathered: {
        ping: 'ping cannot be run (ENOENT)',
        tracepath: 'tracepath cannot be run (ENOENT)',
      },
    },
  );
  const { folder } = scriptsNamed(t, {
    hangs: 'echo begun; sleep 60 & wait',
    floods: 'yes',
    speaks: 'echo "$LC_ALL"; echo out; echo err >&2; exit 3',
  });
  const run = (program: string, limitMs: number, signal = new AbortController().signal) =>
    runProgram(
      {
        program,
        args: ['a b'],
        environment: { PATH: `${folder}:${process.env['PATH']}` },
        limitMs,
      },
      signal,
    );
  t.match(await run('speaks', 5_000), { kind: 'ended', status: 3, output: /^C\n/ });
  t.match(await run('speaks', 5_000), { output: /out\n/ });
  t.match(await run('speaks', 5_000), { output: /err\n/ });
  const started = performance.now();
  t.match(await run('hangs', 500), { kind: 'killed' });
  t.match(await run('floods', 5_000), { kind: 'killed', output: /^(y\n)+y?$/ });
  t.match(await run('hangs', 5_000, AbortSignal.timeout(100)), { kind: 'aborted' });
  t.match(await run('hangs', 5_000, AbortSignal.abort()), { kind: 'aborted' });
  t.ok(performance.now() - started < 20_000, 'nothing waits for what was killed');
});

t.test('interrupted', async (t) => {
  const { folder } = scriptsNamed(t, { ping: 'exec sleep 60', tracepath: 'exec sleep 60' });
  const request = {
    ...NOTHING,
    pingSizes: [1400],
    tracepath: true,
    environment: { PATH: `${folder}:${process.env['PATH']}` },
  };
  const started = performance.now();
  t.strictSame(await gatherSideEvidence(request, AbortSignal.timeout(300)), {
    evidence: [],
    notGathered: { ping: 'interrupted', tracepath: 'interrupted' },
  });
  t.ok(performance.now() - started < 20_000, 'nothing waits for what was killed');
});

t.test('tracepath', async (t) => {
  const { folder, calls } = scriptsNamed(t, {
    tracepath: `
      echo ' 1?: [LOCALHOST]                      pmtu 1500'
      echo ' 2:  10.77.1.1                                             0.014ms pmtu 1280'
      echo '     Resume: pmtu 1280 '`,
  });
  const request = { ...NOTHING, tracepath: true, environment: { PATH: `${folder}:/bin:/usr/bin` } };
  const { evidence } = await gatherSideEvidence(request, signal);
  t.strictSame(evidence, [
    {
      what: 'tracepath',
      says: 'tracepath: 10.77.1.1 lowers the path MTU to 1280; the target itself did not answer it',
      passUpTo: null,
      failsFrom: 1281,
      reportedBy: '10.77.1.1',
      reportedMtu: 1280,
    },
  ]);
  t.strictSame(calls(), ['-n -m 16 127.0.0.1']);
  const lost = scriptsNamed(t, {
    tracepath: "echo ' 1:  send failed'; echo '  Resume: pmtu 65535 '",
  });
  t.match(
    await gatherSideEvidence(
      { ...request, environment: { PATH: `${lost.folder}:/bin:/usr/bin` } },
      signal,
    ),
    { evidence: [], notGathered: { tracepath: /^tracepath did not reach the target/ } },
  );
  t.match(await gatherSideEvidence({ ...request, platform: 'win32' }, signal), {
    notGathered: { tracepath: 'tracepath is a program of Linux' },
  });
});

t.test('on loopback, with what is really here', async (t) => {
  const kernel = await openKernelSockets(process.platform);
  for (const address of ['127.0.0.1', '::1']) {
    const { evidence, notGathered } = await gatherSideEvidence(
      {
        ...NOTHING,
        address,
        family: address === '::1' ? 6 : 4,
        pingSizes: [1280, 1400],
        icmpSizes: [1280, 1400],
        tracepath: true,
        kernel,
        platform: process.platform,
        environment: process.env,
      },
      signal,
    );
    for (const what of ['ping', 'icmp-socket', 'tracepath'] as const) {
      const found = evidence.find((one) => one.what === what);
      if (found === undefined) {
        t.match(notGathered[what], /\w/);
        t.comment(`${what} to ${address}: ${notGathered[what]}`);
      } else if (what !== 'tracepath') {
        t.match(found, { says: /1400 bytes come back$/, passUpTo: 1400, failsFrom: null }, what);
      } else {
        t.match(found, { says: /^tracepath: the path MTU is \d+/, reportedBy: null });
      }
    }
  }
});

t.test('an ICMP socket without the kernel', async (t) => {
  t.strictSame(await gatherSideEvidence({ ...NOTHING, icmpSizes: [1400] }, signal), {
    evidence: [],
    notGathered: { 'icmp-socket': 'the kernel was not asked for its figures' },
  });
});

t.test('how far packets had come, where a capture ran along', (t) => {
  const heard = (opening: number, others: readonly number[], reset: number | null = null) =>
    ttlEvidence([{ opening, others, reset }])?.says;
  t.equal(ttlEvidence([]), null);
  t.equal(ttlEvidence([{ opening: null, others: [], reset: 64 }]), null, 'a reset says nothing');
  t.equal(
    heard(117, [117]),
    "the server's packets came with TTL 117: 11 routers on the way, if they started with 128",
  );
  t.match(heard(64, []), /TTL 64: no router on the way, if they started with 64$/);
  t.match(heard(254, [], 254), /TTL 254: 1 router on the way, if they started with 255$/);
  t.match(heard(50, [52]), /came with TTLs 50, 52: the way changes, or not one machine sent/);
  t.match(
    heard(52, [52], 255),
    /started with 64; a reset came with TTL 255, so another machine may have sent it$/,
  );
  t.end();
});
