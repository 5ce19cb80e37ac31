import type { RdpFileReport, RdpFileSetting } from '../handshake/rdp-file.js';
import type { Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import {
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDSAAD,
  PROTOCOL_SSL,
} from '../wire/negotiation.js';
import { readRoutingToken, routingTokenProblem } from '../wire/routing-token.js';
import type { RdpProperty, RdpText } from './rdp-text.js';
import { parseTarget } from './target.js';

/** What an `.rdp` file asks for, as far as it shapes the connection. */
export interface RdpFileAsks {
  /** as the user named it: for sentences that tell where a setting comes from */
  readonly file: string;
  /** null: the file leaves it open */
  readonly requestedProtocols: number | null;
  readonly routingToken: string | null;
  /** it switches the negotiation off: TLS begins at once */
  readonly directTls: boolean;
}

/** The RD Gateway that a file names. */
export interface RdpFileGateway {
  readonly host: string;
  /** whether a client would go through it at all, and when */
  readonly when: 'always' | 'if-direct-fails' | 'never';
}

export interface RdpFileReading {
  readonly target: Target;
  readonly asks: RdpFileAsks;
  /** null: none is named */
  readonly gateway: RdpFileGateway | null;
  readonly report: RdpFileReport;
}

/** Names whose settings are read; all others have no bearing on the handshake. */
const ADDRESSES = ['alternate full address', 'full address'] as const;

/** More names of settings that were not followed than any client has. */
const MAX_IGNORED = 200;

/**
 * What the settings of an `.rdp` file come to. Their meaning is Microsoft's ("Supported RDP
 * properties"); where that is silent, what mstsc and FreeRDP do.
 *
 * @param followsDirectTls whether TLS without a negotiation can be done where the file asks for it
 * @throws ProbeError BAD_TARGET where no address can be taken from it
 */
export function readRdpSettings(
  file: string,
  text: RdpText,
  { followsDirectTls }: { readonly followsDirectTls: boolean },
): RdpFileReading {
  const settings = new Settings(text);
  const target = readAddress(file, settings);
  const directTls = readOpening(settings, followsDirectTls);
  const requestedProtocols = readProtocols(settings);
  const routingToken = readToken(settings, directTls);
  const gateway = readGateway(settings);
  tellTheRest(settings);
  const { used, told, problems } = settings;
  const names = [...text.properties.keys()].filter((name) => !settings.seen.has(name));
  const more = names.length - MAX_IGNORED;
  return {
    target,
    asks: {
      file,
      requestedProtocols,
      routingToken,
      directTls,
    },
    gateway,
    report: {
      file,
      encoding: text.encoding,
      used,
      told,
      ignored: names.slice(0, MAX_IGNORED),
      problems: [
        ...text.problems,
        ...problems,
        ...(more > 0 ? [`${more} more settings are not listed`] : []),
      ],
    },
  };
}

/** The settings of one file, and what was made of each. */
class Settings {
  readonly #properties: RdpText['properties'];
  readonly seen = new Set<string>();
  readonly used: RdpFileSetting[] = [];
  readonly told: RdpFileSetting[] = [];
  readonly problems: string[] = [];

  constructor(text: RdpText) {
    this.#properties = text.properties;
  }

  /** null: it is not there, or empty, which clients take for the same */
  text(name: string): string | null {
    const value = this.#take(name, 's')?.value.trim() ?? '';
    return value === '' ? null : value;
  }

  /** The value as it stands: spaces may be meant. */
  raw(name: string): string | null {
    const value = this.#take(name, 's')?.value ?? '';
    return value === '' ? null : value;
  }

  number(name: string): number | null {
    const value = this.#take(name, 'i')?.value.trim();
    if (value === undefined) return null;
    if (/^(\d{1,10}|0x[0-9a-f]{1,8})$/i.test(value)) return Number(value);
    this.problems.push(`'${name}' is no number and was not followed`);
    return null;
  }

  /** Whether it is there; its value is looked at by nobody. */
  has(name: string): boolean {
    if (!this.#properties.has(name)) return false;
    this.seen.add(name);
    return true;
  }

  use(name: string, value: string | number, says: string): void {
    this.used.push({ name, value: String(value), says });
  }

  tell(name: string, value: string | number, says: string): void {
    this.told.push({ name, value: String(value), says });
  }

  #take(name: string, type: RdpProperty['type']): RdpProperty | null {
    const property = this.#properties.get(name);
    if (property === undefined) return null;
    this.seen.add(name);
    if (property.type === type) return property;
    this.problems.push(`'${name}' has the type '${property.type}' and was not followed`);
    return null;
  }
}

/**
 * mstsc takes the alternate address where both are there (so FreeRDP found out, and does the same).
 * A port behind the address overrules `server port`.
 */
function readAddress(file: string, settings: Settings): Target {
  const [first, second] = ADDRESSES.map((name) => ({ name, value: settings.text(name) }));
  const port = readPort(settings);
  const chosen = first?.value !== null ? first : second;
  if (chosen === undefined || chosen.value === null) {
    throw bad(`'${file}' is no .rdp file: it has no 'full address' line`);
  }
  const address = withPort(chosen.value, port);
  const target = parseAddress(file, chosen.name, address.text);
  settings.use(chosen.name, chosen.value, 'where to connect');
  if (chosen === first && second?.value !== null && second !== undefined) {
    settings.tell(second.name, second.value ?? '', `'${chosen.name}' is taken before it`);
  }
  if (port !== null) {
    if (address.portTaken) settings.use('server port', port, 'the port');
    else settings.tell('server port', port, `the port in '${chosen.name}' is taken before it`);
  }
  return target;
}

const MAX_PORT = 65_535;

function readPort(settings: Settings): number | null {
  const port = settings.number('server port');
  if (port === null || (port >= 1 && port <= MAX_PORT)) return port;
  settings.problems.push(`'server port' is out of range and was not followed`);
  return null;
}

/** The address with the port that is set apart from it, where it has none of its own. */
function withPort(
  text: string,
  port: number | null,
): { readonly text: string; readonly portTaken: boolean } {
  const alone = { text, portTaken: false };
  if (port === null) return alone;
  if (/^\[[^\]]*\]$/.test(text)) return { text: `${text}:${port}`, portTaken: true };
  const colons = text.split(':').length - 1;
  if (colons === 0) return { text: `${text}:${port}`, portTaken: true };
  return colons === 1 || text.startsWith('[')
    ? alone
    : { text: `[${text}]:${port}`, portTaken: true };
}

function parseAddress(file: string, name: string, text: string): Target {
  try {
    return parseTarget(text);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw bad(`the '${name}' line of '${file}' names no host: ${error.message}`, error);
  }
}

/** [MS-RDPBCGR] 5.4.2.2: without a negotiation the client begins with TLS. */
function readOpening(settings: Settings, follows: boolean): boolean {
  const name = 'negotiate security layer';
  const negotiate = settings.number(name);
  if (negotiate !== 0) return false;
  if (follows) settings.use(name, negotiate, 'TLS at once, without a negotiation before it');
  else {
    settings.tell(name, negotiate, 'a client starts with TLS at once; here it was negotiated');
  }
  return follows;
}

/** What mstsc of Windows 8 and later offers, without what the file switches off. */
function readProtocols(settings: Settings): number | null {
  const credSsp = settings.number('enablecredsspsupport');
  const aad = settings.number('enablerdsaadauth');
  let protocols: number | null = null;
  if (credSsp === 0) {
    protocols = PROTOCOL_SSL;
    settings.use('enablecredsspsupport', credSsp, 'TLS is offered without CredSSP (NLA)');
  } else if (credSsp !== null) {
    protocols = PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;
    settings.use('enablecredsspsupport', credSsp, 'CredSSP (NLA) is offered');
  }
  if (aad === 1) {
    protocols ??= PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;
    protocols |= PROTOCOL_RDSAAD;
    settings.use(
      'enablerdsaadauth',
      aad,
      'Microsoft Entra authentication (RDS-AAD) is offered too',
    );
  }
  return protocols;
}

function readToken(settings: Settings, directTls: boolean): string | null {
  const name = 'loadbalanceinfo';
  const token = settings.raw(name);
  if (token === null) return null;
  if (directTls) {
    settings.tell(name, token, 'not sent: TLS at once has no request that could carry it');
    return null;
  }
  const problem = routingTokenProblem(token);
  if (problem !== null) settings.problems.push(`'${name}' ${problem}; it was sent as it is`);
  if (/\s$/.test(token)) {
    settings.problems.push(
      `'${name}' ends in a space, which was sent too: a broker may not know it`,
    );
  }
  settings.use(name, token, `the routing token of the request: ${purposeOf(token)}`);
  return token;
}

function purposeOf(token: string): string {
  const read = readRoutingToken(token);
  switch (read.form) {
    case 'msts':
      return `it asks a load balancer for ${read.address}:${read.port}`;
    case 'tsv':
      return read.collection === null
        ? 'it asks a broker'
        : `it asks a broker for the collection ${read.collection}`;
    case 'mth':
      return 'it asks Azure Virtual Desktop for one of its hosts';
    case 'unknown':
      return 'of a form that is not known, sent as it is';
  }
}

/** gatewayusagemethod, and what it means where a gateway is named. */
const GATEWAY_USE: ReadonlyMap<number, RdpFileGateway['when']> = new Map([
  [0, 'never'],
  [1, 'always'],
  [2, 'if-direct-fails'],
  // the default settings: mstsc's own decide
  [3, 'if-direct-fails'],
  [4, 'never'],
]);

const GATEWAY_SAYS: Readonly<Record<RdpFileGateway['when'], string>> = {
  always: 'a client goes through this RD Gateway',
  'if-direct-fails': 'a client goes through this RD Gateway where it gets no direct connection',
  never: 'an RD Gateway is named, and a client does not use it',
};

const GATEWAY_CREDENTIALS: ReadonlyMap<number, string> = new Map([
  [0, 'a client asks for a password for the gateway (NTLM)'],
  [1, 'a client uses a smart card for the gateway'],
  [2, 'a client uses the credentials of the logged-on user for the gateway'],
  [3, 'a client asks for credentials and uses basic authentication for the gateway'],
  [4, 'a client lets the user choose how to authenticate to the gateway'],
  [5, 'a client authenticates to the gateway with a cookie'],
]);

function readGateway(settings: Settings): RdpFileGateway | null {
  const host = settings.text('gatewayhostname');
  const method = settings.number('gatewayusagemethod');
  const profile = settings.number('gatewayprofileusagemethod');
  const credentials = settings.number('gatewaycredentialssource');
  if (host === null) {
    if (method === 1)
      settings.problems.push("'gatewayusagemethod' asks for an RD Gateway, and none is named");
    return null;
  }
  // Without the setting mstsc goes by its default: never through a gateway.
  const when = method === null ? 'never' : (GATEWAY_USE.get(method) ?? 'if-direct-fails');
  settings.tell('gatewayhostname', host, GATEWAY_SAYS[when]);
  if (profile === 0) {
    settings.tell(
      'gatewayprofileusagemethod',
      profile,
      'the gateway settings of the administrator count',
    );
  }
  const says = credentials === null ? undefined : GATEWAY_CREDENTIALS.get(credentials);
  if (says !== undefined && credentials !== null && when !== 'never') {
    settings.tell('gatewaycredentialssource', credentials, says);
  }
  return { host, when };
}

/** "authentication level": what mstsc does when it cannot trust the certificate. */
const AUTHENTICATION_LEVELS: ReadonlyMap<number, string> = new Map([
  [0, 'a client connects without a warning where it cannot trust the certificate'],
  [1, 'a client does not connect where it cannot trust the certificate'],
  [2, 'a client warns where it cannot trust the certificate'],
  [3, 'a client does not ask for an authentication of the server'],
]);

/** Settings that a client would follow, and this program does not. */
function tellTheRest(settings: Settings): void {
  const level = settings.number('authentication level');
  const says = level === null ? undefined : AUTHENTICATION_LEVELS.get(level);
  if (level !== null && says !== undefined) settings.tell('authentication level', level, says);
  if (settings.number('targetisaadjoined') === 1) {
    settings.tell('targetisaadjoined', 1, 'the host is joined to Microsoft Entra ID');
  }
  if (settings.number('use redirection server name') === 1) {
    settings.tell(
      'use redirection server name',
      1,
      'a client expects to be redirected to another host, after the logon',
    );
  }
  for (const name of ['username', 'domain']) {
    const value = settings.text(name);
    if (value !== null) settings.tell(name, value, 'not sent: nobody is logged on');
  }
  const provider = settings.text('resourceprovider');
  if (provider !== null) {
    settings.tell('resourceprovider', provider, 'a client goes through Azure Virtual Desktop');
  }
  const proxy = settings.text('kdcproxyname');
  if (proxy !== null) settings.tell('kdcproxyname', proxy, 'a client reaches Kerberos through it');
  if (settings.text('pcb') !== null) {
    settings.tell('pcb', '', 'a client sends a preconnection blob first, which was not sent');
  }
  tellSignature(settings);
  for (const name of ['password 51', 'password', 'gatewayaccesstoken']) {
    if (settings.has(name)) settings.problems.push(`'${name}' holds a secret and was not read`);
  }
}

function tellSignature(settings: Settings): void {
  const scope = settings.text('signscope');
  if (!settings.has('signature')) return;
  const count = scope === null ? 0 : scope.split(',').length;
  settings.tell(
    'signature',
    '',
    `the file is signed (${count} ${count === 1 ? 'setting' : 'settings'}); the signature was not verified`,
  );
}

function bad(sentence: string, cause?: unknown): ProbeError {
  return new ProbeError('BAD_TARGET', sentence, cause === undefined ? undefined : { cause });
}
