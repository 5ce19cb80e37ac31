import type { CauseId } from './causes.js';

/**
 * Why a way of ending points at a cause: the clause after the colon. One entry a cause, read after
 * a sentence such as "the server reset the connection 0.4 ms after the ClientHello".
 */
export const REASONS: Partial<Record<CauseId, string>> = {
  'rdp-disabled': 'a reset says that nothing listens there, as on a host with Remote Desktop off',
  'termservice-not-running': 'without the service nothing listens on the port',
  'rdp-port-changed': 'the listener may use another port',
  'network-acl-or-nsg-block': 'a firewall on the path may drop or refuse the connection',
  'host-firewall-rdp-rule': 'Windows Firewall drops what no rule allows, without an answer',
  'host-down-or-asleep': 'a host that is off, asleep or cut off does not answer either',
  'vpn-route-missing': 'the packets may not find the way to that network, or back',
  'client-egress-block': 'the refusal can come from a firewall on this machine',
  'client-port-exhaustion': 'the local port or address was not to be had',
  'termservice-hung':
    'the kernel of the host accepts connections also while the service behind the port hangs',
  'middlebox-dpi-resets-rdp':
    'a device that inspects the traffic acts just when it recognises RDP or its TLS',
  'rdp-port-taken-by-other-app': 'another program may have taken the port',
  'brute-force-exhaustion': 'a service busy with password guessing drops or delays others',
  'load-balancer-or-broker-token':
    'a balancer that finds no live host for the request closes the connection',
  'rdp-connection-limit-or-drain':
    'a host that takes no more connections may close them without a reason',
  'not-an-rdp-service': 'a service that does not know RDP ends the connection too',
  'local-security-software': 'software that hooks the network stack ends connections at any point',
  'xrdp-private-key-unreadable': 'xrdp that cannot read its key cannot start TLS',
  'private-key-acl-machinekeys':
    'a Windows server that cannot read its key ends the connection so, before any TLS of its own',
  'private-key-missing-or-corrupt': 'a key that is missing looks the same from here',
  'listener-thumbprint-stale': 'a listener that names a certificate which is gone looks the same',
  'custom-cert-key-acl':
    'a certificate of a CA whose key NETWORK SERVICE cannot read looks the same',
  'tls-versions-disabled-on-host': 'the offered TLS versions may be switched off on the server',
  'tls-server-only-legacy': 'the server may know older TLS versions only',
  'tls-cipher-mismatch':
    'no offered cipher suite may suit the server; Windows often says so by closing only',
  'tls-no-common-group': 'the key-exchange groups may not fit',
  'fips-mode-mismatch': 'FIPS mode on the server leaves few algorithms',
  'schannel-configuration-damaged': 'damaged SCHANNEL settings let no handshake succeed',
  'mtu-pmtud-blackhole':
    'small packets passed, and the first large ones are those of the TLS handshake',
  'mtu-vpn-no-mss-clamp': 'over a VPN the large packets of the TLS handshake may not fit',
  'large-clienthello-intolerant-path': 'the ClientHello is the first large message of the client',
  'packet-loss-on-path': 'lost packets can stall any stage',
  'client-certificate-required': 'the server may want a certificate of the client',
  'weak-certificate': 'the client may have refused the certificate as too weak',
  'cert-name-or-trust': 'the client may not accept the certificate of the server',
  'self-signed-cert-not-renewed': 'the alert says that a certificate has expired',
  'ca-listener-cert-expired': 'the alert says that a certificate has expired',
  'ntlm-blocked': 'a server that refuses NTLM may end the connection at its first message',
  'tls-interception-breaks-nla':
    'what opens the TLS on the path breaks the bond between CredSSP and the certificate',
  'nla-bad-credentials': 'servers that send no error code end the connection after a failed logon',
  'credssp-version2-server-no-errorcode': 'CredSSP version 2 has no error code to tell the reason',
  'nla-dc-unreachable': 'the server asks a domain controller before it answers',
  'nla-secure-channel-broken': 'without its trust in the domain the server cannot check the user',
  'user-lacks-rdp-logon-right': 'the logon was valid, and this user may not connect',
  'tls-required-by-server':
    'the request offered no TLS, and a server that wants it may confirm and then take its leave',
  'host-busy-or-out-of-memory': 'a host without resources answers late or closes',
  'encryption-level-layer-conflict': 'the encryption settings of client and server may not fit',
  'rds-license-certificate-corrupt': 'a damaged licensing certificate breaks this exchange',
};
