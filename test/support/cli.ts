import { setTimeout as sleep } from 'node:timers/promises';
import type { CliIo, Output, PathMeasurer, Probe, Scanner, SecretInput } from '../../src/cli/io.js';
import { main } from '../../src/cli/main.js';
import type { HandshakeTrace, StageName } from '../../src/handshake/trace.js';
import { type ProbeSettings, renderTarget, type Target } from '../../src/probe/settings.js';
import { STARTED_AT_MS, TRACES, type TraceName } from './handshake.js';

/** What a run of the command line did. */
export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** what was probed, in order */
  readonly probed: readonly {
    readonly target: string;
    /** by which its address was looked up before; undefined: it was not */
    readonly name: string | undefined;
    readonly settings: ProbeSettings;
    readonly allAddresses: boolean;
    readonly afterMs: number;
  }[];
}

export interface RunOptions {
  readonly env?: CliIo['env'];
  readonly stdout?: { readonly columns: number };
  readonly stderr?: { readonly columns: number };
  readonly signal?: AbortSignal;
  /** stages that a probe goes through, with the time that each takes */
  readonly stages?: readonly (readonly [stage: StageName, ms: number])[];
  /** instead of the traces by name */
  readonly probe?: Probe;
  readonly measurePath?: PathMeasurer;
  /** absent: no terminal, and nothing on standard input */
  readonly secrets?: SecretInput;
  readonly scan?: Scanner;
}

const NO_SECRETS: SecretInput = { canAsk: false, ask: async () => null, line: async () => '' };

class Recorded implements Output {
  readonly isTTY: boolean;
  readonly columns: number | null;
  text = '';

  constructor(terminal: { readonly columns: number } | undefined) {
    this.isTTY = terminal !== undefined;
    this.columns = terminal?.columns ?? null;
  }

  write(text: string): void {
    this.text += text;
  }

  async flush(): Promise<void> {}
}

/**
 * Runs the program in this process. Instead of a network there are the traces of `handshake.ts`: a
 * target `ssh.example` is answered with the trace `ssh`, `healthy+refused.example` with both.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const stdout = new Recorded(options.stdout);
  const stderr = new Recorded(options.stderr);
  const probed: Run['probed'][number][] = [];
  const byAddress = new Map<string, HandshakeTrace>();
  const status = await main(argv, {
    stdout,
    stderr,
    secrets: options.secrets ?? NO_SECRETS,
    env: options.env ?? { LANG: 'C.UTF-8' },
    platform: 'linux',
    threads: 1,
    signal: options.signal ?? new AbortController().signal,
    now: () => STARTED_AT_MS,
    probe:
      options.probe ??
      (async (target, settings, { allAddresses, onStage, afterMs = 0 }) => {
        const { name } = target;
        probed.push({ target: renderTarget(target), name, settings, allAddresses, afterMs });
        // A further question goes to the address that answered before: it is answered in the same way.
        const again = byAddress.get(target.host);
        if (again !== undefined) return [again];
        for (const [stage, ms] of options.stages ?? []) {
          onStage(stage);
          await sleep(ms);
        }
        const traces = tracesFor(target);
        for (const trace of traces) byAddress.set(trace.server.address ?? '', trace);
        return traces;
      }),
    measurePath:
      options.measurePath ??
      (async () => {
        throw new TypeError('this test measures no path');
      }),
    scan:
      options.scan ??
      (async () => {
        throw new TypeError('this test scans nothing');
      }),
  });
  return { status, stdout: stdout.text, stderr: stderr.text, probed };
}

function tracesFor(target: Target): readonly HandshakeTrace[] {
  const names = target.host.replace('.example', '').split('-and-');
  return names.map((name, index) => {
    const trace: HandshakeTrace | undefined = TRACES[name as TraceName];
    if (trace === undefined) throw new TypeError(`no trace '${name}'`);
    const address = index === 0 ? trace.server.address : `2001:db8::${index}`;
    return { ...trace, server: { ...trace.server, address } };
  });
}
