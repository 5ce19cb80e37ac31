import type { Clock } from '../probe/clock.js';
import type { TcpInfo } from '../probe/tcp-info.js';

/** What the kernel said of a socket at one moment. */
export interface SocketSample {
  /** microseconds on the clock of the run */
  readonly at: number;
  readonly moment: string;
  readonly info: TcpInfo;
}

/** stub until the kernel branch lands */
export class Sampler {
  readonly #info: () => TcpInfo | null;
  readonly #clock: Clock;
  readonly #series: SocketSample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(info: () => TcpInfo | null, clock: Clock) {
    this.#info = info;
    this.#clock = clock;
    this.#timer = setInterval(() => this.take('waiting'), 100);
    this.#timer.unref();
  }

  get series(): readonly SocketSample[] {
    return this.#series;
  }

  take(moment: string): SocketSample | null {
    const info = this.#info();
    if (info === null) return null;
    const sample = { at: this.#clock.now(), moment, info };
    this.#series.push(sample);
    return sample;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
