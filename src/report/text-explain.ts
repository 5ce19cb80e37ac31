import { likeliest } from '../diagnose/explain-candidates.js';
import type { Candidate, CauseStage, Explanation, Reading } from '../diagnose/explanation.js';
import type { Clean } from './clean.js';
import { type BlockOptions, type Entry, renderEntries, renderParagraph } from './text-block.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { wrapCommand } from './width.js';

const INDENT = 2;
const LABEL_WIDTH = 9;
/** Of the others so many get a line at each stage. */
const SHOWN_AT_STAGE = 3;
const SHOWN_SOURCES = 3;
/** Commands begin further left than other text, so that most of them need no second line. */
const COMMAND_INDENT = 4;

const STAGE_NAMES: Readonly<Record<CauseStage, string>> = {
  resolve: 'resolve',
  tcp: 'tcp',
  x224: 'x224',
  tls: 'tls',
  credssp: 'credssp',
  mcs: 'mcs',
  session: 'session',
  gateway: 'gateway',
};

const STAGE_ORDER = Object.keys(STAGE_NAMES) as readonly CauseStage[];

export function renderExplanation(explanation: Clean<Explanation>, style: TextStyle): string[] {
  const { readings, pair, causes, claims, codes } = explanation;
  const [first, ...others] = readings;
  const blocks: string[][] = [];
  if (pair !== null) {
    blocks.push(
      ...readings.map((reading) => [
        ...renderHead(reading, style, false),
        ...renderEntries(sourceEntries(reading.sources, style), block(style)),
      ]),
      renderPair(explanation, style),
    );
  } else if (first !== undefined) {
    blocks.push(renderReading(first, style));
    if (others.length > 0) blocks.push(renderOthers(others, style));
  } else {
    blocks.push(renderCauses(`Causes that '${explanation.query}' names`, causes, style));
  }
  if (codes.length > 0) blocks.push(renderCodes(codes, style));
  if (claims.length > 0) blocks.push(renderClaims(claims, style));
  blocks.push(renderNext(explanation, style));
  return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function renderTitle(title: string, style: TextStyle): string[] {
  return renderParagraph(title, { width: style.width, indent: 0 }, paintOf(style).bold);
}

function block(style: TextStyle): BlockOptions {
  return { width: style.width, indent: INDENT, labelWidth: LABEL_WIDTH, paint: paintOf(style) };
}

/** What the code is, and what is officially meant by it. */
function renderHead(reading: Reading, style: TextStyle, withNote: boolean): string[] {
  const { bold } = paintOf(style);
  const decimal = String(reading.code);
  // Nobody needs to be told that 0x7 is 7.
  const number = reading.shown === decimal || decimal.length === 1 ? '' : ` (${decimal})`;
  const name = reading.name === null ? '' : ` ${reading.name}`;
  // What limits the title comes after the number: `mstsc error code 0xB09, not in the table`.
  const [title = '', ...remarks] = reading.title.split(', ');
  const head = [`${title} ${reading.shown}${number}${name}`, ...remarks].join(', ');
  const standing =
    reading.standing === 'documented'
      ? { label: 'means', text: reading.meaning }
      : {
          label: 'said',
          text: `${reading.meaning} Collected by others: no official text says so.`,
        };
  return [
    ...renderParagraph(head, { width: style.width, indent: 0 }, bold),
    ...renderEntries(
      [
        standing,
        { label: 'seen in', text: reading.appears },
        ...(reading.note === null || !withNote ? [] : [{ label: 'note', text: reading.note }]),
      ],
      block(style),
    ),
  ];
}

function renderReading(reading: Reading, style: TextStyle): string[] {
  const { causes, sources, family } = reading;
  // How the numbers of mstsc are made up helps few; what limits another family helps all.
  const withNote = family !== 'disconnect' || style.detail === 'verbose';
  return [
    ...renderHead(reading, style, withNote),
    ...renderEntries(sourceEntries(sources, style), block(style)),
    ...(causes.length === 0
      ? renderEntries(
          [{ label: 'causes', text: 'none of the catalogue: it is no sign of a fault by itself.' }],
          block(style),
        )
      : ['', ...renderCauses('What can stand behind it', causes, style)]),
  ];
}

function sourceEntries(sources: Reading['sources'], style: TextStyle): Entry[] {
  const shown = style.detail === 'verbose' ? sources : sources.slice(0, SHOWN_SOURCES);
  return shown.map(({ title, url }, index) => ({
    label: index === 0 ? 'source' : '',
    text: style.detail === 'verbose' ? `${title} ${url}` : title,
  }));
}

function renderPair(explanation: Clean<Explanation>, style: TextStyle): string[] {
  const { readings, pair } = explanation;
  if (pair === null) return [];
  const second = readings[1];
  const extended = second?.causes ?? [];
  return [
    ...renderTitle('The two together', style),
    ...renderParagraph(pair.says, { width: style.width, indent: INDENT }),
    '',
    ...renderCauses('What can stand behind it', causesOf(explanation), style),
    ...(extended.length === 0 || pair.documented
      ? []
      : [
          '',
          ...renderCauses(
            `What the extended code ${second?.shown ?? ''} stands for`,
            extended,
            style,
          ),
        ]),
  ];
}

/** The likeliest in full, the others by stage. */
function renderCauses(title: string, causes: readonly Candidate[], style: TextStyle): string[] {
  const full = style.detail === 'verbose' ? causes : likeliest(causes);
  const rest = causes.filter((cause) => !full.includes(cause));
  const how =
    full.length === 0
      ? 'The code names none of these. By the stage at which each would be seen:'
      : 'Further ones, by the stage at which each would be seen:';
  return [
    ...renderTitle(title, style),
    ...full.flatMap((cause) => renderCandidate(cause, style)),
    ...(rest.length === 0
      ? []
      : [
          ...renderParagraph(how, { width: style.width, indent: INDENT }),
          ...STAGE_ORDER.flatMap((stage) => renderStage(stage, rest, style)),
        ]),
  ];
}

function renderCandidate(cause: Candidate, style: TextStyle): string[] {
  const { item } = glyphsOf(style);
  const how = cause.basis === null || cause.basis === 'documented' ? '' : ` (${cause.basis})`;
  const command = cause.command;
  return [
    ...renderParagraph(`${STAGE_NAMES[cause.stage]}: ${cause.title}${how}`, {
      width: style.width,
      indent: INDENT,
      mark: item,
    }),
    ...renderEntries(
      [
        ...(cause.nextCheck === null ? [] : [{ label: '  tell by', text: cause.nextCheck }]),
        ...(command === null
          ? []
          : [
              {
                label: '',
                text: `on the ${placeOf(cause)}${command.shows === null ? '' : ` (${command.shows})`}:`,
              },
            ]),
      ],
      { ...block(style), labelWidth: LABEL_WIDTH + 1 },
    ),
    ...(command === null ? [] : renderCommand(command.run, style)),
  ];
}

function renderCommand(command: string, style: TextStyle): string[] {
  const { dim } = paintOf(style);
  const left = ' '.repeat(COMMAND_INDENT);
  return wrapCommand(command, style.width - COMMAND_INDENT - 2).map(
    (line, index) => `${left}${index === 0 ? dim('>') : ' '} ${line}`,
  );
}

/** What is a server to the others is the gateway on its way. */
function placeOf({ stage, command }: Candidate): string {
  return stage === 'gateway' && command?.where === 'server' ? 'gateway' : (command?.where ?? '');
}

function renderStage(stage: CauseStage, causes: readonly Candidate[], style: TextStyle): string[] {
  const here = causes.filter((cause) => cause.stage === stage);
  if (here.length === 0) return [];
  const shown = here.slice(0, SHOWN_AT_STAGE);
  const more = here.length - shown.length;
  return renderEntries(
    [
      ...shown.map(({ title }, index) => ({
        label: index === 0 ? `  ${STAGE_NAMES[stage]}` : '',
        text: title,
      })),
      ...(more > 0
        ? [{ label: '', text: `and ${more} more (--verbose)`, tone: 'dim' as const }]
        : []),
    ],
    { ...block(style), labelWidth: LABEL_WIDTH + 2 },
  );
}

/** What else the number can mean, a line or two each. */
function renderOthers(readings: readonly Reading[], style: TextStyle): string[] {
  const { dim } = paintOf(style);
  const { item } = glyphsOf(style);
  return [
    ...renderTitle('The number has other meanings', style),
    ...readings.flatMap((reading) => [
      ...renderParagraph(
        `${reading.title}${reading.name === null ? '' : ` ${reading.name}`}: ${reading.meaning}`,
        { width: style.width, indent: INDENT, mark: item },
      ),
      `${' '.repeat(INDENT + 2)}${dim(reading.ask)}`,
    ]),
  ];
}

function renderCodes(codes: Explanation['codes'], style: TextStyle): string[] {
  return [
    ...renderTitle('Codes that speak of it', style),
    ...renderEntries(
      codes.map(({ title, shown, name }) => ({
        label: shown,
        text: `${title}${name === null ? '' : ` ${name}`}`,
      })),
      { ...block(style), labelWidth: 12 },
    ),
  ];
}

const VERDICTS = {
  wrong: 'wrong',
  unfounded: 'nothing official says so',
  partly: 'in part',
  holds: 'it holds',
} as const;

function renderClaims(claims: Explanation['claims'], style: TextStyle): string[] {
  const { item } = glyphsOf(style);
  return [
    ...renderTitle('Folklore: what pages on the web say of it', style),
    ...claims.flatMap(({ claim, verdict, judgement }) =>
      renderParagraph(`"${claim}": ${VERDICTS[verdict]}. ${judgement}`, {
        width: style.width,
        indent: INDENT,
        mark: item,
      }),
    ),
  ];
}

/** What tells the causes apart, and where more is written. */
function renderNext(explanation: Clean<Explanation>, style: TextStyle): string[] {
  const { dim } = paintOf(style);
  const { apart, read } = explanation;
  const label = causesOf(explanation).length === 1 ? 'confirm' : 'apart';
  const lines = [
    ...apart.flatMap(({ command, tells }, index) => [
      ...renderEntries([{ label: index === 0 ? label : '', text: `${tells}:` }], block(style)),
      ...renderCommand(command, style),
    ]),
    ...(read === null ? [] : renderEntries([{ label: 'read', text: read }], block(style))),
  ];
  return [
    ...(lines.length === 0 ? [] : renderTitle('Next', style)),
    ...lines,
    ...(style.detail === 'verbose' ? [] : [dim('  --verbose shows every cause and source')]),
  ];
}

/** Those that are told first. */
function causesOf({ pair, readings, causes }: Clean<Explanation>): readonly Candidate[] {
  if (pair?.documented === true) return pair.causes;
  return readings[0]?.causes ?? causes;
}
