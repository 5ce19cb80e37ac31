import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { encodeSectionHeader } from '../../src/capture/pcapng-writer.js';
import { ProbeLabels, renderLabel } from '../../src/capture/probe-label.js';
import { captureFromBytes } from '../../src/capture/source.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { HandshakeTrace, ProbeLabel } from '../../src/handshake/trace.js';
import { concat } from '../../src/wire/writer.js';
import { CONFIRM, REQUEST } from '../support/captured-trace.js';
import { pcapng, sectionHeader } from '../support/packets.js';
import { Talk } from '../support/talk.js';

/* What a probe writes beside the packets of its connections: what each was asked for. */

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const ASKED: ProbeLabel = {
  purpose: 'follow-up',
  reason: 'whether TLS without NLA is taken',
  leftOnPurpose: true,
};

function note(label: ProbeLabel): string {
  const rendered = renderLabel(CLIENT, label);
  if (rendered === null) throw new Error('nothing was said');
  return rendered;
}

async function traceWith(notes: readonly string[], application: string): Promise<HandshakeTrace> {
  const talk = new Talk().open().send('client', 30_000, REQUEST).send('server', 50_000, CONFIRM);
  const section = encodeSectionHeader({ comment: 'a capture', notes, application });
  const rest = pcapng(talk.packets()).subarray(sectionHeader().length);
  const file = concat(section, rest);
  const { traces, problems } = await analyseCapture(captureFromBytes(file));
  t.same(problems, []);
  const [trace] = traces;
  if (trace === undefined) throw new Error('there is no trace');
  return trace;
}

t.test('it is read where this program wrote it, and nowhere else', async (t) => {
  const own = await traceWith([note(ASKED)], 'rdp-probe 0.1.0');
  t.same(own.label, ASKED);
  t.same(own.facts.at(-1), { kind: 'answered', at: null });
  const stayed = await traceWith([note({ ...ASKED, leftOnPurpose: false })], 'rdp-probe 0.1.0');
  t.notOk(stayed.facts.some(({ kind }) => kind === 'answered'));
  const others = await traceWith([note(ASKED)], 'Dumpcap (Wireshark) 4.0');
  t.equal(others.label, undefined);
  const id = { id: 0, purpose: 'verdict', reason: null };
  t.match(toHandshake(others, id).outcome, { failedAt: 'x224', how: 'negotiation-failure' });
});

t.test('a connection that was the only question needs no word', (t) => {
  t.equal(renderLabel(CLIENT, { purpose: 'verdict', reason: null, leftOnPurpose: false }), null);
  t.match(renderLabel(CLIENT, { purpose: 'verdict', reason: null, leftOnPurpose: true }), /^conn/);
  t.end();
});

t.test('what is no label is passed over', (t) => {
  const trace = { client: CLIENT, facts: [] } as unknown as HandshakeTrace;
  const from = '10.0.0.1:50000';
  const rows: readonly unknown[] = [
    null,
    7,
    [],
    { from, purpose: 'follow-up' },
    { from, purpose: 'Follow up', reason: null },
    { from, purpose: '\u001b[31m', reason: null },
    { from, purpose: 'follow-up', reason: 7 },
    { from, purpose: 'follow-up', reason: 'x'.repeat(401) },
    { from: 7, purpose: 'follow-up', reason: null },
    { from: '10.0.0.1:50001', purpose: 'follow-up', reason: null },
  ];
  for (const row of rows) {
    const labels = new ProbeLabels();
    labels.add(`connection: ${JSON.stringify(row)}`);
    t.equal(labels.label(trace), trace, JSON.stringify(row));
  }
  const labels = new ProbeLabels();
  for (const text of ['', 'connection: ', 'connection: {', 'connection: {"from":', 'packets']) {
    labels.add(text);
  }
  t.equal(labels.label(trace), trace);
  t.end();
});
