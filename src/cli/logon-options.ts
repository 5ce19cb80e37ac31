import { Credentials } from '../handshake/credentials.js';
import type { Logon } from '../probe/logon.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import { PROTOCOL_HYBRID, PROTOCOL_HYBRID_EX } from '../wire/negotiation.js';
import type { CliIo } from './io.js';
import { MAX_SECRET_LENGTH } from './secret-input.js';
import { wantsUnicode } from './terminal.js';

/** Options that say with what to log on, as the command line has them. */
export interface RawLogonOptions {
  readonly user?: string;
  readonly domain?: string;
  readonly passwordStdin?: boolean;
  readonly passwordEnv?: string;
  readonly emptyPassword?: boolean;
  /** refused: it would stand in the list of processes and in the history of the shell */
  readonly password?: string | true;
}

/** What else was asked for; one logon goes to one place. */
export interface LogonSurroundings {
  readonly targets: readonly Target[];
  readonly settings: ProbeSettings;
  readonly allAddresses: boolean;
  readonly measuresPath: boolean;
}

/** [MS-DTYP] and lmcons.h: UNLEN and DNLEN leave room to spare. */
const MAX_NAME_LENGTH = 256;

/**
 * Reads the options, and the password from where they say. Whoever logs on is told what a wrong
 * password does, before anything is sent.
 *
 * @returns null: nobody logs on; `interrupted`: while the password was being asked for
 * @throws ProbeError BAD_OPTION, never with a part of a password in it
 */
export async function readLogon(
  raw: RawLogonOptions,
  surroundings: LogonSurroundings,
  io: CliIo,
): Promise<Logon | null | 'interrupted'> {
  if (raw.password !== undefined) {
    throw bad(
      'a password on the command line can be read by every user of this machine: leave it out to be asked for it, or use --password-stdin or --password-env NAME',
    );
  }
  if (raw.user === undefined) {
    checkStray(raw);
    return null;
  }
  const { user, domain } = readUser(raw.user, raw.domain);
  const [target] = surroundings.targets;
  checkSurroundings(surroundings);
  if (target === undefined) return null;
  const password = await readPassword(raw, user, io);
  if (password === null) return 'interrupted';
  const [{ ntHash }, { Logon: OneLogon }, { randomBytes }] = await Promise.all([
    import('../probe/nt-hash.js'),
    import('../probe/logon.js'),
    import('node:crypto'),
  ]);
  const credentials = new Credentials(user, domain, await ntHash(password));
  const ascii = !wantsUnicode(io.env, io.platform);
  const who = cleanText(`${credentials.name} at ${target.host}`, { ascii });
  io.stderr.write(
    `rdp-probe: one logon as ${who}: a wrong password counts towards locking the account; ` +
      'nothing is tried twice, and the password itself is not sent\n',
  );
  return new OneLogon(credentials, target.host, (count) => Uint8Array.from(randomBytes(count)));
}

function checkStray(raw: RawLogonOptions): void {
  const [stray] = [
    ...(raw.domain === undefined ? [] : ['--domain']),
    ...(raw.passwordStdin === true ? ['--password-stdin'] : []),
    ...(raw.passwordEnv === undefined ? [] : ['--password-env']),
    ...(raw.emptyPassword === true ? ['--empty-password'] : []),
  ];
  if (stray !== undefined) throw bad(`${stray} goes with --user NAME, which is missing`);
}

function checkSurroundings(surroundings: LogonSurroundings): void {
  const { targets, settings, allAddresses, measuresPath } = surroundings;
  const reason = 'each logon with a wrong password counts towards locking the account';
  if (targets.length > 1) throw bad(`--user goes with one target: ${reason}`);
  if (allAddresses) throw bad(`--user and --all-addresses exclude each other: ${reason}`);
  if (measuresPath) throw bad(`--user and --path exclude each other: ${reason}`);
  const hybrid = PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;
  if (((settings.requestedProtocols ?? 0) & hybrid) === 0) {
    throw bad('--user logs on by CredSSP: --protocols must have hybrid in it');
  }
}

/** `DOMAIN\user`, `.\user`, `user@realm` or `user`, as Windows takes them. */
export function readUser(
  text: string,
  domain: string | undefined,
): { readonly user: string; readonly domain: string | null } {
  const at = text.indexOf('\\');
  const own = at < 0 ? null : text.slice(0, at);
  const user = at < 0 ? text : text.slice(at + 1);
  if (domain !== undefined && own !== null) {
    throw bad('--domain and a domain before the \\ of --user exclude each other');
  }
  const realm = user.includes('@');
  if (domain !== undefined && realm) {
    throw bad('--domain and a realm behind the @ of --user exclude each other');
  }
  if (user === '' || own === '' || domain === '') {
    throw bad(String.raw`--user takes NAME, NAME@REALM, DOMAIN\NAME or .\NAME`);
  }
  for (const name of [user, own ?? domain ?? '']) {
    if (name.length > MAX_NAME_LENGTH || /[\p{Cc}\\]/u.test(name)) {
      throw bad(
        `a name of --user and --domain has at most ${MAX_NAME_LENGTH} characters, none of them a control or a second \\`,
      );
    }
  }
  if (own === '.') return { user, domain: null };
  // A realm is in the name itself: the domain is left empty then.
  return { user, domain: own ?? domain ?? '' };
}

/**
 * @param of before the names of the options: whose password it is
 * @returns null: it was interrupted
 * @throws ProbeError BAD_OPTION, never with a part of a password in it
 */
export async function readPassword(
  raw: Pick<RawLogonOptions, 'passwordStdin' | 'passwordEnv' | 'emptyPassword'>,
  user: string,
  io: CliIo,
  of: '' | 'gateway-' = '',
): Promise<string | null> {
  const ways = [
    raw.passwordStdin === true,
    raw.passwordEnv !== undefined,
    raw.emptyPassword === true,
  ];
  if (ways.filter(Boolean).length > 1) {
    const also = of === '' ? ' and --empty-password' : '';
    throw bad(`--${of}password-stdin, --${of}password-env${also} exclude each other`);
  }
  if (raw.emptyPassword === true) return '';
  const password = await passwordFrom(raw, user, io, of);
  if (password === '') {
    throw bad(
      of === ''
        ? 'the password is empty: if that is meant, say --empty-password instead'
        : 'the password for the gateway is empty',
    );
  }
  if (password !== null && password.length > MAX_SECRET_LENGTH) {
    throw bad(
      `the password has more than ${MAX_SECRET_LENGTH} characters, more than Windows takes`,
    );
  }
  return password;
}

async function passwordFrom(
  raw: Pick<RawLogonOptions, 'passwordStdin' | 'passwordEnv'>,
  user: string,
  io: CliIo,
  of: string,
): Promise<string | null> {
  if (raw.passwordEnv !== undefined) {
    const value = io.env[raw.passwordEnv];
    // What stands in the place of the name may be the password itself: it is not repeated.
    if (value === undefined) throw bad(`the variable that --${of}password-env names is not set`);
    return value;
  }
  if (raw.passwordStdin === true) return await io.secrets.line(io.signal);
  if (!io.secrets.canAsk) {
    throw bad(
      `there is no terminal to ask for the password: use --${of}password-stdin or --${of}password-env NAME`,
    );
  }
  const ascii = !wantsUnicode(io.env, io.platform);
  const prompt = `Password of ${cleanText(user, { ascii })} (not shown): `;
  return await io.secrets.ask(prompt, io.signal);
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_OPTION', sentence);
}
