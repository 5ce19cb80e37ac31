import { encodeConferenceCreateRequest } from './gcc.js';
import { BLOCK_TYPES, CS_CLUSTER, ENCRYPTION_METHODS, RDP_VERSIONS } from './gcc-block.js';
import {
  CHANNEL_OPTIONS,
  CLIENT_EARLY_CAPABILITY_FLAGS,
  type ClientBlock,
  type ClientCoreData,
  COLOR_DEPTHS,
  CONNECTION_TYPES,
  RNS_UD_CS_SUPPORT_ERRINFO_PDU,
} from './gcc-client-data.js';
import { type DomainParameters, encodeConnectInitial } from './mcs.js';
import { PROTOCOLS } from './negotiation.js';
import { flags, named } from './open-set.js';
import { encodeTpkt } from './tpkt.js';
import { Writer } from './writer.js';
import { encodeX224Data } from './x224.js';

/** What our side says about itself in its MCS Connect Initial. */
export interface ClientConnectInitialFields {
  /** At most 15 characters. It ends up in logs of the server. */
  readonly clientName?: string;
  /** selectedProtocol of the server's RDP_NEG_RSP; PROTOCOL_RDP if there was none. */
  readonly serverSelectedProtocol: number;
  /** A mask of ENCRYPTION_METHOD_ bits; NONE where TLS does the encryption. */
  readonly encryptionMethods: number;
  /** Static virtual channels to ask for. The probe needs none. */
  readonly channels?: readonly { readonly name: string; readonly options: number }[];
}

export const DEFAULT_CLIENT_NAME = 'rdp-probe';

/** What mstsc proposes, [MS-RDPBCGR] 4.1.3; servers choose between minimum and maximum. */
const TARGET_PARAMETERS: DomainParameters = {
  maxChannelIds: 34,
  maxUserIds: 2,
  maxTokenIds: 0,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMCSPDUsize: 0xffff,
  protocolVersion: 2,
};
const MINIMUM_PARAMETERS: DomainParameters = {
  maxChannelIds: 1,
  maxUserIds: 1,
  maxTokenIds: 1,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMCSPDUsize: 1056,
  protocolVersion: 2,
};
const MAXIMUM_PARAMETERS: DomainParameters = {
  maxChannelIds: 0xffff,
  maxUserIds: 0xfc17,
  maxTokenIds: 0xffff,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMCSPDUsize: 0xffff,
  protocolVersion: 2,
};

/** RDP 10.12. Servers answer with the lower of this and their own, so that their own shows. */
const VERSION = 0x00080011;
const BUILD_OF_WINDOWS_7 = 7601;
const RNS_UD_COLOR_8BPP = 0xca01;
const RNS_UD_SAS_DEL = 0xaa03;
const KEYBOARD_LAYOUT_US = 0x0409;

function clientCore(clientName: string, serverSelectedProtocol: number): ClientCoreData {
  return {
    kind: 'CS_CORE',
    version: named(RDP_VERSIONS, VERSION),
    desktopWidth: 1024,
    desktopHeight: 768,
    colorDepth: named(COLOR_DEPTHS, RNS_UD_COLOR_8BPP),
    SASSequence: RNS_UD_SAS_DEL,
    keyboardLayout: KEYBOARD_LAYOUT_US,
    clientBuild: BUILD_OF_WINDOWS_7,
    clientName,
    // IBM enhanced (101- or 102-key) keyboard.
    keyboardType: 4,
    keyboardSubType: 0,
    keyboardFunctionKey: 12,
    imeFileName: '',
    postBeta2ColorDepth: named(COLOR_DEPTHS, RNS_UD_COLOR_8BPP),
    clientProductId: 1,
    serialNumber: 0,
    highColorDepth: 24,
    // 24, 16 and 15 bits.
    supportedColorDepths: 7,
    // Makes the server say why, should it close the connection later.
    earlyCapabilityFlags: flags(CLIENT_EARLY_CAPABILITY_FLAGS, RNS_UD_CS_SUPPORT_ERRINFO_PDU),
    clientDigProductId: '',
    connectionType: named(CONNECTION_TYPES, 0),
    pad1octet: 0,
    serverSelectedProtocol: named(PROTOCOLS, serverSelectedProtocol),
    desktopPhysicalWidth: null,
    desktopPhysicalHeight: null,
    desktopOrientation: null,
    desktopScaleFactor: null,
    deviceScaleFactor: null,
    rest: new Uint8Array(0),
  };
}

/**
 * The Client MCS Connect Initial PDU that the probe sends, TPKT and X.224 included, [MS-RDPBCGR]
 * 2.2.1.3. The values are those of mstsc where servers look at them, and name no user.
 *
 * @throws RangeError when a name does not fit its field
 */
export function encodeClientConnectInitial(fields: ClientConnectInitialFields): Uint8Array {
  const blocks: ClientBlock[] = [
    clientCore(fields.clientName ?? DEFAULT_CLIENT_NAME, fields.serverSelectedProtocol),
    {
      kind: 'other',
      type: named(BLOCK_TYPES, CS_CLUSTER),
      // REDIRECTION_SUPPORTED and REDIRECTION_VERSION4, no session: [MS-RDPBCGR] 2.2.1.3.5.
      body: new Writer().u32le(0x0d).u32le(0).finish(),
    },
    {
      kind: 'CS_SECURITY',
      encryptionMethods: flags(ENCRYPTION_METHODS, fields.encryptionMethods),
      extEncryptionMethods: flags(ENCRYPTION_METHODS, 0),
    },
  ];
  const channels = fields.channels ?? [];
  if (channels.length > 0) {
    blocks.push({
      kind: 'CS_NET',
      channelDefArray: channels.map(({ name, options }) => ({
        name,
        options: flags(CHANNEL_OPTIONS, options),
      })),
    });
  }
  const initial = encodeConnectInitial({
    targetParameters: TARGET_PARAMETERS,
    minimumParameters: MINIMUM_PARAMETERS,
    maximumParameters: MAXIMUM_PARAMETERS,
    userData: encodeConferenceCreateRequest({ blocks }),
  });
  return encodeTpkt(encodeX224Data(initial));
}
