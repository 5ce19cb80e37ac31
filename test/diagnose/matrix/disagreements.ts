import { CAUSES } from '../../../src/diagnose/causes.js';
import { weightsFor } from '../../../src/diagnose/signals.js';
import type { Scored } from './score.js';

/** Causes that a decisive signal names and no finding has: `case: signal -> cause`. */
export function disagreements({ case: one, findings, signals }: Scored): readonly string[] {
  const found = new Set<string>(findings.map(({ cause }) => cause));
  return Object.keys(CAUSES)
    .filter((cause) => !found.has(cause))
    .flatMap((cause) =>
      weightsFor(cause, signals)
        .filter(({ weight }) => weight === 'decisive')
        .map(({ signal }) => `${one.name}: ${signal} -> ${cause}`),
    );
}

const ALSO_REFUSED =
  'the alert says that no version is common, not whose are too old; a ClientHello of TLS 1.0 was refused as well, or none was tried';

/** Where the weights of the catalogue and the rules are known to disagree, and why. */
export const KNOWN_DISAGREEMENTS: Readonly<Record<string, string>> = {
  'not-yet-valid-certificate: cert.not-yet-valid -> ca-listener-cert-expired':
    'the certificate is self-signed: no authority issued it',
  'tls-alert-protocol-version: tls.alert-70 -> tls-server-only-legacy': ALSO_REFUSED,
  'tls-alert-protocol-version, whatever is asked: tls.alert-70 -> tls-server-only-legacy':
    ALSO_REFUSED,
};
