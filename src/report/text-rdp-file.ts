import type { RdpFileReport, RdpFileSetting } from '../handshake/rdp-file.js';
import type { Clean } from './clean.js';
import { formatList } from './format.js';
import { type Entry, renderEntries } from './text-block.js';
import { paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;
/** Names of settings without bearing on the handshake; --verbose and JSON have all of them. */
const SHOWN_IGNORED = 3;

/** What an `.rdp` file said, what of it was followed, and what was not. */
export function renderRdpFile(file: Clean<RdpFileReport>, style: TextStyle): string[] {
  return renderEntries(rdpFileEntries(file, style), {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}

/** The same as labels and texts. */
export function rdpFileEntries(file: Clean<RdpFileReport>, style: TextStyle): readonly Entry[] {
  const shown = style.detail === 'verbose' ? file.ignored.length : SHOWN_IGNORED;
  return [
    { label: 'read', text: `${file.file} (${file.encoding})` },
    ...list('followed', file.used.map(tell)),
    ...list('not followed', file.told.map(tell), 'warn'),
    ...list('problem', file.problems, 'warn'),
    ...(file.ignored.length === 0
      ? []
      : [
          {
            label: 'ignored',
            text: `${formatList(file.ignored, shown)}: of no bearing on the handshake`,
            tone: 'dim' as const,
          },
        ]),
  ];
}

function list(label: string, texts: readonly string[], tone?: Entry['tone']): readonly Entry[] {
  return texts.map((text, index) => ({
    label: index === 0 ? label : '',
    text,
    ...(tone === undefined ? {} : { tone }),
  }));
}

function tell({ name, value, says }: RdpFileSetting): string {
  return value === '' ? `${name}: ${says}` : `${name} ${value}: ${says}`;
}
