import { setFlagsFromString } from 'node:v8';

/**
 * How much the heap may grow between two collections, in percent of what is alive. V8's own choice
 * is up to 300 where the machine has memory, so that a capture that needs 70 MB would take 300.
 */
const GROWTH_PERCENT = 20;

/**
 * Has V8 collect garbage before it piles up. The flag is read at each collection, so it may be set
 * while the program runs; a V8 that does not know it says so
 * on standard error and goes on (known to Node 20; later ones were not tried).
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
