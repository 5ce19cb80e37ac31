import type { DirectTlsReport, ScanReport, Weakness } from '../handshake/scan.js';
import type { ClientScan, CredSspState } from '../handshake/scan-clients.js';
import type { TlsScan } from '../handshake/scan-tls.js';
import type { Clean } from './clean.js';
import { formatDuration, plural } from './format.js';
import { type Entry, renderEntries, renderParagraph } from './text-block.js';
import { renderClients, renderCredSsp } from './text-scan-clients.js';
import { renderNegotiation } from './text-scan-negotiation.js';
import { renderRdpSecurity } from './text-scan-rdp.js';
import { renderTlsScan } from './text-scan-tls.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/** The parts of a scan that have renderers of their own; null: they were not asked for. */
export interface ScanParts {
  readonly tls: Clean<TlsScan> | null;
  readonly clients: Clean<ClientScan> | null;
  readonly credssp: Clean<CredSspState> | null;
}

/** What a scan found: what the server takes, what it refuses, what is weak, what is not known. */
export function renderScan(
  scan: Clean<ScanReport>,
  { tls, clients, credssp }: ScanParts,
  style: TextStyle,
): string[] {
  const parts: readonly (readonly string[])[] = [
    scan.negotiation === null ? [] : renderNegotiation(scan.negotiation, style),
    scan.rdpSecurity === null ? [] : renderRdpSecurity(scan.rdpSecurity, style),
    [
      ...(tls === null ? [] : [paintOf(style).bold('TLS'), ...renderTlsScan(tls, style)]),
      ...(scan.directTls === null ? [] : entries(directTlsOf(scan.directTls), style)),
    ],
    clients === null ? [] : renderClients(clients, style),
    credssp === null ? [] : renderCredSsp(credssp, style),
    // Where nothing was answered, nothing is known to be strong either.
    scan.negotiation === null ? [] : renderWeaknesses(scan.weaknesses, style),
    entries(limitsOf(scan), style),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function entries(list: readonly Entry[], style: TextStyle): string[] {
  return renderEntries(list, {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}

/** TLS at once, as labels and texts. */
export function directTlsOf({ says, version, cipher, waitedMs }: DirectTlsReport): Entry[] {
  const figures = [
    ...(version === null ? [] : [version]),
    ...(cipher === null ? [] : [cipher]),
    ...(waitedMs === null ? [] : [`waited ${formatDuration(waitedMs)}`]),
  ];
  const rest = figures.length === 0 ? '' : ` (${figures.join(', ')})`;
  return [{ label: 'direct TLS', text: `${says}${rest}` }];
}

/** A line for each, with the id that `--fail-on` takes. */
function renderWeaknesses(weaknesses: readonly Weakness[], style: TextStyle): string[] {
  const paint = paintOf(style);
  const { warn, good } = glyphsOf(style);
  if (weaknesses.length === 0) {
    return [paint.bold('weak settings'), paint.good(`${good} none was found`)];
  }
  const verbose = style.detail === 'verbose';
  const lines = weaknesses.flatMap(({ id, title, says }) => [
    ...renderParagraph(
      `${id}: ${title}`,
      { width: style.width, indent: 0, mark: warn },
      paint.warn,
    ),
    ...(verbose ? renderParagraph(says, { width: style.width, indent: 2 }, paint.dim) : []),
  ]);
  return [paint.bold('weak settings'), ...lines];
}

/** What was not learned, and what the scan cost. */
export function limitsOf(scan: Clean<ScanReport>): Entry[] {
  const { stopped, notTested, notMeasured, connections, most, tookMs } = scan;
  const partsByReason = new Map<string, string[]>();
  for (const [part, why] of Object.entries(notMeasured)) {
    partsByReason.set(why, [...(partsByReason.get(why) ?? []), NAMES[part] ?? part]);
  }
  const reasons = [...partsByReason].map(([why, parts]) => `${parts.join(', ')}: ${why}`);
  return [
    ...(stopped === null
      ? []
      : [{ label: 'stopped', text: stopped.says, tone: 'warn' } satisfies Entry]),
    ...[...reasons, ...notTested].map(
      (text, index): Entry => ({ label: index === 0 ? 'not asked' : '', text, tone: 'dim' }),
    ),
    {
      label: 'made',
      text: `${plural(connections, 'connection')} of at most ${most}, in ${formatDuration(tookMs)}`,
      tone: 'dim',
    },
  ];
}

/** How people call the parts of a scan. */
const NAMES: Readonly<Record<string, string>> = {
  negotiation: 'negotiation',
  rdpSecurity: 'standard RDP security',
  directTls: 'direct TLS',
  tls: 'TLS',
  clients: 'clients',
  credssp: 'CredSSP',
};
