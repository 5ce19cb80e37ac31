import {
  type CauseText,
  COMMANDS,
  DROPS_SESSIONS,
  documented,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
} from './cause-text.js';

/** Causes that show where client and server negotiate how to protect the connection. */
export const NEGOTIATION_CAUSES = {
  'not-an-rdp-service': {
    title: 'The port does not speak RDP',
    advice: [
      onClient('Correct the host, the port or the port forwarding.'),
      onClient('An RD Gateway speaks HTTPS on 443: set it as the gateway, not as the computer.'),
      onServer('See which program owns the port.', COMMANDS.portOwner),
    ],
    nextCheck: 'On the server: which process listens on the port?',
    mstsc: SOCKET_CLOSED,
    sources: ['general', 'sendingConfirm'],
  },
  'rdp-port-taken-by-other-app': {
    title: 'Another program on the host owns the RDP port',
    advice: [
      onServer('See which process listens; it must be TermService.', COMMANDS.portOwner),
      onServer(
        'Move or remove the other program, then restart the service.',
        COMMANDS.restartTermService,
        DROPS_SESSIONS,
      ),
    ],
    nextCheck: 'On the server: which process listens on the port?',
    mstsc: SOCKET_CLOSED,
    sources: ['general', 'disconnectedErrors'],
  },
  'termservice-hung': {
    title: 'The port accepts TCP, but the RDP service behind it does not answer',
    advice: [
      onServer(
        'See whether connections reach the service: without event 261 they do not.',
        COMMANDS.connectionEvents,
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
    ],
    nextCheck:
      'Probe from the subnet of the server: silent there too means the host, not the path.',
    mstsc: [...documented('0x108', '0x704'), ...SOCKET_CLOSED],
    sources: ['azureService', 'currentlyBusy'],
  },
  'load-balancer-or-broker-token': {
    title: 'A load balancer or broker does not route the request to a live host',
    advice: [
      onNetwork('Look at the health checks and members of the pool on the balancer.'),
      onServer('Repair or drain dead members; let token redirection match the broker setting.'),
    ],
    nextCheck: 'Probe a session host directly, and once without the cookie or token.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationRequest', 'azureEventIds'],
  },
  'rdp-connection-limit-or-drain': {
    title: 'The host has reached its connection limit or is in drain mode',
    advice: [
      onServer(
        'Read the limits and the sessions in use.',
        'quser & reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v TSServerDrainMode & reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v MaxInstanceCount',
      ),
      onServer('Log off sessions that nobody uses.', 'logoff <id>'),
    ],
    nextCheck: 'On the host: how many sessions does `quser` show?',
    mstsc: [
      { code: '0x3', extended: '0x7', basis: 'documented' },
      { code: '0x904', extended: '0x7', basis: 'inferred' },
    ],
    sources: ['azureGeneralError', 'disconnectedErrors', 'limitConnections', 'extendedReason'],
  },
  'brute-force-exhaustion': {
    title: 'Password guessing from the Internet uses up the RDP service',
    advice: [
      onServer('Count the failed logons of the last hour.', COMMANDS.logonEvents),
      onNetwork('Restrict the source addresses, or put RDP behind a VPN, bastion or gateway.'),
    ],
    nextCheck: 'Probe several times: sometimes fine and sometimes not speaks for it.',
    mstsc: SOCKET_CLOSED,
    sources: ['azureBruteForce', 'azureInternalError'],
  },
  'tls-required-by-server': {
    title: 'The server requires TLS, and the request did not offer it',
    advice: [
      onClient('Use a client that offers TLS, or TLS with NLA.'),
      onServer(
        'The setting is sound; better still is TLS with NLA.',
        COMMANDS.listenerSettings,
        'Do not lower the security layer of the host for an old client.',
      ),
    ],
    nextCheck: 'Probe again with SSL among the offered protocols.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure'],
  },
  'security-layer-rdp-only': {
    title: 'The server allows only standard RDP security, without TLS',
    advice: [
      onServer('Read the security layer: 0 is standard RDP security.', COMMANDS.listenerSettings),
      onServer(
        'Set the policy "Require use of specific security layer" to SSL or Negotiate, or remove it.',
        'reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v SecurityLayer /t REG_DWORD /d 2 /f',
        'Standard RDP security does not tell the client which server it talks to.',
      ),
      onServer('xrdp: security_layer in xrdp.ini.', 'grep security_layer /etc/xrdp/xrdp.ini'),
    ],
    nextCheck: 'Offer RDP, SSL and SSL with HYBRID in separate requests and compare the answers.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure', 'setSecurityLayer', 'internalError'],
  },
  'nla-required-by-server': {
    title: 'The server requires NLA (CredSSP), and the request did not offer it',
    advice: [
      onClient('Use a client with NLA switched on (mstsc, or FreeRDP with /sec:nla).'),
      onServer(
        'Only as a short test: UserAuthentication 0, then back to 1.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v UserAuthentication',
        'Without NLA anyone who reaches the port gets the logon screen.',
      ),
    ],
    nextCheck: 'Probe again with HYBRID among the offered protocols.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure', 'azureAuthentication', 'clientsFaq'],
  },
  'server-has-no-usable-certificate': {
    title: 'The server has no usable certificate for TLS',
    advice: [
      onServer(
        'Is there a certificate, in date and with its private key?',
        COMMANDS.selfSignedCertificates,
      ),
      onServer(
        'Events 1057 and 1058 tell why the self-signed certificate could not be made or replaced.',
        COMMANDS.certificateEvents,
      ),
      onServer(
        'Delete the broken certificate under certlm.msc > Remote Desktop and let the service make a new one.',
        COMMANDS.restartServices,
        DROPS_SESSIONS,
      ),
    ],
    nextCheck: 'On the server: events 1057 and 1058 of RemoteConnectionManager.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure', 'internalError', 'azureEventIds', 'general'],
  },
  'client-certificate-required': {
    title: 'The server requires a certificate of the client',
    advice: [
      onClient('Use the smart card or certificate client that this server is meant for.'),
      onServer('Remove the requirement if it was set by mistake.', COMMANDS.listenerSettings),
    ],
    nextCheck: 'On the server: is a smart card or client certificate required by design?',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure', 'cssp315'],
  },
  'inconsistent-negotiation-flags': {
    title: 'The request reaches a server that takes the connection for already protected',
    advice: [
      onNetwork('Let the proxy forward the raw RDP stream, without TLS of its own.'),
      onClient('Connect to the plain RDP port; Hyper-V consoles (port 2179) expect another start.'),
    ],
    nextCheck: 'Probe the server directly, without the proxy or balancer in between.',
    mstsc: SOCKET_CLOSED,
    sources: ['negotiationFailure'],
  },
  'legacy-server-without-negotiation': {
    title: 'The server does not know security negotiation: old Windows or a minimal RDP server',
    advice: [
      onServer('Replace or upgrade the host (Windows Server 2003 and older answer so).'),
      onNetwork(
        'Until then use it in a closed network only.',
        null,
        'Standard RDP security does not tell the client which server it talks to.',
      ),
    ],
    nextCheck: 'On the server: which Windows version or RDP server is it?',
    mstsc: SOCKET_CLOSED,
    sources: ['sendingConfirm', 'disconnectedErrors'],
  },
  'xrdp-private-key-unreadable': {
    title: 'xrdp cannot read its private key',
    advice: [
      onServer(
        'Look for the complaint in the log.',
        'grep -E "private key|Security layer" /var/log/xrdp.log',
      ),
      onServer(
        'Let the user xrdp read the key.',
        'sudo adduser xrdp ssl-cert && sudo systemctl restart xrdp',
        'Do not make the private key readable for everyone.',
      ),
    ],
    nextCheck: 'On the server: can the user xrdp read the file that key_file names?',
    mstsc: SOCKET_CLOSED,
    sources: ['xrdpKeyUnreadable', 'xrdpNoFallback'],
  },
  'self-signed-cert-services-stopped': {
    title: 'Services that make the self-signed certificate are not running',
    advice: [
      onServer(
        'Start them.',
        'Get-Service CertPropSvc,KeyIso,CryptSvc,SessionEnv | Format-Table Name,Status,StartType',
      ),
    ],
    nextCheck: 'On the server: state of CertPropSvc, KeyIso, CryptSvc and SessionEnv.',
    mstsc: SOCKET_CLOSED,
    sources: ['internalError'],
  },
  'encryption-level-layer-conflict': {
    title: "The server's encryption level does not fit its security layer or the client",
    advice: [
      onServer(
        'Set the encryption level to 3 (high) and the security layer to 2 (SSL) or 1 (negotiate).',
        COMMANDS.listenerSettings,
      ),
    ],
    nextCheck: 'On the server: event 1050 of RemoteConnectionManager.',
    mstsc: documented('0x506', '0x906'),
    sources: ['setSecurityLayer', 'internalError', 'azureAuthentication'],
  },
  'host-busy-or-out-of-memory': {
    title: 'The host is out of memory, handles or sessions',
    advice: [
      onServer('Look at memory and at stale sessions.', 'qwinsta'),
      onServer(
        'Log off stale sessions; restart the service if it leaks.',
        COMMANDS.restartTermService,
        DROPS_SESSIONS,
      ),
    ],
    nextCheck: 'On the server: free memory and the number of sessions in state Down or Disc.',
    mstsc: [{ code: '0x3', extended: '0x6', basis: 'documented' }, ...SOCKET_CLOSED],
    sources: ['currentlyBusy', 'extendedReason'],
  },
  'rds-license-certificate-corrupt': {
    title: 'The licensing certificate in the registry of the host is damaged',
    advice: [
      onServer(
        'Save the key, delete the values Certificate, X509 Certificate, X509 Certificate ID and X509 Certificate2, restart.',
        'reg export "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\RCM" rcm.reg',
        'Export first, and delete only the values named here.',
      ),
    ],
    nextCheck: 'On the server: events 50, 1004, 1008 and 1010 of TermDD or TermService.',
    mstsc: documented('0x808', '0x908'),
    sources: ['securityError', 'disconnectedErrors'],
  },
  'general-secure-negotiation-failure': {
    title: 'The secure negotiation does not complete, and nothing names the reason',
    advice: [
      onClient('Repeat the probe some ten times, and from a second client and network.'),
      onServer('Read the Schannel events of the same second.', COMMANDS.schannelEvents),
      onServer('Read the connection events of the same second.', COMMANDS.connectionEvents),
      onNetwork(
        'Capture on both ends: the side that ends the connection first owns the reason.',
        null,
        'Change neither the registry nor MachineKeys without a sign that points there.',
      ),
    ],
    nextCheck: 'A packet capture on the server: did it end the connection, or something before it?',
    mstsc: SOCKET_CLOSED,
    sources: ['general', 'onDisconnected', 'extendedReason', 'internalError'],
  },
} as const satisfies Record<string, CauseText>;
