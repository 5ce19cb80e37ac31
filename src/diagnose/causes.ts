import { CAUSES } from './catalogue/catalogue.js';

export { CAUSES, type CauseId } from './catalogue/catalogue.js';

export const CAUSE_IDS: readonly string[] = Object.keys(CAUSES);
