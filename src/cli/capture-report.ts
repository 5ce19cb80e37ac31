import { diagnose } from '../diagnose/diagnose.js';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { renderInstant, toHandshake } from '../handshake/summary.js';
import { buildReport } from '../report/build-report.js';
import type { CaptureSummary, Report } from '../report/report.js';
import type { AnalysedFile } from './capture-files.js';
import type { CliIo } from './io.js';
import type { Narrowing } from './replay-narrowing.js';
import { readVersion } from './version.js';

/** What the captures come to: a diagnosis for each client address and server endpoint. */
export async function reportOfCaptures(
  captures: readonly AnalysedFile[],
  narrowing: Narrowing,
  io: CliIo,
): Promise<Report> {
  const traces = captures.flatMap(({ analysis }) => analysis?.traces ?? []).filter(narrowing.wants);
  const handshakes = traces.map((trace, id) =>
    toHandshake(trace, { id, purpose: 'verdict', reason: null }),
  );
  return buildReport({
    version: await readVersion(),
    command: 'replay',
    generatedAt: renderInstant(Math.round(io.now() * 1000)),
    captures: captures.map(summaryOf),
    handshakes,
    diagnoses: diagnoseEach(handshakes, io.now()),
  });
}

function diagnoseEach(handshakes: readonly Handshake[], nowMs: number): readonly Diagnosis[] {
  const groups = new Map<string, Handshake[]>();
  for (const handshake of handshakes) {
    const { client, server } = handshake;
    const key = `${client.address} ${server.address} ${server.port}`;
    groups.set(key, [...(groups.get(key) ?? []), handshake]);
  }
  return [...groups.values()].map((group) => diagnose(targetOf(group), group, nowMs));
}

function targetOf([first]: readonly Handshake[]): string {
  const { address, port } = first?.server ?? { address: null, port: null };
  const host = address?.includes(':') === true ? `[${address}]` : (address ?? 'unknown');
  return `${host}:${port ?? '?'}`;
}

function summaryOf({ file, analysis, failure }: AnalysedFile): CaptureSummary {
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
