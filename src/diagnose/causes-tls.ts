import {
  type CauseText,
  COMMANDS,
  DROPS_SESSIONS,
  documented,
  NEVER_RENAME_MACHINE_KEYS,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
} from './cause-text.js';

/** Causes that show in the TLS handshake and in the server's certificate. */
export const TLS_CAUSES = {
  'self-signed-cert-not-renewed': {
    title: 'The self-signed RDP certificate expired and was not renewed',
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
    nextCheck: 'On the server: event 1058 of RemoteConnectionManager.',
    mstsc: [...documented('0x1B07'), ...SOCKET_CLOSED],
    sources: ['general', 'azureEventIds', 'azureInternalError', 'securingRemoteConnection'],
  },
  'ca-listener-cert-expired': {
    title: 'The certificate of the RDP listener, issued by a CA, is outside its validity',
    advice: [
      onServer(
        'Renew it, set its thumbprint on the listener and let NETWORK SERVICE read its key.',
        'Get-ChildItem Cert:\\LocalMachine\\My | Sort-Object NotAfter | Format-Table Thumbprint,NotAfter,Subject',
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
      onServer('Compare the clocks of both sides.', 'w32tm /query /status'),
    ],
    nextCheck: 'Compare our clock with a time server: the dates are on the wire.',
    mstsc: documented('0x1B07'),
    sources: ['listenerCertificate', 'onDisconnected'],
  },
  'weak-certificate': {
    title: "The server's certificate has a weak key or signature",
    advice: [
      onServer('Issue a new one: RSA with 2048 bits or more or ECDSA P-256, signed with SHA-256.'),
      onServer(
        'A self-signed one: delete it and let Windows make a current one.',
        COMMANDS.restartServices,
        DROPS_SESSIONS,
      ),
    ],
    nextCheck: 'Try a client with default settings: does it refuse the certificate?',
    mstsc: SOCKET_CLOSED,
    sources: ['minimumKeyLength', 'schannelAlerts'],
  },
  'cert-name-or-trust': {
    title: 'The certificate is for another name, or for another use',
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
    nextCheck: 'Compare the thumbprint with the one that the server itself shows.',
    mstsc: [],
    sources: ['certificateErrors', 'lsaContact'],
  },
  'private-key-acl-machinekeys': {
    title:
      'The server cannot read the private key of its RDP certificate (permissions in MachineKeys)',
    advice: [
      onServer(
        'Schannel event 36870 with 0x8009030D says that the private key cannot be accessed.',
        COMMANDS.schannelEvents,
      ),
      onServer(
        'See who may read the one key file behind the RDP certificate: NETWORK SERVICE needs Read, SYSTEM Full control.',
        COMMANDS.keyFileAcl,
        NEVER_RENAME_MACHINE_KEYS,
      ),
      onServer(
        'Then delete the certificate under certlm.msc > Remote Desktop and let the service make a new one.',
        COMMANDS.restartServices,
        DROPS_SESSIONS,
      ),
    ],
    nextCheck:
      'On the server: Schannel event 36870 (key), against 36871 (protocols) and 36874 (cipher suites).',
    mstsc: SOCKET_CLOSED,
    sources: ['internalError', 'azureInternalError', 'azureEventIds', 'general'],
  },
  'private-key-missing-or-corrupt': {
    title: 'The private key of the RDP certificate is missing or damaged',
    advice: [
      onServer('Does the store miss the key set?', 'certutil -store "Remote Desktop"'),
      onServer(
        'Move the one key file away as a backup, delete the certificate and let the service make both anew.',
        COMMANDS.restartServices,
        `${NEVER_RENAME_MACHINE_KEYS} The file begins with f686aace6942fb7f7ceb231212eef4a4_.`,
      ),
    ],
    nextCheck: 'On the server: event 1057 "Keyset does not exist" of RemoteConnectionManager.',
    mstsc: SOCKET_CLOSED,
    sources: ['azureEventIds', 'internalError', 'azureInternalError'],
  },
  'custom-cert-key-acl': {
    title: "NETWORK SERVICE cannot read the key of the listener's own certificate",
    advice: [
      onServer(
        'certlm.msc > Personal > the certificate > All Tasks > Manage Private Keys: give NETWORK SERVICE Read.',
        COMMANDS.listenerSettings,
        'Read is enough; do not give Full control.',
      ),
    ],
    nextCheck: 'Did it begin when the certificate was renewed or imported?',
    mstsc: SOCKET_CLOSED,
    sources: ['listenerCertificate', 'customCertificate'],
  },
  'listener-thumbprint-stale': {
    title: 'The listener points to a certificate that is not there',
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
    nextCheck: 'On the server: is there a certificate with the thumbprint of the listener?',
    mstsc: SOCKET_CLOSED,
    sources: ['internalError', 'azureEventIds', 'listenerCertificate'],
  },
  'tls-server-only-legacy': {
    title: 'The server speaks no TLS newer than 1.1',
    advice: [
      onServer('Windows 7 SP1 and Server 2008 R2: install KB3080079 and enable TLS 1.2.'),
      onServer('Better: upgrade or isolate the old host.'),
      onClient(
        'Lower the security level of a client only to diagnose, or for an isolated host.',
        null,
        'TLS 1.0 and 1.1 are switched off in current Windows and in OpenSSL for good reason.',
      ),
    ],
    nextCheck: 'Probe once with TLS 1.2 only.',
    mstsc: SOCKET_CLOSED,
    sources: ['incorrectTls', 'schannelProtocols', 'tlsDeprecation'],
  },
  'tls-versions-disabled-on-host': {
    title: 'The TLS versions that the client offers are switched off on the server',
    advice: [
      onServer(
        'Read what SCHANNEL allows for the server role.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols" /s',
      ),
      onServer(
        'Enable TLS 1.2 for the server role and restart the machine.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Server" /v Enabled /t REG_DWORD /d 1 /f',
        'Enable 1.2 and 1.3 only; leave 1.0 and 1.1 off.',
      ),
    ],
    nextCheck: 'On the server: Schannel event 36871 (protocols), against 36870 (key).',
    mstsc: SOCKET_CLOSED,
    sources: ['azureInternalError', 'azureEventIds', 'azureAuthentication', 'tlsDeprecation'],
  },
  'tls-cipher-mismatch': {
    title: 'Client and server have no cipher suite in common',
    advice: [
      onServer('Schannel event 36874 says so.', COMMANDS.schannelEvents),
      onServer(
        'Set the policy "SSL Cipher Suite Order" to Not configured, or add suites that both know.',
        'Get-TlsCipherSuite | Format-Table Name',
        'Do not enable RC4, 3DES or export suites to make it work.',
      ),
    ],
    nextCheck: 'Probe with other cipher lists: GCM only, then CBC, then RSA key exchange.',
    mstsc: SOCKET_CLOSED,
    sources: ['internalError', 'cipherSuites2012', 'schannelAlerts'],
  },
  'tls-no-common-group': {
    title: 'Client and server have no key-exchange group in common',
    advice: [
      onServer(
        'See which curves are allowed; correct the policy "ECC Curve Order".',
        'Get-TlsEccCurve',
      ),
    ],
    nextCheck: 'Probe with P-256 and P-384 only, then with X25519 only.',
    mstsc: SOCKET_CLOSED,
    sources: ['tlsGroups', 'internalError'],
  },
  'fips-mode-mismatch': {
    title: 'One side allows FIPS algorithms only',
    advice: [
      onServer(
        'Is the FIPS policy on?',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\FIPSAlgorithmPolicy" /v Enabled',
        'FIPS mode may be a duty: ask its owner before changing it.',
      ),
    ],
    nextCheck: 'On both machines: is the FIPS policy enabled?',
    mstsc: [{ code: '0x904', extended: '0x8', basis: 'inferred' }],
    sources: ['azureAuthentication', 'extendedReason', 'tlsGroups'],
  },
  'schannel-configuration-damaged': {
    title: 'The TLS configuration (SCHANNEL) of the server is damaged',
    advice: [
      onServer(
        'Compare the key with that of a healthy host of the same Windows version.',
        'reg export HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL schannel.reg',
        'Replace it only from the same version, and keep the backup.',
      ),
    ],
    nextCheck: 'On the server: which Schannel events does one attempt leave?',
    mstsc: SOCKET_CLOSED,
    sources: ['internalError'],
  },
  'tls-interception-breaks-nla': {
    title: 'Something on the path opens the TLS of the connection',
    advice: [
      onNetwork(
        'Exempt RDP from TLS inspection: CredSSP binds the logon to the certificate of the server.',
      ),
    ],
    nextCheck: 'Compare the thumbprint seen here with the one seen from the subnet of the server.',
    mstsc: SOCKET_CLOSED,
    sources: ['cssp315', 'azureDetailed'],
  },
} as const satisfies Record<string, CauseText>;
