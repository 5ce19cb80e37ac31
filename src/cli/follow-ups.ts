import { decisiveOf } from '../diagnose/decisive.js';
import type { Handshake } from '../handshake/handshake.js';
import { toHandshake } from '../handshake/summary.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { type FollowUp, nextFollowUp } from '../scan/follow-up.js';
import type { CheckOrder, Made } from './check-order.js';
import type { CliIo } from './io.js';
import { familyOf } from './ip-address.js';

/**
 * Asks the few further questions that separate what a failed handshake leaves open, one connection
 * each, one after another, at the address that the handshake was made with.
 *
 * @param before what was made with the target so far
 * @param tell takes what is being asked
 */
export async function askFollowUps(
  target: Target,
  before: readonly Made[],
  order: CheckOrder,
  io: CliIo,
  tell: (says: string) => void,
): Promise<readonly Made[]> {
  const decisive = decisiveOf(before.map(read), null);
  const seen = decisive?.server.address ?? null;
  if (decisive === null || seen === null) return [];
  // An address that was given may name an interface, which the socket does not tell.
  const address = familyOf(target.host) === 0 ? seen : target.host;
  const asked: Made[] = [];
  for (;;) {
    const question = nextFollowUp(decisive, asked.map(read), order.settings);
    if (question === null || io.signal.aborted) return asked;
    tell(question.reason);
    const trace = await ask(question, { target, address }, order, io);
    if (trace === undefined) return asked;
    asked.push({ trace, purpose: question.purpose, reason: question.reason });
  }
}

function read({ trace, purpose, reason }: Made, id: number): Handshake {
  return toHandshake(trace, { id, purpose, reason });
}

interface Place {
  readonly target: Target;
  /** an IP literal */
  readonly address: string;
}

async function ask(
  { settings, afterMs }: FollowUp,
  { target, address }: Place,
  order: CheckOrder,
  io: CliIo,
): Promise<HandshakeTrace | undefined> {
  const { recorder } = order;
  const whole: ProbeSettings = { ...order.settings, ...settings };
  // The name goes on, although the address is not looked up again.
  const name = familyOf(target.host) === 0 ? { name: target.host } : {};
  const [trace] = await io.probe({ host: address, port: target.port, ...name }, whole, {
    allAddresses: false,
    signal: io.signal,
    onStage: () => {},
    afterMs,
    ...(recorder === undefined ? {} : { recorder }),
  });
  return trace;
}
