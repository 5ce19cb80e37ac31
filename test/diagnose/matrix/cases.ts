import { captureCases } from './capture-cases.js';
import { followUpCases } from './follow-up-cases.js';
import { logonCases } from './logon-cases.js';
import type { MatrixCase } from './matrix-case.js';
import { pathCases } from './path-cases.js';
import { simulatorCases } from './simulator-cases.js';

/** Every labelled case that is at hand in the repository. */
export function ownCases(): readonly MatrixCase[] {
  return [
    ...simulatorCases(),
    ...logonCases(),
    ...followUpCases(),
    ...captureCases(),
    ...pathCases(),
  ];
}
