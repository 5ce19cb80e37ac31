import { STAGES, type StageName } from '../handshake/trace.js';
import {
  DEFAULT_SETTINGS,
  DEFAULT_STAGE_LIMIT_MS,
  type ProbeSettings,
  stageLimits,
} from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import {
  CORRELATION_INFO_COST,
  CORRELATION_INFO_PRESENT,
  MAX_COOKIE_LENGTH,
  MAX_ROUTING_TOKEN_LENGTH,
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDP,
  PROTOCOL_RDSAAD,
  PROTOCOL_RDSTLS,
  PROTOCOL_SSL,
  RESTRICTED_ADMIN_MODE_REQUIRED,
} from '../wire/negotiation.js';
import { routingTokenProblem } from '../wire/routing-token.js';
import { familyOf } from './ip-address.js';
import type { RawProxyOptions } from './proxy-options.js';
import type { RdpFileAsks } from './rdp-settings.js';

/** Options that say what is asked of the server, as the command line has them. */
export interface RawProbeOptions extends RawProxyOptions {
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly source?: string;
  readonly timeout?: string;
  readonly stageTimeout?: readonly string[];
  readonly protocols?: string;
  readonly cookie?: string;
  readonly loadBalanceInfo?: string;
  /** true: the option was given without a value */
  readonly correlationId?: string | true;
  readonly serverName?: string;
  readonly restrictedAdmin?: boolean;
}

/** An hour: who waits longer has forgotten a decimal point. */
const MAX_TIMEOUT_S = 3600;

const PROTOCOL_NAMES: ReadonlyMap<string, number> = new Map([
  ['rdp', PROTOCOL_RDP],
  ['ssl', PROTOCOL_SSL],
  ['hybrid', PROTOCOL_HYBRID],
  ['rdstls', PROTOCOL_RDSTLS],
  ['hybrid-ex', PROTOCOL_HYBRID_EX],
  ['aad', PROTOCOL_RDSAAD],
]);

/**
 * @param random gives that many random bytes
 * @param file an `.rdp` file: what it asks for holds where no option says otherwise
 * @throws ProbeError BAD_OPTION with a sentence that says what to write instead
 */
export function readProbeSettings(
  raw: RawProbeOptions,
  random: (count: number) => Uint8Array,
  file: RdpFileAsks | null = null,
): ProbeSettings {
  const family = readFamily(raw);
  const requestedProtocols =
    raw.protocols === undefined
      ? (file?.requestedProtocols ?? DEFAULT_SETTINGS.requestedProtocols)
      : readProtocols(raw.protocols);
  // A cookie was asked for, and a request has room for one of the two.
  const ofFile = raw.cookie === undefined ? (file?.routingToken ?? null) : null;
  const correlationId = readCorrelationId(raw.correlationId, random);
  const settings: ProbeSettings = {
    requestedProtocols,
    requestFlags:
      (raw.restrictedAdmin === true ? RESTRICTED_ADMIN_MODE_REQUIRED : 0) |
      (correlationId === null ? 0 : CORRELATION_INFO_PRESENT),
    cookie: raw.cookie === undefined ? null : `mstshash=${raw.cookie}`,
    routingToken: raw.loadBalanceInfo ?? ofFile,
    correlationId,
    serverName: raw.serverName ?? null,
    tlsOffer: DEFAULT_SETTINGS.tlsOffer,
    opening: file?.directTls === true ? 'tls' : DEFAULT_SETTINGS.opening,
    until: DEFAULT_SETTINGS.until,
    encryptionMethods: DEFAULT_SETTINGS.encryptionMethods,
    sourceAddress: readSource(raw.source, family),
    family,
    proxy: DEFAULT_SETTINGS.proxy,
    stageLimitsMs: readLimits(raw),
  };
  checkRequest(settings, raw, file);
  return settings;
}

function readFamily({ ipv4, ipv6 }: RawProbeOptions): 0 | 4 | 6 {
  if (ipv4 === true && ipv6 === true)
    throw bad('-4 and -6 exclude each other: leave both out for both');
  if (ipv4 === true) return 4;
  return ipv6 === true ? 6 : 0;
}

function readSource(source: string | undefined, family: 0 | 4 | 6): string | null {
  if (source === undefined) return null;
  const sourceFamily = familyOf(source);
  if (sourceFamily === 0) {
    throw bad(`--source takes an address of this machine, such as 192.0.2.10, not '${source}'`);
  }
  if (family !== 0 && family !== sourceFamily) {
    throw bad(`--source ${source} is an IPv${sourceFamily} address and -${family} excludes those`);
  }
  return source;
}

function readLimits({ timeout, stageTimeout }: RawProbeOptions): ProbeSettings['stageLimitsMs'] {
  const limitMs =
    timeout === undefined ? DEFAULT_STAGE_LIMIT_MS : readSeconds('--timeout', timeout);
  const exceptions: Partial<Record<StageName, number>> = {};
  for (const each of stageTimeout ?? []) {
    const [name = '', seconds = ''] = each.split('=');
    const stage = STAGES.find((known) => known === name);
    if (stage === undefined || !each.includes('=')) {
      throw bad(
        `--stage-timeout takes STAGE=SECONDS with one of the stages ${STAGES.join(', ')}, not '${each}'`,
      );
    }
    exceptions[stage] = readSeconds(`--stage-timeout ${stage}=`, seconds);
  }
  return stageLimits(limitMs, exceptions);
}

function readSeconds(option: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_S)) {
    throw bad(`${option} takes seconds, more than 0 and at most ${MAX_TIMEOUT_S}, not '${text}'`);
  }
  return Math.max(1, Math.round(seconds * 1000));
}

/** `ssl,hybrid`, `0x0b`, `11`, or `none` for a request without a negotiation. */
function readProtocols(text: string): number | null {
  const list = text.toLowerCase();
  if (list === 'none') return null;
  if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/.test(list)) {
    const number = Number(list);
    if (number <= 0xffff_ffff) return number;
  }
  let protocols = 0;
  for (const name of list.split(',')) {
    const bit = PROTOCOL_NAMES.get(name.trim().replace(/_/g, '-'));
    if (bit === undefined) {
      throw bad(
        `--protocols takes a list of ${[...PROTOCOL_NAMES.keys()].join(', ')}, or none, or a number such as 0x0b, not '${text}'`,
      );
    }
    protocols |= bit;
  }
  return protocols;
}

const CORRELATION_ID_LENGTH = 16;

function readCorrelationId(
  text: string | true | undefined,
  random: (count: number) => Uint8Array,
): Uint8Array | null {
  if (text === undefined) return null;
  if (text === true || text === 'random') return randomCorrelationId(random);
  const digits = text.replace(/[{}-]/g, '');
  if (!/^[0-9a-f]{32}$/i.test(digits)) {
    throw bad(
      `--correlation-id takes 32 hex digits, not '${text}': for a random one write --correlation-id=random`,
    );
  }
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (!isCorrelationId(bytes)) {
    throw bad(
      '--correlation-id must not begin with 00 or f4 nor have a byte 0d in it: the specification forbids it',
    );
  }
  return bytes;
}

/** [MS-RDPBCGR] 2.2.1.1.2: the first byte is neither 0x00 nor 0xF4, and no byte is 0x0D. */
function isCorrelationId(bytes: Uint8Array): boolean {
  return bytes[0] !== 0x00 && bytes[0] !== 0xf4 && !bytes.includes(0x0d);
}

function randomCorrelationId(random: (count: number) => Uint8Array): Uint8Array {
  // Each byte that may not be there is moved by one.
  const bytes = random(CORRELATION_ID_LENGTH).map((byte) => (byte === 0x0d ? 0x0e : byte));
  if (!isCorrelationId(bytes)) bytes[0] = 0x01;
  return bytes;
}

/** Parts of the request that cannot go together, or cannot be sent. */
function checkRequest(
  settings: ProbeSettings,
  raw: RawProbeOptions,
  file: RdpFileAsks | null,
): void {
  const { requestedProtocols, correlationId } = settings;
  if (raw.cookie !== undefined && raw.loadBalanceInfo !== undefined) {
    throw bad('--cookie and --load-balance-info exclude each other: a request has room for one');
  }
  const room = correlationId === null ? 0 : CORRELATION_INFO_COST;
  checkLine('--cookie', settings.cookie, MAX_COOKIE_LENGTH - room);
  const tokenName =
    raw.loadBalanceInfo === undefined && file !== null
      ? `'loadbalanceinfo' of '${file.file}'`
      : '--load-balance-info';
  const problem =
    raw.loadBalanceInfo === undefined ? null : routingTokenProblem(raw.loadBalanceInfo);
  if (problem !== null) throw bad(`what --load-balance-info has ${problem}`);
  checkLine(tokenName, settings.routingToken, MAX_ROUTING_TOKEN_LENGTH - room);
  if (requestedProtocols === null && correlationId !== null) {
    throw bad('--correlation-id needs a negotiation request, which --protocols none leaves out');
  }
  const hybrid = PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;
  if (raw.restrictedAdmin === true && ((requestedProtocols ?? 0) & hybrid) === 0) {
    if (raw.protocols === undefined && file !== null) {
      throw bad(
        `--restricted-admin is a way of CredSSP, which '${file.file}' switches off: give --protocols ssl,hybrid as well`,
      );
    }
    throw bad('--restricted-admin is a way of CredSSP: --protocols must have hybrid in it');
  }
  if (raw.serverName !== undefined && !/^[a-z0-9_.-]{1,255}$/i.test(raw.serverName)) {
    throw bad(`--server-name takes a host name such as srv01.example, not '${raw.serverName}'`);
  }
}

function checkLine(option: string, line: string | null, limit: number): void {
  if (line === null) return;
  if (line === '' || line === 'mstshash=') throw bad(`${option} needs a text that is not empty`);
  if (!/^[\x20-\x7e\x80-\xff]*$/.test(line)) {
    throw bad(`${option} takes characters of Latin-1 without controls: others cannot be sent`);
  }
  if (line.length > limit) {
    throw bad(`${option} is ${line.length - limit} characters too long: the request has no room`);
  }
}

function bad(sentence: string): ProbeError {
  return new ProbeError('BAD_OPTION', sentence);
}
