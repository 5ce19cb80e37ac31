import { cleanText } from '../report/clean.js';
import type { Report } from '../report/report.js';
import { standingOf } from '../report/standing.js';
import type { CheckedTarget } from './check-target.js';
import type { CliIo } from './io.js';
import type { OutputFormat } from './output-format.js';
import { type LookOptions, styleFor, wantsUnicode } from './terminal.js';

/** Prints what is known of each target, and at the end what belongs to all of them. */
export interface CheckPrinter {
  target(checked: CheckedTarget): void;
  end(all: Pick<Report, 'handshakes' | 'diagnoses'>): Promise<void>;
}

export async function printerFor(
  command: string,
  format: OutputFormat,
  look: LookOptions,
  io: CliIo,
): Promise<CheckPrinter> {
  switch (format) {
    case 'text':
      return await textPrinter(look, io);
    case 'json':
      return await jsonPrinter(command, io);
    case 'ndjson':
      return await ndjsonPrinter(io);
    case 'markdown':
      return await markdownPrinter(command, io);
    case 'quiet':
      return { target: () => {}, end: async () => {} };
  }
}

async function textPrinter(look: LookOptions, io: CliIo): Promise<CheckPrinter> {
  const { renderTargetText, renderSummaryText } = await import('../report/text.js');
  const style = styleFor(io, look);
  let printed = 0;
  return {
    target: ({ diagnosis, handshakes }) => {
      if (printed++ > 0) io.stdout.write(`\n${'-'.repeat(style.width)}\n\n`);
      // Those of a latency series are told of in the section on the path.
      const shown = handshakes.filter(({ purpose }) => purpose === 'verdict');
      io.stdout.write(renderTargetText(diagnosis, handshakes, style, shown));
      if (standingOf(diagnosis, handshakes) !== 'not-tried') return;
      const sentence = `${diagnosis.target}: ${diagnosis.verdict}`;
      const ascii = !wantsUnicode(io.env, io.platform);
      io.stderr.write(`rdp-probe: ${cleanText(sentence, { ascii })}\n`);
    },
    end: async (all) => {
      if (all.diagnoses.length < 2) return;
      io.stdout.write(`\n${'-'.repeat(style.width)}\n\n${renderSummaryText(all, style)}`);
    },
  };
}

async function jsonPrinter(command: string, io: CliIo): Promise<CheckPrinter> {
  const [{ reportOfRun }, { renderJson }] = await Promise.all([
    import('./check-report.js'),
    import('../report/json.js'),
  ]);
  return {
    target: () => {},
    end: async (all) => {
      io.stdout.write(renderJson(await reportOfRun(command, all, io)));
    },
  };
}

async function markdownPrinter(command: string, io: CliIo): Promise<CheckPrinter> {
  const [{ reportOfRun }, { renderMarkdown }] = await Promise.all([
    import('./check-report.js'),
    import('../report/markdown.js'),
  ]);
  return {
    target: () => {},
    end: async (all) => {
      io.stdout.write(renderMarkdown(await reportOfRun(command, all, io)));
    },
  };
}

async function ndjsonPrinter(io: CliIo): Promise<CheckPrinter> {
  const { renderHandshakeLine, renderDiagnosisLine } = await import('../report/ndjson.js');
  return {
    target: ({ diagnosis, handshakes }) => {
      for (const handshake of handshakes) io.stdout.write(renderHandshakeLine(handshake));
      io.stdout.write(renderDiagnosisLine(diagnosis));
    },
    end: async () => {},
  };
}
