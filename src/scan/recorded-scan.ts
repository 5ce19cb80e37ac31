import type { ScanReport } from '../handshake/scan.js';
import type { HandshakeTrace, ScanRecord } from '../handshake/trace.js';
import { Asker, type ScanHandshake } from './asker.js';
import { CLIENT_PROFILES } from './profiles/clients.js';
import { runScan } from './scan-run.js';

/** A connection of a scan, as a record tells of it. */
export interface RecordedHandshake {
  readonly trace: HandshakeTrace;
  readonly purpose: string;
  readonly reason: string | null;
}

/**
 * What the connections of a recorded scan come to. The questions are asked again, each is answered
 * from the record, and so the conclusions are made by the same rules as live.
 *
 * @param made in the order in which they were made
 * @returns null: these are not the connections of one scan as this version of the program makes it
 */
export async function recordedScan(
  made: readonly RecordedHandshake[],
  record: ScanRecord,
): Promise<ScanReport | null> {
  const client = CLIENT_PROFILES.find(({ id }) => id === record.client) ?? null;
  const firstQuestion = made.findIndex(({ purpose }) => purpose !== 'verdict');
  const before = firstQuestion < 0 ? made : made.slice(0, firstQuestion);
  const ordinary = before.at(-1)?.trace;
  if (ordinary === undefined || (record.client !== null && client === null)) return null;
  const answers = made.slice(before.length);
  let taken = 0;
  let isSamePlan = true;
  let isInterrupted = false;
  const asker = new Asker(
    async ({ purpose, reason }) => {
      const next = answers[taken];
      if (next === undefined) {
        isInterrupted = record.interrupted;
        return null;
      }
      isSamePlan = next.purpose === purpose && next.reason === reason;
      if (!isSamePlan) return null;
      taken++;
      // The last one may have been broken off: what was seen of it is no answer.
      isInterrupted = next.trace.label?.left?.why === 'interrupted';
      return next.trace;
    },
    { most: record.mostConnections, isInterrupted: () => isInterrupted },
    before.map(({ trace }): ScanHandshake => ({ trace, purpose: 'verdict', reason: null })),
  );
  const { ciphers, mostConnections, tookMs } = record;
  const { report } = await runScan(asker, {
    options: { ciphers, mostConnections, client },
    host: ordinary.server.name ?? ordinary.server.address ?? '',
    hasOwnLine: hasOwnLine(ordinary),
    // As many questions as there are answers: time sets no limit any more.
    elapsedMs: () => 0,
  });
  return isSamePlan && taken === answers.length ? { ...report, tookMs } : null;
}

function hasOwnLine({ facts }: HandshakeTrace): boolean {
  return facts.some(
    (fact) =>
      fact.kind === 'message' &&
      fact.message.type === 'x224-request' &&
      (fact.message.cookie !== null || fact.message.routingToken !== null),
  );
}
