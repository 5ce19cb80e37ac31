import { CAUSES, type CauseId } from './causes.js';
import { HOST_BLOCKS, HOST_PROLOGUE, type HostBlock } from './host-blocks.js';
import { HOST_FACTS_SCHEMA } from './host-facts.js';

/** A script, and what it cannot find out. */
export interface HostScript {
  readonly text: string;
  /** ids of the blocks in it */
  readonly blocks: readonly string[];
  /** causes of which nothing can be read on the host by a script */
  readonly without: readonly CauseId[];
}

const HEAD: readonly string[] = [
  '# rdp-probe host checks: reads settings of this machine and prints them as JSON.',
  '# Nothing here writes, starts, stops or removes anything. Read it before you run it.',
  '# On the RDP host, in an elevated Windows PowerShell 5.1 (64-bit):',
  '#   powershell -NoProfile -ExecutionPolicy Bypass -File host-checks.ps1 > facts.json',
  '# or through WinRM, where no session can be had:',
  '#   Invoke-Command -ComputerName SRV01 -FilePath .\\host-checks.ps1 > facts.json',
  '# Then: rdp-probe diagnose report.json --host-facts facts.json',
];

const SKELETON =
  "computer = [ordered]@{ name = [string]$env:COMPUTERNAME; dnsName = [string]$fullName; addresses = $addresses; elevated = [bool]$elevated; edition = (ReadValue $windows 'EditionID'); product = (ReadValue $windows 'ProductName'); build = $build; credSspVersion = $credSsp }";

/**
 * The script that reads on the RDP host what confirms or refutes these causes. Made of constants
 * alone: the causes pick blocks, and their ids and titles are the catalogue's own.
 *
 * @param causes null: every block
 */
export function hostScript(causes: readonly CauseId[] | null): HostScript {
  const wanted = HOST_BLOCKS.filter(
    (block) => causes === null || block.causes.some((cause) => causes.includes(cause)),
  );
  const without = (causes ?? []).filter(
    (cause) => !HOST_BLOCKS.some((block) => block.causes.includes(cause)),
  );
  const parts = HOST_BLOCKS.map(({ id }) => `${id} = $null`).join('; ');
  const lines = [
    ...HEAD,
    ...without.flatMap(byHand),
    '& {',
    ...HOST_PROLOGUE,
    `$facts = [ordered]@{ schema = '${HOST_FACTS_SCHEMA}'; takenAt = (Instant ([DateTime]::UtcNow)); ${SKELETON}; ${parts}; problems = @() }`,
    ...wanted.flatMap((block) => blockLines(block, causes)),
    '$facts.problems = $problems',
    '$json = ConvertTo-Json -InputObject $facts -Depth 8',
    // In ASCII no code page on the way to the file changes anything.
    "[regex]::Replace($json, '[^\\x00-\\x7F]', { param($sign) '\\u{0:x4}' -f [int][char]$sign.Value })",
    '}',
  ];
  // The empty line at the end makes a console run what was pasted.
  return { text: `${lines.join('\n')}\n\n`, blocks: wanted.map(({ id }) => id), without };
}

function blockLines(block: HostBlock, causes: readonly CauseId[] | null): readonly string[] {
  const { id, reads, lines } = block;
  const told = causes === null ? block.causes : block.causes.filter((one) => causes.includes(one));
  return [
    `# ${id}: ${reads}`,
    ...remark('confirms or refutes:', told),
    'try {',
    ...lines.map((line) => `  ${line}`),
    `} catch { $problems += @{ block = '${id}'; says = (Short $_) } }`,
  ];
}

/** Of a line, so that a script can be read before it is run. */
const REMARK_WIDTH = 100;

/** A remark over as many lines as it takes. */
function remark(head: string, items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = `#   ${head}`;
  for (const [index, item] of items.entries()) {
    const piece = index === items.length - 1 ? item : `${item},`;
    if (line.length + 1 + piece.length > REMARK_WIDTH) {
      lines.push(line);
      line = '#    ';
    }
    line += ` ${piece}`;
  }
  return [...lines, line];
}

/** Of a cause that no block reads: what the catalogue says to look at, as remarks. */
function byHand(cause: CauseId): readonly string[] {
  const { title, hostChecks } = CAUSES[cause];
  return [
    `# ${cause} (${title}): not read by this script. By hand:`,
    ...(hostChecks.length === 0 ? ['#   nothing on a host shows it'] : []),
    ...hostChecks.map(({ where, command, shows }) => {
      const what = [command, shows].filter((text) => text !== null).join('   # ');
      return `#   on the ${where}: ${what}`;
    }),
  ];
}
