import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import type { ScanReport } from '../../src/handshake/scan.js';
import { Laboratory, programsOf } from '../lab/laboratory.js';
import { commandIn } from '../lab/net-namespace.js';
import { CAPTURE_PROGRAMS, startCapture } from '../lab/packet-capture.js';
import { missingProbe, runProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import type { Place } from '../lab/server.js';
import { Workspace } from '../lab/workspace.js';
import { check } from './check.js';
import { SERVERS, type ServerTruth } from './truth.js';
import { readCapture } from './tshark-reading.js';

/*
 * `rdp-probe scan` against real servers: what it concludes must be what the truth table says, in few
 * connections, counted in a capture; and the server must answer afterwards. The truth is set down
 * here by how each server was started, not by what a scan says of it.
 */

const SCAN_LIMIT_MS = 120_000;
const MOST_CONNECTIONS = 25;

interface ScanTruth {
  readonly layer: string;
  readonly nla: string | null;
  readonly standardRdp: string;
  readonly offers: string | null;
  /** weak settings of the negotiation */
  readonly weak: readonly string[];
  /** chosen where every method was offered; null: standard RDP security is refused */
  readonly method: number | null;
}

const RDP_WEAK = ['nla-not-required', 'standard-rdp-security'];
const UNENCRYPTED = [...RDP_WEAK, 'rdp-encryption-none'];

const TRUTH: Readonly<Record<string, ScanTruth>> = {
  'FreeRDP shadow rdp': {
    layer: 'rdp-only',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'respected',
    weak: UNENCRYPTED,
    method: 0,
  },
  'FreeRDP shadow tls': {
    layer: 'tls-only',
    nla: 'absent',
    standardRdp: 'refused',
    offers: 'respected',
    weak: ['nla-not-required'],
    method: null,
  },
  'FreeRDP shadow nla': {
    layer: 'nla-only',
    nla: 'required',
    standardRdp: 'refused',
    offers: 'respected',
    weak: [],
    method: null,
  },
  'FreeRDP shadow nego': {
    layer: 'negotiate',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'respected',
    weak: UNENCRYPTED,
    method: 0,
  },
  'FreeRDP shadow all': {
    layer: 'negotiate',
    nla: 'available',
    standardRdp: 'accepted',
    offers: 'respected',
    weak: UNENCRYPTED,
    method: 0,
  },
  'xrdp rdp': {
    layer: 'rdp-only',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'ignored',
    weak: RDP_WEAK,
    method: 2,
  },
  'xrdp tls': {
    layer: 'tls-only',
    nla: 'absent',
    standardRdp: 'refused',
    offers: 'respected',
    weak: ['nla-not-required'],
    method: null,
  },
  'xrdp negotiate': {
    layer: 'negotiate',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'ignored',
    weak: RDP_WEAK,
    method: 2,
  },
  'xrdp without a certificate': {
    layer: 'no-certificate',
    nla: null,
    standardRdp: 'refused',
    offers: null,
    weak: ['no-usable-certificate'],
    method: null,
  },
  'xrdp rdp, low encryption': {
    layer: 'rdp-only',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'ignored',
    weak: [...RDP_WEAK, 'rdp-encryption-weak'],
    method: 1,
  },
  'xrdp rdp, FIPS encryption': {
    layer: 'rdp-only',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'ignored',
    weak: RDP_WEAK,
    method: 16,
  },
  'weston tls': {
    layer: 'negotiate',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'respected',
    weak: UNENCRYPTED,
    method: 0,
  },
  'weston rdp': {
    layer: 'rdp-only',
    nla: 'absent',
    standardRdp: 'accepted',
    offers: 'respected',
    weak: UNENCRYPTED,
    method: 0,
  },
  'GNOME Remote Desktop': {
    layer: 'nla-only',
    nla: 'required',
    standardRdp: 'refused',
    offers: 'respected',
    weak: [],
    method: null,
  },
};

/** Weak settings that come from elsewhere than the negotiation. */
const OF_NEGOTIATION: ReadonlySet<string> = new Set([
  ...UNENCRYPTED,
  'rdp-encryption-weak',
  'no-usable-certificate',
]);

const noProbe = missingProbe();
const skipped: string[] = [];

for (const [name, expected] of Object.entries(TRUTH)) {
  t.test(name, async (t) => {
    const truth = SERVERS.find((server) => server.name === name);
    if (truth === undefined) throw new Error(`the truth table has lost ${name}`);
    const programs = { ...CAPTURE_PROGRAMS, ...programsOf(truth.server.kind) };
    if (cannotRun(t, name, missingRequirement(programs))) return;
    const workspace = new Workspace();
    t.teardown(() => workspace.close());
    const server = await new Laboratory(workspace).start(truth.server);
    const { place, port } = server;
    const { scan, connections } = await heardOut(t, workspace, place, port);
    compareWithTruth(t, scan, expected);
    compareOffers(t, scan, truth);
    t.equal(connections.length, scan.connections, 'as many connections as it says');
    t.ok(scan.connections <= MOST_CONNECTIONS, `${scan.connections} connections`);
    t.notOk(
      connections.some(({ reset }) => reset === 'client'),
      'none is reset by the probe',
    );
    // A server that is harmed by a scan does not answer any more.
    for (let again = 0; again < 3; again++) {
      const after = await check(place, place.address, port, []);
      t.not(after.handshake.x224.response.kind, null, 'it answers afterwards');
    }
    if (!t.passing()) t.comment(server.output().slice(-2000));
  });
}

t.test('nmap says the same where it can be relied on', async (t) => {
  const AGREE = ['FreeRDP shadow nla', 'GNOME Remote Desktop'];
  for (const name of AGREE) {
    const truth = SERVERS.find((server) => server.name === name);
    if (truth === undefined) throw new Error(`the truth table has lost ${name}`);
    const programs = { nmap: 'nmap', ...programsOf(truth.server.kind) };
    if (cannotRun(t, name, missingRequirement(programs))) continue;
    const workspace = new Workspace();
    const server = await new Laboratory(workspace).start(truth.server);
    try {
      const { place, port } = server;
      const [program, ...options] = commandIn(place.namespace, [
        'nmap',
        ...['-Pn', '-n', '-p', `${port}`, '--script', '+rdp-enum-encryption', place.address],
      ]);
      const { stdout } = spawnSync(program, options, { encoding: 'utf8', timeout: SCAN_LIMIT_MS });
      t.match(stdout, /CredSSP \(NLA\): SUCCESS/, `${name}: nmap finds NLA`);
      t.notMatch(stdout, /Native RDP: SUCCESS|SSL: SUCCESS/, `${name}: and nothing else`);
      const scan = await scanned(place, port);
      t.equal(scan.negotiation?.conclusions.layer.value, 'nla-only', name);
    } finally {
      await workspace.close();
    }
  }
});

t.teardown(() => {
  if (skipped.length === 0) return;
  process.stderr.write(
    `\nNOT TRIED (${skipped.length}):\n${skipped.map((line) => `  ${line}\n`).join('')}\n`,
  );
});

function cannotRun(t: Test, name: string, reason: string | null): boolean {
  const why = noProbe ?? reason;
  if (why === null) return false;
  skipped.push(`${name}: ${why}`);
  if (process.env['CI'] === 'true' || noProbe !== null) t.fail(why);
  else t.pass(name, { skip: why });
  return true;
}

interface CapturedScan {
  readonly scan: ScanReport;
  readonly connections: ReturnType<typeof readCapture>;
}

/** Scans of a server that falls silent now and then, until it did not. */
const MOST_SCANS = 3;

/** On a loaded machine xrdp confirms now and then, and then says nothing: it is asked once more. */
async function heardOut(
  t: Test,
  workspace: Workspace,
  place: Place,
  port: number,
): Promise<CapturedScan> {
  for (let made = 1; ; made++) {
    const capture = await startCapture(workspace, `scan-${made}`, place, port);
    const scan = await scanned(place, port);
    await capture.stop();
    if (!fellSilent(scan) || made === MOST_SCANS) {
      return { scan, connections: readCapture(capture.file, port) };
    }
    t.comment(`scan ${made}: it fell silent after its confirm`);
  }
}

function fellSilent({ negotiation }: ScanReport): boolean {
  return negotiation?.offers.some(({ mcs }) => mcs === 'silence') === true;
}

async function scanned(place: Place, port: number): Promise<ScanReport> {
  const { report, stderr } = await runProbe(
    place,
    ['scan', `${place.address}:${port}`],
    SCAN_LIMIT_MS,
  );
  const scan = report?.diagnoses[0]?.scan ?? null;
  if (scan === null) throw new Error(`no scan: ${stderr}`);
  return scan;
}

function compareWithTruth(t: Test, scan: ScanReport, expected: ScanTruth): void {
  const { negotiation, rdpSecurity, weaknesses } = scan;
  const conclusions = negotiation?.conclusions;
  // A silence must not pass for an answer.
  const isSilent = fellSilent(scan);
  t.strictSame(
    {
      layer: conclusions?.layer.value,
      nla: conclusions?.nla.value,
      standardRdp: conclusions?.standardRdp.value,
      offers: conclusions?.offers.value,
      weak: weaknesses.map(({ id }) => id).filter((id) => OF_NEGOTIATION.has(id)),
      method: rdpSecurity?.chosen?.value ?? null,
    },
    isSilent && expected.standardRdp === 'refused' ? { ...expected, standardRdp: null } : expected,
  );
  t.equal(conclusions?.answers.value, 'steady', 'one server');
  t.equal(conclusions?.extras.value, 'ignored', 'a cookie, a token and flags change nothing');
  t.strictSame(scan.stopped, null);
  t.equal(
    scan.tls === null,
    conclusions?.tls.value === null || conclusions?.tls.value === 'absent',
  );
}

/** Each answer of the matrix is the one that was measured with plain sockets. */
function compareOffers(t: Test, { negotiation }: ScanReport, { answers }: ServerTruth): void {
  for (const { offer, answer, selectedProtocol, failure } of negotiation?.offers ?? []) {
    const known = answers[(offer?.value ?? 'none') as keyof typeof answers];
    if (known === undefined) continue;
    const said =
      answer === 'selected'
        ? { selectedProtocol }
        : answer === 'failure'
          ? { failure }
          : answer === 'not-negotiated'
            ? 'none-negotiated'
            : answer;
    const expected = typeof known === 'string' ? 'none-negotiated' : known;
    t.strictSame(said, expected, `offer ${offer?.value ?? 'none'}`);
  }
}
