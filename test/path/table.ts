import type { PathReport } from '../../src/handshake/path.js';
import type { Judged } from './judge.js';
import type { ServerName } from './lab/servers.js';
import type { PathRun } from './run.js';
import type { DirectionTruth, World } from './worlds.js';

/** One run in one world, for the tables of results. */
export interface ResultRow {
  readonly world: World;
  readonly server: ServerName;
  readonly command: 'path' | 'check';
  readonly run: PathRun;
  readonly path: PathReport;
  readonly toServer: Judged;
  readonly fromServer: Judged;
}

const COLUMNS = [
  'world',
  'server',
  'to the server',
  'truth',
  'from the server',
  'truth',
  'connections',
  's',
] as const;

/** A markdown table, one line a run. */
export function renderResults(rows: readonly ResultRow[]): string {
  return renderMarkdown(
    COLUMNS,
    rows.map(({ world, server, command, run, path, toServer, fromServer }) => [
      command === 'check' ? `${world.name} (check)` : world.name,
      server,
      answerOf(toServer, path.mtu.toServer),
      truthOf(world.truth.toServer),
      answerOf(fromServer, path.mtu.fromServer),
      truthOf(world.truth.fromServer),
      `${path.connections}`,
      (run.milliseconds / 1000).toFixed(1),
    ]),
  );
}

export function renderMarkdown(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [columns, columns.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}

function answerOf(
  { judgement }: Judged,
  { mechanism, passUpTo, failsFrom }: PathReport['mtu']['toServer'],
): string {
  const sizes = failsFrom === null ? `${passUpTo}` : `${passUpTo}/${failsFrom}`;
  const answer = passUpTo === null ? mechanism : `${mechanism} ${sizes}`;
  return judgement === 'wrong' ? `**${answer}**` : answer;
}

function truthOf({ mechanisms, limit }: DirectionTruth): string {
  const [mechanism = ''] = mechanisms;
  if (limit === null) return mechanisms.join(' or ');
  return mechanism === 'none' ? `none ${limit}` : `${mechanism} ${limit}/${limit + 1}`;
}
