import { toHandshake } from '../handshake/summary.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { CaptureSummary } from '../report/report.js';
import type { Sheet } from '../report/sheet.js';
import { type Standing, standingByWays } from '../report/standing.js';
import type { AnalysedFile } from './analysed-file.js';
import { printCaptures } from './capture-printer.js';
import { headOfReport, labelled, reportOfCaptures, summaryOf } from './capture-report.js';
import { ConnectionGroups, MAX_GROUPS } from './connection-groups.js';
import type { ConnectionSink } from './connection-sink.js';
import { EXIT_FINE, EXIT_NOT_DONE, exitStatusFor, exitStatusOf } from './exit-status.js';
import type { CliIo } from './io.js';
import type { OutputFormat } from './output-format.js';
import type { Narrowing } from './replay-narrowing.js';
import type { ReportPage } from './report-page.js';
import { both, type StreamedReport } from './report-stream.js';
import { openStreamedReport } from './streamed-report.js';
import { StreamedSheet } from './streamed-sheet.js';
import type { LookOptions } from './terminal.js';

/**
 * Connections that are kept until all captures were read, about 15 kB each: they are told in order
 * and shown in full. Where there are more, each is told when it is over, and then forgotten.
 */
export const MAX_KEPT = 1000;

/** Streams of one file are numbered below this. */
const FILE_STEP = 2 ** 40;

interface Found {
  /** by file, then by the first packet */
  readonly order: number;
  readonly file: number;
  readonly trace: HandshakeTrace;
}

export interface ReplayPrint {
  readonly format: OutputFormat;
  readonly look: LookOptions;
  readonly version: string;
  /** absent or null: no page is written */
  readonly page?: ReportPage | null;
}

/**
 * Makes the report of the connections that captures hold.
 *
 * INVARIANT: memory is bounded by MAX_KEPT and by what ConnectionGroups keeps.
 */
export class ReplayedConnections implements ConnectionSink {
  readonly #narrowing: Narrowing;
  readonly #print: ReplayPrint;
  readonly #io: CliIo;
  readonly #maxKept: number;
  #kept: Found[] = [];
  #stream: { readonly report: StreamedReport; readonly groups: ConnectionGroups } | null = null;
  /** of the page, where connections were too many to be kept */
  #sheet: Sheet | null = null;
  #told = 0;
  /** by file */
  readonly #counts: number[] = [];
  readonly #undiagnosed: number[] = [];

  constructor(narrowing: Narrowing, print: ReplayPrint, io: CliIo, maxKept = MAX_KEPT) {
    this.#narrowing = narrowing;
    this.#print = print;
    this.#io = io;
    this.#maxKept = maxKept;
  }

  connection(file: number, trace: HandshakeTrace): void {
    if (!this.#narrowing.wants(trace)) return;
    const { source } = trace;
    const stream = source.kind === 'capture' ? source.stream : 0;
    const found: Found = { order: file * FILE_STEP + stream, file, trace };
    if (this.#stream !== null) {
      this.#tell(this.#stream, found);
      return;
    }
    this.#kept.push(found);
    if (this.#kept.length > this.#maxKept) this.#startStream();
  }

  dropFile(file: number): boolean {
    if (this.#stream !== null) return false;
    this.#kept = this.#kept.filter((found) => found.file !== file);
    return true;
  }

  async room(): Promise<void> {
    if (this.#stream !== null) await this.#io.stdout.flush();
  }

  #startStream(): void {
    const { format, look, version, page } = this.#print;
    const head = headOfReport(version, this.#io);
    const printed = openStreamedReport(format, head, look, this.#io);
    const sheet = new StreamedSheet(head, (whole) => {
      this.#sheet = whole;
    });
    const report = page === undefined || page === null ? printed : both(printed, sheet);
    this.#stream = { report, groups: new ConnectionGroups() };
    const kept = this.#inOrder();
    this.#kept = [];
    for (const found of kept) this.#tell(this.#stream, found);
  }

  #tell(
    { report, groups }: { report: StreamedReport; groups: ConnectionGroups },
    { order, file, trace }: Found,
  ): void {
    const id = this.#told++;
    const handshake = toHandshake(trace, labelled(trace, id));
    const group = groups.add(handshake, order);
    this.#counts[file] = (this.#counts[file] ?? 0) + 1;
    if (group === null) this.#undiagnosed[file] = (this.#undiagnosed[file] ?? 0) + 1;
    report.handshake(handshake, group);
  }

  #inOrder(): readonly Found[] {
    return this.#kept.toSorted((a, b) => a.order - b.order);
  }

  /** All captures were read: prints what is left to print. @returns the exit status */
  async finish(captures: readonly AnalysedFile[]): Promise<number> {
    const status =
      this.#stream === null ? await this.#printWhole(captures) : await this.#endStream(captures);
    return status === EXIT_FINE && captures.some(({ failure }) => failure !== null)
      ? EXIT_NOT_DONE
      : status;
  }

  async #printWhole(captures: readonly AnalysedFile[]): Promise<number> {
    const { format, look, version, page } = this.#print;
    const found = this.#inOrder();
    const traces = found.map(({ trace }) => trace);
    const report = await reportOfCaptures(captures, traces, version, this.#io);
    const counts = captures.map((_, file) => found.filter((one) => one.file === file).length);
    printCaptures(report, counts, format, look, this.#io);
    await page?.write(report);
    return report.handshakes.length === 0 ? EXIT_NOT_DONE : exitStatusOf(report);
  }

  async #endStream(captures: readonly AnalysedFile[]): Promise<number> {
    if (this.#stream === null) return EXIT_NOT_DONE;
    const { report, groups } = this.#stream;
    report.captures(
      captures.map((capture, file) => this.#summary(capture, file, groups)),
      this.#counts,
    );
    const standings = new Set<Standing>();
    // Of connections that are in no diagnosis only their own end counts.
    const { waysOfOthers } = groups;
    if (waysOfOthers.size > 0)
      standings.add(standingByWays({ findings: [], path: null }, waysOfOthers));
    for (const group of groups.diagnosed(this.#io.now())) {
      report.diagnosed(group);
      standings.add(group.standing);
      await this.room();
    }
    report.end();
    if (this.#sheet !== null) await this.#print.page?.writeSheet(this.#sheet);
    return exitStatusFor(standings);
  }

  #summary(capture: AnalysedFile, file: number, groups: ConnectionGroups): CaptureSummary {
    const summary = summaryOf(capture);
    const problems = [...summary.problems];
    const undiagnosed = this.#undiagnosed[file] ?? 0;
    if (undiagnosed > 0) {
      problems.push({
        says: `more than ${MAX_GROUPS} pairs of client and server: connections of the others are told, and in no diagnosis`,
        packet: null,
        count: undiagnosed,
      });
    }
    if (groups.unlisted > 0) {
      problems.push({
        says: 'very many connections of one client with one server: its diagnosis counts all of them and lists the first',
        packet: null,
        count: groups.unlisted,
      });
    }
    return { ...summary, problems };
  }
}
