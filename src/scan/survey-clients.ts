import type { ClientScan, ClientVerdict, ProfileListing } from '../handshake/scan-clients.js';
import type { ProbeSettings } from '../probe/settings.js';
import { PROTOCOLS } from '../wire/negotiation.js';
import { flags as namesOfFlags } from '../wire/open-set.js';
import type { Ask, Question } from './ask.js';
import type { ClientProfile, TlsProfile } from './profiles/client-profile.js';
import { helloOf, offerKey } from './profiles/hello.js';
import { learn, type ServerAbilities, versionName } from './server-abilities.js';
import { judgeClient, type Missing, whoCanConnect } from './who-can-connect.js';

export interface SurveyedClients {
  readonly scan: ClientScan;
  /** with what the answers have told */
  readonly server: ServerAbilities;
}

/**
 * Who can connect: computed from what is known of the server, with one connection for each ClientHello
 * that would settle what is open. Clients with the same offer share it.
 *
 * @param most connections that may be made
 */
export async function surveyClients(
  profiles: readonly ClientProfile[],
  known: ServerAbilities,
  ask: Ask,
  most: number,
): Promise<SurveyedClients> {
  let server = known;
  let connections = 0;
  const asked = new Set<string>();
  while (connections < most) {
    const next = nextQuestion(profiles, server, asked);
    if (next === null) break;
    asked.add(next.key);
    const trace = await ask(next.question);
    if (trace === null) break;
    connections += 1;
    server = learn(server, trace, next.helloKey);
  }
  return { scan: { profiles: whoCanConnect(profiles, server), connections }, server };
}

interface NextQuestion {
  readonly question: Question;
  /** the same for the same question: none is asked twice */
  readonly key: string;
  readonly helloKey: string;
}

/** The question that the most clients wait for. */
export function nextQuestion(
  profiles: readonly ClientProfile[],
  server: ServerAbilities,
  asked: ReadonlySet<string>,
): NextQuestion | null {
  const waiting = new Map<string, { first: ClientProfile; missing: Missing; titles: string[] }>();
  for (const profile of profiles) {
    const { missing } = judgeClient(profile, server);
    if (missing === null || missing.kind === 'credssp-version') continue;
    const key = keyOf(missing);
    if (asked.has(key)) continue;
    const entry = waiting.get(key) ?? { first: profile, missing, titles: [] };
    entry.titles.push(profile.title);
    waiting.set(key, entry);
  }
  const best = [...waiting].toSorted(([, a], [, b]) => b.titles.length - a.titles.length)[0];
  if (best === undefined) return null;
  const [key, { first, missing, titles }] = best;
  const clients = titles.length === 1 ? titles[0] : `${titles[0]} and ${titles.length - 1} more`;
  return {
    key,
    helloKey: offerKey(tlsOf(first, missing)),
    question: {
      purpose: 'profile',
      reason: `how the server answers the offer of ${clients}`,
      settings: settingsOf(first, missing, null),
    },
  };
}

function keyOf(missing: Missing): string {
  switch (missing.kind) {
    case 'offer':
      return `offer ${missing.protocols} ${missing.flags}`;
    case 'hello':
      return `hello ${offerKey(missing.tls)}`;
    case 'credssp-version':
      return 'credssp-version';
  }
}

function tlsOf(profile: ClientProfile, missing: Missing): TlsProfile {
  return missing.kind === 'hello' ? missing.tls : profile.tls;
}

/** @param host to name in TLS where the client names addresses too; null: as the probe does it */
function settingsOf(
  profile: ClientProfile,
  missing: Missing,
  host: string | null,
): Partial<ProbeSettings> {
  const { protocols, flags } =
    missing.kind === 'credssp-version' ? { ...profile.negotiation } : missing;
  return {
    requestedProtocols: protocols,
    requestFlags: flags,
    ...(missing.kind === 'credssp-version'
      ? {}
      : { tlsOffer: { kind: 'own-hello', hello: helloOf(tlsOf(profile, missing)) } }),
    ...(host !== null && profile.tls.namesAddresses ? { serverName: host } : {}),
  };
}

/** No client makes more connections, and one more is for the version of CredSSP. */
const MOST_AS_ONE_CLIENT = 6;

/** A user's name to put into the cookie: nobody is called so. */
const COOKIE_NAME = 'rdp-probe';

/**
 * What one client would experience, asked as that client: its requests, its ClientHello, and the
 * connections that it falls back to. Each answer comes from the server itself.
 *
 * @param host as the client would name it in TLS
 */
export async function askAs(
  profile: ClientProfile,
  ask: Ask,
  host: string,
  known: ServerAbilities,
): Promise<ClientVerdict> {
  let server: ServerAbilities = { ...known, offers: [], hellos: [] };
  const asked = new Set<string>();
  for (let connection = 0; connection < MOST_AS_ONE_CLIENT; connection++) {
    const { missing } = judgeClient(profile, server);
    const next = missing ?? missingHello(profile, server);
    if (next === null || asked.has(keyOf(next))) break;
    asked.add(keyOf(next));
    const trace = await ask({
      purpose: 'profile',
      reason: `as ${profile.title}`,
      settings: { ...settingsOf(profile, next, host), ...cookieOf(profile) },
    });
    if (trace === null) break;
    server = learn(
      server,
      trace,
      next.kind === 'credssp-version' ? null : offerKey(tlsOf(profile, next)),
    );
  }
  return { ...judgeClient(profile, server).verdict, basis: 'asked' };
}

/** A verdict that was computed from what else is known is not yet one that was asked for. */
function missingHello(profile: ClientProfile, server: ServerAbilities): Missing | null {
  if (server.hellos.some(({ key }) => key === offerKey(profile.tls))) return null;
  const offer = server.offers.find(
    ({ answer }) => answer.kind === 'selected' && answer.protocol !== 0,
  );
  if (offer === undefined) return null;
  return { kind: 'hello', protocols: offer.protocols, flags: offer.flags, tls: profile.tls };
}

function cookieOf({ negotiation }: ClientProfile): Pick<ProbeSettings, 'cookie'> {
  switch (negotiation.cookie) {
    case 'none':
      return { cookie: null };
    case 'mstshash-9':
      return { cookie: `mstshash=${COOKIE_NAME.slice(0, 9)}` };
    case 'mstshash-user':
      return { cookie: `mstshash=${COOKIE_NAME}` };
  }
}

/** For `scan --list-profiles`. */
export function listProfiles(profiles: readonly ClientProfile[]): readonly ProfileListing[] {
  return profiles.map(({ id, title, tls, negotiation, credssp }) => ({
    id,
    title,
    versions: tls.versions.map(versionName),
    protocols: [...namesOfFlags(PROTOCOLS, negotiation.protocols).names],
    credssp: String(credssp.version),
    grounds: [
      { field: 'TLS versions', ...tls.grounds.versions },
      { field: 'cipher suites', ...tls.grounds.suites },
      { field: 'groups', ...tls.grounds.groups },
      { field: 'signatures', ...tls.grounds.signatureAlgorithms },
      { field: 'extensions', ...tls.grounds.extensions },
      { field: 'request', ...negotiation.grounds.request },
      { field: 'fallback', ...negotiation.grounds.fallback },
      { field: 'CredSSP', ...credssp.grounds },
    ],
  }));
}
