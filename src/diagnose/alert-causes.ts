import type { Handshake } from '../handshake/handshake.js';
import type { CauseId } from './causes.js';
import type { Certainty } from './finding.js';
import { kindOf } from './server-kind.js';

/** Causes, each with how far what was seen speaks for it; the best one first. */
export type Candidates = readonly (readonly [cause: CauseId, certainty: Certainty])[];

export const possible = (...causes: readonly CauseId[]): Candidates =>
  causes.map((cause) => [cause, 'possible']);

/** TLS alerts, RFC 8446 section 6.2, that end a handshake: causes, the best one first. */
const BY_ALERT: ReadonlyMap<number, Candidates> = new Map<number, Candidates>([
  [10, [['middlebox-dpi-resets-rdp', 'possible']]],
  [20, [['middlebox-dpi-resets-rdp', 'possible']]],
  [
    40,
    [
      ['tls-cipher-mismatch', 'likely'],
      ['tls-no-common-group', 'possible'],
      ['fips-mode-mismatch', 'possible'],
      ['client-certificate-required', 'possible'],
    ],
  ],
  [
    42,
    [
      ['weak-certificate', 'possible'],
      ['client-certificate-required', 'possible'],
    ],
  ],
  [43, [['weak-certificate', 'possible']]],
  [44, [['cert-name-or-trust', 'possible']]],
  [
    45,
    [
      ['self-signed-cert-not-renewed', 'possible'],
      ['ca-listener-cert-expired', 'possible'],
    ],
  ],
  [46, [['cert-name-or-trust', 'possible']]],
  [
    47,
    [
      ['tls-no-common-group', 'possible'],
      ['large-clienthello-intolerant-path', 'possible'],
    ],
  ],
  [48, [['cert-name-or-trust', 'possible']]],
  [50, [['middlebox-dpi-resets-rdp', 'possible']]],
  [51, [['private-key-missing-or-corrupt', 'possible']]],
  [
    71,
    [
      ['tls-cipher-mismatch', 'likely'],
      ['fips-mode-mismatch', 'possible'],
    ],
  ],
  [
    80,
    [
      ['private-key-acl-machinekeys', 'likely'],
      ['private-key-missing-or-corrupt', 'possible'],
      ['schannel-configuration-damaged', 'possible'],
    ],
  ],
  [86, [['tls-server-only-legacy', 'possible']]],
  [109, [['tls-no-common-group', 'possible']]],
  [110, [['large-clienthello-intolerant-path', 'possible']]],
  [
    112,
    [
      ['cert-name-or-trust', 'possible'],
      ['not-an-rdp-service', 'possible'],
    ],
  ],
  [116, [['client-certificate-required', 'likely']]],
]);

const PROTOCOL_VERSION = 70;
const HANDSHAKE_FAILURE = 40;

/** A server that has answered with a ServerHello has chosen a suite: it minds what came after. */
const AFTER_ITS_HELLO: Candidates = [
  ['client-certificate-required', 'likely'],
  ['weak-certificate', 'possible'],
  ['private-key-missing-or-corrupt', 'possible'],
];

/** Causes that only a Windows server can have. */
const ON_WINDOWS: ReadonlySet<CauseId> = new Set([
  'private-key-acl-machinekeys',
  'private-key-missing-or-corrupt',
  'schannel-configuration-damaged',
]);

/** TLS versions before 1.2, by the names that Node and OpenSSL use. */
const LEGACY_VERSIONS: ReadonlySet<string> = new Set(['SSLv3', 'TLSv1', 'TLSv1.0', 'TLSv1.1']);

export function isLegacyTls(version: string): boolean {
  return LEGACY_VERSIONS.has(
    version.replace(/^(TLS|SSL) ?v? ?/i, (_, name) => `${name.toUpperCase()}v`),
  );
}

/** RFC 5246 section 7.4.1.3: the ServerHello names the suite that was chosen. */
function saidHello({ tls }: Handshake): boolean {
  return tls.alert?.by === 'server' && (tls.cipher !== null || tls.certificates.length > 0);
}

/** What the alert that ended the TLS handshake points at. */
export function alertCauses(handshake: Handshake): Candidates {
  const code = handshake.tls.alert?.code ?? null;
  if (code === null) return [];
  if (code !== PROTOCOL_VERSION) {
    const chosen = code === HANDSHAKE_FAILURE && saidHello(handshake);
    const causes = chosen ? AFTER_ITS_HELLO : (BY_ALERT.get(code) ?? []);
    return kindOf(handshake).windows ? causes : causes.filter(([cause]) => !ON_WINDOWS.has(cause));
  }
  // The client's own alert is about the version that the server chose: that one is seen.
  const { alert, version } = handshake.tls;
  if (alert?.by === 'client' && version !== null && isLegacyTls(version)) {
    return [['tls-server-only-legacy', 'likely']];
  }
  // A client that also offered the old versions was not refused for being too new.
  const versions = handshake.tls.clientHello?.versions ?? [];
  if (versions.some(isLegacyTls)) return [['tls-versions-disabled-on-host', 'likely']];
  // One that offered no TLS 1.3 either may be too old as well as too new.
  if (versions.length > 0 && !versions.includes('TLSv1.3')) {
    return [
      ['tls-versions-disabled-on-host', 'likely'],
      ['tls-server-only-legacy', 'possible'],
    ];
  }
  return [
    ['tls-server-only-legacy', 'likely'],
    ['tls-versions-disabled-on-host', 'possible'],
  ];
}
