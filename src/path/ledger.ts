import { setTimeout as sleep } from 'node:timers/promises';
import type { PathAttempt } from '../handshake/path.js';
import type { Clock } from '../probe/clock.js';

export type AttemptPurpose = PathAttempt['purpose'];

/** Breath between two connections: some servers queue no more than two, some count them. */
const PAUSE_MS = 150;

export interface LedgerOptions {
  /** connections at most, in all */
  readonly most: number;
  /** after so long no further one is made, milliseconds */
  readonly limitMs: number;
  /** takes what is being tried, for a person to read */
  onProgress?(progress: {
    readonly says: string;
    readonly made: number;
    readonly most: number;
  }): void;
}

/** Keeps count of the connections of a run, one at a time, and of what each was for. */
export class Ledger {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #options: LedgerOptions;
  readonly #signal: AbortSignal;
  #most: number;
  readonly #attempts: PathAttempt[] = [];
  readonly #rttsUs: number[] = [];
  #made = 0;
  #synAgain = 0;
  #synKnown = 0;

  constructor(clock: Clock, signal: AbortSignal, options: LedgerOptions) {
    this.#clock = clock;
    this.#began = clock.now();
    this.#options = options;
    this.#signal = signal;
    this.#most = options.most;
  }

  get made(): number {
    return this.#made;
  }

  get most(): number {
    return this.#most;
  }

  get attempts(): readonly PathAttempt[] {
    return this.#attempts;
  }

  /** of connections whose SYN was answered at once, in order */
  get rttsUs(): readonly number[] {
    return this.#rttsUs;
  }

  /** null: the kernel does not tell */
  get synRetransmissions(): { readonly connections: number; readonly of: number } | null {
    return this.#synKnown === 0 ? null : { connections: this.#synAgain, of: this.#synKnown };
  }

  /** milliseconds since the run began */
  now(): number {
    return (this.#clock.now() - this.#began) / 1000;
  }

  /** Raises the number of connections, never lowers it. */
  extend(most: number): void {
    this.#most = Math.max(this.#most, most);
  }

  left(): number {
    return this.#most - this.#made;
  }

  mayConnect(): boolean {
    return this.whyNot() === null;
  }

  /** Why there is no further connection; null: there may be one. */
  whyNot(): string | null {
    const { limitMs } = this.#options;
    if (this.#signal.aborted) return 'it was interrupted';
    if (this.left() <= 0) return 'the planned connections were used up';
    return this.now() < limitMs ? null : `the time for it was used up (${limitMs / 1000} s)`;
  }

  tell(says: string): void {
    this.#options.onProgress?.({ says, made: this.#made, most: this.#most });
  }

  /** Starts one connection, after a pause where there was one before. */
  async begin(purpose: AttemptPurpose, clampedMss: number | null = null): Promise<OpenAttempt> {
    if (this.#made > 0) await sleep(PAUSE_MS);
    this.#made++;
    const began = this.now();
    const index = this.#attempts.length;
    this.#attempts.push({
      atMs: Math.round(began * 1000) / 1000,
      tookMs: 0,
      purpose,
      says: 'it was interrupted',
      clampedMss,
      handshake: null,
    });
    return {
      index,
      connected: (rttUs, synRetransmissions) => {
        if (rttUs !== null) this.#rttsUs.push(rttUs);
        if (synRetransmissions === null) return;
        this.#synKnown++;
        if (synRetransmissions > 0) this.#synAgain++;
      },
      end: (says, handshake = null) => {
        const before = this.#attempts[index];
        if (before === undefined) return;
        this.#attempts[index] = {
          ...before,
          tookMs: Math.round((this.now() - began) * 1000) / 1000,
          says,
          handshake,
        };
      },
    };
  }
}

export interface OpenAttempt {
  /** position in `attempts` */
  readonly index: number;
  connected(rttUs: number | null, synRetransmissions: number | null): void;
  /** @param handshake its place among the traces of the run; null: it left none */
  end(says: string, handshake?: number | null): void;
}
