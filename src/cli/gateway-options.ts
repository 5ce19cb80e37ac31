import { Credentials } from '../handshake/credentials.js';
import type { Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { CliIo, GatewayOrder } from './io.js';
import { readPassword, readUser } from './logon-options.js';
import { parseTarget } from './target.js';
import { wantsUnicode } from './terminal.js';

export interface RawGatewayOptions {
  readonly gateway?: string;
  readonly gatewayUser?: string;
  readonly gatewayPasswordStdin?: boolean;
  readonly gatewayPasswordEnv?: string;
}

/** What cannot go together with a gateway. */
export interface GatewaySurroundings {
  readonly targets: readonly Target[];
  readonly allAddresses: boolean;
  readonly measuresPath: boolean;
  readonly saves: boolean;
  /** the password of `--user` comes from standard input as well */
  readonly stdinIsTaken: boolean;
}

/** [MS-TSGU] 2.1.2. */
export const GATEWAY_PORT = 443;

/**
 * Reads the gateway, and the password of its user from where the options say.
 *
 * @returns null: none was asked for; `interrupted`: while the password was being asked for
 * @throws ProbeError BAD_OPTION or BAD_TARGET, never with a part of a password in it
 */
export async function readGateway(
  raw: RawGatewayOptions,
  surroundings: GatewaySurroundings,
  io: CliIo,
): Promise<GatewayOrder | null | 'interrupted'> {
  if (raw.gateway === undefined) {
    checkStray(raw);
    return null;
  }
  const at = parseTarget(raw.gateway, GATEWAY_PORT);
  const { targets, allAddresses, measuresPath, saves, stdinIsTaken } = surroundings;
  if (allAddresses)
    throw bad('--gateway looks the target up itself: --all-addresses cannot be had');
  if (measuresPath)
    throw bad('--gateway and --path exclude each other: the path ends at the gateway');
  if (saves) throw bad('--save does not cover what goes through a gateway: leave one of them out');
  if (raw.gatewayUser === undefined) {
    checkStray(raw);
    return { at, credentials: null };
  }
  if (targets.length > 1) {
    throw bad(
      '--gateway-user goes with one target: each logon with a wrong password counts towards locking the account',
    );
  }
  if (stdinIsTaken && raw.gatewayPasswordStdin === true) {
    throw bad('standard input has one password: take --gateway-password-env NAME for the other');
  }
  const { user, domain } = readUser(raw.gatewayUser, undefined);
  const from = {
    ...(raw.gatewayPasswordStdin === undefined ? {} : { passwordStdin: raw.gatewayPasswordStdin }),
    ...(raw.gatewayPasswordEnv === undefined ? {} : { passwordEnv: raw.gatewayPasswordEnv }),
  };
  const password = await readPassword(from, `${user} at the gateway`, io, 'gateway-');
  if (password === null) return 'interrupted';
  const { ntHash } = await import('../probe/nt-hash.js');
  const credentials = new Credentials(user, domain, await ntHash(password));
  const ascii = !wantsUnicode(io.env, io.platform);
  const who = cleanText(`${credentials.name} at the gateway ${at.host}`, { ascii });
  io.stderr.write(
    `rdp-probe: one logon as ${who}: a wrong password counts towards locking the account; ` +
      'nothing is tried twice, and the password itself is not sent\n',
  );
  return { at, credentials };
}

function checkStray(raw: RawGatewayOptions): void {
  const [stray] = [
    ...(raw.gatewayUser === undefined ? [] : ['--gateway-user']),
    ...(raw.gatewayPasswordStdin === true ? ['--gateway-password-stdin'] : []),
    ...(raw.gatewayPasswordEnv === undefined ? [] : ['--gateway-password-env']),
  ];
  if (stray === undefined) return;
  const missing = raw.gateway === undefined ? '--gateway HOST' : '--gateway-user NAME';
  throw bad(`${stray} goes with ${missing}, which is missing`);
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_OPTION', sentence);
}
