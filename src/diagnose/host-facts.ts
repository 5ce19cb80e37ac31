/**
 * What the script of `host-checks` read on the RDP host, as its JSON document has it. A part that is
 * null was not read: its block was not asked for, or failed (`problems` says why).
 */

export const HOST_FACTS_SCHEMA = 'rdp-probe.host-facts/1';

export interface HostFacts {
  readonly schema: typeof HOST_FACTS_SCHEMA;
  /** by the clock of the host, ISO 8601 UTC */
  readonly takenAt: string;
  readonly computer: HostComputer;
  readonly services: readonly HostService[] | null;
  readonly remoteDesktop: HostRemoteDesktop | null;
  readonly listener: HostListener | null;
  readonly port: { readonly number: number; readonly listeners: readonly HostSocket[] } | null;
  readonly certificates: readonly HostCertificate[] | null;
  readonly schannel: HostSchannel | null;
  readonly logon: HostLogon | null;
  readonly domain: { readonly joined: boolean; readonly secureChannel: boolean | null } | null;
  readonly firewall: HostFirewall | null;
  readonly events: readonly HostEvent[] | null;
  readonly updates: HostUpdates | null;
  readonly wmi: HostWmi | null;
  readonly problems: readonly { readonly block: string; readonly says: string }[];
}

export interface HostComputer {
  readonly name: string;
  readonly dnsName: string | null;
  readonly addresses: readonly string[];
  /** false: private keys and some logs could not be read */
  readonly elevated: boolean;
  /** EditionID of the registry: Professional, Core, ServerStandard ... */
  readonly edition: string | null;
  readonly product: string | null;
  /** as in 20348.2113 */
  readonly build: string | null;
  /** file version of tspkg.dll, which holds CredSSP */
  readonly credSspVersion: string | null;
}

export interface HostService {
  readonly name: string;
  /** Running, Stopped, StartPending ...; null: there is no such service */
  readonly status: string | null;
  /** Start of the registry: 2 automatic, 3 manual, 4 disabled */
  readonly start: number | null;
  readonly account: string | null;
}

/** Values of the registry as they are; null: not set. */
export interface HostRemoteDesktop {
  readonly denied: number | null;
  readonly deniedByPolicy: number | null;
  readonly drainMode: number | null;
}

export interface HostListener {
  readonly port: number | null;
  readonly enabled: number | null;
  readonly logonDisabled: number | null;
  readonly lanAdapter: number | null;
  readonly securityLayer: number | null;
  readonly userAuthentication: number | null;
  readonly minEncryptionLevel: number | null;
  /** SSLCertificateSHA1Hash, small hex; null: not set, the self-signed certificate is used */
  readonly thumbprint: string | null;
  readonly policy: {
    readonly securityLayer: number | null;
    readonly userAuthentication: number | null;
    readonly minEncryptionLevel: number | null;
  };
}

/** A TCP port that something listens on. */
export interface HostSocket {
  readonly address: string;
  readonly port: number;
  readonly process: string | null;
  /** services in that process */
  readonly services: readonly string[];
}

export interface HostCertificate {
  /** Remote Desktop, or My */
  readonly store: string;
  /** SHA-1, small hex */
  readonly thumbprint: string;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly hasPrivateKey: boolean;
  /** null: not looked at, for it is not the listener's */
  readonly key: {
    /** why it could not be opened; null: it could */
    readonly error: string | null;
    /** null: its file was not found, or is elsewhere */
    readonly file: string | null;
    /** null: could not be read */
    readonly access:
      | readonly { readonly sid: string; readonly allow: boolean; readonly rights: number }[]
      | null;
  } | null;
}

export interface HostSchannel {
  /** of the server role; null: not set, as Windows has it */
  readonly protocols: readonly {
    readonly name: string;
    readonly enabled: number | null;
    readonly disabledByDefault: number | null;
  }[];
  readonly fips: number | null;
  /** a policy sets the cipher suites */
  readonly suitePolicy: boolean;
  /** null: this Windows does not list them */
  readonly suites: readonly string[] | null;
}

export interface HostLogon {
  readonly encryptionOracle: number | null;
  readonly restrictReceivingNtlm: number | null;
  readonly lmCompatibilityLevel: number | null;
}

export interface HostFirewall {
  readonly profiles: readonly {
    readonly name: string;
    readonly enabled: string;
    readonly inbound: string;
    readonly allowRules: string;
  }[];
  /** Public, Private, DomainAuthenticated */
  readonly networks: readonly string[];
  readonly rules: readonly HostFirewallRule[];
}

export interface HostFirewallRule {
  readonly name: string;
  readonly enabled: string;
  readonly profile: string;
  readonly action: string;
  readonly remote: readonly string[];
}

/** Events of one kind within the last seven days. */
export interface HostEvent {
  readonly log: string;
  readonly provider: string;
  readonly id: number;
  readonly count: number;
  readonly last: string;
  /** of the log System; null: another log, which names people */
  readonly message: string | null;
}

export interface HostUpdates {
  /** `on`: a day, as in 2026-01-31 */
  readonly hotfixes: readonly { readonly id: string; readonly on: string | null }[];
  readonly restartPending: boolean;
}

export interface HostWmi {
  /** exit status of winmgmt /verifyrepository; 0: consistent */
  readonly verify: number | null;
  /** SSLCertificateSHA1Hash of Win32_TSGeneralSetting: the certificate in use; small hex */
  readonly thumbprint: string | null;
  /** why the listener could not be read through WMI; null: it could */
  readonly error: string | null;
}
