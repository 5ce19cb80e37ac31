import type { CredSspReport, KerberosReport, LogonReport } from './handshake.js';
import type { Fact, HandshakeTrace, NtlmChallenge } from './trace.js';

/** Versions whose TSRequest has no errorCode, [MS-CSSP] 2.2.1: they refuse by ending the connection. */
const WITHOUT_ERROR_CODE: ReadonlySet<number> = new Set([2, 5]);

/** How the server judged the credentials, as far as its messages and our own verdict show. */
export function authenticationOf(facts: readonly Fact[]): CredSspReport['authentication'] {
  const tried = facts.findIndex((fact) => carries(fact, 'client', 'ntlm-authenticate'));
  if (tried < 0) return 'not-attempted';
  const verdict = facts.find((fact) => fact.kind === 'nla-verdict');
  if (verdict !== undefined) {
    switch (verdict.outcome) {
      case 'accepted':
      case 'refused':
        return verdict.outcome;
      case 'unsupported':
        return 'not-attempted';
      // Who cannot prove its key has not judged the credentials either.
      case 'key-not-proved':
      case 'version-changed':
      case 'certificate-changed':
      case 'unexpected':
        return 'unknown';
    }
  }
  const after = facts.slice(tried + 1);
  if (after.some((fact) => refuses(fact))) return 'refused';
  if (after.some((fact) => carries(fact, 'server', 'pub-key-auth'))) return 'accepted';
  return endsAsRefusal(after, facts) ? 'refused' : 'unknown';
}

function carries(fact: Fact, by: 'client' | 'server', what: string): boolean {
  return (
    fact.kind === 'message' &&
    fact.by === by &&
    fact.message.type === 'ts-request' &&
    fact.message.carries.some((content) => content === what)
  );
}

function refuses(fact: Fact): boolean {
  if (fact.kind !== 'message' || fact.by !== 'server') return false;
  const { message } = fact;
  if (message.type === 'ts-request') return message.errorCode !== null;
  return message.type === 'early-user-authorization' && message.result.value !== 0;
}

/**
 * A server without an errorCode for it ends the connection in place of an answer. FreeRDP says
 * goodbye in TLS, GNOME Remote Desktop ends an MCS connection that never was; both send version 6.
 * An end without a word is a refusal only in versions that have no other way: it may also be a
 * server that died.
 */
function endsAsRefusal(after: readonly Fact[], facts: readonly Fact[]): boolean {
  const end = after.findIndex((fact) => fact.kind === 'tcp-end');
  const before = end < 0 ? after : after.slice(0, end);
  const spoken = before.some(
    (fact) =>
      fact.kind === 'message' &&
      fact.by === 'server' &&
      (fact.message.type === 'tls-alert' || fact.message.type === 'mcs-disconnect'),
  );
  if (spoken) return true;
  const ended = after[end];
  const version = serverVersion(facts);
  return (
    ended?.kind === 'tcp-end' &&
    ended.by === 'server' &&
    ended.how === 'fin' &&
    version !== null &&
    WITHOUT_ERROR_CODE.has(version)
  );
}

function serverVersion(facts: readonly Fact[]): number | null {
  for (const fact of facts) {
    if (fact.kind !== 'message' || fact.by !== 'server') continue;
    if (fact.message.type === 'ts-request') return fact.message.version;
  }
  return null;
}

/** @param challenge what the server's challenge tells; null: there was none */
export function logonReport(
  trace: HandshakeTrace,
  challenge: NtlmChallenge | null,
): LogonReport | null {
  const verdict = trace.facts.find((fact) => fact.kind === 'nla-verdict');
  const ours = trace.source.kind === 'live';
  const tried = trace.facts.some((fact) => carries(fact, 'client', 'ntlm-authenticate'));
  if (verdict === undefined && !(ours && tried)) return null;
  const kerberos = kerberosReport(trace.server.name, challenge);
  const mechanism = 'NTLMv2';
  if (verdict !== undefined) {
    const { outcome, says, keyBinding } = verdict;
    return { outcome, detail: says, mechanism, keyBinding, kerberos };
  }
  const refused = authenticationOf(trace.facts) === 'refused';
  const detail = refused
    ? 'the server ended the connection in place of an answer, as servers refuse that send no error code'
    : 'the server did not answer the logon';
  const outcome = refused ? 'refused' : 'no-answer';
  return { outcome, detail, mechanism, keyBinding: null, kerberos };
}

const NOT_COVERED = 'this program logs on with NTLM alone';

/**
 * mstsc asks for a ticket for TERMSRV and the name that it was given. An address has no service
 * principal, and a computer in no domain has nobody who would give a ticket for it.
 *
 * @param name the server's, as it was asked for; null: an address was
 */
export function kerberosReport(
  name: string | null,
  challenge: NtlmChallenge | null,
): KerberosReport {
  const service = name === null ? null : serviceName(name);
  const realm = realmOf(challenge);
  if (service === null) {
    const why = `an address was asked for, and tickets are for names; ${NOT_COVERED}`;
    return { service, realm, wouldBeTried: false, why };
  }
  if (realm === null) {
    const why = `the server names no domain of its own; ${NOT_COVERED}`;
    return { service, realm, wouldBeTried: false, why };
  }
  const why = `the server is in a domain: a Windows client that reaches a domain controller asks it for a ticket; ${NOT_COVERED}`;
  return { service, realm, wouldBeTried: true, why };
}

/** The service principal name of RDP on a host, as clients of RDP ask for it. */
export function serviceName(host: string): string {
  return `TERMSRV/${host}`;
}

/** A computer in no domain gives its own name for that of its domain, or none. */
function realmOf(challenge: NtlmChallenge | null): string | null {
  if (challenge === null) return null;
  const { dnsDomainName, dnsComputerName, netbiosDomainName, netbiosComputerName } = challenge;
  if (dnsDomainName === null || dnsDomainName === '') return null;
  if (same(dnsDomainName, dnsComputerName)) return null;
  if (netbiosDomainName !== null && same(netbiosDomainName, netbiosComputerName)) return null;
  return dnsDomainName.toUpperCase();
}

function same(one: string, other: string | null): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}
