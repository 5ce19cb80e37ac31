import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../probe/clock.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import { openUdpLine } from './datagram-line.js';
import { type SynExchange, startSynExchange } from './syn-exchange.js';
import { isSettled, MAX_DATAGRAMS, nextSyn, type SynOutcome } from './udp-plan.js';
import { judgeUdp, type UdpMeasured } from './udp-verdict.js';

export interface UdpRequest {
  /** an IP literal; a zone may follow `%` */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  /** how long each datagram's answer is waited for, milliseconds */
  readonly waitMs: number;
  /** between a datagram that was answered and the next, milliseconds */
  readonly pauseMs: number;
}

/** As long as Windows waits before it sends a SYN again, [MS-RDPEUDP] Appendix A. */
export const DEFAULT_UDP_WAIT_MS = 800;
export const DEFAULT_UDP_PAUSE_MS = 100;

/** What the measurement takes from outside. */
export interface UdpSurroundings {
  readonly kernel: KernelSockets;
  readonly clock: Clock;
  /** gives that many random bytes */
  readonly random: (count: number) => Uint8Array;
}

/**
 * Whether the server answers RDPEUDP, and what sizes pass in each direction where it does. Sends
 * one datagram where it is answered, and MAX_DATAGRAMS at most.
 *
 * Never rejects: where it is interrupted, it tells what was known by then.
 */
export async function measureUdp(
  request: UdpRequest,
  { kernel, clock, random }: UdpSurroundings,
  signal: AbortSignal,
): Promise<UdpMeasured> {
  const exchanges: SynExchange[] = [];
  const unopened: SynOutcome[] = [];
  const outcomes = (): SynOutcome[] => [
    ...exchanges.map((exchange) => exchange.outcome()),
    ...unopened,
  ];
  let fragmentable: string | null = null;
  const news = new News();
  const onAbort = (): void => news.tell();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const plan = nextSyn(outcomes());
      const sent = outcomes().reduce((sum, outcome) => sum + outcome.sent, 0);
      if (plan === null || sent + plan.attempts > MAX_DATAGRAMS) break;
      if (sent > 0) await pause(request.pauseMs, signal);
      if (signal.aborted) break;
      const opened = await openUdpLine(request, kernel);
      if (opened.kind === 'failed') {
        unopened.push({ plan, sent: 0, result: { kind: 'not-sent', code: opened.code } });
        break;
      }
      const { line } = opened;
      fragmentable = line.fragmentable;
      const exchange = startSynExchange(plan, line, clock, random, () => news.tell());
      exchanges.push(exchange);
      // Answers to the ones before may still come: they decide as well.
      const decided = (): boolean =>
        signal.aborted || exchange.outcome().result.kind !== 'silent' || isSettled(outcomes());
      for (let attempt = 0; attempt < plan.attempts && !signal.aborted; attempt++) {
        exchange.send();
        if (await news.until(decided, request.waitMs)) break;
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const exchange of exchanges) exchange.close();
  }
  return judgeUdp(outcomes(), {
    family: request.family,
    fragmentable,
    interrupted: signal.aborted,
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Wakes the one that waits for something to happen. */
class News {
  #wake = (): void => {};

  tell(): void {
    this.#wake();
  }

  /** @returns whether it came true within the time */
  async until(isTrue: () => boolean, limitMs: number): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(result);
      };
      const timer = setTimeout(() => settle(isTrue()), limitMs);
      this.#wake = () => {
        if (isTrue()) settle(true);
      };
      this.#wake();
    });
  }
}
