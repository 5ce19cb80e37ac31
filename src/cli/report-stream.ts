import type { Handshake } from '../handshake/handshake.js';
import type { CaptureSummary } from '../report/report.js';
import type { DiagnosedGroup } from './connection-groups.js';

/** A report of more connections than can be kept: told while the captures are being read. */
export interface StreamedReport {
  /** @param group number of its group; null: it belongs to none */
  handshake(handshake: Handshake, group: number | null): void;
  /** All captures were read. */
  captures(captures: readonly CaptureSummary[], counts: readonly number[]): void;
  diagnosed(group: DiagnosedGroup): void;
  end(): void;
}

/** Tells two reports the same. */
export function both(one: StreamedReport, other: StreamedReport): StreamedReport {
  return {
    handshake: (handshake, group) => {
      one.handshake(handshake, group);
      other.handshake(handshake, group);
    },
    captures: (captures, counts) => {
      one.captures(captures, counts);
      other.captures(captures, counts);
    },
    diagnosed: (group) => {
      one.diagnosed(group);
      other.diagnosed(group);
    },
    end: () => {
      one.end();
      other.end();
    },
  };
}
