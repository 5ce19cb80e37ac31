import t from 'tap';
import { hiddenShape } from '../../src/handshake/hidden-shape.js';
import type { Fact, Side } from '../../src/handshake/trace.js';
import { Tracker } from '../../src/handshake/tracker.js';
import { fromHex } from '../../src/wire/hex.js';
import { value } from '../support/handshake.js';

/** The negotiation up to the confirm, whose last bytes are the selected protocol. */
function negotiated(selected: string): readonly Fact[] {
  const facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.bytes('client', 1000, fromHex('030000130ee000000000000100080003000000'));
  tracker.bytes('server', 2000, fromHex(`030000130ed000001234000200080${selected}000000`));
  return facts;
}

const HYBRID = negotiated('002');

function record(by: Side, ms: number, length: number): Fact {
  const contentType = value(23, 'application_data');
  return { kind: 'tls-record', by, at: ms * 1000, contentType, length };
}

function end(by: Side, ms: number): Fact {
  return { kind: 'tcp-end', by, at: ms * 1000, how: 'fin' };
}

const LOGON = [record('client', 145, 81), record('server', 146, 215), record('client', 180, 633)];

t.test('a server that ends it at the logon', (t) => {
  const inferred =
    "; inferred from its records (bytes: client 81, server 215, client 633), the server ended it 1002 ms later, at the client's logon";
  t.equal(hiddenShape([...HYBRID, ...LOGON, end('server', 1182)]), inferred);
  const alert = record('server', 1182, 19);
  t.equal(hiddenShape([...HYBRID, ...LOGON, alert, end('client', 1200)]), inferred);
  const tickets = record('server', 140, 502);
  t.equal(hiddenShape([...HYBRID, tickets, ...LOGON, end('server', 1182)]), inferred);
  t.end();
});

t.test('what says nothing of a logon', (t) => {
  const rows: readonly (readonly [name: string, facts: readonly Fact[]])[] = [
    ['the client left', [...HYBRID, ...LOGON, end('client', 1182)]],
    ['the capture ends', [...HYBRID, ...LOGON]],
    ['it was answered', [...HYBRID, ...LOGON, record('server', 190, 120), end('server', 1182)]],
    ['no logon', [...HYBRID, ...LOGON.slice(0, 2), end('server', 1182)]],
    [
      'bytes are missing',
      [...HYBRID, ...LOGON, { kind: 'gap', by: 'server', at: 1, bytes: 9 }, end('server', 1182)],
    ],
    ['no CredSSP', [...negotiated('001'), ...LOGON, end('server', 1182)]],
  ];
  for (const [name, facts] of rows) t.equal(hiddenShape(facts), '', name);
  t.end();
});
