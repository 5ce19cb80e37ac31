import type { Certainty, Finding } from '../../../src/diagnose/finding.js';
import type { Kind, Truth } from './matrix-case.js';
import {
  calibration,
  falseAlarms,
  hits,
  isRight,
  isTrue,
  ofTruth,
  type Scored,
  wrongProofs,
} from './score.js';

function share(right: number, of: number): string {
  return of === 0 ? 'none' : `${right} of ${of} (${((100 * right) / of).toFixed(1)} %)`;
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
}

function told(truth: Truth): string {
  switch (truth.is) {
    case 'healthy':
      return 'healthy';
    case 'fault':
      return truth.causes.join(' or ');
    case 'untold':
      return `not told by the wire: ${truth.why}`;
  }
}

function said(finding: Finding | undefined): string {
  return finding === undefined ? 'nothing' : `${finding.cause} (${finding.certainty})`;
}

/** Not part of the repository. The laboratory's are where most of `capture` was taken from. */
const OUTSIDE: ReadonlySet<Kind> = new Set(["laboratory's capture", 'capture of others']);

/** Counts of every kind of case, and how often the first and one of the first three is right. */
function accuracy(scored: readonly Scored[]): string {
  const kinds = [...new Set(scored.map(({ case: { kind } }) => kind))];
  const line = (name: string, some: readonly Scored[]): string => {
    const faults = ofTruth(some, 'fault');
    return row(
      name,
      some.length,
      ofTruth(some, 'healthy').length,
      ofTruth(some, 'untold').length,
      share(faults.filter((one) => hits(one, 1)).length, faults.length),
      share(faults.filter((one) => hits(one, 3)).length, faults.length),
    );
  };
  const alone = scored.filter(
    ({ case: { truth } }) => truth.is === 'fault' && truth.causes.length === 1,
  );
  return table(
    ['cases', 'all', 'healthy', 'not told', 'first is right', 'one of three is right'],
    [
      ...kinds.map((kind: Kind) =>
        line(
          kind,
          scored.filter((one) => one.case.kind === kind),
        ),
      ),
      line(
        '**in the repository**',
        scored.filter((one) => !OUTSIDE.has(one.case.kind)),
      ),
      line('**all**', scored),
      line('those with one right cause alone', alone),
    ],
  );
}

const CERTAINTIES: readonly Certainty[] = ['proved', 'likely', 'possible'];

function calibrations(scored: readonly Scored[]): string {
  const decided = scored.filter(({ case: { truth } }) => truth.is !== 'untold');
  const first = decided.map((one) => ({ ...one, findings: one.findings.slice(0, 1) }));
  const show = (some: readonly Scored[], certainty: Certainty): string => {
    const { right, of } = calibration(some, certainty);
    return share(right, of);
  };
  return table(
    [
      'said',
      'right, of first findings',
      'right, of all findings',
      'right, of all, undecidable ones counted as wrong',
    ],
    CERTAINTIES.map((certainty) =>
      row(certainty, show(first, certainty), show(decided, certainty), show(scored, certainty)),
    ),
  );
}

/** Truth against the first finding; a set is named by its first cause. */
function confusion(scored: readonly Scored[]): string {
  const counts = new Map<string, number>();
  for (const one of scored) {
    const { truth } = one.case;
    const best = one.findings[0];
    const right = best !== undefined && isRight(one, best) ? 'right' : said(best);
    const alarm =
      best !== undefined && best.certainty === 'possible' ? 'only possible ones' : said(best);
    const name =
      truth.is === 'fault'
        ? `${truth.causes[0]}${truth.causes.length > 1 ? ' ...' : ''}`
        : truth.is;
    const found = truth.is === 'fault' ? right : alarm;
    const key = `${name} | ${found}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts].sort(([one], [other]) => one.localeCompare(other));
  return table(
    ['truth', 'first finding', 'cases'],
    rows.map(([key, count]) => row(key, count)),
  );
}

/** Why a case is missed, where it is known. */
export type Whys = Readonly<Record<string, string>>;

function misses(scored: readonly Scored[], whys: Whys): string {
  const missed = ofTruth(scored, 'fault').filter((one) => !hits(one, 1));
  if (missed.length === 0) return 'None.';
  return table(
    ['case', 'truth', 'first three findings', 'why'],
    missed.map((one) =>
      row(
        `${one.case.kind}: ${one.case.name}`,
        told(one.case.truth),
        one.findings.slice(0, 3).map(said).join(', ') || 'nothing',
        whys[one.case.name] ?? 'not known yet',
      ),
    ),
  );
}

/** What is said with confidence and is not so, `proved` or `likely`. */
function overconfident(scored: readonly Scored[], whys: Whys): string {
  const wrong = scored.flatMap((one) =>
    one.findings
      .filter((finding) => finding.certainty !== 'possible' && !isTrue(one, finding))
      .map((finding) =>
        row(
          `${one.case.kind}: ${one.case.name}`,
          told(one.case.truth),
          said(finding),
          whys[one.case.name] ?? 'not known yet',
        ),
      ),
  );
  return wrong.length === 0 ? 'None.' : table(['case', 'truth', 'said', 'why'], wrong);
}

function alarms(scored: readonly Scored[]): string {
  const list = falseAlarms(scored);
  const healthy = ofTruth(scored, 'healthy').length;
  return [
    `${list.length} findings above \`possible\` in ${healthy} healthy cases; ${wrongProofs(scored).length} wrong \`proved\` in all ${scored.length}.`,
    ...list.map(([one, finding]) => `- ${one.case.kind}: ${one.case.name}: ${said(finding)}`),
  ].join('\n');
}

function labels(scored: readonly Scored[]): string {
  return table(
    ['kind', 'case', 'truth', 'the truth is from', 'first finding'],
    scored.map((one) =>
      row(one.case.kind, one.case.name, told(one.case.truth), one.case.from, said(one.findings[0])),
    ),
  );
}

/** The matrix as Markdown, from the figures to every label. */
export function renderMatrix(scored: readonly Scored[], whys: Whys): string {
  const sections: readonly (readonly [title: string, text: string])[] = [
    ['Accuracy', accuracy(scored)],
    ['False alarms', alarms(scored)],
    ['Calibration', calibrations(scored)],
    ['Misses: the first finding is not the cause', misses(scored, whys)],
    ['Said with confidence, and not so', overconfident(scored, whys)],
    ['Confusion', confusion(scored)],
    ['Every case', labels(scored)],
  ];
  return sections.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n');
}
