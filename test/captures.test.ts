import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type AnalyseOptions, analyseCapture } from '../src/capture/analyse.js';
import type { Handshake } from '../src/handshake/handshake.js';
import { toHandshake } from '../src/handshake/summary.js';
import type { HandshakeTrace } from '../src/handshake/trace.js';
import {
  CAPTURES,
  captureFile,
  captureNames,
  captureRecord,
  type ExpectedConnection,
} from './support/recorded-captures.js';

/** What may be in the folder, and how large all of it may be: it is in everybody's checkout. */
const MOST_BYTES = 1_500_000;

t.test('every recording has its record, and every record its recording', (t) => {
  const names = captureNames('.pcapng');
  t.strictSame(captureNames('.json'), names);
  t.ok(names.length >= 24, `${names.length} recordings`);
  const files = readdirSync(CAPTURES);
  t.strictSame(
    files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.(pcapng|json)$/.test(file)),
    [],
    'nothing else is there, and names are kebab-case',
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(CAPTURES, file)).size, 0);
  t.ok(bytes < MOST_BYTES, `${bytes} bytes in all`);
  t.end();
});

for (const name of captureNames('.pcapng')) {
  t.test(name, async (t) => {
    const { title, made, expected } = captureRecord(name);
    t.match(title, /^.{10,}$/);
    for (const [what, says] of Object.entries(made)) t.match(says, /./, what);
    const { traces, problems, conversations } = await analyseCapture(captureFile(name), {
      all: true,
    } satisfies AnalyseOptions);
    t.strictSame(problems, []);
    t.equal(conversations, expected.length);
    t.strictSame(
      traces.map((trace) => read(trace, expected[streamOf(trace)])),
      expected,
    );
  });
}

function streamOf({ source }: HandshakeTrace): number {
  return source.kind === 'capture' ? source.stream : -1;
}

/** What was read, in the form of what is expected: only what is spoken of there. */
function read(trace: HandshakeTrace, expected: ExpectedConnection | undefined): unknown {
  const handshake = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  const { detail: _, ...outcome } = handshake.outcome;
  const found = {
    stream: streamOf(trace),
    stages: Object.fromEntries(handshake.stages.map(({ stage, status }) => [stage, status])),
    outcome,
    x224: readX224(handshake),
    tls: readTls(handshake),
    credssp: readCredSsp(handshake),
    mcs: {
      encryptionMethod: handshake.mcs.encryptionMethod?.name,
      encryptionLevel: handshake.mcs.encryptionLevel?.name,
    },
    tcp: readTcp(handshake, trace),
  };
  return onlyKeysOf(found, expected);
}

function readX224({ x224: { request, response } }: Handshake): unknown {
  return {
    cookie: request?.cookie ?? null,
    requested: request?.requestedProtocols?.value ?? null,
    kind: response.kind,
    selected: response.selectedProtocol?.name ?? null,
    failure: response.failure?.name ?? null,
    protocol: response.protocol,
  };
}

function readTls({ tls }: Handshake): unknown {
  const [certificate] = tls.certificates;
  return {
    version: tls.version,
    cipher: tls.cipher,
    subject: certificate?.subject ?? null,
    notAfter: certificate?.notAfter,
    keyBits: certificate?.keyBits,
    decrypted: tls.decrypted,
    alert: { by: tls.alert?.by, code: tls.alert?.code },
  };
}

function readCredSsp({ credssp }: Handshake): unknown {
  return {
    version: credssp.version,
    netbiosComputerName: credssp.ntlm?.netbiosComputerName ?? null,
    dnsComputerName: credssp.ntlm?.dnsComputerName ?? null,
    errorCode: credssp.errorCode?.code ?? null,
    authentication: credssp.authentication,
  };
}

function readTcp({ tcp }: Handshake, { facts }: HandshakeTrace): unknown {
  const end = facts.find((fact) => fact.kind === 'tcp-end');
  const resent = (tcp.retransmissions.client ?? 0) + (tcp.retransmissions.server ?? 0) > 0;
  return {
    end: end === undefined ? null : { by: end.by, how: end.how, packet: end.packets?.[0] },
    rttMs: tcp.rttMs,
    retransmits: resent,
    icmp: tcp.icmp[0]?.type,
  };
}

/** Leaves out, at every depth, what the pattern does not mention. */
function onlyKeysOf(value: unknown, pattern: unknown): unknown {
  if (!isRecord(pattern) || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(pattern).map((key) => [key, onlyKeysOf(value[key], pattern[key])]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
