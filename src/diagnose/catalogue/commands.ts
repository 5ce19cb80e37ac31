/** Commands that several causes name. PowerShell, elevated, unless they say otherwise; all of them only read, but for the restarts. */
export const COMMANDS = {
  restartServices: 'Restart-Service SessionEnv -Force; Restart-Service TermService -Force',
  restartTermService: 'Restart-Service TermService -Force',
  listenerSettings:
    'Get-CimInstance -Namespace root\\cimv2\\TerminalServices -ClassName Win32_TSGeneralSetting -Filter "TerminalName=\'RDP-Tcp\'" | Format-List SecurityLayer,UserAuthenticationRequired,MinEncryptionLevel,SSLCertificateSHA1Hash,PolicySource*',
  selfSignedCertificates:
    "Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' | Format-List Subject,Thumbprint,NotBefore,NotAfter,HasPrivateKey,SignatureAlgorithm",
  certificateEvents:
    "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-TerminalServices-RemoteConnectionManager';StartTime=(Get-Date).AddDays(-1)} | Format-List TimeCreated,Id,Message",
  schannelEvents:
    "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Schannel';Id=36870,36871,36872,36874,36887,36888;StartTime=(Get-Date).AddDays(-1)} | Format-List TimeCreated,Id,Message",
  keyFileAcl:
    'icacls "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\f686aace6942fb7f7ceb231212eef4a4_*"',
  portOwner:
    'Get-NetTCPConnection -LocalPort 3389 -State Listen | Select-Object LocalAddress,OwningProcess; tasklist /svc /fi "PID eq <pid>"',
  connectionEvents:
    "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational' -MaxEvents 40 | Format-List TimeCreated,Id,Message",
  logonEvents:
    "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625;StartTime=(Get-Date).AddHours(-1)} | Select-Object -First 20 | Format-List TimeCreated,Message",
  policies: 'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /s',
  gatewayEvents:
    "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-Gateway/Operational' -MaxEvents 30",
  services: 'Get-Service TermService,UmRdpService,SessionEnv | Format-Table Name,Status,StartType',
  listenerState: 'qwinsta',
  machineKeysAcl: 'icacls C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys',
  remoteDesktopOff:
    'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections',
  encryptionLevel:
    'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v MinEncryptionLevel',
  schannelProtocols:
    'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols" /s',
  fipsPolicy:
    'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\FIPSAlgorithmPolicy" /v Enabled',
  credSspVersion: '(Get-Item $env:SystemRoot\\System32\\tspkg.dll).VersionInfo.FileVersion',
  encryptionOracle:
    'reg query "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\CredSSP\\Parameters" /v AllowEncryptionOracle',
  // The name of the group is translated, its identifier is not.
  rdpUsers: 'Get-LocalGroupMember -SID S-1-5-32-555',
  secureChannel:
    'Test-ComputerSecureChannel -Verbose; nltest /sc_query:<domain>; nltest /dsgetdc:<domain>',
  ntlmSettings:
    'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 ; reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel',
  servicePrincipals: 'setspn -L <host>',
  coreEvents:
    "Get-WinEvent -LogName 'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational' -MaxEvents 60 | Format-List TimeCreated,Id,Message",
  windowsVersion: 'winver',
} as const;
