import type { HandshakeTrace, KernelFact } from '../handshake/trace.js';

/*
 * Packets that were made from what a probe saw look as if nothing had ever been lost or late. What TCP
 * did on such a connection only the kernel of the probe knew: its figures go along with the packets,
 * and stand in the place of what these would show.
 */

/** As many as are needed: of the beginning and of the end. */
const MAX_SAMPLES = 2;

const MOMENT = /^[a-z][a-z0-9-]{0,31}$/;

const FIGURES = [
  'rttUs',
  'minRttUs',
  'retransmissions',
  'spuriousRetransmissions',
  'largestReceived',
  'clientMss',
  'serverMss',
  'pathMtu',
  'receivedOutOfOrder',
  'unacknowledged',
  'backoff',
] as const satisfies readonly (keyof KernelFact)[];

/** Why figures are missing that the kernel did not tell. */
export const MADE_FIGURES: HandshakeTrace['notMeasured'] = {
  tcp: 'the packets were made from what the probe saw: of TCP is known what its kernel told',
};

/** The samples of the kernel that say all there is to say of a connection, from its first packet on. */
export function keptKernel({ facts }: HandshakeTrace): readonly KernelFact[] {
  const samples = facts.filter((fact) => fact.kind === 'kernel');
  const opening = samples.find(({ moment }) => moment === 'connect') ?? samples[0];
  const began = facts.find(({ kind }) => kind === 'tcp-connect')?.at ?? 0;
  return [...new Set([opening, samples.at(-1)])].flatMap((sample) =>
    sample === undefined
      ? []
      : [{ ...sample, at: sample.at === null ? null : Math.max(0, sample.at - began) }],
  );
}

/** @returns undefined: it is no list of samples */
export function readKernel(value: unknown): readonly KernelFact[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_SAMPLES) return undefined;
  const samples = value.map(sampleOf);
  return samples.every((sample) => sample !== null) ? samples : undefined;
}

function sampleOf(value: unknown): KernelFact | null {
  if (typeof value !== 'object' || value === null) return null;
  const { at, moment, timestamps, ...others } = value as Readonly<Record<string, unknown>>;
  if (!isFigure(at) || typeof moment !== 'string' || !MOMENT.test(moment)) return null;
  if (timestamps !== null && typeof timestamps !== 'boolean') return null;
  const figures: Partial<Record<(typeof FIGURES)[number], number | null>> = {};
  for (const name of FIGURES) {
    const figure = others[name];
    if (!isFigure(figure)) return null;
    figures[name] = figure;
  }
  return {
    kind: 'kernel',
    at,
    moment,
    timestamps,
    ...(figures as Record<(typeof FIGURES)[number], number | null>),
  };
}

function isFigure(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
}
