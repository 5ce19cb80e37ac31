/**
 * `npm run bench:captures`: how quickly captures are read, beside tshark's two passes for the same
 * facts, beside reading the file alone, and how much memory that takes.
 *
 * Needs tshark for the comparison; says so where it is missing.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingRequirement } from '../lab/requirements.js';
import { type BigCapture, type CaptureForm, writeBigCapture } from './big-capture.js';
import { describeMachine, print } from './figures.js';

const LAUNCHER = fileURLToPath(new URL('../../bin/rdp-probe.js', import.meta.url));
const PACKETS = 400_000;
const RUNS = 3;

/** Tells the most memory that a Node process held, when it ends. */
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write("maxrss " + process.resourceUsage().maxRSS))',
)}`;

interface Timed {
  readonly seconds: number;
  readonly megabytes: number | null;
}

function timed(command: readonly string[]): Timed {
  const [program = '', ...rest] = command;
  let best: Timed = { seconds: Number.POSITIVE_INFINITY, megabytes: null };
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    const { stderr, status, error } = spawnSync(program, rest, {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (error !== undefined || status === null || status > 1) {
      throw new Error(`${program} ended with ${status}: ${stderr}`);
    }
    const seconds = (performance.now() - began) / 1000;
    const kilobytes = /maxrss (\d+)/.exec(stderr)?.[1];
    if (seconds < best.seconds) {
      best = { seconds, megabytes: kilobytes === undefined ? null : Number(kilobytes) / 1024 };
    }
  }
  return best;
}

function replay(file: string): Timed {
  return timed([process.execPath, '--import', TELL_MEMORY, LAUNCHER, 'replay', file, '--quiet']);
}

async function secondsToRead(file: string): Promise<number> {
  const began = performance.now();
  for await (const _chunk of createReadStream(file, { highWaterMark: 1 << 20 }));
  return (performance.now() - began) / 1000;
}

/** The two passes that tshark needs: it never changes from TPKT to TLS within a conversation. */
function tshark(file: string): Timed {
  const fields = (names: readonly string[]): string[] => names.flatMap((name) => ['-e', name]);
  const rdp = timed([
    'tshark',
    ...['-r', file, '-Y', 'rdp', '-T', 'fields'],
    ...fields(['tcp.stream', 'rdp.negReq.requestedProtocols', 'rdp.negReq.selectedProtocol']),
  ]);
  const tls = timed([
    'tshark',
    ...['-r', file, '-d', 'tcp.port==3389,tls', '-Y', 'tls.handshake', '-T', 'fields'],
    ...fields(['tcp.stream', 'tls.handshake.version', 'tls.handshake.ciphersuite']),
  ]);
  return { seconds: rdp.seconds + tls.seconds, megabytes: null };
}

function row(name: string, { seconds, megabytes }: Timed, packets: number, note = ''): string {
  const rate = `${(packets / seconds / 1e6).toFixed(2)} M packets/s`;
  const memory = megabytes === null ? '' : `${Math.round(megabytes)} MB resident`;
  return `  ${name.padEnd(26)} ${seconds.toFixed(2).padStart(6)} s  ${rate.padEnd(18)} ${memory.padEnd(16)} ${note}`.trimEnd();
}

async function benchForm(folder: string, form: CaptureForm): Promise<void> {
  const file = join(folder, `big.${form === 'pcapng' ? 'pcapng' : 'pcap'}`);
  const { packets, bytes, rdpConversations }: BigCapture = writeBigCapture(file, form, PACKETS);
  print(
    `${form}: ${packets} packets, ${rdpConversations} RDP connections, ${Math.round(bytes / 1e6)} MB`,
  );
  const own = replay(file);
  const bare = await secondsToRead(file);
  const share = `${Math.round((100 * bare) / own.seconds)} % of it is reading the file`;
  const missing = missingRequirement({ tshark: 'tshark' });
  if (missing === null) {
    const peer = tshark(file);
    print(row('tshark, two passes', peer, packets));
    const ratio = `${(peer.seconds / own.seconds).toFixed(1)} x as fast as tshark; ${share}`;
    print(row('rdp-probe replay', own, packets, ratio));
  } else {
    print(row('rdp-probe replay', own, packets, share));
    print(`  tshark: left out, ${missing}`);
  }
  print();
  rmSync(file);
}

async function benchMemory(folder: string): Promise<void> {
  const file = join(folder, 'huge.pcapng');
  const { packets, bytes } = writeBigCapture(file, 'pcapng', 1_700_000);
  const own = replay(file);
  print(`pcapng of ${(bytes / 1e9).toFixed(2)} GB`);
  const limit = (own.megabytes ?? Number.POSITIVE_INFINITY) < 300 ? 'kept' : 'BROKEN';
  print(row('rdp-probe replay', own, packets, `limit 300 MB: ${limit}`));
  rmSync(file);
}

const folder = mkdtempSync(join(tmpdir(), 'rdp-probe-bench-'));
try {
  describeMachine();
  for (const form of ['pcap', 'pcap-nanoseconds', 'pcapng'] as const) await benchForm(folder, form);
  await benchMemory(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
