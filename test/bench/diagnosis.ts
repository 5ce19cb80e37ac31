/**
 * `npm run bench:diagnosis [-- FILE]`: how often the diagnosis names the true cause, over labelled
 * cases. Prints Markdown, and writes it into FILE too.
 *
 *   RDP_PROBE_LAB_CAPTURES=FOLDER   recordings of the laboratory, by their names; else left out
 *   RDP_PROBE_CAPTURES=FOLDER       captures made by others, as for test:captures; else left out
 */
import { writeFileSync } from 'node:fs';
import { ownCases } from '../diagnose/matrix/cases.js';
import { casesOfOthers, laboratoryCases } from '../diagnose/matrix/outside-cases.js';
import { runCases } from '../diagnose/matrix/score.js';
import { renderMatrix } from '../diagnose/matrix/table.js';
import { WHYS } from '../diagnose/matrix/whys.js';

const scored = await runCases([
  ...ownCases(),
  ...laboratoryCases(process.env['RDP_PROBE_LAB_CAPTURES']),
  ...casesOfOthers(process.env['RDP_PROBE_CAPTURES']),
]);
const markdown = renderMatrix(scored, WHYS);
process.stdout.write(markdown);
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, markdown);
