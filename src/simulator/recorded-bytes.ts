/*
 * Messages of real servers as hex: from the examples of specifications and from recordings. What
 * the simulator sends is thus not only what our own encoders make of it.
 */

/** Windows Server 2016 and later: HYBRID_EX selected, flags 0x1f, source reference 0x1234. Recorded. */
export const CONFIRM_HYBRID_EX = '030000130ed00000123400 021f080008000000';

/** The same server for a client that does not know HYBRID_EX. Recorded. */
export const CONFIRM_HYBRID = '030000130ed00000123400 021f080002000000';

/** Windows Server 2008 R2: HYBRID selected, flags 0x01. Recorded. */
export const CONFIRM_HYBRID_2008_R2 = '030000130ed00000123400 0201080002000000';

/** xrdp 0.9.21: SSL selected, flags 0x01. Recorded. */
export const CONFIRM_SSL = '030000130ed00000123400 0201080001000000';

/** Windows XP, 2003 or 2008 without TLS: PROTOCOL_RDP selected. Recorded. */
export const CONFIRM_RDP = '030000130ed00000123400 0200080000000000';

/** Windows 2000 and 2003 before service pack 1: a confirm without negotiation data. Recorded. */
export const CONFIRM_WITHOUT_NEGOTIATION = '0300000b06d00000123400';

/** Windows that has TLS switched off: SSL_NOT_ALLOWED_BY_SERVER. Recorded. */
export const FAILURE_SSL_NOT_ALLOWED = '030000130ed00000123400 0300080002000000';

/** A Siemens S7 controller's confirm: ISO on TCP as RDP uses it, with COTP parameters. Recorded. */
export const CONFIRM_S7 = '0300001611d00007000300 c0010a c1020100 c2020102';

/**
 * MCS Connect Response of standard RDP security: 128 bit RC4, level client compatible, proprietary
 * certificate. [MS-RDPBCGR] 4.1.4.
 */
export const MCS_RESPONSE_RC4 = `
  03000151 02f080
  7f66820145 0a0100 020100 301a020122020103020100020101020100020101020300fff8020102 0482011f
  000500147c00012a14760a01010001c0004d63446e8108
  010c0c000400080000000000
  030c1000eb030300ec03ed03ee030000
  020cec00 02000000 02000000 20000000 b8000000
  1011772030610a12e434a11ef2c39f317da45f01893496e0ff1108697f1ac3d2
  01000000 01000000 01000000
  06005c00 52534131 48000000 00020000 3f000000 01000100
  cb81feba6d61c35505d55f2e87f87194d6f1a5cbf15f0c3df8700296c4fb9bc8
  3c2d55aee8ff3275ea6879e5a201fd31a0b11f55a61fc1f6d18388632656 12bc 0000000000000000
  08004800
  e9e1d628468b4ef50adffdee2199acb4e18f5f815782ef9d96526327182 9dbb3
  4afd9ada42adb56921890e1dc04c1aa8aa713e0f54b99ae499683f6cd6768461 0000000000000000`;

/**
 * MCS Connect Response inside TLS, no encryption of its own. Recorded from xrdp 0.9.21; the
 * protocols that it says the client asked for (01000000 there) are those of our own request.
 */
export const MCS_RESPONSE_TLS = `
  0300006d 02f080
  7f6663 0a0100 020100 301a020116020103020100020101020100020101020300fff8020102 043f
  000500147c00012a14760a01010001c0004d63446e8028
  010c0c00 04000800 0b000000
  030c1000 eb030400ec03ed03ee03ef03
  020c0c00 00000000 00000000`;

/** MCS Disconnect Provider Ultimatum, rn-user-requested, as xrdp sends it when it gives up. */
export const MCS_DISCONNECT = '03000009 02f080 2180';

/** The CHALLENGE_MESSAGE of [MS-NLMP] 4.2.4.3: Windows Vista, computer `Server`, domain `Domain`. */
export const NTLM_CHALLENGE_VISTA = `
  4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000
  2400240044000000 060070170000000f
  530065007200760065007200
  02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000`;

/** OpenSSH of Debian 12, which speaks first. */
export const SSH_BANNER = hexOfText('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n');

/** RFC 6143 section 7.1.1: a VNC server speaks first. */
export const VNC_VERSION = hexOfText('RFB 003.008\n');

/** http.sys of Windows to what is no HTTP. */
export const HTTP_BAD_REQUEST = hexOfText(
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=us-ascii\r\n' +
    'Server: Microsoft-HTTPAPI/2.0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
);

/** The fatal alert protocol_version (70) of OpenSSL to what is no TLS: what an HTTPS port says. */
export const TLS_ALERT_TO_NO_TLS = '15030100020246';

/** MODBUS exception "illegal function"; the transaction number is the first bytes of our request. */
export const MODBUS_EXCEPTION = '0300 0000 0003 00 80 01';

/** Protocol::HandshakeV10 of the MySQL documentation: 5.5.2-m2. */
export const MYSQL_HANDSHAKE = `
  36000000 0a 352e352e322d6d3200 0b000000 6476484049 2d434a 00 fff7 08 0200
  00000000000000000000000000 2a34647c635a776b345e5d3a00`;

function hexOfText(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}
