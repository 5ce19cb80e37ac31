import type { ScanReport } from '../handshake/scan.js';

/**
 * A scan with the `id`s that its handshakes have in the report: it numbers those of its own run, the
 * report those of all targets.
 *
 * @param firstId of the first handshake of the run
 */
export function scanInReport(report: ScanReport, firstId: number): ScanReport {
  return firstId === 0 ? report : scanWithIds(report, (own) => own + firstId);
}

/** @param idOf the `id` in the report of a handshake, by its number in the run */
export function scanWithIds(report: ScanReport, idOf: (own: number) => number): ScanReport {
  return renumbered(report, idOf) as ScanReport;
}

/** Fields that hold the `id` of a handshake, or a list of them. */
const ID_FIELDS: ReadonlySet<string> = new Set(['handshake', 'handshakes']);

function renumbered(value: unknown, idOf: (own: number) => number): unknown {
  if (Array.isArray(value)) return value.map((one) => renumbered(one, idOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      ID_FIELDS.has(key) ? moved(field, idOf) : renumbered(field, idOf),
    ]),
  );
}

function moved(field: unknown, idOf: (own: number) => number): unknown {
  if (Array.isArray(field)) return field.map((one) => moved(one, idOf));
  return typeof field === 'number' ? idOf(field) : field;
}
