import type { Report } from '../report/report.js';
import type { Sheet } from '../report/sheet.js';
import type { CliIo } from './io.js';
import { OutputFile } from './output-file.js';
import type { PageOrder } from './page-options.js';
import { wantsUnicode } from './terminal.js';

/** The report as an HTML page, written when the run is over. */
export class ReportPage {
  readonly #file: OutputFile;

  private constructor(file: OutputFile) {
    this.#file = file;
  }

  /** @throws ProbeError CANNOT_WRITE */
  static async open({ path, overwrite }: PageOrder): Promise<ReportPage> {
    return new ReportPage(await OutputFile.open(path, overwrite));
  }

  /** @throws ProbeError CANNOT_WRITE */
  async write(report: Report): Promise<void> {
    const { sheetOf } = await import('../report/sheet.js');
    await this.writeSheet(sheetOf(report));
  }

  /** @throws ProbeError CANNOT_WRITE */
  async writeSheet(sheet: Sheet): Promise<void> {
    const { renderSheet } = await import('../report/html/page.js');
    await this.#file.write(renderSheet(sheet));
  }

  /** Says on the terminal where it went; scripts know. */
  async tell(io: CliIo, aloud: boolean): Promise<void> {
    if (!aloud && !io.stderr.isTTY) return;
    const { cleanText } = await import('../report/clean.js');
    const ascii = !wantsUnicode(io.env, io.platform);
    io.stderr.write(`rdp-probe: ${cleanText(`report written to ${this.#file.path}`, { ascii })}\n`);
  }

  /** The run broke off: leaves no empty file behind. */
  async abandon(): Promise<void> {
    await this.#file.abandon();
  }
}
