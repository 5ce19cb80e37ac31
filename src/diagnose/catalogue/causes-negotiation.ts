import {
  defineCauses,
  documented,
  IT_SPEAKS_TLS,
  inClient,
  inServer,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes that show where client and server negotiate how to protect the connection. */
export const NEGOTIATION_CAUSES = defineCauses({
  'tls-required-by-server': {
    title: 'The server requires TLS, and the request did not offer it',
    summary:
      'The listener is set to SSL (SecurityLayer 2) without NLA. A client that offers only PROTOCOL_RDP, or only CredSSP, is refused.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['mcs'],
    wireSignature: 'RDP_NEG_FAILURE 1 (SSL_REQUIRED_BY_SERVER).',
    signalWeights: {
      'x224.neg-failure-1': 'decisive',
      'x224.asked-for-offer-ok': 'supporting',
      'mcs.disconnect-after-plain-offer': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the code; with a CredSSP-only offer it means "TLS yes, NLA no".',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe again with SSL among the offered protocols.',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [inServer(COMMANDS.listenerSettings)],
    advice: [
      onClient('Use a client that offers TLS, or TLS with NLA.'),
      onServer(
        'The setting is sound; better still is TLS with NLA.',
        COMMANDS.listenerSettings,
        'Do not lower the security layer of the host for an old client.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['negotiationFailure', 'freeRdpNego'],
  },
  'security-layer-rdp-only': {
    title: 'The server allows only standard RDP security, without TLS',
    summary:
      'SecurityLayer is 0 (or TLS cannot be used on a non-Windows server), so requests for TLS or NLA are refused.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature:
      'RDP_NEG_FAILURE 2 (SSL_NOT_ALLOWED_BY_SERVER); or RDP_NEG_RSP with selectedProtocol 0 although TLS/HYBRID was offered (xrdp).',
    signalWeights: {
      'x224.neg-failure-2': 'decisive',
      'x224.selected-rdp': 'supporting',
      'x224.asked-for-offer-ok': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The code states the configuration.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: ['Offer SSL, HYBRID and RDP in separate requests and tabulate the answers'],
    nextCheck: 'Offer RDP, SSL and SSL with HYBRID in separate requests and compare the answers.',
    mstsc: [
      SOCKET_CLOSED,
      {
        code: '0x507',
        extended: null,
        basis: 'reported',
        says: 'undocumented code, seen when server TLS/NLA is unavailable',
      },
    ],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v SecurityLayer',
      ),
      inServer(COMMANDS.policies),
      inServer('grep security_layer /etc/xrdp/xrdp.ini', 'xrdp'),
    ],
    advice: [
      onServer('Read the security layer: 0 is standard RDP security.', COMMANDS.listenerSettings),
      onServer(
        'Set the policy "Require use of specific security layer" to SSL or Negotiate, or remove it.',
        'reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v SecurityLayer /t REG_DWORD /d 2 /f',
        'Standard RDP security does not tell the client which server it talks to.',
      ),
      onServer('xrdp: security_layer in xrdp.ini.', 'grep security_layer /etc/xrdp/xrdp.ini'),
    ],
    more: ['Switch NLA on in the same place: UserAuthentication 1. Then restart the service.'],
    caution:
      'As a test this setting is for minutes: afterwards it has to be SecurityLayer 2 and UserAuthentication 1 again. An old article of Microsoft (KB 2493594) sets it for good; do not.',
    unverified: ['meaning of mstsc code 0x507'],
    sources: ['negotiationFailure', 'setSecurityLayer', 'internalError', 'lsaContact'],
  },
  'nla-required-by-server': {
    title: 'The server requires NLA (CredSSP), and the request did not offer it',
    summary:
      'UserAuthentication=1 or the matching policy. Clients without NLA, or with NLA turned off, are refused before TLS.',
    category: 'nla',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature:
      'RDP_NEG_FAILURE 5 (HYBRID_REQUIRED_BY_SERVER) to an offer without PROTOCOL_HYBRID.',
    signalWeights: {
      'x224.neg-failure-5': 'decisive',
      'x224.asked-for-offer-ok': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the code.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe again with HYBRID among the offered protocols.',
    mstsc: [
      {
        code: '0xB09',
        extended: null,
        basis: 'reported',
        says: 'requires Network Level Authentication',
      },
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v UserAuthentication',
      ),
      inServer(COMMANDS.policies),
    ],
    advice: [
      onClient('Use a client with NLA switched on (mstsc, or FreeRDP with /sec:nla).'),
      onServer(
        'Only as a short test: UserAuthentication 0, then back to 1.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v UserAuthentication',
        'Without NLA anyone who reaches the port gets the logon screen.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['negotiationFailure', 'azureAuthentication', 'clientsFaq', 'gnomeNla'],
  },
  'client-certificate-required': {
    title: 'The server requires a certificate of the client',
    summary: 'A rare mode in which TLS user authentication with a client certificate is mandatory.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello'],
    wireSignature:
      'RDP_NEG_FAILURE 6 (SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER), or TLS alert certificate_required (116) / handshake_failure after a CertificateRequest.',
    signalWeights: {
      'x224.neg-failure-6': 'decisive',
      'tls.alert-116': 'decisive',
      'tls.certificate-request': 'decisive',
      'x224.asked-for-offer-ok': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the code. Normal Windows RDP servers do not ask for a client certificate.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: is a smart card or client certificate required by design?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(null, 'whether smart cards or a gateway are required by design'),
    ],
    advice: [
      onClient('Use the smart card or certificate client that this server is meant for.'),
      onServer('Remove the requirement if it was set by mistake.', COMMANDS.listenerSettings),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['negotiationFailure', 'cssp315'],
  },
  'inconsistent-negotiation-flags': {
    title: 'The request reaches a server that takes the connection for already protected',
    summary:
      'The client (or a proxy) already speaks TLS and then requests a protocol that does not fit ("direct approach"), often a proxy or console port confusion.',
    category: 'proxy',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature: 'RDP_NEG_FAILURE 4 (INCONSISTENT_FLAGS).',
    signalWeights: {
      'x224.neg-failure-4': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'The code is precise, the reason usually a wrapped or wrong endpoint (vmconnect port 2179, TLS-terminating proxy).',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe the server directly, without the proxy or balancer in between.',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inServer(COMMANDS.portOwner, 'who owns the port: Hyper-V (2179), a proxy, a gateway?'),
    ],
    advice: [
      onNetwork('Let the proxy forward the raw RDP stream, without TLS of its own.'),
      onClient('Connect to the plain RDP port; Hyper-V consoles (port 2179) expect another start.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['negotiationFailure'],
  },
  'legacy-server-without-negotiation': {
    title: 'The server does not know security negotiation: old Windows or a minimal RDP server',
    summary:
      'The Connection Confirm carries no RDP_NEG_RSP, so only standard RDP security is possible.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature: 'X.224 Connection Confirm of 11 bytes without negotiation data.',
    signalWeights: {
      'x224.no-neg-data': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'By specification the field is absent when the server did not process negotiation.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: which Windows version or RDP server is it?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inServer(COMMANDS.windowsVersion, '2003 or older, or an RDP server of another maker'),
    ],
    advice: [
      onServer('Replace or upgrade the host (Windows Server 2003 and older answer so).'),
      onNetwork(
        'Until then use it in a closed network only.',
        null,
        'Standard RDP security does not tell the client which server it talks to.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['sendingConfirm', 'disconnectedErrors'],
  },
  'encryption-level-layer-conflict': {
    title: "The server's encryption level does not fit its security layer or the client",
    summary:
      'SecurityLayer SSL is invalid with MinEncryptionLevel Low(1); Windows logs event 1050 and corrects or refuses. Levels above what the client supports also fail.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['mcs'],
    wireSignature:
      'NEG_FAILURE or selectedProtocol that does not match the intended policy; legacy clients fail at MCS with an encryption error.',
    signalWeights: {
      'x224.selected-rdp': 'hint',
      'x224.neg-failure-2': 'hint',
      'mcs.errinfo-0x1194': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Needs the host settings.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: event 1050 of RemoteConnectionManager.',
    mstsc: [documented('0x506'), documented('0x906'), SOCKET_CLOSED],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(COMMANDS.certificateEvents, '1050'),
      inServer(COMMANDS.encryptionLevel),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v fAllowSecProtocolNegotiation',
      ),
    ],
    advice: [
      onServer(
        'Set the encryption level to 3 (high) and the security layer to 2 (SSL) or 1 (negotiate).',
        COMMANDS.listenerSettings,
      ),
    ],
    more: [
      'fAllowSecProtocolNegotiation in the same key has to be 1.',
      'Very old clients only: MinEncryptionLevel 2 for a test.',
    ],
    caution: null,
    unverified: [],
    sources: [
      'setSecurityLayer',
      'internalError',
      'azureAuthentication',
      'rdsAuthenticationEvents',
      'disconnectedErrors',
    ],
  },
  'xrdp-private-key-unreadable': {
    title: 'xrdp cannot read its private key',
    summary:
      'On Linux hosts the xrdp user often cannot read /etc/xrdp/key.pem (group ssl-cert). xrdp then stops offering TLS.',
    category: 'private-key',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello'],
    wireSignature:
      'RDP_NEG_RSP with selectedProtocol 0 although TLS was requested, or close after the X.224 phase; with security_layer=tls a TLS handshake that fails.',
    signalWeights: {
      'x224.selected-rdp': 'supporting',
      'x224.fin': 'ambiguous',
      'mcs.fin': 'ambiguous',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.no-hello-answered': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'selectedProtocol 0 from an xrdp host that should do TLS is typical; security_layer=rdp looks the same.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: can the user xrdp read the file that key_file names?',
    mstsc: [
      SOCKET_CLOSED,
      {
        code: '0x2104',
        extended: null,
        basis: 'reported',
        says: 'non-Windows client code, issue report',
      },
    ],
    hostChecks: [
      inServer('ls -l /etc/xrdp/*.pem /etc/ssl/private; id xrdp'),
      inServer(
        'grep -E "private key|Security layer" /var/log/xrdp.log',
        '"requested 11, selected 0"',
      ),
      inServer(
        'grep -E "security_layer|certificate|key_file|ssl_protocols|tls_ciphers" /etc/xrdp/xrdp.ini',
      ),
    ],
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
    more: [
      'Or give xrdp an own key pair with owner root:xrdp, mode 640.',
      'Recreate a broken snake-oil certificate: sudo make-ssl-cert generate-default-snakeoil --force-overwrite.',
    ],
    caution: null,
    unverified: [],
    sources: ['xrdpKeyUnreadable', 'xrdpNoFallback', 'xrdpSelectedZero', 'xrdpBadCertificate'],
  },
  'general-secure-negotiation-failure': {
    title: 'The secure negotiation does not complete, and nothing names the reason',
    summary:
      'What remains where no specific cause can be named. "The client cannot negotiate a secure connection" is such a sentence: it names no cause. Then evidence from the host helps, not fixes tried at random.',
    category: 'security-layer',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: ['x224', 'credssp-auth', 'mcs'],
    wireSignature: 'Close without alert at different stages; no code, no reproducible threshold.',
    signalWeights: {
      'stage.varies-between-runs': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'x224.fin': 'ambiguous',
      'x224.selected-unasked': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'By design not a diagnosis.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'A packet capture on the server: did it end the connection, or something before it?',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inClient(
        "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-RDPClient/Operational' -MaxEvents 30 | Where-Object Id -eq 1026 | Format-List TimeCreated,Message",
        'primary disconnect reason, decimal',
      ),
      inClient(
        '(New-Object -ComObject MsTscAx.MsTscAx).GetErrorDescription(2308,7)',
        "on a Windows client: text of the installed mstsc for 0x904/0x7; 'internal error' = no text for this pair",
      ),
      inServer(COMMANDS.services),
      inServer(COMMANDS.listenerState, 'the row rdp-tcp must show state Listen'),
      inServer(COMMANDS.schannelEvents),
      inServer(COMMANDS.certificateEvents),
      inServer(COMMANDS.coreEvents),
      inServer(COMMANDS.connectionEvents, '261 = a connection arrived, 1149 = user authenticated'),
    ],
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
    more: ['Then contact vendor support with probe report, captures and log extracts.'],
    caution: 'No registry change and no repair of MachineKeys without a sign that points there.',
    unverified: [],
    sources: [
      'general',
      'onDisconnected',
      'extendedReason',
      'internalError',
      'clientDisconnectCodes',
      'sessionDisconnectCodes',
    ],
  },
});
