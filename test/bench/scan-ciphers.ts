/**
 * `npm run bench:scan-ciphers`: the TLS survey with every suite against `sslscan --rdp`, on the same
 * servers, by turns: how long each takes, how many connections it makes, how much it learns.
 *
 *   RDP_PROBE_RUNS=5   rounds on loopback; one in five as many, at least one, on the path of 50 ms
 *
 * Needs root, the servers and sslscan (see .ci/run), /dev/net/tun and koffi. Takes some minutes.
 */
import { missingForDelayLink, startDelayLink } from '../lab/delay-link.js';
import { Laboratory, programsOf, type ServerSpecification } from '../lab/laboratory.js';
import { NetNamespace } from '../lab/net-namespace.js';
import { missingRequirement } from '../lab/requirements.js';
import type { Place } from '../lab/server.js';
import { runSslscan, runSurvey } from '../lab/survey-run.js';
import { Workspace } from '../lab/workspace.js';
import { describeMachine, print, summarise } from './figures.js';

const RUNS = Number(process.env['RDP_PROBE_RUNS'] ?? 5);
const LINK_RTT_MS = 50;

const SERVERS: readonly { readonly name: string; readonly server: ServerSpecification }[] = [
  {
    name: 'FreeRDP shadow all',
    server: { kind: 'freerdp-shadow', mode: 'all', certificate: 'good' },
  },
  {
    name: 'xrdp, TLS 1.0 to 1.3, every suite',
    server: {
      kind: 'xrdp',
      layer: 'negotiate',
      certificate: 'good',
      tlsVersions: 'TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
      encryption: 'high',
    },
  },
];

/** Where a server listens, and where its client stands. */
interface Road {
  readonly name: string;
  readonly server: Place & { readonly namespace: NetNamespace };
  readonly client: Pick<Place, 'namespace'>;
  readonly runs: number;
}

interface Round {
  readonly milliseconds: number;
  readonly connections: number;
  readonly suites: number;
}

/** TCP connections that were accepted in a namespace since it was made, as its kernel counts them. */
function acceptedIn(namespace: NetNamespace): number {
  const [heads = '', figures = ''] = namespace
    .run('grep', '^Tcp:', '/proc/net/snmp')
    .trim()
    .split('\n');
  return Number(figures.split(' ')[heads.split(' ').indexOf('PassiveOpens')]);
}

async function counted(
  namespace: NetNamespace,
  run: () => Promise<Omit<Round, 'connections'>>,
): Promise<Round> {
  const before = acceptedIn(namespace);
  const round = await run();
  return { ...round, connections: acceptedIn(namespace) - before };
}

function report(name: string, rounds: readonly Round[]): void {
  const { median, minimum, maximum } = summarise(rounds.map(({ milliseconds }) => milliseconds));
  const connections = [...new Set(rounds.map((round) => round.connections))].join(', ');
  const suites = [...new Set(rounds.map((round) => round.suites))].join(', ');
  const range = `${(minimum / 1000).toFixed(2)} to ${(maximum / 1000).toFixed(2)} s`;
  print(
    `  ${name.padEnd(22)} ${(median / 1000).toFixed(2).padStart(6)} s (${range}, ${rounds.length} runs), ` +
      `${connections} connections, ${suites} suites`,
  );
}

async function bench(laboratory: Laboratory, road: Road): Promise<void> {
  for (const { name, server: specification } of SERVERS) {
    const server = await laboratory.start(specification, road.server);
    const { address, namespace } = road.server;
    const ours: Round[] = [];
    const short: Round[] = [];
    const theirs: Round[] = [];
    const survey = (mode: 'short' | 'ciphers'): Promise<Round> =>
      counted(namespace, async () => {
        const { scan, milliseconds } = await runSurvey(road.client, address, server.port, mode);
        const suites = scan.versions.reduce((sum, version) => sum + version.suites.length, 0);
        return { milliseconds, suites };
      });
    for (let round = 0; round < road.runs; round++) {
      ours.push(await survey('ciphers'));
      theirs.push(
        await counted(namespace, async () => {
          const { suites, milliseconds } = await runSslscan(road.client, address, server.port);
          return { milliseconds, suites: suites.length };
        }),
      );
      short.push(await survey('short'));
    }
    await server.stop();
    print(`${name}, ${road.name}`);
    report('rdp-probe, every suite', ours);
    report('sslscan --rdp', theirs);
    report('rdp-probe, short', short);
    print();
  }
}

const missing = [...SERVERS.map(({ server }) => programsOf(server.kind))]
  .map((programs) => missingRequirement({ ...programs, sslscan: 'sslscan', ip: 'iproute2' }))
  .find((reason) => reason !== null);
const reason = missing ?? missingForDelayLink();
if (reason !== null && reason !== undefined) throw new Error(reason);

describeMachine();
const workspace = new Workspace();
const laboratory = new Laboratory(workspace);
try {
  const loop = NetNamespace.create(workspace, 'loop');
  await bench(laboratory, {
    name: 'loopback',
    server: { address: '127.0.0.1', namespace: loop },
    client: { namespace: loop },
    runs: RUNS,
  });
  const link = await startDelayLink(workspace, LINK_RTT_MS);
  await bench(laboratory, {
    name: `${LINK_RTT_MS} ms`,
    server: link.server,
    client: link.client,
    runs: Math.max(1, Math.round(RUNS / 5)),
  });
} finally {
  await workspace.close();
}
