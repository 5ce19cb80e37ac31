import type { Report } from '../report/report.js';
import { type Standing, standingOf } from '../report/standing.js';

/** The handshakes are fine. */
export const EXIT_FINE = 0;
/** A handshake died, or something wrong was found, and was reported. */
export const EXIT_PROBLEM = 1;
/** The command line cannot be followed. */
export const EXIT_USAGE = 2;
/** What was asked for could not be done: a name that does not resolve, a port that is taken. */
export const EXIT_NOT_DONE = 3;
/** Ctrl-C, as shells count it: 128 and SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** What the targets of a report come to, the worst first: a problem is worse than one not tried. */
export function exitStatusOf(report: Pick<Report, 'diagnoses' | 'handshakes'>): number {
  const standings = report.diagnoses.map((diagnosis) => standingOf(diagnosis, report.handshakes));
  return exitStatusFor(new Set(standings));
}

export function exitStatusFor(standings: ReadonlySet<Standing>): number {
  if (standings.has('problem')) return EXIT_PROBLEM;
  return standings.has('not-tried') ? EXIT_NOT_DONE : EXIT_FINE;
}
