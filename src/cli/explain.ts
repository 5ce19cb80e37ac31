import { type Command, Option } from 'commander';
import { ProbeError } from '../probe-error.js';
import { EXIT_FINE } from './exit-status.js';
import type { CliIo } from './io.js';
import { styleFor } from './terminal.js';

interface RawExplainOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe explain 0x904 0x7
      error code and extended error code of mstsc; hex or decimal (2308 7)
  rdp-probe explain 0xC000006D
      an NTSTATUS, as CredSSP and event 4625 give it
  rdp-probe explain alert 40
      a TLS alert; also errinfo 0x10c, failure 3, event 36870, gateway 0x59DA
  rdp-probe explain E_PROXY_RAP_ACCESSDENIED
      a code by its name
  rdp-probe explain machinekeys
      causes that a word names; or an id of docs/causes: rdp-disabled
  rdp-probe explain 3 --json
      every meaning of a number, most likely first, for a script

Exit status:
  0  something is known of it
  2  nothing is known of it, or the command line cannot be followed

Nothing is sent: it looks into the catalogue that comes with the program.`;

export function defineExplain(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Tell what an error code or a word of RDP means: what is documented, what is only said, and ' +
        'which causes can stand behind it.',
    )
    .usage('CODE [EXTENDED] | WORD... [options]')
    .argument('<words...>', 'one or two codes, a kind and a code, a name, or words')
    // A status can be negative in decimal: it is no option.
    .allowUnknownOption(false)
    .optionsGroup('Output:')
    .option('--json', 'one JSON document (see docs/explain.md)')
    .option('-v, --verbose', 'every cause, with its check, and every source')
    .option('--no-color', 'no colours (also: NO_COLOR; FORCE_COLOR for the opposite)')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Output:'))
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], raw: RawExplainOptions) =>
      done(await runExplain(words, raw, io)),
    );
}

async function runExplain(
  words: readonly string[],
  raw: RawExplainOptions,
  io: CliIo,
): Promise<number> {
  const { explain } = await import('../diagnose/explain.js');
  const explained = explain(words);
  if (!explained.known) throw await complaintOf(explained.what, explained.near);
  const { explanation } = explained;
  if (raw.json === true) {
    const [{ renderExplainJson }, { readVersion }] = await Promise.all([
      import('../report/json-explain.js'),
      import('./version.js'),
    ]);
    io.stdout.write(renderExplainJson(explanation, await readVersion()));
    return EXIT_FINE;
  }
  const [{ renderExplanation }, { cleanStrings }] = await Promise.all([
    import('../report/text-explain.js'),
    import('../report/clean.js'),
  ]);
  const detail = raw.verbose === true ? 'verbose' : 'normal';
  const style = styleFor(io, { color: raw.color, detail });
  const lines = renderExplanation(cleanStrings(explanation, { ascii: !style.unicode }), style);
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT_FINE;
}

async function complaintOf(
  what: string,
  near: readonly { readonly shown: string; readonly name: string | null }[],
): Promise<ProbeError> {
  if (near.length > 0) {
    const codes = near.map(({ shown, name }) => (name === null ? shown : `${shown} (${name})`));
    return new ProbeError(
      'BAD_OPTION',
      `nothing is known of ${what}: the nearest known codes are ${codes.join(', ')}`,
    );
  }
  const words = await nearestWords(what);
  const meant = words.length === 0 ? '' : `: did you mean ${words.join(', ')}?`;
  return new ProbeError('BAD_OPTION', `nothing is known of '${what}'${meant}`);
}

async function nearestWords(what: string): Promise<readonly string[]> {
  const [{ nearest }, { knownWords }] = await Promise.all([
    import('./nearest.js'),
    import('../diagnose/explain-words.js'),
  ]);
  return nearest(what.toLowerCase(), knownWords());
}
