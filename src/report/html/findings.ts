import type { Advice, Certainty, Diagnosis, Finding } from '../../diagnose/finding.js';
import type { Clean } from '../clean.js';
import { formatMs, plural } from '../format.js';
import { weightsLine } from '../weights.js';
import { html, link, type Markup } from './markup.js';
import { section, type Tone, unorderedList } from './parts.js';

/** Findings that are told; the catalogue has about a hundred causes. */
const MAX_FINDINGS = 25;
const MAX_EVIDENCE = 20;
const MAX_PACKETS = 8;

/** The causes, best first: the best one open, the others for those who ask. */
export function renderFindings({ findings }: Clean<Diagnosis>, id: string): Markup {
  const [best, ...others] = findings.slice(0, MAX_FINDINGS);
  const left = findings.length - MAX_FINDINGS;
  const content =
    best === undefined
      ? html`<p>No documented cause applies: nothing wrong was found.</p>
`
      : html`<div class="finding"><h4>${heading(best)}</h4>
${body(best)}</div>
${
  others.length === 0
    ? null
    : html`<p class="small">${plural(others.length, 'other cause')}${others.length > 1 ? ', the likelier first' : ''}:</p>
`
}${others.map(
  (finding) => html`<details class="finding"><summary>${heading(finding)}</summary>
${body(finding)}</details>
`,
)}${left > 0 ? html`<p class="small">and ${left} more: the JSON report has all of them</p>` : null}`;
  return section(`${id}-why`, 'Why', content);
}

function heading({ certainty, title }: Finding): Markup {
  return html`<span class="certainty ${toneOf(certainty)}">${certainty}</span><span class="bold">${title}</span>`;
}

function toneOf(certainty: Certainty): Tone {
  switch (certainty) {
    case 'proved':
      return 'bad';
    case 'likely':
      return 'warn';
    case 'possible':
      return 'dim';
  }
}

function body(finding: Finding): Markup {
  const { says, evidence, against, advice, nextCheck, mstsc, sources, cause } = finding;
  const weights = weightsLine(finding);
  const codes = mstsc.map(
    ({ code, extended, basis }) =>
      html`error ${code}${extended === null ? '' : `, extended ${extended}`}${basis === 'inferred' ? ' (inferred)' : ''}`,
  );
  return html`<p>${says}</p>
${part(
  'What was seen',
  unorderedList(
    evidence
      .slice(0, MAX_EVIDENCE)
      .map(({ says: seen, atMs, packets }) => [
        seen,
        html` <span class="dim">${[
          ...(atMs === null ? [] : [`at ${formatMs(atMs)} ms`]),
          ...(packets.length === 0 ? [] : [packetsOf(packets)]),
        ].join(', ')}</span>`,
      ]),
  ),
)}${part('What speaks against it', unorderedList(against.slice(0, MAX_EVIDENCE)))}${part(
  'What to do',
  advice.length === 0
    ? null
    : html`<ol>${advice.map((step) => html`<li>${renderStep(step)}</li>`)}</ol>
`,
)}${part(
  'The next check',
  nextCheck === null
    ? null
    : html`<p>${nextCheck}</p>
`,
)}${part('What mstsc shows', unorderedList(codes))}${part(
  'Sources',
  sources.length === 0
    ? null
    : html`<ul class="sources">${sources.map(({ title, url }) => html`<li>${link(title, url)}</li>`)}</ul>
`,
)}<p class="small">Cause <code>${cause}</code>${weights === null ? '' : html`, by ${weights}`}</p>
`;
}

function packetsOf(packets: readonly number[]): string {
  const more = packets.length > MAX_PACKETS ? ' ...' : '';
  return `packet${packets.length === 1 ? '' : 's'} ${packets.slice(0, MAX_PACKETS).join(', ')}${more}`;
}

function part(title: string, content: Markup | null): Markup | null {
  return content === null
    ? null
    : html`<p class="part">${title}</p>
${content}`;
}

function renderStep({ do: what, command, where, caution }: Advice): Markup {
  const place =
    where === null
      ? null
      : html`<strong>${where === 'network' ? 'In the network' : `On the ${where}`}:</strong> `;
  return html`${place}${what}${command === null ? null : html`<pre>${command}</pre>`}${
    caution === null ? null : html`<p class="warn"><strong>Caution:</strong> ${caution}</p>`
  }`;
}
