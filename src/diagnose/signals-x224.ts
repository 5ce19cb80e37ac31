import type { Handshake } from '../handshake/handshake.js';
import {
  PROTOCOL_RDP,
  PROTOCOL_RDSAAD,
  REDIRECTED_AUTHENTICATION_MODE_SUPPORTED,
  RESTRICTED_ADMIN_MODE_SUPPORTED,
} from '../wire/negotiation.js';
import { numbered } from './figures.js';
import { type EventQuery, endEvent, evidence, lastEvent, number, text } from './seen.js';
import {
  type Detector,
  type Detectors,
  ended,
  failed,
  inEach,
  saidSo,
  shownWhere,
} from './signals-case.js';

const CONFIRM: EventQuery = { kind: 'message', by: 'server', message: 'x224-confirm' };

function refusedWith(code: number): Detector {
  return shownWhere(
    ({ x224 }) => x224.response.failure?.code === code,
    ({ x224 }) => `RDP_NEG_FAILURE ${numbered(code, x224.response.failure?.name ?? null)}`,
    CONFIRM,
    'x224',
  );
}

function selected(one: Handshake, protocol: number): boolean {
  return one.x224.response.selectedProtocol?.value === protocol;
}

/** A response whose flags lack a bit. An answer without flags lacks nothing. */
function lacks(flag: number, says: string): Detector {
  return shownWhere(
    ({ x224: { response } }) =>
      response.kind === 'response' &&
      response.flags !== null &&
      (response.flags.value & flag) === 0,
    () => says,
    CONFIRM,
    'x224',
  );
}

/** An end by the server in this stage: what a client's own end says, it says of the client. */
function endedByServer(how: 'closed' | 'reset'): Detector {
  return inEach((one) =>
    failed(one, 'x224', how) && one.outcome.by === 'server' && !saidSo(one) ? ended(one) : null,
  );
}

/** Far longer than any round trip: a service that gave up waiting for something of its own. */
const LONG_WAIT_MS = 5_000;

const closedLate = inEach((one) => {
  const end = endEvent(one)?.atMs ?? null;
  const asked = lastEvent(one, { kind: 'message', by: 'client', message: 'x224-request' });
  if (!failed(one, 'x224', 'closed') || one.outcome.by !== 'server') return null;
  if (end === null || asked === null || asked.atMs === null) return null;
  return end - asked.atMs < LONG_WAIT_MS ? null : ended(one);
});

const otherBytes = inEach((one) => {
  const foreign = lastEvent(one, { kind: 'foreign', by: 'server' });
  if (foreign !== null) {
    const protocol = one.x224.response.protocol ?? 'a protocol that was not recognised';
    return evidence(one, `the answer is of ${protocol}`, { kind: 'foreign', by: 'server' }, 'x224');
  }
  const malformed = lastEvent(one, { kind: 'malformed', by: 'server' });
  return text(malformed, 'layer') === 'tpkt' && failed(one, 'x224')
    ? evidence(one, one.outcome.detail, { kind: 'malformed', by: 'server' }, 'x224')
    : null;
});

const silent = inEach((one) => {
  const begun = number(lastEvent(one, { kind: 'silence' }), 'partialBytes') ?? 0;
  return failed(one, 'x224', 'timeout') && begun === 0 ? ended(one) : null;
});

/** Bytes of a protocol that has a name, in the place of a Connection Confirm or within one. */
const otherService = inEach((one) => {
  const foreign = lastEvent(one, { kind: 'foreign', by: 'server' });
  const protocol = one.x224.response.protocol ?? text(foreign, 'protocol');
  return failed(one, 'x224', 'not-rdp') && protocol !== null
    ? evidence(one, `the answer is of ${protocol}`, { kind: 'foreign', by: 'server' }, 'x224')
    : null;
});

const byAzure: Detector = (seen) => {
  const own = shownWhere(
    (one) => selected(one, PROTOCOL_RDSAAD),
    () => 'PROTOCOL_RDSAAD selected',
    CONFIRM,
    'x224',
  )(seen);
  const asked = seen.scan?.negotiation?.conclusions.rdsAad;
  if (own.length > 0 || asked?.value !== 'selected') return own;
  return asked.handshakes.map((id) => ({
    says: asked.says,
    handshake: id,
    atMs: null,
    packets: [],
  }));
};

/** What the server answers to the Connection Request, [MS-RDPBCGR] 2.2.1.2. */
export const X224_SIGNALS: Detectors = {
  'x224.neg-failure-1': refusedWith(1),
  'x224.neg-failure-2': refusedWith(2),
  'x224.neg-failure-3': refusedWith(3),
  'x224.neg-failure-4': refusedWith(4),
  'x224.neg-failure-5': refusedWith(5),
  'x224.neg-failure-6': refusedWith(6),
  'x224.no-neg-data': shownWhere(
    // Whoever asks for no negotiation gets none from any server.
    ({ x224: { request, response } }) =>
      response.kind === 'none-negotiated' &&
      (request === null || request.requestedProtocols !== null),
    () => 'a Connection Confirm without RDP_NEG_RSP',
    CONFIRM,
    'x224',
  ),
  'x224.no-rcg-flag': lacks(
    REDIRECTED_AUTHENTICATION_MODE_SUPPORTED,
    'REDIRECTED_AUTHENTICATION_MODE_SUPPORTED is not set',
  ),
  'x224.no-restricted-admin-flag': lacks(
    RESTRICTED_ADMIN_MODE_SUPPORTED,
    'RESTRICTED_ADMIN_MODE_SUPPORTED is not set',
  ),
  'x224.selected-rdp': shownWhere(
    (one) =>
      selected(one, PROTOCOL_RDP) && (one.x224.request?.requestedProtocols?.value ?? 0) !== 0,
    ({ x224 }) =>
      `PROTOCOL_RDP selected, where ${x224.request?.requestedProtocols?.names.join(', ')} were offered`,
    CONFIRM,
    'x224',
  ),
  'x224.selected-rdsaad': byAzure,
  'x224.selected-unasked': shownWhere(
    ({ x224: { request, response } }) => {
      const offered = request?.requestedProtocols?.value ?? null;
      const chosen = response.selectedProtocol?.value ?? PROTOCOL_RDP;
      return offered !== null && chosen !== PROTOCOL_RDP && (offered & chosen) === 0;
    },
    ({ x224: { response } }) =>
      `${numbered(response.selectedProtocol?.value ?? 0, response.selectedProtocol?.name ?? null)} was not offered`,
    CONFIRM,
    'x224',
  ),
  'x224.non-rdp-bytes': otherBytes,
  'x224.other-service': otherService,
  'x224.fin': endedByServer('closed'),
  'x224.fin-late': closedLate,
  'x224.rst': endedByServer('reset'),
  'x224.timeout': silent,
  'x224.token-refused': inEach((one) =>
    failed(one, 'x224', 'closed', 'reset') &&
    one.outcome.by === 'server' &&
    (one.x224.request?.routingToken ?? null) !== null
      ? ended(one)
      : null,
  ),
};
