import { register } from 'node:module';

/*
 * Lets Node run the tests as they are written: `--import` of .taprc. tap's own way is ts-node, which
 * loads the compiler twice in each process; .taprc turns that off.
 */
register('./typescript-hooks.mjs', import.meta.url);
