import { decisiveOf } from '../diagnose/decisive.js';
import type { Handshake } from '../handshake/handshake.js';
import { toHandshake } from '../handshake/summary.js';
import { serverNameFor } from '../probe/server-name.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { type FollowUp, nextFollowUp } from '../scan/follow-up.js';
import type { CheckOrder } from './check-target.js';
import type { CliIo } from './io.js';
import { familyOf } from './ip-address.js';

/**
 * Asks the few further questions that separate what a failed handshake leaves open, one connection
 * each, one after another, at the address that the handshake was made with.
 *
 * @param before all handshakes with the target so far
 * @param tell takes what is being asked
 */
export async function askFollowUps(
  target: Target,
  before: readonly Handshake[],
  order: CheckOrder,
  io: CliIo,
  tell: (says: string) => void,
): Promise<readonly Handshake[]> {
  const decisive = decisiveOf(before, null);
  const seen = decisive?.server.address ?? null;
  if (decisive === null || seen === null) return [];
  // An address that was given may name an interface, which the socket does not tell.
  const address = familyOf(target.host) === 0 ? seen : target.host;
  const asked: Handshake[] = [];
  for (;;) {
    const question = nextFollowUp(decisive, asked, order.settings);
    if (question === null || io.signal.aborted) return asked;
    tell(question.reason);
    const id = order.firstId + before.length + asked.length;
    const one = await ask(question, id, { target, address }, order, io);
    if (one === null) return asked;
    asked.push(one);
  }
}

interface Place {
  readonly target: Target;
  /** an IP literal */
  readonly address: string;
}

async function ask(
  { purpose, reason, settings, afterMs }: FollowUp,
  id: number,
  { target, address }: Place,
  order: CheckOrder,
  io: CliIo,
): Promise<Handshake | null> {
  const { recorder } = order;
  // The name goes on in TLS, although the address is not looked up again.
  const whole: ProbeSettings = {
    ...order.settings,
    serverName: order.settings.serverName ?? serverNameFor(target.host),
    ...settings,
  };
  const [trace] = await io.probe({ host: address, port: target.port }, whole, {
    allAddresses: false,
    signal: io.signal,
    onStage: () => {},
    afterMs,
    ...(recorder === undefined ? {} : { recorder }),
  });
  return trace === undefined ? null : toHandshake(trace, { id, purpose, reason });
}
