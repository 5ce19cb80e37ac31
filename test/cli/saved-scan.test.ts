import { readFileSync, writeFileSync } from 'node:fs';

import { join } from 'node:path';
import t from 'tap';
import { liveScan } from '../../src/cli/live-probe.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import type { Report } from '../../src/report/report.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { startTls, unlisted } from '../../src/simulator/scenario-parts.js';
import { decodeNegotiationRequest } from '../../src/wire/negotiation.js';
import { type ChangingServer, changingServer, type Opening } from '../support/changing-server.js';
import { run } from '../support/cli.js';
import { ownFolder } from '../support/own-folder.js';
import { assertMatchesSchema } from '../support/schema.js';

/*
 * A scan over loopback that was saved says the same when it is replayed: its questions are asked again,
 * and its connections answer them.
 */

const folder = ownFolder();

const DIRECT_TLS = unlisted('direct-tls', 'TLS without the negotiation', startTls());

/** Length of the headers of TPKT and of an X.224 Connection Request. */
const REQUEST_HEADERS = 11;

/** A server that has everything, and selects the best of what is offered. */
function negotiates({ bytes }: Opening): string | Scenario {
  if (bytes[0] !== 3) return DIRECT_TLS;
  const { negotiation } = decodeNegotiationRequest(bytes.subarray(REQUEST_HEADERS));
  const offered = negotiation?.requestedProtocols.value ?? 0;
  if ((offered & 2) !== 0) return 'healthy-tls12';
  return (offered & 1) !== 0 ? 'healthy-tls-only' : 'rdp-security';
}

interface Scanned {
  readonly file: string;
  readonly live: Report;
}

async function scan(server: ChangingServer, name: string, ...more: string[]): Promise<Scanned> {
  const file = join(folder, `${name}.pcapng`);
  const argv = ['scan', `127.0.0.1:${server.port}`, '--json', '--timeout', '0.5', ...more];
  const saving = ['--save', file, '--capture-with', 'none'];
  const { stdout } = await run([...argv, ...saving], { scan: liveScan('none') });
  return { file, live: JSON.parse(stdout) };
}

async function replay(file: string): Promise<Report> {
  return JSON.parse((await run(['replay', file, '--json'])).stdout);
}

/** @param connections where it is not to be compared */
function told({ diagnoses }: Report, connections?: number): unknown {
  return diagnoses.map(({ target, verdict, scan, findings, signals, notTested }: Diagnosis) => ({
    target,
    verdict: verdict.replace(/\d+(\.\d+)? m?s/g, 'a while'),
    scan: connections === undefined || scan === null ? scan : { ...scan, connections },
    findings: findings.map(({ cause, certainty, weights }) => [cause, certainty, weights]),
    notTested,
    signals: signals?.map(({ id, evidence }) => [id, evidence.map(({ handshake }) => handshake)]),
  }));
}

t.test('what was concluded live is concluded again', async (t) => {
  const rows: readonly (readonly [
    name: string,
    answers: (opening: Opening) => string | Scenario,
    connections: number,
    options?: readonly string[],
  ])[] = [
    ['all', negotiates, 10],
    ['ciphers', negotiates, 40, ['--ciphers']],
    ['as', negotiates, 7, ['--as', 'win11-24h2']],
    ['cookie', negotiates, 10, ['--cookie', 'jane']],
    ['few', negotiates, 5, ['--max-connections', '5']],
    ['nothing but NLA', () => 'nla-required', 4],
    ['no ClientHello is answered', () => 'key-unreadable', 8],
    ['silent', () => 'silent-after-request', 2],
    ['closed', () => 'closed-at-once', 2],
    ['no RDP', () => 'ssh', 1],
  ];
  for (const [name, answers, connections, options = []] of rows) {
    await t.test(name, async (t) => {
      const server = await changingServer(t, answers);
      const { file, live } = await scan(server, name, ...options);
      const replayed = await replay(file);
      t.strictSame(told(replayed), told(live));
      assertMatchesSchema(t, replayed);
      const found = live.diagnoses[0]?.scan?.connections ?? 0;
      t.ok(found >= connections, `${found} connections`);
    });
  }
});

/** As somebody would change it who leaves every length as it is. */
function edited(file: string, word: string, other: string): string {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(word);
  if (at < 0 || word.length !== other.length) throw new Error(`no ${word} in ${file}`);
  bytes.write(other, at, 'latin1');
  const changed = `${file}.edited.pcapng`;
  writeFileSync(changed, bytes);
  return changed;
}

t.test('what is not one whole scan of ours is told as single connections', async (t) => {
  const server = await changingServer(t, negotiates);
  const { file, live } = await scan(server, 'whole');
  const { scan: found } = (await replay(file)).diagnoses[0] ?? {};
  t.ok(found);
  const untold = /^what the answers of the scan come to: its connections are not all here/;
  const rows: readonly (readonly [name: string, file: string, ...options: string[]])[] = [
    ['another plan', edited(file, 'whether TLS', 'whether SSL')],
    ['a client that nobody knows', edited(file, '"client":null,"inter', '"client":"ie","inter')],
    ['without the ordinary handshake', file, '--filter', 'stream=1'],
  ];
  for (const [name, changed, ...options] of rows) {
    const { stdout } = await run(['replay', changed, '--json', ...options]);
    const [diagnosis] = (JSON.parse(stdout) as Report).diagnoses;
    t.equal(diagnosis?.scan, null, name);
    const says = diagnosis?.notTested.some((one) => untold.test(one));
    // Of the first connection, which says that it began a scan, nothing is left to say so.
    t.equal(says, name !== 'without the ordinary handshake', name);
  }
  const { stdout } = await run(['replay', file, '--json', '--filter', 'stream=0']);
  const [first] = (JSON.parse(stdout) as Report).diagnoses;
  t.match(first?.scan?.notTested, [/: no more of its connections are known$/]);
  t.equal(first?.scan?.tookMs, live.diagnoses[0]?.scan?.tookMs);
});

t.test('what is passed on says the same of the negotiation and of TLS', async (t) => {
  const server = await changingServer(t, negotiates);
  const names = ['--cookie', 'jane1234', '--server-name', 'secret7.example'];
  const { file, live } = await scan(server, 'kept', ...names);
  const passedOn = join(folder, 'passed-on.pcapng');
  await run(['anonymise', file, passedOn]);
  const [found] = (await replay(passedOn)).diagnoses;
  const [own] = live.diagnoses;
  t.strictSame(found?.scan?.negotiation?.conclusions, own?.scan?.negotiation?.conclusions);
  t.strictSame(found?.scan?.tls?.versions, own?.scan?.tls?.versions);
  const bytes = readFileSync(passedOn);
  t.ok(bytes.includes('"purpose":"matrix","reason":"whether '));
  for (const name of ['jane1234', 'secret7', '127.0.0.1', 'srv01']) {
    t.notOk(bytes.includes(name), name);
  }
});

t.test('an interrupted scan is one when it is replayed', async (t) => {
  for (const moment of ['within a connection', 'between two']) {
    const interruption = new AbortController();
    const server = await changingServer(t, (opening) => {
      if (moment === 'within a connection' && opening.connection === 3) interruption.abort();
      return negotiates(opening);
    });
    const file = join(folder, `${moment}.pcapng`);
    const scanner = liveScan('none');
    const { stdout } = await run(
      ['scan', `127.0.0.1:${server.port}`, '--json', '--save', file, '--capture-with', 'none'],
      {
        signal: interruption.signal,
        scan: (target, settings, request) =>
          scanner(target, settings, {
            ...request,
            onQuestion: ({ made }) => {
              if (moment === 'between two' && made === 3) interruption.abort();
            },
          }),
      },
    );
    const live = JSON.parse(stdout) as Report;
    t.match(live.diagnoses[0]?.scan?.notTested, [/: it was interrupted$/]);
    // Of a connection that was broken off before its first packet there is nothing to count.
    const count = moment === 'between two' ? 4 : undefined;
    t.strictSame(told(await replay(file), count), told(live, count), moment);
  }
});
