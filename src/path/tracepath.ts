import { isIP } from 'node:net';
import { addressOrNull, mtuOrNull } from './ping.js';
import { runProgram } from './run-program.js';
import type { Gathered } from './size-answers.js';

export interface TracepathRequest {
  /** an IP literal */
  readonly address: string;
  /** `process.platform` */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** It waits 3 s for each silent hop, and says nothing before its end where it writes to a pipe. */
const TRACEPATH_LIMIT_MS = 10_000;
const MAX_HOPS = '16';

/** Where the path MTU went down. */
export interface TracepathSays {
  /** null: it found none */
  readonly pathMtu: number | null;
  /** address of the last router that lowered it */
  readonly loweredBy: string | null;
  /** whether the target itself answered */
  readonly reached: boolean;
}

/** One hop: ` 2:  10.77.1.1       0.014ms pmtu 1280`. */
const HOP = /^\s*\d+\??:\s+(\S+)\s+(?:[\d.]+ms\s+)?(?:asymm\s+\d+\s+)?pmtu (\d+)\s*$/;
const RESUME = /^\s*Resume: pmtu (\d+)/m;
const REACHED = /\breached\s*$/m;

/** Reads the output of `tracepath -n`, iputils. */
export function parseTracepath(output: string): TracepathSays {
  let loweredBy: string | null = null;
  for (const line of output.split('\n')) {
    const hop = HOP.exec(line);
    // The first line is [LOCALHOST] with the MTU of the interface: no router.
    if (hop !== null) loweredBy = addressOrNull(hop[1]) ?? loweredBy;
  }
  return {
    pathMtu: mtuOrNull(RESUME.exec(output)?.[1]),
    loweredBy,
    reached: REACHED.test(output),
  };
}

/**
 * Runs `tracepath -n`: it names the router that lowers the path MTU, where routers tell. Linux
 * keeps what it has learned of a target for ten minutes, and then no router is asked: it names one
 * only before anything else has sent too large a packet there.
 */
export async function gatherTracepath(
  { address, platform, environment }: TracepathRequest,
  signal: AbortSignal,
): Promise<Gathered> {
  if (platform !== 'linux') return { kind: 'nothing', why: 'tracepath is a program of Linux' };
  if (isIP(address) === 0) return { kind: 'nothing', why: 'tracepath is only given addresses' };
  const run = await runProgram(
    {
      program: 'tracepath',
      args: ['-n', '-m', MAX_HOPS, address],
      environment,
      limitMs: TRACEPATH_LIMIT_MS,
    },
    signal,
  );
  switch (run.kind) {
    case 'aborted':
      return { kind: 'nothing', why: 'interrupted' };
    case 'not-run':
      return { kind: 'nothing', why: `tracepath cannot be run (${run.code})` };
    case 'killed':
      return {
        kind: 'nothing',
        why: `tracepath came to no end within ${TRACEPATH_LIMIT_MS / 1000} s: routers on the way are silent`,
      };
    case 'ended':
      return evidenceOf(parseTracepath(run.output));
  }
}

function evidenceOf({ pathMtu, loweredBy, reached }: TracepathSays): Gathered {
  if (pathMtu === null) return { kind: 'nothing', why: 'tracepath found no path MTU' };
  if (!reached && loweredBy === null) {
    return {
      kind: 'nothing',
      why: 'tracepath did not reach the target and saw no router lower the MTU',
    };
  }
  const end = reached ? '' : '; the target itself did not answer it';
  return {
    kind: 'evidence',
    evidence: [
      {
        what: 'tracepath',
        says:
          loweredBy === null
            ? `tracepath: the path MTU is ${pathMtu}, and no router lowers it further`
            : `tracepath: ${loweredBy} lowers the path MTU to ${pathMtu}${end}`,
        // It goes by what routers say, and by its own packets only where the target answers.
        passUpTo: reached ? pathMtu : null,
        failsFrom: loweredBy === null ? null : pathMtu + 1,
        reportedBy: loweredBy,
        reportedMtu: loweredBy === null ? null : pathMtu,
      },
    ],
  };
}
