import { CONFIRM_HYBRID, CONFIRM_HYBRID_EX } from './recorded-bytes.js';
import type { Scenario, Step, TlsVersionName } from './scenario.js';
import {
  CLOSE,
  challenge,
  EXPECT_CLIENT_HELLO,
  EXPECT_REQUEST,
  EXPECT_TS_REQUEST,
  listed,
  RESET,
  refuseHello,
  STALL,
  send,
  sendMessage,
  startTls,
  unlisted,
} from './scenario-parts.js';

const TLS_1_2: readonly [TlsVersionName, TlsVersionName] = ['TLSv1.2', 'TLSv1.2'];

/** A handshake record full of HelloRequests, which a TLS client has to skip, RFC 5246 7.4.1.1. */
const HELLO_REQUESTS = `1603032000${'00000000'.repeat(0x800)}`;

function alert(description: number): Step {
  return sendMessage({ is: 'tls-alert', description });
}

/** Servers with which the handshake ends during TLS. */
export const TLS_SCENARIOS: readonly Scenario[] = [
  listed(
    'key-unreadable',
    'breaks off after the ClientHello: as Windows whose private key cannot be read',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    RESET,
  ),
  listed(
    'long-hello-refused',
    'breaks off where the ClientHello has more than 255 bytes, as some devices do',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    refuseHello(255, null),
    startTls('self-signed', TLS_1_2),
    EXPECT_TS_REQUEST,
    challenge(),
  ),
  listed(
    'new-hello-refused',
    'breaks off where the ClientHello offers TLS 1.3, and does TLS 1.2 otherwise',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    refuseHello(null, 'TLSv1.2'),
    startTls('self-signed', TLS_1_2),
    EXPECT_TS_REQUEST,
    challenge(),
  ),
  unlisted(
    'only-old-hello-answered',
    'breaks off where the ClientHello offers anything newer than TLS 1.0',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    refuseHello(null, 'TLSv1'),
    startTls('self-signed', ['TLSv1', 'TLSv1']),
    EXPECT_TS_REQUEST,
    challenge(),
  ),
  unlisted(
    'closed-after-client-hello',
    'closes after the ClientHello',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    CLOSE,
  ),
  unlisted(
    'silent-after-client-hello',
    'reads the ClientHello and never answers',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    STALL,
  ),
  unlisted(
    'close-after-confirm',
    'selects a protocol and closes at once',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    CLOSE,
  ),
  unlisted(
    'reset-after-confirm',
    'selects a protocol and breaks off at once',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    RESET,
  ),
  listed(
    'tls-alert-handshake-failure',
    'alert 40: no cipher suite in common',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    alert(40),
    CLOSE,
  ),
  unlisted(
    'tls-alert-protocol-version',
    'alert 70: no TLS version in common',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    alert(70),
    CLOSE,
  ),
  unlisted(
    'tls-alert-internal-error',
    'alert 80: the server could not go on',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    alert(80),
    CLOSE,
  ),
  unlisted(
    'stall-mid-server-hello',
    'sends the beginning of the ServerHello and nothing more, as behind an MTU black hole',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    { do: 'break-after', count: 40, how: 'stall' },
    startTls('self-signed', TLS_1_2),
  ),
  unlisted(
    'reset-in-server-flight',
    'breaks off in the middle of its certificate',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID),
    { do: 'break-after', count: 700, how: 'reset' },
    startTls('self-signed', TLS_1_2),
  ),
  unlisted(
    'garbage-after-client-hello',
    'bytes that mean nothing instead of the ServerHello',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID_EX),
    EXPECT_CLIENT_HELLO,
    { do: 'garbage', seed: 2, count: 64 },
  ),
  unlisted(
    'flood',
    'sends for ever, and nothing of it is wrong',
    EXPECT_REQUEST,
    send(CONFIRM_HYBRID),
    EXPECT_CLIENT_HELLO,
    { do: 'flood', hex: HELLO_REQUESTS },
  ),
];
