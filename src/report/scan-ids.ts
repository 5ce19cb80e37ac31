import type { ScanReport } from '../handshake/scan.js';

/**
 * A scan with the `id`s that its handshakes have in the report: it numbers those of its own run, the
 * report those of all targets.
 *
 * @param firstId of the first handshake of the run
 */
export function scanInReport(report: ScanReport, firstId: number): ScanReport {
  return firstId === 0 ? report : (shifted(report, firstId) as ScanReport);
}

/** Fields that hold the `id` of a handshake, or a list of them. */
const ID_FIELDS: ReadonlySet<string> = new Set(['handshake', 'handshakes']);

function shifted(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((one) => shifted(one, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      ID_FIELDS.has(key) ? moved(field, by) : shifted(field, by),
    ]),
  );
}

function moved(field: unknown, by: number): unknown {
  if (Array.isArray(field)) return field.map((one) => moved(one, by));
  return typeof field === 'number' ? field + by : field;
}
