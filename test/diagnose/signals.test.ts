import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { SIGNALS, type SignalId } from '../../src/diagnose/catalogue/signals.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import type { Signal } from '../../src/diagnose/finding.js';
import { withGateway } from '../../src/diagnose/gateway-diagnosis.js';
import { DETECTORS, SIGNAL_IDS, signalsOf } from '../../src/diagnose/signals.js';
import { GATEWAY_SIGNALS } from '../../src/diagnose/signals-gateway.js';
import { UNOBSERVABLE } from '../../src/diagnose/signals-unobservable.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { mergeReports } from '../../src/report/merge-reports.js';
import { changed, died, messageEvent } from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS, TRACES } from '../support/handshake.js';
import { PATHS } from '../support/path-fixtures.js';
import {
  captureFile,
  captureNames,
  captureRecord,
  type ExpectedConnection,
} from '../support/recorded-captures.js';
import { SCAN } from '../support/scan-fixtures.js';
import {
  alert,
  asking,
  errorCode,
  FIRST,
  icmp,
  inTls,
  logon,
  OTHER_LEAF,
  one,
  PADDED,
  proxied,
  refusal,
  type Seen,
  SHOWN,
  SMALL,
  versions,
} from '../support/signal-fixtures.js';

/*
 * Signals are names for what was seen: each detector with a case that shows it and, below, with cases
 * that do not. Whether the names mean a cause is not asked here.
 */

function signals({ handshakes = [], path, scan, gateway }: Seen): readonly Signal[] {
  return signalsOf(
    handshakes,
    { path: path ?? null, scan: scan ?? null, ...(gateway === undefined ? {} : { gateway }) },
    STARTED_AT_MS,
  );
}

function idsOf(seen: Seen): readonly SignalId[] {
  return signals(seen).map(({ id }) => id);
}

t.test('every signal has a detector, or a reason why it has none', (t) => {
  const detected = [...Object.keys(DETECTORS), ...Object.keys(GATEWAY_SIGNALS)];
  const excused = Object.keys(UNOBSERVABLE);
  t.strictSame([...detected, ...excused].sort(), Object.keys(SIGNALS).sort(), 'each just once');
  for (const [id, why] of Object.entries(UNOBSERVABLE)) t.match(why, /\w{3}.*\w{3}/, id);
  t.strictSame(SIGNAL_IDS, Object.keys(SIGNALS));
  t.end();
});

t.test('each detector sees what it is for, and points at it', (t) => {
  const codes = SIGNAL_IDS.filter((id) => id.startsWith('credssp.errorcode-'));
  t.equal(codes.length, 37);
  const cases: Readonly<Record<string, Seen>> = {
    ...SHOWN,
    ...Object.fromEntries(codes.map((id) => [id, one(errorCode(id.replace(/^.*-/, '')))])),
  };
  const detected = [...Object.keys(DETECTORS), ...Object.keys(GATEWAY_SIGNALS)];
  t.strictSame(Object.keys(cases).sort(), detected.sort(), 'there is a case for each');
  for (const [id, seen] of Object.entries(cases)) {
    const found = signals(seen).find((signal) => signal.id === id);
    t.ok(found, id);
    if (found === undefined) continue;
    t.ok(found.evidence.length > 0, `${id}: evidence`);
    for (const { says, handshake: shown } of found.evidence) {
      t.match(says, /\w/, id);
      const known = shown === null || seen.scan !== undefined;
      t.ok(known || (seen.handshakes ?? []).some((one) => one.id === shown), `${id}: ${shown}`);
    }
  }
  t.end();
});

t.test('one thing is not taken for another', (t) => {
  t.strictSame(idsOf({}), [], 'nothing is seen in nothing');
  t.strictSame(idsOf(one(handshake('healthy'))), [
    'cert.untrusted-issuer',
    'credssp.challenge-ok',
    'credssp.server-version-ge-5',
    'tls.ok',
  ]);
  const not = (id: SignalId, seen: Seen, why: string): void => {
    t.notOk(idsOf(seen).includes(id), `${id}: ${why}`);
  };
  not(
    'tls.rst-after-client-hello',
    one(died('tls', 'reset', { outcome: { by: 'client' } })),
    'ours',
  );
  not('x224.rst', one(died('x224', 'reset', { outcome: { by: 'client' } })), 'the client left');
  const ultimatum = messageEvent(30, 'server', { type: 'mcs-disconnect' });
  not('x224.fin', one(died('x224', 'closed', { events: [ultimatum] })), 'a message said so');
  not('mcs.fin', one(died('mcs', 'closed', { events: [ultimatum] })), 'a message said so');
  const unasked = { request: { requestedProtocols: null } };
  const plain = { kind: 'none-negotiated' as const, flags: null };
  not('x224.no-neg-data', one(changed({ ...unasked, response: plain })), 'none was asked for');
  not('x224.fin-late', one(died('x224', 'closed', { events: [] })), 'no times');
  not('tcp.local-error', one(icmp('administratively-prohibited')), 'ICMP said so');
  not('tcp.refused-by-middlebox', one(icmp('port-unreachable', '10.0.0.2')), 'the server itself');
  not('tcp.refused-by-middlebox', one(icmp('fragmentation-needed')), 'that is no refusal');
  not('credssp.stall-on-large-message', one(logon('timeout')), 'it was small');
  not('credssp.alert-80', one(alert(80)), 'not in CredSSP');
  not('tls.alert-40', one(died('tls', 'alert', { events: [] })), 'no alert was seen');
  not(
    'tcp.443-ok',
    { handshakes: [handshake('healthy')], path: SHOWN['tcp.443-ok']?.path ?? PATHS.clean },
    'the port is open',
  );
  not(
    'tls.ok-with-small-hello',
    { handshakes: [FIRST, asking(SMALL, 1, 'through')] },
    'what it offers differs too',
  );
  not(
    'tls.ok-with-small-hello',
    { handshakes: [FIRST, asking(SMALL, 1, 'through'), asking(PADDED, 2, 'through')] },
    'size does not matter',
  );
  not('tls.no-version-accepted', { handshakes: [FIRST], scan: versions('TLSv1.2') }, 'one is');
  not('timeline.client-side-pause', one(handshake('healthy')), 'a probe does not pause');
  const rsa = changed({ id: 0 });
  const ec = changed({
    ...OTHER_LEAF,
    leaf: { ...OTHER_LEAF.leaf, keyType: 'EC' },
    id: 1,
    purpose: 'follow-up',
  });
  not('cert.differs-by-attempt', { handshakes: [rsa, ec] }, 'a key of another type');
  // What a question of a scan is refused says nothing of how a client fares.
  const asked = { ...refusal(5), id: 1, purpose: 'matrix' };
  not('x224.neg-failure-5', { handshakes: [handshake('healthy'), asked] }, 'a question');
  t.end();
});

t.test('what a scan shows', (t) => {
  const dead = { handshakes: [inTls('reset')] };
  t.ok(idsOf({ ...dead, scan: versions() }).includes('tls.no-version-accepted'));
  const old = idsOf({ ...dead, scan: versions('TLSv1.0', 'TLSv1.1') });
  t.ok(old.includes('tls.ok-version-le-1.1'));
  t.notOk(idsOf({ ...dead, scan: versions('TLSv1.2') }).includes('tls.ok-version-le-1.1'));
  t.ok(idsOf({ ...dead, scan: SCAN }).includes('tls.ok-with-small-hello'));
  t.end();
});

t.test('events that a hand has changed do no harm', (t) => {
  const junk: readonly unknown[] = [null, undefined, 5, '', 'message', [], [[]], {}, { type: [] }];
  let rounds = 0;
  for (const name of Object.keys(TRACES) as (keyof typeof TRACES)[]) {
    const whole = handshake(name);
    for (const key of ['kind', 'by', 'message', 'packets', 'code', 'layer', 'error', 'bytes']) {
      for (const one of junk) {
        const events = whole.events.map((each) => ({ ...each, [key]: one }));
        const found = signals({ handshakes: [{ ...whole, events }], scan: SCAN });
        t.ok(
          found.every(({ evidence }) => evidence.length > 0),
          `${name}: ${key}`,
        );
        rounds++;
      }
    }
    const none = signals({ handshakes: [{ ...whole, events: [] }] });
    t.ok(Array.isArray(none), `${name} without events`);
  }
  t.ok(rounds > 500, `${rounds} rounds`);
  t.end();
});

t.test('evidence points at its event', (t) => {
  const [reset] = signals(one(handshake('resetAfterClientHello')));
  t.match(reset, {
    id: 'tls.rst-after-client-hello',
    evidence: [{ handshake: 0, atMs: 63.1, packets: [] }],
  });
  const pause = signals(SHOWN['timeline.client-side-pause'] ?? {}).find(
    ({ id }) => id === 'timeline.client-side-pause',
  );
  t.match(pause?.evidence, [{ handshake: 0, atMs: 15_090, packets: [9] }]);
  t.match(signals(one(icmp('host-unreachable')))[0]?.evidence, [{ atMs: 12.5 }]);
  t.end();
});

t.test('a gateway adds its own, and the order of the vocabulary stays', (t) => {
  const direct = diagnose('srv01', [handshake('healthy')], STARTED_AT_MS);
  const through = withGateway(direct, proxied('0x800759DA'), STARTED_AT_MS);
  t.same(
    through.signals?.map(({ id }) => id),
    [
      'cert.untrusted-issuer',
      'credssp.challenge-ok',
      'credssp.server-version-ge-5',
      'gw.code-rap',
      'gw.proxy-0x800759DA',
      'gw.tls',
      'tls.ok',
    ],
  );
  t.same(
    through.signals,
    signals({ handshakes: [handshake('healthy')], gateway: proxied('0x800759DA') }),
  );
  t.match(through.findings[0], {
    cause: 'gateway-rap-denied',
    weights: [
      { signal: 'gw.code-rap', weight: 'decisive' },
      { signal: 'gw.proxy-0x800759DA', weight: 'decisive' },
    ],
  });
  t.end();
});

/** Signals without what a saved report cannot have: nothing. */
function saved<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

t.test('reports that are put together keep what their signals point at', (t) => {
  const part = () => {
    const handshakes = [handshake('hybridRequired')];
    return {
      handshakes,
      diagnoses: [diagnose('srv01', handshakes, STARTED_AT_MS)],
      captures: [],
    };
  };
  const { diagnoses } = mergeReports([part(), part()]);
  t.same(
    diagnoses.map(({ signals: all }) => all?.[0]?.evidence.map((one) => one.handshake)),
    [[0], [1]],
  );
  t.end();
});

t.test('a saved report gives the same ones', async (t) => {
  for (const name of Object.keys(TRACES) as (keyof typeof TRACES)[]) {
    for (const path of [null, PATHS.holeFromServer]) {
      for (const scan of [null, SCAN]) {
        const seen = { ...diagnose('srv01', [handshake(name)], STARTED_AT_MS, path), scan };
        const again = diagnoseAgain(saved(seen), saved([handshake(name)]), STARTED_AT_MS);
        const of = { path, scan };
        t.same(again.signals, saved(signalsOf([handshake(name)], of, STARTED_AT_MS)), name);
      }
    }
  }
  let count = 0;
  for (const name of captureNames('.pcapng')) {
    const { traces } = await analyseCapture(captureFile(name));
    const handshakes = traces.map((trace, id) =>
      toHandshake(trace, { id, purpose: 'verdict', reason: null }),
    );
    const first = diagnose(name, handshakes, STARTED_AT_MS);
    const again = diagnoseAgain(saved(first), saved(handshakes), STARTED_AT_MS);
    t.same(again.signals, saved(first.signals), name);
    for (const { id, evidence } of first.signals ?? []) {
      const points = evidence.every(({ handshake: shown }) => shown === null || handshakes[shown]);
      t.ok(points, `${name}: ${id} points at a handshake`);
    }
    count += first.signals?.length ?? 0;
  }
  t.ok(count > 100, `${count} signals in the recordings`);
});

const FAILURES: Readonly<Record<string, SignalId>> = {
  SSL_REQUIRED_BY_SERVER: 'x224.neg-failure-1',
  SSL_NOT_ALLOWED_BY_SERVER: 'x224.neg-failure-2',
  SSL_CERT_NOT_ON_SERVER: 'x224.neg-failure-3',
  HYBRID_REQUIRED_BY_SERVER: 'x224.neg-failure-5',
};

/** What a record, which nobody wrote from our output, says that must be seen. */
function impliedBy(expected: ExpectedConnection): readonly SignalId[] {
  const { outcome, x224, tls, credssp, stages } = expected;
  const { failedAt, how, by } = outcome;
  const implied: (SignalId | undefined | false)[] = [
    typeof x224?.failure === 'string' && FAILURES[x224.failure],
    failedAt === 'x224' && how === 'reset' && by === 'server' && 'x224.rst',
    failedAt === 'x224' && how === 'closed' && by === 'server' && 'x224.fin',
    failedAt === 'x224' && how === 'not-rdp' && 'x224.non-rdp-bytes',
    failedAt === 'tcp' && how === 'refused' && 'tcp.refused',
    failedAt === 'tcp' && how === 'timeout' && 'tcp.timeout',
    failedAt === 'credssp' && how === 'closed' && by === 'server' && 'credssp.fin',
    failedAt === 'mcs' && how === 'timeout' && 'mcs.timeout',
    stages.tls === 'completed' && 'tls.ok',
    tls?.alert?.by === 'server' && tls.alert.code === 70 && 'tls.alert-70',
    (credssp?.version ?? 0) >= 5 && 'credssp.server-version-ge-5',
    typeof credssp?.netbiosComputerName === 'string' && 'credssp.challenge-ok',
  ];
  return implied.filter((id) => typeof id === 'string');
}

t.test('the recordings show what their records say', async (t) => {
  let count = 0;
  for (const name of captureNames('.pcapng')) {
    const { traces } = await analyseCapture(captureFile(name));
    for (const expected of captureRecord(name).expected) {
      const trace = traces.find(
        ({ source }) => source.kind === 'capture' && source.stream === expected.stream,
      );
      if (trace === undefined) continue;
      const seen = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
      const ids = new Set(idsOf({ handshakes: [seen] }));
      for (const id of impliedBy(expected)) {
        t.ok(ids.has(id), `${name}, ${expected.stream}: ${id}`);
        count++;
      }
      const failures = [...ids].filter((id) => id.startsWith('x224.neg-failure-'));
      t.equal(failures.length, typeof expected.x224?.failure === 'string' ? 1 : 0, name);
    }
  }
  t.ok(count >= 80, `${count} signals are implied by the records`);
});
