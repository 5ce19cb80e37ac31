import type { SideEvidence } from '../handshake/path.js';

/** What came of echo requests of one size. */
export interface SizeAnswer {
  /** whole IP packet */
  readonly bytes: number;
  readonly result: 'came-back' | 'refused' | 'silent' | 'unreachable';
  /** address of the router that refused it; null: our own system, or nobody */
  readonly by: string | null;
  /** MTU that it named */
  readonly mtu: number | null;
}

/** What gathering one kind of evidence came to. */
export type Gathered =
  | { readonly kind: 'evidence'; readonly evidence: readonly SideEvidence[] }
  | { readonly kind: 'nothing'; readonly why: string };

/** The sizes in rising order, each once; those that cannot be are left out. */
export function sizesToTry(sizes: readonly number[], smallest: number): number[] {
  const possible = sizes.filter((size) => Number.isInteger(size) && size >= smallest);
  return [...new Set(possible)].filter((size) => size <= 0xffff).sort((a, b) => a - b);
}

/**
 * Tries sizes in rising order, up to the first that does not come back: what is larger would not
 * either.
 */
export async function tryRising(
  sizes: readonly number[],
  attempt: (bytes: number) => Promise<SizeAnswer | { readonly why: string }>,
  signal: AbortSignal,
): Promise<readonly SizeAnswer[] | { readonly why: string }> {
  const answers: SizeAnswer[] = [];
  for (const bytes of sizes) {
    if (signal.aborted) break;
    const answer = await attempt(bytes);
    if ('why' in answer) return answers.length === 0 ? answer : answers;
    answers.push(answer);
    if (answer.result !== 'came-back') break;
  }
  return answers.length === 0 ? { why: 'interrupted' } : answers;
}

/** In words; a round trip names no direction. */
export function evidenceOfSizes(
  what: SideEvidence['what'],
  who: string,
  answers: readonly SizeAnswer[],
): Gathered {
  const passed = answers.filter(({ result }) => result === 'came-back').map(({ bytes }) => bytes);
  const passUpTo = passed.length === 0 ? null : Math.max(...passed);
  const last = answers.at(-1);
  if (last === undefined) return { kind: 'nothing', why: 'no sizes to try' };
  const tells = last.result === 'refused' || (last.result === 'silent' && passUpTo !== null);
  return {
    kind: 'evidence',
    evidence: [
      {
        what,
        says: `${who}: ${inWords(last, passUpTo)}`,
        passUpTo,
        failsFrom: tells ? last.bytes : null,
        reportedBy: last.by,
        reportedMtu: last.mtu,
      },
    ],
  };
}

function inWords({ bytes, result, by, mtu }: SizeAnswer, passUpTo: number | null): string {
  const passed = passUpTo === null ? '' : `${passUpTo} bytes come back; `;
  switch (result) {
    case 'came-back':
      return `${bytes} bytes come back`;
    case 'silent':
      return passUpTo === null
        ? `no reply to ${bytes} bytes; the host or a firewall may drop ICMP, so this says nothing`
        : `${passed}${bytes} bytes do not, on the way there or on the way back`;
    case 'refused': {
      const who = by === null ? 'this system' : by;
      return `${passed}${who} refuses ${bytes} bytes${mtu === null ? '' : ` and names ${mtu} as the most`}`;
    }
    case 'unreachable':
      return `${passed}${by ?? 'this system'} says that the host cannot be reached (${bytes} bytes)`;
  }
}
