import type { ProbeSettings, Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { familyOf } from './ip-address.js';
import { type RawProbeOptions, readProbeSettings } from './probe-options.js';
import { isRdpFile, readRdpFile } from './rdp-file.js';
import type { RdpFileReading } from './rdp-settings.js';
import { parseTarget } from './target.js';

interface RawTargetOptions extends RawProbeOptions {
  readonly path?: boolean;
}

/** One target of the command line, and what is asked of it. */
export interface TargetOrder {
  readonly target: Target;
  readonly settings: ProbeSettings;
  /** null: it was given as a host */
  readonly file: RdpFileReading | null;
}

/**
 * Reads the targets of a command line: hosts, and `.rdp` files, whose settings hold where the
 * options leave something open.
 *
 * @param command for the sentence that says how to give a target
 * @throws ProbeError BAD_TARGET, BAD_OPTION
 */
export async function readTargets(
  command: string,
  texts: readonly string[],
  raw: RawTargetOptions,
): Promise<readonly TargetOrder[]> {
  const random = await randomFor(raw);
  const plain = readProbeSettings(raw, random);
  if (texts.length === 0) {
    throw new ProbeError(
      'BAD_TARGET',
      `no target was given: say which host to check, as in rdp-probe ${command} srv01.example`,
    );
  }
  const orders: TargetOrder[] = [];
  for (const text of texts) {
    if (isRdpFile(text)) orders.push(await readFile(command, text, raw, random));
    else orders.push({ target: parseTarget(text), settings: plain, file: null });
  }
  for (const { target, settings } of orders) checkFamily(target, settings);
  return orders;
}

async function readFile(
  command: string,
  path: string,
  raw: RawTargetOptions,
  random: (count: number) => Uint8Array,
): Promise<TargetOrder> {
  // The trials of a path and the questions of a scan begin with the request, each with its own.
  const reading = await readRdpFile(path, {
    followsDirectTls: command === 'check' && raw.path !== true,
  });
  const overruled = overruledBy(raw, reading);
  const { report } = reading;
  const file = { ...reading, report: { ...report, problems: [...report.problems, ...overruled] } };
  return { target: reading.target, settings: readProbeSettings(raw, random, reading.asks), file };
}

/** What of the file the command line sets aside. */
function overruledBy(raw: RawProbeOptions, { asks }: RdpFileReading): readonly string[] {
  const { requestedProtocols, routingToken } = asks;
  const lines: string[] = [];
  if (raw.protocols !== undefined && requestedProtocols !== null) {
    lines.push('--protocols was given: what the file says of CredSSP and RDS-AAD was not followed');
  }
  if (routingToken !== null) {
    if (raw.loadBalanceInfo !== undefined) {
      lines.push("--load-balance-info was given: 'loadbalanceinfo' of the file was not sent");
    } else if (raw.cookie !== undefined) {
      lines.push(
        "--cookie was given, and a request has room for one: 'loadbalanceinfo' of the file was not sent",
      );
    }
  }
  return lines;
}

/** Only a random correlation id needs the module. */
async function randomFor({ correlationId }: RawProbeOptions): Promise<(n: number) => Uint8Array> {
  if (correlationId === undefined) return (count) => new Uint8Array(count);
  const { randomBytes } = await import('node:crypto');
  return (count) => Uint8Array.from(randomBytes(count));
}

function checkFamily({ host }: Target, { family, sourceAddress }: ProbeSettings): void {
  const wanted = family !== 0 ? family : sourceAddress === null ? 0 : familyOf(sourceAddress);
  const option = family !== 0 ? `-${family}` : `--source ${sourceAddress}`;
  const own = familyOf(host);
  if (wanted === 0 || own === 0 || own === wanted) return;
  throw new ProbeError(
    'BAD_OPTION',
    `${host} is an IPv${own} address and ${option} excludes those`,
  );
}
