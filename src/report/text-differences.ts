import type { Handshake } from '../handshake/handshake.js';
import type { Clean } from './clean.js';
import { formatDuration, formatEndpoint } from './format.js';
import { renderTable } from './table.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { displayWidth, truncate } from './width.js';

/** One thing in which addresses of the same name can differ. */
interface Aspect {
  readonly name: string;
  of(handshake: Handshake): string;
}

const THUMBPRINT_SHOWN = 8;

const ASPECTS: readonly Aspect[] = [
  { name: 'outcome', of: outcomeOf },
  {
    name: 'protocol',
    of: ({ x224: { response } }) =>
      response.selectedProtocol?.name?.replace('PROTOCOL_', '') ??
      response.selectedProtocol?.value.toString() ??
      response.kind ??
      '',
  },
  { name: 'TLS', of: ({ tls }) => tls.version ?? '' },
  { name: 'thumbprint', of: thumbprintOf },
  {
    name: 'computer',
    of: ({ credssp: { ntlm } }) => ntlm?.netbiosComputerName ?? ntlm?.dnsComputerName ?? '',
  },
];

function outcomeOf({ outcome }: Handshake): string {
  switch (outcome.status) {
    case 'ok':
      return 'ok';
    case 'incomplete':
      return 'incomplete';
    case 'failed':
      return `${outcome.failedAt ?? 'unknown'}: ${outcome.how ?? 'failed'}`;
  }
}

function thumbprintOf({ tls }: Handshake): string {
  const [own] = tls.certificates;
  return own === undefined ? '' : (own.sha1 ?? own.sha256);
}

/** The addresses of one name side by side, and in what they differ. */
export function renderDifferences(
  handshakes: readonly Clean<Handshake>[],
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const { ellipsis } = glyphsOf(style);
  // An address that did not get that far does not differ in what comes after.
  const known = (aspect: Aspect) => handshakes.map(aspect.of).filter((text) => text !== '');
  const differing = ASPECTS.filter((aspect) => new Set(known(aspect)).size > 1);
  const shown = (aspect: Aspect, handshake: Handshake): string => {
    const text = aspect.of(handshake);
    if (aspect.name === 'thumbprint') return text.slice(0, THUMBPRINT_SHOWN);
    return text;
  };
  const heads = ['address', ...ASPECTS.map(({ name }) => name), 'RTT'];
  const rows = handshakes.map((handshake) => [
    formatEndpoint(handshake.server.address, null),
    ...ASPECTS.map((aspect) => shown(aspect, handshake)),
    handshake.tcp.rttMs === null ? '' : formatDuration(handshake.tcp.rttMs),
  ]);
  const widths = shareWidth(heads, rows, style.width);
  const table = renderTable(
    heads.map((head, index) => ({
      head: paint.dim(truncate(head, widths[index] ?? 0, ellipsis)),
      align: 'left',
      width: widths[index] ?? null,
    })),
    rows.map((row) =>
      row.map((cell, index) => {
        const short = truncate(cell, widths[index] ?? 0, ellipsis);
        const name = heads[index];
        return differing.some((aspect) => aspect.name === name) ? paint.warn(short) : short;
      }),
    ),
  );
  const names = differing.map(({ name }) => name).join(', ');
  return [
    ...table,
    differing.length === 0 ? 'they do not differ' : paint.warn(`they differ in: ${names}`),
  ];
}

/** Column widths that fit: the widest columns give way first. */
export function shareWidth(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = heads.map((head, index) =>
    Math.max(displayWidth(head), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  const room = width - 2 * (heads.length - 1);
  for (;;) {
    const used = widths.reduce((sum, each) => sum + each, 0);
    const widest = Math.max(...widths);
    if (used <= room || widest <= 4) return widths;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}
