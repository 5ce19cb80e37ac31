import type { PathReport } from '../../handshake/path.js';
import type { Clean } from '../clean.js';
import { formatDuration, plural } from '../format.js';
import { pathEntries } from '../text-path.js';
import type { TextStyle } from '../text-style.js';
import { html, type Markup } from './markup.js';
import { definitions, details, section, table } from './parts.js';
import { renderLatency } from './path-latency.js';
import { renderSizes } from './path-sizes.js';

/** Connections in the table; a measurement makes a few dozen. */
const MAX_ATTEMPTS = 150;

/** What the measurement of the path found. */
export function renderPath(path: Clean<PathReport>, id: string, style: TextStyle): Markup {
  return section(`${id}-path`, 'The path', [
    html`<p class="sentence">${path.verdict}</p>
`,
    path.advice === null
      ? null
      : html`<p><strong>To do:</strong> ${path.advice}</p>
`,
    renderSizes(path, id, style),
    renderLatency(path, id),
    html`<h4>Loss, UDP, and what it took</h4>
`,
    definitions(pathEntries(path, style)),
    attempts(path),
  ]);
}

function attempts({ attempts: all }: Clean<PathReport>): Markup | null {
  if (all.length === 0) return null;
  return details(
    `Every connection of the measurement: ${all.length}`,
    table(
      `${plural(all.length, 'connection')} of the measurement, in time order`,
      [
        { head: 'no.', kind: 'number' },
        { head: 'at', kind: 'number' },
        { head: 'for', kind: 'word' },
        { head: 'what came of it', kind: 'long' },
        { head: 'took', kind: 'number' },
      ],
      all
        .slice(0, MAX_ATTEMPTS)
        .map(({ atMs, tookMs, purpose, says, clampedMss }, index) => [
          index,
          formatDuration(atMs),
          purpose,
          clampedMss === null ? says : `MSS ${clampedMss}: ${says}`,
          formatDuration(tookMs),
        ]),
    ),
  );
}
