import type { Diagnosis } from '../diagnose/finding.js';
import type { GatewayTrace } from '../handshake/gateway.js';
import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import type { ScanReport } from '../handshake/scan.js';
import type { Fact, HandshakeTrace } from '../handshake/trace.js';
import { plannedConnections } from '../path/path-options.js';
import { ttlEvidence } from '../path/ttl-evidence.js';
import { renderTarget, type Target } from '../probe/settings.js';
import { cleanText } from '../report/clean.js';
import type { Asked, CapturedBeside, CheckOrder, Made } from './check-order.js';
import type { CliIo } from './io.js';
import type { RdpFileReading } from './rdp-settings.js';
import { type Spinner, startSpinner } from './spinner.js';
import { wantsUnicode } from './terminal.js';

export interface CheckedTarget {
  readonly handshakes: readonly Handshake[];
  readonly diagnosis: Diagnosis;
}

/** Probes one target and says what it comes to. */
export async function checkTarget(
  target: Target,
  order: CheckOrder,
  io: CliIo,
): Promise<CheckedTarget> {
  const name = renderTarget(target);
  const spinner = order.silent ? null : startSpinner(io, name);
  try {
    const observed = await observe(target, order, io, spinner);
    const further = await followUp(target, observed, order, io, spinner);
    const made = [...observed.traces, ...further];
    const asked = askedIn(made, observed.scan, order, io.signal.aborted);
    const { traces, path, scan } = withCaptured(
      { ...observed, traces: made },
      (await order.recorder?.settle(asked)) ?? new Map(),
    );
    // Loaded only now: reading modules while a server answers would spoil the times.
    const [{ toHandshake }, { diagnose }] = await Promise.all([
      import('../handshake/summary.js'),
      import('../diagnose/diagnose.js'),
    ]);
    const { firstId } = order;
    const handshakes = traces.map(({ trace, purpose, reason }, index) =>
      toHandshake(trace, { id: firstId + index, purpose, reason }),
    );
    const nowMs = io.now();
    const diagnosis = diagnose(name, handshakes, nowMs, path, { scan });
    const found = await behindGateway(diagnosis, observed.gateway ?? null, nowMs);
    return { handshakes, diagnosis: await withFile(found, order.file ?? null) };
  } finally {
    spinner?.stop();
  }
}

function askedIn(
  made: readonly Made[],
  report: ScanReport | null,
  { scan }: CheckOrder,
  interrupted: boolean,
): Asked {
  const record =
    scan === undefined || scan === null || report === null
      ? null
      : {
          mostConnections: scan.mostConnections,
          ciphers: scan.ciphers,
          client: scan.client?.id ?? null,
          interrupted,
          tookMs: report.tookMs,
        };
  return new Map(
    made.map(({ trace, purpose, reason }) => [
      trace,
      record !== null && purpose === 'verdict'
        ? { purpose, reason, scan: record }
        : { purpose, reason },
    ]),
  );
}

/** Nothing of it is loaded where there is none. */
async function behindGateway(
  diagnosis: Diagnosis,
  gateway: GatewayTrace | null,
  nowMs: number,
): Promise<Diagnosis> {
  if (gateway === null) return diagnosis;
  const [{ withGateway }, { toGatewayReport }] = await Promise.all([
    import('../diagnose/gateway-diagnosis.js'),
    import('../handshake/gateway-summary.js'),
  ]);
  return withGateway(diagnosis, toGatewayReport(gateway), nowMs);
}

/** Where the path was measured, or a scan was made, those are the further questions. */
async function followUp(
  target: Target,
  { traces, path, scan }: Observed,
  order: CheckOrder,
  io: CliIo,
  spinner: Spinner | null,
): Promise<Observed['traces']> {
  if (order.followUp === false || path !== null || scan !== null) return [];
  // Whoever logs on was told that nothing is tried twice.
  if (order.logon !== undefined || order.gateway !== undefined || io.signal.aborted) return [];
  const { toHandshake } = await import('../handshake/summary.js');
  const failed = traces.some(
    ({ trace }) =>
      toHandshake(trace, { id: 0, purpose: '', reason: null }).outcome.status === 'failed',
  );
  if (!failed) return [];
  const { askFollowUps } = await import('./follow-ups.js');
  return await askFollowUps(target, traces, order, io, (says) => spinner?.tell(says));
}

/** What a file says of a target stands with what was found of it. */
async function withFile(diagnosis: Diagnosis, file: RdpFileReading | null): Promise<Diagnosis> {
  if (file === null) return diagnosis;
  const { gatewayUntested } = await import('../diagnose/not-tested.js');
  const { gateway, report } = file;
  const way =
    gateway === null || gateway.when === 'never' || diagnosis.gateway !== undefined
      ? []
      : [gatewayUntested(gateway.host)];
  return { ...diagnosis, notTested: [...diagnosis.notTested, ...way], rdpFile: report };
}

interface Observed {
  readonly traces: readonly Made[];
  readonly path: PathReport | null;
  readonly scan: ScanReport | null;
  readonly gateway?: GatewayTrace | null;
}

async function observe(
  target: Target,
  { settings, allAddresses, path, scan, firstId, recorder, logon, gateway: order }: CheckOrder,
  io: CliIo,
  spinner: Spinner | null,
): Promise<Observed> {
  const kept = recorder === undefined ? {} : { recorder };
  if (scan !== undefined && scan !== null) {
    const scanned = await io.scan(target, settings, {
      options: scan,
      signal: io.signal,
      onQuestion: ({ says, made, most }) =>
        spinner?.tell(`${says} (connection ${made + 1} of ${most} at most)`),
      ...kept,
    });
    const { scanInReport } = await import('../report/scan-ids.js');
    return {
      traces: scanned.handshakes,
      path: null,
      scan: scanInReport(scanned.report, firstId),
    };
  }
  if (path === undefined || path === null) {
    let gateway: GatewayTrace | null = null;
    const found = (trace: GatewayTrace): void => {
      gateway = trace;
    };
    const traces = await io.probe(target, settings, {
      allAddresses,
      signal: io.signal,
      onStage: (stage) => spinner?.tell(stage),
      ...kept,
      ...(logon === undefined ? {} : { logon }),
      ...(order === undefined ? {} : { gateway: { ...order, found } }),
    });
    return {
      traces: traces.map((trace) => ({ trace, purpose: 'verdict', reason: null })),
      path: null,
      scan: null,
      gateway,
    };
  }
  if (io.stderr.isTTY && spinner !== null) {
    const most = plannedConnections(path);
    const name = cleanText(renderTarget(target), { ascii: !wantsUnicode(io.env, io.platform) });
    io.stderr.write(`rdp-probe: path to ${name}: at most ${most} connections, one at a time\n`);
  }
  const measured = await io.measurePath(target, settings, {
    options: path,
    environment: io.env,
    signal: io.signal,
    onProgress: ({ says, made, most }) =>
      spinner?.tell(`${says} (connection ${made} of ${most} at most)`),
    ...kept,
  });
  return { traces: measured.handshakes, path: numbered(measured.report, firstId), scan: null };
}

/** Adds what a capture that ran along shows: how far the server's packets had come, and ICMP. */
function withCaptured(
  { traces, path, scan }: Observed,
  beside: ReadonlyMap<HandshakeTrace, CapturedBeside>,
): Observed {
  const evidence =
    path === null ? null : ttlEvidence([...beside.values()].map((one) => one.serverHopLimits));
  return {
    traces: traces.map((one) => {
      const shown = beside.get(one.trace);
      if (shown === undefined) return one;
      const { 'tcp.strayReset': _, 'tcp.icmp': __, ...notMeasured } = one.trace.notMeasured;
      const facts = withIcmp(one.trace, shown.icmp);
      const hops = { kind: 'hop-limits', at: null, server: shown.serverHopLimits } as const;
      return { ...one, trace: { ...one.trace, facts: [...facts, hops], notMeasured } };
    }),
    path:
      path === null || evidence === null
        ? path
        : { ...path, sideEvidence: [...path.sideEvidence, evidence] },
    scan,
  };
}

/** Each error takes its place by its time; the packet's clock may be a little off the probe's. */
function withIcmp(
  { facts, startedAt }: HandshakeTrace,
  errors: CapturedBeside['icmp'],
): readonly Fact[] {
  const all = [...facts];
  for (const { atNs, error } of errors) {
    const at = Math.max(0, Number(atNs / 1000n) - startedAt);
    const after = all.findIndex((fact) => fact.at !== null && fact.at > at);
    all.splice(after === -1 ? all.length : after, 0, { kind: 'icmp', at, error });
  }
  return all;
}

/** The attempts point at handshakes of their own run; the report numbers those of all targets. */
function numbered(report: PathReport, firstId: number): PathReport {
  return {
    ...report,
    attempts: report.attempts.map((attempt) => ({
      ...attempt,
      handshake: attempt.handshake === null ? null : attempt.handshake + firstId,
    })),
  };
}
