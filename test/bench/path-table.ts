import type { Mechanism, PathReport } from '../../src/handshake/path.js';
import type { Judged } from '../path/judge.js';
import type { ForwarderStatistics } from '../path/lab/forwarder.js';
import { renderMarkdown } from '../path/table.js';
import type { World } from '../path/worlds.js';
import { summarise } from './figures.js';

/** One run, and what the truth says of it. */
export interface BenchRun {
  readonly world: World;
  readonly milliseconds: number;
  readonly counted: ForwarderStatistics;
  /** null: the tool reported nothing */
  readonly found: {
    readonly path: PathReport;
    readonly toServer: Judged;
    readonly fromServer: Judged;
  } | null;
}

type Found = NonNullable<BenchRun['found']>;
type Direction = 'toServer' | 'fromServer';

const DIRECTIONS: readonly (readonly [Direction, string])[] = [
  ['toServer', 'To the server'],
  ['fromServer', 'From the server'],
];

/** In the order of the report's documentation. */
const MECHANISMS: readonly Mechanism[] = [
  'none',
  'pmtud',
  'black-hole',
  'mss-clamped',
  'repaired-late',
  'inconclusive',
  'not-measured',
];

/** Three tables: each world, the loss estimates, and what was taken for what. */
export function renderBench(runs: readonly BenchRun[]): string {
  const worlds = byWorld(runs);
  return [
    renderMarkdown(
      [
        'world',
        'runs',
        'right',
        'inconclusive',
        'wrong',
        'no report',
        'limit off by, bytes',
        's, median (max)',
        'connections, median (max)',
      ],
      worlds.map(worldRow),
    ),
    'Loss to the server: what was said, and what the path did to the same packets.\n',
    renderMarkdown(
      [
        'world',
        'runs',
        'lost by chance',
        'lost in fact',
        'estimate, median',
        'chance inside the interval',
        'fact inside the interval',
      ],
      worlds
        .filter(([first]) => first !== undefined && losesByChanceAlone(first.world))
        .map(lossRow),
    ),
    ...DIRECTIONS.flatMap(([direction, title]) => [
      `${title}: truth by line, answer by column.\n`,
      renderConfusion(runs, direction),
    ]),
  ].join('\n');
}

function byWorld(runs: readonly BenchRun[]): readonly (readonly BenchRun[])[] {
  const names = [...new Set(runs.map(({ world }) => world.name))];
  return names.map((name) => runs.filter(({ world }) => world.name === name));
}

function foundIn(runs: readonly BenchRun[]): readonly Found[] {
  return runs.flatMap(({ found }) => (found === null ? [] : [found]));
}

/** A run is as good as the worse of its directions. */
function judgementOf({ toServer, fromServer }: Found): Judged['judgement'] {
  const both = [toServer.judgement, fromServer.judgement];
  if (both.includes('wrong')) return 'wrong';
  return both.includes('inconclusive') ? 'inconclusive' : 'right';
}

function worldRow(runs: readonly BenchRun[]): readonly string[] {
  const found = foundIn(runs);
  const count = (judgement: Judged['judgement']): string =>
    `${found.filter((one) => judgementOf(one) === judgement).length}`;
  const errors = found.flatMap(({ toServer, fromServer }) =>
    [toServer.errorBytes, fromServer.errorBytes].filter((error) => error !== null),
  );
  const seconds = summarise(runs.map(({ milliseconds }) => milliseconds / 1000));
  const connections = summarise(found.map(({ path }) => path.connections));
  return [
    runs[0]?.world.name ?? '',
    `${runs.length}`,
    count('right'),
    count('inconclusive'),
    count('wrong'),
    `${runs.length - found.length}`,
    errors.length === 0 ? '' : `${Math.min(...errors)} to ${Math.max(...errors)}`,
    `${seconds.median.toFixed(1)} (${seconds.maximum.toFixed(1)})`,
    `${connections.median} (${connections.maximum})`,
  ];
}

/** What vanishes for its size is lost as well, but by no chance that could be estimated. */
function losesByChanceAlone({ truth }: World): boolean {
  return truth.toServer.mechanisms.includes('none') && truth.fromServer.mechanisms.includes('none');
}

function lossRow(runs: readonly BenchRun[]): readonly string[] {
  const [first] = runs;
  const chance = first?.world.truth.loss ?? 0;
  let sent = 0;
  let lost = 0;
  let chanceInside = 0;
  let factInside = 0;
  const ratios: number[] = [];
  for (const { found, counted } of runs) {
    const { tcpData } = counted.toServer;
    sent += tcpData.packets;
    lost += tcpData.lost;
    const { ratio, interval95 } = found?.path.loss ?? { ratio: null, interval95: null };
    if (ratio === null || interval95 === null) continue;
    ratios.push(ratio);
    const [low, high] = interval95;
    const inside = (share: number): boolean => share >= low && share <= high;
    if (inside(chance)) chanceInside += 1;
    if (inside(tcpData.lost / tcpData.packets)) factInside += 1;
  }
  return [
    first?.world.name ?? '',
    `${ratios.length}`,
    percent(chance),
    `${percent(lost / sent)} of ${sent}`,
    ratios.length === 0 ? '' : percent(summarise(ratios).median),
    `${chanceInside} of ${ratios.length}`,
    `${factInside} of ${ratios.length}`,
  ];
}

function renderConfusion(runs: readonly BenchRun[], direction: Direction): string {
  const truths = MECHANISMS.filter((truth) =>
    runs.some((run) => truthOf(run, direction) === truth),
  );
  return renderMarkdown(
    ['truth', ...MECHANISMS],
    truths.map((truth) => [
      truth,
      ...MECHANISMS.map((answer) => {
        const count = runs.filter(
          (run) => truthOf(run, direction) === truth && run.found?.[direction].answer === answer,
        ).length;
        return count === 0 ? '' : `${count}`;
      }),
    ]),
  );
}

function truthOf({ world }: BenchRun, direction: Direction): Mechanism | undefined {
  return world.truth[direction].mechanisms[0];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
