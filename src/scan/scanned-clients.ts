import type { ClientScan, CredSspState } from '../handshake/scan-clients.js';
import type { TlsScan } from '../handshake/scan-tls.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { Ask } from './ask.js';
import { credSspState } from './credssp-state.js';
import type { ClientProfile } from './profiles/client-profile.js';
import { CLIENT_PROFILES } from './profiles/clients.js';
import { abilitiesOf, withTlsScan } from './server-abilities.js';
import { askAs, surveyClients } from './survey-clients.js';

export interface ScannedClients {
  readonly clients: ClientScan;
  /** null: the server never answered a TSRequest, and `whyNoCredSsp` says why that may be */
  readonly credssp: CredSspState | null;
  readonly whyNoCredSsp: string | null;
}

export interface ClientsOrder {
  /** null: all that are known, computed; else this one alone, asked as itself */
  readonly only: ClientProfile | null;
  /** as a client would name it in TLS */
  readonly host: string;
  /** connections that may be made */
  readonly most: number;
}

/**
 * Who can connect, and what the server's CredSSP version means, from everything that a scan has seen
 * so far and a few questions more.
 *
 * @param traces of the scan, in their order
 * @param tls what the survey of TLS found; null: it was not made
 */
export async function scanClients(
  traces: readonly HandshakeTrace[],
  tls: TlsScan | null,
  ask: Ask,
  { only, host, most }: ClientsOrder,
): Promise<ScannedClients> {
  const seen = abilitiesOf(traces);
  const known = tls === null ? seen : withTlsScan(seen, tls);
  const version = known.credsspVersion;
  const credssp = version === null ? null : credSspState(version);
  const whyNoCredSsp = version === null ? 'no handshake came as far as a TSRequest' : null;
  if (only === null) {
    const { scan } = await surveyClients(CLIENT_PROFILES, known, ask, most);
    return { clients: scan, credssp, whyNoCredSsp };
  }
  let connections = 0;
  const verdict = await askAs(
    only,
    async (question) => {
      if (connections >= most) return null;
      const trace = await ask(question);
      if (trace !== null) connections += 1;
      return trace;
    },
    host,
    known,
  );
  return { clients: { profiles: [verdict], connections }, credssp, whyNoCredSsp };
}
