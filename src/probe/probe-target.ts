import { isIP, isIPv6, type Socket } from 'node:net';
import type { WireEvent, WireRecording } from '../handshake/recording.js';
import { selectedProtocol } from '../handshake/stages.js';
import type { Fact, HandshakeTrace, LookupFact, StageName } from '../handshake/trace.js';
import { PROTOCOL_HYBRID_EX } from '../wire/negotiation.js';
import type { Clock } from './clock.js';
import { connect } from './connect.js';
import { dialledHost, openWay, shownAddress } from './dial.js';
import type { KernelSockets, OpenedStream } from './kernel-figures.js';
import type { Logon } from './logon.js';
import { type ConnectionContext, probeConnection } from './probe-connection.js';
import { resolveHost } from './resolve.js';
import { serverNameFor } from './server-name.js';
import type { ProbeSettings, Target } from './settings.js';
import { prepareTls } from './tls-client.js';

/** Takes what a probe does not keep: the bytes of its connections, so that they can be saved. */
export interface ProbeRecorder {
  /**
   * Called once before the first address is tried. What it takes is in the time of no stage, and it
   * must never reject.
   */
  ready(addresses: readonly string[], port: number): Promise<void>;
  /** Called for each address that was tried, and for a name that did not resolve. */
  recorded(trace: HandshakeTrace, recording: WireRecording): void;
}

export interface ProbeIo {
  readonly clock: Clock;
  readonly kernel: KernelSockets;
  readonly signal: AbortSignal;
  onStage?(stage: StageName): void;
  /** absent: nothing is kept */
  readonly recorder?: ProbeRecorder;
  /** absent: no credentials are used; with it, one connection logs on, and no other */
  readonly logon?: Logon;
  /** how to connect to an address otherwise than the system would; null: as the system would */
  readonly own?: (address: string) => OwnStream | null;
}

export interface TargetOptions {
  /** probe each address of the name, not only the first that accepts */
  readonly allAddresses: boolean;
}

/**
 * A name with many addresses is tried no further than this where one answers, and never more often:
 * enough for two of each family.
 */
const MAX_ADDRESSES = 4;

/** With `allAddresses` every one is asked, within reason. */
const MAX_ALL_ADDRESSES = 16;

/** What a live probe cannot measure on any platform, and why. */
const NEVER_MEASURED: Readonly<Record<string, string>> = {
  'tcp.retransmissions.server': "the kernel does not report the peer's retransmissions",
  'tcp.duplicateAcks': 'the kernel does not count them for a socket; a capture shows them',
  'tcp.zeroWindows': 'the kernel does not count them for a socket; a capture shows them',
  'tcp.fragments': 'only a capture shows IP fragments',
  'tcp.largestSegment.client': 'only a capture shows the size of single packets',
  'tcp.icmp': 'only a capture shows ICMP messages',
  'tcp.strayReset': 'only a capture shows the hop limits of packets',
};

/** When nothing more is waited for. */
const LAST_MOMENT = 'end';

const NOT_TOLD = 'the kernel of this system does not tell it';

/** Fields that come from the kernel's figures of the socket. */
const KERNEL_FIELDS: readonly string[] = [
  'tcp.rttMs',
  'tcp.mss.client',
  'tcp.mss.server',
  'tcp.retransmissions.client',
  'tcp.synRetransmissions',
  'tcp.spuriousRetransmissions',
  'tcp.outOfOrder',
  'tcp.largestSegment.server',
  'tcp.pathMtu',
];

/**
 * Probes a target: its name is resolved, then its addresses are tried one after another until one
 * accepts a TCP connection. One connection at a time, each left politely.
 *
 * @returns a trace for each address that was tried; one without a connection if the name failed
 */
export async function probeTarget(
  target: Target,
  settings: ProbeSettings,
  io: ProbeIo,
  options: TargetOptions,
): Promise<readonly HandshakeTrace[]> {
  prepareTls();
  io.onStage?.('resolve');
  const began = io.clock.now();
  const dialled = dialledHost(target, settings.proxy);
  const resolution = await resolveHost(
    dialled.host,
    settings.family,
    settings.stageLimitsMs.resolve,
    io.signal,
  );
  const lookup = lookupFact(dialled, resolution, io.clock.now() - began);
  if (resolution.kind === 'failed' || resolution.kind === 'aborted') {
    const recorder = new Recorder(target, null, io, began, lookup);
    if (resolution.kind === 'aborted') {
      recorder.emit({ kind: 'interrupted', at: recorder.clock.now() });
    }
    return [recorder.finish()];
  }
  const limit = options.allAddresses ? MAX_ALL_ADDRESSES : MAX_ADDRESSES;
  const traces: HandshakeTrace[] = [];
  const candidates = resolution.addresses.slice(0, limit);
  await io.recorder?.ready(
    candidates.map(({ address }) => address),
    dialled.port,
  );
  for (const { address } of candidates) {
    const trace = await probeAddress(target, address, settings, io, lookup);
    traces.push(trace);
    if (io.signal.aborted) break;
    const accepted = trace.facts.some((fact) => fact.kind === 'tcp-accepted');
    if (accepted && !options.allAddresses) break;
  }
  return traces;
}

function lookupFact(
  target: Target,
  resolution: Awaited<ReturnType<typeof resolveHost>>,
  took: number,
): LookupFact | null {
  const base = { kind: 'lookup', name: target.host, startAt: 0, at: took } as const;
  switch (resolution.kind) {
    case 'literal':
    case 'aborted':
      return null;
    case 'resolved':
      return { ...base, addresses: resolution.addresses, error: null };
    case 'failed':
      return {
        ...base,
        addresses: [],
        error: { code: resolution.code, says: resolution.says },
      };
  }
}

/** A way to make one connection otherwise than the system would by itself, and to watch it. */
export interface OwnStream {
  /** to be connected; the caller releases it */
  readonly stream: OpenedStream;
  /** called at moments worth a look at the kernel's figures */
  sample(moment: string): void;
}

interface Attempt {
  readonly lookup: LookupFact | null;
  /** to be connected; null: one is made */
  readonly socket: Socket | null;
  readonly own: OwnStream | null;
}

/**
 * Probes one address, as far as it goes without credentials.
 *
 * @param address an IP literal
 * @param lookup how it was found; null: it was given
 */
export async function probeAddress(
  target: Target,
  address: string,
  settings: ProbeSettings,
  io: ProbeIo,
  lookup: LookupFact | null,
): Promise<HandshakeTrace> {
  const own = io.own?.(address) ?? null;
  const needed = own === null ? readableStream(io.kernel, address) : null;
  try {
    const socket = (own?.stream ?? needed)?.socket ?? null;
    return await attempt(target, address, settings, io, { lookup, socket, own });
  } finally {
    needed?.release();
  }
}

/** Where the kernel tells only of streams that were opened for it; null: no need, or it refuses. */
function readableStream(kernel: KernelSockets, address: string): OpenedStream | null {
  if (!kernel.available || kernel.ownStreamsOnly !== true) return null;
  const opening = kernel.openStream({ family: isIPv6(address) ? 6 : 4, mss: null });
  return opening.kind === 'opened' ? opening.opened : null;
}

async function attempt(
  target: Target,
  address: string,
  settings: ProbeSettings,
  io: ProbeIo,
  { lookup, socket: unconnected, own }: Attempt,
): Promise<HandshakeTrace> {
  // Offset 0 is the start of the lookup, also for the addresses that are tried later.
  const shown = shownAddress(target, settings.proxy, address);
  const recorder = new Recorder(target, shown, io, io.clock.now() - (lookup?.at ?? 0), lookup);
  io.onStage?.('tcp');
  recorder.emit({ kind: 'tcp-connect', at: recorder.clock.now() });
  const connected = await connect(
    {
      address,
      port: dialledHost(target, settings.proxy).port,
      sourceAddress: settings.sourceAddress,
      limitMs: settings.stageLimitsMs.tcp,
      ...(unconnected === null ? {} : { socket: unconnected }),
      ...(io.recorder === undefined ? {} : { onAttempt: (local) => recorder.attempted(local) }),
    },
    io.signal,
  );
  switch (connected.kind) {
    case 'aborted':
      recorder.emit({ kind: 'interrupted', at: recorder.clock.now() });
      break;
    case 'failed':
      recorder.emit({
        kind: 'tcp-failed',
        at: recorder.clock.now(),
        how: connected.how,
        by: connected.by,
        code: connected.code,
      });
      break;
    case 'connected': {
      const { socket } = connected;
      if (!(await throughProxy(socket, target, settings, recorder, io.signal))) break;
      recorder.connected(socket, settings.proxy !== null);
      await probeConnection(socket, settings, {
        serverName: serverNameFor(target.name ?? target.host),
        clock: recorder.clock,
        signal: io.signal,
        emit: (fact) => recorder.emit(fact),
        sample: (moment) => {
          recorder.sample(socket, moment);
          own?.sample(moment);
        },
        ...(io.recorder === undefined ? {} : recorder.wire()),
        ...(io.logon === undefined ? {} : { logon: io.logon }),
        ...(io.onStage === undefined ? {} : { onStage: (stage) => io.onStage?.(stage) }),
      });
      break;
    }
  }
  return recorder.finish();
}

/** @returns whether the connection is the target's now: without a proxy it always was */
async function throughProxy(
  socket: Socket,
  target: Target,
  { proxy, stageLimitsMs }: ProbeSettings,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<boolean> {
  if (proxy === null) return true;
  recorder.throughProxy();
  const { clock } = recorder;
  const limits = { limitMs: stageLimitsMs.tcp, startAt: clock.now(), clock };
  const way = await openWay(socket, proxy, target, limits, signal, (fact) => recorder.emit(fact));
  if (way.kind === 'failed') recorder.emit(way.fact);
  else if (way.kind === 'aborted') recorder.emit({ kind: 'interrupted', at: clock.now() });
  return way.kind === 'connected';
}

/** What the kernel knows of a connection to a proxy. */
const UP_TO_PROXY =
  "the figures of TCP are those of the connection to the proxy: the proxy's own to the target cannot be seen from here";

function isLiteral(host: string): boolean {
  return isIP(host.replace(/%.*$/, '')) !== 0;
}

/** Collects the facts of one attempt. */
class Recorder {
  readonly clock: Clock;
  readonly #kernel: KernelSockets;
  readonly #facts: Fact[] = [];
  #client: HandshakeTrace['client'] = { address: null, port: null };
  #server: HandshakeTrace['server'];
  #sampled = false;
  #isProxied = false;
  readonly #sink: ProbeRecorder | undefined;
  readonly #logsOn: boolean;
  #attempt: HandshakeTrace['client'] | null = null;
  readonly #wire: WireEvent[] = [];
  readonly #keyLog: string[] = [];

  constructor(
    target: Target,
    address: string | null,
    io: ProbeIo,
    origin: number,
    lookup: LookupFact | null,
  ) {
    this.#kernel = io.kernel;
    this.#sink = io.recorder;
    this.#logsOn = io.logon !== undefined;
    this.clock = {
      startedAt: io.clock.startedAt + origin,
      now: () => io.clock.now() - origin,
    };
    this.#server = {
      address,
      port: target.port,
      // Behind a proxy the name is looked up, if it is one, by the proxy.
      name: target.name ?? (lookup === null && isLiteral(target.host) ? null : target.host),
    };
    if (lookup !== null) this.#facts.push(lookup);
  }

  emit(fact: Fact): void {
    this.#facts.push(fact);
  }

  connected(socket: Socket, isProxied: boolean): void {
    this.#client = { address: socket.localAddress ?? null, port: socket.localPort ?? null };
    if (isProxied) return;
    this.#server = { ...this.#server, address: socket.remoteAddress ?? this.#server.address };
  }

  throughProxy(): void {
    this.#isProxied = true;
  }

  attempted(local: { readonly address: string; readonly port: number }): void {
    this.#attempt = local;
  }

  /** Where a connection tells what passes on it. */
  wire(): Required<Pick<ConnectionContext, 'record' | 'keyLog'>> {
    return {
      record: (event) => this.#wire.push(event),
      keyLog: (line) => this.#keyLog.push(line),
    };
  }

  sample(socket: Socket, moment: string): void {
    if (!this.#kernel.available) return;
    // Between two messages a slow reading would stand in a stage's time.
    if (this.#kernel.slow === true && moment !== LAST_MOMENT) return;
    const figures = this.#kernel.read(socket);
    if (figures === null) return;
    this.#sampled = true;
    this.#facts.push({ kind: 'kernel', at: this.clock.now(), moment, ...figures });
  }

  finish(): HandshakeTrace {
    const notMeasured: Record<string, string> = { ...NEVER_MEASURED, ...this.#missingOfLogon() };
    if (this.#isProxied) notMeasured['tcp'] = UP_TO_PROXY;
    if (!this.#sampled) {
      const accepted = this.#facts.some((fact) => fact.kind === 'tcp-accepted');
      const why = this.#kernel.available
        ? accepted
          ? this.#kernel.ownStreamsOnly === true
            ? 'the system did not tell the figures of this socket'
            : 'the socket was gone before the kernel could be asked'
          : 'there was no connection'
        : this.#kernel.why;
      for (const field of KERNEL_FIELDS) notMeasured[field] = why;
    } else {
      Object.assign(notMeasured, this.#missingFigures());
    }
    const trace: HandshakeTrace = {
      source: { kind: 'live', profile: 'mstsc' },
      client: this.#client,
      server: this.#server,
      startedAt: this.clock.startedAt,
      facts: this.#facts,
      notMeasured,
    };
    this.#sink?.recorded(trace, {
      client: this.#attempt ?? this.#client,
      wire: this.#wire,
      keyLog: this.#keyLog,
    });
    return trace;
  }

  /** What stays unknown of a logon, and why. */
  #missingOfLogon(): Record<string, string> {
    if (!this.#logsOn) return {};
    const verdict = this.#facts.find((fact) => fact.kind === 'nla-verdict');
    const answered = this.#facts.some(
      (fact) =>
        fact.kind === 'message' &&
        fact.message.type === 'ts-request' &&
        fact.message.carries.includes('ntlm-authenticate'),
    );
    if (verdict === undefined && !answered) {
      return { 'credssp.logon': 'this connection did not come to an NTLM challenge' };
    }
    if (verdict?.outcome !== 'accepted') return {};
    return {
      'credssp.earlyUserAuthorization':
        selectedProtocol(this.#facts) === PROTOCOL_HYBRID_EX
          ? 'a server says it only after the credentials were delegated, which this program never does'
          : 'servers say it only where PROTOCOL_HYBRID_EX was selected',
    };
  }

  /** Why figures are missing although the kernel was asked. */
  #missingFigures(): Record<string, string> {
    const samples = this.#facts.filter((fact) => fact.kind === 'kernel');
    const opening = samples.find(({ moment }) => moment === 'connect');
    const first = samples[0];
    const last = samples.at(-1);
    const missing: Record<string, string> = {};
    const told = (field: string, value: number | null | undefined, why = NOT_TOLD): void => {
      if (value === null || value === undefined) missing[field] = why;
    };
    if ((opening?.retransmissions ?? 0) > 0) {
      missing['tcp.rttMs'] = 'the SYN was sent again, so the first sample says nothing';
    } else {
      told('tcp.rttMs', opening === undefined ? first?.minRttUs : opening.rttUs);
    }
    told('tcp.mss.client', first?.clientMss);
    // The kernels that tell the MSS of our SYN tell the sizes of segments too.
    const tellsSizes = first?.clientMss !== null;
    told(
      'tcp.mss.server',
      first?.serverMss,
      tellsSizes ? "the server's window is so small that it hides its MSS" : NOT_TOLD,
    );
    told('tcp.retransmissions.client', last?.retransmissions);
    told(
      'tcp.synRetransmissions',
      opening?.retransmissions,
      opening === undefined ? 'the kernel was asked at the end only' : NOT_TOLD,
    );
    told('tcp.spuriousRetransmissions', last?.spuriousRetransmissions);
    told('tcp.outOfOrder', last?.receivedOutOfOrder);
    told(
      'tcp.largestSegment.server',
      last?.largestReceived,
      tellsSizes ? 'no segment from the server was larger than 536 bytes' : NOT_TOLD,
    );
    told('tcp.pathMtu', last?.pathMtu);
    return missing;
  }
}
