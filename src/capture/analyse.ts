import type { HandshakeTrace } from '../handshake/trace.js';
import { readCapture } from './capture-reader.js';
import { Conversations, type OtherConversation } from './conversations.js';
import { PacketPath } from './packet-path.js';
import { ProbeLabels } from './probe-label.js';
import { type CaptureProblem, Problems } from './problems.js';
import { type CaptureSource, openCapture, type Progress } from './source.js';
import type { KeySource } from './tls-key-source.js';
import { KeyLog } from './tls-keylog.js';

/** [MS-RDPBCGR] 1.9: the port that RDP servers listen on. */
const RDP_PORT = 3389;

/**
 * Traces that are collected, about 10 kB each for a whole handshake. `onTrace` gets any number of
 * them.
 */
const MAX_TRACES = 50_000;

const MAX_OTHERS = 100_000;

export interface AnalyseOptions {
  /** where RDP is expected beside 3389: there attempts that say nothing count as RDP too */
  readonly ports?: readonly number[];
  /** list also the conversations that are not RDP */
  readonly all?: boolean;
  /** make a trace of each conversation; what is not RDP has its TCP figures alone */
  readonly every?: boolean;
  /** keys for TLS; those in the capture itself are used in any case, and added to its key log */
  readonly keys?: KeySource;
  /** takes each trace when its conversation is over, instead of its being collected */
  readonly onTrace?: (trace: HandshakeTrace) => void;
  /** what it returns is waited for before more is read */
  readonly onProgress?: (progress: Progress & { readonly packets: number }) => void | Promise<void>;
}

export interface CaptureAnalysis {
  /** as the user named it */
  readonly file: string;
  /** in order of their first packets; empty with `onTrace` */
  readonly traces: readonly HandshakeTrace[];
  /** with `all`: what is not RDP, in order of their first packets */
  readonly others: readonly OtherConversation[];
  readonly packets: number;
  readonly tcpPackets: number;
  /** TCP conversations, RDP or not */
  readonly conversations: number;
  readonly ipFragments: number;
  /** bounds of the time stamps, microseconds since 1970 UTC; null: there are none */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly problems: readonly CaptureProblem[];
}

/**
 * Reads a capture and gives a trace for each RDP connection, or attempt at one, in it.
 *
 * @param capture a path, `-` for standard input, or an opened source
 * @throws ProbeError CANNOT_READ when it is no capture, or cannot be read
 */
export async function analyseCapture(
  capture: string | CaptureSource,
  options: AnalyseOptions = {},
): Promise<CaptureAnalysis> {
  const source = typeof capture === 'string' ? await openCapture(capture) : capture;
  const ports = new Set([RDP_PORT, ...(options.ports ?? [])]);
  const keys = options.keys ?? { keyLog: new KeyLog(), privateKeys: [] };
  const traces: HandshakeTrace[] = [];
  const others: OtherConversation[] = [];
  const problems = new Problems();
  const labels = new ProbeLabels();
  const conversations = new Conversations(
    {
      file: source.name,
      every: options.every === true,
      isRdpPort: (port) => ports.has(port),
      keys: () => (keys.keyLog.entries > 0 || keys.privateKeys.length > 0 ? keys : null),
      labels,
    },
    {
      trace: (trace) => {
        if (options.onTrace !== undefined) options.onTrace(trace);
        else if (traces.length < MAX_TRACES) traces.push(trace);
        else problems.add(`more than ${MAX_TRACES} RDP connections: the others are left out`);
      },
      other: (other) => {
        if (options.all !== true) return;
        if (others.length < MAX_OTHERS) others.push(other);
        else
          problems.add(
            `more than ${MAX_OTHERS} conversations that are not RDP: the others are left out`,
          );
      },
    },
    problems,
  );
  const path = new PacketPath(conversations, problems);
  const reader = await readCapture(
    source,
    {
      start: (startedAtNs) => {
        conversations.startedAtNs = startedAtNs;
      },
      packet: (packet) => path.packet(packet),
      watched: (interfaceNumber, until, attempt) =>
        conversations.watched(interfaceNumber, { until, attempt }),
      note: (text) => labels.add(text),
      keyLog: (text) => keys.keyLog.add(text),
      problem: (says, packet) => problems.add(says, packet ?? null),
    },
    ({ packets }) => options.onProgress?.({ ...source.progress(), packets }),
  );
  path.finish();
  const startedAt = reader.startedAtNs === null ? null : Number(reader.startedAtNs / 1000n);
  return {
    file: source.name,
    traces: inOrder(traces, ({ source }) => (source.kind === 'capture' ? source.stream : 0)),
    others: inOrder(others, ({ stream }) => stream),
    packets: reader.packets,
    tcpPackets: path.tcpPackets,
    conversations: conversations.streams,
    ipFragments: path.fragments,
    startedAt,
    endedAt: startedAt === null ? null : startedAt + Math.round(path.lastAt / 1000),
    problems: problems.list(),
  };
}

function inOrder<T>(values: readonly T[], streamOf: (value: T) => number): readonly T[] {
  return values.toSorted((a, b) => streamOf(a) - streamOf(b));
}
