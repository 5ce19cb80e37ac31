import type { HostSummary } from '../diagnose/finding.js';
import type { Clean } from './clean.js';
import { type Entry, renderEntries } from './text-block.js';
import { paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/** Whose facts moved the findings, and what could not be read there. */
export function renderHost(host: Clean<HostSummary>, style: TextStyle): string[] {
  return renderEntries(hostEntries(host), {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}

/** The same as labels and texts. */
export function hostEntries(host: Clean<HostSummary>): readonly Entry[] {
  const { computer, takenAt, match, says, problems } = host;
  return [
    {
      label: 'read on',
      text: `${computer}, ${takenAt.slice(0, 16).replace('T', ' ')} UTC: ${says}`,
      ...(match === 'unknown' ? { tone: 'warn' as const } : {}),
    },
    ...problems.map((text, index) => ({
      label: index === 0 ? 'not read' : '',
      text,
      tone: 'dim' as const,
    })),
  ];
}
