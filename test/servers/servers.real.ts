import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { Handshake } from '../../src/handshake/handshake.js';
import { MAX_FOLLOW_UPS } from '../../src/scan/follow-up.js';
import { missingForDelayLink, startDelayLink } from '../lab/delay-link.js';
import { Laboratory, programsOf } from '../lab/laboratory.js';
import { CAPTURE_PROGRAMS, startCapture } from '../lab/packet-capture.js';
import { missingProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import { Workspace } from '../lab/workspace.js';
import { type Check, check } from './check.js';
import { compareWithReplay } from './replayed.js';
import { type Row, renderTable } from './table.js';
import {
  type Expectation,
  expectationOf,
  REQUESTS,
  type RequestName,
  SERVERS,
  type ServerTruth,
} from './truth.js';
import { type Connection, readCapture } from './tshark-reading.js';

/*
 * Real servers. For each: what `check` reports must be what the truth table says, what tshark reads
 * in a capture of the same run, and must not have harmed the server.
 *
 *   RDP_PROBE_TABLE=FILE   also writes the results into FILE, as a markdown table
 *   CI=true                a server that cannot be tried here is a failure, not a skip
 */

/**
 * How far the round trips of report and capture may be apart: usually, and when the machine did
 * something else between the packet's time stamp and its arrival.
 */
const RTT_TOLERANCE_MS = { median: 0.1, any: 2 } as const;

const LINK_RTT_MS = 50;
/** What the forwarder of the link adds to it. */
const LINK_LATENESS_MS = 1;

const rows: Row[] = [];
const skipped: string[] = [];
const noProbe = missingProbe();

interface Attempt {
  readonly request: RequestName;
  readonly check: Check;
}

for (const truth of SERVERS) {
  t.test(truth.name, async (t) => {
    const reason = missingRequirement({ ...CAPTURE_PROGRAMS, ...programsOf(truth.server.kind) });
    if (cannotRun(t, truth.name, reason)) return;
    const { laboratory, workspace } = openLaboratory(t);
    const server = await laboratory.start(truth.server);
    const { place, port } = server;
    const capture = await startCapture(workspace, 'checks', place, port);
    const attempts: Attempt[] = [];
    const repeated = Array.from({ length: truth.again }, (): RequestName => 'by default');
    for (const request of [...truth.requests, ...repeated]) {
      const { options } = REQUESTS[request];
      attempts.push({ request, check: await check(place, place.address, port, options) });
    }
    const saved = workspace.path(`${attempts.length}-saved.pcapng`);
    const saving = ['--save', saved, '--capture-with', 'none', '--force'];
    const last = await check(place, place.address, port, saving);
    attempts.push({ request: 'by default', check: last });
    await capture.stop();
    const connections = readCapture(capture.file, port);

    await t.test('what was saved of it tells the same', async (t) => {
      compareWithReplay(t, last.report, saved, port);
    });
    compareCounts(t, attempts, connections);
    compareRoundTrips(t, attempts, connections);
    for (const [index, attempt] of attempts.entries()) {
      const again = index < truth.requests.length ? '' : ', once more';
      await t.test(`asked ${attempt.request}${again}`, async (t) => {
        compareWithTruth(t, truth, attempt);
        for (const handshake of attempt.check.report.handshakes) {
          compareWithCapture(t, handshake, connections);
        }
        rows.push(rowOf(truth, attempt, t.passing()));
      });
    }
    if (!t.passing()) t.comment(server.output().slice(-2000));
  });
}

t.test(`through a path of ${LINK_RTT_MS} ms`, async (t) => {
  const truth = SERVERS.find(({ name }) => name === 'FreeRDP shadow all');
  if (truth === undefined) throw new Error('the truth table has lost a server');
  const programs = { ...CAPTURE_PROGRAMS, ...programsOf(truth.server.kind), ip: 'iproute2' };
  if (cannotRun(t, t.name, missingRequirement(programs) ?? missingForDelayLink())) return;
  const { laboratory, workspace } = openLaboratory(t);
  const link = await startDelayLink(workspace, LINK_RTT_MS);
  const server = await laboratory.start(truth.server, link.server);
  const { address } = server.place;
  const capture = await startCapture(workspace, 'checks', link.client, server.port, 'any');
  // To a client that is not on 127.0.0.1 it does not switch RDP's own encryption off.
  const encryption = { method: 0x02, level: 2 };
  const attempts: Attempt[] = [];
  for (const request of ['by default', 'rdp', 'ssl'] as const) {
    const { options } = REQUESTS[request];
    attempts.push({ request, check: await check(link.client, address, server.port, options) });
  }
  await capture.stop();
  const connections = readCapture(capture.file, server.port);
  compareCounts(t, attempts, connections);
  compareRoundTrips(t, attempts, connections);
  const roundTrips = attempts
    .map(({ check }) => check.handshake.tcp.rttMs ?? Number.NaN)
    .sort((a, b) => a - b);
  const [fastest = Number.NaN, median = Number.NaN] = roundTrips;
  t.ok(
    fastest >= LINK_RTT_MS && median < LINK_RTT_MS + LINK_LATENESS_MS,
    `the round trips of the path, ${roundTrips.join(', ')} ms`,
  );
  for (const attempt of attempts) {
    await t.test(`asked ${attempt.request}`, async (t) => {
      compareWithTruth(t, { ...truth, encryption }, attempt);
      compareWithCapture(t, attempt.check.handshake, connections);
      const named = { ...truth, name: `${truth.name}, ${LINK_RTT_MS} ms` };
      rows.push(rowOf(named, attempt, t.passing()));
    });
  }
});

t.teardown(() => {
  const file = process.env['RDP_PROBE_TABLE'];
  if (file !== undefined && file !== '') writeFileSync(file, renderTable(rows));
  if (skipped.length === 0) return;
  const lines = skipped.map((line) => `  ${line}\n`).join('');
  process.stderr.write(`\nNOT TRIED (${skipped.length}):\n${lines}\n`);
});

/** A case that cannot run is shouted about; where everything is meant to be there, it fails. */
function cannotRun(t: Test, name: string, reason: string | null): boolean {
  const why = noProbe ?? reason;
  if (why === null) return false;
  skipped.push(`${name}: ${why}`);
  if (process.env['CI'] === 'true' || noProbe !== null) t.fail(why);
  else t.pass(name, { skip: why });
  return true;
}

function openLaboratory(t: Test): { workspace: Workspace; laboratory: Laboratory } {
  const workspace = new Workspace();
  t.teardown(() => workspace.close());
  return { workspace, laboratory: new Laboratory(workspace) };
}

function compareWithTruth(t: Test, truth: ServerTruth, { request, check }: Attempt): void {
  const { handshake } = check;
  const offered = handshake.tls.clientHello?.versions ?? [];
  const expected = expectationOf(truth, request, offered);
  t.strictSame(factsOf(check), expected, 'as the server is known to answer');
  const { serverKind } = handshake.x224.response;
  t.ok(truth.serverKinds.includes(serverKind ?? ''), `serverKind ${serverKind}`);
}

/** The report in the shape of the truth table. */
function factsOf({ exitStatus, handshake }: Check): { [Key in keyof Expectation]: unknown } {
  const { outcome, x224, tls, credssp, mcs } = handshake;
  const [certificate] = tls.certificates;
  return {
    exitStatus,
    outcome: {
      status: outcome.status,
      reached: outcome.reached,
      failedAt: outcome.failedAt,
      how: outcome.how,
      by: outcome.by,
    },
    stages: Object.fromEntries(handshake.stages.map(({ stage, status }) => [stage, status])),
    x224: {
      requestedProtocols: x224.request?.requestedProtocols?.value ?? null,
      kind: x224.response.kind,
      selectedProtocol: x224.response.selectedProtocol,
      failure: x224.response.failure,
      flags: x224.response.flags?.value ?? null,
      sourceReference: x224.response.sourceReference,
    },
    tls: {
      version: tls.version,
      alert: tls.alert && { by: tls.alert.by, code: tls.alert.code, name: tls.alert.name },
      certificate:
        certificate === undefined
          ? null
          : {
              subject: certificate.subject,
              notBefore: certificate.notBefore,
              notAfter: certificate.notAfter,
              selfSigned: certificate.selfSigned,
              keyType: certificate.keyType,
              keyBits: certificate.keyBits,
              signatureAlgorithm: certificate.signatureAlgorithm,
            },
    },
    credssp: {
      version: credssp.version,
      computerName: credssp.ntlm?.netbiosComputerName ?? null,
    },
    mcs: {
      rdpVersion: mcs.rdpVersion,
      encryptionMethod: mcs.encryptionMethod?.value ?? null,
      encryptionLevel: mcs.encryptionLevel?.value ?? null,
    },
  };
}

function compareWithCapture(
  t: Test,
  { client, x224, tls, tcp, mcs }: Handshake,
  connections: readonly Connection[],
): void {
  const connection = connections.find(({ clientPort }) => clientPort === client.port);
  if (connection === undefined) {
    t.fail(`the capture has no connection from port ${client.port}`);
    return;
  }
  t.strictSame(
    {
      requestedProtocols: x224.request?.requestedProtocols?.value ?? null,
      selectedProtocol: x224.response.selectedProtocol?.value ?? null,
      failureCode: x224.response.failure?.code ?? null,
      sourceReference: x224.response.sourceReference,
      tlsVersion: tls.version,
      cipher: tls.cipher,
      alert: tls.alert && { by: tls.alert.by, code: tls.alert.code },
    },
    {
      requestedProtocols: connection.requestedProtocols,
      selectedProtocol: connection.selectedProtocol,
      failureCode: connection.failureCode,
      sourceReference: connection.sourceReference,
      tlsVersion: connection.tls.version,
      cipher: connection.tls.cipher,
      alert: connection.tls.alert,
    },
    'as tshark reads the same connection',
  );
  // Under TLS the capture does not show these; in TLS 1.3 not even the certificate.
  if (connection.encryptionMethod !== null) {
    t.equal(mcs.encryptionMethod?.value, connection.encryptionMethod, 'encryptionMethod');
    t.equal(mcs.encryptionLevel?.value, connection.encryptionLevel, 'encryptionLevel');
  }
  if (connection.tls.certificate !== null) {
    t.equal(tls.certificates[0]?.sha256, connection.tls.certificate, 'the certificate sent');
  }
  for (const side of ['client', 'server'] as const) {
    if (tcp.mss[side] !== null) t.equal(tcp.mss[side], connection.mss[side], `MSS, ${side}`);
  }
  if (tcp.largestSegment.server !== null) {
    t.equal(tcp.largestSegment.server, connection.largestSegment, 'the largest segment received');
  }
  t.not(connection.reset, 'client', 'the probe does not reset the connection');
}

/** After a refused negotiation the check asks one question more, and nothing where it went through. */
function followUpsOf({ check }: Attempt): number {
  const { status, how } = check.handshake.outcome;
  if (status !== 'failed') return 0;
  return how === 'negotiation-failure' ? 1 : MAX_FOLLOW_UPS;
}

/** The server gets exactly one connection for each handshake of a report, and not more than needed. */
function compareCounts(
  t: Test,
  attempts: readonly Attempt[],
  connections: readonly Connection[],
): void {
  for (const attempt of attempts) {
    const [first, ...further] = attempt.check.report.handshakes;
    t.equal(first?.purpose, 'verdict');
    t.ok(further.every(({ purpose }) => purpose === 'follow-up'));
    const most = followUpsOf(attempt);
    t.ok(further.length <= most, `${further.length} further questions of at most ${most}`);
  }
  const handshakes = attempts.flatMap(({ check }) => check.report.handshakes);
  t.equal(connections.length, handshakes.length, 'one connection for each handshake');
}

function compareRoundTrips(
  t: Test,
  attempts: readonly Attempt[],
  connections: readonly Connection[],
): void {
  const differences = attempts
    .map(({ check }) => {
      const { client, tcp } = check.handshake;
      const connection = connections.find(({ clientPort }) => clientPort === client.port);
      return Math.abs((tcp.rttMs ?? Number.NaN) - (connection?.rttMs ?? Number.NaN));
    })
    .sort((a, b) => a - b);
  const median = differences[(differences.length - 1) >> 1] ?? Number.NaN;
  const largest = differences.at(-1) ?? Number.NaN;
  t.ok(
    median <= RTT_TOLERANCE_MS.median && largest <= RTT_TOLERANCE_MS.any,
    `round trips as in the capture: apart by ${median.toFixed(3)} ms, at most ${largest.toFixed(3)}`,
  );
}

function rowOf(truth: ServerTruth, { request, check }: Attempt, matches: boolean): Row {
  const { outcome, x224, tls } = check.handshake;
  const { selectedProtocol, failure } = x224.response;
  return {
    server: truth.name,
    request,
    answer: selectedProtocol?.name ?? failure?.name ?? x224.response.kind ?? 'none',
    tls: [tls.version, tls.cipher].filter((part) => part !== null).join(' '),
    reached: outcome.reached ?? '',
    outcome: [outcome.status, outcome.how, outcome.by].filter((part) => part !== null).join(' '),
    exitStatus: check.exitStatus,
    milliseconds: check.milliseconds,
    matches,
  };
}
