import type { Endpoint, HandshakeTrace, ProbeLabel } from '../handshake/trace.js';

/*
 * Packets do not show what a probe asked a connection for, nor that it left because it knew enough.
 * Our own captures say both in comments of their Section Header Block, one for each connection that
 * was not the first: `connection: {"from":"192.0.2.1:50000","purpose":"follow-up", ...}`.
 */

const PREFIX = 'connection: ';

/** Our own reasons are one clause each. */
const MAX_REASON = 400;

/** As many connections as a scan of every suite makes, and several of those. */
const MAX_LABELS = 5000;

const PURPOSE = /^[a-z][a-z0-9-]{0,31}$/;

/** @returns null: there is nothing that the packets do not tell */
export function renderLabel(client: Endpoint, label: ProbeLabel): string | null {
  if (label.purpose === 'verdict' && !label.leftOnPurpose) return null;
  return `${PREFIX}${JSON.stringify({ from: placeOf(client), ...label })}`;
}

/** The labels of one capture file, by the client's end of the connection. */
export class ProbeLabels {
  readonly #labels = new Map<string, ProbeLabel>();

  /** Takes a comment of a section that this program wrote; others are passed over. */
  add(comment: string): void {
    if (!comment.startsWith(PREFIX) || this.#labels.size >= MAX_LABELS) return;
    const read = parse(comment.slice(PREFIX.length));
    if (read !== null) this.#labels.set(read.from, read.label);
  }

  /** Gives a trace its label, where there is one. */
  label(trace: HandshakeTrace): HandshakeTrace {
    const label = this.#labels.get(placeOf(trace.client));
    if (label === undefined) return trace;
    const facts = label.leftOnPurpose
      ? [...trace.facts, { kind: 'answered', at: null } as const]
      : trace.facts;
    return { ...trace, facts, label };
  }
}

function placeOf({ address, port }: Endpoint): string {
  return `${address ?? ''}:${port ?? ''}`;
}

function parse(text: string): { readonly from: string; readonly label: ProbeLabel } | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { from, purpose, reason, leftOnPurpose } = value as Record<string, unknown>;
  if (typeof from !== 'string' || typeof purpose !== 'string' || !PURPOSE.test(purpose))
    return null;
  if (reason !== null && (typeof reason !== 'string' || reason.length > MAX_REASON)) return null;
  return { from, label: { purpose, reason, leftOnPurpose: leftOnPurpose === true } };
}
