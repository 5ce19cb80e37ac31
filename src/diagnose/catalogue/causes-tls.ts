import {
  DROPS_SESSIONS,
  defineCauses,
  IT_SPEAKS_TLS,
  inServer,
  NEVER_RENAME_MACHINE_KEYS,
  NO_OFFER_HELPS,
  onClient,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes that show in the TLS handshake: key, versions, suites, groups. */
export const TLS_CAUSES = defineCauses({
  'private-key-acl-machinekeys': {
    title:
      'The server cannot read the private key of its RDP certificate (permissions in MachineKeys)',
    summary:
      'The folder C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys or the RDP key file lost its ACL, so NETWORK SERVICE cannot read the key (Schannel 36870, 0x8009030D) and the self-signed certificate cannot be renewed.',
    category: 'private-key',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'X.224 confirms TLS/NLA, then RST or FIN directly after the ClientHello with no TLS byte from the server, for every version and cipher list.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'tls.no-version-accepted': 'supporting',
      'x224.neg-failure-3': 'supporting',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.alert-80': 'hint',
      'tls.no-hello-answered': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'moderate',
      note: '"Hello, then close without any TLS record, whatever is offered" points to a credential the server cannot load: key ACL, missing key, dead thumbprint or disabled TLS. The host log decides.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Vary TLS version and cipher list: identical close each time',
      'Offer PROTOCOL_RDP only: a host with NLA off may still answer, which isolates the TLS credential',
    ],
    nextCheck:
      'On the server: Schannel event 36870 (key), against 36871 (protocols) and 36874 (cipher suites).',
    mstsc: [
      SOCKET_CLOSED,
      PAIR_REPORTED,
      {
        code: '0x4',
        extended: null,
        basis: 'reported',
        says: 'undocumented code seen with "internal error"',
      },
    ],
    hostChecks: [
      inServer(COMMANDS.schannelEvents, '36870'),
      inServer(
        COMMANDS.certificateEvents,
        '1057 keyset does not exist, 1058 access denied / object already exists',
      ),
      inServer(COMMANDS.machineKeysAcl),
      inServer(COMMANDS.keyFileAcl, 'key file behind the RDP self-signed certificate'),
      inServer(COMMANDS.selfSignedCertificates),
    ],
    advice: [
      onServer(
        'Schannel event 36870 with 0x8009030D says that the private key cannot be accessed.',
        COMMANDS.schannelEvents,
      ),
      onServer(
        'See who may read the one key file behind the RDP certificate: NETWORK SERVICE needs Read, SYSTEM Full control.',
        COMMANDS.keyFileAcl,
      ),
      onServer(
        'Where they lack: give them on this one file (S-1-5-20 is NETWORK SERVICE, S-1-5-18 SYSTEM); where it refuses, take ownership of this file first.',
        'icacls "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\f686aace6942fb7f7ceb231212eef4a4_<guid>" /grant "*S-1-5-20:(R)" "*S-1-5-18:(F)"',
        NEVER_RENAME_MACHINE_KEYS,
      ),
      onServer(
        'Then delete the certificate under certlm.msc > Remote Desktop and let the service make a new one.',
        COMMANDS.restartServices,
        DROPS_SESSIONS,
      ),
    ],
    more: [
      'Before any change, record the rights: icacls C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys /t /c > before.txt',
      'Folder default (KB guidance): Administrators Full control, Everyone Read and Write on the folder itself.',
      'Restart the machine if the certificate does not come back.',
    ],
    caution:
      'Never rename the whole MachineKeys folder, as some pages advise: every other service (IIS, WinRM, AD FS, SQL Server, agents) would lose its private key. An Azure article changes the rights of the whole folder by script: that opens the keys of others too, so take the one file.',
    unverified: [],
    sources: ['internalError', 'azureInternalError', 'azureEventIds', 'general'],
  },
  'private-key-missing-or-corrupt': {
    title: 'The private key of the RDP certificate is missing or damaged',
    summary:
      'The key file behind the certificate is gone or damaged: event 1057 "Keyset does not exist", 1058 "object already exists". Typical after cloning, cleanup tools, restore or a renamed MachineKeys folder.',
    category: 'private-key',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'As private-key-acl-machinekeys: close right after ClientHello; possibly RDP_NEG_FAILURE 3.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'x224.neg-failure-3': 'supporting',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.alert-80': 'hint',
      'tls.no-hello-answered': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'See private-key-acl-machinekeys.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: event 1057 "Keyset does not exist" of RemoteConnectionManager.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.certificateEvents),
      inServer(COMMANDS.schannelEvents),
      inServer(COMMANDS.keyFileAcl, 'key file behind the RDP self-signed certificate'),
      inServer('certutil -store "Remote Desktop"', '"Missing stored keyset"?'),
    ],
    advice: [
      onServer('Does the store miss the key set?', 'certutil -store "Remote Desktop"'),
      onServer(
        'Move the one key file away as a backup, delete the certificate and let the service make both anew.',
        COMMANDS.restartServices,
        `${NEVER_RENAME_MACHINE_KEYS} The file begins with f686aace6942fb7f7ceb231212eef4a4_.`,
      ),
    ],
    more: ['Check that a new certificate with HasPrivateKey=True appears.'],
    caution:
      'If MachineKeys was renamed earlier, restore the old folder contents before anything else.',
    unverified: [],
    sources: ['azureEventIds', 'internalError', 'azureInternalError'],
  },
  'custom-cert-key-acl': {
    title: "NETWORK SERVICE cannot read the key of the listener's own certificate",
    summary:
      'A CA certificate is bound to the listener, but its private key lacks Read permission for NETWORK SERVICE (often after renewal or PFX import).',
    category: 'private-key',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature: 'Close right after ClientHello; started at the time of a certificate renewal.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'timeline.after-cert-change': 'supporting',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.no-hello-answered': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'As other key causes; a recent certificate change raises it.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Did it begin when the certificate was renewed or imported?',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.listenerSettings),
      inServer(
        'Get-ChildItem Cert:\\LocalMachine\\My | Where-Object Thumbprint -eq <hash> | Format-List HasPrivateKey,NotAfter',
      ),
      inServer(COMMANDS.schannelEvents),
    ],
    advice: [
      onServer(
        'certlm.msc > Personal > the certificate > All Tasks > Manage Private Keys: give NETWORK SERVICE Read.',
        COMMANDS.listenerSettings,
        'Read is enough; do not give Full control.',
      ),
    ],
    more: ['Automate the permission for the next renewal.'],
    caution: null,
    unverified: [],
    sources: ['listenerCertificate', 'customCertificate'],
  },
  'tls-server-only-legacy': {
    title: 'The server speaks no TLS newer than 1.1',
    summary:
      'Windows 7/2008 R2 without KB3080079 (or with TLS 1.2 off) do TLS 1.0 only; modern OpenSSL/Node and hardened Windows clients reject it.',
    category: 'tls-version',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'Client with TLS 1.2+ only: alert 70 (protocol_version) or 40, RST/FIN after ClientHello. A second try with TLS 1.0 enabled completes.',
    signalWeights: {
      'tls.alert-70': 'supporting',
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'tls.ok-version-le-1.1': 'decisive',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: NO_OFFER_HELPS,
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Success only with TLS 1.0/1.1 proves it.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Probe TLS 1.3, 1.2, 1.1, 1.0 separately (needs OpenSSL security level 0 for the old ones)',
    ],
    nextCheck: 'Probe once with TLS 1.2 only.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.schannelProtocols),
      inServer('Get-HotFix -Id KB3080079 -ErrorAction SilentlyContinue'),
      inServer(COMMANDS.windowsVersion),
    ],
    advice: [
      onServer('Windows 7 SP1 and Server 2008 R2: install KB3080079 and enable TLS 1.2.'),
      onServer('Better: upgrade or isolate the old host.'),
      onClient(
        'Lower the security level of a client only to diagnose, or for an isolated host.',
        null,
        'TLS 1.0 and 1.1 are switched off in current Windows and in OpenSSL for good reason.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: [
      'incorrectTls',
      'schannelProtocols',
      'tlsDeprecation',
      'freeRdpWindows7',
      'freeRdpSecurityLevel',
    ],
  },
  'tls-versions-disabled-on-host': {
    title: 'The TLS versions that the client offers are switched off on the server',
    summary:
      'Hardening turned off TLS 1.0/1.1 (and sometimes 1.2) for the Server role, or only client/server halves were set; Schannel cannot create a credential (event 36871, state 10013) or rejects the hello.',
    category: 'tls-version',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'RST/FIN right after the ClientHello, or alert 70; no TLS version works, or only one that the client lacks.',
    signalWeights: {
      'tls.alert-70': 'supporting',
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'tls.no-version-accepted': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: { ...NO_OFFER_HELPS, 'tls.ok-with-small-hello': 'rules-out' },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'If no version at all works the credential itself may be broken (private key causes); event 36871 vs 36870 separates them.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: Schannel event 36871 (protocols), against 36870 (key).',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [inServer(COMMANDS.schannelProtocols), inServer(COMMANDS.schannelEvents)],
    advice: [
      onServer('Read what SCHANNEL allows for the server role.', COMMANDS.schannelProtocols),
      onServer(
        'Enable TLS 1.2 for the server role and restart the machine.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Server" /v Enabled /t REG_DWORD /d 1 /f',
        'Enable 1.2 and 1.3 only; leave 1.0 and 1.1 off.',
      ),
    ],
    more: [
      'If it comes back: find the GPO that sets the keys.',
      'DisabledByDefault beside Enabled must be 0, for Server and Client.',
    ],
    caution:
      'The Azure article also re-enables TLS 1.0 and 1.1; on current systems enable only TLS 1.2/1.3 unless a legacy client forces more.',
    unverified: [],
    sources: ['azureInternalError', 'azureEventIds', 'azureAuthentication', 'tlsDeprecation'],
  },
  'tls-cipher-mismatch': {
    title: 'Client and server have no cipher suite in common',
    summary:
      'A cipher-suite order policy (or an old OS) leaves no suite that fits the client and the key type of the certificate. Example: 2012 R2 with an RSA certificate has no ECDHE_RSA GCM suites.',
    category: 'tls-cipher',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'Alert 40 (handshake_failure), sometimes 71; Windows RDP often closes with RST/FIN without sending the alert. Works with a wider cipher list.',
    signalWeights: {
      'tls.alert-40': 'supporting',
      'tls.alert-71': 'decisive',
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'tls.ok-with-wider-ciphers': 'decisive',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: { ...NO_OFFER_HELPS, 'tls.ok-with-small-hello': 'rules-out' },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Success with extra suites proves it; a bare RST alone does not.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Enumerate: modern GCM-only list, then add CBC, then RSA key exchange; first success names the gap',
    ],
    nextCheck: 'Probe with other cipher lists: GCM only, then CBC, then RSA key exchange.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.schannelEvents, '36874 = no suite in common, 36888 = alert sent'),
      inServer('Get-TlsCipherSuite | Format-Table Name'),
      inServer(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002" /v Functions',
      ),
    ],
    advice: [
      onServer('Schannel event 36874 says so.', COMMANDS.schannelEvents),
      onServer(
        'Set the policy "SSL Cipher Suite Order" to Not configured, or add suites that both know.',
        'Get-TlsCipherSuite | Format-Table Name',
        'Do not enable RC4, 3DES or export suites to make it work.',
      ),
    ],
    more: [
      'Or add suites both sides know: ECDHE_RSA with AES-GCM (2016+), ECDHE_RSA with AES-CBC-SHA256/384 for 2012 R2.',
      'Update the old side.',
    ],
    caution: null,
    unverified: [],
    sources: [
      'internalError',
      'cipherSuites2012',
      'schannelAlerts',
      'freeRdpCipherPolicy',
      'freeRdpServer2012',
      'cipherSuites2025',
    ],
  },
  'tls-no-common-group': {
    title: 'Client and server have no key-exchange group in common',
    summary:
      'Host or client restricts groups (FIPS mode drops X25519, policies pin one curve), so ECDHE cannot start.',
    category: 'tls-cipher',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'Alert 40 or close after ClientHello; a hello with P-256 and P-384 works while X25519 only fails (or the reverse).',
    signalWeights: {
      'tls.alert-40': 'supporting',
      'tls.ok-with-other-groups': 'decisive',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: NO_OFFER_HELPS,
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The A/B test names the group.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe with P-256 and P-384 only, then with X25519 only.',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [inServer('Get-TlsEccCurve'), inServer(COMMANDS.fipsPolicy)],
    advice: [
      onServer(
        'See which curves are allowed; correct the policy "ECC Curve Order".',
        'Get-TlsEccCurve',
      ),
    ],
    more: ['Offer P-256 and P-384 besides X25519.'],
    caution: null,
    unverified: [],
    sources: ['tlsGroups', 'internalError'],
  },
  'fips-mode-mismatch': {
    title: 'One side allows FIPS algorithms only',
    summary:
      'FIPS policy or encryption level 4 restricts algorithms; clients without matching suites fail. Documented extended reason 8 exists for it.',
    category: 'tls-cipher',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: ['mcs'],
    wireSignature:
      'Alert 40 or close after ClientHello; with standard RDP security an error at the MCS security exchange.',
    signalWeights: {
      'tls.alert-40': 'hint',
      'tls.fin-after-client-hello': 'ambiguous',
      'mcs.errinfo-0x1194': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: { ...NO_OFFER_HELPS, 'tls.ok-with-small-hello': 'rules-out' },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Same as cipher mismatch until the host policy is known.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On both machines: is the FIPS policy enabled?',
    mstsc: [{ code: '0x904', extended: '0x8', basis: 'inferred', says: null }],
    hostChecks: [
      inServer(COMMANDS.fipsPolicy),
      inServer(COMMANDS.encryptionLevel, '4 = FIPS'),
      inServer(COMMANDS.schannelEvents),
    ],
    advice: [
      onServer(
        'Is the FIPS policy on?',
        COMMANDS.fipsPolicy,
        'FIPS mode may be a duty: ask its owner before changing it.',
      ),
    ],
    more: [
      'If mandated: bring the client to FIPS suites and P-256/P-384 curves.',
      'Where FIPS is no duty: switch the policy off, and restart the machine.',
    ],
    caution: null,
    unverified: [],
    sources: ['azureAuthentication', 'extendedReason', 'tlsGroups', 'fipsPolicy'],
  },
  'schannel-configuration-damaged': {
    title: 'The TLS configuration (SCHANNEL) of the server is damaged',
    summary:
      'Broken hardening scripts leave the SCHANNEL tree or the SSL 00010002 function list in a state where no handshake works.',
    category: 'tls-cipher',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature: 'RST/FIN after ClientHello for every version and suite.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.fin-after-client-hello': 'ambiguous',
      'tls.no-version-accepted': 'hint',
      'x224.plain-offer-answered': 'ambiguous',
      'tls.alert-80': 'hint',
      'tls.no-hello-answered': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: IT_SPEAKS_TLS,
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Shares its picture with private-key causes.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the server: which Schannel events does one attempt leave?',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.schannelEvents),
      inServer(
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL /s',
        'compare with a healthy host',
      ),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\00010002" /v Functions',
      ),
    ],
    advice: [
      onServer(
        'Compare the key with that of a healthy host of the same Windows version.',
        'reg export HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL schannel.reg',
        'Replace it only from the same version, and keep the backup.',
      ),
    ],
    more: ['Do the same with Control\\Cryptography\\Configuration\\Local\\SSL\\00010002.'],
    caution: null,
    unverified: [],
    sources: ['internalError'],
  },
});
