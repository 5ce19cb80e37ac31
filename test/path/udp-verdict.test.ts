import t from 'tap';
import {
  MAX_DATAGRAMS,
  nextSyn,
  type SynOutcome,
  type SynPlan,
  type SynResult,
} from '../../src/path/udp-plan.js';
import { judgeUdp, type UdpCircumstances } from '../../src/path/udp-verdict.js';

const CIRCUMSTANCES: UdpCircumstances = { family: 4, fragmentable: null, interrupted: false };
const SILENT: SynResult = { kind: 'silent' };
const TOO_LARGE: SynResult = { kind: 'too-large' };

function answer(answerBytes: number, rttUs: number | null = 2500): SynResult {
  return { kind: 'answered', answerBytes, version: null, rttUs };
}

/** Plays the plan against what each SYN meets, by its two sizes. */
function play(meets: (plan: SynPlan) => SynResult): SynOutcome[] {
  const outcomes: SynOutcome[] = [];
  for (let plan = nextSyn(outcomes); plan !== null; plan = nextSyn(outcomes)) {
    const result = meets(plan);
    const sent = result.kind === 'too-large' || result.kind === 'not-sent' ? 0 : plan.attempts;
    outcomes.push({ plan, sent, result });
    if (outcomes.length > MAX_DATAGRAMS) throw new Error('it does not end');
  }
  return outcomes;
}

function sizesOf(outcomes: readonly SynOutcome[]): string {
  return outcomes
    .map(({ plan }) => `${plan.payloadBytes}/${plan.advertisedMtu}x${plan.attempts}`)
    .join(' ');
}

t.test('the plan never asks for more than the cap', (t) => {
  const results = [SILENT, TOO_LARGE, answer(1132), answer(1232), answer(20)];
  // Every way in which the five plans can meet the five results.
  for (let way = 0; way < results.length ** 5; way++) {
    let rest = way;
    const outcomes = play(() => {
      const result = results[rest % results.length] ?? SILENT;
      rest = Math.floor(rest / results.length);
      return result;
    });
    const most = outcomes.reduce((sum, { plan }) => sum + plan.attempts, 0);
    if (most > MAX_DATAGRAMS) t.fail(`${most} datagrams: ${sizesOf(outcomes)}`);
    const { sizes } = judgeUdp(outcomes, CIRCUMSTANCES);
    for (const { passUpTo, failsFrom } of [sizes.toServer, sizes.fromServer]) {
      if (passUpTo !== null && failsFrom !== null && failsFrom <= passUpTo) {
        t.fail(`${failsFrom} fails and ${passUpTo} passes: ${sizesOf(outcomes)}`);
      }
    }
  }
  t.equal(sizesOf(play(() => SILENT)), '1232/1232x1 1232/1232x1 1132/1132x2');
  t.equal(sizesOf(play(() => answer(1232))), '1232/1232x1');
  t.end();
});

t.test('the two-by-two', (t) => {
  const world = (toServer: number, fromServer: number) =>
    judgeUdp(
      play(({ payloadBytes, advertisedMtu }) =>
        payloadBytes <= toServer && advertisedMtu <= fromServer ? answer(advertisedMtu) : SILENT,
      ),
      CIRCUMSTANCES,
    ).sizes;
  t.strictSame(world(1232, 1232), {
    toServer: { passUpTo: 1260, failsFrom: null },
    fromServer: { passUpTo: 1260, failsFrom: null },
  });
  t.strictSame(world(1200, 1232), {
    toServer: { passUpTo: 1160, failsFrom: 1260 },
    fromServer: { passUpTo: 1260, failsFrom: null },
  });
  t.strictSame(world(1232, 1200), {
    toServer: { passUpTo: 1260, failsFrom: null },
    fromServer: { passUpTo: 1160, failsFrom: 1260 },
  });
  t.strictSame(world(1200, 1200), {
    toServer: { passUpTo: 1160, failsFrom: 1260 },
    fromServer: { passUpTo: 1160, failsFrom: 1260 },
  });
  t.strictSame(world(1100, 1232), {
    toServer: { passUpTo: null, failsFrom: null },
    fromServer: { passUpTo: null, failsFrom: null },
  });
  t.end();
});

t.test('an interface or a learned path MTU that is too small', (t) => {
  const outcomes = play(({ payloadBytes }) => (payloadBytes > 1200 ? TOO_LARGE : answer(1132)));
  t.equal(sizesOf(outcomes), '1232/1232x1 1132/1132x2 1132/1232x2');
  const { report, sizes, datagrams } = judgeUdp(outcomes, CIRCUMSTANCES);
  t.strictSame(sizes.toServer, { passUpTo: 1160, failsFrom: 1260 });
  t.equal(
    report.why,
    'UDP packets of 1160 bytes reach the server, and answers of 1160 bytes come back; this system sends no packet of 1260 bytes there',
  );
  t.equal(report.probes.length, 2, 'what was not sent is no probe');
  t.equal(datagrams, 4);
  const nothing = judgeUdp(
    play(() => TOO_LARGE),
    CIRCUMSTANCES,
  );
  t.match(nothing.report, { status: 'not-tested', why: /even the smallest packet/, probes: [] });
  t.end();
});

t.test('the report', (t) => {
  const [plan] = play(() => SILENT).map((outcome) => outcome.plan);
  if (plan === undefined) throw new Error('no plan');
  const one = (result: SynResult, circumstances: Partial<UdpCircumstances> = {}) =>
    judgeUdp([{ plan, sent: 1, result }], { ...CIRCUMSTANCES, ...circumstances });

  t.strictSame(one({ kind: 'answered', answerBytes: 1232, version: 0x0101, rttUs: 12_345 }), {
    report: {
      status: 'answered',
      rttMs: 12.345,
      largestAnswerBytes: 1260,
      version: 0x0101,
      why: 'UDP packets of 1260 bytes reach the server, and answers of 1260 bytes come back',
      probes: [
        {
          sentBytes: 1260,
          advertisedMtu: 1232,
          version: 0x0101,
          answerBytes: 1260,
          rttMs: 12.345,
        },
      ],
    },
    sizes: {
      toServer: { passUpTo: 1260, failsFrom: null },
      fromServer: { passUpTo: 1260, failsFrom: null },
    },
    datagrams: 1,
    notMeasured: {},
  });
  t.match(one({ kind: 'unreachable', code: 'EHOSTUNREACH' }).report, {
    status: 'icmp-unreachable',
    why: /^an ICMP message came back \(EHOSTUNREACH\)/,
  });
  t.match(one({ kind: 'not-sent', code: 'EPERM' }).report, {
    status: 'not-tested',
    why: 'the system sends no UDP there (EPERM)',
  });
  t.match(one(SILENT, { interrupted: true }).report, { status: 'not-tested', why: 'interrupted' });
  t.match(one(SILENT).report, { status: 'silent', why: /^no answer to one datagram: UDP may be/ });
  t.match(one(answer(1232), { family: 6, fragmentable: 'koffi is not there' }).report, {
    largestAnswerBytes: 1280,
    why: /; packets may have been fragmented on the way, for koffi is not there$/,
  });
  t.end();
});
