import { diagnose } from '../diagnose/diagnose.js';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { type HandshakeLabel, renderInstant, toHandshake } from '../handshake/summary.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import { buildReport } from '../report/build-report.js';
import type { ReportHead } from '../report/json.js';
import { type CaptureSummary, REPORT_SCHEMA, type Report } from '../report/report.js';
import type { AnalysedFile } from './analysed-file.js';
import { groupKeyOf, targetOf } from './connection-groups.js';
import type { CliIo } from './io.js';
import { replayedScan } from './replayed-scan.js';

/** What is known before anything was read. */
export function headOfReport(version: string, io: CliIo): ReportHead {
  return {
    schema: REPORT_SCHEMA,
    tool: { name: 'rdp-probe', version },
    command: 'replay',
    generatedAt: renderInstant(Math.round(io.now() * 1000)),
  };
}

/**
 * What the captures come to: a diagnosis for each group of connections that belong together.
 *
 * @param traces in the order in which they are told
 */
export async function reportOfCaptures(
  captures: readonly AnalysedFile[],
  traces: readonly HandshakeTrace[],
  version: string,
  io: CliIo,
): Promise<Report> {
  const handshakes = traces.map((trace, id) => toHandshake(trace, labelled(trace, id)));
  const { command, generatedAt } = headOfReport(version, io);
  return buildReport({
    version,
    command,
    generatedAt,
    captures: captures.map(summaryOf),
    handshakes,
    diagnoses: await diagnoseEach(handshakes, traces, io.now()),
  });
}

/** What a connection was made for: our own captures say it, of others each may be the one. */
export function labelled({ label }: HandshakeTrace, id: number): HandshakeLabel {
  return { id, purpose: label?.purpose ?? 'verdict', reason: label?.reason ?? null };
}

async function diagnoseEach(
  handshakes: readonly Handshake[],
  traces: readonly HandshakeTrace[],
  nowMs: number,
): Promise<readonly Diagnosis[]> {
  const groups = new Map<string, Handshake[]>();
  for (const handshake of handshakes) {
    const key = groupKeyOf(handshake);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [handshake]);
    else group.push(handshake);
  }
  const diagnoses: Diagnosis[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    const own = group.flatMap(({ id }) => traces[id] ?? []);
    const { scan, notTested } = await replayedScan(group, own);
    const target = first === undefined ? 'unknown' : targetOf(first);
    const diagnosis = diagnose(target, group, nowMs, null, { scan });
    diagnoses.push({ ...diagnosis, notTested: [...diagnosis.notTested, ...notTested] });
  }
  return diagnoses;
}

export function summaryOf({ file, analysis, failure }: AnalysedFile): CaptureSummary {
  return {
    file,
    packets: analysis?.packets ?? null,
    tcpConversations: analysis?.conversations ?? null,
    startedAt: instant(analysis?.startedAt ?? null),
    endedAt: instant(analysis?.endedAt ?? null),
    problems: analysis?.problems ?? [],
    others: analysis?.others ?? [],
    failure,
  };
}

function instant(micros: number | null): string | null {
  return micros === null ? null : renderInstant(micros);
}
