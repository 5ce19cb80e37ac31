/**
 * `npm run bench`: how quick a check is, beside the least that the path allows and beside a peer.
 *
 * Needs Linux, root and the servers of `npm run test:servers`; nmap where it is installed. What is
 * missing is left out, and said.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Daemon, labEnvironment } from '../lab/daemon.js';
import { type DelayLink, missingForDelayLink, startDelayLink } from '../lab/delay-link.js';
import { FREERDP_SHADOW_PROGRAMS } from '../lab/freerdp-shadow.js';
import { Laboratory, type ServerSpecification } from '../lab/laboratory.js';
import { commandIn } from '../lab/net-namespace.js';
import { CAPTURE_PROGRAMS, startCapture } from '../lab/packet-capture.js';
import { missingRequirement } from '../lab/requirements.js';
import type { RunningServer } from '../lab/server.js';
import { Workspace } from '../lab/workspace.js';
import { check } from '../servers/check.js';
import { readCapture } from '../servers/tshark-reading.js';
import { describeMachine, print, renderRow, summarise } from './figures.js';

const LAUNCHER = fileURLToPath(new URL('../../bin/rdp-probe.js', import.meta.url));
const SIMULATED = fileURLToPath(new URL('./simulated.mjs', import.meta.url));
const RUNS = 11;

/** Round-trip time of the slow path. */
const LINK_RTT_MS = 50;

/** What a check may take on top of its round trips. */
const SOCKET_WORK_MS = 60;

const NLA: ServerSpecification = { kind: 'freerdp-shadow', mode: 'nla', certificate: 'good' };
const TLS12: ServerSpecification = {
  kind: 'xrdp',
  layer: 'tls',
  certificate: 'good',
  tlsVersions: 'TLSv1.2',
  encryption: 'high',
};

interface Case {
  readonly name: string;
  /** what must have been negotiated, or the figures are of something else */
  readonly tlsVersion: string;
  /** the stage with which the handshake is through */
  readonly ends: 'credssp' | 'mcs';
  /** TCP, X.224, TLS and the last stage: one round trip each, and TLS 1.2 takes two */
  readonly trips: number;
  start(laboratory: Laboratory, workspace: Workspace, link: DelayLink): Promise<Started>;
}

type Started = Pick<RunningServer, 'port' | 'stop'>;

const CASES: readonly Case[] = [
  {
    name: 'FreeRDP shadow, NLA over TLS 1.3',
    tlsVersion: 'TLSv1.3',
    ends: 'credssp',
    trips: 4,
    start: (laboratory, _workspace, link) => laboratory.start(NLA, link.server),
  },
  {
    name: 'xrdp, TLS 1.2, to the MCS response',
    tlsVersion: 'TLSv1.2',
    ends: 'mcs',
    trips: 5,
    start: (laboratory, _workspace, link) => laboratory.start(TLS12, link.server),
  },
  {
    name: 'simulated Windows, NLA over TLS 1.2',
    tlsVersion: 'TLSv1.2',
    ends: 'credssp',
    trips: 5,
    start: (_laboratory, workspace, link) => startSimulated(workspace, link),
  },
];

/** No real server with NLA can be held to TLS 1.2 here; this one is our own. */
async function startSimulated(workspace: Workspace, { server }: DelayLink): Promise<Started> {
  const port = 3389;
  const daemon = Daemon.start(workspace, {
    name: 'bench-simulated',
    command: [process.execPath, SIMULATED, server.address, String(port)],
    namespace: server.namespace,
  });
  await daemon.waitUntil('it listens', () => daemon.output().includes('listening on'));
  return { port, stop: () => daemon.stop() };
}

/** Wall times of whole processes, after one that is not counted. */
function timeProcess(command: readonly string[]): readonly number[] {
  const [program = '', ...rest] = command;
  const once = (): number => {
    const began = performance.now();
    spawnSync(program, rest, { stdio: 'ignore', env: labEnvironment() });
    return performance.now() - began;
  };
  once();
  return Array.from({ length: RUNS }, once);
}

function benchStartUp(): void {
  print('Whole processes that do no work');
  const bare = summarise(timeProcess([process.execPath, '-e', '0']));
  const help = summarise(timeProcess([process.execPath, LAUNCHER, '--help']));
  print(renderRow('node -e 0', bare));
  print(renderRow('rdp-probe --help', help, `${(help.median / bare.median).toFixed(2)} x node`));
  print();
}

/** From the start of the process to its connect(2), by the report's own instants. */
async function benchFirstSyn(server: RunningServer): Promise<void> {
  const { place, port } = server;
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const began = performance.timeOrigin + performance.now();
    const { handshake } = await check(place, place.address, port, []);
    const tcp = handshake.stages.find(({ stage }) => stage === 'tcp');
    if (run > 0) times.push(Date.parse(handshake.startedAt) + (tcp?.startMs ?? 0) - began);
  }
  print('Process start to first SYN, loopback');
  print(renderRow('rdp-probe check', summarise(times)));
  print();
}

async function benchCase(
  laboratory: Laboratory,
  workspace: Workspace,
  link: DelayLink,
  { name, tlsVersion, ends, trips, start }: Case,
): Promise<void> {
  const server = await start(laboratory, workspace, link);
  const { port } = server;
  const target = link.server.address;
  const capture = await startCapture(
    workspace,
    `bench-${CASES.findIndex((one) => one.name === name)}`,
    link.client,
    port,
    'any',
  );
  const handshakes: number[] = [];
  const processes: number[] = [];
  const rtts: (number | null)[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const { handshake, milliseconds, exitStatus } = await check(link.client, target, port, []);
    if (exitStatus === null || handshake.outcome.status !== 'ok') {
      throw new Error(`${name}: ${handshake.outcome.detail}`);
    }
    if (handshake.tls.version !== tlsVersion) {
      throw new Error(`${name}: ${handshake.tls.version} was negotiated`);
    }
    rtts.push(handshake.tcp.rttMs);
    if (run === 0) continue;
    handshakes.push(handshake.stages.find(({ stage }) => stage === ends)?.endMs ?? Number.NaN);
    processes.push(milliseconds);
  }
  await capture.stop();
  const seen = readCapture(capture.file, port);
  const errors = seen.map(({ rttMs }, run) => Math.abs((rtts[run] ?? 0) - (rttMs ?? 0)));

  const least = LINK_RTT_MS * trips;
  print(`${name}, ${LINK_RTT_MS} ms path: least ${trips} round trips = ${least} ms`);
  const done = summarise(handshakes);
  print(
    renderRow(
      `handshake, SYN to the end of ${ends}`,
      done,
      `${(done.median / least).toFixed(2)} x least`,
    ),
  );
  const limit = least + SOCKET_WORK_MS;
  print(`    limit ${limit} ms: ${done.median <= limit ? 'kept' : 'BROKEN'} by the median`);
  print(renderRow('whole process', summarise(processes)));
  print(renderRow('RTT, difference to the capture', summarise(errors)));
  print(`    TCP connections: ${seen.length} for ${RUNS + 1} checks`);
  benchNmap(link, target, port);
  print();
  await server.stop();
}

/** The peer that asks the same question: the server's NTLM challenge. */
function benchNmap(link: DelayLink, target: string, port: number): void {
  const missing = missingRequirement({ nmap: 'nmap' });
  if (missing !== null) {
    print(`    nmap rdp-ntlm-info: left out, ${missing}`);
    return;
  }
  const command = commandIn(link.client.namespace, [
    'nmap',
    ...['-Pn', '-n', '-p', String(port), '--script', 'rdp-ntlm-info', target],
  ]);
  print(renderRow('nmap rdp-ntlm-info, process', summarise(timeProcess(command))));
}

async function run(): Promise<void> {
  describeMachine();
  benchStartUp();
  const missing = missingRequirement({ ...FREERDP_SHADOW_PROGRAMS, ...CAPTURE_PROGRAMS });
  const missingLink = missingForDelayLink();
  if (missing !== null || missingLink !== null) {
    print(`The rest is left out: ${missing ?? missingLink}`);
    return;
  }
  const workspace = new Workspace();
  try {
    const laboratory = new Laboratory(workspace);
    const local = await laboratory.start(NLA);
    await benchFirstSyn(local);
    await local.stop();
    const link = await startDelayLink(workspace, LINK_RTT_MS);
    for (const one of CASES) await benchCase(laboratory, workspace, link, one);
    await link.stop();
  } finally {
    await workspace.close();
  }
}

await run();
