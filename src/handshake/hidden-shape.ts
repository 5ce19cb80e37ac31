import { renderMs } from './milliseconds.js';
import { usesCredSsp } from './phase.js';
import { selectedProtocol } from './stages.js';
import type { Fact, Side } from './trace.js';

/** Records that one side sent in a row. */
interface Turn {
  readonly by: Side;
  bytes: number;
  /** of its last record */
  at: number | null;
}

/** With more turns than these the exchange went on behind the logon, and its end says nothing of it. */
const LOGON_TURNS = 3;

/** TLS 1.3: level, description, content type and the tag of the cipher; no TSRequest is as short. */
const HIDDEN_ALERT_BYTES = 2 + 1 + 16;

/**
 * What the records of a CredSSP exchange show without keys: [MS-CSSP] 3.1.5 has the client begin with
 * its NTLM negotiate, the server answer with the challenge, and the client log on. A server that ends
 * it there has refused the logon; old ones do so without an errorCode.
 *
 * @returns a clause that says that it is inferred; empty: nothing can be inferred
 */
export function hiddenShape(facts: readonly Fact[]): string {
  if (!usesCredSsp(selectedProtocol(facts) ?? 0)) return '';
  const { turns, end } = turnsOf(facts);
  // TLS 1.3: tickets of the server, before anything was asked.
  const exchange = turns[0]?.by === 'server' ? turns.slice(1) : turns;
  if (exchange.length !== LOGON_TURNS || end === null) return '';
  const sizes = exchange.map(({ by, bytes }) => `${by} ${bytes}`).join(', ');
  const logonAt = exchange.at(-1)?.at ?? null;
  const after =
    logonAt === null || end.at === null ? '' : ` ${renderMs((end.at - logonAt) / 1000)} later`;
  return `; inferred from its records (bytes: ${sizes}), the server ended it${after}, at the client's logon`;
}

/** The turns after TLS was established, up to the server's end. */
function turnsOf(facts: readonly Fact[]): {
  readonly turns: readonly Turn[];
  readonly end: { readonly at: number | null } | null;
} {
  const turns: Turn[] = [];
  const finished = facts.findLastIndex(
    (fact) => fact.kind === 'message' && fact.message.type === 'tls-finished',
  );
  for (const fact of facts.slice(finished + 1)) {
    if (fact.kind === 'gap') return { turns, end: null };
    if (fact.kind === 'message' && fact.message.type === 'tls-alert') {
      return { turns, end: fact.by === 'server' ? fact : null };
    }
    if (fact.kind === 'tcp-end') return { turns, end: fact.by === 'server' ? fact : null };
    if (fact.kind !== 'tls-record') continue;
    if (fact.by === 'server' && fact.length === HIDDEN_ALERT_BYTES) return { turns, end: fact };
    const last = turns.at(-1);
    if (last?.by === fact.by) {
      last.bytes += fact.length;
      last.at = fact.at;
    } else {
      turns.push({ by: fact.by, bytes: fact.length, at: fact.at });
    }
  }
  return { turns, end: null };
}
