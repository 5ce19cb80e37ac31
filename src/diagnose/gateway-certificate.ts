import type { GatewayReport } from '../handshake/gateway.js';
import { judgeCertificate } from './certificate.js';
import { day, duration, listed } from './figures.js';
import type { Certainty } from './finding.js';

export type GatewayFault =
  | 'expired'
  | 'not-yet-valid'
  | 'other-name'
  | 'self-signed'
  | 'asked-by-address'
  | 'weak';

/** What is wrong with the certificate of a gateway. */
export interface JudgedFault {
  readonly is: GatewayFault;
  readonly certainty: Certainty;
  /** a sentence */
  readonly says: string;
  readonly against: readonly string[];
}

/**
 * The gravest fault of the gateway's own certificate; null: none, or it showed none.
 *
 * @param nowMs our clock, milliseconds since 1970 UTC, where the report does not say when it was
 */
export function gatewayCertificateFault(gateway: GatewayReport, nowMs: number): JudgedFault | null {
  const [leaf] = gateway.tls.certificates;
  if (leaf === undefined) return null;
  const startedAt = Date.parse(gateway.startedAt);
  const { ntlm, name } = gateway;
  const host = hostOf(name);
  const judged = judgeCertificate(leaf, {
    target: host,
    netbiosComputerName: ntlm?.netbiosComputerName ?? null,
    dnsComputerName: ntlm?.dnsComputerName ?? null,
    clockMs: Number.isNaN(startedAt) ? nowMs : startedAt,
    clockSkewMs: ntlm?.clockSkewMs ?? null,
  });
  const { byOurClock: ours, byServerClock: theirs } = judged;
  const whose = `The certificate of the gateway (${leaf.subject ?? 'the gateway'})`;
  const doubt =
    theirs !== null && theirs.status !== ours.status
      ? ["by the gateway's own clock it is another matter: one of the two clocks is wrong"]
      : [];
  const dated = doubt.length === 0 ? 'proved' : 'likely';
  if (ours.status === 'expired') {
    const says = `${whose} expired ${duration(ours.agoMs)} ago, on ${day(leaf.notAfter)}.`;
    return { is: 'expired', certainty: dated, says, against: doubt };
  }
  if (ours.status === 'not-yet-valid') {
    const says = `${whose} becomes valid only in ${duration(ours.inMs)}, on ${day(leaf.notBefore)}.`;
    return { is: 'not-yet-valid', certainty: dated, says, against: doubt };
  }
  if (judged.target === 'differs') {
    const says = `The certificate of the gateway is for ${listed(judged.names)}, and ${host} was asked for.`;
    return { is: 'other-name', certainty: 'likely', says, against: [] };
  }
  if (leaf.selfSigned === true) {
    const against = ['a client may have been told to trust it'];
    return { is: 'self-signed', certainty: 'possible', says: `${whose} is self-signed.`, against };
  }
  if (judged.target === 'asked-by-address') {
    const says = `The certificate of the gateway is for ${listed(judged.names)}, and it was asked for by its address.`;
    const against = ['clients may ask for it by its name'];
    return { is: 'asked-by-address', certainty: 'possible', says, against };
  }
  if (judged.key === 'refused-by-windows' || judged.key === 'weak' || judged.signature === 'weak') {
    const says = `${whose} has a weak key or signature.`;
    return { is: 'weak', certainty: 'possible', says, against: [] };
  }
  return null;
}

/** Without the port, and an address without its brackets. */
function hostOf(name: string): string {
  return name.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** HTTP.sys answers for every address that no service has registered. */
export function isWindowsHttp({ http }: GatewayReport): boolean {
  return /^Microsoft-(HTTPAPI|IIS)/i.test(http?.server ?? '');
}
