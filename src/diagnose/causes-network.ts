import {
  type CauseText,
  COMMANDS,
  CONNECT_FAILED,
  documented,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
} from './cause-text.js';

/** Causes between the client and the server's TCP port. */
export const NETWORK_CAUSES = {
  'dns-name-not-resolved': {
    title: 'The name does not resolve',
    advice: [
      onClient(
        'Try the fully qualified name, then the IP address. If the address works, only the name resolution is broken.',
        'Resolve-DnsName <host> -Type A_AAAA',
        'A connection by address has no Kerberos: NLA falls back to NTLM, which a policy may forbid.',
      ),
      onClient(
        'Check the DNS servers and the suffix list, with and without the VPN.',
        'ipconfig /all',
      ),
      onNetwork('Register or repair the A or AAAA record of the host.'),
    ],
    nextCheck: 'Ask another resolver for the same name (with and without the VPN).',
    mstsc: documented('0x104', '0x508', '0x604', '0x208'),
    sources: ['onDisconnected', 'clientsFaq', 'azureSpecificErrors'],
  },
  'ipv6-path-broken': {
    title: 'The name has an IPv6 address, but the path over IPv6 does not work',
    advice: [
      onNetwork('Repair the IPv6 path, or withdraw the AAAA record until it works.'),
      onServer(
        'Allow TCP 3389 for IPv6 in the host firewall too, and see that the port listens on ::.',
        'Get-NetTCPConnection -LocalPort 3389 -State Listen',
        'Do not disable IPv6 in Windows as a blanket fix.',
      ),
    ],
    nextCheck: 'Probe the IPv6 address from a host next to the server.',
    mstsc: CONNECT_FAILED,
    sources: ['directAccess'],
  },
  'host-down-or-asleep': {
    title: 'The host is off, asleep or has no network',
    advice: [
      onServer('Look at the console, the hypervisor or the cloud screenshot, and wake the host.'),
      onServer('Keep a machine that must accept RDP from sleeping.', 'powercfg /a'),
    ],
    nextCheck: 'Try another port or a ping of the same host: any answer shows that it is up.',
    mstsc: CONNECT_FAILED,
    sources: ['clientsFaq', 'azureGeneralError', 'azureConnection'],
  },
  'host-firewall-rdp-rule': {
    title: "The host's own firewall does not let RDP in",
    advice: [
      onServer(
        'See which Remote Desktop rules are on, for which profile and for which remote addresses.',
        "Get-NetFirewallRule -Group '@FirewallAPI.dll,-28752' | Select-Object DisplayName,Enabled,Profile,Action",
      ),
      onServer(
        'Switch the rules on, as wide as needed and no wider.',
        "Enable-NetFirewallRule -Group '@FirewallAPI.dll,-28752'",
        'Switching the whole firewall off is a test of minutes, never a fix.',
      ),
    ],
    nextCheck: 'Probe from the subnet of the server: works there means the block is on the path.',
    mstsc: CONNECT_FAILED,
    sources: ['azureGuestFirewall', 'general', 'clientsFaq'],
  },
  'network-acl-or-nsg-block': {
    title: 'A firewall, network ACL or security group on the path blocks the port',
    advice: [
      onNetwork(
        'Add an allow rule for the source range and the port; check rule order and the way back.',
        null,
        'Never open TCP 3389 to the whole Internet, not even as a test: restrict the source.',
      ),
      onNetwork('Cloud: read the effective security rules of the network interface.'),
    ],
    nextCheck: 'Probe from the subnet of the server and from the affected network, and compare.',
    mstsc: CONNECT_FAILED,
    sources: ['azureNsg', 'azureConnection', 'general'],
  },
  'client-egress-block': {
    title: "The client's side does not let RDP out",
    advice: [
      onClient(
        'Look for outbound rules that block TCP 3389.',
        'Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True',
      ),
      onNetwork('Allow TCP 3389 at the edge, or go through an RD Gateway on TCP 443.'),
    ],
    nextCheck: 'Try the same client from another network, such as a phone hotspot.',
    mstsc: CONNECT_FAILED,
    sources: ['azureDetailed', 'azureConnection'],
  },
  'rdp-disabled': {
    title: 'Remote Desktop is turned off on the host',
    advice: [
      onServer(
        'Read the setting and the policy that overrides it: 1 means off.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections & reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v fDenyTSConnections',
      ),
      onServer(
        'Turn it on; if it flips back, change the policy that sets it.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f',
      ),
    ],
    nextCheck: 'On the host: does `qwinsta` show rdp-tcp in state Listen?',
    mstsc: documented('0x204'),
    sources: ['general', 'azureGeneralError'],
  },
  'termservice-not-running': {
    title: 'Remote Desktop Services (TermService) is not running on the host',
    advice: [
      onServer(
        'See whether the services run.',
        'Get-Service TermService,UmRdpService,SessionEnv | Format-Table Name,Status,StartType',
      ),
      onServer('Start it; its start type is manual.', 'Start-Service TermService'),
    ],
    nextCheck: 'On the host: `Get-Service TermService` and the Service Control Manager events.',
    mstsc: documented('0x204'),
    sources: ['azureService', 'general'],
  },
  'rdp-port-changed': {
    title: 'RDP listens on another port, or a port forwarding points elsewhere',
    advice: [
      onServer(
        'Read the port that the listener uses.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v PortNumber',
      ),
      onClient('Connect to host:port, and let firewall and forwarding use the same port.'),
    ],
    nextCheck: 'Probe the port that the host is configured for.',
    mstsc: documented('0x204'),
    sources: ['listeningPort', 'general', 'azureDetailed'],
  },
  'vpn-route-missing': {
    title: "There is no route to the host's network: VPN down or route missing",
    advice: [
      onClient(
        'See which interface the packets leave by.',
        'Find-NetRoute -RemoteIPAddress <ip> | Select-Object InterfaceAlias,NextHop',
      ),
      onClient(
        'Connect the VPN again, or add the missing route to its profile.',
        'Get-VpnConnection | Select-Object Name,ConnectionStatus,SplitTunneling',
      ),
      onNetwork("See that the host's network routes the answers back through the VPN."),
    ],
    nextCheck: 'Compare the source address of the connection with that of the VPN interface.',
    mstsc: CONNECT_FAILED,
    sources: ['clientsFaq', 'azureConnection'],
  },
  'client-port-exhaustion': {
    title: 'The client could not open the connection: no local port or address free',
    advice: [
      onClient(
        'Find the process that holds the ports.',
        'Get-NetTCPConnection | Group-Object State,OwningProcess | Sort-Object Count -Descending | Select-Object -First 10',
      ),
      onClient('Check that the source address that was asked for belongs to this machine.'),
    ],
    nextCheck: 'Probe the same server from another client.',
    mstsc: documented('0x204'),
    sources: ['portExhaustion'],
  },
  'middlebox-dpi-resets-rdp': {
    title: 'A firewall or IPS on the path ends the connection when it recognises RDP or its TLS',
    advice: [
      onNetwork(
        'Look in the logs of firewall and IPS for this connection (application ms-rdp, t.125).',
      ),
      onNetwork('Allow the application, not only the port, for the sources that need it.'),
      onServer(
        'See whether the request arrived at all: event 261 says that a connection reached the listener.',
        COMMANDS.connectionEvents,
      ),
    ],
    nextCheck: 'Probe from the subnet of the server, without the device in between.',
    mstsc: SOCKET_CLOSED,
    sources: ['azureDetailed', 'azureInternalError'],
  },
  'local-security-software': {
    title: 'Security or remote-control software on one of the two machines interferes',
    advice: [
      onClient(
        'List the filters that hook the network stack; do the same on the server.',
        'Get-NetAdapterBinding | Where-Object ComponentID -notlike "ms_*"',
      ),
      onServer(
        'Test with the product uninstalled; stopping its service is not enough.',
        null,
        'Removing protection needs an agreed time window.',
      ),
    ],
    nextCheck: 'Probe the same server from another client, and another server from this one.',
    mstsc: SOCKET_CLOSED,
    sources: ['azureDetailed', 'currentlyBusy', 'remoteControlSoftware'],
  },
} as const satisfies Record<string, CauseText>;
