import {
  CONFIRM_HYBRID_EX,
  CONFIRM_S7,
  FAILURE_SSL_NOT_ALLOWED,
  HTTP_BAD_REQUEST,
  MCS_DISCONNECT,
  MODBUS_EXCEPTION,
  MYSQL_HANDSHAKE,
  SSH_BANNER,
  TLS_ALERT_TO_NO_TLS,
  VNC_VERSION,
} from './recorded-bytes.js';
import type { Scenario, Step } from './scenario.js';
import {
  CLOSE,
  EXPECT_REQUEST,
  listed,
  RESET,
  STALL,
  send,
  sendMessage,
  startTls,
  unlisted,
  wait,
} from './scenario-parts.js';

const EXPECT_ANY: Step = { do: 'expect', what: 'any' };

/** X.224 reason 136: connection request refused on this network connection. */
const REFUSED = 136;

function failure(failureCode: number): Step {
  return sendMessage({ is: 'negotiation-failure', failureCode });
}

function selects(selectedProtocol: number): Step {
  const flags = 0x1f;
  return sendMessage({ is: 'connection-confirm', selectedProtocol, flags });
}

/** What a server answers, or does not, to the first message: the X.224 Connection Request. */
export const NEGOTIATION_SCENARIOS: readonly Scenario[] = [
  listed(
    'nla-required',
    'failure 5: the server wants NLA, which was not offered',
    EXPECT_REQUEST,
    failure(5),
  ),
  unlisted('tls-required', 'failure 1: the server wants TLS', EXPECT_REQUEST, failure(1)),
  listed(
    'rdp-security-only',
    'failure 2: TLS is switched off, only standard RDP security is left',
    EXPECT_REQUEST,
    send(FAILURE_SSL_NOT_ALLOWED),
  ),
  listed(
    'no-certificate',
    'failure 3: the listener has no certificate that it can use',
    EXPECT_REQUEST,
    failure(3),
  ),
  unlisted('inconsistent-flags', 'failure 4: inconsistent flags', EXPECT_REQUEST, failure(4)),
  unlisted(
    'user-auth-required',
    'failure 6: TLS with user authentication is required',
    EXPECT_REQUEST,
    failure(6),
  ),
  unlisted('unknown-failure', 'a failure code that nobody knows', EXPECT_REQUEST, failure(9)),
  unlisted(
    'talks-on-after-failure',
    'failure 2, and then TLS all the same, as FreeRDP servers do',
    EXPECT_REQUEST,
    failure(2),
    startTls(),
  ),
  unlisted(
    'rdstls',
    'RDSTLS is selected, which needs a redirection to go on',
    EXPECT_REQUEST,
    selects(4),
    startTls(),
  ),
  unlisted(
    'unknown-protocol',
    'a protocol is selected that nobody knows',
    EXPECT_REQUEST,
    selects(0x40),
    startTls(),
  ),
  unlisted(
    'x224-disconnect',
    'an X.224 Disconnect Request instead of the confirm',
    EXPECT_REQUEST,
    sendMessage({ is: 'x224-disconnect', reason: REFUSED }),
    CLOSE,
  ),
  unlisted(
    'mcs-disconnect',
    'an MCS Disconnect Provider Ultimatum instead of the confirm, as xrdp sends it',
    EXPECT_REQUEST,
    send(MCS_DISCONNECT),
    CLOSE,
  ),
  listed('silent', 'accepts and never says a word', STALL),
  listed('silent-after-request', 'reads the request and never answers', EXPECT_ANY, STALL),
  unlisted('closed-at-once', 'accepts and closes', CLOSE),
  unlisted('reset-at-once', 'accepts and breaks off without reading', wait(50), RESET),
  listed('close-after-request', 'reads the request and closes', EXPECT_REQUEST, CLOSE),
  unlisted('reset-after-request', 'reads the request and breaks off', EXPECT_REQUEST, RESET),
  unlisted(
    'stall-mid-confirm',
    'sends half of the confirm and nothing more',
    EXPECT_REQUEST,
    { do: 'break-after', count: 9, how: 'stall' },
    send(CONFIRM_HYBRID_EX),
  ),
  unlisted(
    'close-mid-confirm',
    'closes in the middle of the confirm',
    EXPECT_REQUEST,
    { do: 'break-after', count: 9, how: 'close' },
    send(CONFIRM_HYBRID_EX),
  ),
  unlisted(
    'trickle',
    'sends a byte a second',
    { do: 'trickle', everyMs: 1000 },
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
  ),
  unlisted(
    'malformed-confirm',
    'a confirm whose negotiation response has an impossible length',
    EXPECT_REQUEST,
    send('030000130ed00000123400 021f090008000000'),
  ),
  unlisted('garbage-confirm', 'bytes that mean nothing instead of the confirm', EXPECT_REQUEST, {
    do: 'garbage',
    seed: 1,
    count: 64,
  }),
  listed('ssh', 'another service has the port: SSH', send(SSH_BANNER)),
  unlisted('http', 'another service: HTTP', EXPECT_ANY, send(HTTP_BAD_REQUEST), CLOSE),
  unlisted('vnc', 'another service: VNC', send(VNC_VERSION)),
  unlisted(
    'tls-at-once',
    'another service: TLS without the negotiation of RDP, as HTTPS',
    EXPECT_ANY,
    send(TLS_ALERT_TO_NO_TLS),
    CLOSE,
  ),
  unlisted('modbus', 'another service: Modbus', EXPECT_ANY, send(MODBUS_EXCEPTION)),
  unlisted('mysql', 'another service: MySQL', send(MYSQL_HANDSHAKE)),
  unlisted(
    'iso-on-tcp',
    "another service that has the same first message: an S7 controller's confirm",
    EXPECT_REQUEST,
    send(CONFIRM_S7),
  ),
];
