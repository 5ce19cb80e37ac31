import type { DirectionReport, SizeTrial } from '../handshake/path.js';
import { Drip, whyNoDrip } from './drip.js';
import type { Ledger } from './ledger.js';
import { PATIENCE, PATIENCE_WITH_LOSS, type PairVerdict } from './pair-verdict.js';
import type { PathContext } from './path-context.js';
import {
  type Bracket,
  firstSizes,
  isNarrow,
  LEAST_SIZE,
  MOST_TESTED,
  nextSizes,
} from './size-search.js';
import { HEAVY_LOSS, type ToServerSeen, toServerReport } from './to-server-verdict.js';

/** Single-byte packets for the estimate of loss. */
const SINGLES = 120;

/** Sizes in one connection after the first: a few round trips, and less than a TLS record in all. */
const SIZES_AT_ONCE = 7;

/** Schannel's limit for a ClientHello is not documented; the second try stays small. */
const CAREFUL_BYTES = 3800;

/** Above this share of lost small packets one more confirmation is asked for, and more patience. */
export const MUCH_LOSS = 0.1;

/** All sizes of one connection together: with much loss each may take seconds. */
const FEED_LIMIT_MS = 30_000;

/** Attempts in a row that come to nothing: the server does not want to be asked any more. */
const MAX_FUTILE = 2;

export interface ToServerOptions {
  readonly exact: boolean;
  readonly interfaceMtu: number | null;
  /** MSS of the server before its first large packets; null: not told */
  readonly mssBefore: number | null;
}

/** Finds the largest packet that reaches the server, and on the way how many small ones are lost. */
export async function measureToServer(
  context: PathContext,
  ledger: Ledger,
  options: ToServerOptions,
): Promise<{ readonly report: DirectionReport; readonly seen: ToServerSeen }> {
  const search = new ToServerSearch(context, ledger, options);
  const seen = await search.run();
  return { report: toServerReport(seen, options), seen };
}

class ToServerSearch {
  readonly #context: PathContext;
  readonly #ledger: Ledger;
  readonly #options: ToServerOptions;
  readonly #trials: SizeTrial[] = [];
  #bracket: Bracket | null = null;
  #seen: Omit<ToServerSeen, 'trials' | 'confirmations'>;
  readonly #vanishedIn = new Set<number>();
  #careful = false;
  #futile = 0;
  /** the path was seen to carry its largest packet, or to be obeyed about it */
  #settled = false;

  constructor(context: PathContext, ledger: Ledger, options: ToServerOptions) {
    this.#context = context;
    this.#ledger = ledger;
    this.#options = options;
    this.#seen = {
      singles: null,
      largestPacket: null,
      pathMtuAtConnect: null,
      mss: null,
      learnedMtu: null,
      repaired: null,
      silenced: 0,
      cutShort: null,
      family: context.family,
    };
  }

  async run(): Promise<ToServerSeen> {
    const unable = whyNoDrip(this.#context.kernel);
    if (unable === null) await this.#search();
    else this.#seen = { ...this.#seen, cutShort: unable };
    return { ...this.#seen, trials: this.#trials, confirmations: this.#vanishedIn.size };
  }

  async #search(): Promise<void> {
    while (!this.#isDone()) {
      const cutShort = this.#ledger.whyNot();
      if (cutShort !== null) {
        this.#seen = { ...this.#seen, cutShort };
        break;
      }
      if (!(await this.#attempt())) break;
    }
  }

  #isDone(): boolean {
    if (this.#settled) return true;
    const bracket = this.#bracket;
    if (bracket === null) return false;
    if (this.#isHopeless()) return true;
    return isNarrow(bracket, this.#options.exact) && this.#vanishedIn.size >= this.#confirmations();
  }

  #confirmations(): number {
    return this.#lossRatio() > MUCH_LOSS ? 3 : 2;
  }

  /** Where so much is lost no size will be blamed, whatever the trials come to. */
  #isHopeless(): boolean {
    return this.#lossRatio() > HEAVY_LOSS;
  }

  #lossRatio(): number {
    const { singles } = this.#seen;
    return singles === null || singles.sent === 0 ? 0 : singles.lost / singles.sent;
  }

  /** One connection. @returns false when another would not help */
  async #attempt(): Promise<boolean> {
    const attempt = await this.#ledger.begin('to-server');
    const opened = await Drip.open(this.#context);
    if (opened.kind === 'failed') {
      attempt.end(`no answer to be had: ${opened.says}`);
      return this.#failed(opened.says, opened.why === 'no-kernel' || opened.why === 'aborted');
    }
    const { drip } = opened;
    attempt.connected(drip.rttUs, drip.synRetransmissions);
    this.#lookAt(drip);
    const largest = drip.largestPacket;
    if (largest === null) {
      await drip.leave();
      attempt.end('the kernel does not tell how large a segment may be');
      return this.#failed('the kernel does not tell how large a segment may be', true);
    }
    const sizes = this.#sizesFor(largest);
    const wantsSingles = this.#seen.singles === null && !this.#careful;
    drip.prepare(sizes, wantsSingles ? SINGLES : 0);
    if (wantsSingles) {
      this.#ledger.tell('counting the small packets that get lost on the way to the server');
      const singles = await drip.singles(SINGLES);
      if (singles?.silenced === true) {
        drip.abandon();
        attempt.end('after a few hundred bytes nothing passed any more, not even single bytes');
        return this.#silent();
      }
      this.#seen = { ...this.#seen, singles };
    }
    const said: string[] = [];
    const goesOn = await this.#feed(drip, sizes, attempt.index, said);
    attempt.end(said.join(', ') || 'no size could be tried');
    return goesOn;
  }

  #lookAt(drip: Drip): void {
    if (this.#seen.largestPacket !== null) return;
    const largestPacket = drip.largestPacket;
    this.#seen = {
      ...this.#seen,
      largestPacket,
      pathMtuAtConnect: drip.pathMtu,
      mss: drip.mss,
    };
  }

  #sizesFor(largest: number): readonly number[] {
    const rising =
      this.#bracket === null ? firstSizes(largest) : nextSizes(this.#bracket, SIZES_AT_ONCE);
    const possible = rising.filter((size) => size <= largest);
    if (!this.#careful) return possible;
    // The largest first: they tell most, and the message must stay short.
    const chosen: number[] = [];
    let sum = 0;
    for (const size of [possible.at(-1) ?? largest, ...possible]) {
      if (chosen.includes(size) || sum + size > CAREFUL_BYTES) continue;
      chosen.push(size);
      sum += size;
    }
    return chosen.toSorted((one, other) => one - other);
  }

  /** Feeds the sizes, rising, until one does not pass. @returns false when another connection would not help */
  async #feed(
    drip: Drip,
    sizes: readonly number[],
    attempt: number,
    said: string[],
  ): Promise<boolean> {
    const patience = this.#lossRatio() > MUCH_LOSS ? PATIENCE_WITH_LOSS : PATIENCE;
    const until = this.#context.clock.now() + FEED_LIMIT_MS * 1000;
    for (const size of this.#isHopeless() ? fewOf(sizes) : sizes) {
      if (this.#context.clock.now() > until) {
        said.push('the rest was left out');
        await drip.finish();
        return this.#failed('it took too long on a path that loses so much', true);
      }
      this.#ledger.tell(`a packet of ${size} bytes to the server`);
      const verdict = await drip.pair(size, patience);
      this.#note(size, verdict, attempt);
      said.push(`${size} ${describe(verdict)}`);
      switch (verdict.kind) {
        case 'passed':
          continue;
        case 'refused':
          return await this.#confirmLearned(drip, verdict.pathMtu, attempt, said);
        case 'vanished':
          this.#futile = 0;
          drip.abandon();
          return true;
        case 'repaired':
          drip.abandon();
          return true;
        case 'silent':
          drip.abandon();
          return this.#silent();
        case 'unknowable':
          if (!drip.isOver && !this.#context.signal.aborted) {
            drip.abandon();
            return this.#failed(verdict.why, false);
          }
          await drip.leave();
          return this.#endedEarly(attempt, said);
        case 'pending':
          await drip.leave();
          return this.#endedEarly(attempt, said);
      }
    }
    this.#futile = 0;
    // All passed. Without a bracket larger ones are left to be tried where one had been lost.
    const isLargest = (sizes.at(-1) ?? 0) >= Math.min(drip.largestPacket ?? 0, MOST_TESTED);
    if (isLargest || (this.#bracket === null && this.#careful)) this.#settled = true;
    await drip.finish();
    return true;
  }

  #note(size: number, verdict: PairVerdict, attempt: number): void {
    switch (verdict.kind) {
      case 'passed':
        this.#trials.push({ bytes: size, result: 'passed', sent: 1 + verdict.resent, attempt });
        // What passes once is no limit: what seemed to vanish there was lost.
        if (this.#bracket !== null && size >= this.#bracket.failed) {
          this.#bracket = null;
          this.#vanishedIn.clear();
        } else if (this.#bracket !== null && size > this.#bracket.passed) {
          this.#bracket = { ...this.#bracket, passed: size };
        }
        break;
      case 'refused':
        this.#trials.push({ bytes: size, result: 'refused', sent: 1, attempt });
        break;
      case 'vanished':
      case 'repaired':
        this.#trials.push({ bytes: size, result: 'vanished', sent: verdict.sent, attempt });
        this.#vanishedIn.add(attempt);
        if (verdict.kind === 'repaired') {
          this.#seen = { ...this.#seen, repaired: { size, afterUs: verdict.afterUs } };
        }
        this.#bracket = {
          passed: this.#largestPassed(size),
          failed: Math.min(size, this.#bracket?.failed ?? size),
        };
        break;
      case 'silent':
      case 'pending':
      case 'unknowable':
        this.#trials.push({ bytes: size, result: 'unclear', sent: 1, attempt });
        break;
    }
  }

  #largestPassed(below: number): number {
    const passed = this.#trials
      .filter(({ bytes, result }) => result === 'passed' && bytes < below)
      .map(({ bytes }) => bytes);
    return Math.max(LEAST_SIZE - 1, ...passed);
  }

  /** What the router named must pass; the kernel has cut the stuck segment up by now. */
  async #confirmLearned(
    drip: Drip,
    pathMtu: number,
    attempt: number,
    said: string[],
  ): Promise<boolean> {
    this.#seen = { ...this.#seen, learnedMtu: pathMtu };
    const verdict = await drip.pair(pathMtu, PATIENCE);
    this.#note(pathMtu, verdict, attempt);
    said.push(`${pathMtu} ${describe(verdict)}`);
    if (verdict.kind === 'passed') {
      this.#settled = true;
      await drip.finish();
      return true;
    }
    drip.abandon();
    return this.#failed('the learned path MTU did not pass either', false);
  }

  #silent(): boolean {
    this.#seen = { ...this.#seen, silenced: this.#seen.silenced + 1 };
    return this.#failed('small packets stopped passing as well', false);
  }

  /** The server ended the connection before the message was complete. */
  #endedEarly(attempt: number, said: readonly string[]): boolean {
    const largest = this.#seen.largestPacket ?? 0;
    const tried = this.#trials.some(({ bytes, result }) => result === 'passed' && bytes >= largest);
    if (tried && this.#bracket === null) {
      this.#settled = true;
      return true;
    }
    if (!this.#careful) {
      this.#careful = true;
      return true;
    }
    return this.#failed(
      `the server ended the connection after ${said.length} sizes`,
      false,
      this.#hasProgressed(attempt),
    );
  }

  /** A size passed in this connection that is larger than all that had passed before. */
  #hasProgressed(attempt: number): boolean {
    const passed = this.#trials.filter(({ result }) => result === 'passed');
    const before = passed.filter((trial) => trial.attempt !== attempt).map(({ bytes }) => bytes);
    const most = Math.max(0, ...before);
    return passed.some((trial) => trial.attempt === attempt && trial.bytes > most);
  }

  #failed(why: string, isFinal: boolean, wasUseful = false): boolean {
    if (!wasUseful) this.#futile++;
    if (!isFinal && this.#futile < MAX_FUTILE) return true;
    this.#seen = { ...this.#seen, cutShort: why };
    return false;
  }
}

function describe(verdict: PairVerdict): string {
  switch (verdict.kind) {
    case 'passed':
      return verdict.resent === 0 ? 'passed' : 'passed when sent again';
    case 'refused':
      return `was refused by a router: path MTU ${verdict.pathMtu}`;
    case 'vanished':
      return `vanished, sent ${verdict.sent} times`;
    case 'repaired':
      return 'was given up by the kernel itself';
    case 'silent':
      return 'and all after it stayed unanswered';
    case 'unknowable':
      return `could not be judged: ${verdict.why}`;
    case 'pending':
      return 'could not be judged yet';
  }
}

/** Enough to see that large packets pass at all: what every path carries, and the largest. */
function fewOf(sizes: readonly number[]): readonly number[] {
  return sizes.filter((size, index) => size === 1280 || index === sizes.length - 1);
}
