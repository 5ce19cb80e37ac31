import type { GatewayReport } from '../handshake/gateway.js';
import type { Handshake } from '../handshake/handshake.js';
import { SIGNALS, type SignalId } from './catalogue/signals.js';
import type { Diagnosis, Signal } from './finding.js';
import { ADDRESS_SIGNALS } from './signals-address.js';
import { type Detectors, signalCase } from './signals-case.js';
import { CERTIFICATE_SIGNALS } from './signals-certificate.js';
import { CREDSSP_SIGNALS } from './signals-credssp.js';
import { FOLLOW_UP_SIGNALS } from './signals-follow-up.js';
import { gatewayEvidence } from './signals-gateway.js';
import { MCS_SIGNALS } from './signals-mcs.js';
import { PATH_SIGNALS } from './signals-path.js';
import { TLS_SIGNALS } from './signals-tls.js';
import { TOGETHER_SIGNALS } from './signals-together.js';
import { X224_SIGNALS } from './signals-x224.js';

/** One for each signal that handshakes, a path or a scan can show. */
export const DETECTORS: Detectors = {
  ...ADDRESS_SIGNALS,
  ...X224_SIGNALS,
  ...TLS_SIGNALS,
  ...CERTIFICATE_SIGNALS,
  ...CREDSSP_SIGNALS,
  ...MCS_SIGNALS,
  ...PATH_SIGNALS,
  ...TOGETHER_SIGNALS,
  ...FOLLOW_UP_SIGNALS,
};

/** The whole vocabulary, in its own order. */
export const SIGNAL_IDS: readonly SignalId[] = Object.keys(SIGNALS) as SignalId[];

/**
 * Every signal of the vocabulary that one target shows, in the order of the vocabulary. Pure: a saved
 * report gives the same ones as what it was saved from.
 *
 * @param handshakes with it, in the order in which they were made
 * @param of what else is known of it
 * @param nowMs our clock, milliseconds since 1970 UTC, where a handshake does not say when it was
 */
export function signalsOf(
  handshakes: readonly Handshake[],
  of: Pick<Diagnosis, 'path' | 'scan' | 'gateway'>,
  nowMs: number,
): readonly Signal[] {
  const seen = signalCase(handshakes, of.path, of.scan, nowMs);
  return SIGNAL_IDS.flatMap((id) => {
    const found = DETECTORS[id]?.(seen) ?? [];
    const ofGateway = of.gateway === undefined ? [] : gatewayEvidence(of.gateway, id, nowMs);
    return asSignal(id, [...found, ...ofGateway]);
  });
}

function asSignal(id: SignalId, evidence: Signal['evidence']): readonly Signal[] {
  return evidence.length === 0 ? [] : [{ id, says: SIGNALS[id], evidence }];
}

/** The same with what a gateway shows, where the signals of the handshakes are there already. */
export function withGatewaySignals(
  signals: readonly Signal[],
  gateway: GatewayReport,
  nowMs: number,
): readonly Signal[] {
  const own = new Map(signals.map((signal) => [signal.id, signal]));
  return SIGNAL_IDS.flatMap((id) => {
    const before = own.get(id)?.evidence ?? [];
    return asSignal(id, [...before, ...gatewayEvidence(gateway, id, nowMs)]);
  });
}
