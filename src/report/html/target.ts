import { decisiveOf } from '../../diagnose/decisive.js';
import type { Handshake } from '../../handshake/handshake.js';
import { type Clean, cleanStrings } from '../clean.js';
import { formatEndpoint, plural } from '../format.js';
import { notMeasuredOf } from '../not-measured.js';
import { type SheetTarget, standingWords } from '../sheet.js';
import type { ConnectionLine } from '../text-capture.js';
import { factsOf } from '../text-facts.js';
import { hostEntries } from '../text-host.js';
import { rdpFileEntries } from '../text-rdp-file.js';
import type { TextStyle } from '../text-style.js';
import { renderCertificates } from './certificates.js';
import { renderFindings } from './findings.js';
import { renderGateway } from './gateway.js';
import { renderLadder } from './ladder.js';
import { html, type Markup } from './markup.js';
import { definitions, section, table, toned, toneOfStanding, unorderedList } from './parts.js';
import { renderPath } from './path.js';
import { renderScan } from './scan.js';
import { renderStages } from './stages.js';

/** How the texts that this page shares with the terminal are to be: words, no colours, no width. */
const STYLE: TextStyle = { width: 1000, color: false, unicode: true, detail: 'normal' };
const CLEAN = { ascii: false };

const MAX_NOT_TESTED = 60;

/**
 * Everything about one target: verdict, causes, the connection, the path, the scan, and what is not
 * known.
 *
 * @param id begins the ids of its parts
 */
export function renderTarget(target: SheetTarget, id: string): Markup {
  // INVARIANT: nothing below sees a string that was not cleaned here.
  const diagnosis = cleanStrings(target.diagnosis, CLEAN);
  const path = target.diagnosis.path === null ? null : cleanStrings(target.diagnosis.path, CLEAN);
  const scan = target.diagnosis.scan === null ? null : cleanStrings(target.diagnosis.scan, CLEAN);
  const { rdpFile, host } = target.diagnosis;
  const facts = host === undefined ? null : cleanStrings(host, CLEAN);
  const file = rdpFile === undefined ? null : cleanStrings(rdpFile, CLEAN);
  const gateway =
    target.diagnosis.gateway === undefined ? null : cleanStrings(target.diagnosis.gateway, CLEAN);
  const shown = target.shown.map((handshake) => cleanStrings(handshake, CLEAN));
  const tone = toneOfStanding(target.standing);
  return html`<article id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${diagnosis.target}</h2>
<div class="verdict ${tone}"><p class="standing">${standingWords(target.standing)}</p><p class="sentence">${diagnosis.verdict}</p></div>
${renderFindings(diagnosis, id)}${gateway === null ? null : renderGateway(gateway, id, STYLE)}${shown.map(
  (handshake, index) => renderHandshake(handshake, shown, `${id}-${index}`),
)}${renderLines(target, id)}${renderAsked(target, id)}${
  path === null ? null : renderPath(path, id, STYLE)
}${scan === null ? null : renderScan(scan, id, STYLE)}${
  facts === null
    ? null
    : section(`${id}-host`, 'What was read on the host', definitions(hostEntries(facts)))
}${
  file === null
    ? null
    : section(`${id}-file`, 'The connection file', definitions(rdpFileEntries(file, STYLE)))
}${renderLimits(diagnosis.notTested, shown, id)}</article>
`;
}

function renderHandshake(
  handshake: Clean<Handshake>,
  all: readonly Clean<Handshake>[],
  id: string,
): Markup {
  const several = all.length > 1;
  const name = several ? `Connection ${handshake.id}: ` : '';
  const { server, outcome, startedAt } = handshake;
  const decides = several && decisiveOf(all, null) === handshake;
  return html`${section(`${id}-when`, titleOf(name, 'where the time went'), [
    html`<p class="sentence">${several ? html`<span class="bold">${formatEndpoint(server.address, server.port)}</span>: ` : null}${outcome.detail}${decides ? ' (this connection decides)' : ''}</p>
<p class="small">Began ${startedAt.slice(0, 19).replace('T', ' ')} UTC; ${sourceOf(handshake)}</p>
`,
    renderStages(handshake, id),
  ])}${section(`${id}-said`, titleOf(name, 'what was said'), renderLadder(handshake, id))}${section(
    `${id}-found`,
    titleOf(name, 'what the two sides revealed'),
    definitions(factsOf(handshake, several, STYLE)) ??
      html`<p>Nothing: no connection came about.</p>
`,
  )}${renderCertificates(handshake, id)}`;
}

function titleOf(name: string, words: string): string {
  return name === '' ? words.replace(/^./, (first) => first.toUpperCase()) : `${name}${words}`;
}

function sourceOf({ source }: Handshake): string {
  return source.kind === 'live'
    ? `made by this probe (${source.profile})`
    : `${source.file}, TCP stream ${source.stream}, packets ${source.firstPacket} to ${source.lastPacket}`;
}

/** Connections that are too many to be told one by one. */
function renderLines({ lines, count }: SheetTarget, id: string): Markup | null {
  if (lines.length === 0) return null;
  const clean: readonly ConnectionLine[] = lines.map(({ source, startedAt, outcome }) =>
    cleanStrings({ source, startedAt, outcome }, CLEAN),
  );
  return section(`${id}-connections`, `All ${plural(count, 'connection')}`, [
    table(
      'Connections with this target, in order of time',
      [
        { head: 'stream', kind: 'number' },
        { head: 'UTC', kind: 'word' },
        { head: 'stage', kind: 'word' },
        { head: 'what happened', kind: 'long' },
      ],
      clean.map(({ source, startedAt, outcome }) => [
        source.kind === 'capture' ? source.stream : '',
        startedAt.slice(11, 23),
        outcome.failedAt === null
          ? (outcome.reached ?? '')
          : toned(`died in ${outcome.failedAt}`, 'bad'),
        outcome.detail,
      ]),
    ),
    count > lines.length
      ? html`<p class="small">and ${count - lines.length} more: the JSON report has all of them</p>`
      : null,
  ]);
}

/** The questions that were asked after a failure. */
function renderAsked({ asked }: SheetTarget, id: string): Markup | null {
  if (asked.length === 0) return null;
  const clean = asked.map((handshake) => cleanStrings(handshake, CLEAN));
  return section(
    `${id}-asked`,
    'What was asked after the failure',
    table(
      'Further connections that separate the causes, and what came of each',
      [
        { head: 'connection', kind: 'number' },
        { head: 'why', kind: 'long' },
        { head: 'what came of it', kind: 'long' },
      ],
      clean.map(({ id: number, reason, outcome }) => [
        number,
        reason ?? 'another try',
        outcome.detail,
      ]),
    ),
  );
}

/** What this page does not say: what was not tried, and figures that could not be had. */
function renderLimits(
  notTested: readonly string[],
  shown: readonly Clean<Handshake>[],
  id: string,
): Markup | null {
  const reasons = notMeasuredOf(shown);
  if (notTested.length === 0 && reasons.length === 0) return null;
  return section(`${id}-limits`, 'What is not known', [
    notTested.length === 0
      ? null
      : html`<h4>Not tested</h4>
${unorderedList(notTested.slice(0, MAX_NOT_TESTED))}`,
    reasons.length === 0
      ? null
      : html`<h4>Not measured</h4>
${unorderedList(
  reasons.map(({ label, text }) => [text, html`<span class="dim">: ${label}</span>`]),
)}`,
  ]);
}
