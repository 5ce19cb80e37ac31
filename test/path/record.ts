/**
 * `node --import tsx test/path/record.ts ADDRESS PORT NAME`
 *
 * Measures the path and keeps what the kernel said during its trials in test/vectors/path-series/:
 * one trial of each kind of verdict. Run where the client of a world stands:
 *
 *   node --import tsx test/path/lab/run-world.ts 'hole at 1400 to the server' tls-chain -- \
 *     node --import tsx test/path/record.ts {address} {port} hole-to-server
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { toHandshake } from '../../src/handshake/summary.js';
import { judgeFlight } from '../../src/path/flight-verdict.js';
import { measurePath } from '../../src/path/measure-path.js';
import { judgePair } from '../../src/path/pair-verdict.js';
import type { SeriesEvidence } from '../../src/path/path-context.js';
import { DEFAULT_PATH_OPTIONS } from '../../src/path/path-options.js';
import { systemClock } from '../../src/probe/clock.js';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
import { DEFAULT_SETTINGS } from '../../src/probe/settings.js';
import { packSeries } from '../support/path-series.js';

const [address = '', port = '', name = ''] = process.argv.slice(2);
const family = address.includes(':') ? 6 : 4;
const kept = new Map<string, SeriesEvidence>();

function verdictOf(evidence: SeriesEvidence): string {
  switch (evidence.kind) {
    case 'pair':
      return judgePair(evidence.series, evidence.written, evidence.patience).kind;
    case 'flight': {
      const label = { id: 0, purpose: 'path', reason: null };
      return judgeFlight(toHandshake(evidence.trace, label), evidence.series, family).kind;
    }
  }
}

const { report } = await measurePath(
  { host: address, port: Number(port) },
  DEFAULT_SETTINGS,
  {
    clock: systemClock(),
    kernel: await openKernelSockets(process.platform),
    signal: new AbortController().signal,
    random: (count) => Uint8Array.from(randomBytes(count)),
    onSeries: (evidence) => {
      const key = `${evidence.kind} ${verdictOf(evidence)}`;
      if (!kept.has(key)) kept.set(key, evidence);
    },
    platform: process.platform,
    environment: process.env,
  },
  { ...DEFAULT_PATH_OPTIONS, udp: false, sideEvidence: false },
);

const trials = [...kept].map(([key, evidence]) => ({
  verdict: key,
  ...(evidence.kind === 'pair'
    ? {
        kind: evidence.kind,
        size: evidence.size,
        written: evidence.written,
        patience: evidence.patience,
      }
    : { kind: evidence.kind, clampedMss: evidence.clampedMss, trace: evidence.trace }),
  series: packSeries(evidence.series),
}));
const file = new URL(`../vectors/path-series/${name}.json`, import.meta.url);
const { toServer, fromServer } = report.mtu;
writeFileSync(
  file,
  `${JSON.stringify({ family, toServer: toServer.mechanism, fromServer: fromServer.mechanism, trials })}\n`,
);
process.stderr.write(`${report.verdict}\n${[...kept.keys()].join(', ')}\n`);
