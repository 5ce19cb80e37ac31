/** A document that the catalogue rests on. */
export interface Source {
  readonly title: string;
  readonly url: string;
  /** which copy was read, and what kind of text it is; null: not noted */
  readonly read: string | null;
}

const SUPPORT = 'https://learn.microsoft.com/troubleshoot';
const RDPBCGR = 'https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr';
const CSSP = 'https://learn.microsoft.com/openspecs/windows_protocols/ms-cssp';
const WIN32 = 'https://learn.microsoft.com/windows/win32';
const ARCHIVE = 'https://learn.microsoft.com/previous-versions';

/** Where the causes and codes are documented. Each document stands here once; its key names it. */
export const SOURCES = {
  onDisconnected: {
    title: 'IMsTscAxEvents::OnDisconnected, table of disconnect reasons',
    url: `${WIN32}/termserv/imstscaxevents-ondisconnected`,
    read: 'MicrosoftDocs/win32: desktop-src/TermServ/imstscaxevents-ondisconnected.md (read at 47e64c189dcb)',
  },
  extendedReason: {
    title: 'ExtendedDisconnectReasonCode enumeration',
    url: `${WIN32}/termserv/extendeddisconnectreasoncode`,
    read: 'MicrosoftDocs/win32: desktop-src/TermServ/extendeddisconnectreasoncode.md (read at 47e64c189dcb)',
  },
  clientsFaq: {
    title: 'Windows Server: Remote Desktop clients FAQ',
    url: 'https://learn.microsoft.com/windows-server/remote/remote-desktop-services/clients/remote-desktop-client-faq',
    read: 'MicrosoftDocs/windowsserverdocs: WindowsServerDocs/remote/remote-desktop-services/clients/remote-desktop-client-faq.yml',
  },
  listeningPort: {
    title: 'Windows Server: Change the listening port for Remote Desktop',
    url: 'https://learn.microsoft.com/windows-server/remote/remote-desktop-services/clients/change-listening-port',
    read: 'MicrosoftDocs/windowsserverdocs: .../clients/change-listening-port.md (listed, linked from KB 2477176; not re-read)',
  },
  general: {
    title: 'Microsoft Support: General Remote Desktop connection troubleshooting',
    url: `${SUPPORT}/windows-server/remote/rdp-error-general-troubleshooting`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/rdp-error-general-troubleshooting.md',
  },
  internalError: {
    title:
      'Microsoft Support: "An internal error has occurred" when connecting to a remote machine',
    url: `${SUPPORT}/windows-server/remote/internal-error-has-occurred-connecting-remote-machine`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/internal-error-has-occurred-connecting-remote-machine.md',
  },
  lsaContact: {
    title: 'Microsoft Support: "The Local Security Authority cannot be contacted" (KB 2493594)',
    url: `${SUPPORT}/windows-server/remote/local-security-authority-cant-contact`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/local-security-authority-cant-contact.md',
  },
  cannotAuthenticate: {
    title: "Microsoft Support: User can't authenticate or must authenticate twice",
    url: `${SUPPORT}/windows-server/remote/cannot-authenticate-must-authenticate-twice`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/cannot-authenticate-must-authenticate-twice.md',
  },
  listenerCertificate: {
    title: 'Microsoft Support: Remote Desktop listener certificate configurations (KB 3042780)',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-listener-certificate-configurations`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/remote-desktop-listener-certificate-configurations.md',
  },
  customCertificate: {
    title: 'Microsoft Support: Use a custom server authentication certificate for TLS (KB 2001849)',
    url: `${SUPPORT}/windows-server/remote/custom-server-authentication-certificate-for-tls`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/custom-server-authentication-certificate-for-tls.md',
  },
  certificateErrors: {
    title: 'Microsoft Support: Certificate-related errors when connecting (KB 2000960)',
    url: `${SUPPORT}/windows-server/remote/error-when-connecting-terminal-server`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/error-when-connecting-terminal-server.md',
  },
  securingRemoteConnection: {
    title: 'Microsoft Support: RDC stuck on "Securing remote connection" (KB 2915774)',
    url: `${SUPPORT}/windows-server/remote/rdc-stuck-on-src-screen`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/rdc-stuck-on-src-screen.md',
  },
  incorrectTls: {
    title: 'Microsoft Support: Incorrect TLS is displayed with RDP (KB 3097192, KB 3080079)',
    url: `${SUPPORT}/windows-server/remote/incorrect-tls-use-rdp-with-ssl-encryption`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/incorrect-tls-use-rdp-with-ssl-encryption.md',
  },
  currentlyBusy: {
    title: 'Microsoft Support: "Remote Desktop Service is currently busy"',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-service-currently-busy`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/remote-desktop-service-currently-busy.md',
  },
  disconnectedErrors: {
    title: 'Microsoft Support: Troubleshoot Remote Desktop disconnected errors (KB 2477176)',
    url: `${SUPPORT}/windows-server/remote/troubleshoot-remote-desktop-disconnected-errors`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/troubleshoot-remote-desktop-disconnected-errors.md',
  },
  limitConnections: {
    title: 'Microsoft Support: Limit the number of connections on a terminal server (KB 830581)',
    url: `${SUPPORT}/windows-server/remote/limit-connections-terminal-server`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/limit-connections-terminal-server.md',
  },
  channelBindings: {
    title: 'Microsoft Support: Error 0xC000035B with LmCompatibility (KB 2903333)',
    url: `${SUPPORT}/windows-server/remote/0xc000035b-when-you-use-lmcompatibility`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/0xc000035b-when-you-use-lmcompatibility.md',
  },
  securityError: {
    title:
      'Microsoft Support: Because of a security error, the client could not connect (KB 329896)',
    url: `${SUPPORT}/windows-server/remote/client-not-connect-to-terminal-server`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/client-not-connect-to-terminal-server.md',
  },
  directAccess: {
    title: 'Microsoft Support: RDS farm unavailable over DirectAccess (KB 3123137)',
    url: `${SUPPORT}/windows-server/remote/remote-desktop-server-farm-not-available`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/remote-desktop-server-farm-not-available.md',
  },
  portExhaustion: {
    title: 'Microsoft Support: Troubleshoot TCP/IP port exhaustion',
    url: `${SUPPORT}/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting.md',
  },
  azureEventIds: {
    title: 'Microsoft Support: Troubleshoot Azure VM RDP connection issues by event ID',
    url: `${SUPPORT}/azure/virtual-machines/windows/event-id-troubleshoot-vm-rdp-connecton`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/event-id-troubleshoot-vm-rdp-connecton.md',
  },
  azureInternalError: {
    title: 'Microsoft Support: An internal error occurs with an RDP connection to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-internal-error`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-rdp-internal-error.md',
  },
  azureAuthentication: {
    title: 'Microsoft Support: Troubleshoot authentication errors with RDP to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/cannot-connect-rdp-azure-vm`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/cannot-connect-rdp-azure-vm.md',
  },
  azureSpecificErrors: {
    title: 'Microsoft Support: Troubleshooting specific RDP error messages',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-specific-rdp-errors`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-specific-rdp-errors.md',
  },
  azureConnection: {
    title: 'Microsoft Support: Troubleshoot Remote Desktop connections to an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-connection`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-rdp-connection.md',
  },
  azureDetailed: {
    title: 'Microsoft Support: Detailed troubleshooting steps for RDP connection issues',
    url: `${SUPPORT}/azure/virtual-machines/windows/detailed-troubleshoot-rdp`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/detailed-troubleshoot-rdp.md',
  },
  azureGeneralError: {
    title: 'Microsoft Support: Troubleshoot an RDP general error in an Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-general-error`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-rdp-general-error.md',
  },
  azureGuestFirewall: {
    title: 'Microsoft Support: The guest firewall blocks inbound traffic',
    url: `${SUPPORT}/azure/virtual-machines/windows/guest-os-firewall-blocking-inbound-traffic`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/guest-os-firewall-blocking-inbound-traffic.md',
  },
  azureNsg: {
    title: 'Microsoft Support: The RDP port is not enabled in the network security group',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-nsg-problem`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-rdp-nsg-problem.md',
  },
  azureService: {
    title: "Microsoft Support: Remote Desktop Services isn't starting on an Azure VM",
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues.md',
  },
  azureBruteForce: {
    title: 'Microsoft Support: Cannot connect because of a brute force attack',
    url: `${SUPPORT}/azure/virtual-machines/windows/cannot-rdp-azure-vm-brute-force`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/cannot-rdp-azure-vm-brute-force.md',
  },
  oracleRemediation: {
    title: 'Microsoft Support: CredSSP encryption oracle remediation (KB 4295591, KB 4093492)',
    url: `${SUPPORT}/azure/virtual-machines/windows/credssp-encryption-oracle-remediation`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/credssp-encryption-oracle-remediation.md',
  },
  credSspPolicy: {
    title: 'Windows policy CSP: ADMX_CredSsp',
    url: 'https://learn.microsoft.com/windows/client-management/mdm/policy-csp-admx-credssp',
    read: 'MicrosoftDocs/windows-itpro-docs: windows/client-management/mdm/policy-csp-admx-credssp.md',
  },
  azureTcpTuning: {
    title: 'Azure: TCP/IP performance tuning (MTU, path MTU discovery, MSS clamping)',
    url: 'https://learn.microsoft.com/azure/virtual-network/virtual-network-tcpip-performance-tuning',
    read: 'MicrosoftDocs/azure-docs: articles/virtual-network/virtual-network-tcpip-performance-tuning.md',
  },
  tunnelOverhead: {
    title: 'Tunnel overhead and MSS values (IPsec, GRE, WireGuard, OpenVPN, PPPoE)',
    url: 'https://thelineman.ca/articles/article-8-mtu-vpn-mss.html',
    read: 'third-party engineering article',
  },
  pathMtuProblems: {
    title: 'RFC 2923: TCP Problems with Path MTU Discovery',
    url: 'https://www.rfc-editor.org/rfc/rfc2923',
    read: null,
  },
  splitTcp: {
    title: 'RFC 3135: Performance Enhancing Proxies Intended to Mitigate Link-Related Degradations',
    url: 'https://www.rfc-editor.org/rfc/rfc3135',
    read: null,
  },
  rdpShortpath: {
    title: 'Azure Virtual Desktop: RDP Shortpath (UDP first, TCP as fallback)',
    url: 'https://learn.microsoft.com/azure/virtual-desktop/rdp-shortpath',
    read: 'MicrosoftDocs/azure-docs: articles/virtual-desktop/rdp-shortpath.md',
  },
  udpSyn: {
    title: '[MS-RDPEUDP] 3.1.5.1.1: SYN Datagrams',
    url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpeudp/066f9acf-fd57-4f95-ab3f-334e748bab10',
    read: '[MS-RDPEUDP] open specification',
  },
  eventId56: {
    title: 'Microsoft Tech Community: The curious case of event ID 56 with source TermDD',
    url: 'https://techcommunity.microsoft.com/t5/ask-the-performance-team/the-curious-case-of-event-id-56-with-source-termdd/ba-p/374553',
    read: 'Ask the Performance Team blog',
  },
  postQuantumHello: {
    title: 'OpenSSL discussion 28729: post-quantum key share by default, reset after ClientHello',
    url: 'https://github.com/openssl/openssl/discussions/28729',
    read: 'openssl/openssl discussion',
  },
  remoteControlSoftware: {
    title: 'rustdesk #10125: 0x904 after logon, caused by remote-control software on the host',
    url: 'https://github.com/rustdesk/rustdesk/issues/10125',
    read: 'rustdesk/rustdesk #10125 (public issue thread: field report, not vendor documentation)',
  },
  negotiationRequest: {
    title: '[MS-RDPBCGR] 2.2.1.1.1 RDP Negotiation Request',
    url: `${RDPBCGR}/902b090b-9cb3-4efc-92bf-ee13373371e3`,
    read: '[MS-RDPBCGR] open specification',
  },
  negotiationFailure: {
    title: '[MS-RDPBCGR] 2.2.1.2.2 RDP Negotiation Failure',
    url: `${RDPBCGR}/1b3920e7-0116-4345-bc45-f2c4ad012761`,
    read: '[MS-RDPBCGR] open specification',
  },
  sendingConfirm: {
    title: '[MS-RDPBCGR] 3.3.5.3.2 Sending X.224 Connection Confirm PDU',
    url: `${RDPBCGR}/84909189-251f-4bd0-a410-35bb4c38eefa`,
    read: '[MS-RDPBCGR] open specification',
  },
  tsRequest: {
    title: '[MS-CSSP] 2.2.1 TSRequest',
    url: `${CSSP}/6aac4dea-08ef-47a6-8747-22ea7f6d8685`,
    read: '[MS-CSSP] open specification',
  },
  cssp315: {
    title: '[MS-CSSP] 3.1.5 Processing Events and Sequencing Rules',
    url: `${CSSP}/385a7489-d46b-464c-b224-f7340e308a5c`,
    read: '[MS-CSSP] open specification',
  },
  csspVersions: {
    title: '[MS-CSSP] Appendix A: Product Behavior',
    url: `${CSSP}/0b458a93-de59-44af-82f1-ebedb585f5c6`,
    read: '[MS-CSSP] open specification',
  },
  setSecurityLayer: {
    title: 'Win32_TSGeneralSetting.SetSecurityLayer',
    url: `${WIN32}/termserv/win32-tsgeneralsetting-setsecuritylayer`,
    read: 'MicrosoftDocs/win32: desktop-src/TermServ/win32-tsgeneralsetting-setsecuritylayer.md (read at 47e64c189dcb)',
  },
  schannelAlerts: {
    title: 'Schannel error codes for TLS and SSL alerts',
    url: `${WIN32}/secauthn/schannel-error-codes-for-tls-and-ssl-alerts`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/schannel-error-codes-for-tls-and-ssl-alerts.md (read at 47e64c189dcb)',
  },
  schannelProtocols: {
    title: 'Protocols in TLS/SSL (Schannel SSP)',
    url: `${WIN32}/secauthn/protocols-in-tls-ssl--schannel-ssp-`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/protocols-in-tls-ssl--schannel-ssp-.md (read at 47e64c189dcb)',
  },
  tlsDeprecation: {
    title: 'TLS 1.0 and TLS 1.1 deprecation in Windows',
    url: `${WIN32}/secauthn/tls-10-11-deprecation-in-windows`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/tls-10-11-deprecation-in-windows.md (read at 47e64c189dcb)',
  },
  cipherSuites2012: {
    title: 'TLS cipher suites in Windows 8.1 and Server 2012 R2',
    url: `${WIN32}/secauthn/tls-cipher-suites-in-windows-8-1`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/tls-cipher-suites-in-windows-8-1.md (read at 47e64c189dcb)',
  },
  tlsGroups: {
    title: 'TLS supported groups in Windows 11 24H2 and later',
    url: `${WIN32}/secauthn/tls-supported-groups-in-windows-11-24h2-and-later`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/tls-supported-groups-in-windows-11-24h2-and-later.md (read at 47e64c189dcb)',
  },
  minimumKeyLength: {
    title: 'Microsoft Security Advisory 2661254: minimum certificate key length',
    url: 'https://support.microsoft.com/en-us/help/2661254/microsoft-security-advisory-update-for-minimum-certificate-key-length',
    read: 'advisory URL confirmed through a public package changelog; constant from windows-sys docs; advisory text not re-read',
  },
  clockTolerance: {
    title: 'Windows security policy: Maximum tolerance for computer clock synchronization',
    url: `${ARCHIVE}/windows/it-pro/windows-10/security/threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization`,
    read: 'MicrosoftDocs/windows-itpro-docs: windows/security/threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization.md',
  },
  xrdpKeyUnreadable: {
    title: 'xrdp #1169: Cannot read private key file /etc/xrdp/key.pem',
    url: 'https://github.com/neutrinolabs/xrdp/issues/1169',
    read: 'neutrinolabs/xrdp #1169 (public issue thread: field report, not vendor documentation)',
  },
  xrdpNoFallback: {
    title: 'xrdp #3208: no fallback once TLS is selected',
    url: 'https://github.com/neutrinolabs/xrdp/issues/3208',
    read: 'neutrinolabs/xrdp #3208 (public issue thread: field report, not vendor documentation)',
  },
  freeRdpInternalError: {
    title: 'FreeRDP #4444: failed NLA answered with the TLS alert internal_error',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/4444',
    read: 'FreeRDP/FreeRDP #4444 (public issue thread: field report, not vendor documentation)',
  },
  server2025Profile: {
    title:
      'Report: Server 2025 domain controllers restart into the wrong firewall profile, fixed by KB5060842; Restart-NetAdapter workaround',
    url: 'https://www.windowsnews.ai/article/windows-server-2025-domain-controller-crisis-lessons-from-the-april-2025-firewall-bug.370092',
    read: 'third-party summary; official text not in the searched corpora',
  },
  rcmEventList: {
    title: 'RemoteConnectionManager provider event list (256-262, 1003-1006, ...)',
    url: 'https://gist.github.com/MHaggis/138c6bf563bacbda4a2524f089773706',
    read: 'community dump of the Windows event manifest',
  },
  wrongAdapter: {
    title:
      "Microsoft Support: You can't establish a Remote Desktop session (RDP-Tcp bound to wrong adapter, KB 555382)",
    url: `${SUPPORT}/windows-server/remote/cant-establish-remote-desktop-session`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/cant-establish-remote-desktop-session.md',
  },
  event226: {
    title: 'IPBan #240: RdpCoreTS event 226 sample (0x80070040)',
    url: 'https://github.com/DigitalRuby/IPBan/issues/240',
    read: 'DigitalRuby/IPBan #240 (public issue thread: field report, not vendor documentation)',
  },
  clientReadTimeout: {
    title:
      'Haven #106: CredSSP failed because the client read timeout was shorter than the NTLM round trip',
    url: 'https://github.com/GlassHaven/Haven/issues/106',
    read: 'GlassHaven/Haven #106 (public issue thread: field report, not vendor documentation)',
  },
  dot1xUser: {
    title:
      'Microsoft Support: 802.1x user authentication fails when an RDS connection comes in (KB 2820847)',
    url: `${SUPPORT}/windows-client/remote/cannot-use-802dot1x-user-authentication-connect-rds`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-client/remote/cannot-use-802dot1x-user-authentication-connect-rds.md',
  },
  vpnIdleTimeout: {
    title: 'Field report: RDS over site-to-site VPN, TCP inactivity timeout and PMTU',
    url: 'https://www.cantarus.com/articles/sonicwall-vpn-tunnel-configuration-best-practice-for-remote-desktop-services/',
    read: 'third-party report',
  },
  splitClientHello: {
    title: 'Cloudflare docs: hybrid post-quantum ClientHello is typically split over two packets',
    url: 'https://developers.cloudflare.com/ssl/post-quantum-cryptography/pqc-to-origin',
    read: 'Cloudflare developer docs',
  },
  azureIntermittent: {
    title: 'Microsoft Support: Remote Desktop disconnects frequently in Azure VM',
    url: `${SUPPORT}/azure/virtual-machines/windows/troubleshoot-rdp-intermittent-connectivity`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/azure/virtual-machines/windows/troubleshoot-rdp-intermittent-connectivity.md',
  },
  setErrorInfo: {
    title: '[MS-RDPBCGR] 2.2.5.1.1 Set Error Info PDU Data',
    url: `${RDPBCGR}/a21a1bd9-2303-49c1-90ec-3932435c248c`,
    read: '[MS-RDPBCGR] open specification',
  },
  freeRdpNego: {
    title: 'FreeRDP libfreerdp/core/nego.c (failure-code handling and fallback)',
    url: 'https://github.com/FreeRDP/FreeRDP/blob/9626564421df72c84f891afdbc0b20bf702f369f/libfreerdp/core/nego.c',
    read: 'FreeRDP/FreeRDP @9626564421df',
  },
  gnomeNla: {
    title: 'Haven #109: GNOME Remote Desktop answers NEG_FAILURE 5 when NLA is not offered',
    url: 'https://github.com/GlassHaven/Haven/issues/109',
    read: 'GlassHaven/Haven #109 (public issue thread: field report, not vendor documentation)',
  },
  freeRdpErrInfo: {
    title: 'FreeRDP include/freerdp/error.h + libfreerdp/core/errinfo.c (ERRINFO values)',
    url: 'https://github.com/FreeRDP/FreeRDP/blob/9626564421df72c84f891afdbc0b20bf702f369f/include/freerdp/error.h',
    read: 'FreeRDP/FreeRDP @9626564421df',
  },
  xrdpSelectedZero: {
    title: 'DietPi #5704: xrdp log "Security layer: requested 11, selected 0" when key unreadable',
    url: 'https://github.com/MichaIng/DietPi/issues/5704',
    read: 'MichaIng/DietPi #5704 (public issue thread: field report, not vendor documentation)',
  },
  xrdpBadCertificate: {
    title: 'xrdp #1922: client error 0x2104 traced to a bad self-signed certificate',
    url: 'https://github.com/neutrinolabs/xrdp/issues/1922',
    read: 'neutrinolabs/xrdp #1922 (public issue thread: field report, not vendor documentation)',
  },
  rdsAuthenticationEvents: {
    title: 'Remote Desktop Services Authentication and Encryption (events 1050-1064)',
    url: `${ARCHIVE}/windows/it-pro/windows-server-2008-R2-and-2008/ee890862(v=ws.10)`,
    read: 'Microsoft TechNet archive (linked from the Azure event-ID article; text seen via third-party mirror)',
  },
  freeRdpWindows7: {
    title: 'FreeRDP #9879: Windows 7 target, outdated TLS rejected by client defaults',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/9879',
    read: 'FreeRDP/FreeRDP #9879 (public issue thread: field report, not vendor documentation)',
  },
  freeRdpSecurityLevel: {
    title: 'FreeRDP #11234: Windows 7 with TLS 1.2 enforced needs a low OpenSSL security level',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/11234',
    read: 'FreeRDP/FreeRDP #11234 (public issue thread: field report, not vendor documentation)',
  },
  freeRdpCipherPolicy: {
    title:
      'FreeRDP #7769: server cipher policy, Schannel "no cipher suites supported" event and RDP security layer error 0x80090304',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/7769',
    read: 'FreeRDP/FreeRDP #7769 (public issue thread: field report, not vendor documentation)',
  },
  freeRdpServer2012: {
    title: 'FreeRDP #10804: TLS handshake fails against Server 2012 R2',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/10804',
    read: 'FreeRDP/FreeRDP #10804 (public issue thread: field report, not vendor documentation)',
  },
  cipherSuites2025: {
    title: 'TLS cipher suites in Windows Server 2025',
    url: `${WIN32}/secauthn/tls-cipher-suites-in-windows-server-2025`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/tls-cipher-suites-in-windows-server-2025.md (read at 47e64c189dcb)',
  },
  fipsPolicy: {
    title: 'Windows security policy: System cryptography, use FIPS compliant algorithms',
    url: `${ARCHIVE}/windows/it-pro/windows-10/security/threat-protection/security-policy-settings/system-cryptography-use-fips-compliant-algorithms-for-encryption-hashing-and-signing`,
    read: 'MicrosoftDocs/windows-itpro-docs: windows/security/threat-protection/security-policy-settings/system-cryptography-use-fips-compliant-algorithms-for-encryption-hashing-and-signing.md',
  },
  certificateTemplate: {
    title:
      'Microsoft AskDS (reposted): Remote Desktop Services enrolling for a TLS certificate from an Enterprise CA (EKU 1.3.6.1.4.1.311.54.1.2)',
    url: 'https://drware.com/remote-desktop-services-enrolling-for-tls-certificate-from-an-enterprise-ca',
    read: 'repost of a Microsoft blog',
  },
  event1064: {
    title: 'Event ID 1064 - Terminal Services Authentication and Encryption',
    url: 'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-r2-and-2008/cc775291(v=ws.10)',
    read: 'Microsoft TechNet archive',
  },
  winmgmt: {
    title: 'winmgmt command (/verifyrepository, /salvagerepository, /resetrepository)',
    url: `${WIN32}/wmisdk/winmgmt`,
    read: 'MicrosoftDocs/win32: desktop-src/WmiSdk/winmgmt.md (read at 47e64c189dcb)',
  },
  generalSetting: {
    title: 'Win32_TSGeneralSetting class',
    url: `${WIN32}/termserv/win32-tsgeneralsetting`,
    read: 'MicrosoftDocs/win32: desktop-src/TermServ/win32-tsgeneralsetting.md (read at 47e64c189dcb)',
  },
  freeRdpAlertAfterLogon: {
    title: 'FreeRDP #3443: tlsv1 alert internal error after credentials',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/3443',
    read: 'FreeRDP/FreeRDP #3443 (public issue thread: field report, not vendor documentation)',
  },
  credSspGroupPolicy: {
    title: 'CredSSP Group Policy settings',
    url: `${WIN32}/secauthn/credssp-group-policy-settings`,
    read: 'MicrosoftDocs/win32: desktop-src/SecAuthN/credssp-group-policy-settings.md (read at 47e64c189dcb)',
  },
  delegation3848: {
    title: 'mRemoteNG docs: disconnect reason 3848 and CredSSP delegation policy (MS KB 954357)',
    url: 'https://github.com/mRemoteNG/mRemoteNG/blob/develop/mRemoteNGDocumentation/howtos/vmrdp.rst',
    read: 'mRemoteNG/mRemoteNG docs',
  },
  freeRdpNla: {
    title: 'FreeRDP libfreerdp/core/nla.c (errorCode handling, early user authorization)',
    url: 'https://github.com/FreeRDP/FreeRDP/blob/9626564421df72c84f891afdbc0b20bf702f369f/libfreerdp/core/nla.c',
    read: 'FreeRDP/FreeRDP @9626564421df',
  },
  entraJoined: {
    title: 'Windows: Connect to remote Microsoft Entra joined device',
    url: 'https://learn.microsoft.com/windows/client-management/client-tools/connect-to-remote-aadj-pc',
    read: 'MicrosoftDocs/windows-itpro-docs: windows/client-management/client-tools/connect-to-remote-aadj-pc.md',
  },
  remoteCredentialGuard: {
    title: 'Windows: Remote Credential Guard (requirements, Kerberos only)',
    url: 'https://learn.microsoft.com/windows/security/identity-protection/remote-credential-guard',
    read: 'MicrosoftDocs/windows-itpro-docs: windows/security/identity-protection/remote-credential-guard.md',
  },
  credentialGuardIssues: {
    title: 'Windows: Credential Guard considerations and known issues',
    url: 'https://learn.microsoft.com/windows/security/identity-protection/credential-guard/considerations-known-issues',
    read: 'MicrosoftDocs/windows-itpro-docs: windows/security/identity-protection/credential-guard/considerations-known-issues.md',
  },
  january2026: {
    title:
      'Report: January 2026 updates broke RDP credential prompts (KB5074109, KB5073724, KB5073379, KB5073457, KB5073723); OOB fixes incl. KB5077793, KB5077796',
    url: 'https://www.ctrlaltnod.com/news/microsoft-releases-fix-for-remote-desktop-issues-in-january-2026-updates',
    read: 'third-party summary; official text not in the searched corpora',
  },
  mRemote2026: {
    title: 'mRemoteNG #3088: authentication error 0x80080005 after KB5074109',
    url: 'https://github.com/mRemoteNG/mRemoteNG/issues/3088',
    read: 'mRemoteNG/mRemoteNG #3088 (public issue thread: field report, not vendor documentation)',
  },
  noLicenseServer: {
    title: 'Microsoft Support: Cannot connect to RDS because no RD Licensing servers are available',
    url: `${SUPPORT}/windows-server/remote/cannot-connect-rds-no-license-server`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/cannot-connect-rds-no-license-server.md',
  },
  licensingGuidance: {
    title: 'Microsoft Support: RDS Licensing troubleshooting guidance',
    url: `${SUPPORT}/windows-server/remote/troubleshoot-rds-licensing-guidance`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/troubleshoot-rds-licensing-guidance.md',
  },
  udp65Seconds: {
    title:
      'Field guide: RDP UDP sessions drop after about 65 s, Windows 11 24H2 / Server 2025 client to Server 2016 host',
    url: 'https://www.engineerdirect.co.uk/guides/library/d/remote-access-vpn/rdp-udp-disconnect-65-seconds-win11-24h2-server-2016/',
    read: 'third-party summary of a Microsoft release-health item; official text not in the searched corpora',
  },
  server2025Freeze: {
    title: 'Report: Windows Server 2025 RDP freeze after KB5051987, fixed by KB5055523',
    url: 'https://windowsnews.ai/article/windows-server-2025-update-troubles-rdp-freeze-crisis-and-lessons-for-it.362932',
    read: 'third-party summary; official text not in the searched corpora',
  },
  january2022: {
    title:
      'Report: January 2022 out-of-band server updates for RDP (KB5010196 2019, KB5010215 2012 R2, KB5010195 2016, KB5010197 2022)',
    url: 'https://enjoypclife.net/windows-server-emergency-update-fixes-remote-desktop-issues-2022-01',
    read: 'third-party summary; official text not in the searched corpora',
  },
  policyRefresh: {
    title: 'Microsoft Support: RDP sessions disconnected during Group Policy updates (KB 2083411)',
    url: `${SUPPORT}/windows-server/remote/client-disconnected-group-policy-updates`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/client-disconnected-group-policy-updates.md',
  },
  balancerIdle: {
    title: 'Azure: Load Balancer TCP reset and idle timeout',
    url: 'https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-reset',
    read: 'MicrosoftDocs/azure-docs: articles/load-balancer/load-balancer-tcp-reset.md, load-balancer-tcp-idle-timeout.md',
  },
  sessionDisconnectCodes: {
    title:
      'TechNet wiki 37874: RDS session host server disconnect codes (LocalSessionManager event 40)',
    url: 'https://learn.microsoft.com/archive/technet-wiki/37874.rds-session-host-server-disconnect-codes',
    read: 'Microsoft TechNet wiki archive (community-edited)',
  },
  gatewayEvents: {
    title: 'RD Gateway Server Connections (CAP/RAP events)',
    url: 'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/ee891388(v=ws.10)',
    read: 'Microsoft TechNet archive',
  },
  freeRdpTsg: {
    title: 'FreeRDP libfreerdp/core/gateway/tsg.h (E_PROXY_* values)',
    url: 'https://github.com/FreeRDP/FreeRDP/blob/9626564421df72c84f891afdbc0b20bf702f369f/libfreerdp/core/gateway/tsg.h',
    read: 'FreeRDP/FreeRDP @9626564421df',
  },
  disconnectTexts: {
    title:
      'NETworkManager disconnect-reason strings (mirrors Microsoft TechNet wiki 37870; RD Gateway 0x30000xx codes)',
    url: 'https://github.com/BornToBeRoot/NETworkManager/blob/07661d80489169ebdd45a40831680837069233b9/Source/NETworkManager.Localization/Resources/Strings.resx',
    read: 'BornToBeRoot/NETworkManager @07661d80; secondary source for codes that the MS SDK table omits',
  },
  tsguReturnCodes: {
    title: '[MS-TSGU] Terminal Services Gateway Server Protocol: return codes',
    url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-tsgu/84cd92e4-592c-4219-95d8-18021ac654b0',
    read: 'Microsoft Open Specifications',
  },
  gatewayAvailability: {
    title: 'TS Gateway Server Availability',
    url: 'https://learn.microsoft.com/en-us/previous-versions/orphan-topics/ws.10/dd338486(v=ws.10)',
    read: 'Microsoft TechNet archive',
  },
  gatewayProxyReport: {
    title:
      'Field report: "security package error in the transport layer" with RD Gateway behind a web proxy',
    url: 'https://www.schooltechnician.co.uk/security-package-error-windows-10-rdp/',
    read: 'third-party report',
  },
  redirectionIp: {
    title:
      'Microsoft Support: RDS client cannot connect after the session host IP address changed (KB 2844958)',
    url: `${SUPPORT}/windows-server/remote/rds-client-not-connect-to-rd-session-host-server`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/rds-client-not-connect-to-rd-session-host-server.md',
  },
  brokerTls10: {
    title:
      'Microsoft Support: RDS Connection Broker or RDMS fails after you disable TLS 1.0 (KB 4036954)',
    url: `${SUPPORT}/windows-server/remote/rds-connection-broker-or-rdms-fails-caused-by-disabled-tls-10`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/rds-connection-broker-or-rdms-fails-caused-by-disabled-tls-10.md',
  },
  brokerSql: {
    title:
      'Microsoft Support: RD Connection Broker to SQL Server communication issues (KB 3020474)',
    url: `${SUPPORT}/windows-server/remote/communication-issues`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/communication-issues.md',
  },
  sessionConnectivity: {
    title: 'Microsoft Support: RDS session connectivity troubleshooting guidance',
    url: `${SUPPORT}/windows-server/remote/troubleshoot-rds-session-connectivity-guidance`,
    read: 'MicrosoftDocs/SupportArticles-docs: support/windows-server/remote/troubleshoot-rds-session-connectivity-guidance.md',
  },
  clientDisconnectCodes: {
    title:
      'Rackspace docs: RDS client disconnect codes and reasons (RDPClient/Operational event 1026, COM GetErrorDescription)',
    url: 'https://docs.rackspace.com/support/how-to/rds-client-disconnected-codes-and-reasons/',
    read: 'third-party mirror of TechNet wiki 37870',
  },
  rdpwrap363: {
    title: 'rdpwrap #363: client protocol error 0x1104',
    url: 'https://github.com/stascorp/rdpwrap/issues/363',
    read: 'stascorp/rdpwrap #363 (public issue thread: field report, not vendor documentation)',
  },
  onLogonError: {
    title: 'IMsTscAxEvents::OnLogonError',
    url: `${WIN32}/termserv/imstscaxevents-onlogonerror`,
    read: 'MicrosoftDocs/win32: desktop-src/TermServ/imstscaxevents-onlogonerror.md',
  },
  setErrorInfoPdu: {
    title:
      '[MS-RDPBCGR] 2.2.5.1 Server Set Error Info PDU (carried in an MCS Send Data Indication)',
    url: `${RDPBCGR}/ea16f3d6-f41a-4516-9aca-8550b4f742b6`,
    read: '[MS-RDPBCGR] open specification',
  },
  tlsAlerts: {
    title: 'RFC 8446 section 6 (alerts without Schannel mapping: 0, 86, 109, 112, 116)',
    url: 'https://www.rfc-editor.org/rfc/rfc8446#section-6',
    read: 'IETF',
  },
  freeRdpNtStatus: {
    title: 'FreeRDP winpr NTSTATUS names and values',
    url: 'https://github.com/FreeRDP/FreeRDP/blob/master/winpr/include/winpr/nt.h',
    read: 'FreeRDP/FreeRDP: winpr/include/winpr/nt.h; winpr/libwinpr/nt/ntstatus.c (STATUS_NTLM_BLOCKED)',
  },
} as const satisfies Record<string, Source>;

export type SourceKey = keyof typeof SOURCES;
