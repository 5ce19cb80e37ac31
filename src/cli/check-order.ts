import type { HandshakeTrace, HopLimits, IcmpFact, ProbeLabel } from '../handshake/trace.js';
import type { PathOptions } from '../path/path-options.js';
import type { Logon } from '../probe/logon.js';
import type { ProbeRecorder } from '../probe/probe-target.js';
import type { ProbeSettings } from '../probe/settings.js';
import type { ScanOptions } from '../scan/scan-options.js';
import type { GatewayOrder } from './io.js';
import type { RdpFileReading } from './rdp-settings.js';

/** What connections were made for, and of the first of a scan what that went by. */
export type Asked = ReadonlyMap<HandshakeTrace, Pick<ProbeLabel, 'purpose' | 'reason' | 'scan'>>;

/** What the packets of a connection show that its probe does not see. */
export interface CapturedBeside {
  /** how far the server's packets had come */
  readonly serverHopLimits: HopLimits;
  /** ICMP errors about it, nanoseconds since 1970 UTC */
  readonly icmp: readonly { readonly atNs: bigint; readonly error: IcmpFact['error'] }[];
}

/** A recorder that may have captured beside the probe. */
export interface SettlingRecorder extends ProbeRecorder {
  settle(asked: Asked): Promise<ReadonlyMap<HandshakeTrace, CapturedBeside>>;
}

export interface CheckOrder {
  readonly settings: ProbeSettings;
  /** the `.rdp` file that the target comes from; absent or null: it was given as a host */
  readonly file?: RdpFileReading | null;
  readonly allAddresses: boolean;
  /** absent or null: the path is not measured */
  readonly path?: PathOptions | null;
  /** absent or true: a failure is followed by the few questions that separate its causes */
  readonly followUp?: boolean;
  /** absent or null: no further questions are asked */
  readonly scan?: ScanOptions | null;
  /** no spinner */
  readonly silent: boolean;
  /** `id` of the first handshake that this check adds to the report */
  readonly firstId: number;
  /** absent: nothing is kept */
  readonly recorder?: SettlingRecorder;
  /** absent: nobody logs on */
  readonly logon?: Logon;
  /** absent: the target is connected to without one */
  readonly gateway?: GatewayOrder;
}

/** A connection that was made, and why. */
export interface Made {
  readonly trace: HandshakeTrace;
  readonly purpose: string;
  readonly reason: string | null;
}
