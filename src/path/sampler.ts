import type { Clock } from '../probe/clock.js';
import type { TcpInfo } from '../probe/tcp-info.js';

/** What the kernel said of a socket at one moment. */
export interface SocketSample {
  /** microseconds on the clock of the run */
  readonly at: number;
  readonly moment: string;
  readonly info: TcpInfo;
}

/** Calls back again and again until the function that it returns is called. */
export type Ticker = (tick: () => void, intervalMs: number) => () => void;

/** The moment of samples that nobody asked for. */
export const WAITING = 'waiting';

/** A stall shows in the kernel's timers, which begin at 200 ms. */
const INTERVAL_MS = 100;

/** A minute of waiting, and all the moments of a run; then the series is thinned. */
const MAX_SAMPLES = 1000;

/** Where a reading is slow, it is left out so often that the others take a twentieth of the time. */
const REST = 20;

/**
 * Asks the kernel for the figures of one socket at named moments and every 100 ms in between. The
 * series is all that a verdict is made of.
 */
export class Sampler {
  readonly #info: () => TcpInfo | null;
  readonly #clock: Clock;
  readonly #end: () => void;
  #series: SocketSample[] = [];
  #resumeAt = 0;
  /** one tick of so many is taken */
  #stride = 1;
  #ticks = 0;

  /** @param info null: the kernel does not tell, or not any more */
  constructor(info: () => TcpInfo | null, clock: Clock, ticker: Ticker = timerTicker) {
    this.#info = info;
    this.#clock = clock;
    this.#end = ticker(() => this.#tick(), INTERVAL_MS);
  }

  /** In the order of time, never more than 1000 samples. */
  get series(): readonly SocketSample[] {
    return this.#series;
  }

  /** @returns null: the kernel did not tell */
  take(moment: string): SocketSample | null {
    const began = this.#clock.now();
    const info = this.#info();
    const at = this.#clock.now();
    this.#resumeAt = at + (at - began) * REST;
    if (info === null) return null;
    const sample = { at, moment, info };
    this.#series.push(sample);
    if (this.#series.length > MAX_SAMPLES) this.#thin();
    return sample;
  }

  /** No more samples but those asked for by name. Idempotent. */
  stop(): void {
    this.#end();
  }

  #tick(): void {
    this.#ticks++;
    if (this.#ticks % this.#stride !== 0 || this.#clock.now() < this.#resumeAt) return;
    this.take(WAITING);
  }

  /** Gives up every second sample: of waiting, and of the others where they are too many. */
  #thin(): void {
    const named = this.#series.filter(({ moment }) => moment !== WAITING).length;
    const keepNamed = named <= MAX_SAMPLES / 2;
    const last = this.#series.length - 1;
    let odd = false;
    this.#series = this.#series.filter(({ moment }, index) => {
      if (index === 0 || index === last || (keepNamed && moment !== WAITING)) return true;
      odd = !odd;
      return !odd;
    });
    this.#stride *= 2;
  }
}

function timerTicker(tick: () => void, intervalMs: number): () => void {
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
