import { encodeCaptureFile } from '../capture/capture-file.js';
import { type ProbedConnection, probeCapture } from '../capture/probe-capture.js';
import type { WireRecording } from '../handshake/recording.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { ProbeRecorder } from '../probe/probe-target.js';
import { ProbeError } from '../probe-error.js';
import { captureFilter, type RunningCapture, startCapture } from './capture-program.js';
import type { Asked, CapturedBeside } from './check-order.js';
import type { CliIo } from './io.js';
import { OutputFile } from './output-file.js';
import type { CaptureProgram, SaveOrder } from './save-options.js';
import { readVersion } from './version.js';

/** Where real captures are made: elsewhere the ways to capture were not tried. */
const CAPTURE_PLATFORM = 'linux';

/** A filter for trying whether a program may capture at all: it lets nothing pass that matters. */
const TRIAL_FILTER = 'tcp port 1';

/**
 * Keeps what the probes of a run put on the wire, and writes it as one capture file: captured where
 * a program is there that may, else synthesised from what the probes saw.
 */
export class ProbeSaver implements ProbeRecorder {
  readonly #order: SaveOrder;
  readonly #io: CliIo;
  readonly #file: OutputFile;
  #programs: readonly CaptureProgram[];
  #whyNot: string | null = null;
  #running: RunningCapture | null = null;
  readonly #settled: ProbedConnection[] = [];
  #open: { readonly trace: HandshakeTrace; readonly recording: WireRecording }[] = [];

  private constructor(order: SaveOrder, io: CliIo, file: OutputFile) {
    this.#order = order;
    this.#io = io;
    this.#file = file;
    const captures = io.platform === CAPTURE_PLATFORM;
    this.#programs = captures ? order.programs : [];
    if (!captures && order.programs.length > 0) {
      this.#whyNot = `capturing is not supported on ${io.platform} yet`;
    }
  }

  /**
   * Makes sure of the file, and of the program that was asked for, before anything is probed.
   *
   * @throws ProbeError CANNOT_WRITE, CANNOT_CAPTURE
   */
  static async open(order: SaveOrder, io: CliIo): Promise<ProbeSaver> {
    if (order.insists) await tryToCapture(order, io);
    const file = await OutputFile.open(order.path, order.overwrite);
    return new ProbeSaver(order, io, file);
  }

  async ready(addresses: readonly string[], port: number): Promise<void> {
    while (this.#running === null && this.#programs[0] !== undefined) {
      const [program] = this.#programs;
      const filter = captureFilter(addresses, port);
      const started = await startCapture(program, filter, this.#io.env, this.#io.now);
      if (started.kind === 'running') {
        this.#running = started.capture;
      } else {
        this.#programs = this.#programs.slice(1);
        const why = `${program}: ${started.why}`;
        this.#whyNot = this.#whyNot === null ? why : `${this.#whyNot}; ${why}`;
      }
    }
  }

  recorded(trace: HandshakeTrace, recording: WireRecording): void {
    this.#open.push({ trace, recording });
  }

  /**
   * The probes of a target are done: ends its capture, and takes the packets of their connections
   * from it.
   *
   * @param asked what each was asked for
   * @returns what their packets show that no probe sees, of those connections that were captured
   */
  async settle(asked: Asked): Promise<ReadonlyMap<HandshakeTrace, CapturedBeside>> {
    const running = this.#running;
    this.#running = null;
    const stopped = running === null ? null : await running.stop();
    const beside = new Map<HandshakeTrace, CapturedBeside>();
    for (const { trace, recording } of this.#open) {
      const own = stopped?.store.select(recording.client, trace.server) ?? null;
      const captured =
        own === null || running === null || stopped === null
          ? null
          : {
              ...own,
              program: running.program,
              from: running.startedAtNs,
              to: stopped.stoppedAtNs,
              dropped: stopped.dropped,
              leftOut: stopped.store.leftOut,
            };
      this.#settled.push({ trace, recording, captured, asked: asked.get(trace) ?? null });
      if (own !== null) beside.set(trace, own);
    }
    this.#open = [];
    return beside;
  }

  /**
   * Writes the file.
   *
   * @returns one sentence that says how its packets came about
   * @throws ProbeError CANNOT_WRITE
   */
  async save(): Promise<string> {
    const { withSecrets, path } = this.#order;
    const version = await readVersion();
    const capture = probeCapture(this.#settled, { version, withSecrets });
    await this.#file.write(encodeCaptureFile(capture));
    return `saved to ${path}: ${this.#describe()}`;
  }

  #describe(): string {
    const captured = this.#settled.filter((connection) => connection.captured !== null);
    const programs = [...new Set(captured.map((connection) => connection.captured?.program))];
    const made = this.#settled.length - captured.length;
    const how = [
      ...(captured.length > 0 ? [`packets captured by ${programs.join(' and ')}`] : []),
      ...(made > 0 ? ['packets synthesised from what the probe saw'] : []),
    ];
    if (how.length === 0) return 'no connection was tried';
    const why = made > 0 && this.#whyNot !== null ? ` (${this.#whyNot})` : '';
    return `${how.join(', ')}${why}`;
  }

  /** The run broke off: leaves no child and no empty file behind. */
  async abandon(): Promise<void> {
    await this.#running?.stop();
    await this.#file.abandon();
  }
}

async function tryToCapture(order: SaveOrder, io: CliIo): Promise<void> {
  const [program] = order.programs;
  if (program === undefined) return;
  const started =
    io.platform === CAPTURE_PLATFORM
      ? await startCapture(program, TRIAL_FILTER, io.env, io.now)
      : ({ kind: 'failed', why: `capturing is not supported on ${io.platform} yet` } as const);
  if (started.kind === 'running') {
    await started.capture.stop();
    return;
  }
  throw new ProbeError(
    'CANNOT_CAPTURE',
    `${program} cannot capture here: ${started.why}; with --capture-with none packets are synthesised`,
  );
}
