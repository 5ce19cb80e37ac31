import {
  type CertificateFiles,
  type CertificateKind,
  makeCertificate,
  makeRdpKey,
} from './certificates.js';
import {
  FREERDP_SHADOW_PROGRAMS,
  type FreerdpShadowMode,
  startFreerdpShadow,
} from './freerdp-shadow.js';
import { GNOME_REMOTE_DESKTOP_PROGRAMS, startGnomeRemoteDesktop } from './gnome-remote-desktop.js';
import type { Programs } from './requirements.js';
import { LOOPBACK, type Place, type RunningServer } from './server.js';
import { startVirtualDisplay } from './virtual-display.js';
import { startWeston, WESTON_PROGRAMS, type WestonOptions } from './weston.js';
import type { Workspace } from './workspace.js';
import { startXrdp, XRDP_PROGRAMS, type XrdpOptions } from './xrdp.js';

/** A server to start, and how it is set up. */
export type ServerSpecification =
  | {
      readonly kind: 'freerdp-shadow';
      readonly mode: FreerdpShadowMode;
      readonly certificate: CertificateKind;
    }
  | {
      readonly kind: 'xrdp';
      readonly layer: XrdpOptions['layer'];
      /** null: the file that is configured does not exist */
      readonly certificate: CertificateKind | null;
      readonly tlsVersions: XrdpOptions['tlsVersions'];
      readonly encryption: XrdpOptions['encryption'];
    }
  | {
      readonly kind: 'weston';
      readonly mode: WestonOptions['mode'];
      readonly certificate: CertificateKind;
    }
  | { readonly kind: 'gnome-remote-desktop'; readonly certificate: CertificateKind };

/** The programs that a server needs. */
export function programsOf(kind: ServerSpecification['kind']): Programs {
  switch (kind) {
    case 'freerdp-shadow':
      return FREERDP_SHADOW_PROGRAMS;
    case 'xrdp':
      return XRDP_PROGRAMS;
    case 'weston':
      return WESTON_PROGRAMS;
    case 'gnome-remote-desktop':
      return GNOME_REMOTE_DESKTOP_PROGRAMS;
  }
}

/** Starts any server of the truth table; what several of them can share is made once. */
export class Laboratory {
  readonly #workspace: Workspace;
  readonly #certificates = new Map<CertificateKind, CertificateFiles>();
  #display: Promise<string> | null = null;
  #rdpKey: string | null = null;
  #started = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** @param place ignored by GNOME Remote Desktop, which always has a namespace of its own */
  async start(server: ServerSpecification, place: Place = LOOPBACK): Promise<RunningServer> {
    this.#started += 1;
    const name = `${server.kind}-${this.#started}`;
    switch (server.kind) {
      case 'freerdp-shadow': {
        this.#display ??= startVirtualDisplay(this.#workspace);
        return startFreerdpShadow(this.#workspace, {
          name,
          mode: server.mode,
          certificate: this.certificate(server.certificate),
          display: await this.#display,
          place,
        });
      }
      case 'xrdp':
        return startXrdp(this.#workspace, {
          ...server,
          name,
          certificate: server.certificate === null ? null : this.certificate(server.certificate),
          place,
        });
      case 'weston':
        this.#rdpKey ??= makeRdpKey(this.#workspace);
        return startWeston(this.#workspace, {
          name,
          mode: server.mode,
          certificate: this.certificate(server.certificate),
          rdpKey: this.#rdpKey,
          place,
        });
      case 'gnome-remote-desktop':
        return startGnomeRemoteDesktop(this.#workspace, {
          name,
          certificate: this.certificate(server.certificate),
        });
    }
  }

  certificate(kind: CertificateKind): CertificateFiles {
    const files = this.#certificates.get(kind) ?? makeCertificate(this.#workspace, kind);
    this.#certificates.set(kind, files);
    return files;
  }
}
