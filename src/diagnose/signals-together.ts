import { askedOf } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import { duration } from './figures.js';
import type { Evidence } from './finding.js';
import { packetsOf, property } from './seen.js';
import {
  type Detector,
  type Detectors,
  ended,
  inEach,
  remark,
  type SignalCase,
} from './signals-case.js';

/** The same question, asked twice, and answered in two ways. */
const varies: Detector = ({ decisive, judged, followUps }: SignalCase) => {
  if (decisive === null) return [];
  const again = [
    ...judged.filter((one) => one !== decisive && isHere(one, decisive)),
    ...followUps.map(({ handshake }) => handshake),
  ].filter((one) => askedOf(one, decisive) === 'again' && one.outcome.status !== 'incomplete');
  const other = again.find((one) => howOf(one) !== howOf(decisive));
  return other === undefined || decisive.outcome.status === 'incomplete'
    ? []
    : [endOf(other), endOf(decisive)];
};

function isHere(one: Handshake, decisive: Handshake): boolean {
  return one.server.address === decisive.server.address && one.server.port === decisive.server.port;
}

/** A reset and an end are one thing here: which of them comes depends on what had not been read. */
function howOf({ outcome: { status, failedAt, how } }: Handshake): string {
  return status === 'ok' ? 'ok' : `${failedAt} ${how === 'reset' ? 'closed' : how}`;
}

function endOf(one: Handshake): Evidence {
  return one.outcome.status === 'ok' ? remark(one.outcome.detail, one.id) : ended(one);
}

/** A client that does nothing for so long is busy with something else than this connection. */
const LONG_PAUSE_MS = 3_000;

/** Time between the end of TLS and the next thing that the client sends. A probe does not pause. */
const pause = inEach((one) => {
  if (one.source.kind !== 'capture') return null;
  const finished = one.events.findLastIndex(
    (event) => property(event['message'], 'type') === 'tls-finished',
  );
  const done = one.events[finished];
  const next = one.events
    .slice(finished + 1)
    .find(
      (event) =>
        event['by'] === 'client' && (event['kind'] === 'message' || event['kind'] === 'tls-record'),
    );
  if (done === undefined || next === undefined || done.atMs === null || next.atMs === null) {
    return null;
  }
  const pauseMs = next.atMs - done.atMs;
  if (pauseMs < LONG_PAUSE_MS) return null;
  return {
    says: `the client sent nothing for ${duration(pauseMs)} after TLS was established`,
    handshake: one.id,
    atMs: next.atMs,
    packets: packetsOf(next),
  };
});

/** What only several handshakes, or the client's own times, show. */
export const TOGETHER_SIGNALS: Detectors = {
  'stage.varies-between-runs': varies,
  'timeline.client-side-pause': pause,
};
