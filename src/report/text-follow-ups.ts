import type { Handshake } from '../handshake/handshake.js';
import type { Clean } from './clean.js';
import { renderParagraph } from './text-block.js';
import type { TextStyle } from './text-style.js';

/** The questions that were asked after a failure, a line each: why, and what came of it. */
export function renderFollowUps(
  asked: readonly Clean<Handshake>[],
  style: TextStyle,
): readonly string[] {
  return asked.flatMap(({ reason, outcome }, index) =>
    renderParagraph(`${reason ?? 'another try'}: ${outcome.detail}`, {
      width: style.width,
      indent: 0,
      mark: `${index + 1}.`,
    }),
  );
}
