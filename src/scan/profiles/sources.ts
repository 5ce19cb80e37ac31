import type { Basis, ProfileSource } from '../../handshake/scan-clients.js';
import type { Grounds } from './client-profile.js';

const SCHANNEL = 'https://learn.microsoft.com/windows/win32/secauthn';
const RDPBCGR = 'https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr';
const FREERDP = 'https://github.com/FreeRDP/FreeRDP/blob';
const IRONRDP = 'https://github.com/Devolutions/IronRDP/blob/master/crates';

/** Where the profiles come from. Each document stands here once. */
export const PROFILE_SOURCES = {
  protocols: {
    title: 'Protocols in TLS/SSL (Schannel SSP)',
    url: `${SCHANNEL}/protocols-in-tls-ssl--schannel-ssp-`,
  },
  suitesWindows7: {
    title: 'TLS Cipher Suites in Windows 7',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-7`,
  },
  suitesWindows81: {
    title: 'TLS Cipher Suites in Windows 8.1',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-8-1`,
  },
  suites1607: {
    title: 'TLS Cipher Suites in Windows 10 v1607',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-10-v1607`,
  },
  suites1809: {
    title: 'TLS Cipher Suites in Windows 10 v1809',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-10-v1809`,
  },
  suites10v22H2: {
    title: 'TLS Cipher Suites in Windows 10 v22H2',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-10-v22h2`,
  },
  suites11v22H2: {
    title: 'TLS Cipher Suites in Windows 11 v22H2 and later',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-11-v22h2`,
  },
  suites2022: {
    title: 'TLS Cipher Suites in Windows Server 2022',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-server-2022`,
  },
  suites2025: {
    title: 'TLS Cipher Suites in Windows Server 2025 and later',
    url: `${SCHANNEL}/tls-cipher-suites-in-windows-server-2025`,
  },
  curves1607: {
    title: 'TLS Elliptic Curves in Windows 10 version 1607 and later',
    url: `${SCHANNEL}/tls-elliptic-curves-in-windows-10-1607-and-later`,
  },
  groups24H2: {
    title: 'TLS Supported Groups in Windows 11 versions 24H2 and later',
    url: `${SCHANNEL}/tls-supported-groups-in-windows-11-24h2-and-later`,
  },
  kb3097192: {
    title: 'Microsoft Support: Incorrect TLS is displayed when you use RDP with SSL (KB 3097192)',
    url: 'https://learn.microsoft.com/troubleshoot/windows-server/remote/incorrect-tls-use-rdp-with-ssl-encryption',
  },
  kb3080079: {
    title: 'Update to add RDS support for TLS 1.1 and TLS 1.2 in Windows 7 (KB 3080079)',
    url: 'https://support.microsoft.com/help/3080079',
  },
  kb4093492: {
    title: 'CredSSP updates for CVE-2018-0886 (KB 4093492)',
    url: 'https://support.microsoft.com/help/4093492',
  },
  credsspVersions: {
    title: '[MS-CSSP] Appendix A, Product Behavior',
    url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-cssp/0b458a93-de59-44af-82f1-ebedb585f5c6',
  },
  externalProtocols: {
    title: '[MS-RDPBCGR] 5.4.5 External Security Protocols Used By RDP',
    url: `${RDPBCGR}/422e59a0-98c8-4a28-af9f-235a572b6e4d`,
  },
  negotiationRequest: {
    title: '[MS-RDPBCGR] 2.2.1.1.1 RDP Negotiation Request',
    url: `${RDPBCGR}/902b090b-9cb3-4efc-92bf-ee13373371e3`,
  },
  oracleMatrix: {
    title: 'Microsoft Support: CredSSP encryption oracle remediation, its matrix (KB 4295591)',
    url: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/credssp-encryption-oracle-remediation',
  },
  captureWindows7: {
    title: 'Zeek test capture rdp-to-ssl.pcap (mstsc of Windows 7, 2011)',
    url: 'https://github.com/zeek/zeek/tree/master/testing/btest/Traces/rdp',
  },
  captureFallback: {
    title: 'Zeek test capture rdp-proprietary-encryption.pcap (falls back after failure 2)',
    url: 'https://github.com/zeek/zeek/tree/master/testing/btest/Traces/rdp',
  },
  captureSchannel1607: {
    title: 'nDPI test capture rdp_over_tls.pcap (Schannel of Windows 10 1607 or Server 2016)',
    url: 'https://github.com/ntop/nDPI/tree/dev/tests/cfgs/default/pcap',
  },
  captureMacos: {
    title: 'nDPI test capture rdp.pcap (a client with the TLS of Apple, 2019)',
    url: 'https://github.com/ntop/nDPI/tree/dev/tests/cfgs/default/pcap',
  },
  mstscRequest: {
    title: 'IronRDP issue 314: what mstsc requests, from a capture',
    url: 'https://github.com/Devolutions/IronRDP/issues/314',
  },
  mstscRequest11: {
    title: 'FreeRDP issue 11494: log of a request of Windows 11 with its cookie',
    url: 'https://github.com/FreeRDP/FreeRDP/issues/11494',
  },
  mstscCookie: {
    title: 'pyrdp issue 490: bytes of a request with a cookie of 9 characters',
    url: 'https://github.com/GoSecure/pyrdp/issues/490',
  },
  freerdp2Negotiation: {
    title: 'FreeRDP 2.11, libfreerdp/core/nego.c',
    url: `${FREERDP}/2.11.7/libfreerdp/core/nego.c`,
  },
  freerdp2Settings: {
    title: 'FreeRDP 2.11, libfreerdp/core/settings.c',
    url: `${FREERDP}/2.11.7/libfreerdp/core/settings.c`,
  },
  freerdpNla: {
    title: 'FreeRDP 2.11, libfreerdp/core/nla.c',
    url: `${FREERDP}/2.11.7/libfreerdp/core/nla.c`,
  },
  freerdp3Negotiation: {
    title: 'FreeRDP 3.30, libfreerdp/core/nego.c',
    url: `${FREERDP}/3.30.0/libfreerdp/core/nego.c`,
  },
  freerdp3Settings: {
    title: 'FreeRDP 3.30, libfreerdp/core/settings.c',
    url: `${FREERDP}/3.30.0/libfreerdp/core/settings.c`,
  },
  remmina: {
    title: 'Remmina, plugins/rdp/rdp_plugin.c',
    url: 'https://github.com/FreeRDP/Remmina/blob/master/plugins/rdp/rdp_plugin.c',
  },
  guacamole: {
    title: 'guacamole-server, src/protocols/rdp/settings.c and Dockerfile',
    url: 'https://github.com/apache/guacamole-server/blob/main/src/protocols/rdp/settings.c',
  },
  ironrdp: {
    title: 'IronRDP, ironrdp-connector: connection.rs',
    url: `${IRONRDP}/ironrdp-connector/src/connection.rs`,
  },
  ironrdpTls: {
    title: 'IronRDP, ironrdp-tls: rustls.rs',
    url: `${IRONRDP}/ironrdp-tls/src/rustls.rs`,
  },
  rustls: {
    title: 'rustls 0.23.41, crypto/aws_lc_rs: default suites and groups',
    url: 'https://github.com/rustls/rustls/blob/v/0.23.41/rustls/src/crypto/aws_lc_rs/mod.rs',
  },
} as const satisfies Record<string, ProfileSource>;

export type SourceKey = keyof typeof PROFILE_SOURCES;

export function grounds(
  basis: Basis,
  sources: readonly SourceKey[],
  note: string | null = null,
): Grounds {
  return { basis, sources: sources.map((key) => PROFILE_SOURCES[key]), note };
}
