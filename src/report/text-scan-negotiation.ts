import type { Conclusion, NegotiationReport, OfferAnswer } from '../handshake/scan.js';
import { answerText, offerText } from '../handshake/scan-words.js';
import { renderTable } from './table.js';
import { type Entry, renderEntries } from './text-block.js';
import { glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';
import { truncate } from './width.js';

const LABEL_WIDTH = 13;

/** The matrix: each offer and the answer to it; below it what they come to. */
export function renderNegotiation(report: NegotiationReport, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { ellipsis } = glyphsOf(style);
  const rows = report.offers.map((one) => rowOf(one));
  const width = (column: number, head: string): number =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0));
  const room = style.width - 4;
  const offerWidth = Math.min(
    width(0, 'offered'),
    Math.max(room >> 1, room - width(1, 'answered')),
  );
  const answerWidth = room - offerWidth;
  const table = renderTable(
    [
      { head: '  offered', align: 'left', width: offerWidth + 2 },
      { head: 'answered', align: 'left', width: answerWidth },
    ],
    report.offers.map((one, index) => {
      const [offer = '', answer = ''] = rows[index] ?? [];
      const mark = markOf(one, style);
      return [
        `${mark.paint(mark.glyph)} ${truncate(offer, offerWidth, ellipsis)}`,
        truncate(answer, answerWidth, ellipsis),
      ];
    }),
  );
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint };
  const [head = '', ...lines] = table;
  return [
    paint.bold('negotiation'),
    paint.dim(head),
    ...lines,
    ...renderEntries(conclusionsOf(report, style), block),
  ];
}

function rowOf(one: OfferAnswer): readonly [string, string] {
  return [offerText(one), answerText(one)];
}

function markOf(
  { answer, mcs }: OfferAnswer,
  style: TextStyle,
): { glyph: string; paint: (text: string) => string } {
  const paint = paintOf(style);
  const { good, bad, pending, none } = glyphsOf(style);
  switch (answer) {
    case 'selected':
    case 'not-negotiated':
      return mcs === 'ended' || mcs === 'silence'
        ? { glyph: bad, paint: paint.warn }
        : { glyph: good, paint: paint.good };
    case 'failure':
    case 'refused':
      return { glyph: none, paint: paint.dim };
    case 'closed':
    case 'reset':
    case 'not-rdp':
    case 'malformed':
      return { glyph: bad, paint: paint.warn };
    case 'silence':
    case 'no-connection':
      return { glyph: pending, paint: paint.warn };
  }
}

const LAYER_WORDS = {
  'nla-only': 'NLA only',
  'tls-or-nla': 'TLS, with or without NLA',
  'tls-only': 'TLS only, no NLA',
  negotiate: 'negotiated: standard RDP security is taken too',
  'rdp-only': 'standard RDP security only',
  'no-certificate': 'meant to be TLS, and has no usable certificate',
  'no-negotiation': 'none negotiated: standard RDP security',
} as const;

/** What the answers come to, as labels and texts. */
export function conclusionsOf(
  { conclusions }: NegotiationReport,
  style: Pick<TextStyle, 'detail'>,
): Entry[] {
  const { layer, nla, offers, answers, extras } = conclusions;
  const verbose = style.detail === 'verbose';
  const basis = (one: Conclusion<string>): string => (verbose ? `; ${one.says}` : '');
  const words = layer.value === null ? `not known: ${layer.says}` : LAYER_WORDS[layer.value];
  const asides = asidesOf(conclusions);
  return [
    { label: 'layer', text: `${words}${layer.value === null ? '' : basis(layer)}` },
    {
      label: 'NLA',
      text: nla.value === null ? `not known: ${nla.says}` : `${nla.value}${basis(nla)}`,
      ...toneOf(nla.value === 'required' ? 'good' : nla.value === null ? 'dim' : 'warn'),
    },
    ...(offers.value === 'ignored'
      ? [{ label: 'note', text: `ignores what was offered: ${offers.says}`, ...toneOf('warn') }]
      : []),
    ...(answers.value === 'differ'
      ? [{ label: 'note', text: `answers differ: ${answers.says}`, ...toneOf('warn') }]
      : []),
    ...(extras.value === 'matter'
      ? [{ label: 'note', text: `extras change the answer: ${extras.says}`, ...toneOf('warn') }]
      : []),
    ...(asides.length === 0 ? [] : [{ label: 'flags', text: asides.join(', ') }]),
  ];
}

function toneOf(tone: keyof Paint): { readonly tone: keyof Paint } {
  return { tone };
}

/** What else is taken or advertised. */
function asidesOf(conclusions: NegotiationReport['conclusions']): readonly string[] {
  const { rdstls, rdsAad, restrictedAdmin, redirectedAuthentication } = conclusions;
  return [
    ...(restrictedAdmin.value === 'advertised' ? ['restricted admin supported'] : []),
    ...(redirectedAuthentication.value === 'advertised'
      ? ['redirected authentication supported']
      : []),
    ...(rdstls.value === 'selected' ? ['RDSTLS taken'] : []),
    ...(rdsAad.value === 'selected' ? ['RDS-AAD taken'] : []),
  ];
}
