import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandLine, commandIn, type NetNamespace } from './net-namespace.js';
import type { Workspace } from './workspace.js';

const POLL_MS = 10;
const STOP_MS = 2000;

export interface DaemonOptions {
  /** Names the log file. */
  readonly name: string;
  readonly command: CommandLine;
  readonly namespace?: NetNamespace | null;
  /** Beside PATH and the C locale, all that the program sees of an environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How to ask it to leave; SIGKILL follows for whatever is left of its process group. */
  readonly stopSignal?: NodeJS.Signals;
  /** Its standard input is kept open for `send`; otherwise it has none. */
  readonly listens?: boolean;
}

/** The environment of every program of the lab: nothing of the caller's own settings leaks in. */
export function labEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: searchPath().join(':'), LC_ALL: 'C', ...more };
}

/** Where programs are looked for: the caller's PATH, and where daemons live. */
export function searchPath(): readonly string[] {
  const own = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  return [...new Set([...own, '/usr/sbin', '/usr/bin', '/sbin', '/bin'])];
}

/** A background process that leads a process group of its own and writes into a log file. */
export class Daemon {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #stopSignal: NodeJS.Signals;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, pid: number, logFile: string, options: DaemonOptions) {
    this.name = options.name;
    this.pid = pid;
    this.#child = child;
    this.#logFile = logFile;
    this.#stopSignal = options.stopSignal ?? 'SIGTERM';
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static start(workspace: Workspace, options: DaemonOptions): Daemon {
    const logFile = workspace.path(`${options.name}.log`);
    const [program, ...rest] = commandIn(options.namespace ?? null, [
      // The last resort: nothing outlives a test process that was killed outright.
      ...(['setpriv', '--pdeathsig', 'SIGTERM', '--'] as const),
      ...options.command,
    ]);
    const log = openSync(logFile, 'w');
    const child = spawn(program, rest, {
      cwd: workspace.directory,
      detached: true,
      env: labEnvironment({ HOME: workspace.directory, ...options.environment }),
      stdio: [options.listens === true ? 'pipe' : 'ignore', log, log],
    });
    closeSync(log);
    // Without a pid the program could not be started; the error event carries the same news.
    child.once('error', () => {});
    // It may be gone before it has read what it was sent.
    child.stdin?.once('error', () => {});
    if (child.pid === undefined) throw new Error(`${options.name}: cannot start ${program}`);
    const daemon = new Daemon(child, child.pid, logFile, options);
    workspace.adopt(daemon);
    return daemon;
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  output(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Writes a line to a daemon that listens. */
  send(line: string): void {
    if (this.#child.stdin === null) throw new Error(`${this.name} has no standard input`);
    this.#child.stdin.write(`${line}\n`);
  }

  /** Polls `condition`; fails with the log as soon as the process has ended or time is up. */
  async waitUntil(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      const why = this.exited ? 'ended' : performance.now() > deadline ? 'timed out' : null;
      if (why !== null) {
        throw new Error(`${this.name} ${why} before: ${what}\n${this.output().slice(-2000)}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Signals the whole process group. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }

  async stop(): Promise<void> {
    if (!this.exited) {
      this.signal(this.#stopSignal);
      const patience = new AbortController();
      await Promise.race([
        this.#ended,
        sleep(STOP_MS, undefined, { signal: patience.signal }).catch(() => {}),
      ]);
      patience.abort();
    }
    // The leader is gone or deaf; what it forked may still be there.
    this.signal('SIGKILL');
    await this.#ended;
  }
}
