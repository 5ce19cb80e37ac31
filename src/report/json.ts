import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { escapeJson } from './clean.js';
import type { CaptureSummary, Report } from './report.js';

/** The whole report as one document that people can read too. */
export function renderJson(report: Report): string {
  return `${escapeJson(JSON.stringify(report, null, 2))}\n`;
}

/** What is known of a report before its first handshake. */
export type ReportHead = Omit<Report, 'captures' | 'handshakes' | 'diagnoses'>;

/**
 * The same document piece by piece, for more handshakes than can be kept: the value of each member
 * is the same, and `captures`, which is known last, stands behind the handshakes.
 */
export class JsonPieces {
  #isFirst = true;

  begin(head: ReportHead): string {
    const json = escapeJson(JSON.stringify(head, null, 2));
    return `${json.slice(0, json.lastIndexOf('\n'))},\n  "handshakes": [`;
  }

  handshake(handshake: Handshake): string {
    return this.#element(handshake);
  }

  /** No more handshakes will come. */
  captures(captures: readonly CaptureSummary[]): string {
    const end = this.#endOfList();
    return `${end},\n  "captures": ${indented(captures, '  ')},\n  "diagnoses": [`;
  }

  diagnosis(diagnosis: Diagnosis): string {
    return this.#element(diagnosis);
  }

  end(): string {
    return `${this.#endOfList()}\n}\n`;
  }

  #element(value: Handshake | Diagnosis): string {
    const before = this.#isFirst ? '\n    ' : ',\n    ';
    this.#isFirst = false;
    return before + indented(value, '    ');
  }

  #endOfList(): string {
    const end = this.#isFirst ? ']' : '\n  ]';
    this.#isFirst = true;
    return end;
  }
}

/** Line ends are the document's own: inside strings JSON has escaped them. */
function indented(value: object, indent: string): string {
  return escapeJson(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${indent}`);
}
