import t from 'tap';
import { verdict } from '../../src/diagnose/verdict.js';
import { type Handshake, OUTCOME_HOWS, type OutcomeHow } from '../../src/handshake/handshake.js';
import { STAGES } from '../../src/handshake/trace.js';
import { changed, died, event, messageEvent } from '../support/diagnose-fixtures.js';
import { handshake } from '../support/handshake.js';

const HELLO = messageEvent(42.9, 'client', { type: 'tls-client-hello' });
const reset = (atMs: number): Handshake['events'][number] =>
  event(atMs, 'tcp-end', { by: 'server', how: 'reset' });

const CASES: readonly (readonly [name: string, seen: Handshake, line: string])[] = [
  [
    'a healthy server with NLA',
    handshake('healthy'),
    'nothing wrong was found up to the NTLM challenge (credssp) in 108 ms',
  ],
  [
    'a server with standard RDP security',
    handshake('standardRdp'),
    'nothing wrong was found up to the MCS Connect Response (mcs) in 63 ms',
  ],
  [
    'a logon that a capture saw through',
    changed({ credssp: { authentication: 'accepted' } }),
    'nothing wrong was found up to the logon (credssp) in 108 ms',
  ],
  ['an unknown name', handshake('notFound'), 'the name srv01.corp.example does not resolve'],
  [
    'a name server that does not answer',
    died('resolve', 'not-found', {
      events: [
        event(10_000, 'lookup', { error: { code: 'EAI_AGAIN', says: 'the server is silent' } }),
      ],
    }),
    'the name srv01.corp.example could not be looked up: the server is silent',
  ],
  ['a SYN without an answer', handshake('timeout'), 'no answer to the TCP SYN within 10 s'],
  [
    'a refused SYN',
    handshake('refused'),
    'port 3389 refused the TCP connection after 20 ms (a reset answered the SYN)',
  ],
  [
    'a SYN refused on the way',
    died('tcp', 'refused', { outcome: { by: 'network' } }),
    'port 3389 refused the TCP connection after 10 ms (something on the path refused it)',
  ],
  [
    'an unreachable host',
    died('tcp', 'unreachable', { outcome: { by: 'network', detail: 'no route' } }),
    '10.0.0.2 is unreachable after 10 ms: no route',
  ],
  [
    'a connection that the system here refused to make',
    died('tcp', 'unreachable', { outcome: { by: 'client', detail: 'no such address' } }),
    'this machine could not send the TCP SYN: no such address',
  ],
  ['SSH', handshake('ssh'), 'port 3389 speaks SSH, not RDP: SSH-2.0-OpenSSH_9.6'],
  [
    'bytes that nobody knows',
    died('x224', 'not-rdp', {
      response: { kind: 'not-rdp' },
      events: [event(30, 'foreign', { by: 'server', protocol: null, text: null, sample: 'cafe' })],
    }),
    'port 3389 does not speak RDP: cafe',
  ],
  [
    'another protocol over TPKT',
    died('x224', 'not-rdp', { response: { kind: 'not-rdp', protocol: 'ISO-on-TCP' } }),
    'port 3389 speaks ISO-on-TCP, not RDP',
  ],
  [
    'a reset after the ClientHello',
    died('tls', 'reset', { events: [HELLO, reset(43.3)] }),
    'died in tls: the server reset the connection 0.4 ms after the ClientHello',
  ],
  [
    'a reset of which no message is known',
    died('tls', 'reset'),
    'died in tls: the server reset the connection, 10 ms into that stage',
  ],
  [
    "a reset after the server's own message",
    died('tls', 'reset', {
      events: [HELLO, messageEvent(50, 'server', { type: 'tls-server-hello' }), reset(52)],
    }),
    "died in tls: the server reset the connection 2 ms after the server's ServerHello",
  ],
  [
    'an end that the client answers with its own',
    died('x224', 'closed', {
      events: [
        messageEvent(20, 'client', { type: 'x224-request' }),
        event(25, 'tcp-end', { by: 'server', how: 'fin' }),
        event(31, 'tcp-end', { by: 'client', how: 'fin' }),
      ],
    }),
    'died in x224: the server closed the connection 5 ms after the Connection Request',
  ],
  [
    'silence',
    died('x224', 'timeout', {
      outcome: { by: null },
      events: [
        messageEvent(20, 'client', { type: 'x224-request' }),
        event(10_020, 'silence', { waitingFor: 'server', waitedMs: 10_000, partialBytes: 0 }),
      ],
    }),
    'died in x224: no answer from the server within 10 s after the Connection Request',
  ],
  [
    'a stall in the middle of a message',
    died('tls', 'timeout', {
      outcome: { by: null },
      events: [
        HELLO,
        event(10_043, 'silence', { waitingFor: 'server', waitedMs: 10_000, partialBytes: 1460 }),
      ],
    }),
    'died in tls: the server stopped in the middle of a message: 1460 bytes of it came, then nothing for 10 s',
  ],
  [
    'an alert',
    died('tls', 'alert', {
      tls: { alert: { by: 'server', level: 'fatal', code: 40, name: 'handshake_failure' } },
      events: [HELLO, messageEvent(43.9, 'server', { type: 'tls-alert' })],
    }),
    'died in tls: the server sent the TLS alert handshake_failure (40) 1 ms after the ClientHello',
  ],
  [
    'an alert that nobody can read',
    died('credssp', 'alert', { tls: { alert: null } }),
    'died in credssp: the server sent a TLS alert, 10 ms into that stage',
  ],
  [
    'a negotiation failure',
    handshake('hybridRequired'),
    'died in x224: the server refused the negotiation with HYBRID_REQUIRED_BY_SERVER (5)',
  ],
  [
    'a negotiation failure of a number without a name',
    died('x224', 'negotiation-failure', {
      response: { kind: 'failure', failure: { code: 99, name: null } },
    }),
    'died in x224: the server refused the negotiation with 0x63',
  ],
  [
    'a refused logon',
    died('credssp', 'error-code', {
      credssp: { errorCode: { code: '0xC000006D', name: 'STATUS_LOGON_FAILURE' } },
    }),
    'died in credssp: the server refused the logon with STATUS_LOGON_FAILURE (0xC000006D)',
  ],
  [
    'bytes that cannot be read',
    died('x224', 'malformed', {
      events: [event(30, 'malformed', { by: 'server', problem: 'TPKT.length is 3' })],
    }),
    'died in x224: the server sent what cannot be read: TPKT.length is 3',
  ],
  [
    'our own TLS library gave up',
    died('tls', 'closed', {
      outcome: { by: 'client', detail: "the client's own TLS library gave up: dh key too small" },
      events: [HELLO, event(50, 'endpoint-error', { code: 'ERR_SSL', says: 'dh key too small' })],
    }),
    "died in tls: the client's own TLS library gave up: dh key too small",
  ],
  [
    'a capture that ends too early',
    changed({ outcome: { status: 'incomplete', detail: 'the capture ends' } }),
    'the observation ended before the handshake did: the capture ends',
  ],
];

t.test('one line, with the figures of the case', (t) => {
  for (const [name, seen, line] of CASES) t.equal(verdict(seen), line, name);
  t.end();
});

const EVERY_HOW: readonly (OutcomeHow | null)[] = [...OUTCOME_HOWS, null];

t.test('every way of ending at every stage has a line', (t) => {
  for (const stage of STAGES) {
    for (const how of EVERY_HOW) {
      for (const by of ['client', 'server', 'network', null] as const) {
        const line = verdict(died(stage, how, { outcome: { by } }));
        const said = line !== '' && !/undefined|null|NaN|\n/.test(line);
        if (!said) t.fail(`${stage} ${how} ${by}: ${line}`);
      }
    }
  }
  t.pass('none is empty or holds a hole');
  t.end();
});
