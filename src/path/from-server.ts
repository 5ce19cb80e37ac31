import type { DirectionReport } from '../handshake/path.js';
import { clampState, wireMss } from '../probe/tcp-info.js';
import type { TlsOffer } from '../probe/tls-client.js';
import {
  describe,
  type FlightTrial,
  type FromServerSeen,
  isManySegments,
  longestPacket,
} from './flight-trial.js';
import type { FlightVerdict } from './flight-verdict.js';
import { fromServerReport } from './from-server-verdict.js';
import type { Ledger } from './ledger.js';
import { mssFor, packetForMss, packetOf, shapeOf } from './packet-size.js';
import type { PathContext } from './path-context.js';
import { type SampledHandshake, sampledHandshake } from './sampled-handshake.js';
import { type Bracket, isNarrow, LEAST_SIZE, nextSize } from './size-search.js';
import { MUCH_LOSS } from './to-server.js';

/** How long a server flight may take before it counts as stalled, on a path that loses nothing. */
const STALL_MS = 3000;

/** The same on a path that loses packets of any size: six transmissions of a Linux server. */
const STALL_WITH_LOSS_MS = 5000;

/** A server that thinks is waited for this many times as long as it took with small packets. */
const STALL_FACTOR = 3;
const MAX_STALL_MS = 10_000;

const SOME_LOSS = 0.02;
const MAX_FUTILE = 2;

const CLAMP_LOST: FlightVerdict = {
  kind: 'ended',
  says: 'the system connected with another MSS than it was asked for',
};

export interface FromServerOptions {
  readonly exact: boolean;
  readonly lossToServer: number | null;
  /** what the other direction showed: the server obeys the same limit */
  readonly toServer: DirectionReport;
}

/**
 * Finds the largest packet that comes from the server. The first handshake says what ordinary
 * connections meet; then connections with a smaller MSS find the size up to which its answer comes.
 */
export async function measureFromServer(
  context: PathContext,
  ledger: Ledger,
  first: SampledHandshake & { readonly attempt: number },
  options: FromServerOptions,
): Promise<DirectionReport> {
  const search = new FromServerSearch(context, ledger, options);
  return fromServerReport(await search.run(first), options.toServer);
}

class FromServerSearch {
  readonly #context: PathContext;
  readonly #ledger: Ledger;
  readonly #options: FromServerOptions;
  readonly #trials: FlightTrial[] = [];
  #mss: number | null = null;
  #bracket: Bracket | null = null;
  #stallMs: number;
  #cutShort: string | null = null;
  #futile = 0;

  constructor(context: PathContext, ledger: Ledger, options: FromServerOptions) {
    this.#context = context;
    this.#ledger = ledger;
    this.#options = options;
    this.#stallMs = this.#isLossy() ? STALL_WITH_LOSS_MS : STALL_MS;
  }

  async run(first: SampledHandshake & { readonly attempt: number }): Promise<FromServerSeen> {
    const opening = first.series.find(({ moment }) => moment === 'connect')?.info;
    if (opening !== undefined) this.#mss = wireMss(opening.advertisedMss, opening);
    this.#keep(first, first.attempt, 'everything', null);
    const { kernel } = this.#context;
    if (kernel.available) {
      const offer = await this.#offerThatFails(first);
      if (offer !== null) await this.#search(offer);
    } else {
      this.#cutShort = kernel.why;
    }
    return {
      trials: this.#trials,
      mss: this.#mss,
      bracket: this.#bracket,
      lossToServer: this.#options.lossToServer,
      cutShort: this.#cutShort,
      family: this.#context.family,
    };
  }

  #isLossy(): boolean {
    return (this.#options.lossToServer ?? 0) > SOME_LOSS;
  }

  /** The offer whose answer does not come through at full size; null: there is nothing to search. */
  async #offerThatFails(first: SampledHandshake): Promise<TlsOffer | null> {
    const { verdict } = first;
    switch (verdict.kind) {
      case 'stalled':
      case 'repaired':
        return 'everything';
      case 'arrived':
        // Several segments of the same size below our MSS show the server's own limit.
        if (verdict.isFull || this.#mss === null || isManySegments(verdict)) return null;
        return await this.#longerAnswer(first);
      case 'stuck':
      case 'declined':
      case 'ended':
      case 'unknowable':
      case 'no-connection':
        this.#cutShort = verdict.says;
        return null;
    }
  }

  /** An answer that fits into one packet proves little: asks for longer ones. */
  async #longerAnswer(first: SampledHandshake): Promise<TlsOffer | null> {
    const { version } = first.handshake.tls;
    if (version === null) return null;
    const offers: readonly TlsOffer[] =
      version === 'TLSv1.3' ? ['long-answer-tls13', 'long-answer-tls12'] : ['long-answer-tls12'];
    for (const offer of offers) {
      if (!this.#ledger.mayConnect()) return null;
      this.#ledger.tell('a longer answer from the server');
      const trial = await this.#attempt(null, offer, MAX_STALL_MS);
      switch (trial.verdict.kind) {
        case 'arrived':
          if (trial.verdict.isFull) return null;
          break;
        case 'stalled':
        case 'repaired':
          return offer;
        case 'stuck':
        case 'declined':
        case 'ended':
        case 'unknowable':
        case 'no-connection':
          break;
      }
    }
    return null;
  }

  async #search(offer: TlsOffer): Promise<void> {
    const full = this.#mss === null ? null : packetForMss(this.#mss, this.#context.family);
    const { kernel } = this.#context;
    const cannot = kernel.available ? kernel.abilities['clamp-mss'] : kernel.why;
    if (full === null || cannot !== null) {
      this.#cutShort = cannot ?? 'the kernel does not tell the MSS';
      return;
    }
    this.#bracket = { passed: LEAST_SIZE - 1, failed: full };
    let hasPassed = false;
    while (!this.#isDone(hasPassed)) {
      const whyNot = this.#ledger.whyNot();
      if (whyNot !== null) {
        this.#cutShort = whyNot;
        return;
      }
      const size = this.#sizeToTry(hasPassed);
      this.#ledger.tell(`packets of ${size} bytes from the server`);
      // Until small packets have brought the answer it is not known how long the server thinks.
      const limitMs = hasPassed ? this.#stallMs : MAX_STALL_MS;
      const { verdict } = await this.#attempt(size, offer, limitMs);
      switch (verdict.kind) {
        case 'arrived':
          if (!this.#passed(size, verdict)) return;
          hasPassed = true;
          break;
        case 'repaired':
        case 'stalled':
          if (!this.#stalled(size, hasPassed)) return;
          break;
        case 'stuck':
        case 'declined':
        case 'ended':
        case 'unknowable':
        case 'no-connection':
          if (!this.#failed(verdict.says)) return;
          break;
      }
    }
  }

  #isDone(hasPassed: boolean): boolean {
    const bracket = this.#bracket;
    if (bracket === null) return true;
    return (
      hasPassed &&
      isNarrow(bracket, this.#options.exact) &&
      this.#confirmations() >= ((this.#options.lossToServer ?? 0) > MUCH_LOSS ? 3 : 2)
    );
  }

  /** Connections in which packets above what passes did not come. */
  #confirmations(): number {
    const passed = this.#bracket?.passed ?? 0;
    return this.#trials.filter(
      ({ verdict, allowed }) =>
        (verdict.kind === 'stalled' || verdict.kind === 'repaired') && (allowed ?? 0) > passed,
    ).length;
  }

  #sizeToTry(hasPassed: boolean): number {
    const bracket = this.#bracket;
    if (bracket === null || !hasPassed) return LEAST_SIZE;
    return isNarrow(bracket, this.#options.exact) ? bracket.failed : nextSize(bracket);
  }

  /** @returns false when the search is at its end */
  #passed(size: number, verdict: FlightVerdict & { kind: 'arrived' }): boolean {
    const bracket = this.#bracket;
    if (bracket === null) return false;
    if (!verdict.isFull) {
      return this.#failed('the server answered with smaller packets than were allowed');
    }
    this.#futile = 0;
    // What is slow with small packets too is no stall of large ones.
    const patience = Math.min(MAX_STALL_MS, STALL_FACTOR * (verdict.tookMs ?? 0));
    this.#stallMs = Math.max(this.#stallMs, patience);
    if (size >= bracket.failed) {
      // It passed after all: what stalled before was lost, or the server had been busy.
      this.#bracket = null;
      return false;
    }
    // No packet is larger than the whole answer.
    const longest = longestPacket(this.#trials, this.#trials.at(-1)?.offer ?? 'everything');
    this.#bracket = {
      passed: Math.max(bracket.passed, size),
      failed: Math.max(size + 1, Math.min(bracket.failed, longest ?? bracket.failed)),
    };
    return true;
  }

  #stalled(size: number, hasPassed: boolean): boolean {
    const bracket = this.#bracket;
    if (bracket === null) return false;
    if (!hasPassed) {
      return this.#failed(
        'small packets do not bring the answer either, so it is no matter of size',
      );
    }
    this.#futile = 0;
    this.#bracket = { ...bracket, failed: Math.min(bracket.failed, size) };
    return true;
  }

  #failed(why: string): boolean {
    this.#futile++;
    if (this.#futile < MAX_FUTILE) return true;
    this.#cutShort = why;
    return false;
  }

  async #attempt(size: number | null, offer: TlsOffer, patienceMs: number): Promise<FlightTrial> {
    const { family, settings } = this.#context;
    const clamp = size === null ? null : mssFor(size, family);
    const attempt = await this.#ledger.begin('from-server', clamp);
    const { stageLimitsMs } = settings;
    const limitMs = Math.min(stageLimitsMs.tls, patienceMs);
    const made = await sampledHandshake(this.#context, clamp, {
      tlsOffer: offer,
      stageLimitsMs: { ...stageLimitsMs, tls: limitMs, mcs: limitMs },
    });
    attempt.connected(made.rttUs, made.synRetransmissions);
    const trial = this.#keep(made, attempt.index, offer, clamp);
    attempt.end(describe(size, trial.verdict));
    return trial;
  }

  #keep(
    made: SampledHandshake,
    attempt: number,
    offer: TlsOffer,
    clamp: number | null,
  ): FlightTrial {
    const last = made.series.at(-1)?.info;
    const isLost = clamp !== null && clampState(last ?? null, clamp) === 'lost';
    const advertised = last === undefined ? null : wireMss(last.advertisedMss, last);
    const allowed = advertised === null ? null : packetForMss(advertised, this.#context.family);
    const trial: FlightTrial = {
      allowed,
      verdict: isLost ? CLAMP_LOST : made.verdict,
      offer,
      packetsReceived: last?.segmentsReceived ?? null,
      overhead: last === undefined ? 0 : packetOf(0, shapeOf(last, this.#context.family)),
      attempt,
    };
    this.#trials.push(trial);
    return trial;
  }
}
