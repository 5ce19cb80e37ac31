export interface Source {
  readonly title: string;
  readonly url: string;
}

const SUPPORT = 'https://learn.microsoft.com/troubleshoot';
const RDPBCGR = 'https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr';
const CSSP = 'https://learn.microsoft.com/openspecs/windows_protocols/ms-cssp';
const WIN32 = 'https://learn.microsoft.com/windows/win32';

/** Where the causes are documented. Each document stands here once; causes name it by its key. */
export const SOURCES = {
  onDisconnected: {
    title: 'IMsTscAxEvents::OnDisconnected, table of disconnect reasons',
    url: `${WIN32}/termserv/imstscaxevents-ondisconnected`,
  },
  extendedReason: {
    title: 'ExtendedDisconnectReasonCode enumeration',
    url: `${WIN32}/termserv/extendeddisconnectreasoncode`,
  },
  clientsFaq: {
    title: 'Windows Server: Remote Desktop clients FAQ',
    url: 'https://learn.microsoft.com/windows-server/remote/remote-desktop-services/clients/remote-desktop-client-faq',
  },
  listeningPort: {
    title: 'Windows Server: Change the listening port for Remote Desktop',
    url: 'https://learn.microsoft.com/windows-server/remote/remote-desktop-services/clients/change-listening-port',
  },
  general: {
    title: 'Microsoft Support: General Remote Desktop connection troubleshooting',
    url: `${SUPPORT}/windows-server/remote/rdp-error-general-troubleshooting`,
  },
  internalError: {
    title:
      'Microsoft Support: "An internal error has occurred" when connecting to a remote machine',
    url: `${SUPPORT}/windows-server/remote/internal-error-has-occurred-connecting-remote-machine`,
  },
  lsaContact: {
    title: 'Microsoft Support: "The Local Security Authority cannot be contacted" (KB 2493594)',
    url: `${SUPPORT}/windows-server/remote/local-security-authority-cant-contact`,
  },
  cannotAuthenticate: {
    title: "Microsoft Support: User can't authenticate or must authenticate twice",
    url: `${SUPPORT}/windows-server/remote/cannot-authenticate-must-authenticate-twice`,
  },
  listenerCertificate: {
    title: 'Microsoft Support: Remote Desktop listener certificate configurations (KB 3042780)',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-listener-certificate-configurations`,
  },
  customCertificate: {
    title: 'Microsoft Support: Use a custom server authentication certificate for TLS (KB 2001849)',
    url: `${SUPPORT}/windows-server/remote/custom-server-authentication-certificate-for-tls`,
  },
  certificateErrors: {
    title: 'Microsoft Support: Certificate-related errors when connecting (KB 2000960)',
    url: `${SUPPORT}/windows-server/remote/error-when-connecting-terminal-server`,
  },
  securingRemoteConnection: {
    title: 'Microsoft Support: RDC stuck on "Securing remote connection" (KB 2915774)',
    url: `${SUPPORT}/windows-server/remote/rdc-stuck-on-src-screen`,
  },
  incorrectTls: {
    title: 'Microsoft Support: Incorrect TLS is displayed with RDP (KB 3097192, KB 3080079)',
    url: `${SUPPORT}/windows-server/remote/incorrect-tls-use-rdp-with-ssl-encryption`,
  },
  currentlyBusy: {
    title: 'Microsoft Support: "Remote Desktop Service is currently busy"',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-service-currently-busy`,
  },
  disconnectedErrors: {
    title: 'Microsoft Support: Troubleshoot Remote Desktop disconnected errors (KB 2477176)',
    url: `${SUPPORT}/windows-server/remote/troubleshoot-remote-desktop-disconnected-errors`,
  },
  limitConnections: {
    title: 'Microsoft Support: Limit the number of connections on a terminal server (KB 830581)',
    url: `${SUPPORT}/windows-server/remote/limit-connections-terminal-server`,
  },
  channelBindings: {
    title: 'Microsoft Support: Error 0xC000035B with LmCompatibility (KB 2903333)',
    url: `${SUPPORT}/windows-server/remote/0xc000035b-when-you-use-lmcompatibility`,
  },
  securityError: {
    title:
      'Microsoft Support: Because of a security error, the client could not connect (KB 329896)',
    url: `${SUPPORT}/windows-server/remote/client-not-connect-to-terminal-server`,
  },
  directAccess: {
    title: 'Microsoft Support: RDS farm unavailable over DirectAccess (KB 3123137)',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-server-farm-not-available`,
  },
  portExhaustion: {
    title: 'Microsoft Support: Troubleshoot TCP/IP port exhaustion',
    url: `${SUPPORT}/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting`,
  },
  azureEventIds: {
    title: 'Microsoft Support: Troubleshoot Azure VM RDP connection issues by event ID',
    url: `${SUPPORT}/azure/virtual-machines/windows/event-id-troubleshoot-vm-rdp-connecton`,
  },
  azureInternalError: {
    title: 'Microsoft Support: An internal error occurs with an RDP connection to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-internal-error`,
  },
  azureAuthentication: {
    title: 'Microsoft Support: Troubleshoot authentication errors with RDP to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/cannot-connect-rdp-azure-vm`,
  },
  azureSpecificErrors: {
    title: 'Microsoft Support: Troubleshooting specific RDP error messages',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-specific-rdp-errors`,
  },
  azureConnection: {
    title: 'Microsoft Support: Troubleshoot Remote Desktop connections to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-connection`,
  },
  azureDetailed: {
    title: 'Microsoft Support: Detailed troubleshooting steps for RDP connection issues',
    url: `${SUPPORT}/azure/virtual-machines/windows/detailed-troubleshoot-rdp`,
  },
  azureGeneralError: {
    title: 'Microsoft Support: Troubleshoot an RDP general error in an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-general-error`,
  },
  azureGuestFirewall: {
    title: 'Microsoft Support: The guest firewall blocks inbound traffic',
    url: `${SUPPORT}/azure/virtual-machines/windows/guest-os-firewall-blocking-inbound-traffic`,
  },
  azureNsg: {
    title: 'Microsoft Support: The RDP port is not enabled in the network security group',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-nsg-problem`,
  },
  azureService: {
    title: "Microsoft Support: Remote Desktop Services isn't starting on an Azure VM",
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues`,
  },
  azureBruteForce: {
    title: 'Microsoft Support: Cannot connect because of a brute force attack',
    url: `${SUPPORT}/azure/virtual-machines/windows/cannot-rdp-azure-vm-brute-force`,
  },
  oracleRemediation: {
    title: 'Microsoft Support: CredSSP encryption oracle remediation (KB 4295591, KB 4093492)',
    url: `${SUPPORT}/azure/virtual-machines/windows/credssp-encryption-oracle-remediation`,
  },
  credSspPolicy: {
    title: 'Windows policy CSP: ADMX_CredSsp',
    url: 'https://learn.microsoft.com/windows/client-management/mdm/policy-csp-admx-credssp',
  },
  azureTcpTuning: {
    title: 'Azure: TCP/IP performance tuning (MTU, path MTU discovery, MSS clamping)',
    url: 'https://learn.microsoft.com/azure/virtual-network/virtual-network-tcpip-performance-tuning',
  },
  tunnelOverhead: {
    title: 'Tunnel overhead and MSS values (IPsec, GRE, WireGuard, OpenVPN, PPPoE)',
    url: 'https://thelineman.ca/articles/article-8-mtu-vpn-mss.html',
  },
  pathMtuProblems: {
    title: 'RFC 2923: TCP Problems with Path MTU Discovery',
    url: 'https://www.rfc-editor.org/rfc/rfc2923',
  },
  splitTcp: {
    title: 'RFC 3135: Performance Enhancing Proxies Intended to Mitigate Link-Related Degradations',
    url: 'https://www.rfc-editor.org/rfc/rfc3135',
  },
  rdpShortpath: {
    title: 'Azure Virtual Desktop: RDP Shortpath (UDP first, TCP as fallback)',
    url: 'https://learn.microsoft.com/azure/virtual-desktop/rdp-shortpath',
  },
  udpSyn: {
    title: '[MS-RDPEUDP] 3.1.5.1.1: SYN Datagrams',
    url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpeudp/066f9acf-fd57-4f95-ab3f-334e748bab10',
  },
  eventId56: {
    title: 'Microsoft Tech Community: The curious case of event ID 56 with source TermDD',
    url: 'https://techcommunity.microsoft.com/t5/ask-the-performance-team/the-curious-case-of-event-id-56-with-source-termdd/ba-p/374553',
  },
  postQuantumHello: {
    title: 'OpenSSL discussion 28729: post-quantum key share by default, reset after ClientHello',
    url: 'https://github.com/openssl/openssl/discussions/28729',
  },
  remoteControlSoftware: {
    title: 'rustdesk #10125: 0x904 after logon, caused by remote-control software on the host',
    url: 'https://github.com/rustdesk/rustdesk/issues/10125',
  },
  negotiationRequest: {
    title: '[MS-RDPBCGR] 2.2.1.1.1 RDP Negotiation Request',
    url: `${RDPBCGR}/902b090b-9cb3-4efc-92bf-ee13373371e3`,
  },
  negotiationFailure: {
    title: '[MS-RDPBCGR] 2.2.1.2.2 RDP Negotiation Failure',
    url: `${RDPBCGR}/1b3920e7-0116-4345-bc45-f2c4ad012761`,
  },
  sendingConfirm: {
    title: '[MS-RDPBCGR] 3.3.5.3.2 Sending X.224 Connection Confirm PDU',
    url: `${RDPBCGR}/84909189-251f-4bd0-a410-35bb4c38eefa`,
  },
  tsRequest: {
    title: '[MS-CSSP] 2.2.1 TSRequest',
    url: `${CSSP}/6aac4dea-08ef-47a6-8747-22ea7f6d8685`,
  },
  cssp315: {
    title: '[MS-CSSP] 3.1.5 Processing Events and Sequencing Rules',
    url: `${CSSP}/385a7489-d46b-464c-b224-f7340e308a5c`,
  },
  csspVersions: {
    title: '[MS-CSSP] Appendix A: Product Behavior',
    url: `${CSSP}/0b458a93-de59-44af-82f1-ebedb585f5c6`,
  },
  setSecurityLayer: {
    title: 'Win32_TSGeneralSetting.SetSecurityLayer',
    url: `${WIN32}/termserv/win32-tsgeneralsetting-setsecuritylayer`,
  },
  schannelAlerts: {
    title: 'Schannel error codes for TLS and SSL alerts',
    url: `${WIN32}/secauthn/schannel-error-codes-for-tls-and-ssl-alerts`,
  },
  schannelProtocols: {
    title: 'Protocols in TLS/SSL (Schannel SSP)',
    url: `${WIN32}/secauthn/protocols-in-tls-ssl--schannel-ssp-`,
  },
  tlsDeprecation: {
    title: 'TLS 1.0 and TLS 1.1 deprecation in Windows',
    url: `${WIN32}/secauthn/tls-10-11-deprecation-in-windows`,
  },
  cipherSuites2012: {
    title: 'TLS cipher suites in Windows 8.1 and Server 2012 R2',
    url: `${WIN32}/secauthn/tls-cipher-suites-in-windows-8-1`,
  },
  tlsGroups: {
    title: 'TLS supported groups in Windows 11 24H2 and later',
    url: `${WIN32}/secauthn/tls-supported-groups-in-windows-11-24h2-and-later`,
  },
  minimumKeyLength: {
    title: 'Microsoft Security Advisory 2661254: minimum certificate key length',
    url: 'https://support.microsoft.com/en-us/help/2661254/microsoft-security-advisory-update-for-minimum-certificate-key-length',
  },
  clockTolerance: {
    title: 'Windows security policy: Maximum tolerance for computer clock synchronization',
    url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization',
  },
  xrdpKeyUnreadable: {
    title: 'xrdp #1169: Cannot read private key file /etc/xrdp/key.pem',
    url: 'https://github.com/neutrinolabs/xrdp/issues/1169',
  },
  xrdpNoFallback: {
    title: 'xrdp #3208: no fallback once TLS is selected',
    url: 'https://github.com/neutrinolabs/xrdp/issues/3208',
  },
  freeRdpInternalError: {
    title: 'FreeRDP #4444: failed NLA answered with the TLS alert internal_error',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/4444',
  },
} as const satisfies Record<string, Source>;

export type SourceKey = keyof typeof SOURCES;
