import type { TlsGroupsReport } from '../handshake/scan-tls.js';
import { versionWords } from '../handshake/tls-words.js';
import { tlsVersion } from '../wire/tls-names.js';
import { ALL_SUITES, LIKELY_SUITES, TLS13_SUITES } from './suite-list.js';
import {
  choose,
  SIGNATURE_SCHEMES,
  SSL_3_0,
  TLS_1_2,
  TLS_1_3,
  TLS12_GROUPS,
  TLS13_GROUPS,
} from './tls-hello.js';
import type { TlsQuestions } from './tls-questions.js';
import type { TlsVersions, Version } from './tls-versions.js';

/** Suites in a hello that no server has trouble with. */
const SHORT_LIST = LIKELY_SUITES.length;

/**
 * Every suite of a version: what the server chooses is taken out of the list, and it is asked again
 * until it wants none of what is left. A bare end may have been for the length of the list, so from
 * then on the lists are short.
 */
export async function askSuites(
  questions: TlsQuestions,
  versions: TlsVersions,
  version: Version,
): Promise<void> {
  const known = versions.suites(version).map(({ suite }) => suite.value);
  const all = version === TLS_1_3 ? TLS13_SUITES : ALL_SUITES;
  let rest = all.filter((suite) => !known.includes(suite));
  let most = rest.length;
  while (rest.length > 0) {
    const offered = rest.slice(0, most);
    const reason = `which of ${offered.length} suites ${versionWords(version)} has`;
    const answer = await questions.put('suites', reason, choose([version], offered));
    switch (answer?.kind) {
      case 'hello': {
        const chosen = answer.suite.value;
        // A server that chooses what was not offered could be asked for ever.
        if (!offered.includes(chosen) || !versions.add(version, answer)) return;
        rest = rest.filter((suite) => suite !== chosen);
        break;
      }
      case 'reset':
      case 'closed':
        if (offered.length > SHORT_LIST) most = SHORT_LIST;
        else rest = rest.slice(offered.length);
        break;
      case 'alert':
        rest = rest.slice(offered.length);
        break;
      case 'silence':
      case 'malformed':
      case 'no-tls':
      case undefined:
        return;
    }
  }
  versions.setComplete(version);
}

/** The groups of TLS 1.3, and those of the newest version before it that has elliptic curves. */
export async function askGroups(
  questions: TlsQuestions,
  versions: TlsVersions,
): Promise<readonly TlsGroupsReport[]> {
  const reports: TlsGroupsReport[] = [];
  if (versions.accepted().includes(TLS_1_3)) {
    reports.push(await groupsOf(questions, TLS_1_3, TLS13_SUITES, TLS13_GROUPS));
  }
  const version = versions.acceptedBefore13().find((each) => each > SSL_3_0);
  if (version === undefined) return reports;
  const onCurves = versions
    .suites(version)
    .filter(({ suite }) => /_ECDHE_|_ECDH_anon_/.test(suite.name ?? ''))
    .map(({ suite }) => suite.value);
  if (onCurves.length > 0) {
    reports.push(await groupsOf(questions, version, onCurves, TLS12_GROUPS));
  }
  return reports;
}

/**
 * As with suites. Up to TLS 1.2 the ServerKeyExchange names the group; in TLS 1.3 a hello without a
 * key share makes the server say which one it wants.
 */
async function groupsOf(
  questions: TlsQuestions,
  version: Version,
  suites: readonly number[],
  all: readonly number[],
): Promise<TlsGroupsReport> {
  const groups: TlsGroupsReport['groups'][number][] = [];
  const report = (complete: boolean): TlsGroupsReport => ({
    version: tlsVersion(version),
    groups,
    complete,
  });
  let rest = all;
  while (rest.length > 0) {
    const reason = `which of ${rest.length} groups ${versionWords(version)} has`;
    const choice = choose([version], suites, { groups: rest, shares: [] });
    const answer = await questions.put('groups', reason, choice);
    switch (answer?.kind) {
      case 'hello': {
        const { group } = answer;
        if (group === null || answer.version.value !== version) return report(false);
        if (!rest.includes(group.value)) return report(false);
        groups.push(group);
        rest = rest.filter((each) => each !== group.value);
        break;
      }
      case 'alert':
      case 'reset':
      case 'closed':
        return report(true);
      case 'silence':
      case 'malformed':
      case 'no-tls':
      case undefined:
        return report(false);
    }
  }
  return report(true);
}

/**
 * As with groups, for the signature of the key exchange. TLS 1.3 encrypts it, and before TLS 1.2
 * nothing is agreed on.
 *
 * @returns whether those that were seen are all that the server has
 */
export async function askSignatures(
  questions: TlsQuestions,
  versions: TlsVersions,
): Promise<boolean> {
  const signed = versions
    .suites(TLS_1_2)
    .filter(({ suite }) => /_(EC)?DHE_/.test(suite.name ?? ''))
    .map(({ suite }) => suite.value);
  if (signed.length === 0) return false;
  let rest = SIGNATURE_SCHEMES;
  while (rest.length > 0) {
    const reason = `which of ${rest.length} signature algorithms TLS 1.2 has`;
    const choice = choose([TLS_1_2], signed, { schemes: rest });
    const answer = await questions.put('signatures', reason, choice);
    switch (answer?.kind) {
      case 'hello': {
        const { signature } = answer;
        // A server that signs as it likes could be asked for ever.
        if (signature === null || !rest.includes(signature.value)) return false;
        rest = rest.filter((each) => each !== signature.value);
        break;
      }
      case 'alert':
      case 'reset':
      case 'closed':
        return true;
      case 'silence':
      case 'malformed':
      case 'no-tls':
      case undefined:
        return false;
    }
  }
  return true;
}
