import type { HandshakeTrace, Side } from '../handshake/trace.js';
import { Tracker } from '../handshake/tracker.js';
import { ProbeError } from '../probe-error.js';
import { concat } from '../wire/writer.js';
import { type AnalyseOptions, analyseCapture, type CaptureAnalysis } from './analyse.js';
import { readCapture } from './capture-reader.js';
import { openCapture } from './source.js';
import { type StreamEvent, StreamReader } from './stream-reader.js';
import { TlsDecryptor } from './tls-decryptor.js';
import { DecryptingFeed } from './tls-feed.js';
import type { KeySource } from './tls-key-source.js';
import { KeyLog } from './tls-keylog.js';
import { readTunnel } from './tunnel.js';

export interface RecordOptions {
  /** as Wireshark's tcp.stream; left out: the first that is RDP */
  readonly stream?: number;
  /** where RDP is expected beside 3389 */
  readonly ports?: readonly number[];
  /** text of an NSS key log; keys in the capture are used in any case */
  readonly keyLog?: string;
}

/** Something of a recorded connection. `at`: microseconds since its first packet. */
export type ConversationEvent = { readonly by: Side; readonly at: number | null } & (
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** from inside TLS, behind the bytes that carried it */
  | { readonly kind: 'plaintext'; readonly bytes: Uint8Array }
  | { readonly kind: 'alert'; readonly level: number; readonly description: number }
  | { readonly kind: 'gap'; readonly length: number }
  | { readonly kind: 'end'; readonly how: 'fin' | 'reset' }
);

/** The bytes of one RDP connection of a capture: what its trace leaves out on purpose. */
export interface ConversationRecord {
  readonly trace: HandshakeTrace;
  readonly stream: number;
  /** the numbers of all RDP connections in the capture */
  readonly rdpStreams: readonly number[];
  readonly events: readonly ConversationEvent[];
  /** there were keys, so that everything inside TLS is among the events */
  readonly decrypted: boolean;
  /** the server's certificates as DER, its own first; empty: none was sent in clear or decrypted */
  readonly certificates: readonly Uint8Array[];
}

/**
 * Reads one RDP connection of a capture with its bytes, up to the end of its handshake.
 *
 * @param path of a file: it is read twice
 * @throws ProbeError BAD_OPTION where there is no such stream, CANNOT_READ where the file is no
 *   capture, or the connection has no bytes, or is not RDP
 */
export async function recordConversation(
  path: string,
  options: RecordOptions = {},
): Promise<ConversationRecord> {
  if (path === '-')
    throw new ProbeError('BAD_OPTION', 'standard input cannot be replayed: name a file');
  const keys: KeySource = { keyLog: new KeyLog(), privateKeys: [] };
  if (options.keyLog !== undefined) keys.keyLog.add(options.keyLog);
  const analyse: AnalyseOptions = {
    all: true,
    keys,
    ...(options.ports === undefined ? {} : { ports: options.ports }),
  };
  const analysis = await analyseCapture(path, analyse);
  const { trace, stream } = chooseTrace(analysis, options.stream);
  const events = withoutTunnel(await readEvents(path, trace), trace);
  const decrypted = decrypt(events, keys);
  if (decrypted.events.length === 0) throw nothingIn(path, trace, stream);
  return {
    trace,
    stream,
    rdpStreams: analysis.traces.map(streamOf),
    ...decrypted,
  };
}

function streamOf({ source }: HandshakeTrace): number {
  return source.kind === 'capture' ? source.stream : 0;
}

function chooseTrace(
  { file, traces, others, conversations }: CaptureAnalysis,
  wanted: number | undefined,
): { trace: HandshakeTrace; stream: number } {
  const trace = traces.find((each) => wanted === undefined || streamOf(each) === wanted);
  if (trace !== undefined) return { trace, stream: streamOf(trace) };
  if (conversations === 0) throw new ProbeError('CANNOT_READ', `${file} holds no TCP connection`);
  if (wanted === undefined) {
    const why = others[0]?.why ?? 'none is';
    throw new ProbeError('CANNOT_READ', `${file} holds no RDP connection: ${why}`);
  }
  const other = others.find(({ stream }) => stream === wanted);
  if (other !== undefined) {
    throw new ProbeError('CANNOT_READ', `stream ${wanted} of ${file} is not RDP: ${other.why}`);
  }
  const known = conversations === 1 ? 'only stream 0' : `streams 0 to ${conversations - 1}`;
  throw new ProbeError('BAD_OPTION', `there is no stream ${wanted} in ${file}: it has ${known}`);
}

function nothingIn(path: string, { facts }: HandshakeTrace, stream: number): ProbeError {
  const kinds = new Set(facts.map(({ kind }) => kind));
  const why = kinds.has('joined')
    ? 'the capture began when it was already running'
    : kinds.has('tcp-failed')
      ? 'the server did not accept it'
      : 'nothing was said on it';
  return new ProbeError('CANNOT_READ', `stream ${stream} of ${path} cannot be replayed: ${why}`);
}

/** Reads the file once more, for the bytes of one connection. */
async function readEvents(path: string, trace: HandshakeTrace): Promise<readonly StreamEvent[]> {
  const { source, client, server, facts } = trace;
  const joined = facts.some(({ kind }) => kind === 'joined');
  if (source.kind !== 'capture' || joined) return [];
  const reader = new StreamReader(source, client, server);
  await readCapture(await openCapture(path), reader);
  return reader.finish();
}

/** Drops what was said to a proxy, where the connection went through one. */
function withoutTunnel(
  events: readonly StreamEvent[],
  { facts }: HandshakeTrace,
): readonly StreamEvent[] {
  if (!facts.some(({ kind }) => kind === 'tunnel')) return events;
  const sent = (side: Side): Uint8Array =>
    concat(
      ...events.flatMap((event) =>
        event.kind === 'bytes' && event.by === side ? [event.bytes] : [],
      ),
    );
  const tunnel = readTunnel(sent('client'), sent('server'));
  if (tunnel.kind !== 'open') return events;
  const skip = { client: tunnel.clientBytes, server: tunnel.serverBytes };
  const rest: StreamEvent[] = [];
  for (const event of events) {
    if (event.kind !== 'bytes') {
      rest.push(event);
      continue;
    }
    const skipped = Math.min(skip[event.by], event.bytes.length);
    skip[event.by] -= skipped;
    if (skipped === event.bytes.length) continue;
    rest.push({ ...event, bytes: event.bytes.subarray(skipped) });
  }
  return rest;
}

/** Notes down what comes out of TLS; in all else a tracker as any other. */
class NotingTracker extends Tracker {
  readonly #note: (event: ConversationEvent) => void;

  constructor(note: (event: ConversationEvent) => void) {
    super(() => {});
    this.#note = note;
  }

  override plaintext(by: Side, at: number | null, bytes: Uint8Array, packet?: number): void {
    this.#note({ kind: 'plaintext', by, at, bytes: Uint8Array.from(bytes) });
    super.plaintext(by, at, bytes, packet);
  }

  override alert(by: Side, at: number | null, level: number, description: number): void {
    this.#note({ kind: 'alert', by, at, level, description });
    super.alert(by, at, level, description);
  }
}

function decrypt(
  events: readonly StreamEvent[],
  keys: KeySource,
): Pick<ConversationRecord, 'events' | 'decrypted' | 'certificates'> {
  const noted: ConversationEvent[] = [];
  const tracker = new NotingTracker((event) => noted.push(event));
  const decryptor = new TlsDecryptor(keys);
  const feed = new DecryptingFeed(tracker, decryptor);
  tracker.fact({ kind: 'tcp-connect', at: null });
  tracker.fact({ kind: 'tcp-accepted', at: null });
  for (const event of events) {
    const { by, at } = event;
    // Behind the MCS connect response is the session.
    if (tracker.phase.name === 'mcs-answered' && event.kind !== 'end') continue;
    noted.push(event);
    if (event.kind === 'bytes') feed.bytes(by, at, event.bytes);
    else if (event.kind === 'gap') feed.gap(by, at, event.length);
  }
  const decrypted = decryptor.established !== null && decryptor.state.name === 'decrypting';
  return { events: noted, decrypted, certificates: decryptor.certificates };
}
