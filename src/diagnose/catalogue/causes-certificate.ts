import {
  DROPS_SESSIONS,
  defineCauses,
  documented,
  IT_SPEAKS_TLS,
  inClient,
  inServer,
  NEVER_RENAME_MACHINE_KEYS,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
  says,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in the server's certificate. */
export const CERTIFICATE_CAUSES = defineCauses({
  'server-has-no-usable-certificate': {
    title: 'The server has no usable certificate for TLS',
    summary:
      'The listener cannot set up TLS because no valid server certificate with key is available; a standards-conforming server says so in the negotiation.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature:
      'RDP_NEG_FAILURE 3 (SSL_CERT_NOT_ON_SERVER). Some servers fall back silently: RDP_NEG_RSP with selectedProtocol 0.',
    signalWeights: {
      'x224.neg-failure-3': 'decisive',
      'x224.selected-rdp': 'supporting',
      'x224.asked-for-offer-ok': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The code names the missing certificate; the reason (deleted, key unreadable, generation failed) needs the host.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: events 1057 and 1058 of RemoteConnectionManager.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.selfSignedCertificates),
      inServer(COMMANDS.listenerSettings),
      inServer(
        COMMANDS.certificateEvents,
        '1057/1058 = creation or replacement of the self-signed certificate failed',
      ),
      inServer(COMMANDS.machineKeysAcl),
    ],
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
    more: [
      'Bind a CA certificate with Server Authentication EKU if self-signed is not wanted.',
      'No new certificate appears: see whether CertPropSvc, KeyIso, CryptSvc and SessionEnv run, and whether the key file behind it can be read (private-key-acl-machinekeys, private-key-missing-or-corrupt).',
    ],
    caution: null,
    unverified: [],
    sources: ['negotiationFailure', 'internalError', 'azureEventIds', 'general'],
  },
  'self-signed-cert-services-stopped': {
    title: 'Services that make the self-signed certificate are not running',
    summary:
      'CertPropSvc, KeyIso, CryptSvc or SessionEnv is disabled, or the SelfSignedCertStore / ProgramData registry values are wrong, so no certificate is generated.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello'],
    wireSignature: 'NEG_FAILURE 3 or close after ClientHello, permanently.',
    signalWeights: {
      'x224.neg-failure-3': 'hint',
      'tls.rst-after-client-hello': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'As the certificate causes; host check needed.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the server: state of CertPropSvc, KeyIso, CryptSvc and SessionEnv.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(
        'Get-Service CertPropSvc,KeyIso,CryptSvc,SessionEnv | Format-Table Name,Status,StartType',
      ),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations" /v SelfSignedCertStore',
        'Remote Desktop',
      ),
      inServer(
        'reg query "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList" /v ProgramData',
        '%SystemDrive%\\ProgramData',
      ),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Service Control Manager'} -MaxEvents 30",
      ),
    ],
    advice: [
      onServer(
        'Start them.',
        'Get-Service CertPropSvc,KeyIso,CryptSvc,SessionEnv | Format-Table Name,Status,StartType',
      ),
    ],
    more: ['Then delete the RDP certificate, and restart SessionEnv and TermService.'],
    caution: null,
    unverified: [],
    sources: ['internalError'],
  },
  'listener-thumbprint-stale': {
    title: 'The listener points to a certificate that is not there',
    summary:
      'SSLCertificateSHA1Hash (or the policy equivalent) holds a thumbprint with no matching certificate and key, for example after renewal or a copied value with a hidden character.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'Close right after ClientHello, or the self-signed certificate appears instead of the expected one; NEG_FAILURE 3 possible.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'x224.neg-failure-3': 'supporting',
      'cert.changed-from-baseline': 'supporting',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.no-hello-answered': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Host check is simple and decisive.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: is there a certificate with the thumbprint of the listener?',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v SSLCertificateSHA1Hash',
      ),
      inServer(
        'Get-ChildItem Cert:\\LocalMachine\\My,"Cert:\\LocalMachine\\Remote Desktop" | Select-Object Thumbprint,Subject,NotAfter',
      ),
    ],
    advice: [
      onServer(
        'Compare SSLCertificateSHA1Hash with the certificates that exist.',
        COMMANDS.listenerSettings,
      ),
      onServer(
        'Go back to the self-signed certificate by deleting the value, then restart the service.',
        'reg delete "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v SSLCertificateSHA1Hash',
        'Not on a server with the RD Connection Broker role.',
      ),
    ],
    more: [
      'Set the right thumbprint, without blanks and invisible characters: Get-CimInstance -Namespace root\\cimv2\\TerminalServices -ClassName Win32_TSGeneralSetting -Filter "TerminalName=\'RDP-Tcp\'" | Set-CimInstance -Property @{SSLCertificateSHA1Hash="<hash>"}',
    ],
    caution: null,
    unverified: [],
    sources: ['internalError', 'azureEventIds', 'listenerCertificate'],
  },
  'self-signed-cert-not-renewed': {
    title: 'The self-signed RDP certificate expired and was not renewed',
    summary:
      'Windows replaces the self-signed certificate (valid six months) by itself; when that fails (event 1058) an expired or unusable one stays.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: ['tls-client-hello'],
    wireSignature:
      'Certificate in the TLS flight is past NotAfter; or TLS fails as in the key causes when no usable certificate is left.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'cert.self-signed-expired': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'An expired self-signed certificate proves the failed renewal, not that it blocks the logon: mstsc normally only warns. It blocks when policy demands server authentication.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: event 1058 of RemoteConnectionManager.',
    mstsc: [documented('0x1B07'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.selfSignedCertificates),
      inServer(COMMANDS.certificateEvents, '1058'),
      inServer(COMMANDS.machineKeysAcl),
      inServer('Get-Service SessionEnv,KeyIso,CryptSvc,CertPropSvc'),
    ],
    advice: [
      onServer(
        'Delete the expired certificate (certlm.msc > Remote Desktop > Certificates) and let the service make a new one.',
        COMMANDS.restartServices,
        `${DROPS_SESSIONS} The new certificate has another thumbprint: clients that pinned the old one must learn it.`,
      ),
      onServer('Events 1057 and 1058 tell why it was not renewed.', COMMANDS.certificateEvents),
      onServer(
        'If no new one appears, see whether NETWORK SERVICE may read, and SYSTEM fully control, the key file behind it.',
        COMMANDS.keyFileAcl,
        NEVER_RENAME_MACHINE_KEYS,
      ),
    ],
    more: ['Check the clock of the host.'],
    caution: null,
    unverified: [],
    sources: ['general', 'azureEventIds', 'azureInternalError', 'securingRemoteConnection'],
  },
  'ca-listener-cert-expired': {
    title: 'The certificate of the RDP listener, issued by a CA, is outside its validity',
    summary:
      'A certificate from an enterprise or public CA bound to RDP passed its end date, or the clock of one side is wrong.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'TLS completes; certificate outside its validity; clients with strict server authentication abort (mstsc 0x1B07 or warning).',
    signalWeights: {
      'cert.issued-expired': 'decisive',
      'cert.issued-not-yet-valid': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Dates are on the wire; compare with own clock first.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Compare our clock with a time server: the dates are on the wire.',
    mstsc: [documented('0x1B07')],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(
        'Get-ChildItem Cert:\\LocalMachine\\My | Sort-Object NotAfter | Format-Table Thumbprint,NotAfter,Subject',
      ),
      inServer('w32tm /query /status'),
    ],
    advice: [
      onServer(
        'Renew it, set its thumbprint on the listener and let NETWORK SERVICE read its key.',
        'Get-ChildItem Cert:\\LocalMachine\\My | Sort-Object NotAfter | Format-Table Thumbprint,NotAfter,Subject',
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
      onServer('Compare the clocks of both sides.', 'w32tm /query /status'),
    ],
    more: ['Use autoenrolment with the Remote Desktop Authentication template.'],
    caution: null,
    unverified: [],
    sources: ['listenerCertificate', 'onDisconnected', 'certificateTemplate'],
  },
  'cert-template-enrolment-failed': {
    title: 'The host cannot enrol the RDP certificate that a policy names',
    summary:
      'The policy "Server authentication certificate template" names a template the host cannot enrol (wrong name, no permission, wrong usage): event 1064.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'Self-signed instead of CA certificate, or an expired one; in bad cases no certificate (see server-has-no-usable-certificate).',
    signalWeights: {
      'cert.untrusted-issuer': 'ambiguous',
      'cert.expired': 'hint',
      'cert.changed-from-baseline': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Only the deviation from the expected issuer is visible.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: event 1064 of RemoteConnectionManager.',
    mstsc: [says('a warning about the certificate, and no 0x904', 'documented')],
    hostChecks: [
      inServer(COMMANDS.certificateEvents, '1064'),
      inServer('certutil -template | findstr /i "RemoteDesktop"'),
      inServer(COMMANDS.policies, 'CertTemplateName'),
    ],
    advice: [
      onServer('Event 1064 names the reason.', COMMANDS.certificateEvents),
      onServer(
        'Write the template name into the policy, not the display name.',
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v CertTemplateName',
      ),
      onNetwork(
        'On the CA: give the computer Read and Enroll on the template; its use must be Server Authentication or Remote Desktop Authentication (1.3.6.1.4.1.311.54.1.2).',
      ),
      onServer(
        'Refresh the policy and let the service enrol again.',
        'gpupdate /force; Restart-Service SessionEnv -Force',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['event1064', 'certificateTemplate', 'rdsAuthenticationEvents'],
  },
  'weak-certificate': {
    title: "The server's certificate has a weak key or signature",
    summary:
      'Windows blocks RSA keys under 1024 bit in chains (advisory 2661254); OpenSSL clients at security level 1 or 2 reject short keys and SHA-1/MD5.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'Certificate message shows a short key or weak hash; the client aborts with its own alert (bad_certificate 42, unsupported 43 or local "ee key too small"); the server sees a closed connection.',
    signalWeights: {
      'cert.weak-key': 'decisive',
      'cert.sha1': 'decisive',
      'tls.local-abort-weak-cert': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Visible in the certificate. Whether the user client rejects it depends on its policy.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Try a client with default settings: does it refuse the certificate?',
    mstsc: [SOCKET_CLOSED, says('a warning about the certificate, and no 0x904', 'documented')],
    hostChecks: [
      inServer(COMMANDS.selfSignedCertificates),
      inServer('certutil -getreg chain\\MinRsaPubKeyBitLength'),
    ],
    advice: [
      onServer('Issue a new one: RSA with 2048 bits or more or ECDSA P-256, signed with SHA-256.'),
      onServer(
        'A self-signed one: delete it and let Windows make a current one.',
        COMMANDS.restartServices,
        DROPS_SESSIONS,
      ),
    ],
    more: [],
    caution: 'Do not lower MinRsaPubKeyBitLength or the OpenSSL level permanently.',
    unverified: [],
    sources: ['minimumKeyLength', 'schannelAlerts', 'freeRdpWindows7'],
  },
  'cert-name-or-trust': {
    title: 'The certificate is for another name, or for another use',
    summary:
      'Normal for self-signed certificates and for access by IP or alias; becomes a blocker when the client requires server authentication or RD Gateway/RemoteApp is used.',
    category: 'certificate',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'TLS completes; subject/SAN does not contain the name used, or the chain does not end in a trusted root.',
    signalWeights: {
      'cert.name-mismatch': 'ambiguous',
      'cert.untrusted-issuer': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Almost every default host shows it; it explains a failure only together with a strict client policy.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Compare the thumbprint with the one that the server itself shows.',
    mstsc: [says('a warning about the certificate, and no 0x904', 'documented')],
    hostChecks: [inServer(COMMANDS.selfSignedCertificates), inServer(COMMANDS.listenerSettings)],
    advice: [
      onClient('Connect by a name that is in the certificate.'),
      onServer(
        'Use a certificate that carries the name in its subjectAltName.',
        COMMANDS.selfSignedCertificates,
      ),
      onClient(
        'See what the client does when it cannot verify the server: "authentication level" in the .rdp file, and the policy "Configure server authentication for client".',
        null,
        'Do not train people to click the warning away: trust or pin the right certificate.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['certificateErrors', 'lsaContact', 'cssp315'],
  },
  'wmi-repository-corrupt': {
    title: 'The WMI repository of the host is damaged, so that the listener cannot be configured',
    summary:
      'The listener certificate and security settings are managed through the WMI class Win32_TSGeneralSetting. A damaged repository can block that administration; Microsoft documents the repair command but no direct link to RDP handshake failures.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature: 'None of its own; at most the signature of a certificate cause.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'x224.neg-failure-3': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Unverified as an RDP cause; keep it last.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the server: `winmgmt /verifyrepository`.',
    mstsc: [PAIR_REPORTED],
    hostChecks: [
      inServer('winmgmt /verifyrepository'),
      inServer(COMMANDS.listenerSettings, 'fails with a WMI error when damaged'),
    ],
    advice: [
      onServer('Check the repository.', 'winmgmt /verifyrepository'),
      onServer(
        'If it is inconsistent, let Windows check and rebuild it, restart, and bind the certificate again.',
        'winmgmt /salvagerepository',
        'The switch is /salvagerepository; /salvage does not exist. /resetrepository is the last resort: installed software may lose its WMI classes.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['winmgmt', 'generalSetting', 'listenerCertificate'],
  },
  'client-chain-retrieval-delay': {
    title: 'The client waits at "Securing remote connection" while it checks the certificate',
    summary:
      'With a self-signed certificate the Windows client tries to fetch the trusted-root list from the internet; without internet this costs many seconds.',
    category: 'latency',
    phase: 'direct',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'TLS flight arrives promptly; the pause is on the client after the certificate, before its next message.',
    signalWeights: {
      'tls.ok': 'ambiguous',
      'timeline.client-side-pause': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'If the probe is fast and mstsc is slow, the delay is on the client.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck:
      'Compare the time of this probe with that of mstsc: slow only there means the client.',
    mstsc: [],
    hostChecks: [inClient(null, 'CAPI2 operational log on the client')],
    advice: [
      onClient(
        'Import the certificate of the host into the trusted roots of the client, once its thumbprint was checked on the host.',
        null,
        'A self-signed one is renewed every six months: then it has to be done again. A certificate of your own CA is the better way.',
      ),
      onClient(
        'On clients without Internet: policy "Turn off Automatic Root Certificates Update".',
        'reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\AuthRoot /v DisableRootAutoUpdate',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['securingRemoteConnection'],
  },
});
