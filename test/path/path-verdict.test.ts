import t from 'tap';
import type { LossReport, PathReport } from '../../src/handshake/path.js';
import { pathVerdict } from '../../src/path/path-verdict.js';
import { type RoundTripTimes, terminationOf } from '../../src/path/termination.js';
import {
  CLEAN_DIRECTION,
  HEAVY_LOSS,
  hole,
  NO_LOSS,
  NO_SPREAD,
  PATHS,
} from '../support/path-fixtures.js';

type Findings = Parameters<typeof pathVerdict>[0];

const RTT: PathReport['rtt'] = PATHS.clean.rtt;
const SOUND: Findings = {
  mtu: { toServer: CLEAN_DIRECTION, fromServer: CLEAN_DIRECTION },
  loss: NO_LOSS,
  rtt: RTT,
  family: 4,
  terminatedBy: null,
  failure: null,
};

const NOTHING_LOST_KNOWN: LossReport = {
  ...NO_LOSS,
  sent: null,
  lost: null,
  ratio: null,
  interval95: null,
};
const UNKNOWN = {
  ...CLEAN_DIRECTION,
  passUpTo: null,
  mechanism: 'not-measured',
  why: 'x',
} as const;

interface Row {
  readonly name: string;
  readonly found: Findings;
  readonly verdict: string;
  readonly advice?: string;
}

/** What is to be set where packets of so many bytes pass. */
function setTo(mtu: number, mss: number): string {
  return `set the MTU of the tunnel or interface to ${mtu}, or clamp the MSS to ${mss} where the tunnel begins; or let ICMP "fragmentation needed" through`;
}

const ROWS: readonly Row[] = [
  {
    name: 'a sound path',
    found: SOUND,
    verdict:
      'packets of 1500 bytes to the server and 1500 bytes from it pass, RTT 50.9 ms, none of 212 packets lost',
  },
  {
    name: 'one direction only',
    found: { ...SOUND, mtu: { toServer: UNKNOWN, fromServer: CLEAN_DIRECTION } },
    verdict: 'packets of 1500 bytes from it pass, RTT 50.9 ms, none of 212 packets lost',
  },
  {
    name: 'times and nothing else',
    found: { ...SOUND, mtu: { toServer: UNKNOWN, fromServer: UNKNOWN }, loss: NOTHING_LOST_KNOWN },
    verdict: 'RTT 50.9 ms',
  },
  {
    name: 'nothing at all',
    found: {
      ...SOUND,
      mtu: { toServer: UNKNOWN, fromServer: UNKNOWN },
      loss: NOTHING_LOST_KNOWN,
      rtt: { ...NO_SPREAD, source: null, histogram: [] },
    },
    verdict: 'nothing could be measured of the path',
  },
  {
    name: 'a failure',
    found: { ...SOUND, failure: 'the connection was refused' },
    verdict: 'the path could not be measured: the connection was refused',
  },
  {
    name: 'a hole from the server',
    found: { ...SOUND, mtu: { toServer: CLEAN_DIRECTION, fromServer: hole(1400) } },
    verdict:
      'everything above 1400 bytes from the server vanishes (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5)',
    advice: setTo(1400, 1360),
  },
  {
    name: 'a hole to the server, IPv6',
    found: { ...SOUND, family: 6, mtu: { toServer: hole(1280), fromServer: CLEAN_DIRECTION } },
    verdict:
      'everything above 1280 bytes to the server vanishes (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5)',
    advice: setTo(1280, 1220),
  },
  {
    name: 'two holes: the smaller one is what is to be set',
    found: { ...SOUND, mtu: { toServer: hole(1400), fromServer: hole(1280) } },
    verdict:
      'everything above 1280 bytes from the server vanishes (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5); everything above 1400 bytes to the server vanishes (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5)',
    advice: setTo(1280, 1240),
  },
  {
    name: 'repaired late',
    found: {
      ...SOUND,
      mtu: {
        toServer: CLEAN_DIRECTION,
        fromServer: hole(1280, { mechanism: 'repaired-late', repairedAfterMs: 6640 }),
      },
    },
    verdict:
      'everything above 1280 bytes from the server vanishes, and only MTU probing gets a connection through, after 6.6 s (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5)',
    advice: setTo(1280, 1240),
  },
  {
    name: 'heavy loss, and sizes that cannot be told from it',
    found: { ...SOUND, loss: HEAVY_LOSS, mtu: PATHS.heavyLoss.mtu },
    verdict:
      '20 % of the packets to the server are lost (43 of 214; 95 %: 15 % to 26 %); packet sizes from the server are inconclusive: heavy loss: 20 % of all packets are lost, whatever their size; packet sizes to the server are inconclusive: heavy loss: 20 % of all packets are lost, whatever their size',
  },
  {
    name: 'a doubt is not told beside a hole that is proved',
    found: {
      ...SOUND,
      mtu: { toServer: PATHS.heavyLoss.mtu.toServer, fromServer: hole(1280) },
    },
    verdict:
      'everything above 1280 bytes from the server vanishes (12 of 12 small and 0 of 6 large packets arrived, p = 5e-5)',
    advice: setTo(1280, 1240),
  },
  {
    name: 'path-MTU discovery',
    found: { ...SOUND, mtu: PATHS.pmtud.mtu },
    verdict: 'path-MTU discovery works: 1280 bytes',
  },
  {
    name: 'a clamped MSS',
    found: { ...SOUND, mtu: PATHS.mssClamped.mtu },
    verdict: 'the MSS is limited on the way or by the server: packets up to 1280 bytes',
  },
  {
    name: 'a box that answers TCP',
    found: { ...SOUND, terminatedBy: 'a box on the way' },
    verdict: 'a box on the way',
  },
  {
    name: 'a single lost packet is no finding: its interval begins at nothing',
    found: {
      ...SOUND,
      loss: { ...NO_LOSS, sent: 40, lost: 1, ratio: 0.025, interval95: [0.0044, 0.129] },
    },
    verdict: 'packets of 1500 bytes to the server and 1500 bytes from it pass, RTT 50.9 ms',
  },
];

t.test('one line, and what to set', (t) => {
  for (const { name, found, verdict, advice = null } of ROWS) {
    t.strictSame(pathVerdict(found), { verdict, advice }, name);
  }
  t.end();
});

function times(synMs: number, x224: number, tls: number): RoundTripTimes {
  return { synMs, stagesMs: { x224, tls } };
}

t.test('a box on the way that answers TCP for the server', (t) => {
  const near = Array.from({ length: 5 }, () => times(1.2, 52, 54));
  t.equal(
    terminationOf(near),
    'the SYN is answered after 1.2 ms, but no message in less than 52.0 ms: a box on the way seems to answer TCP for the server',
  );
  t.equal(terminationOf(near.slice(0, 3)), null, 'three samples prove nothing');
  t.equal(terminationOf([]), null);
  t.equal(
    terminationOf([...near, times(1.2, 2, 54)]),
    null,
    'one message that was as quick as the SYN speaks against it',
  );
  t.equal(
    terminationOf(near.map(() => times(1.2, 1.4, 3000))),
    null,
    'a server that thinks is late in one stage only',
  );
  t.equal(
    terminationOf(near.map(({ synMs }) => ({ synMs, stagesMs: { x224: 52 } }))),
    null,
    'one stage is no pattern',
  );
  t.equal(terminationOf(near.map(() => times(50, 90, 95))), null, 'not three times as late');
  t.equal(terminationOf(near.map(() => times(1, 20, 25))), null, 'not 30 ms later');
  t.end();
});
