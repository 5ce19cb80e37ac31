import { decisiveOf } from '../diagnose/decisive.js';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { ReportHead } from './json.js';
import type { CaptureSummary, Report } from './report.js';
import { handshakesOf, isTrial, type Standing, standingOf } from './standing.js';
import type { ConnectionLine } from './text-capture.js';

/*
 * What a page for people shows of a report: a part that is bounded whatever the report holds, so that
 * a capture of a million connections makes a file that a ticket takes.
 */

/** Targets that are told in full; nobody reads more, and the JSON report has all. */
export const MAX_TOLD = 40;

/** Targets beyond those, a line each. */
export const MAX_LINED = 500;

/** Connections with a target that are told in full; of more the one that decides. */
const MAX_SHOWN = 3;

/** Connections with a target, a line each. */
export const MAX_LINES = 40;

/** Questions after a failure, of which there are four at most. */
const MAX_ASKED = 10;

/** Captures and what is said of each. */
export const MAX_CAPTURES = 100;

export interface SheetTarget {
  readonly diagnosis: Diagnosis;
  readonly standing: Standing;
  /** handshakes that are told in full, the one that decides among them */
  readonly shown: readonly Handshake[];
  /** questions that were asked after a failure */
  readonly asked: readonly Handshake[];
  /** where not all are shown: a line each, of the first */
  readonly lines: readonly ConnectionLine[];
  /** connections that were judged, trials left out */
  readonly count: number;
}

export interface SheetLine {
  readonly target: string;
  readonly verdict: string;
  readonly standing: Standing;
}

export interface Sheet {
  readonly head: ReportHead;
  readonly captures: readonly CaptureSummary[];
  /** RDP connections in each capture */
  readonly counts: readonly number[];
  readonly targets: readonly SheetTarget[];
  /** targets that are not told in full */
  readonly more: readonly SheetLine[];
  /** targets that are not told at all, and how many of them are fine */
  readonly left: { readonly count: number; readonly fine: number };
}

/** What a page shows of a whole report. */
export function sheetOf(report: Report): Sheet {
  const { captures = [], handshakes, diagnoses, ...head } = report;
  const sheet = new SheetGatherer(head);
  for (const diagnosis of diagnoses) {
    if (sheet.isFull) sheet.line(diagnosis, standingOf(diagnosis, handshakes));
    else sheet.target(targetOf(diagnosis, handshakes));
  }
  const counts = captures.map(
    ({ file }) =>
      handshakes.filter(({ source }) => source.kind === 'capture' && source.file === file).length,
  );
  return sheet.done(captures, counts);
}

function targetOf(diagnosis: Diagnosis, all: readonly Handshake[]): SheetTarget {
  const judged = handshakesOf(diagnosis, all);
  // Those of a latency series, and the trials, are told of in sections of their own.
  const whole = judged.filter((one) => !isTrial(one));
  const asVerdict = whole.filter(({ purpose }) => purpose === 'verdict');
  const told = asVerdict.length > 0 ? asVerdict : whole.slice(0, 1);
  const decisive = decisiveOf(judged, diagnosis.path) ?? told.at(-1) ?? null;
  const shown = told.length <= MAX_SHOWN ? told : decisive === null ? [] : [decisive];
  return {
    diagnosis,
    standing: standingOf(diagnosis, all),
    shown,
    asked: judged.filter(({ purpose }) => purpose === 'follow-up').slice(0, MAX_ASKED),
    lines: told.length <= MAX_SHOWN ? [] : told.slice(0, MAX_LINES),
    count: told.length,
  };
}

/** Gathers a sheet target by target, and forgets what does not go into it. */
export class SheetGatherer {
  readonly #head: ReportHead;
  readonly #targets: SheetTarget[] = [];
  readonly #more: SheetLine[] = [];
  #left = 0;
  #leftFine = 0;

  constructor(head: ReportHead) {
    this.#head = head;
  }

  /** Whether further targets get no more than a line. */
  get isFull(): boolean {
    return this.#targets.length >= MAX_TOLD;
  }

  target(target: SheetTarget): void {
    this.#targets.push(target);
  }

  line({ target, verdict }: Pick<Diagnosis, 'target' | 'verdict'>, standing: Standing): void {
    if (this.#more.length < MAX_LINED) {
      this.#more.push({ target, verdict, standing });
      return;
    }
    this.#left++;
    if (standing === 'fine') this.#leftFine++;
  }

  done(captures: readonly CaptureSummary[], counts: readonly number[]): Sheet {
    return {
      head: this.#head,
      captures,
      counts,
      targets: this.#targets,
      more: this.#more,
      left: { count: this.#left, fine: this.#leftFine },
    };
  }
}

/** How a target stands, in a word or two: the verdict says more. */
export function standingWords(standing: Standing): string {
  switch (standing) {
    case 'fine':
      return 'Fine';
    case 'problem':
      return 'Problem';
    case 'open':
      return 'Open';
    case 'not-tried':
      return 'Not tried';
  }
}
