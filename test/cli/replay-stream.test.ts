import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import type { AnalysedFile } from '../../src/cli/analysed-file.js';
import { ConnectionGroups } from '../../src/cli/connection-groups.js';
import type { CliIo, Output } from '../../src/cli/io.js';
import { packHandshake, unpackHandshake } from '../../src/cli/kept-handshake.js';
import type { OutputFormat } from '../../src/cli/output-format.js';
import { readNarrowing } from '../../src/cli/replay-narrowing.js';
import { ReplayedConnections } from '../../src/cli/replayed-connections.js';
import { ReportPage } from '../../src/cli/report-page.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import type { Report } from '../../src/report/report.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';
import { htmlProblems, readHtml } from '../support/html.js';
import { assertMatchesSchema } from '../support/schema.js';
import { smallCapture } from '../support/small-capture.js';

const SMALL = smallCapture().path;

/** The traces in the order in which their connections were over, as a reader hands them on. */
const traces: HandshakeTrace[] = [];
const { traces: _none, ...analysis } = await analyseCapture(SMALL, {
  all: true,
  onTrace: (trace) => traces.push(trace),
});
const FILE: AnalysedFile = { file: SMALL, analysis, failure: null };

class Kept implements Output {
  readonly isTTY = false;
  readonly columns = null;
  text = '';
  flushed = 0;

  write(text: string): void {
    this.text += text;
  }

  async flush(): Promise<void> {
    this.flushed++;
  }
}

/** Replays the traces, of which at most `maxKept` are kept. */
async function replay(
  format: OutputFormat,
  maxKept: number,
  all: readonly HandshakeTrace[] = traces,
  page: ReportPage | null = null,
): Promise<{ stdout: Kept; status: number; before: number }> {
  const stdout = new Kept();
  const io: CliIo = {
    stdout,
    stderr: new Kept(),
    secrets: { canAsk: false, ask: async () => null, line: async () => null },
    env: { LANG: 'C.UTF-8' },
    platform: 'linux',
    threads: 1,
    signal: new AbortController().signal,
    now: () => STARTED_AT_MS,
    probe: () => Promise.reject(new Error('nothing is probed')),
    measurePath: () => Promise.reject(new Error('no path is measured')),
    scan: () => Promise.reject(new Error('nothing is scanned')),
  };
  const look = { color: false, detail: 'normal' } as const;
  const print = { format, look, version: '0.1.0', page };
  const connections = new ReplayedConnections(readNarrowing({}), print, io, maxKept);
  for (const trace of all) {
    connections.connection(0, trace);
    await connections.room();
  }
  const before = stdout.text.length;
  return { stdout, status: await connections.finish([FILE]), before };
}

/** What does not depend on the order in which connections are told. */
function comparable(report: Report): unknown {
  const streamOf = (id: number): number => {
    const source = report.handshakes[id]?.source;
    return source?.kind === 'capture' ? source.stream : -1;
  };
  const evidence = (text: string): unknown =>
    JSON.parse(text, (key, value) => (key === 'handshake' ? streamOf(value) : value));
  return {
    ...report,
    handshakes: report.handshakes
      .map((one, id) => ({ ...one, id: streamOf(id) }))
      .sort((a, b) => a.id - b.id),
    diagnoses: report.diagnoses
      .map((one) => ({
        ...one,
        handshakes: one.handshakes.map(streamOf).sort((a, b) => a - b),
        findings: evidence(JSON.stringify(one.findings)),
      }))
      .sort((a, b) => JSON.stringify(a.handshakes).localeCompare(JSON.stringify(b.handshakes))),
  };
}

t.test('the JSON document is the same, kept or told while it is read', async (t) => {
  const kept = await replay('json', 1000);
  const told = await replay('json', 3);
  const whole = JSON.parse(kept.stdout.text) as Report;
  const pieces = JSON.parse(told.stdout.text) as Report;
  assertMatchesSchema(t, pieces);
  t.strictSame(comparable(pieces), comparable(whole));
  t.strictSame(
    pieces.handshakes.map(({ id }) => id),
    pieces.handshakes.map((_, index) => index),
    'an id is a position',
  );
  t.equal(told.status, kept.status);
  t.equal(kept.before, 0, 'nothing was printed before the end');
  t.ok(told.before > 10_000, `${told.before} characters were`);
  t.ok(told.stdout.flushed > 5, 'and the reader waited for them');
});

t.test('lines: each connection, then each diagnosis', async (t) => {
  const { stdout } = await replay('ndjson', 3);
  const lines = stdout.text.trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as { type: string });
  for (const line of parsed) assertMatchesSchema(t, line);
  t.equal(parsed.filter(({ type }) => type === 'handshake').length, traces.length);
  const kept = await replay('ndjson', 1000);
  t.equal(lines.length, kept.stdout.text.trimEnd().split('\n').length);
});

t.test('text: a page and a table for each pair, and a line for all', async (t) => {
  const { stdout, status } = await replay('text', 3);
  for (const line of stdout.text.split('\n')) t.ok([...line].length <= 80, line);
  t.match(stdout.text, /too many connections to show them one by one/);
  t.match(stdout.text, new RegExp(`${traces.length}\\s+RDP\\s+connections`));
  t.match(stdout.text, /^connections$/m);
  t.match(stdout.text, /connections\s+before\s+it\s+\d+\s+failed/);
  t.match(stdout.text, /^1 target, 0 fine$/m);
  t.equal(status, 1);
});

t.test('an HTML page and Markdown of more than can be kept', async (t) => {
  const path = join(t.testdir(), 'page.html');
  const page = await ReportPage.open({ path, overwrite: false });
  const { stdout, status } = await replay('markdown', 3, traces, page);
  t.equal(status, 1);
  const written = readFileSync(path, 'utf8');
  t.same(htmlProblems(written), []);
  t.match(written, new RegExp(`All ${traces.length} connections`));
  t.match(written, new RegExp(`${traces.length} RDP connections`));
  t.match(written, /connections before it \d+ failed/);
  t.equal(readHtml(written).filter(({ name }) => name === 'article').length, 1);
  t.match(stdout.text, new RegExp(`^${traces.length - 1} more connections with this target`, 'm'));
  t.match(stdout.text, /^\*\*Problem\.\*\*/m);
});

t.test('nothing is printed with --quiet', async (t) => {
  const { stdout, status } = await replay('quiet', 3);
  t.equal(stdout.text, '');
  t.equal(status, 1);
});

function seen(id: number, name: 'healthy' | 'refused' | 'timeout', address: string): Handshake {
  const client = { address, port: 50_000 + id };
  return { ...handshake(name, { id }), client };
}

t.test('a diagnosis from what is kept is that of all, in whatever order they come', (t) => {
  const all = (['healthy', 'refused', 'healthy', 'timeout', 'healthy', 'healthy'] as const).map(
    (name, id) => seen(id, name, '10.0.0.1'),
  );
  const expected = diagnose('x', all, STARTED_AT_MS);
  for (const order of [
    [0, 1, 2, 3, 4, 5],
    [5, 4, 3, 2, 1, 0],
    [3, 5, 1, 0, 2, 4],
    [5, 1, 3, 0, 2, 4],
  ]) {
    const groups = new ConnectionGroups();
    for (const id of order) {
      const one = all[id];
      if (one !== undefined) groups.add(one, id);
    }
    const [group, ...more] = [...groups.diagnosed(STARTED_AT_MS)];
    t.equal(more.length, 0);
    t.equal(group?.diagnosis.verdict, expected.verdict);
    t.strictSame(group?.diagnosis.findings, expected.findings);
    t.strictSame(group?.diagnosis.handshakes.toSorted(), expected.handshakes);
    t.equal(group?.standing, 'problem');
    t.equal(group?.last.id, 5);
  }
  t.match(expected.verdict, /of 5 connections before it 2 failed/);
  t.end();
});

t.test('more pairs than are told apart: their connections still count', (t) => {
  const groups = new ConnectionGroups(2);
  t.equal(groups.add(seen(0, 'healthy', '10.0.0.1'), 0), 0);
  t.equal(groups.add(seen(1, 'healthy', '10.0.0.2'), 1), 1);
  t.equal(groups.add(seen(2, 'refused', '10.0.0.3'), 2), null);
  t.equal(groups.add(seen(3, 'healthy', '10.0.0.2'), 3), 1);
  t.equal(groups.size, 2);
  t.strictSame([...groups.waysOfOthers], ['failed']);
  t.end();
});

t.test('a flood of pairs: bounded, told, and never a wrong "fine"', async (t) => {
  const [trace] = traces;
  if (trace === undefined) throw new Error('no trace');
  const many = Array.from({ length: 8300 }, (_, index) => ({
    ...trace,
    client: { address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, port: 1 },
    facts: trace.facts.slice(0, 1),
  }));
  const { stdout } = await replay('ndjson', 10, many);
  const types = stdout.text.trimEnd().split('\n');
  t.equal(types.filter((line) => line.includes('"type":"handshake"')).length, 8300);
  t.equal(types.filter((line) => line.includes('"type":"diagnosis"')).length, 8192);
  const text = await replay('text', 10, many);
  t.match(text.stdout.text, /more than 8192 pairs of client and server[\s\S]*108\s+times/);
  t.match(text.stdout.text, /and \d+ more: --json has all/);
});

t.test('a packed handshake is the same when it is unpacked', (t) => {
  const one = handshake('healthy');
  const packed = packHandshake(one);
  t.strictSame(unpackHandshake(packed), JSON.parse(JSON.stringify(one)));
  t.ok(packed.length < JSON.stringify(one).length / 3, `${packed.length} bytes`);
  t.equal(packed.buffer.byteLength, packed.length, 'and nothing beside it is kept');
  t.end();
});
