/**
 * `npm run bench:scan -- [FILE]`: `rdp-probe scan` beside `nmap --script rdp-enum-encryption,rdp-ntlm-info`
 * against the same servers, on loopback and through a path of 50 ms, by turns in one run. Connections
 * are counted in a capture. Prints a table in markdown, and writes it into FILE.
 *
 *   RDP_PROBE_RUNS=5   runs of each
 *
 * Needs root, nmap, tcpdump, tshark, xrdp and freerdp2-shadow-x11.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { ScanReport } from '../../src/handshake/scan.js';
import { startDelayLink } from '../lab/delay-link.js';
import { Laboratory } from '../lab/laboratory.js';
import { commandIn } from '../lab/net-namespace.js';
import { startCapture } from '../lab/packet-capture.js';
import { runProbe } from '../lab/probe-run.js';
import { LOOPBACK, type Place } from '../lab/server.js';
import { Workspace } from '../lab/workspace.js';
import { SERVERS } from '../servers/truth.js';
import { readCapture } from '../servers/tshark-reading.js';
import { describeMachine, print, renderMs, type Summary, summarise } from './figures.js';

const RUNS = Number(process.env['RDP_PROBE_RUNS'] ?? 5);
const RTT_MS = 50;
const LIMIT_MS = 60_000;
const NAMES = ['FreeRDP shadow all', 'xrdp negotiate'] as const;

interface Measured {
  readonly milliseconds: number;
  readonly connections: number;
  readonly answers: number;
}

interface Row {
  readonly server: string;
  readonly way: string;
  readonly scan: readonly Measured[];
  readonly nmap: readonly Measured[];
}

/** What is told, one fact each: offers, methods, versions of TLS, weak settings, direct TLS. */
function answersOf({ negotiation, rdpSecurity, tls, weaknesses, directTls }: ScanReport): number {
  return (
    (negotiation?.offers.length ?? 0) +
    (rdpSecurity?.methods.filter(({ accepted }) => accepted !== null).length ?? 0) +
    (tls?.versions.filter(({ status }) => status !== 'not-tested').length ?? 0) +
    weaknesses.length +
    (directTls === null ? 0 : 1)
  );
}

/** Lines of nmap's that tell something of the server. */
function linesOf(output: string): number {
  return output.split('\n').filter((line) => /^\|.*\S: \S/.test(line)).length;
}

async function measureScan(
  client: Place,
  address: string,
  port: number,
): Promise<Omit<Measured, 'connections'>> {
  const { milliseconds, report, stderr } = await runProbe(
    client,
    ['scan', `${address}:${port}`],
    LIMIT_MS,
  );
  const scan = report?.diagnoses[0]?.scan ?? null;
  if (scan === null) throw new Error(`no scan: ${stderr}`);
  return { milliseconds, answers: answersOf(scan) };
}

function measureNmap(client: Place, address: string, port: number): Omit<Measured, 'connections'> {
  const [program, ...options] = commandIn(client.namespace, [
    'nmap',
    ...['-Pn', '-n', '-p', `${port}`, '--script', '+rdp-enum-encryption,+rdp-ntlm-info', address],
  ]);
  const began = performance.now();
  const { stdout } = spawnSync(program, options, { encoding: 'utf8', timeout: LIMIT_MS });
  return { milliseconds: performance.now() - began, answers: linesOf(stdout) };
}

async function benchServer(name: string, rttMs: number | null): Promise<Row> {
  const truth = SERVERS.find((server) => server.name === name);
  if (truth === undefined) throw new Error(`the truth table has lost ${name}`);
  const workspace = new Workspace();
  try {
    const link = rttMs === null ? null : await startDelayLink(workspace, rttMs);
    const server = await new Laboratory(workspace).start(truth.server, link?.server);
    const client = link?.client ?? LOOPBACK;
    const { address } = server.place;
    const row: Row & { scan: Measured[]; nmap: Measured[] } = {
      server: name,
      way: rttMs === null ? 'loopback' : `${rttMs} ms`,
      scan: [],
      nmap: [],
    };
    for (let run = 0; run < RUNS; run++) {
      // By turns, so that what else the machine does falls on both.
      for (const tool of ['scan', 'nmap'] as const) {
        const label = `${tool}-${run}`;
        const capture = await startCapture(
          workspace,
          label,
          client,
          server.port,
          link === null ? 'lo' : 'any',
        );
        const measured =
          tool === 'scan'
            ? await measureScan(client, address, server.port)
            : measureNmap(client, address, server.port);
        await capture.stop();
        const connections = readCapture(capture.file, server.port).length;
        row[tool].push({ ...measured, connections });
      }
    }
    return row;
  } finally {
    await workspace.close();
  }
}

function column(measured: readonly Measured[], key: keyof Measured): Summary {
  return summarise(measured.map((one) => one[key]));
}

function renderRows(rows: readonly Row[]): string {
  const lines = rows.map(({ server, way, scan, nmap }) => {
    const own = column(scan, 'milliseconds');
    const other = column(nmap, 'milliseconds');
    const cell = ({ median, minimum, maximum }: Summary): string =>
      `${renderMs(median)} (${renderMs(minimum)} to ${renderMs(maximum)})`;
    const count = (measured: readonly Measured[], key: keyof Measured): string =>
      String(column(measured, key).median);
    return (
      `| ${server} | ${way} | ${cell(own)} | ${cell(other)} | ${(other.median / own.median).toFixed(2)} ` +
      `| ${count(scan, 'connections')} / ${count(nmap, 'connections')} ` +
      `| ${count(scan, 'answers')} / ${count(nmap, 'answers')} |`
    );
  });
  return [
    '| server | path | scan, ms | nmap, ms | nmap / scan | connections | answers |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

describeMachine();
const rows: Row[] = [];
for (const name of NAMES) {
  for (const rttMs of [null, RTT_MS]) {
    rows.push(await benchServer(name, rttMs));
    process.stderr.write(`${rows.length} of ${2 * NAMES.length}\n`);
  }
}
const table = renderRows(rows);
print(table);
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, table);
