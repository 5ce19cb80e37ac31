import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import { encodeSegment } from '../../src/capture/segment.js';
import type { Probe } from '../../src/cli/io.js';
import { liveProbe } from '../../src/cli/live-probe.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import type { Report } from '../../src/report/report.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { run } from '../support/cli.js';
import { STARTED_AT, TRACES } from '../support/handshake.js';
import { captureFile } from '../support/recorded-captures.js';
import { recordScenario } from '../support/recorded-run.js';

const CLIENT = { address: '192.0.2.1', port: 50_000 };
const SERVER = { address: '198.51.100.7', port: 3389 };
const SECRET = `CLIENT_RANDOM ${'01'.repeat(32)} ${'02'.repeat(48)}`;

/** A probe that saw a request and its answer. */
const probe: Probe = async (_target, _settings, { recorder }) => {
  await recorder?.ready([SERVER.address], SERVER.port);
  const trace = { ...TRACES.healthy, client: CLIENT, server: { ...SERVER, name: null } };
  recorder?.recorded(trace, {
    client: CLIENT,
    wire: [
      {
        by: 'client',
        at: 50_000,
        bytes: Buffer.from('030000130ee000000000000100080003000000', 'hex'),
      },
      {
        by: 'server',
        at: 70_000,
        bytes: Buffer.from('030000130ed000001234000209080002000000', 'hex'),
      },
      { by: 'client', at: 80_000, end: 'fin' },
    ],
    keyLog: [SECRET],
  });
  return [trace];
};

const VERBOSE = ['--capture-with', 'none', '--verbose'];

async function save(file: string, ...more: string[]) {
  return await run(['check', 'any.example', '--save', file, ...more], { probe });
}

t.test('synthesised packets, with the secrets', async (t) => {
  const file = join(t.testdir(), 'saved.pcapng');
  const { status, stderr } = await save(file, ...VERBOSE);
  t.equal(status, 0);
  t.equal(stderr, `rdp-probe: saved to ${file}: packets synthesised from what the probe saw\n`);
  const content = readFileSync(file);
  t.ok(content.includes(SECRET));
  t.match(
    content.toString('latin1'),
    /packets synthesised by rdp-probe \d+\.\d+\.\d+ from the byte/,
  );
  const { traces, packets } = await analyseCapture(file);
  t.equal(traces.length, 1);
  t.equal(packets, 8);
  t.match(traces[0], { client: CLIENT, server: SERVER });
});

t.test('--no-secrets', async (t) => {
  const file = join(t.testdir(), 'saved.pcapng');
  await save(file, '--no-secrets', '--capture-with', 'none');
  t.notOk(readFileSync(file).includes('CLIENT_RANDOM'));
});

t.test('where it says what was done', async (t) => {
  const folder = t.testdir();
  const none = ['--capture-with', 'none'];
  t.equal((await save(join(folder, 'a'), ...none)).stderr, '');
  t.equal((await save(join(folder, 'b'), ...none, '--quiet')).stderr, '');
  const argv = ['check', 'any.example', ...none, '--save', join(folder, 'c')];
  const onTerminal = await run(argv, { probe, stderr: { columns: 80 } });
  t.match(onTerminal.stderr, /saved to .*c: packets synthesised/);
});

t.test('a file that is there is left alone', async (t) => {
  const file = join(t.testdir({ 'saved.pcapng': 'old' }), 'saved.pcapng');
  const { status, stderr, stdout } = await save(file, ...VERBOSE);
  t.equal(status, 3);
  t.equal(stdout, '', 'nothing was probed');
  t.match(stderr, /saved\.pcapng cannot be written: it is there already: --force replaces it\n$/);
  t.equal(readFileSync(file, 'utf8'), 'old');
  t.equal((await save(file, ...VERBOSE, '--force')).status, 0);
  t.equal(readFileSync(file).readUInt32LE(0), 0x0a0d0d0a);
});

t.test('a file that cannot be written: one sentence, before anything is probed', async (t) => {
  const folder = t.testdir();
  const rows = [
    [join(folder, 'no', 'file'), 'its folder does not exist'],
    [folder, 'it is there already: --force replaces it'],
  ] as const;
  for (const [file, says] of rows) {
    const { status, stderr, stdout } = await save(file, ...VERBOSE);
    t.same(
      { status, stderr, stdout },
      { status: 3, stderr: `rdp-probe: ${file} cannot be written: ${says}\n`, stdout: '' },
    );
  }
  t.match((await save(folder, '--force')).stderr, /cannot be written: it is a folder/);
});

t.test('a run that breaks off leaves no empty file', async (t) => {
  const file = join(t.testdir(), 'saved.pcapng');
  const broken: Probe = async () => {
    throw new RangeError('a bug');
  };
  const argv = ['check', 'any.example', '--save', file, '--capture-with', 'none'];
  await t.rejects(run(argv, { probe: broken }), RangeError);
  t.notOk(existsSync(file));
});

t.test('options that cannot be', async (t) => {
  const rows: readonly (readonly [options: readonly string[], says: RegExp])[] = [
    [['--force'], /--force goes with --save FILE\.pcapng/],
    [['--capture-with', 'none'], /--capture-with goes with --save/],
    [['--no-secrets'], /--no-secrets goes with --save/],
    [['--save', '-'], /--save takes the name of a file/],
    [
      ['--save', 'x', '--capture-with', 'wireshark'],
      /takes auto, tcpdump, dumpcap or none, not 'w/,
    ],
  ];
  for (const [options, says] of rows) {
    const { status, stderr } = await run(['check', 'any.example', ...options], { probe });
    t.equal(status, 2, options.join(' '));
    t.match(stderr, says);
  }
});

/** A program by this name that is found before the real one. */
function fake(folder: string, program: string, script: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, program), `#!/bin/sh\nPATH=/bin:/usr/bin\n${script}\n`);
  chmodSync(join(bin, program), 0o755);
}

async function saveBeside(folder: string, ...more: string[]) {
  const file = join(folder, 'saved.pcapng');
  const argv = ['check', 'any.example', '--save', file, '--verbose', ...more];
  const result = await run(argv, { probe, env: { LANG: 'C.UTF-8', PATH: join(folder, 'bin') } });
  return { ...result, file };
}

/** The firewall of the host rejects a SYN with ICMP. */
const REJECTED = captureFile('port-rejected-with-icmp-port-unreachable');

const NO_PERMISSION = `echo "PROGRAM: any: You don't have permission" >&2; exit 1`;

/** What a capture program delivers: our own segments between those of others. */
function captured(): Uint8Array {
  const mac = new Uint8Array(6);
  const end = (address: readonly number[], port: number) => ({
    address: Uint8Array.from(address),
    port,
    mac,
  });
  const client = end([192, 0, 2, 1], CLIENT.port);
  const server = end([198, 51, 100, 7], SERVER.port);
  const other = end([192, 0, 2, 1], CLIENT.port + 1);
  const segment = (
    from: typeof client,
    to: typeof client,
    flags: number,
    identification: number,
  ) => {
    const bytes = encodeSegment({
      from,
      to,
      flags,
      identification,
      sequence: 0,
      acknowledgment: 0,
      window: 1000,
      mss: null,
      payload: new Uint8Array(0),
    });
    const atNs = BigInt(STARTED_AT) * 1000n + BigInt(identification) * 1001n;
    return { atNs, bytes, originalLength: bytes.length, comment: null };
  };
  return encodeCaptureFile({
    application: 'a capture program',
    comment: '',
    keyLog: [],
    groups: [
      {
        linkType: 1,
        resolution: 9,
        name: 'any',
        description: '',
        from: null,
        to: null,
        dropped: null,
        attempt: null,
        packets: [
          segment(other, server, 0x02, 1),
          segment(client, server, 0x02, 2),
          segment(server, other, 0x12, 3),
          segment(server, client, 0x14, 4),
        ],
      },
    ],
  });
}

t.test('capture programs', { skip: process.platform !== 'linux' && 'only on Linux' }, async (t) => {
  await t.test('neither may capture: packets are synthesised, and it says why', async (t) => {
    const folder = t.testdir();
    for (const program of ['tcpdump', 'dumpcap']) {
      fake(folder, program, NO_PERMISSION.replace('PROGRAM', program));
    }
    const { status, stderr } = await saveBeside(folder);
    t.equal(status, 0);
    t.match(
      stderr,
      /synthesised from what the probe saw \(tcpdump: any: You .*; dumpcap: any: You .*\)\n$/,
    );
  });

  await t.test('the one that was asked for may not: nothing is probed', async (t) => {
    const folder = t.testdir();
    fake(folder, 'tcpdump', NO_PERMISSION.replace('PROGRAM', 'tcpdump'));
    const { status, stdout, stderr, file } = await saveBeside(folder, '--capture-with=tcpdump');
    t.equal(status, 3);
    t.equal(stdout, '');
    t.match(
      stderr,
      /^rdp-probe: tcpdump cannot capture here: any: You don't have permission; with/,
    );
    t.notOk(existsSync(file));
  });

  await t.test('only our own packets are kept, at their nanosecond', async (t) => {
    const folder = t.testdir({ 'raw.pcapng': Buffer.from(captured()) });
    fake(
      folder,
      'tcpdump',
      `trap 'echo "3 packets dropped by kernel" >&2; exit 0' INT
       echo "tcpdump: listening on any" >&2
       cat ${join(folder, 'raw.pcapng')}
       while :; do sleep 0.05; done`,
    );
    const { status, stderr, stdout, file } = await saveBeside(folder, '--json');
    t.equal(status, 0);
    t.match(stderr, /saved to .*: packets captured by tcpdump\n$/);
    const content = readFileSync(file);
    t.match(content.toString('latin1'), /packets captured by tcpdump while rdp-probe/);
    t.ok(content.includes(SECRET));
    const { packets, startedAt, problems, traces } = await analyseCapture(file);
    const figures = traces[0]?.facts.find(({ kind }) => kind === 'tcp-figures');
    t.match(figures, { server: { hopLimits: { opening: null, others: [], reset: 64 } } });
    const [live] = JSON.parse(stdout).handshakes;
    t.equal(live.tcp.strayReset, null);
    t.equal(live.notMeasured['tcp.strayReset'], undefined, 'the capture beside it would tell');
    t.equal(packets, 2);
    t.equal(startedAt, STARTED_AT + 2);
    t.match(problems, [{ says: 'the capture itself lost 3 packets' }]);
  });

  await t.test('what the capture shows of ICMP, the report tells', async (t) => {
    const [seen] = (await analyseCapture(REJECTED)).traces;
    if (seen === undefined) throw new Error('the recording has an attempt');
    const folder = t.testdir();
    fake(
      folder,
      'tcpdump',
      `trap 'exit 0' INT
       echo "tcpdump: listening on any" >&2
       cat ${REJECTED}
       while :; do sleep 0.05; done`,
    );
    const refused: Probe = async (_target, _settings, { recorder }) => {
      const { client, server, startedAt } = seen;
      await recorder?.ready([server.address ?? ''], 3389);
      const trace: HandshakeTrace = {
        source: { kind: 'live', profile: 'mstsc' },
        client,
        server,
        startedAt,
        facts: [
          { kind: 'tcp-connect', at: 0 },
          { kind: 'tcp-failed', at: 900_000, how: 'refused', by: 'server', code: 'ECONNREFUSED' },
        ],
        notMeasured: { 'tcp.icmp': 'only a capture shows ICMP messages' },
      };
      recorder?.recorded(trace, { client, wire: [], keyLog: [] });
      return [trace];
    };
    const file = join(folder, 'saved.pcapng');
    const argv = ['check', '203.0.113.1', '--save', file, '--json', '--no-follow-up'];
    const env = { LANG: 'C.UTF-8', PATH: join(folder, 'bin') };
    const { stdout } = await run(argv, { probe: refused, env });
    const [live] = JSON.parse(stdout).handshakes;
    t.match(live.tcp.icmp, [{ type: 'port-unreachable', from: '203.0.113.1' }]);
    t.equal(live.tcp.icmp.length, 1);
    t.equal(live.notMeasured['tcp.icmp'], undefined);
    t.same(
      live.events.map(({ kind }: { kind: string }) => kind),
      ['tcp-connect', 'icmp', 'tcp-failed', 'hop-limits'],
    );
  });

  await t.test('a program that sees nothing, and one that does not want to end', async (t) => {
    const folder = t.testdir();
    fake(
      folder,
      'tcpdump',
      `trap '' INT TERM
       echo "tcpdump: listening on any" >&2
       while :; do sleep 0.05; done`,
    );
    const { status, stderr } = await saveBeside(folder);
    t.equal(status, 0);
    t.match(stderr, /packets synthesised/);
  });

  await t.test('the real one', async (t) => {
    const scenario = findScenario('healthy-windows');
    if (scenario === null) throw new Error('no such scenario');
    const simulator = await startSimulator(scenario, { host: '127.0.0.1' });
    t.teardown(() => simulator.close());
    const file = join(t.testdir(), 'real.pcapng');
    const argv = ['check', `127.0.0.1:${simulator.port}`, '--save', file, '--verbose'];
    const env = { LANG: 'C.UTF-8', PATH: process.env['PATH'] };
    const { status, stderr } = await run(argv, { probe: liveProbe(process.platform), env });
    t.equal(status, 0);
    if (!stderr.includes('captured by')) {
      t.comment(`SKIPPED, packets cannot be captured here: ${stderr}`);
      return;
    }
    const { traces } = await analyseCapture(file, { ports: [simulator.port] });
    t.equal(traces.length, 1);
    const challenge = traces[0]?.facts.find(
      (fact) =>
        fact.kind === 'message' && fact.message.type === 'ts-request' && fact.by === 'server',
    );
    t.ok(challenge, 'the embedded secrets decrypt it');
  });
});

t.test('all addresses of one name are judged together, live and replayed', async (t) => {
  const file = join(t.testdir(), 'both.pcapng');
  const healthy = findScenario('healthy-windows');
  if (healthy === null) throw new Error('no such scenario');
  const { trace: accepted, recording } = await recordScenario(healthy);
  const { port } = accepted.server;
  const name = 'srv01.corp.example';
  const silent: HandshakeTrace = {
    ...accepted,
    client: { address: null, port: null },
    server: { address: '2001:db8::7', port, name },
    facts: [
      { kind: 'tcp-connect', at: 0 },
      { kind: 'tcp-failed', at: 3_000_000, how: 'timeout', by: null, code: null },
    ],
  };
  const answered = {
    ...accepted,
    server: { ...accepted.server, name },
    startedAt: accepted.startedAt + 3_000_000,
  };
  const twoAddresses: Probe = async (_target, _settings, { recorder }) => {
    const client = { address: '2001:db8::1', port: 50_000 };
    recorder?.recorded(silent, { client, wire: [], keyLog: [] });
    recorder?.recorded(answered, recording);
    return [silent, answered];
  };
  const live = await run(
    ['check', `${name}:${port}`, '--json', '--save', file, '--capture-with', 'none'],
    { probe: twoAddresses },
  );
  const replayed = await run(['replay', file, '--json']);
  const [one, ...more] = [live, replayed].map(({ stdout }) =>
    (JSON.parse(stdout) as Report).diagnoses.map(({ target, handshakes, findings }) => ({
      target,
      handshakes,
      findings: findings.map(({ cause, certainty, says }) => [
        cause,
        certainty,
        says.replace(/\d+(\.\d+)? m?s/g, 'a while'),
      ]),
    })),
  );
  t.strictSame(more, [one]);
  t.match(one, [{ target: `${name}:${port}`, handshakes: [0, 1] }]);
  t.ok(one?.[0]?.findings.some(([cause]) => cause === 'ipv6-path-broken'));
});
