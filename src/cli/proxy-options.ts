import type { ProxyServer } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import type { CliIo } from './io.js';
import { parseTarget } from './target.js';

export interface RawProxyOptions {
  readonly proxy?: string;
  readonly proxyPasswordEnv?: string;
}

const FORM = /^(socks5h?|http):\/\/(?:([^@/]*)@)?([^@/]+?)\/?$/i;

/** RFC 1929 section 2: one byte tells how long each of them is. */
const MAX_LOGIN_BYTES = 255;

/**
 * Reads `socks5://[USER@]HOST:PORT` or `http://[USER@]HOST:PORT`.
 *
 * @returns null: no proxy was asked for
 * @throws ProbeError BAD_OPTION, never with a part of a password in it
 */
export function readProxy(raw: RawProxyOptions, env: CliIo['env']): ProxyServer | null {
  if (raw.proxy === undefined) {
    if (raw.proxyPasswordEnv !== undefined) {
      throw bad('--proxy-password-env goes with --proxy URL, which is missing');
    }
    return null;
  }
  const [, scheme, user, authority] = FORM.exec(raw.proxy) ?? [];
  if (scheme === undefined || authority === undefined) {
    // What was written may have a password in it: it is not repeated.
    throw bad('--proxy takes socks5://HOST:PORT or http://HOST:PORT, with USER@ before the host');
  }
  if (user?.includes(':') === true) {
    throw bad(
      'a password in --proxy can be read by every user of this machine: leave it out and name a variable with --proxy-password-env NAME',
    );
  }
  if (!/:\d+$/.test(authority)) {
    throw bad(`--proxy needs the port of the proxy, as in ${scheme}://${authority}:1080`);
  }
  return {
    kind: scheme.toLowerCase() === 'http' ? 'http' : 'socks5',
    at: parseTarget(authority),
    login: readLogin(user, raw.proxyPasswordEnv, env),
  };
}

function readLogin(
  user: string | undefined,
  variable: string | undefined,
  env: CliIo['env'],
): ProxyServer['login'] {
  if (user === undefined) {
    if (variable === undefined) return null;
    throw bad('--proxy-password-env needs the user in --proxy: socks5://USER@HOST:PORT');
  }
  if (variable === undefined) {
    throw bad('--proxy names a user: name the variable of the password, --proxy-password-env NAME');
  }
  const password = env[variable];
  if (password === undefined) {
    throw bad('the variable that --proxy-password-env names is not set');
  }
  const name = decoded(user);
  for (const text of [name, password]) {
    if (Buffer.byteLength(text) > MAX_LOGIN_BYTES || /[\r\n\0]/.test(text)) {
      throw bad(
        `a user and a password for a proxy have at most ${MAX_LOGIN_BYTES} bytes, in one line`,
      );
    }
  }
  if (name === '') throw bad('the user before the @ of --proxy is empty');
  return { user: name, password };
}

/** As a URL has it: `%40` for an @. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('the user in --proxy has a % that no two hex digits follow: write %25 for it');
  }
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_OPTION', sentence);
}
