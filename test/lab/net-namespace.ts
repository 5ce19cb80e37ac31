import { execFileSync } from 'node:child_process';
import type { Workspace } from './workspace.js';

/** A command line, ready for `spawn`: the program first. */
export type CommandLine = readonly [program: string, ...rest: string[]];

let created = 0;

/**
 * A network namespace of our own, with its loopback up and nothing else in it.
 * It goes when the workspace closes, and every process still in it goes with it.
 */
export class NetNamespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static create(workspace: Workspace, label: string): NetNamespace {
    created += 1;
    const namespace = new NetNamespace(`rdp-probe-${process.pid}-${created}-${label}`);
    ip('netns', 'add', namespace.name);
    workspace.onClose(() => namespace.#remove());
    ip('-n', namespace.name, 'link', 'set', 'lo', 'up');
    return namespace;
  }

  /** The command line that runs `command` inside this namespace. */
  enter(command: CommandLine): CommandLine {
    return ['ip', 'netns', 'exec', this.name, ...command];
  }

  /** Runs a command inside this namespace to its end and returns what it printed. */
  run(...command: CommandLine): string {
    const [program, ...rest] = this.enter(command);
    return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Carries out commands of ip(8) inside this namespace, one a line, the word `ip` left out. */
  configure(...lines: readonly string[]): void {
    execFileSync('ip', ['-n', this.name, '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  #remove(): void {
    // A service started by the session bus is in nobody's process group, but it is in here.
    for (const pid of ip('netns', 'pids', this.name).split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended by itself between the listing and now.
      }
    }
    ip('netns', 'delete', this.name);
  }
}

/** Runs a command in `namespace`, or here where there is none; returns the command line. */
export function commandIn(namespace: NetNamespace | null, command: CommandLine): CommandLine {
  return namespace === null ? command : namespace.enter(command);
}

function ip(...rest: string[]): string {
  return execFileSync('ip', rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
