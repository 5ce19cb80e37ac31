import { decodeConferenceCreateRequest, decodeConferenceCreateResponse } from '../wire/gcc.js';
import type { ServerSecurityData } from '../wire/gcc-server-data.js';
import { toHex } from '../wire/hex.js';
import {
  decodeMcs,
  type Mcs,
  type McsConnectInitial,
  type McsConnectResponse,
} from '../wire/mcs.js';
import {
  decodeNegotiationConfirm,
  decodeNegotiationRequest,
  type NegotiationConfirm,
} from '../wire/negotiation.js';
import { decodeServerCertificate } from '../wire/server-certificate.js';
import { decodeTpkt } from '../wire/tpkt.js';
import { decodeX224, type X224 } from '../wire/x224.js';
import { readCertificates } from './certificate.js';
import type {
  McsConnectInitialMessage,
  McsConnectResponseMessage,
  Message,
  ServerCertificate,
  Side,
  X224ConfirmMessage,
} from './trace.js';

export interface TpktMessage {
  readonly message: Message;
  /** the only side that may send it */
  readonly sentBy: Side | 'either';
}

/**
 * Reads one TPKT: what X.224 and MCS say in it.
 *
 * @throws DecodeError
 */
export function decodeTpktMessage(bytes: Uint8Array): TpktMessage {
  return readX224(decodeX224(decodeTpkt(bytes).payload));
}

function readX224(tpdu: X224): TpktMessage {
  switch (tpdu.kind) {
    case 'connection-request': {
      const request = decodeNegotiationRequest(tpdu.variable);
      return {
        sentBy: 'client',
        message: {
          type: 'x224-request',
          cookie: request.cookie,
          routingToken: request.routingToken,
          requestedProtocols: request.negotiation?.requestedProtocols ?? null,
          flags: request.negotiation?.flags ?? null,
          correlationId:
            request.correlationInfo === null ? null : toHex(request.correlationInfo.correlationId),
        },
      };
    }
    case 'connection-confirm':
      return {
        sentBy: 'server',
        message: {
          type: 'x224-confirm',
          negotiation: readConfirm(decodeNegotiationConfirm(tpdu.variable)),
          sourceReference: tpdu.sourceReference,
          destinationReference: tpdu.destinationReference,
        },
      };
    case 'disconnect-request':
      return { sentBy: 'either', message: { type: 'x224-disconnect', reason: tpdu.reason } };
    case 'error':
      return { sentBy: 'either', message: { type: 'x224-error', cause: tpdu.cause } };
    case 'data':
      return readMcs(decodeMcs(tpdu.payload));
    case 'other':
      return {
        sentBy: 'either',
        message: { type: 'other', what: `X.224 ${tpdu.code.name ?? `code ${tpdu.code.value}`}` },
      };
  }
}

function readConfirm(confirm: NegotiationConfirm): X224ConfirmMessage['negotiation'] {
  switch (confirm.kind) {
    case 'response':
      return {
        kind: 'response',
        flags: confirm.flags,
        selectedProtocol: confirm.selectedProtocol,
      };
    case 'failure':
      return { kind: 'failure', flags: confirm.flags, failureCode: confirm.failureCode };
    case 'none':
      return { kind: 'none', cotpParameters: confirm.cotpParameters };
  }
}

function readMcs(mcs: Mcs): TpktMessage {
  switch (mcs.kind) {
    case 'connect-initial':
      return { sentBy: 'client', message: readConnectInitial(mcs) };
    case 'connect-response':
      return { sentBy: 'server', message: readConnectResponse(mcs) };
    case 'disconnect-provider-ultimatum':
      return { sentBy: 'either', message: { type: 'mcs-disconnect', reason: mcs.reason } };
    case 'other':
      return {
        sentBy: 'either',
        message: { type: 'other', what: `MCS ${mcs.choice.name ?? `choice ${mcs.choice.value}`}` },
      };
    case 'erect-domain-request':
    case 'attach-user-request':
    case 'attach-user-confirm':
    case 'channel-join-request':
    case 'channel-join-confirm':
    case 'send-data-request':
    case 'send-data-indication':
      return { sentBy: 'either', message: { type: 'other', what: `MCS ${mcs.kind}` } };
  }
}

function readConnectInitial(mcs: McsConnectInitial): McsConnectInitialMessage {
  const { blocks } = decodeConferenceCreateRequest(mcs.userData);
  const core = blocks.find((block) => block.kind === 'CS_CORE');
  const security = blocks.find((block) => block.kind === 'CS_SECURITY');
  const network = blocks.find((block) => block.kind === 'CS_NET');
  return {
    type: 'mcs-connect-initial',
    rdpVersion: core?.version ?? null,
    serverSelectedProtocol: core?.serverSelectedProtocol ?? null,
    encryptionMethods: security?.encryptionMethods ?? null,
    channels: network?.channelDefArray.map(({ name }) => name) ?? [],
  };
}

function readConnectResponse(mcs: McsConnectResponse): McsConnectResponseMessage {
  // A server that refuses need not send conference data.
  const blocks =
    mcs.userData.length === 0 ? [] : decodeConferenceCreateResponse(mcs.userData).blocks;
  const core = blocks.find((block) => block.kind === 'SC_CORE');
  const security = blocks.find((block) => block.kind === 'SC_SECURITY');
  return {
    type: 'mcs-connect-response',
    result: mcs.result,
    rdpVersion: core?.version ?? null,
    clientRequestedProtocols: core?.clientRequestedProtocols ?? null,
    earlyCapabilityFlags: core?.earlyCapabilityFlags ?? null,
    encryptionMethod: security?.encryptionMethod ?? null,
    encryptionLevel: security?.encryptionLevel ?? null,
    serverCertificate: security === undefined ? null : readServerCertificate(security),
  };
}

function readServerCertificate(security: ServerSecurityData): ServerCertificate | null {
  if (security.serverCertificate === null || security.serverCertificate.length === 0) return null;
  const certificate = decodeServerCertificate(security.serverCertificate);
  switch (certificate.kind) {
    case 'proprietary':
      return {
        kind: 'proprietary',
        temporary: certificate.temporary,
        keyBits: certificate.rsaKeyBits,
        certificates: [],
      };
    case 'x509': {
      // The wire has the root first; everywhere else the server's own comes first.
      const certificates = readCertificates(certificate.certificates.toReversed());
      const [own] = certificates;
      return {
        kind: 'x509',
        temporary: certificate.temporary,
        keyBits: own?.readable === true ? own.keyBits : null,
        certificates,
      };
    }
    case 'other':
      return {
        kind: 'unreadable',
        temporary: certificate.temporary,
        keyBits: null,
        certificates: [],
      };
  }
}
