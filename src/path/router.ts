import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../probe/clock.js';
import type { DirectDatagram, KernelSockets } from '../probe/kernel-figures.js';
import type { RouterError } from '../probe/router-error.js';
import { ORDINARY_PACKET, udpPayloadOf } from './packet-size.js';

export interface RouterRequest {
  /** an IP literal; a zone may follow `%` */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  /** path MTU that was learned, which a router is to confirm */
  readonly learnedMtu: number;
  /** null: not known */
  readonly interfaceMtu: number | null;
}

/** Who reported the path MTU, or why nobody can be named. */
export type RouterAnswer =
  | { readonly kind: 'named'; readonly from: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Longer than a second, so that a router which sends one ICMP error in a second sends another. */
const WAIT_MS = 1000;
const PAUSE_MS = 10;

/**
 * Asks for the report of the path MTU once more: by datagrams with do-not-fragment, which are too
 * large to arrive, whatever this kernel has learned. It learns the path MTU by them, so this comes
 * after everything that sizes matter to. Sends two datagrams at most. Never rejects.
 */
export async function routerOf(
  request: RouterRequest,
  kernel: KernelSockets,
  clock: Clock,
  signal: AbortSignal,
): Promise<RouterAnswer> {
  if (signal.aborted) return unknown('it was interrupted');
  const sizes = sizesToSend(request);
  if (sizes.length === 0) return unknown('this system sends no packets above it');
  if (!kernel.available) return unknown(kernel.why);
  const opened = kernel.openDatagram({ family: request.family, protocol: 'udp' });
  if (opened.kind === 'refused') return unknown(opened.why);
  const connected = opened.opened.direct(request);
  if (connected.kind === 'refused') return unknown(connected.why);
  const line = connected.opened;
  let other: RouterError | null = null;
  try {
    for (const bytes of sizes) {
      const why = line.send(new Uint8Array(udpPayloadOf(bytes, request.family)));
      if (why !== null) return unknown(`a datagram of ${bytes} bytes was not sent: ${why}`);
      const seen = await reportOf(line, clock, signal);
      if (seen?.mtu === request.learnedMtu) return { kind: 'named', from: seen.from };
      if (signal.aborted) return unknown('it was interrupted');
      other = seen ?? other;
    }
  } finally {
    line.close();
  }
  return unknown(
    other === null
      ? `no router refused a UDP datagram of ${sizes.join(' or ')} bytes within ${WAIT_MS / 1000} s`
      : `${other.from} refuses UDP datagrams and names ${other.mtu}, not ${request.learnedMtu}`,
  );
}

/**
 * The smallest that is too large passes routers on the way whose next link takes more than the last
 * one's. Some tunnels name less than they carry, so a packet of full size follows.
 */
function sizesToSend({ learnedMtu, interfaceMtu }: RouterRequest): readonly number[] {
  const most = interfaceMtu ?? ORDINARY_PACKET;
  if (learnedMtu >= most) return [];
  const full = learnedMtu < ORDINARY_PACKET ? Math.min(most, ORDINARY_PACKET) : most;
  return [...new Set([learnedMtu + 1, full])];
}

/** The first report that comes within the time. */
async function reportOf(
  line: DirectDatagram,
  clock: Clock,
  signal: AbortSignal,
): Promise<RouterError | null> {
  const endsAt = clock.now() + WAIT_MS * 1000;
  while (!signal.aborted) {
    const seen = line.routerError();
    if (seen !== null || clock.now() >= endsAt) return seen;
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return null;
}

function unknown(why: string): RouterAnswer {
  return { kind: 'unknown', why };
}
