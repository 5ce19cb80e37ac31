import type { Advice } from './finding.js';
import type { SourceKey } from './sources.js';

/** What the catalogue knows of one cause, whatever the case. */
export interface CauseText {
  /** the cause in one line, without a full stop */
  readonly title: string;
  /** in the order in which to try it */
  readonly advice: readonly Advice[];
  /** the one check that separates it from its neighbours */
  readonly nextCheck: string | null;
  readonly mstsc: readonly MstscCode[];
  readonly sources: readonly SourceKey[];
}

/** `documented`: the code's own documented meaning is this cause; `inferred`: one way to get it. */
export interface MstscCode {
  readonly code: string;
  readonly extended: string | null;
  readonly basis: 'documented' | 'inferred';
}

/** 0x904: the socket was closed. Many causes end so, and the code names none of them. */
export const SOCKET_CLOSED: readonly MstscCode[] = [
  { code: '0x904', extended: null, basis: 'inferred' },
];

/** 0x204: the TCP connect call failed; 0x108: the connection attempt timed out. */
export const CONNECT_FAILED: readonly MstscCode[] = [
  { code: '0x204', extended: null, basis: 'documented' },
  { code: '0x108', extended: null, basis: 'documented' },
];

export function documented(...codes: readonly string[]): readonly MstscCode[] {
  return codes.map((code) => ({ code, extended: null, basis: 'documented' }));
}

type AdviceMaker = (what: string, command?: string | null, caution?: string | null) => Advice;

const adviceFor =
  (where: Advice['where']): AdviceMaker =>
  (what, command = null, caution = null) => ({ do: what, command, where, caution });

export const onServer = adviceFor('server');
export const onClient = adviceFor('client');
export const onNetwork = adviceFor('network');

/** Commands that several causes name. PowerShell, elevated, unless they say otherwise. */
export const COMMANDS = {
  restartServices: 'Restart-Service SessionEnv -Force; Restart-Service TermService -Force',
  restartTermService: 'Restart-Service TermService -Force',
  listenerSettings:
    'Get-CimInstance -Namespace root\\cimv2\\TerminalServices -ClassName Win32_TSGeneralSetting ' +
    '-Filter "TerminalName=\'RDP-Tcp\'" | Format-List SecurityLayer,UserAuthenticationRequired,' +
    'MinEncryptionLevel,SSLCertificateSHA1Hash,PolicySource*',
  selfSignedCertificates:
    "Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' | Format-List Subject,Thumbprint," +
    'NotBefore,NotAfter,HasPrivateKey,SignatureAlgorithm',
  certificateEvents:
    "Get-WinEvent -FilterHashtable @{LogName='System';" +
    "ProviderName='Microsoft-Windows-TerminalServices-RemoteConnectionManager';" +
    'StartTime=(Get-Date).AddDays(-1)} | Format-List TimeCreated,Id,Message',
  schannelEvents:
    "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Schannel';" +
    'Id=36870,36871,36872,36874,36887,36888;StartTime=(Get-Date).AddDays(-1)} | ' +
    'Format-List TimeCreated,Id,Message',
  keyFileAcl:
    'icacls "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\' +
    'f686aace6942fb7f7ceb231212eef4a4_*"',
  portOwner:
    'Get-NetTCPConnection -LocalPort 3389 -State Listen | ' +
    'Select-Object LocalAddress,OwningProcess; tasklist /svc /fi "PID eq <pid>"',
  connectionEvents:
    "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-RemoteConnectionManager/" +
    "Operational' -MaxEvents 40 | Format-List TimeCreated,Id,Message",
  logonEvents:
    "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625;" +
    'StartTime=(Get-Date).AddHours(-1)} | Select-Object -First 20 | ' +
    'Format-List TimeCreated,Message',
} as const;

export const DROPS_SESSIONS = 'Restarting TermService disconnects everyone who is connected.';

export const NEVER_RENAME_MACHINE_KEYS =
  'Touch this one file only. Never rename or empty the MachineKeys folder: it holds the private ' +
  'keys of every other service (IIS, WinRM, SQL Server, agents), and they would lose them.';
