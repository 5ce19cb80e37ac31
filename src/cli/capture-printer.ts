import { renderJson } from '../report/json.js';
import { renderMarkdown } from '../report/markdown.js';
import { renderDiagnosisLine, renderHandshakeLine } from '../report/ndjson.js';
import type { Report } from '../report/report.js';
import { handshakesOf } from '../report/standing.js';
import { renderSummaryText, renderTargetText } from '../report/text.js';
import { needsTable, renderCaptures, renderConnections } from '../report/text-capture.js';
import type { CliIo } from './io.js';
import type { OutputFormat } from './output-format.js';
import { type LookOptions, styleFor } from './terminal.js';

/**
 * Prints what captures came to.
 *
 * @param counts RDP connections of each capture
 */
export function printCaptures(
  report: Report,
  counts: readonly number[],
  format: OutputFormat,
  look: LookOptions,
  io: CliIo,
): void {
  switch (format) {
    case 'json':
      io.stdout.write(renderJson(report));
      return;
    case 'ndjson':
      for (const diagnosis of report.diagnoses) {
        for (const handshake of handshakesOf(diagnosis, report.handshakes)) {
          io.stdout.write(renderHandshakeLine(handshake));
        }
        io.stdout.write(renderDiagnosisLine(diagnosis));
      }
      return;
    case 'markdown':
      io.stdout.write(renderMarkdown(report));
      return;
    case 'text':
      printText(report, counts, look, io);
      return;
    case 'quiet':
      return;
  }
}

function printText(report: Report, counts: readonly number[], look: LookOptions, io: CliIo): void {
  const style = styleFor(io, look);
  io.stdout.write(renderCaptures(report.captures ?? [], counts, style));
  const rule = `\n${'-'.repeat(style.width)}\n\n`;
  for (const diagnosis of report.diagnoses) {
    const handshakes = handshakesOf(diagnosis, report.handshakes);
    io.stdout.write(rule);
    if (!needsTable(diagnosis, report, style)) {
      io.stdout.write(renderTargetText(diagnosis, handshakes, style));
      continue;
    }
    // The last one in full stands for the others, which are much like it.
    io.stdout.write(renderTargetText(diagnosis, handshakes, style, handshakes.slice(-1)));
    io.stdout.write(`\n${renderConnections(handshakes, style)}`);
  }
  if (report.diagnoses.length > 1) io.stdout.write(`${rule}${renderSummaryText(report, style)}`);
}
