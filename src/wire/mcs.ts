import {
  BER_OCTET_STRING,
  BER_SEQUENCE,
  carveBer,
  encodeBer,
  encodeBerBoolean,
  encodeBerEnumerated,
  encodeBerInteger,
  encodeBerUnsigned,
  readBerBoolean,
  readBerEnumerated,
  readBerOctetString,
  readBerUnsigned,
} from './ber.js';
import { type Named, type NameTable, named } from './open-set.js';
import { readPerInteger16, readPerOctetString } from './per.js';
import { Reader } from './reader.js';

/** Tags of the connect messages, [T125] 7 part 2: application 101 and 102, constructed. */
const CONNECT_INITIAL = 0x7f65;
const CONNECT_RESPONSE = 0x7f66;

/** First byte of every connect message, and of no domain message: its low bits would be padding. */
const APPLICATION_TAG = 0x7f;

const ERECT_DOMAIN_REQUEST = 1;
const DISCONNECT_PROVIDER_ULTIMATUM = 8;
const ATTACH_USER_REQUEST = 10;
const ATTACH_USER_CONFIRM = 11;
const CHANNEL_JOIN_REQUEST = 14;
const CHANNEL_JOIN_CONFIRM = 15;
const SEND_DATA_REQUEST = 25;
const SEND_DATA_INDICATION = 26;

/** UserId is a DynamicChannelId, and those begin here, [T125] 7 part 1. */
const MIN_USER_ID = 1001;

/** Choices of DomainMCSPDU, [T125] 7 part 10, and tags of the connect messages. */
export const MCS_CHOICES: NameTable = {
  0: 'plumbDomainIndication',
  [ERECT_DOMAIN_REQUEST]: 'erectDomainRequest',
  2: 'mergeChannelsRequest',
  3: 'mergeChannelsConfirm',
  4: 'purgeChannelsIndication',
  5: 'mergeTokensRequest',
  6: 'mergeTokensConfirm',
  7: 'purgeTokensIndication',
  [DISCONNECT_PROVIDER_ULTIMATUM]: 'disconnectProviderUltimatum',
  9: 'rejectMCSPDUUltimatum',
  [ATTACH_USER_REQUEST]: 'attachUserRequest',
  [ATTACH_USER_CONFIRM]: 'attachUserConfirm',
  12: 'detachUserRequest',
  13: 'detachUserIndication',
  [CHANNEL_JOIN_REQUEST]: 'channelJoinRequest',
  [CHANNEL_JOIN_CONFIRM]: 'channelJoinConfirm',
  16: 'channelLeaveRequest',
  17: 'channelConveneRequest',
  18: 'channelConveneConfirm',
  19: 'channelDisbandRequest',
  20: 'channelDisbandIndication',
  21: 'channelAdmitRequest',
  22: 'channelAdmitIndication',
  23: 'channelExpelRequest',
  24: 'channelExpelIndication',
  [SEND_DATA_REQUEST]: 'sendDataRequest',
  [SEND_DATA_INDICATION]: 'sendDataIndication',
  27: 'uniformSendDataRequest',
  28: 'uniformSendDataIndication',
  29: 'tokenGrabRequest',
  30: 'tokenGrabConfirm',
  31: 'tokenInhibitRequest',
  32: 'tokenInhibitConfirm',
  33: 'tokenGiveRequest',
  34: 'tokenGiveIndication',
  35: 'tokenGiveResponse',
  36: 'tokenGiveConfirm',
  37: 'tokenPleaseRequest',
  38: 'tokenPleaseIndication',
  39: 'tokenReleaseRequest',
  40: 'tokenReleaseConfirm',
  41: 'tokenTestRequest',
  42: 'tokenTestConfirm',
  32615: 'connect-additional',
  32616: 'connect-result',
};

/** Result, [T125] 7. */
export const MCS_RESULTS: NameTable = {
  0: 'rt-successful',
  1: 'rt-domain-merging',
  2: 'rt-domain-not-hierarchical',
  3: 'rt-no-such-channel',
  4: 'rt-no-such-domain',
  5: 'rt-no-such-user',
  6: 'rt-not-admitted',
  7: 'rt-other-user-id',
  8: 'rt-parameters-unacceptable',
  9: 'rt-token-not-available',
  10: 'rt-token-not-possessed',
  11: 'rt-too-many-channels',
  12: 'rt-too-many-tokens',
  13: 'rt-too-many-users',
  14: 'rt-unspecified-failure',
  15: 'rt-user-rejected',
};

/** Reason, [T125] 7. */
export const MCS_REASONS: NameTable = {
  0: 'rn-domain-disconnected',
  1: 'rn-provider-initiated',
  2: 'rn-token-purged',
  3: 'rn-user-requested',
  4: 'rn-channel-purged',
};

/** DomainParameters, [T125] 7 part 1. */
export interface DomainParameters {
  readonly maxChannelIds: number;
  readonly maxUserIds: number;
  readonly maxTokenIds: number;
  readonly numPriorities: number;
  readonly minThroughput: number;
  readonly maxHeight: number;
  readonly maxMCSPDUsize: number;
  readonly protocolVersion: number;
}

/** Connect-Initial, [T125] 11.1; [MS-RDPBCGR] 2.2.1.3. */
export interface McsConnectInitial {
  readonly kind: 'connect-initial';
  readonly targetParameters: DomainParameters;
  readonly minimumParameters: DomainParameters;
  readonly maximumParameters: DomainParameters;
  /** See decodeConferenceCreateRequest. */
  readonly userData: Uint8Array;
}

/** Connect-Response, [T125] 11.2; [MS-RDPBCGR] 2.2.1.4. */
export interface McsConnectResponse {
  readonly kind: 'connect-response';
  readonly result: Named;
  readonly calledConnectId: number;
  readonly domainParameters: DomainParameters;
  /** See decodeConferenceCreateResponse. Can be empty where the result is not rt-successful. */
  readonly userData: Uint8Array;
}

/** Disconnect Provider Ultimatum, [T125] 11.15; [MS-RDPBCGR] 2.2.2.3. */
export interface McsDisconnectProviderUltimatum {
  readonly kind: 'disconnect-provider-ultimatum';
  readonly reason: Named;
}

/** What X.224 data carry before and after the connection is made, [T125] 7. */
export type Mcs =
  | McsConnectInitial
  | McsConnectResponse
  | McsDisconnectProviderUltimatum
  /** [T125] 11.8; [MS-RDPBCGR] 2.2.1.5. */
  | { readonly kind: 'erect-domain-request' }
  /** [T125] 11.17; [MS-RDPBCGR] 2.2.1.6. */
  | { readonly kind: 'attach-user-request' }
  /** [T125] 11.18; [MS-RDPBCGR] 2.2.1.7. */
  | {
      readonly kind: 'attach-user-confirm';
      readonly result: Named;
      readonly initiator: number | null;
    }
  /** [T125] 11.21; [MS-RDPBCGR] 2.2.1.8. */
  | {
      readonly kind: 'channel-join-request';
      readonly initiator: number;
      readonly channelId: number;
    }
  /** [T125] 11.22; [MS-RDPBCGR] 2.2.1.9. */
  | {
      readonly kind: 'channel-join-confirm';
      readonly result: Named;
      readonly initiator: number;
      readonly requested: number;
      readonly channelId: number | null;
    }
  /** [T125] 11.32 and 11.33. */
  | {
      readonly kind: 'send-data-request' | 'send-data-indication';
      readonly initiator: number;
      readonly channelId: number;
      readonly payload: Uint8Array;
    }
  /** A message that RDP does not use, or that nobody knows; `body` begins after its first bytes. */
  | { readonly kind: 'other'; readonly choice: Named; readonly body: Uint8Array };

/**
 * @param payload what one X.224 data TPDU carries
 * @param base offset of the payload in the whole message; only used in error messages
 */
export function decodeMcs(payload: Uint8Array, base = 0): Mcs {
  const reader = new Reader(payload, base);
  if (reader.peek() === APPLICATION_TAG) return readConnect(reader);
  // PER: six bits of choice, then the first two bits of what is chosen.
  const first = reader.u8('DomainMCSPDU');
  const choice = first >> 2;
  switch (choice) {
    case ERECT_DOMAIN_REQUEST:
      // Two numbers follow that no server looks at. They are not read: rdesktop writes them as
      // four plain bytes, 00 01 00 01, which PER does not allow.
      return { kind: 'erect-domain-request' };
    case DISCONNECT_PROVIDER_ULTIMATUM: {
      const second = reader.u8('disconnectProviderUltimatum.reason');
      const reason = named(MCS_REASONS, ((first & 0x03) << 1) | (second >> 7));
      return { kind: 'disconnect-provider-ultimatum', reason };
    }
    case ATTACH_USER_REQUEST:
      return { kind: 'attach-user-request' };
    case ATTACH_USER_CONFIRM: {
      const result = readResult(reader, first, 'attachUserConfirm');
      const initiator = hasOptional(first)
        ? readPerInteger16(reader, MIN_USER_ID, 'attachUserConfirm.initiator')
        : null;
      return { kind: 'attach-user-confirm', result, initiator };
    }
    case CHANNEL_JOIN_REQUEST: {
      const initiator = readPerInteger16(reader, MIN_USER_ID, 'channelJoinRequest.initiator');
      const channelId = reader.u16be('channelJoinRequest.channelId');
      return { kind: 'channel-join-request', initiator, channelId };
    }
    case CHANNEL_JOIN_CONFIRM: {
      const result = readResult(reader, first, 'channelJoinConfirm');
      const initiator = readPerInteger16(reader, MIN_USER_ID, 'channelJoinConfirm.initiator');
      const requested = reader.u16be('channelJoinConfirm.requested');
      const channelId = hasOptional(first) ? reader.u16be('channelJoinConfirm.channelId') : null;
      return { kind: 'channel-join-confirm', result, initiator, requested, channelId };
    }
    case SEND_DATA_REQUEST:
      return { kind: 'send-data-request', ...readSendData(reader, 'sendDataRequest') };
    case SEND_DATA_INDICATION:
      return { kind: 'send-data-indication', ...readSendData(reader, 'sendDataIndication') };
    default:
      return { kind: 'other', choice: named(MCS_CHOICES, choice), body: reader.rest() };
  }
}

/** Whether the one optional field of a confirm is there: the bit after the choice. */
function hasOptional(first: number): boolean {
  return (first & 0x02) !== 0;
}

/** A Result of four bits: the last of the first byte and three of the second. */
function readResult(reader: Reader, first: number, structure: string): Named {
  const second = reader.u8(`${structure}.result`);
  return named(MCS_RESULTS, ((first & 0x01) << 3) | (second >> 5));
}

function readSendData(
  reader: Reader,
  structure: string,
): { initiator: number; channelId: number; payload: Uint8Array } {
  const initiator = readPerInteger16(reader, MIN_USER_ID, `${structure}.initiator`);
  const channelId = reader.u16be(`${structure}.channelId`);
  reader.skip(1, `${structure}.dataPriority and segmentation`);
  return { initiator, channelId, payload: readPerOctetString(reader, `${structure}.userData`) };
}

function readConnect(reader: Reader): Mcs {
  const tag = ((reader.peek() ?? 0) << 8) | (reader.peek(1) ?? 0);
  switch (tag) {
    case CONNECT_INITIAL: {
      const body = carveBer(reader, CONNECT_INITIAL, 'Connect-Initial');
      readBerOctetString(body, 'Connect-Initial.callingDomainSelector');
      readBerOctetString(body, 'Connect-Initial.calledDomainSelector');
      readBerBoolean(body, 'Connect-Initial.upwardFlag');
      return {
        kind: 'connect-initial',
        targetParameters: readParameters(body, 'Connect-Initial.targetParameters'),
        minimumParameters: readParameters(body, 'Connect-Initial.minimumParameters'),
        maximumParameters: readParameters(body, 'Connect-Initial.maximumParameters'),
        userData: readBerOctetString(body, 'Connect-Initial.userData'),
      };
    }
    case CONNECT_RESPONSE: {
      const body = carveBer(reader, CONNECT_RESPONSE, 'Connect-Response');
      return {
        kind: 'connect-response',
        result: named(MCS_RESULTS, readBerEnumerated(body, 'Connect-Response.result')),
        calledConnectId: readBerUnsigned(body, 'Connect-Response.calledConnectId'),
        domainParameters: readParameters(body, 'Connect-Response.domainParameters'),
        userData: readBerOctetString(body, 'Connect-Response.userData'),
      };
    }
    default:
      reader.skip(2, 'ConnectMCSPDU.tag');
      return { kind: 'other', choice: named(MCS_CHOICES, tag), body: reader.rest() };
  }
}

const PARAMETER_NAMES = [
  'maxChannelIds',
  'maxUserIds',
  'maxTokenIds',
  'numPriorities',
  'minThroughput',
  'maxHeight',
  'maxMCSPDUsize',
  'protocolVersion',
] as const satisfies readonly (keyof DomainParameters)[];

function readParameters(body: Reader, field: string): DomainParameters {
  const sequence = carveBer(body, BER_SEQUENCE, field);
  const next = (name: keyof DomainParameters) => readBerUnsigned(sequence, `${field}.${name}`);
  const parameters = {
    maxChannelIds: next('maxChannelIds'),
    maxUserIds: next('maxUserIds'),
    maxTokenIds: next('maxTokenIds'),
    numPriorities: next('numPriorities'),
    minThroughput: next('minThroughput'),
    maxHeight: next('maxHeight'),
    maxMCSPDUsize: next('maxMCSPDUsize'),
    protocolVersion: next('protocolVersion'),
  };
  sequence.end(field);
  return parameters;
}

function encodeParameters(
  parameters: DomainParameters,
  encodeNumber: (value: number) => Uint8Array,
): Uint8Array {
  return encodeBer(BER_SEQUENCE, ...PARAMETER_NAMES.map((name) => encodeNumber(parameters[name])));
}

/** Written as mstsc does: both selectors 1, upward, and numbers without room for a sign. */
export function encodeConnectInitial(initial: Omit<McsConnectInitial, 'kind'>): Uint8Array {
  const selector = encodeBer(BER_OCTET_STRING, Uint8Array.of(1));
  return encodeBer(
    CONNECT_INITIAL,
    selector,
    selector,
    encodeBerBoolean(true),
    encodeParameters(initial.targetParameters, encodeBerUnsigned),
    encodeParameters(initial.minimumParameters, encodeBerUnsigned),
    encodeParameters(initial.maximumParameters, encodeBerUnsigned),
    encodeBer(BER_OCTET_STRING, initial.userData),
  );
}

export function encodeConnectResponse(response: {
  readonly result: number;
  readonly calledConnectId: number;
  readonly domainParameters: DomainParameters;
  readonly userData: Uint8Array;
}): Uint8Array {
  return encodeBer(
    CONNECT_RESPONSE,
    encodeBerEnumerated(response.result),
    encodeBerInteger(response.calledConnectId),
    encodeParameters(response.domainParameters, encodeBerInteger),
    encodeBer(BER_OCTET_STRING, response.userData),
  );
}

/** @param reason 0 to 7: three bits */
export function encodeDisconnectProviderUltimatum(reason: number): Uint8Array {
  return Uint8Array.of(
    (DISCONNECT_PROVIDER_ULTIMATUM << 2) | ((reason >> 1) & 0x03),
    (reason & 0x01) << 7,
  );
}
