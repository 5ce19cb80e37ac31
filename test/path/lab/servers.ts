import type { CertificateFiles } from '../../lab/certificates.js';
import { FREERDP_SHADOW_PROGRAMS } from '../../lab/freerdp-shadow.js';
import { Laboratory } from '../../lab/laboratory.js';
import type { Programs } from '../../lab/requirements.js';
import type { Place, RunningServer } from '../../lab/server.js';
import type { Workspace } from '../../lab/workspace.js';
import { XRDP_PROGRAMS } from '../../lab/xrdp.js';
import { makeChain, startTlsServer, type TlsServerOptions } from './tls-server.js';

/** What stands at the end of a path. */
export type ServerName =
  /** xrdp: TLS, no NLA; its port queues two connections */
  | 'xrdp'
  /** FreeRDP's shadow server: NLA */
  | 'freerdp-shadow'
  /** OpenSSL with one self-signed RSA-2048 certificate: a flight below one full packet */
  | 'tls'
  /** OpenSSL with a chain of three: a flight of several full packets */
  | 'tls-chain'
  /** as `tls-chain`, and thinks for 3 s before its X.224 confirm */
  | 'tls-slow-confirm'
  /** as `tls-chain`, and thinks for 3 s before its server flight */
  | 'tls-slow-flight'
  /** as `tls-chain`, and closes every second connection at once */
  | 'tls-moody'
  /** as `tls-chain`, and after four connections its port is closed */
  | 'tls-bans';

const THINKING_MS = 3000;
const PATIENCE_CONNECTIONS = 4;

type Kind =
  | { readonly kind: 'xrdp' | 'freerdp-shadow' }
  | ({ readonly kind: 'tls'; readonly chain: boolean } & Omit<TlsServerOptions, 'certificate'>);

const KINDS: Readonly<Record<ServerName, Kind>> = {
  xrdp: { kind: 'xrdp' },
  'freerdp-shadow': { kind: 'freerdp-shadow' },
  tls: { kind: 'tls', chain: false },
  'tls-chain': { kind: 'tls', chain: true },
  'tls-slow-confirm': { kind: 'tls', chain: true, confirmAfterMs: THINKING_MS },
  'tls-slow-flight': { kind: 'tls', chain: true, flightAfterMs: THINKING_MS },
  'tls-moody': { kind: 'tls', chain: true, closes: 'every-second' },
  'tls-bans': { kind: 'tls', chain: true, bansAfter: PATIENCE_CONNECTIONS },
};

export const SERVER_NAMES = Object.keys(KINDS) as readonly ServerName[];

/** The programs that a server needs. */
export function programsOfServer(name: ServerName): Programs {
  const { kind } = KINDS[name];
  switch (kind) {
    case 'xrdp':
      return XRDP_PROGRAMS;
    case 'freerdp-shadow':
      return FREERDP_SHADOW_PROGRAMS;
    case 'tls':
      return { openssl: 'openssl' };
  }
}

/** Starts servers; certificates and what else they can share is made once. */
export class PathServers {
  readonly #workspace: Workspace;
  readonly #laboratory: Laboratory;
  #chain: CertificateFiles | null = null;
  #started = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#laboratory = new Laboratory(workspace);
  }

  async start(name: ServerName, place: Place): Promise<RunningServer> {
    const kind = KINDS[name];
    switch (kind.kind) {
      case 'xrdp':
        return this.#laboratory.start(
          {
            kind: 'xrdp',
            layer: 'tls',
            certificate: 'good',
            tlsVersions: 'TLSv1.2, TLSv1.3',
            encryption: 'high',
          },
          place,
        );
      case 'freerdp-shadow':
        return this.#laboratory.start(
          { kind: 'freerdp-shadow', mode: 'nla', certificate: 'good' },
          place,
        );
      case 'tls': {
        const { chain, kind: _, ...options } = kind;
        this.#started += 1;
        return startTlsServer(this.#workspace, `${name}-${this.#started}`, place, {
          ...options,
          certificate: chain ? this.#longChain() : this.#laboratory.certificate('good'),
        });
      }
    }
  }

  #longChain(): CertificateFiles {
    this.#chain ??= makeChain(this.#workspace);
    return this.#chain;
  }
}
