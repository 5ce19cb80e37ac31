import { diagnose } from '../diagnose/diagnose.js';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { type Standing, standingByWays, type Way, wayOf } from '../report/standing.js';
import { type KeptHandshake, packHandshake, unpackHandshake } from './kept-handshake.js';

/**
 * Client addresses with a server endpoint that are told apart: about 4 kB each. More are a flood or
 * a scan.
 */
export const MAX_GROUPS = 1 << 13;

/** So many groups keep their handshakes as they are; those of the others are packed. */
const MAX_UNPACKED = 512;

/** Connections that a diagnosis lists; those beyond are counted. */
const MAX_LISTED = 100_000;

/** What a connection came to; packed away or not, this much of it is always at hand. */
interface Member {
  readonly id: number;
  /** later connections have larger numbers */
  readonly order: number;
  readonly way: Way;
  readonly failed: boolean;
  readonly kept: KeptHandshake;
}

/** Connections that are judged together. */
interface Group {
  readonly number: number;
  readonly target: string;
  readonly ways: Set<Way>;
  count: number;
  failed: number;
  readonly ids: number[];
  last: Member;
  /** the last one before it that failed; null: there is none */
  lastFailed: Member | null;
}

export interface DiagnosedGroup {
  /** position in the order in which the groups were met */
  readonly group: number;
  readonly count: number;
  readonly diagnosis: Diagnosis;
  readonly standing: Standing;
  /** the one that decides */
  readonly last: Handshake;
}

/**
 * Gathers the connections of captures for their diagnoses, one for each key of `groupKeyOf`. Of each
 * group only what its diagnosis needs is kept: the last connection, the last one before it that failed,
 * and counts.
 *
 * INVARIANT: memory is bounded by MAX_GROUPS and MAX_LISTED, however many connections there are.
 */
export class ConnectionGroups {
  readonly #groups = new Map<string, Group>();
  readonly #maxGroups: number;
  readonly #waysOfOthers = new Set<Way>();
  #unlisted = 0;

  constructor(maxGroups = MAX_GROUPS) {
    this.#maxGroups = maxGroups;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Connections that their group's diagnosis counts and does not list. */
  get unlisted(): number {
    return this.#unlisted;
  }

  /** How those connections went that belong to no group. */
  get waysOfOthers(): ReadonlySet<Way> {
    return this.#waysOfOthers;
  }

  /** @returns the group's number, or null: there were too many groups */
  add(handshake: Handshake, order: number): number | null {
    const key = groupKeyOf(handshake);
    const group = this.#groups.get(key);
    if (group === undefined && this.#groups.size >= this.#maxGroups) {
      this.#waysOfOthers.add(wayOf(handshake));
      return null;
    }
    const number = group?.number ?? this.#groups.size;
    const member: Member = {
      id: handshake.id,
      order,
      way: wayOf(handshake),
      failed: handshake.outcome.status === 'failed',
      kept: number < MAX_UNPACKED ? handshake : packHandshake(handshake),
    };
    if (group === undefined) this.#groups.set(key, newGroup(number, handshake, member));
    else this.#join(group, member);
    return number;
  }

  #join(group: Group, member: Member): void {
    const isLast = member.order > group.last.order;
    const earlier = isLast ? group.last : member;
    if (isLast) group.last = member;
    group.count++;
    if (member.failed) group.failed++;
    group.ways.add(member.way);
    if (group.ids.length < MAX_LISTED) group.ids.push(member.id);
    else this.#unlisted++;
    if (earlier.failed && earlier.order > (group.lastFailed?.order ?? Number.NEGATIVE_INFINITY)) {
      group.lastFailed = earlier;
    }
  }

  /** The diagnoses, one after another, in the order in which the groups were met. */
  *diagnosed(nowMs: number): Generator<DiagnosedGroup> {
    for (const group of this.#groups.values()) {
      const last = unpackHandshake(group.last.kept);
      const members = group.lastFailed === null ? [group.last] : [group.lastFailed, group.last];
      const atHand = new Set(members.map(({ id }) => id));
      const diagnosis = diagnose(
        group.target,
        group.lastFailed === null ? [last] : [unpackHandshake(group.lastFailed.kept), last],
        nowMs,
        null,
        {
          earlier: {
            ids: group.ids.filter((id) => !atHand.has(id)),
            count: group.count - members.length,
            failed: group.failed - members.filter(({ failed }) => failed).length,
          },
        },
      );
      const standing = standingByWays(diagnosis, group.ways);
      yield { group: group.number, count: group.count, diagnosis, standing, last };
    }
  }
}

function newGroup(number: number, handshake: Handshake, member: Member): Group {
  return {
    number,
    target: targetOf(handshake),
    ways: new Set([member.way]),
    count: 1,
    failed: member.failed ? 1 : 0,
    ids: [member.id],
    last: member,
    lastFailed: null,
  };
}

/**
 * Connections with the same key are judged together: those of one client address with one server
 * endpoint. Where our own probe saved them, it says which name it asked for: then those with all
 * addresses of the name.
 */
export function groupKeyOf({ client, server, source }: Handshake): string {
  if (server.name === null || source.kind !== 'capture') {
    return `${client.address} ${server.address} ${server.port}`;
  }
  return `${source.file} ${server.name} ${server.port}`;
}

/** The server's name, else its address, and the port, as a diagnosis names its target. */
export function targetOf({ server: { name, address, port } }: Pick<Handshake, 'server'>): string {
  const host = name ?? (address?.includes(':') === true ? `[${address}]` : (address ?? 'unknown'));
  return `${host}:${port ?? '?'}`;
}
