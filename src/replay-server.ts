import { readFile } from 'node:fs/promises';
import { recordConversation } from './capture/conversation-record.js';
import { ProbeError } from './probe-error.js';
import { prepareCertificates } from './simulator/certificate.js';
import { startSimulator } from './simulator/listen.js';
import { DEFAULT_LIMIT_MS } from './simulator/play.js';
import { type ReplaySpeed, replayOf } from './simulator/replay.js';

/*
 * Where captures and the simulator meet: neither knows the other.
 */

export interface ReplayServerOptions {
  /** a capture; pcap or pcapng, gzip in front of it or not */
  readonly file: string;
  /** as Wireshark's tcp.stream; left out: the first RDP connection of the capture */
  readonly stream?: number;
  /** 0, or left out: any free one */
  readonly port?: number;
  /** an address of this machine's own loopback; left out: 127.0.0.1 */
  readonly host?: string;
  /** pauses as they were recorded, or none (left out) */
  readonly speed?: ReplaySpeed;
  /** file with TLS keys as browsers write it for SSLKEYLOGFILE; those in the capture are used anyway */
  readonly keyLog?: string;
  /** breaks off what is under way and frees the port */
  readonly signal?: AbortSignal;
}

export interface ReplayServer {
  readonly address: string;
  readonly port: number;
  readonly stream: number;
  /** all RDP connections in the capture */
  readonly rdpStreams: readonly number[];
  /** what the server says and does as it was recorded, in order */
  readonly replayed: readonly string[];
  /** what cannot be as it was recorded, and what stands in its place */
  readonly recreated: readonly string[];
  /** Breaks off what is under way and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a server on this machine that does on every connection what the server of a captured
 * connection did.
 *
 * @throws ProbeError BAD_OPTION where the capture has no such stream, CANNOT_READ where the capture
 *   or the key log cannot be read, or the connection cannot be replayed, CANNOT_LISTEN where the
 *   port cannot be had
 */
export async function replayServer(options: ReplayServerOptions): Promise<ReplayServer> {
  const { file, stream, port, host, speed = 'full', keyLog, signal } = options;
  const record = await recordConversation(file, {
    ...(stream === undefined ? {} : { stream }),
    ...(keyLog === undefined ? {} : { keyLog: await readKeyLog(keyLog) }),
  });
  const { scenario, replayed, recreated } = replayOf(record, speed);
  // Certificates are dated by the recording or for today; the first client shall not wait for them.
  await prepareCertificates(scenario, Date.now());
  const recordedMs = (record.events.at(-1)?.at ?? 0) / 1000;
  const simulator = await startSimulator(scenario, {
    limitMs: DEFAULT_LIMIT_MS + (speed === 'recorded' ? recordedMs : 0),
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    address: simulator.address,
    port: simulator.port,
    stream: record.stream,
    rdpStreams: record.rdpStreams,
    replayed,
    recreated,
    close: () => simulator.close(),
  };
}

async function readKeyLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw new ProbeError('CANNOT_READ', `the key log ${path} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** What the system says, in words. */
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return typeof code === 'string' ? code : 'unknown reason';
  }
}
