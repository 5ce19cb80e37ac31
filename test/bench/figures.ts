import { cpus, loadavg, release } from 'node:os';

/** What a list of measurements comes to, in the unit of the measurements. */
export interface Summary {
  readonly runs: number;
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { runs: sorted.length, minimum: at(0), median: at(0.5), maximum: at(1) };
}

export function renderMs(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

/** `name   median 12.3 ms (11.9 to 15.0, 11 runs)   note` */
export function renderRow(name: string, summary: Summary, note = ''): string {
  const { median, minimum, maximum, runs } = summary;
  const range = `(${renderMs(minimum)} to ${renderMs(maximum)}, ${runs} runs)`;
  return `  ${name.padEnd(36)} median ${renderMs(median).padStart(7)} ms ${range.padEnd(30)} ${note}`.trimEnd();
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** What the figures were taken on, and how quiet it was. */
export function describeMachine(): void {
  const [load = 0] = loadavg();
  print(
    `Node ${process.version}, Linux ${release()}, ${cpus().length} cores of ${cpus()[0]?.model}`,
  );
  print(`load ${load.toFixed(2)} at the start: above 0.5 other work disturbs these figures`);
  print();
}
