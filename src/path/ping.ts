import { isIP } from 'node:net';
import { runProgram } from './run-program.js';
import {
  evidenceOfSizes,
  type Gathered,
  type SizeAnswer,
  sizesToTry,
  tryRising,
} from './size-answers.js';

export interface PingRequest {
  /** an IP literal */
  readonly address: string;
  readonly family: 4 | 6;
  /** whole IP packets */
  readonly sizes: readonly number[];
  /** `process.platform` */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Two requests, 0.2 s apart, each waited for 1 s; then the program itself has ended. */
const PING_LIMIT_MS = 4_000;

/** IP and ICMP header. */
function headerBytes(family: 4 | 6): number {
  return (family === 4 ? 20 : 40) + 8;
}

export type PingCommand =
  | { readonly kind: 'command'; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'none'; readonly why: string };

/**
 * How this platform's `ping` sends two packets of a size that must not be fragmented. Linux is
 * iputils; macOS and Windows are written from their manuals and were not run by us.
 *
 * @param bytes whole IP packet
 */
export function pingCommand(
  { address, family, platform, environment }: Omit<PingRequest, 'sizes'>,
  bytes: number,
): PingCommand {
  if (isIP(address) === 0) return { kind: 'none', why: 'ping is only given addresses' };
  const size = `${bytes - headerBytes(family)}`;
  switch (platform) {
    case 'linux':
      return {
        kind: 'command',
        program: 'ping',
        args: ['-n', '-c', '2', '-i', '0.2', '-W', '1', '-M', 'do', '-s', size, address],
      };
    case 'darwin':
      return family === 4
        ? {
            kind: 'command',
            program: 'ping',
            args: ['-n', '-D', '-c', '2', '-i', '0.2', '-W', '1000', '-s', size, address],
          }
        : {
            kind: 'command',
            program: 'ping6',
            args: ['-n', '-D', '-c', '2', '-i', '0.2', '-s', size, address],
          };
    case 'win32': {
      if (family === 6) {
        return { kind: 'none', why: 'the ping of Windows cannot forbid fragments with IPv6' };
      }
      // By its full path: Windows looks in the current folder before it looks in PATH.
      const root = environment['SystemRoot'] ?? 'C:\\Windows';
      return {
        kind: 'command',
        program: `${root}\\System32\\ping.exe`,
        args: ['-n', '2', '-w', '1000', '-f', '-l', size, address],
      };
    }
    default:
      return { kind: 'none', why: `the options of ping on ${platform} are not known` };
  }
}

/** What one run of `ping` said of its size. */
export type PingSays = Omit<SizeAnswer, 'bytes'>;

/** iputils, busybox and BSD; BSD calls the hop limit of IPv6 `hlim`. */
const REPLY = /^\d+ bytes from .+\b(?:ttl|hlim)=\d+/m;
/** The only word of Windows that is the same in every language. */
const WINDOWS_REPLY = /\bTTL=\d+/;
const REFUSED: readonly RegExp[] = [
  /^From (\S+) icmp_seq=\d+ Frag needed and DF set \(mtu = (\d+)\)/m,
  /^From (\S+) icmp_seq=\d+ Packet too big: mtu=(\d+)/m,
  /^\d+ bytes from (\S+): frag needed and DF set \(MTU (\d+)\)/m,
];
const LOCALLY_REFUSED =
  /(?:local error: message too long, mtu[:=] ?(\d+)|sendto: Message too long)/i;
const UNREACHABLE = /^From (\S+) icmp_seq=\d+ Destination .+ [Uu]nreachable/m;

/** Reads what `ping` said in the C locale. Its exit status says less: 1 is any kind of no reply. */
export function parsePing(output: string, platform: string): PingSays {
  if ((platform === 'win32' ? WINDOWS_REPLY : REPLY).test(output)) {
    return { result: 'came-back', by: null, mtu: null };
  }
  for (const pattern of REFUSED) {
    const found = pattern.exec(output);
    if (found !== null) {
      return { result: 'refused', by: addressOrNull(found[1]), mtu: mtuOrNull(found[2]) };
    }
  }
  const locally = LOCALLY_REFUSED.exec(output);
  if (locally !== null) return { result: 'refused', by: null, mtu: mtuOrNull(locally[1]) };
  const unreachable = UNREACHABLE.exec(output);
  if (unreachable !== null) {
    return { result: 'unreachable', by: addressOrNull(unreachable[1]), mtu: null };
  }
  return { result: 'silent', by: null, mtu: null };
}

/** What a program prints is not to be trusted with more than an address. */
export function addressOrNull(text: string | undefined): string | null {
  return text !== undefined && isIP(text) !== 0 ? text : null;
}

/** The loopback interface of Linux has 65536; no other has more than that. */
const LARGEST_MTU = 65_536;

/** 0: a router from before RFC 1191 names no MTU. */
export function mtuOrNull(text: string | undefined): number | null {
  const mtu = Number(text);
  return Number.isInteger(mtu) && mtu > 0 && mtu <= LARGEST_MTU ? mtu : null;
}

/** Runs the system's `ping` at rising sizes. Corroboration only: many RDP servers drop ICMP. */
export async function gatherPing(request: PingRequest, signal: AbortSignal): Promise<Gathered> {
  const { family, platform, environment } = request;
  const attempt = async (bytes: number): Promise<SizeAnswer | { readonly why: string }> => {
    const command = pingCommand(request, bytes);
    if (command.kind === 'none') return { why: command.why };
    const { program, args } = command;
    const run = await runProgram({ program, args, environment, limitMs: PING_LIMIT_MS }, signal);
    switch (run.kind) {
      case 'aborted':
        return { why: 'interrupted' };
      case 'not-run':
        return { why: `ping cannot be run (${run.code})` };
      case 'killed':
        return { bytes, ...parsePing(run.output, platform) };
      case 'ended': {
        const says = parsePing(run.output, platform);
        // 2 and above: it did not understand or was not allowed; 127 and the like of a shell.
        const failed = says.result === 'silent' && (run.status === null || run.status > 1);
        return failed ? { why: `ping failed (exit status ${run.status})` } : { bytes, ...says };
      }
    }
  };
  const answers = await tryRising(sizesToTry(request.sizes, headerBytes(family)), attempt, signal);
  return 'why' in answers
    ? { kind: 'nothing', why: answers.why }
    : evidenceOfSizes('ping', 'ping with do-not-fragment', answers);
}
