import type { CauseId } from './catalogue.js';

/** `holds`: right; `partly`: right with the limits told; `unfounded`: nothing official says so; `wrong`. */
export type ClaimVerdict = 'holds' | 'partly' | 'unfounded' | 'wrong';

/** What pages on the web say of 0x904 / 0x7, and what is to be said of it. */
export interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly verdict: ClaimVerdict;
  readonly judgement: string;
  /** codes of mstsc that the claim is about, beside the pair 0x904, 0x7 */
  readonly codes: readonly number[];
  /** that the claim points at */
  readonly causes: readonly CauseId[];
}

/** From three pages that name no sources; the project began with them. */
export const CLAIMS: readonly Claim[] = [
  {
    id: 'S0-1',
    codes: [],
    claim: 'Test for a patch mismatch with the CredSSP policy at "Vulnerable"',
    verdict: 'partly',
    judgement:
      'Good as a diagnostic, but on the right machine: the value belongs on the client, where the server is not updated. On an updated server it only lets clients in that are not.',
    causes: ['credssp-oracle-patched-client-unpatched-server', 'credssp-delegation-policy'],
  },
  {
    id: 'S0-2',
    codes: [],
    claim: '"Vulnerable" is only a temporary diagnostic; the lasting fix is to update the server',
    verdict: 'holds',
    judgement:
      '"Vulnerable" permits the attack that the update closes: set it for the time of the update, then take it back.',
    causes: [
      'credssp-oracle-patched-client-unpatched-server',
      'credssp-oracle-forced-server-unpatched-client',
    ],
  },
  {
    id: 'S0-3',
    codes: [0x904],
    claim: 'Generic meaning given: trouble with the network or with agreeing on security',
    verdict: 'partly',
    judgement:
      'Microsoft says less: 0x904 means that the socket was closed. Network and security are two of several ways to get there.',
    causes: ['general-secure-negotiation-failure'],
  },
  {
    id: 'S0-4',
    codes: [0x904],
    claim: 'Often put down to an unstable network or a slow VPN',
    verdict: 'partly',
    judgement:
      'Plausible, and measurable: loss, delay and sizes of the path. It is not said of this code anywhere.',
    causes: [
      'packet-loss-on-path',
      'vpn-route-missing',
      'latency-or-slow-path',
      'wifi-or-access-link-unstable',
      'auth-roundtrip-timeout',
      'tcp-idle-timeout-drop',
    ],
  },
  {
    id: 'S0-5',
    codes: [0x904],
    claim: 'Root cause: expired RDP certificate',
    verdict: 'partly',
    judgement:
      'An expired certificate alone gives a warning or 0x1B07. What breaks TLS is the failed renewal (events 1057 and 1058) or a key that cannot be used.',
    causes: [
      'self-signed-cert-not-renewed',
      'server-has-no-usable-certificate',
      'listener-thumbprint-stale',
      'ca-listener-cert-expired',
      'cert-template-enrolment-failed',
      'gateway-certificate-problem',
    ],
  },
  {
    id: 'S0-6',
    codes: [],
    claim: 'Root cause: security layer mismatch',
    verdict: 'holds',
    judgement: 'The server says so in the negotiation (RDP_NEG_FAILURE), before any TLS.',
    causes: [
      'security-layer-rdp-only',
      'tls-required-by-server',
      'nla-required-by-server',
      'encryption-level-layer-conflict',
      'tls-server-only-legacy',
      'tls-versions-disabled-on-host',
      'tls-cipher-mismatch',
      'schannel-configuration-damaged',
    ],
  },
  {
    id: 'S0-7',
    codes: [0x904],
    claim: 'Root cause: firewall/compatibility bugs introduced by Windows 11 updates',
    verdict: 'unfounded',
    judgement:
      'No documented bug of the Windows 11 firewall shows this pair of codes. Neighbours that are documented or reported: the firewall profile of Server 2025 domain controllers, UDP in 24H2, the prompt of January 2026.',
    causes: [
      'host-firewall-wrong-profile',
      'local-security-software',
      'credential-guard-saved-creds',
      'update-2026-01-credential-prompt',
      'update-24h2-udp-65s',
      'udp-transport-blocked-or-fragmented',
      'update-ws2025-freeze',
    ],
  },
  {
    id: 'S0-8',
    codes: [0x7],
    claim: '0x7 is tied to client and host not finding a common way to protect the link',
    verdict: 'unfounded',
    judgement:
      '7 is documented as "the server denied the connection". No official text ties it to the negotiation of security.',
    causes: [
      'tls-required-by-server',
      'nla-required-by-server',
      'tls-versions-disabled-on-host',
      'credssp-oracle-patched-client-unpatched-server',
    ],
  },
  {
    id: 'S0-9',
    codes: [],
    claim:
      'The MachineKeys directory is damaged or lost its permissions, so that keys for NLA cannot be read or made',
    verdict: 'holds',
    judgement: 'Right in substance: the key belongs to TLS. NLA fails only because it runs inside.',
    causes: ['private-key-acl-machinekeys', 'private-key-missing-or-corrupt'],
  },
  {
    id: 'S0-10',
    codes: [],
    claim: 'Lossy or slow lines (VPN, provider) let the security phase run into its timeout',
    verdict: 'partly',
    judgement: 'Plausible, and measurable: repeat the probe, and measure the path.',
    causes: [
      'packet-loss-on-path',
      'latency-or-slow-path',
      'mtu-vpn-no-mss-clamp',
      'client-chain-retrieval-delay',
      'auth-roundtrip-timeout',
    ],
  },
  {
    id: 'S0-11',
    codes: [0x904],
    claim: 'Firewall on the remote computer blocks the incoming RDP request',
    verdict: 'partly',
    judgement:
      'A port that is filtered gives 0x204 or 0x108, by their documented names. A firewall that resets the connection later can give 0x904.',
    causes: [
      'host-firewall-rdp-rule',
      'host-firewall-blockinboundalways',
      'host-firewall-wrong-profile',
      'network-acl-or-nsg-block',
      'middlebox-dpi-resets-rdp',
    ],
  },
  {
    id: 'S0-12',
    codes: [],
    claim:
      'Delete the expired certificate under Certificates (Local Computer) > Remote Desktop, restart TermService, and a new one is made',
    verdict: 'holds',
    judgement: 'Restart SessionEnv as well: it is the service that makes the certificate.',
    causes: [
      'server-has-no-usable-certificate',
      'self-signed-cert-not-renewed',
      'self-signed-cert-services-stopped',
    ],
  },
  {
    id: 'S0-13',
    codes: [],
    claim:
      'Packet loss, low bandwidth or MTU mismatch over a VPN drops handshake packets mid-negotiation',
    verdict: 'partly',
    judgement: 'Plausible, and testable: a limit of size gives a stable threshold, loss does not.',
    causes: [
      'packet-loss-on-path',
      'mtu-pmtud-blackhole',
      'mtu-vpn-no-mss-clamp',
      'udp-transport-blocked-or-fragmented',
    ],
  },
  {
    id: 'S1-1',
    codes: [],
    claim: 'The client cannot negotiate a secure connection',
    verdict: 'partly',
    judgement: 'True and empty: it names no cause.',
    causes: ['general-secure-negotiation-failure'],
  },
  {
    id: 'S1-2',
    codes: [],
    claim: 'A cipher mismatch between client and host can drop the connection at once',
    verdict: 'holds',
    judgement: 'Alert 40 or 71, or an end without a word; Schannel event 36874 on the server.',
    causes: [
      'tls-cipher-mismatch',
      'tls-no-common-group',
      'fips-mode-mismatch',
      'schannel-configuration-damaged',
    ],
  },
  {
    id: 'S1-3',
    codes: [],
    claim: 'Root causes range from network instability to system updates',
    verdict: 'partly',
    judgement: 'Both happen. Of the updates named here most are known from reports of others only.',
    causes: [
      'packet-loss-on-path',
      'latency-or-slow-path',
      'update-2026-01-credential-prompt',
      'third-party-remote-control-software',
      'update-24h2-udp-65s',
      'update-ws2025-freeze',
      'update-2022-01-oob',
    ],
  },
  {
    id: 'S1-4',
    codes: [],
    claim: 'Fix: rename the MachineKeys folder to MachineKeys_old',
    verdict: 'wrong',
    judgement:
      'No document of Microsoft that was read says so, and it does harm: the folder holds the private keys of every other service (IIS, WinRM, SQL Server, agents). Repair the one key file that begins with f686aace6942fb7f7ceb231212eef4a4_ and its rights.',
    causes: ['private-key-acl-machinekeys', 'private-key-missing-or-corrupt'],
  },
  {
    id: 'S1-5',
    codes: [],
    claim: 'Walk-through covers firewall and service configuration',
    verdict: 'holds',
    judgement: 'Firewall and service show before the negotiation: at TCP.',
    causes: [
      'host-firewall-rdp-rule',
      'rdp-disabled',
      'termservice-not-running',
      'rdp-listener-missing',
      'termservice-hung',
      'self-signed-cert-services-stopped',
    ],
  },
  {
    id: 'S1-6',
    codes: [0x904],
    claim:
      'Nearly always connectivity or security: firewall block, unstable VPN, or a server not configured to accept the request',
    verdict: 'unfounded',
    judgement: 'Each of the three happens; "nearly always" is said without a source.',
    causes: [
      'host-firewall-rdp-rule',
      'network-acl-or-nsg-block',
      'rdp-disabled',
      'termservice-not-running',
      'rdp-listener-missing',
      'rdp-listener-wrong-adapter',
      'rdp-port-taken-by-other-app',
      'vpn-route-missing',
      'middlebox-dpi-resets-rdp',
      'termservice-hung',
      'rdp-connection-limit-or-drain',
      'user-lacks-rdp-logon-right',
      'host-busy-or-out-of-memory',
      'tcp-idle-timeout-drop',
      'general-secure-negotiation-failure',
    ],
  },
  {
    id: 'S1-7',
    codes: [],
    claim: 'Blocked traffic is a primary suspect',
    verdict: 'partly',
    judgement:
      'A block shows as silence or refusal at TCP (0x204, 0x108), and the probe tells which.',
    causes: [
      'host-firewall-rdp-rule',
      'host-firewall-blockinboundalways',
      'network-acl-or-nsg-block',
      'client-egress-block',
      'source-ip-banned',
      'middlebox-dpi-resets-rdp',
      'local-security-software',
    ],
  },
  {
    id: 'S1-8',
    codes: [0x904],
    claim:
      'Most common cause: client and server at different CredSSP update levels (CVE-2018-0886)',
    verdict: 'unfounded',
    judgement:
      '"Most common" is said without a source, and mstsc shows a dialog of its own for it ("CredSSP encryption oracle remediation"), not this code.',
    causes: [
      'credssp-oracle-patched-client-unpatched-server',
      'credssp-oracle-forced-server-unpatched-client',
    ],
  },
  {
    id: 'S1-9',
    codes: [],
    claim: 'If it persists, go to Microsoft support or an IT professional',
    verdict: 'holds',
    judgement:
      'With the report of this program, the host events of the same second and captures of both ends.',
    causes: ['general-secure-negotiation-failure'],
  },
  {
    id: 'S2-1',
    codes: [],
    claim: 'After an upgrade of the OS the security-layer policy is offered as the remedy',
    verdict: 'partly',
    judgement:
      'As a short test only, as in the newer articles of Microsoft: it takes away TLS and NLA, and with them the proof of which server it is.',
    causes: ['security-layer-rdp-only'],
  },
  {
    id: 'S2-2',
    codes: [],
    claim: 'Newer systems (Windows 11, Server 2022) bring stricter encryption standards',
    verdict: 'holds',
    judgement:
      'TLS 1.0 and 1.1 are off, and the lists of suites are shorter: old servers and old clients drop out.',
    causes: [
      'tls-server-only-legacy',
      'legacy-server-without-negotiation',
      'tls-versions-disabled-on-host',
      'tls-cipher-mismatch',
      'fips-mode-mismatch',
      'weak-certificate',
      'credssp-version2-server-no-errorcode',
      'ntlm-blocked',
      'credential-guard-saved-creds',
    ],
  },
  {
    id: 'S2-3',
    codes: [0x904],
    claim: 'If client and host cannot agree on NLA rules, 0x904 is thrown',
    verdict: 'partly',
    judgement:
      'The mechanism is right (RDP_NEG_FAILURE 5 and others); that this gives 0x904 is written nowhere.',
    causes: [
      'nla-required-by-server',
      'tls-required-by-server',
      'encryption-level-layer-conflict',
      'tls-cipher-mismatch',
      'credssp-version2-server-no-errorcode',
      'nla-dc-unreachable',
      'nla-secure-channel-broken',
      'domain-creds-disabled',
      'ntlm-blocked',
      'kerberos-time-skew',
    ],
  },
  {
    id: 'S2-4',
    codes: [],
    claim: 'MachineKeys may be corrupt and prevent certificate generation; rename it and reboot',
    verdict: 'wrong',
    judgement:
      'The key can be damaged, and then the renewal fails (event 1057). But rename nothing: repair the one key file that begins with f686aace6942fb7f7ceb231212eef4a4_, delete the certificate, restart SessionEnv and TermService.',
    causes: [
      'private-key-acl-machinekeys',
      'server-has-no-usable-certificate',
      'private-key-missing-or-corrupt',
    ],
  },
  {
    id: 'S2-5',
    codes: [],
    claim: 'Workaround: use the Microsoft Store Remote Desktop app',
    verdict: 'partly',
    judgement:
      'Another client gets round a fault of this client only. The Store app is no longer developed.',
    causes: ['update-2026-01-credential-prompt'],
  },
  {
    id: 'S2-6',
    codes: [],
    claim:
      'Policy path: Administrative Templates > Windows Components > RDS > RD Session Host > Security',
    verdict: 'holds',
    judgement:
      'The path is right. "Encryption Oracle Remediation" stands elsewhere: System > Credentials Delegation.',
    causes: ['security-layer-rdp-only', 'credssp-oracle-patched-client-unpatched-server'],
  },
  {
    id: 'S2-7',
    codes: [0x7],
    claim:
      '0x7 explained as missing or unverifiable user/session data, on the way to gateway, broker or host',
    verdict: 'unfounded',
    judgement:
      'No official text describes 7 so. In a pair with a code from before the logon it cannot even come from the server: Set Error Info needs the channels to stand.',
    causes: [
      'load-balancer-or-broker-token',
      'nla-bad-credentials',
      'account-locked-out',
      'account-disabled-expired-restricted',
      'password-expired-must-change',
      'user-lacks-rdp-logon-right',
      'nla-dc-unreachable',
      'nla-secure-channel-broken',
      'ntlmv1-channel-bindings',
      'entra-joined-target-auth',
      'gateway-cap-denied',
      'gateway-rap-denied',
      'gateway-cannot-reach-target',
      'gateway-certificate-problem',
      'gateway-http-proxy',
      'gateway-unreachable-or-max-connections',
      'broker-redirect-unreachable',
      'broker-service-down',
    ],
  },
  {
    id: 'S2-8',
    codes: [],
    claim: 'Avoid Wi-Fi to reduce packet loss',
    verdict: 'holds',
    judgement: 'A cable is the quickest way to tell the Wi-Fi from the rest.',
    causes: ['wifi-or-access-link-unstable'],
  },
  {
    id: 'S2-9',
    codes: [],
    claim: 'Make sure port 3389 is open',
    verdict: 'holds',
    judgement: 'TCP 3389 is needed, UDP 3389 is not.',
    causes: [
      'host-firewall-rdp-rule',
      'network-acl-or-nsg-block',
      'client-egress-block',
      'rdp-port-changed',
      'udp-transport-blocked-or-fragmented',
    ],
  },
  {
    id: 'S2-10',
    codes: [],
    claim: 'Let NETWORK SERVICE read the private key of the RDP certificate',
    verdict: 'holds',
    judgement:
      'Read is enough. It matters for a certificate of your own; xrdp has the same fault with its own user.',
    causes: ['custom-cert-key-acl', 'xrdp-private-key-unreadable', 'private-key-acl-machinekeys'],
  },
  {
    id: 'S2-11',
    codes: [],
    claim: 'winmgmt /salvage repairs a corrupted WMI repository',
    verdict: 'wrong',
    judgement:
      'The switch is /salvagerepository, after /verifyrepository. No document ties a damaged repository to this failure.',
    causes: ['wmi-repository-corrupt'],
  },
  {
    id: 'S2-12',
    codes: [],
    claim: 'Set the security-layer policy to "RDP" for TLS/protocol incompatibility',
    verdict: 'partly',
    judgement:
      'An old article of Microsoft (KB 2493594, Server 2008 R2) says so; newer ones use it as a test only, together with NLA off, and set SecurityLayer back to 2 and UserAuthentication to 1. It takes away TLS, NLA and with them the proof of which server it is: repair TLS.',
    causes: [
      'security-layer-rdp-only',
      'tls-server-only-legacy',
      'tls-versions-disabled-on-host',
      'credssp-oracle-patched-client-unpatched-server',
    ],
  },
  {
    id: 'S2-13',
    codes: [],
    claim:
      'TLS setup by TermService is refused since its self-signed certificate is damaged, absent or out of date',
    verdict: 'holds',
    judgement:
      'The server then answers SSL_CERT_NOT_ON_SERVER, or ends the connection after the ClientHello.',
    causes: [
      'server-has-no-usable-certificate',
      'xrdp-private-key-unreadable',
      'private-key-acl-machinekeys',
      'private-key-missing-or-corrupt',
      'listener-thumbprint-stale',
      'self-signed-cert-not-renewed',
      'self-signed-cert-services-stopped',
      'rds-license-certificate-corrupt',
    ],
  },
  {
    id: 'S2-14',
    codes: [],
    claim:
      'Restart Remote Desktop Services from Command Prompt with: restart-service termserv -force',
    verdict: 'wrong',
    judgement:
      'The service is TermService, and Restart-Service is PowerShell: Restart-Service TermService -Force. In a Command Prompt: net stop termservice /y & net start termservice.',
    causes: ['termservice-not-running'],
  },
];
