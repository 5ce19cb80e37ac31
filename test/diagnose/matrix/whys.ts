import type { Whys } from './table.js';

/** Why a case is missed, or said with more confidence than it bears. */
export const WHYS: Whys = {};
