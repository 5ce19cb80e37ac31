import { CAUSES, type CauseId } from './catalogue/catalogue.js';
import type { Cause } from './catalogue/cause.js';

export { CAUSES, type CauseId } from './catalogue/catalogue.js';
export type { Cause } from './catalogue/cause.js';

export const CAUSE_IDS: readonly string[] = Object.keys(CAUSES);

/** null: an id of another version's catalogue */
export function causeOf(id: string): Cause | null {
  return Object.hasOwn(CAUSES, id) ? CAUSES[id as CauseId] : null;
}
