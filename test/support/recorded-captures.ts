import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, StageStatus } from '../../src/handshake/handshake.js';
import type { Side, StageName } from '../../src/handshake/trace.js';

/** The folder of the project's own recordings. */
export const CAPTURES = join(import.meta.dirname, '..', '..', 'captures');

/**
 * What one connection of a recording must be read as. It comes from how the server was set up, from
 * the log of its client, and from what tshark shows; nothing of it was copied from our own output.
 */
export interface ExpectedConnection {
  readonly stream: number;
  readonly stages: Readonly<Record<StageName, StageStatus>>;
  readonly outcome: Omit<Outcome, 'detail'>;
  readonly x224?: {
    readonly cookie: string | null;
    /** the value of requestedProtocols; null: there was no negotiation request */
    readonly requested: number | null;
    readonly kind: string | null;
    readonly selected: string | null;
    readonly failure: string | null;
    readonly protocol?: string;
  };
  readonly tls?: {
    readonly version?: string | null;
    readonly cipher?: string | null;
    readonly subject?: string | null;
    readonly notAfter?: string;
    readonly keyBits?: number;
    readonly decrypted?: boolean;
    readonly alert?: { readonly by: Side; readonly code: number };
  };
  readonly credssp?: {
    readonly version: number | null;
    readonly netbiosComputerName: string | null;
    readonly dnsComputerName: string | null;
    readonly errorCode: string | null;
    readonly authentication: string;
  };
  readonly mcs?: { readonly encryptionMethod: string; readonly encryptionLevel: string };
  readonly tcp?: {
    /** the first FIN or RST, and its packet; null: there is none */
    readonly end?: { readonly by: Side; readonly how: string; readonly packet: number } | null;
    readonly rttMs?: number;
    readonly retransmits?: true;
    readonly icmp?: string;
  };
}

export interface CaptureRecord {
  readonly title: string;
  readonly made: Readonly<Record<'server' | 'client' | 'network' | 'tools' | 'recorded', string>>;
  /**
   * The first three findings when it was made, by rules that had never met its like; absent: it was
   * known when the rules were made
   */
  readonly unseen?: readonly string[];
  readonly expected: readonly ExpectedConnection[];
}

/** The names, without their ends, of the files in the folder that end like this. */
export function captureNames(end: '.pcapng' | '.json'): readonly string[] {
  return readdirSync(CAPTURES)
    .filter((file) => file.endsWith(end))
    .map((file) => file.slice(0, -end.length))
    .sort();
}

export function captureFile(name: string): string {
  return join(CAPTURES, `${name}.pcapng`);
}

export function captureRecord(name: string): CaptureRecord {
  return JSON.parse(readFileSync(join(CAPTURES, `${name}.json`), 'utf8')) as CaptureRecord;
}
