export { CAUSES, type CauseId } from './catalogue/catalogue.js';
