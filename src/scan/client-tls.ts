import { CIPHER_SUITES } from '../wire/tls-cipher-suites.js';
import type { Grounds, TlsProfile } from './profiles/client-profile.js';
import { certainOf, listsVersions, offerKey } from './profiles/hello.js';
import { type HelloAnswer, type ServerAbilities, versionName } from './server-abilities.js';

/** What a client's TLS comes to with a server. */
export interface TlsJudgement {
  readonly verdict: 'can-connect' | 'cannot' | 'unknown';
  readonly reason: string;
  readonly version: string | null;
  /** IANA name; null: more than one may be taken */
  readonly cipher: string | null;
  /** the server was asked with this very offer */
  readonly asked: boolean;
  /** asking with this would tell; null: nothing more is to be asked */
  readonly ask: TlsProfile | null;
  readonly used: readonly Grounds[];
}

/** Whether a value that may be offered or not counts as offered. */
export type Leaning = 'certain' | 'possible';

const TLS_1_3 = 0x0304;
const TLS_1_2 = 0x0303;

/**
 * From the answer to the client's own ClientHello where there is one, else from what the server is
 * known to speak. INVARIANT: `can-connect` is said only where a version and a suite that the server
 * has taken before are among what the client offers.
 */
export function judgeTls(tls: TlsProfile, server: ServerAbilities, leaning: Leaning): TlsJudgement {
  const least = leaning === 'certain' ? certainOf(tls) : tls;
  const settled = answerTo(least, server);
  if (settled !== null && (least !== tls || counts(settled, tls, server, leaning))) {
    return byAnswer(settled, tls, leaning);
  }
  const listed = answerTo(tls, server);
  if (listed !== null && counts(listed, tls, server, leaning)) {
    return byAnswer(listed, tls, leaning);
  }
  const computed = byAbilities(tls, server, leaning);
  const open = computed.verdict === 'unknown' && computed.ask !== null && settled === null;
  return { ...computed, ask: open ? least : null };
}

function answerTo(tls: TlsProfile, server: ServerAbilities): HelloAnswer | null {
  return server.hellos.find(({ key }) => key === offerKey(tls))?.answer ?? null;
}

/** What is offered for certain, or may be offered as well, newest and most wanted first. */
function offeredOf(
  values: readonly number[],
  unsure: readonly number[],
  leaning: Leaning,
): readonly number[] {
  return leaning === 'certain'
    ? values.filter((value) => !unsure.includes(value))
    : [...new Set([...values, ...unsure])];
}

/**
 * Whether an answer to what is listed is one to what the client offers for certain, or may offer at
 * most. A refusal of more suites refuses fewer too; of more versions it need not, for there are
 * servers and boxes that a newer version alone drives off.
 */
function counts(
  answer: HelloAnswer,
  tls: TlsProfile,
  server: ServerAbilities,
  leaning: Leaning,
): boolean {
  const { unsure } = tls;
  if (answer.kind === 'hello') {
    if (leaning === 'certain') {
      // Where the hello names the newest version alone, it is the same without the doubtful ones.
      const version = listsVersions(tls) && unsure.versions.includes(answer.version);
      return !version && !unsure.suites.includes(answer.suite);
    }
    const newer = unsure.versions.filter(
      (version) => version > answer.version && !tls.versions.includes(version),
    );
    return newer.every((version) =>
      server.versions.some((other) => other.version === version && other.spoken === 'no'),
    );
  }
  if (leaning === 'certain') {
    const ofEveryVersion = answer.kind === 'alert' && answer.code === PROTOCOL_VERSION;
    const doubtful = unsure.versions.some((version) => tls.versions.includes(version));
    return ofEveryVersion || !listsVersions(tls) || !doubtful;
  }
  const newest = Math.max(...tls.versions);
  return (
    unsure.versions.every(
      (version) => tls.versions.includes(version) || (!listsVersions(tls) && version <= newest),
    ) && unsure.suites.every((suite) => tls.suites.includes(suite))
  );
}

/** Alert protocol_version, RFC 8446 section 6.2. */
const PROTOCOL_VERSION = 70;

function byAnswer(answer: HelloAnswer, tls: TlsProfile, leaning: Leaning): TlsJudgement {
  const used = [tls.grounds.versions, tls.grounds.suites, tls.grounds.groups];
  const common = { asked: true, ask: null, used } as const;
  if (answer.kind !== 'hello') {
    const reason = `the server answers its ClientHello with ${renderRefusal(answer)}`;
    return { ...common, verdict: 'cannot', reason, version: null, cipher: null };
  }
  const version = versionName(answer.version);
  const cipher = suiteName(answer.suite);
  const settled = { ...common, version, cipher };
  if (!offeredOf(tls.versions, tls.unsure.versions, leaning).includes(answer.version)) {
    const reason = `the server answers with ${version}, which this client does not take`;
    return { ...settled, verdict: 'cannot', reason };
  }
  if (!isLegacySigned(answer.version, answer.suite) || tls.legacySignatures === 'yes') {
    return { ...settled, verdict: 'can-connect', reason: `${version} with ${cipher}` };
  }
  const reason = `the server takes ${cipher} in ${version}, whose SHA-1 signature this client refuses`;
  return tls.legacySignatures === 'no'
    ? { ...settled, verdict: 'cannot', reason }
    : { ...settled, verdict: 'unknown', reason };
}

function renderRefusal(answer: Exclude<HelloAnswer, { kind: 'hello' }>): string {
  switch (answer.kind) {
    case 'alert':
      return `alert ${answer.name ?? answer.code}`;
    case 'reset':
      return 'a reset';
    case 'closed':
      return 'the end of the connection';
    case 'silence':
      return 'silence';
    case 'malformed':
      return 'bytes that are no TLS';
  }
}

function byAbilities(tls: TlsProfile, server: ServerAbilities, leaning: Leaning): TlsJudgement {
  const versions = offeredOf(tls.versions, tls.unsure.versions, leaning);
  const common = { asked: false, version: null, cipher: null } as const;
  const used = [tls.grounds.versions];
  const newestFirst = server.versions.filter(({ version }) => versions.includes(version));
  for (const ability of newestFirst) {
    const name = versionName(ability.version);
    switch (ability.spoken) {
      case 'no':
        continue;
      case 'unknown':
        return {
          ...common,
          verdict: 'unknown',
          reason: `whether the server speaks ${name} is not known`,
          ask: tls,
          used,
        };
      case 'yes':
        return bySuites(tls, server, leaning, ability.version);
    }
  }
  const spoken = server.versions.filter((ability) => ability.spoken === 'yes');
  const offer = versions.map(versionName).join(', ');
  const reason =
    spoken.length === 0
      ? `the server speaks none of ${offer}`
      : `the server speaks ${spoken.map(({ version }) => versionName(version)).join(', ')}; ` +
        `this client offers ${offer}`;
  return { ...common, verdict: 'cannot', reason, ask: null, used };
}

function bySuites(
  tls: TlsProfile,
  server: ServerAbilities,
  leaning: Leaning,
  version: number,
): TlsJudgement {
  const ability = server.versions.find((other) => other.version === version);
  const taken = ability?.suites ?? [];
  const complete = ability?.complete === true;
  const name = versionName(version);
  const offered = offeredOf(tls.suites, tls.unsure.suites, leaning);
  const common = offered.filter((suite) => taken.includes(suite));
  const used = [tls.grounds.versions, tls.grounds.suites];
  const base = { asked: false, version: name, cipher: null, used } as const;
  if (common.length === 0) {
    return complete
      ? {
          ...base,
          verdict: 'cannot',
          reason: `no cipher suite in common in ${name}`,
          ask: null,
        }
      : {
          ...base,
          verdict: 'unknown',
          reason: `whether the server takes a cipher suite of this client in ${name} is not known`,
          ask: tls,
        };
  }
  // Which one is taken is known only where there is but one that it can be.
  const cipher = complete && common.length === 1 ? suiteName(common[0] ?? 0) : null;
  const legacy = common.filter((suite) => isLegacySigned(version, suite));
  if (tls.legacySignatures !== 'yes' && (legacy.length > 0 || !complete) && version < TLS_1_2) {
    const all = complete && legacy.length === common.length && tls.legacySignatures === 'no';
    return all
      ? {
          ...base,
          verdict: 'cannot',
          reason: `the server signs with SHA-1 in ${name}, which this client refuses`,
          ask: null,
        }
      : {
          ...base,
          verdict: 'unknown',
          reason: `which cipher suite the server would take in ${name} is not known, and this client refuses those with a SHA-1 signature`,
          ask: tls,
        };
  }
  return byGroups(tls, server, leaning, { ...base, cipher }, version, common);
}

function byGroups(
  tls: TlsProfile,
  server: ServerAbilities,
  leaning: Leaning,
  base: Pick<TlsJudgement, 'asked' | 'version' | 'cipher' | 'used'>,
  version: number,
  common: readonly number[],
): TlsJudgement {
  const can = {
    ...base,
    verdict: 'can-connect',
    reason: `${base.version}`,
    ask: null,
  } as const;
  if (!common.every((suite) => needsGroup(version, suite))) return can;
  const used = [...base.used, tls.grounds.groups];
  const offered = offeredOf(tls.groups, tls.unsure.groups, leaning);
  const { accepted, complete } = server.groups;
  if (offered.some((group) => accepted.includes(group))) return { ...can, used };
  return complete
    ? {
        ...base,
        used,
        cipher: null,
        verdict: 'cannot',
        reason: 'no group for the key exchange in common',
        ask: null,
      }
    : {
        ...base,
        used,
        cipher: null,
        verdict: 'unknown',
        reason: 'whether the server takes a group of this client is not known',
        ask: tls,
      };
}

function suiteName(suite: number): string {
  return CIPHER_SUITES[suite] ?? `0x${suite.toString(16).padStart(4, '0')}`;
}

function needsGroup(version: number, suite: number): boolean {
  return version === TLS_1_3 || suiteName(suite).startsWith('TLS_ECDHE_');
}

/** ServerKeyExchange before TLS 1.2: MD5 and SHA-1 together, RFC 2246 section 7.4.3. */
function isLegacySigned(version: number, suite: number): boolean {
  return version < TLS_1_2 && /^TLS_(EC)?DHE_/.test(suiteName(suite));
}
