import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { searchPath } from './daemon.js';

/** Program -> the Debian package that has it. A path with a slash is taken as it is. */
export type Programs = Readonly<Record<string, string>>;

/** Why the lab cannot run here, or null if it can. Root makes namespaces, captures and mounts. */
export function missingRequirement(programs: Programs): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = Object.entries(programs).filter(([program]) => !isExecutable(program));
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map(([, name]) => name))];
  return `needs ${missing.map(([program]) => program).join(', ')} (Debian: ${packages.join(' ')})`;
}

function isExecutable(program: string): boolean {
  const candidates = program.includes('/')
    ? [program]
    : searchPath().map((directory) => join(directory, program));
  return candidates.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
