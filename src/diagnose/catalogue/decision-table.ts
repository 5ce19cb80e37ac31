import type { CauseId } from './catalogue.js';
import type { FailurePoint } from './cause.js';

/** What is seen at a point, and the causes that show so, best candidate first. */
export interface Decision {
  readonly at: FailurePoint | 'gateway' | 'any';
  readonly sees: string;
  readonly causes: readonly CauseId[];
}

/** A signature narrows the candidates; the log of the host proves the cause. */
export const DECISION_TABLE: readonly Decision[] = [
  { at: 'dns', sees: 'no address', causes: ['dns-name-not-resolved'] },
  {
    at: 'dns',
    sees: 'addresses differ by resolver or from baseline',
    causes: ['dns-stale-or-wrong-address'],
  },
  { at: 'tcp-connect', sees: 'one address family silent', causes: ['ipv6-path-broken'] },
  {
    at: 'tcp-connect',
    sees: 'silence on the RDP port, other port of the host answers',
    causes: [
      'host-firewall-rdp-rule',
      'network-acl-or-nsg-block',
      'rdp-port-changed',
      'source-ip-banned',
    ],
  },
  {
    at: 'tcp-connect',
    sees: 'silence on all ports of the host',
    causes: [
      'host-down-or-asleep',
      'vpn-route-missing',
      'dns-stale-or-wrong-address',
      'host-firewall-blockinboundalways',
      'host-firewall-wrong-profile',
    ],
  },
  {
    at: 'tcp-connect',
    sees: 'silence to many hosts on 3389, 443 works',
    causes: ['client-egress-block'],
  },
  {
    at: 'tcp-connect',
    sees: 'began after many attempts, other source works',
    causes: ['source-ip-banned'],
  },
  {
    at: 'tcp-connect',
    sees: 'began after host restart',
    causes: ['host-firewall-wrong-profile', 'termservice-not-running'],
  },
  {
    at: 'tcp-connect',
    sees: 'RST to SYN, TTL/RTT of the host',
    causes: [
      'rdp-disabled',
      'termservice-not-running',
      'rdp-port-changed',
      'rdp-listener-missing',
      'rdp-listener-wrong-adapter',
      'windows-edition-cannot-host',
    ],
  },
  {
    at: 'tcp-connect',
    sees: 'RST to SYN or ICMP 3/13 from another hop',
    causes: ['network-acl-or-nsg-block'],
  },
  {
    at: 'tcp-connect',
    sees: 'local socket error',
    causes: ['client-port-exhaustion', 'client-egress-block'],
  },
  {
    at: 'tcp-connect',
    sees: 'connects sometimes, SYN retransmits',
    causes: [
      'packet-loss-on-path',
      'wifi-or-access-link-unstable',
      'brute-force-exhaustion',
      'latency-or-slow-path',
    ],
  },
  {
    at: 'x224',
    sees: 'no byte after CR',
    causes: [
      'termservice-hung',
      'middlebox-dpi-resets-rdp',
      'rdp-port-taken-by-other-app',
      'brute-force-exhaustion',
    ],
  },
  {
    at: 'x224',
    sees: 'RST/FIN after CR',
    causes: [
      'middlebox-dpi-resets-rdp',
      'local-security-software',
      'load-balancer-or-broker-token',
      'rdp-connection-limit-or-drain',
      'brute-force-exhaustion',
      'not-an-rdp-service',
    ],
  },
  {
    at: 'x224',
    sees: 'bytes that are not TPKT',
    causes: ['not-an-rdp-service', 'rdp-port-taken-by-other-app'],
  },
  { at: 'x224', sees: 'RDP_NEG_FAILURE 1', causes: ['tls-required-by-server'] },
  {
    at: 'x224',
    sees: 'RDP_NEG_FAILURE 2 or selectedProtocol 0',
    causes: [
      'security-layer-rdp-only',
      'xrdp-private-key-unreadable',
      'server-has-no-usable-certificate',
      'encryption-level-layer-conflict',
    ],
  },
  {
    at: 'x224',
    sees: 'RDP_NEG_FAILURE 3',
    causes: [
      'server-has-no-usable-certificate',
      'private-key-acl-machinekeys',
      'private-key-missing-or-corrupt',
      'listener-thumbprint-stale',
      'self-signed-cert-services-stopped',
      'wmi-repository-corrupt',
    ],
  },
  { at: 'x224', sees: 'RDP_NEG_FAILURE 4', causes: ['inconsistent-negotiation-flags'] },
  { at: 'x224', sees: 'RDP_NEG_FAILURE 5', causes: ['nla-required-by-server'] },
  { at: 'x224', sees: 'RDP_NEG_FAILURE 6', causes: ['client-certificate-required'] },
  {
    at: 'x224',
    sees: 'CC without negotiation block',
    causes: ['legacy-server-without-negotiation'],
  },
  {
    at: 'tls-client-hello',
    sees: 'alert 70',
    causes: ['tls-server-only-legacy', 'tls-versions-disabled-on-host'],
  },
  {
    at: 'tls-client-hello',
    sees: 'alert 40 / 71',
    causes: ['tls-cipher-mismatch', 'tls-no-common-group', 'fips-mode-mismatch'],
  },
  {
    at: 'tls-client-hello',
    sees: 'RST/FIN at once, every TLS version and cipher list',
    causes: [
      'private-key-acl-machinekeys',
      'private-key-missing-or-corrupt',
      'listener-thumbprint-stale',
      'custom-cert-key-acl',
      'schannel-configuration-damaged',
      'tls-versions-disabled-on-host',
      'middlebox-dpi-resets-rdp',
      'self-signed-cert-not-renewed',
      'wmi-repository-corrupt',
    ],
  },
  {
    at: 'tls-client-hello',
    sees: 'fails with modern list, works with TLS<=1.1',
    causes: ['tls-server-only-legacy'],
  },
  {
    at: 'tls-client-hello',
    sees: 'fails with modern list, works with more ciphers or groups',
    causes: ['tls-cipher-mismatch', 'tls-no-common-group', 'fips-mode-mismatch'],
  },
  {
    at: 'tls-client-hello',
    sees: 'large hello fails, small hello works',
    causes: ['large-clienthello-intolerant-path', 'mtu-pmtud-blackhole'],
  },
  {
    at: 'tls-client-hello',
    sees: 'fails only on one client PC',
    causes: ['local-security-software'],
  },
  {
    at: 'tls-server-flight',
    sees: 'small messages pass, large server flight never arrives',
    causes: ['mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp'],
  },
  {
    at: 'tls-server-flight',
    sees: 'slow and irregular, retransmissions',
    causes: ['packet-loss-on-path', 'latency-or-slow-path', 'wifi-or-access-link-unstable'],
  },
  {
    at: 'tls-cert',
    sees: 'expired',
    causes: ['self-signed-cert-not-renewed', 'ca-listener-cert-expired'],
  },
  {
    at: 'tls-cert',
    sees: 'not yet valid',
    causes: ['kerberos-time-skew', 'ca-listener-cert-expired'],
  },
  { at: 'tls-cert', sees: 'thumbprint differs by path', causes: ['tls-interception-breaks-nla'] },
  {
    at: 'tls-cert',
    sees: 'thumbprint differs by attempt',
    causes: ['load-balancer-or-broker-token'],
  },
  { at: 'tls-cert', sees: 'weak key or SHA-1', causes: ['weak-certificate'] },
  {
    at: 'tls-cert',
    sees: 'other name / unknown issuer, handshake fine',
    causes: ['cert-name-or-trust', 'dns-stale-or-wrong-address'],
  },
  {
    at: 'credssp-nego',
    sees: 'server version <= 4',
    causes: [
      'credssp-oracle-patched-client-unpatched-server',
      'credssp-version2-server-no-errorcode',
    ],
  },
  {
    at: 'credssp-nego',
    sees: 'restricted-admin / guard flag missing',
    causes: ['remote-credential-guard-unmet'],
  },
  {
    at: 'credssp-auth',
    sees: 'alert 80/49 or close after authenticate',
    causes: [
      'nla-bad-credentials',
      'credssp-version2-server-no-errorcode',
      'nla-dc-unreachable',
      'nla-secure-channel-broken',
      'domain-creds-disabled',
      'entra-joined-target-auth',
    ],
  },
  {
    at: 'credssp-auth',
    sees: 'long silence after authenticate',
    causes: ['nla-dc-unreachable', 'auth-roundtrip-timeout'],
  },
  { at: 'credssp-auth', sees: 'public-key echo mismatch', causes: ['tls-interception-breaks-nla'] },
  {
    at: 'credssp-auth',
    sees: 'early authorization result 5',
    causes: ['user-lacks-rdp-logon-right'],
  },
  { at: 'credssp-auth', sees: 'works by name, not by IP', causes: ['ntlm-blocked'] },
  {
    at: 'credssp-auth',
    sees: 'probe passes, mstsc fails on the same PC',
    causes: [
      'credssp-delegation-policy',
      'credential-guard-saved-creds',
      'update-2026-01-credential-prompt',
      'local-security-software',
      'client-chain-retrieval-delay',
    ],
  },
  {
    at: 'mcs',
    sees: 'ERRINFO 0x7',
    causes: ['rdp-connection-limit-or-drain', 'broker-service-down', 'user-lacks-rdp-logon-right'],
  },
  {
    at: 'mcs',
    sees: 'ERRINFO 0x6 or plain close',
    causes: [
      'host-busy-or-out-of-memory',
      'broker-service-down',
      'rds-license-certificate-corrupt',
    ],
  },
  {
    at: 'mcs',
    sees: 'ERRINFO 0x100-0x10A or licence alert',
    causes: ['rds-licensing-unavailable', 'rds-license-certificate-corrupt'],
  },
  {
    at: 'mcs',
    sees: 'ERRINFO 0x400-0x412',
    causes: ['broker-service-down', 'broker-redirect-unreachable'],
  },
  { at: 'mcs', sees: 'redirect, then dead target', causes: ['broker-redirect-unreachable'] },
  { at: 'mcs', sees: 'fixed stall, then fine', causes: ['host-audio-blocking-call'] },
  {
    at: 'post',
    sees: 'drop ~65 s, stable without UDP',
    causes: ['update-24h2-udp-65s', 'udp-transport-blocked-or-fragmented'],
  },
  {
    at: 'post',
    sees: 'drop ~60 s after logon, host unreachable',
    causes: ['dot1x-user-auth-drop'],
  },
  { at: 'post', sees: 'drop after constant idle time', causes: ['tcp-idle-timeout-drop'] },
  { at: 'post', sees: 'drop at policy interval', causes: ['group-policy-refresh-drop'] },
  { at: 'post', sees: 'drop at logon', causes: ['third-party-remote-control-software'] },
  {
    at: 'gateway',
    sees: 'TCP/HTTP failure',
    causes: ['gateway-unreachable-or-max-connections', 'gateway-http-proxy'],
  },
  {
    at: 'gateway',
    sees: 'certificate',
    causes: ['gateway-certificate-problem', 'gateway-http-proxy'],
  },
  {
    at: 'gateway',
    sees: 'E_PROXY code',
    causes: ['gateway-cap-denied', 'gateway-rap-denied', 'gateway-cannot-reach-target'],
  },
  {
    at: 'any',
    sees: 'stage or result changes between runs',
    causes: [
      'packet-loss-on-path',
      'brute-force-exhaustion',
      'host-busy-or-out-of-memory',
      'load-balancer-or-broker-token',
    ],
  },
  { at: 'any', sees: 'nothing fits', causes: ['general-secure-negotiation-failure'] },
];
