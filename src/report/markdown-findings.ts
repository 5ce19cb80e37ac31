import type { Advice, Diagnosis, Finding } from '../diagnose/finding.js';
import { formatMs } from './format.js';
import { bullets, type Lines, section } from './markdown-parts.js';
import { escapeMarkdown, fenced, markdownLink } from './markdown-text.js';

/** Findings that get a line; the JSON report has all of them. */
const MAX_OTHERS = 12;
const MAX_EVIDENCE = 10;

/** Causes: the best one in full, of the others the title. */
export function findingsMarkdown({ findings }: Pick<Diagnosis, 'findings'>): Lines {
  const [best, ...others] = findings;
  if (best === undefined) return [];
  const left = others.length - MAX_OTHERS;
  return section(3, 'Why', [
    ...inFull(best),
    ...(others.length === 0 ? [] : ['Other causes:', '']),
    ...others
      .slice(0, MAX_OTHERS)
      .map(({ certainty, title }) => `- ${certainty}: ${escapeMarkdown(title)}`),
    ...(left > 0 ? [`- and ${left} more`] : []),
  ]);
}

function inFull(finding: Finding): Lines {
  const { certainty, title, says, evidence, against, advice, nextCheck, mstsc, sources } = finding;
  const seen = evidence
    .slice(0, MAX_EVIDENCE)
    .map((one) => (one.atMs === null ? one.says : `${one.says} (at ${formatMs(one.atMs)} ms)`));
  const codes = mstsc.map(
    ({ code, extended, basis }) =>
      `${code}${extended === null ? '' : ` extended ${extended}`}${basis === 'inferred' ? ' (inferred)' : ''}`,
  );
  return [
    `**${certainty}: ${escapeMarkdown(title)}**`,
    '',
    escapeMarkdown(says),
    '',
    ...listed('Seen', bullets(seen)),
    ...listed('Against it', bullets(against)),
    ...listed('What to do', advice.flatMap(step)),
    ...(nextCheck === null ? [] : [`Next check: ${escapeMarkdown(nextCheck)}`, '']),
    ...(codes.length === 0
      ? []
      : [`mstsc shows error ${escapeMarkdown(codes.join(', or '))}.`, '']),
    ...listed(
      'Sources',
      sources.map(({ title: name, url }) => `- ${markdownLink(name, url)}`),
    ),
  ];
}

function listed(title: string, lines: Lines): Lines {
  return lines.length === 0 ? [] : [`${title}:`, '', ...lines, ''];
}

function step({ do: what, command, where, caution }: Advice, index: number): Lines {
  const place =
    where === null ? '' : where === 'network' ? 'In the network: ' : `On the ${where}: `;
  const indent = '   ';
  return [
    `${index + 1}. ${place}${escapeMarkdown(what)}`,
    ...(command === null ? [] : fenced(command).map((line) => indent + line)),
    ...(caution === null ? [] : [`${indent}Caution: ${escapeMarkdown(caution)}`]),
  ];
}
