import { type ChildProcess, spawn } from 'node:child_process';

/** The only home of child processes: what is run here is bounded in time and output. */
export interface ProgramRequest {
  readonly program: string;
  readonly args: readonly string[];
  /** `process.env`; the program gets it with its language set to C */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limitMs: number;
}

export type ProgramRun =
  | { readonly kind: 'ended'; readonly status: number | null; readonly output: string }
  /** killed by us, for it took too long or said too much */
  | { readonly kind: 'killed'; readonly output: string }
  /** `code` as the system calls it: ENOENT where there is no such program */
  | { readonly kind: 'not-run'; readonly code: string }
  | { readonly kind: 'aborted' };

/** A few pings or a trace say some kilobytes. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Runs a program without a shell and gives what it said on both of its streams. It is killed when
 * the time is over, and on abort. Never rejects.
 */
export async function runProgram(
  { program, args, environment, limitMs }: ProgramRequest,
  signal: AbortSignal,
): Promise<ProgramRun> {
  if (signal.aborted) return { kind: 'aborted' };
  return await new Promise<ProgramRun>((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        env: { ...environment, LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      });
    } catch (error) {
      resolve({ kind: 'not-run', code: codeOf(error) });
      return;
    }
    const said: Buffer[] = [];
    let bytes = 0;
    const output = (): string => Buffer.concat(said).toString('latin1');
    const settle = (run: ProgramRun): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(run);
    };
    const stop = (run: ProgramRun): void => {
      child.kill('SIGKILL');
      // What it started may still hold the other ends.
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle(run);
    };
    const onAbort = (): void => stop({ kind: 'aborted' });
    const listen = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes > MAX_OUTPUT_BYTES) stop({ kind: 'killed', output: output() });
      else said.push(piece);
    };
    const timer = setTimeout(() => stop({ kind: 'killed', output: output() }), limitMs);
    signal.addEventListener('abort', onAbort);
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('error', (error) => settle({ kind: 'not-run', code: codeOf(error) }));
    child.on('close', (status) => settle({ kind: 'ended', status, output: output() }));
  });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
