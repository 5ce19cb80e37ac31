import type { Endpoint, ProbeLabel, ProbeLeave, ScanRecord } from '../handshake/trace.js';
import { parseAddress } from './address.js';
import { renderAddress } from './ip.js';
import { readKernel } from './made-figures.js';

/*
 * Packets do not show what a probe asked a connection for, by which name it knew the server, nor why
 * it left: that it knew enough, had waited long enough, or was interrupted. Nor do those that were
 * made from what a probe saw show what TCP did. Our own captures say so in comments of their
 * Section Header Block, one for each connection, in the order in which these were made:
 * `connection: {"client":{"address":"192.0.2.1","port":50000},"server":{...},"purpose":...}`.
 */

/** A connection, and what the probe that made it says of it. */
export interface LabelledConnection {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly label: ProbeLabel;
}

const PREFIX = 'connection: ';

/** Our own reasons are one or two clauses. */
const MAX_REASON = 400;

/** RFC 1035 section 2.3.4, in its dotted form. */
const MAX_NAME = 253;

/** As many connections as a scan of every suite makes, and several of those. */
export const MAX_LABELS = 5000;

/** Nobody waits for a server for longer than a day. */
const MAX_WAIT_MS = 86_400_000;

/** Purposes, and the ids of clients. */
const PURPOSE = /^[a-z][a-z0-9-]{0,31}$/;

export function renderLabel({ client, server, label }: LabelledConnection): string {
  return `${PREFIX}${JSON.stringify({ client, server, ...label })}`;
}

/** @returns null: it is a comment on something else */
export function parseLabel(comment: string): LabelledConnection | null {
  if (!comment.startsWith(PREFIX)) return null;
  let value: unknown;
  try {
    value = JSON.parse(comment.slice(PREFIX.length));
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const client = endpointOf(value['client']);
  const server = endpointOf(value['server']);
  const label = labelOf(value);
  return client === null || server === null || label === null ? null : { client, server, label };
}

/** The labels of one capture file. */
export class ProbeLabels {
  /** by both ends: ports are used again, so each may have several, in order */
  readonly #labels = new Map<string, ProbeLabel[]>();
  #count = 0;

  /** Takes a comment of a section that this program wrote; others are passed over. */
  add(comment: string): void {
    if (this.#count >= MAX_LABELS) return;
    const read = parseLabel(comment);
    if (read === null) return;
    const ends = endsOf(read.client, read.server);
    const known = this.#labels.get(ends);
    if (known === undefined) this.#labels.set(ends, [read.label]);
    else known.push(read.label);
    this.#count++;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The label of the next connection between these ends; null: there is none. */
  take(client: Endpoint, server: Endpoint): ProbeLabel | null {
    return this.#labels.get(endsOf(client, server))?.shift() ?? null;
  }
}

function endsOf(client: Endpoint, server: Endpoint): string {
  return `${placeOf(client)} ${placeOf(server)}`;
}

/** The same however an address was written. */
function placeOf({ address, port }: Endpoint): string {
  const bytes = parseAddress(address ?? '');
  const known = bytes === null ? '' : renderAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
  return `${known} ${port ?? ''}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function endpointOf(value: unknown): Endpoint | null {
  if (!isObject(value)) return null;
  const { address, port } = value;
  if (typeof address !== 'string' || parseAddress(address) === null) return null;
  return typeof port === 'number' ? { address, port } : null;
}

function labelOf(value: Readonly<Record<string, unknown>>): ProbeLabel | null {
  const { purpose, reason, name, left, scan } = value;
  if (typeof purpose !== 'string' || !PURPOSE.test(purpose)) return null;
  if (!isTextOrNull(reason, MAX_REASON) || !isTextOrNull(name, MAX_NAME)) return null;
  const leave = left === null ? null : leaveOf(left);
  const kernel = value['kernel'] === null ? null : readKernel(value['kernel']);
  if (leave === undefined || kernel === undefined) return null;
  const label = { purpose, reason, name, left: leave, kernel };
  if (scan === undefined) return label;
  const record = scanOf(scan);
  return record === null ? null : { ...label, scan: record };
}

function isTextOrNull(value: unknown, longest: number): value is string | null {
  return value === null || (typeof value === 'string' && value.length <= longest);
}

function scanOf(value: unknown): ScanRecord | null {
  if (!isObject(value)) return null;
  const { mostConnections, ciphers, client, interrupted, tookMs } = value;
  if (!isNumber(mostConnections) || !isNumber(tookMs)) return null;
  if (typeof ciphers !== 'boolean' || typeof interrupted !== 'boolean') return null;
  if (client !== null && (typeof client !== 'string' || !PURPOSE.test(client))) return null;
  return { mostConnections, ciphers, client, interrupted, tookMs };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** @returns undefined: it is none */
function leaveOf(value: unknown): ProbeLeave | undefined {
  if (!isObject(value)) return undefined;
  const { why, at, waitedMs } = value;
  if (!isNumber(at)) return undefined;
  if (why === 'answered' || why === 'interrupted') return { why, at };
  const isTime = isNumber(waitedMs) && waitedMs <= MAX_WAIT_MS;
  return why === 'silence' && isTime ? { why, at, waitedMs } : undefined;
}
