/** The computer that the simulator plays: one name in its certificate, its NTLM and its domain. */
export const COMPUTER = {
  netbiosComputerName: 'SRV01',
  netbiosDomainName: 'CORP',
  dnsComputerName: 'srv01.corp.example',
  dnsDomainName: 'corp.example',
  dnsTreeName: 'corp.example',
} as const;

/** Its name before it was renamed, as a certificate that nobody renewed still has it. */
export const OLD_COMPUTER_NAME = 'WIN-7Q2K5T0.corp.example';
