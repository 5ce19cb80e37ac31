/** One check, for the table of results. */
export interface Row {
  readonly server: string;
  readonly request: string;
  readonly answer: string;
  readonly tls: string;
  readonly reached: string;
  readonly outcome: string;
  readonly exitStatus: number | null;
  readonly milliseconds: number;
  readonly matches: boolean;
}

const COLUMNS = [
  'server',
  'request',
  'answer',
  'TLS',
  'reached',
  'outcome',
  'exit',
  'ms',
  'as known',
] as const;

/** A markdown table, one line a check. */
export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.server,
    row.request,
    row.answer,
    row.tls,
    row.reached,
    row.outcome,
    row.exitStatus === null ? 'none' : `${row.exitStatus}`,
    row.milliseconds.toFixed(0),
    row.matches ? 'yes' : '**no**',
  ]);
  return [COLUMNS, COLUMNS.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}
