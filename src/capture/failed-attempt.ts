import type { TcpFailedFact } from '../handshake/trace.js';
import type { AttemptEnd } from './attempt-end.js';
import type { Conversation } from './conversation.js';

/** Until when was looked for packets of a conversation, where the capture tells more than those. */
export interface Watch {
  /** nanoseconds of the file's scale */
  readonly until: number;
  /** what its probe was told, in a capture of our own */
  readonly attempt: AttemptEnd | null;
}

/** A SYN is repeated after one second at the latest: after so long, none was answered in time. */
const SILENCE_NS = 1e9;

/** ICMP errors that end a connection attempt, and the error that Linux makes of them. */
const ERRORS: Readonly<Record<string, string>> = {
  'port-unreachable': 'ECONNREFUSED',
  'protocol-unreachable': 'EHOSTUNREACH',
  'network-unreachable': 'ENETUNREACH',
  'network-unknown': 'ENETUNREACH',
  'network-prohibited': 'ENETUNREACH',
  'no-route': 'ENETUNREACH',
  'host-unreachable': 'EHOSTUNREACH',
  'host-unknown': 'EHOSTUNREACH',
  'host-prohibited': 'EHOSTUNREACH',
  'administratively-prohibited': 'EACCES',
  'beyond-scope': 'ENETUNREACH',
  'source-policy-failed': 'EACCES',
  'route-rejected': 'EACCES',
  'time-exceeded': 'EHOSTUNREACH',
};

/**
 * Why no connection came about, in the words of a live probe, which hears of it from its system.
 *
 * @param conversation with a SYN and neither SYN/ACK nor data
 * @param refused the RST in answer to the SYN; null: there was none
 * @param captureEndAt time of the capture's last packet
 * @param watch null: the capture does not tell
 * @returns null: the capture ends too early to tell
 */
export function failedAttempt(
  conversation: Conversation,
  refused: { readonly at: number; readonly packet: number } | null,
  captureEndAt: number,
  watch: Watch | null,
  toMicros: (at: number) => number | null,
): TcpFailedFact | null {
  const kind = 'tcp-failed';
  if (refused !== null) {
    const { at, packet } = refused;
    const packets = [packet];
    return { kind, at: toMicros(at), packets, how: 'refused', by: 'server', code: 'ECONNREFUSED' };
  }
  const icmp = conversation.icmp.find(({ type }) => ERRORS[type] !== undefined);
  if (icmp !== undefined) {
    const code = ERRORS[icmp.type] ?? null;
    const isRefusal = code === 'ECONNREFUSED';
    return {
      kind,
      at: toMicros(icmp.at),
      packets: [icmp.packet],
      how: isRefusal ? 'refused' : 'unreachable',
      by: isRefusal ? 'server' : 'network',
      code,
    };
  }
  if (watch !== null && watch.attempt !== null) {
    const { how, code } = watch.attempt;
    const by = how === 'unreachable' ? 'network' : null;
    return { kind, at: toMicros(watch.until), how, by, code };
  }
  const endAt = Math.max(captureEndAt, watch?.until ?? captureEndAt);
  const isTelling = conversation.synRepeated || endAt - conversation.firstAt >= SILENCE_NS;
  if (!isTelling) return null;
  // Of a SYN that was sent once, only the time that was waited for an answer says anything.
  const at = watch === null || conversation.synRepeated ? conversation.lastAt : endAt;
  return { kind, at: toMicros(at), how: 'timeout', by: null, code: null };
}
