import type { Advice, Diagnosis, Finding } from '../diagnose/finding.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { type Entry, renderEntries, renderParagraph } from './text-block.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { weightsLine } from './weights.js';
import { displayWidth, wrap, wrapCommand } from './width.js';

const SHOWN_EVIDENCE = 3;
/** Further causes that get a line; the JSON report has all of them. */
const SHOWN_OTHERS = 6;
const LABEL_WIDTH = 9;
const INDENT = 2;

/** Commands begin further left than other text, so that most of them need no second line. */
const COMMAND_INDENT = 4;

/** Causes, best first: the best one in full, of the others the title. */
export function renderFindings(diagnosis: Clean<Diagnosis>, style: TextStyle): string[] {
  const { findings, verdict } = diagnosis;
  if (isFull(style)) {
    return findings.flatMap((finding, index) => [
      ...(index === 0 ? [] : ['']),
      ...renderFinding(finding, verdict, style),
    ]);
  }
  const [best, ...others] = findings;
  if (best === undefined) return [];
  const shown = others.slice(0, SHOWN_OTHERS);
  const rest = others.length - shown.length;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  return [
    ...renderFinding(best, verdict, style),
    ...(shown.length === 0 || style.detail === 'brief' ? [] : ['']),
    ...(style.detail === 'brief' ? [] : shown.flatMap((finding) => renderTitle(finding, style))),
    ...(style.detail === 'brief' ? [] : more),
    ...(shown.length === 0 || style.detail === 'brief'
      ? []
      : [paintOf(style).dim('  --explain shows what speaks for each of them')]),
  ];
}

function isFull({ detail }: TextStyle): boolean {
  return detail === 'verbose' || detail === 'explained';
}

function renderTitle({ certainty, title }: Finding, style: TextStyle): string[] {
  const paint = paintOf(style);
  const tone =
    certainty === 'possible' ? paint.dim : certainty === 'proved' ? paint.bad : paint.warn;
  const mark = certainty.padEnd('possible'.length + 1);
  return wrap(title, style.width - displayWidth(mark)).map((line, index) =>
    index === 0 ? tone(mark) + line : ' '.repeat(mark.length) + line,
  );
}

function renderFinding(finding: Finding, verdict: string, style: TextStyle): string[] {
  const paint = paintOf(style);
  const block = { width: style.width, indent: INDENT, labelWidth: LABEL_WIDTH, paint };
  const brief = style.detail === 'brief';
  const [title = '', ...more] = renderTitle(finding, style);
  return [
    paint.bold(title),
    ...more.map(paint.bold),
    // What the verdict has said already is not said again.
    ...(includesSentence(verdict, finding.says)
      ? []
      : renderParagraph(finding.says, { width: style.width, indent: INDENT })),
    ...(brief ? [] : renderEntries(evidenceOf(finding, style), block)),
    ...(brief ? finding.advice.slice(0, 1) : finding.advice).flatMap((step, index, { length }) =>
      renderAdvice(step, index === 0 ? 'do' : '', length > 1 ? `${index + 1}. ` : '', style),
    ),
    ...(brief ? [] : renderEntries(outlookOf(finding, style), block)),
  ];
}

function includesSentence(text: string, sentence: string): boolean {
  return text.toLowerCase().includes(sentence.toLowerCase().replace(/\.$/, ''));
}

function evidenceOf(finding: Finding, style: TextStyle): Entry[] {
  const { item } = glyphsOf(style);
  const list = (label: string, texts: readonly string[]): Entry[] =>
    texts.map((text, index) => ({
      label: index === 0 ? label : '',
      text: texts.length === 1 ? text : `${item} ${text}`,
    }));
  const evidence = finding.evidence.map(({ says, atMs }) =>
    atMs === null ? says : `${says} (at ${formatMs(atMs)} ms)`,
  );
  const shown = isFull(style) ? evidence : evidence.slice(0, SHOWN_EVIDENCE);
  return [...list('seen', shown), ...list('against', finding.against)];
}

function renderAdvice(step: Advice, label: string, number: string, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { warn } = glyphsOf(style);
  const block = { width: style.width, indent: INDENT, labelWidth: LABEL_WIDTH, paint };
  const left = ' '.repeat(COMMAND_INDENT);
  const where = step.where === null ? '' : `${placeOf(step.where)}: `;
  const command =
    step.command === null
      ? []
      : wrapCommand(step.command, style.width - COMMAND_INDENT - 2).map(
          (line, index) => `${left}${index === 0 ? paint.dim('>') : ' '} ${line}`,
        );
  const caution: Entry[] =
    step.caution === null ? [] : [{ label: '', text: `${warn} ${step.caution}`, tone: 'warn' }];
  return [
    ...renderEntries([{ label, text: `${number}${where}${step.do}` }], block),
    ...command,
    ...renderEntries(caution, block),
  ];
}

function placeOf(where: 'server' | 'client' | 'network'): string {
  return where === 'network' ? 'in the network' : `on the ${where}`;
}

function outlookOf(finding: Finding, style: TextStyle): Entry[] {
  const { nextCheck, mstsc, sources } = finding;
  const weights = isFull(style) ? weightsLine(finding) : null;
  const codes = mstsc.map(
    ({ code, extended, basis }) =>
      `${code}${extended === null ? '' : ` extended ${extended}`}${
        basis === 'inferred' ? ' (inferred)' : ''
      }`,
  );
  return [
    ...(weights === null ? [] : [{ label: 'weighs', text: weights }]),
    ...(nextCheck === null ? [] : [{ label: 'next', text: nextCheck }]),
    ...(codes.length === 0 ? [] : [{ label: 'mstsc', text: `shows error ${codes.join(', or ')}` }]),
    ...(style.detail === 'verbose'
      ? sources.map(({ title, url }, index) => ({
          label: index === 0 ? 'sources' : '',
          text: `${title} ${url}`,
        }))
      : []),
  ];
}
