import type { CommanderError } from 'commander';

/**
 * What commander says of a command line that it cannot follow, as one sentence.
 *
 * @param args the command line
 * @param command the command that was given, if it is one
 */
export function describeUsageError(
  error: CommanderError,
  args: readonly string[],
  command: string | null,
): string {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant =
    suggestion === undefined ? null : /^\(Did you mean (.*)\?\)$/s.exec(suggestion)?.[1];
  if (meant !== null && meant !== undefined) {
    return `${message}: did you mean ${meant.replace(/^one of /, '')}?`;
  }
  if (error.code === 'commander.unknownCommand' && /[.:]/.test(args[0] ?? '')) {
    return `unknown command '${args[0]}': to check a host, rdp-probe check ${args[0]}`;
  }
  const needs = /^option '(.*)' argument missing$/.exec(message)?.[1];
  if (needs !== undefined) return `option '${needs}' needs a value`;
  const help = command === null ? 'rdp-probe --help' : `rdp-probe ${command} --help`;
  if (error.code === 'commander.excessArguments') {
    return `too many arguments for '${command}': '${help}' shows what it takes`;
  }
  return `${message.replace(/\.$/, '')}: '${help}' shows what there is`;
}
