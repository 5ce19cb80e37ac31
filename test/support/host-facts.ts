import type {
  HostCertificate,
  HostFacts,
  HostFirewall,
  HostListener,
  HostSchannel,
} from '../../src/diagnose/host-facts.js';
import { STARTED_AT_MS } from './handshake.js';

/*
 * What the script of `host-checks` reads on a sound Windows Server: made by hand from what Microsoft
 * documents of these settings. The computer is that of the handshakes in `handshake.ts`.
 */

/** An hour after those handshakes. */
export const TAKEN_AT = '2026-01-01T01:00:00.0000000Z';

export const OWN_THUMBPRINT = '9b1c7e02d45fa83b6c0d1e2f3a4b5c6d7e8f9012';

export const OWN_CERTIFICATE: HostCertificate = {
  store: 'Remote Desktop',
  thumbprint: OWN_THUMBPRINT,
  subject: 'CN=srv01.corp.example',
  notBefore: '2025-11-02T00:00:00.000000Z',
  notAfter: '2026-05-03T00:00:00.000000Z',
  hasPrivateKey: true,
  key: {
    error: null,
    file: 'C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\f686aace6942fb7f7ceb231212eef4a4_1',
    access: [
      { sid: 'S-1-5-18', allow: true, rights: 2032127 },
      { sid: 'S-1-5-20', allow: true, rights: 131209 },
    ],
  },
};

export const LISTENER: HostListener = {
  port: 3389,
  enabled: 1,
  logonDisabled: 0,
  lanAdapter: 0,
  securityLayer: 2,
  userAuthentication: 1,
  minEncryptionLevel: 3,
  thumbprint: null,
  policy: { securityLayer: null, userAuthentication: null, minEncryptionLevel: null },
};

export const SCHANNEL: HostSchannel = {
  protocols: ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'].map((name) => ({
    name,
    enabled: null,
    disabledByDefault: null,
  })),
  fips: 0,
  suitePolicy: false,
  suites: ['TLS_AES_256_GCM_SHA384'],
};

export const FIREWALL: HostFirewall = {
  profiles: ['Domain', 'Private', 'Public'].map((name) => ({
    name,
    enabled: 'True',
    inbound: 'Block',
    allowRules: 'NotConfigured',
  })),
  networks: ['DomainAuthenticated'],
  rules: [
    {
      name: 'RemoteDesktop-UserMode-In-TCP',
      enabled: 'True',
      profile: 'Domain, Private',
      action: 'Allow',
      remote: ['Any'],
    },
  ],
};

const RUNNING = [
  'TermService',
  'UmRdpService',
  'SessionEnv',
  'CertPropSvc',
  'KeyIso',
  'CryptSvc',
].map((name) => ({ name, status: 'Running', start: 3, account: 'LocalSystem' }));

export const HOST: HostFacts = {
  schema: 'rdp-probe.host-facts/1',
  takenAt: TAKEN_AT,
  computer: {
    name: 'SRV01',
    dnsName: 'srv01.corp.example',
    addresses: ['10.0.0.2', 'fe80::1%4', '127.0.0.1'],
    elevated: true,
    edition: 'ServerStandard',
    product: 'Windows Server 2022 Standard',
    build: '20348.2113',
    credSspVersion: '10.0.20348.1',
  },
  services: RUNNING,
  remoteDesktop: { denied: 0, deniedByPolicy: null, drainMode: 0 },
  listener: LISTENER,
  port: {
    number: 3389,
    listeners: [
      { address: '0.0.0.0', port: 3389, process: 'svchost', services: ['TermService'] },
      { address: '::', port: 3389, process: 'svchost', services: ['TermService'] },
    ],
  },
  certificates: [OWN_CERTIFICATE],
  schannel: SCHANNEL,
  logon: { encryptionOracle: null, restrictReceivingNtlm: null, lmCompatibilityLevel: 5 },
  domain: { joined: true, secureChannel: true },
  firewall: FIREWALL,
  events: [],
  updates: {
    hotfixes: [{ id: 'KB5034129', on: '2025-12-10T00:00:00.000000Z' }],
    restartPending: false,
  },
  wmi: { verify: 0, thumbprint: OWN_THUMBPRINT, error: null },
  problems: [],
};

/** The sound host with these parts in the place of its own. */
export function host(changes: Partial<HostFacts> = {}): HostFacts {
  return { ...HOST, ...changes };
}

/** The service in another state. */
export function serviceIn(name: string, status: string | null, start = 3): HostFacts['services'] {
  return RUNNING.map((one) => (one.name === name ? { ...one, status, start } : one));
}

/** An event of this id, so many minutes after the handshakes. */
export function hostEvent(
  id: number,
  provider: string,
  minutes = 1,
): NonNullable<HostFacts['events']>[number] {
  const last = new Date(STARTED_AT_MS + minutes * 60_000).toISOString();
  return { log: 'System', provider, id, count: 3, last, message: null };
}
