import { domainToASCII } from 'node:url';
import { RDP_PORT, renderTarget, type Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { familyOf } from './ip-address.js';

/** RFC 1035 2.3.4. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const MAX_PORT = 65_535;

/** RFC 1123 2.1, and `_`, which Windows allows in computer names. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i;

/**
 * Reads `HOST[:PORT]`: a name, an IPv4 address, `[IPv6]:PORT`, or an IPv6 address alone.
 *
 * @param defaultPort where the text has none
 * @throws ProbeError BAD_TARGET with a sentence that says what to write instead
 */
export function parseTarget(text: string, defaultPort: number = RDP_PORT): Target {
  if (text.trim() === '') throw bad('the target is empty: give a host, as in srv01.example:3389');
  const quoted = `'${text}'`;
  if (text.includes('://'))
    throw bad(`${quoted} is a URL: give the host name alone: ${hostOf(text)}`);
  if (/\s/.test(text)) {
    throw bad(`${quoted} has a space in it: give each host as an argument of its own`);
  }
  if (text.includes('@')) {
    throw bad(`${quoted} names a user, and none is needed: give the host alone`);
  }
  if (/[\\/]/.test(text)) throw bad(`${quoted} is a path: give the host name alone: srv01.example`);
  if (text.startsWith('[')) return parseBracketed(text, defaultPort);
  // Two colons or more: no name and no IPv4 address has them.
  if (text.split(':').length > 2) {
    if (familyOf(text) === 6) return { host: text, port: defaultPort };
    throw bad(
      `${quoted} is no IPv6 address: give [address]:port, as in [2001:db8::1]:3389, or host:port`,
    );
  }
  const [host = '', port] = text.split(':');
  if (host === '') throw bad(`${quoted} has no host before the colon: give host:port`);
  return { host: parseHost(host), port: parsePort(port, text, defaultPort) };
}

function parseBracketed(text: string, defaultPort: number): Target {
  const match = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  const address = match?.[1] ?? '';
  if (match === null || familyOf(address) !== 6) {
    throw bad(`'${text}' is no IPv6 address in brackets: give it as in [2001:db8::1]:3389`);
  }
  return { host: address, port: parsePort(match[2], text, defaultPort) };
}

function parseHost(host: string): string {
  if (familyOf(host) !== 0) return host;
  if (/^[\d.]+$/.test(host)) {
    throw bad(`'${host}' is no IPv4 address: give four numbers from 0 to 255, as in 192.0.2.10`);
  }
  // Names outside ASCII go over the wire in Punycode.
  const name = /^[\x20-\x7e]*$/.test(host) ? host : domainToASCII(host);
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  if (name === '' || name.length > MAX_NAME_LENGTH || !labels.every(isLabel)) {
    throw bad(`'${host}' is no host name: give a name such as srv01.example, or an address`);
  }
  return name;
}

function isLabel(label: string): boolean {
  return label.length <= MAX_LABEL_LENGTH && LABEL.test(label);
}

function parsePort(port: string | undefined, text: string, defaultPort: number): number {
  if (port === undefined) return defaultPort;
  if (port === '')
    throw bad(`'${text}' has no port after the colon: leave the colon out for ${defaultPort}`);
  if (!/^\d+$/.test(port)) {
    throw bad(`'${port}' in '${text}' is no port: give a number from 1 to ${MAX_PORT}`);
  }
  const number = Number(port);
  if (number < 1 || number > MAX_PORT) {
    throw bad(`port ${port} in '${text}' is out of range: give a number from 1 to ${MAX_PORT}`);
  }
  return number;
}

/** The host that a URL names, written as a target. */
function hostOf(url: string): string {
  const authority = /:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/.exec(url)?.[1] ?? '';
  const host = authority.replace(/^\[|\]$/g, '');
  const known = host !== '' && (familyOf(host) !== 0 || host.split('.').every(isLabel));
  return renderTarget({ host: known ? host : 'srv01.example', port: RDP_PORT });
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_TARGET', sentence);
}
