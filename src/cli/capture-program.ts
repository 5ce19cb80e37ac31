import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PacketStore } from '../capture/own-packets.js';
import type { CaptureProgram } from './save-options.js';

/** tcpdump needs 25 ms, dumpcap half a second; a machine under load more. */
const START_LIMIT_MS = 5000;

/**
 * The last packets of a connection are on their way when its sockets are done with it, and dumpcap
 * is handed its packets every quarter of a second; what it was not handed when it ends is lost.
 */
const TAIL_MS: Readonly<Record<CaptureProgram, number>> = { tcpdump: 150, dumpcap: 600 };

/** A program that was asked to end writes what it has and ends at once. */
const STOP_LIMIT_MS = 2000;

/** Enough to see why a program gave up. */
const MAX_COMPLAINT = 4096;

/** What each program says on standard error once it captures. */
const RUNS: Readonly<Record<CaptureProgram, RegExp>> = {
  tcpdump: /listening on/,
  // It says "Capturing on" before that, which is too early: packets were missing then.
  dumpcap: /^File: -/m,
};

/** What each says at its end of packets that it did not get. */
const DROPPED: Readonly<Record<CaptureProgram, RegExp>> = {
  tcpdump: /(\d+) packets? dropped by kernel/,
  dumpcap: /received\/dropped on interface .*: \d+\/(\d+)/,
};

/**
 * More than any IP packet has. With immediate mode the kernel's buffer is cut into slots of this
 * size, so libpcap's own values, 256 KiB in 2 MiB, hold eight packets and lose the ninth.
 */
const SNAP_LENGTH = '70000';
const BUFFER_KIB = '32768';

/**
 * All interfaces at once: which one leads to the target is the routing table's affair. Linux cooked
 * v2 tells them apart.
 */
const ARGUMENTS: Readonly<Record<CaptureProgram, (filter: string) => readonly string[]>> = {
  tcpdump: (filter) => [
    ...['-i', 'any', '-n', '-U', '--immediate-mode', '--time-stamp-precision=nano'],
    ...['-s', SNAP_LENGTH, '-B', BUFFER_KIB, '-w', '-', filter],
  ],
  dumpcap: (filter) => ['-i', 'any', '-y', 'LINUX_SLL2', '-q', '-w', '-', '-f', filter],
};

/** A capture that runs beside a probe. */
export interface RunningCapture {
  readonly program: CaptureProgram;
  /** nanoseconds since 1970 UTC */
  readonly startedAtNs: bigint;
  /** Ends the program, whatever it does; never rejects. */
  stop(): Promise<StoppedCapture>;
}

export interface StoppedCapture {
  readonly store: PacketStore;
  readonly stoppedAtNs: bigint;
  /** packets that the program did not get; null: it did not say */
  readonly dropped: number | null;
}

export type StartedCapture =
  | { readonly kind: 'running'; readonly capture: RunningCapture }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * What a probe of these addresses and this port may put on the wire, in the language of pcap-filter:
 * its own segments, later fragments of them, which name no port, and ICMP errors, which come from
 * anywhere.
 */
export function captureFilter(addresses: readonly string[], port: number): string {
  const hosts = addresses.map((address) => `host ${address.split('%')[0]}`).join(' or ');
  const fragments = '(ip[6:2] & 0x1fff != 0) or ip6 proto 44';
  return `((${hosts}) and (tcp port ${port} or ${fragments})) or icmp or icmp6`;
}

/**
 * Starts a capture and waits until it runs.
 *
 * @param now milliseconds since 1970 UTC
 */
export async function startCapture(
  program: CaptureProgram,
  filter: string,
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Promise<StartedCapture> {
  const child = spawn(program, ARGUMENTS[program](filter), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not in the terminal's group: Ctrl-C is for us, who still want the end of the connection.
    detached: true,
    env: { PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/local/sbin`, LC_ALL: 'C' },
  });
  const running = new ChildCapture(program, child, now);
  const why = await running.started();
  if (why === null) return { kind: 'running', capture: running };
  await running.kill();
  return { kind: 'failed', why };
}

class ChildCapture implements RunningCapture {
  readonly program: CaptureProgram;
  startedAtNs = 0n;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #now: () => number;
  readonly #store = new PacketStore();
  readonly #reading: Promise<void>;
  readonly #ended: Promise<void>;
  #said = '';
  #onSaid: () => void = () => {};
  #isOver = false;

  constructor(
    program: CaptureProgram,
    child: ChildProcessByStdio<null, Readable, Readable>,
    now: () => number,
  ) {
    this.program = program;
    this.#child = child;
    this.#now = now;
    const onExit = (): void => {
      child.kill('SIGTERM');
    };
    process.once('exit', onExit);
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        process.off('exit', onExit);
        this.#isOver = true;
        this.#onSaid();
        resolve();
      };
      child.once('close', over);
      child.once('error', (error: NodeJS.ErrnoException) => {
        this.#said += error.code === 'ENOENT' ? 'it is not installed' : error.message;
        over();
      });
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#said.length < MAX_COMPLAINT) this.#said += chunk.toString();
      this.#onSaid();
    });
    // No packet at all is no capture at all to the reader; then there is nothing to find either.
    this.#reading = this.#store
      .fill({
        name: program,
        chunks: child.stdout as AsyncIterable<Uint8Array>,
        progress: () => ({ bytesRead: 0, bytesTotal: null }),
      })
      .catch(() => {});
  }

  /** @returns why it does not run, or null: it runs */
  async started(): Promise<string | null> {
    const limit = Date.now() + START_LIMIT_MS;
    while (!RUNS[this.program].test(this.#said)) {
      if (this.#isOver) return complaintOf(this.#said);
      const left = limit - Date.now();
      if (left <= 0) return 'it did not start to capture in time';
      await this.#nextWord(left);
    }
    this.startedAtNs = this.#nowNs();
    return null;
  }

  async #nextWord(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#onSaid = () => {
        clearTimeout(timer);
        this.#onSaid = () => {};
        resolve();
      };
    });
  }

  #nowNs(): bigint {
    return BigInt(Math.round(this.#now())) * 1_000_000n;
  }

  async stop(): Promise<StoppedCapture> {
    await sleep(TAIL_MS[this.program]);
    const stoppedAtNs = this.#nowNs();
    this.#child.kill('SIGINT');
    await this.#end();
    const [, dropped] = DROPPED[this.program].exec(this.#said) ?? [];
    return {
      store: this.#store,
      stoppedAtNs,
      dropped: dropped === undefined ? null : Number(dropped),
    };
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#end();
  }

  async #end(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
    await this.#reading;
  }
}

/** The last line that a program said, without its own name before it. */
function complaintOf(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '') ?? 'it ended without a word';
  return last.replace(/^(tcpdump|dumpcap): /, '').slice(0, 200);
}
