/** The dumps of [MS-RDPBCGR] 4.1, by layer, so that each codec is tested with its own share. */

/** TS_UD_CS_CORE to TS_UD_CS_NET of [MS-RDPBCGR] 4.1.3, 284 bytes. */
export const CLIENT_DATA_4_1_3 = `
  01c0 d800                ; CS_CORE, 216 bytes
  04000800                 ; version: RDP 5.0 to 8.1
  0005 0004                ; 1280 x 1024
  01ca 03aa                ; RNS_UD_COLOR_8BPP, RNS_UD_SAS_DEL
  09040000 ce0e0000        ; US keyboard, build 3790
  45004c0054004f004e0053002d0044004500560032000000 0000000000000000  ; "ELTONS-DEV2"
  04000000 00000000 0c000000
  00000000000000000000000000000000 00000000000000000000000000000000  ; imeFileName
  00000000000000000000000000000000 00000000000000000000000000000000
  01ca 0100 00000000       ; postBeta2ColorDepth, clientProductId, serialNumber
  1800 0700 0100           ; highColorDepth, supportedColorDepths, earlyCapabilityFlags
  3600390037003100 32002d0037003800 33002d0030003300 3500370039003700  ; "69712-783-0357974-42714"
  34002d0034003200 3700310034000000 0000000000000000 0000000000000000
  00 00 00000000           ; connectionType, pad1octet, serverSelectedProtocol
  04c0 0c00 0d000000 00000000                ; CS_CLUSTER
  02c0 0c00 1b000000 00000000                ; CS_SECURITY
  03c0 2c00 03000000                         ; CS_NET, three channels
  7264706472000000 00008080                  ; rdpdr
  636c697072647200 0000a0c0                  ; cliprdr
  726470736e640000 000000c0                  ; rdpsnd
`;

/** ConferenceCreateRequest of [MS-RDPBCGR] 4.1.3, 307 bytes. */
export const CREATE_REQUEST_4_1_3 = `
  00 05 00147c0001         ; object, {itu-t 0 20 124 0 1}
  812a                     ; connectPDU: 298 bytes
  0008001000               ; conferenceCreateRequest, named "1", with user data
  01 c000 44756361         ; one, non-standard, "Duca"
  811c                     ; 284 bytes
  ${CLIENT_DATA_4_1_3}
`;

/** MCS Connect Initial of [MS-RDPBCGR] 4.1.3, 409 bytes. */
export const CONNECT_INITIAL_4_1_3 = `
  7f65 820194
  040101 040101 0101ff     ; both selectors, upwardFlag
  3019 020122 020102 020100 020101 020100 020101 0202ffff 020102
  3019 020101 020101 020101 020101 020100 020101 02020420 020102
  301c 0202ffff 0202fc17 0202ffff 020101 020100 020101 0202ffff 020102
  04820133
  ${CREATE_REQUEST_4_1_3}
`;

/** Client MCS Connect Initial PDU, [MS-RDPBCGR] 4.1.3, 416 bytes. */
export const CONNECT_INITIAL_PDU_4_1_3 = `030001a0 02f080 ${CONNECT_INITIAL_4_1_3}`;

/** SERVER_CERTIFICATE of [MS-RDPBCGR] 4.1.4, 184 bytes. */
export const SERVER_CERTIFICATE_4_1_4 = `
  01000000 01000000 01000000
  0600 5c00                ; BB_RSA_KEY_BLOB, 92 bytes
  52534131 48000000 00020000 3f000000 01000100
  cb81feba6d61c35505d55f2e87f87194d6f1a5cbf15f0c3df8700296c4fb9bc8
  3c2d55aee8ff3275ea6879e5a201fd31a0b11f55a61fc1f6d1838863265612bc
  0000000000000000
  0800 4800                ; BB_RSA_SIGNATURE_BLOB, 72 bytes
  e9e1d628468b4ef50adffdee2199acb4e18f5f815782ef9d965263271829dbb3
  4afd9ada42adb56921890e1dc04c1aa8aa713e0f54b99ae499683f6cd6768461
  0000000000000000
`;

/** TS_UD_SC_CORE to TS_UD_SC_SEC1 of [MS-RDPBCGR] 4.1.4, 264 bytes. */
export const SERVER_DATA_4_1_4 = `
  010c 0c00 04000800 00000000                ; SC_CORE
  030c 1000 eb03 0300 ec03 ed03 ee03 0000    ; SC_NET, and two bytes of padding
  020c ec00 02000000 02000000                ; SC_SECURITY: 128 bits, client compatible
  20000000 b8000000
  10117720 30610a12 e434a11e f2c39f31 7da45f01 893496e0 ff110869 7f1ac3d2
  ${SERVER_CERTIFICATE_4_1_4}
`;

/** ConferenceCreateResponse of [MS-RDPBCGR] 4.1.4, 287 bytes. */
export const CREATE_RESPONSE_4_1_4 = `
  00 05 00147c0001
  2a                       ; connectPDU: 42 bytes, which is wrong
  14 760a 0101 00          ; conferenceCreateResponse with user data, nodeID, tag, result
  01 c000 4d63446e         ; one, non-standard, "McDn"
  8108                     ; 264 bytes
  ${SERVER_DATA_4_1_4}
`;

/** MCS Connect Response of [MS-RDPBCGR] 4.1.4, 330 bytes. */
export const CONNECT_RESPONSE_4_1_4 = `
  7f66 820145
  0a0100 020100            ; result, calledConnectId
  301a 020122 020103 020100 020101 020100 020101 020300fff8 020102
  0482011f
  ${CREATE_RESPONSE_4_1_4}
`;

/** Server MCS Connect Response PDU, [MS-RDPBCGR] 4.1.4, 337 bytes. */
export const CONNECT_RESPONSE_PDU_4_1_4 = `03000151 02f080 ${CONNECT_RESPONSE_4_1_4}`;
