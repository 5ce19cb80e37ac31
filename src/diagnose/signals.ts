import type { GatewayReport } from '../handshake/gateway.js';
import type { Handshake } from '../handshake/handshake.js';
import { SIGNALS, type SignalId } from './catalogue/signals.js';
import { CAUSES, type CauseId } from './causes.js';
import type { Diagnosis, Finding, Signal, WeighedSignal } from './finding.js';
import { ADDRESS_SIGNALS } from './signals-address.js';
import { type Detectors, signalCase } from './signals-case.js';
import { CERTIFICATE_SIGNALS } from './signals-certificate.js';
import { CREDSSP_SIGNALS } from './signals-credssp.js';
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
    const ofGateway = of.gateway === undefined ? [] : gatewayEvidence(of.gateway, id);
    return asSignal(id, [...found, ...ofGateway]);
  });
}

function asSignal(id: SignalId, evidence: Signal['evidence']): readonly Signal[] {
  return evidence.length === 0 ? [] : [{ id, says: SIGNALS[id], evidence }];
}

/**
 * A diagnosis with the signals of its target, and with what each finding has of them by the data.
 * Order and certainty of the findings stay as they are.
 */
export function withSignals(
  diagnosis: Diagnosis,
  handshakes: readonly Handshake[],
  nowMs: number,
): Diagnosis {
  return weighed(diagnosis, signalsOf(handshakes, diagnosis, nowMs));
}

/** The same for what a gateway adds, where the signals of the handshakes are there already. */
export function withGatewaySignals(diagnosis: Diagnosis, gateway: GatewayReport): Diagnosis {
  const own = new Map((diagnosis.signals ?? []).map((signal) => [signal.id, signal]));
  const signals = SIGNAL_IDS.flatMap((id) => {
    const before = own.get(id)?.evidence ?? [];
    return asSignal(id, [...before, ...gatewayEvidence(gateway, id)]);
  });
  return weighed(diagnosis, signals);
}

function weighed(diagnosis: Diagnosis, signals: readonly Signal[]): Diagnosis {
  const findings = diagnosis.findings.map((one): Finding => {
    const weights = weightsFor(one.cause, signals);
    return weights.length === 0 ? one : { ...one, weights };
  });
  return { ...diagnosis, signals, findings };
}

/**
 * What the signals are worth for a cause; what many causes share is worth nothing by itself, and is
 * left out. Causes on the way through a gateway are told by the gateway's own signals alone: a
 * certificate of the server says nothing of the gateway's.
 *
 * @param cause an id of the catalogue; of another version's it weighs nothing
 */
export function weightsFor(cause: string, signals: readonly Signal[]): readonly WeighedSignal[] {
  const known = Object.hasOwn(CAUSES, cause) ? CAUSES[cause as CauseId] : null;
  if (known === null) return [];
  return signals.flatMap(({ id }) => {
    const weight = known.signalWeights[id];
    if (weight === undefined || weight === 'ambiguous') return [];
    if (known.phase === 'gateway' && !id.startsWith('gw.')) return [];
    return [{ signal: id, weight }];
  });
}
