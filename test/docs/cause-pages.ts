import { CAUSES, type CauseId } from '../../src/diagnose/catalogue/catalogue.js';
import type { Advice, Cause, MstscSign } from '../../src/diagnose/catalogue/cause.js';
import { CLAIMS, type ClaimVerdict } from '../../src/diagnose/catalogue/claims.js';
import { CODE_TABLES } from '../../src/diagnose/catalogue/code-tables.js';
import { DECISION_TABLE } from '../../src/diagnose/catalogue/decision-table.js';
import { SIGNALS, type SignalId } from '../../src/diagnose/catalogue/signals.js';
import { SOURCES } from '../../src/diagnose/catalogue/sources.js';
import { WINDOWS_EVENTS } from '../../src/diagnose/catalogue/windows-events.js';
import { STAGE_ORDER, stageOf } from '../../src/diagnose/explain-candidates.js';
import type { CauseStage } from '../../src/diagnose/explanation.js';
import { HOST_BLOCKS } from '../../src/diagnose/host-blocks.js';

/* The pages of docs/causes, from the catalogue alone. `npm run docs` writes them. */

const IDS = Object.keys(CAUSES) as readonly CauseId[];

const STAGE_TITLES: Readonly<Record<CauseStage, string>> = {
  resolve: 'resolve: the name',
  tcp: 'tcp: the connection',
  x224: 'x224: the negotiation',
  tls: 'tls: the TLS handshake and the certificate',
  credssp: 'credssp: the logon before the session (NLA)',
  mcs: 'mcs: the channels, licensing and the broker',
  session: 'session: after the logon',
  gateway: 'gateway: through an RD Gateway',
};

const OBSERVABLE: Readonly<Record<Cause['remotelyObservable'], string>> = {
  yes: 'yes',
  partly: 'in part: the host has to confirm it',
  no: 'no: only the host, or the client itself, shows it',
};

const BASIS: Readonly<Record<Cause['confidence']['signatureBasis'], string>> = {
  spec: 'an open specification defines what is on the wire',
  'vendor-doc': 'Microsoft documents cause and symptom; what is on the wire is derived from that',
  'project-issue': 'an issue of a project or a field report',
  'protocol-inference': 'derived from the order of the protocol; written down nowhere',
};

const VERDICTS: Readonly<Record<ClaimVerdict, string>> = {
  holds: 'holds',
  partly: 'holds in part',
  unfounded: 'nothing official says so',
  wrong: 'wrong',
};

/** Every page, by its file name. */
export function causePages(): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage()],
    ...IDS.map((id) => [`${id}.md`, causePage(id)] as const),
  ]);
}

function causePage(id: CauseId): string {
  const cause: Cause = CAUSES[id];
  return page([
    `# ${plain(cause.title)}`,
    `\`${id}\`, stage **${stageOf(cause)}** (${plain(cause.failurePoint)}${cause.alsoSeenAt.length === 0 ? '' : `; also ${cause.alsoSeenAt.join(', ')}`})`,
    '## What you see',
    plain(cause.wireSignature),
    ...mstscPart(cause.mstsc),
    '## Why it happens',
    plain(cause.summary),
    '## How the tool knows',
    `Visible from outside: ${OBSERVABLE[cause.remotelyObservable]}. What is seen leads to this cause ` +
      `${ADVERBS[cause.confidence.signatureImpliesCause]}: ${plain(lowerFirst(cause.confidence.note))}`,
    list([
      ...Object.entries(cause.signalWeights).map(
        ([signal, weight]) => `\`${signal}\` (${weight}): ${plain(SIGNALS[signal as SignalId])}`,
      ),
      ...Object.entries(cause.counterSignals ?? {}).map(
        ([signal, weight]) =>
          `\`${signal}\` (${weight === 'rules-out' ? 'rules it out' : 'speaks against it'}): ${plain(SIGNALS[signal as SignalId])}`,
      ),
      ...cause.discriminators.map((each) => `to tell it from its neighbours: ${plain(each)}`),
    ]),
    `Founded on: ${BASIS[cause.confidence.signatureBasis]}.`,
    ...(cause.nextCheck === null ? [] : [`The one check: ${code(cause.nextCheck)}`]),
    ...codesPart(id),
    ...hostPart(id, cause),
    '## What to do',
    numbered(cause.advice.map(adviceText)),
    ...(cause.more.length === 0 ? [] : ['Further:', list(cause.more.map(plain))]),
    ...(cause.caution === null ? [] : ['## Cautions', code(cause.caution)]),
    ...claimsPart(id),
    ...(cause.unverified.length === 0
      ? []
      : ['## Not verified', list(cause.unverified.map(plain))]),
    '## Sources',
    list(
      cause.sources.map((key) => {
        const { title, url } = SOURCES[key];
        return `[${plain(title)}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
      }),
    ),
    MADE,
  ]);
}

const ADVERBS = { strong: 'firmly', moderate: 'fairly well', weak: 'weakly' } as const;

const MADE =
  '*Made from the catalogue by `npm run docs`: change `src/diagnose/catalogue/`, not this page.*';

function mstscPart(signs: readonly MstscSign[]): readonly string[] {
  if (signs.length === 0) return [];
  return ['What mstsc shows:', list(signs.map(mstscText))];
}

function mstscText({ code: shown, extended, basis, says }: MstscSign): string {
  const number =
    shown === null && extended === null
      ? null
      : `error ${[shown, extended === null ? null : `extended ${extended}`].filter((each) => each !== null).join(', ')}`;
  const how = {
    documented: 'documented',
    inferred: 'inferred: one way to get the code',
    reported: 'reported; no official text says so',
  }[basis];
  return (
    [number, says === null ? null : plain(says)].filter((each) => each !== null).join(': ') +
    ` (${how})`
  );
}

/** The codes and events that name the cause. */
function codesPart(id: CauseId): readonly string[] {
  const codes = [
    ...CODE_TABLES.flatMap(({ title, codes: entries, key }) =>
      entries
        .filter(({ causes }) => causes.includes(id))
        .map(({ code: number, name }) => {
          const shown = key === 'alert' || key === 'negotiation' ? `${number}` : hex(number);
          return `${title} ${shown}${name === null ? '' : ` \`${name}\``}`;
        }),
    ),
    ...WINDOWS_EVENTS.filter(({ causes }) => causes.includes(id)).map(
      ({ code: number, log, provider }) =>
        `Windows event ${number} (${log}${provider === null ? '' : `, ${provider}`})`,
    ),
  ];
  return codes.length === 0 ? [] : ['Codes that point here:', list(codes)];
}

function hex(number: number): string {
  return number < 0 ? String(number) : `0x${number.toString(16).toUpperCase()}`;
}

function hostPart(id: CauseId, { hostChecks, phase }: Cause): readonly string[] {
  if (hostChecks.length === 0) return [];
  const isRead = HOST_BLOCKS.some(({ causes }) => causes.includes(id));
  const places = (['server', 'client'] as const).filter((place) =>
    hostChecks.some(({ where }) => where === place),
  );
  return [
    '## How to confirm on the host',
    ...places.flatMap((place) => {
      const here = hostChecks.filter(({ where }) => where === place);
      const looks = here.filter(({ command }) => command === null);
      const commands = here.flatMap(({ command, shows }) =>
        command === null ? [] : [shows === null ? command : `# ${shows}\n${command}`],
      );
      return [
        `On the ${place === 'server' && phase === 'gateway' ? 'gateway' : place}${commands.length === 0 ? '' : ', in an elevated PowerShell; nothing is changed'}:`,
        ...(commands.length === 0 ? [] : [`\`\`\`powershell\n${commands.join('\n')}\n\`\`\``]),
        ...(looks.length === 0
          ? []
          : [list(looks.map(({ shows }) => `look at: ${plain(shows ?? '')}`))]),
      ];
    }),
    ...(isRead
      ? [
          `As a script whose output \`rdp-probe diagnose --host-facts\` reads: \`rdp-probe host-checks ${id}\`.`,
        ]
      : []),
  ];
}

function adviceText({ do: what, command, where, caution }: Advice): string {
  const place =
    where === null ? '' : where === 'network' ? 'In the network: ' : `On the ${where}: `;
  const lines = [`${place}${code(what)}`];
  if (command !== null) lines.push('', '```powershell', command, '```');
  if (caution !== null) lines.push('', `**Caution:** ${code(caution)}`);
  return lines.join('\n');
}

function claimsPart(id: CauseId): readonly string[] {
  const claims = CLAIMS.filter(({ causes }) => causes.includes(id));
  if (claims.length === 0) return [];
  return [
    '## What is said on the web',
    list(
      claims.map(
        ({ claim, verdict, judgement }) =>
          `"${plain(claim)}": **${VERDICTS[verdict]}**. ${code(judgement)}`,
      ),
    ),
  ];
}

function indexPage(): string {
  return page([
    '# The causes, by stage',
    `${IDS.length} documented causes of a failed or ended RDP connection. The stage is the one at which ` +
      '`rdp-probe check` would see it; `rdp-probe explain` leads here from a code or a word.',
    ...STAGE_ORDER.flatMap((stage) => [
      `## ${STAGE_TITLES[stage]}`,
      list(
        IDS.filter((id) => stageOf(CAUSES[id]) === stage).map(
          (id) => `[${plain(CAUSES[id].title)}](${id}.md)`,
        ),
      ),
    ]),
    '## From what is seen to the causes',
    'Best candidate first. A picture narrows the candidates; the log of the host proves the cause.',
    table(
      ['where', 'what is seen', 'causes'],
      DECISION_TABLE.map(({ at, sees, causes }) => [
        at,
        plain(sees),
        causes.map((id) => `[${id}](${id}.md)`).join(', '),
      ]),
    ),
    '## What pages on the web say, and what of it holds',
    'From three pages on 0x904 / 0x7 that name no sources.',
    table(
      ['what is said', 'verdict', 'what is to be said of it', 'causes'],
      CLAIMS.map(({ claim, verdict, judgement, causes }) => [
        plain(claim),
        VERDICTS[verdict],
        code(judgement),
        causes.map((id) => `[${id}](${id}.md)`).join(', '),
      ]),
    ),
    MADE,
  ]);
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function numbered(items: readonly string[]): string {
  return items
    .map((item, index) => {
      const mark = `${index + 1}. `;
      return (
        mark + item.replaceAll('\n', `\n${' '.repeat(mark.length)}`).replaceAll(/\n +(?=\n)/g, '\n')
      );
    })
    .join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text without code in it: nothing of it is Markdown. */
function plain(text: string): string {
  // A backslash of a path is one as it is; an underscore within a word too.
  return text.replaceAll(/[*`<[\]]|\\(?=[!-/:-@[-`{-~])|(?<!\w)_|_(?!\w)/g, '\\$&');
}

/** The same for text that has commands between backticks. */
function code(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : plain(part)))
    .join('');
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
