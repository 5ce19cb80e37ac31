import type { Handshake, LogonReport } from '../handshake/handshake.js';
import { finding, type Rule } from './case.js';
import type { CauseId } from './causes.js';
import { duration, listed, MINUTE } from './figures.js';
import type { Certainty, Finding } from './finding.js';
import { computerOf, evidence, isRefusedWithoutCode, logonWasTried } from './seen.js';

/** The code with which the server refused in CredSSP. */
export const errorCodeRules: Rule = ({ handshake }) => errorCode(handshake);

/** A logon of ours that ended otherwise than with the server's yes or no. */
export const logonRules: Rule = (seen) => [...brokenProof(seen), ...otherComputer(seen)];

/**
 * The server refused a logon without a code, and its certificate is for another computer: it checks in
 * this very step that the client saw its own key, [MS-CSSP] 3.1.5.
 */
const otherComputer: Rule = ({ handshake, certificate }) => {
  const [leaf] = handshake.tls.certificates;
  if (!isRefusedWithoutCode(handshake)) return [];
  if (certificate?.computerName !== 'differs' || leaf?.selfSigned !== true) return [];
  const says =
    `the certificate is for ${listed(certificate.names)}, and the computer calls itself ` +
    `${computerOf(handshake) ?? 'otherwise'}`;
  return [
    finding('tls-interception-breaks-nla', 'possible', {
      says: `The logon is refused in the step in which the server checks that the client saw its own key, and ${says}: somebody between may open the TLS.`,
      evidence: [evidence(handshake, says, { kind: 'tls-secured' }, 'tls')],
      against: ['a computer that was renamed has a certificate like that as well'],
    }),
  ];
};

const brokenProof: Rule = ({ handshake }) => {
  const { logon } = handshake.credssp;
  const certainty = logon === null ? undefined : INTERCEPTED[logon.outcome];
  if (logon === null || certainty === undefined) return [];
  const says = `${logon.detail.charAt(0).toUpperCase()}${logon.detail.slice(1)}.`;
  return [
    finding('tls-interception-breaks-nla', certainty, {
      says,
      evidence: [evidence(handshake, logon.detail, { kind: 'nla-verdict' }, 'credssp')],
      against: ['a fault of the server itself looks the same from here'],
    }),
  ];
};

/** How surely an outcome means that somebody stands between the ends. */
const INTERCEPTED: Partial<Record<LogonReport['outcome'], Certainty>> = {
  'key-not-proved': 'likely',
  'certificate-changed': 'likely',
  'version-changed': 'possible',
  unexpected: 'possible',
};

/** What the server revealed in CredSSP and in its NTLM challenge. */
export const credSspRules: Rule = ({ handshake }) => [
  ...patchLevel(handshake),
  ...clock(handshake),
];

/** From version 5 on a server has the update for CVE-2018-0886, [MS-CSSP] appendix A. */
export const FIRST_UPDATED_VERSION = 5;

/** What answers with these versions, [MS-CSSP] appendix A. */
const UNPATCHED: ReadonlyMap<number, string> = new Map([
  [2, 'Windows Vista to 8, Server 2008 to 2012'],
  [3, 'Windows 8.1 and Server 2012 R2'],
  [4, 'early Windows 10 and Server 2016'],
]);

function patchLevel(handshake: Handshake): readonly Finding[] {
  const { version, ntlm } = handshake.credssp;
  if (version === null || version >= FIRST_UPDATED_VERSION) return [];
  const systems = UNPATCHED.get(version);
  const which = systems === undefined ? '' : `, as ${systems} do without that update`;
  const build =
    ntlm?.productVersion === null || ntlm === null ? '' : ` (build ${ntlm.productVersion})`;
  return [
    finding('credssp-oracle-patched-client-unpatched-server', 'proved', {
      says: `The server${build} answers with CredSSP version ${version}${which}; a Windows client in its default state since May 2018 sends it no credentials.`,
      evidence: [
        evidence(
          handshake,
          `TSRequest version ${version}, below ${FIRST_UPDATED_VERSION}`,
          { kind: 'message', by: 'server', message: 'ts-request' },
          'credssp',
        ),
      ],
      against: ['a server other than Windows may send an old version whatever its state'],
    }),
  ];
}

/** NTSTATUS of TSRequest.errorCode, [MS-ERREF] 2.3.1: causes, the best one first. */
const BY_STATUS: ReadonlyMap<string, readonly [CauseId, ...CauseId[]]> = new Map<
  string,
  readonly [CauseId, ...CauseId[]]
>([
  ['0xC0000022', ['user-lacks-rdp-logon-right']],
  ['0xC000005E', ['nla-dc-unreachable']],
  ['0xC0000064', ['nla-bad-credentials']],
  ['0xC000006A', ['nla-bad-credentials']],
  ['0xC000006D', ['nla-bad-credentials', 'ntlm-blocked']],
  ['0xC000006E', ['account-disabled-expired-restricted', 'ntlm-blocked']],
  ['0xC000006F', ['account-disabled-expired-restricted']],
  ['0xC0000070', ['account-disabled-expired-restricted']],
  ['0xC0000071', ['password-expired-must-change']],
  ['0xC0000072', ['account-disabled-expired-restricted']],
  ['0xC000009A', ['host-busy-or-out-of-memory']],
  ['0xC00000BB', ['ntlm-blocked']],
  ['0xC00000D0', ['rdp-connection-limit-or-drain']],
  ['0xC0000133', ['kerberos-time-skew']],
  ['0xC0000155', ['user-lacks-rdp-logon-right']],
  ['0xC000015B', ['user-lacks-rdp-logon-right']],
  ['0xC000018A', ['nla-secure-channel-broken']],
  ['0xC000018B', ['nla-secure-channel-broken']],
  ['0xC000018C', ['nla-secure-channel-broken']],
  ['0xC000018D', ['nla-secure-channel-broken']],
  ['0xC0000190', ['nla-secure-channel-broken']],
  ['0xC0000192', ['nla-dc-unreachable']],
  ['0xC0000193', ['account-disabled-expired-restricted']],
  ['0xC0000224', ['password-expired-must-change']],
  ['0xC0000233', ['nla-dc-unreachable']],
  ['0xC0000234', ['account-locked-out']],
  ['0xC000035B', ['ntlmv1-channel-bindings', 'tls-interception-breaks-nla']],
  ['0xC0000388', ['nla-dc-unreachable', 'ntlm-blocked']],
  ['0xC0000413', ['user-lacks-rdp-logon-right']],
  ['0xC0000418', ['ntlm-blocked']],
  ['0x8009030C', ['nla-bad-credentials', 'ntlm-blocked']],
  ['0x8009030F', ['tls-interception-breaks-nla', 'general-secure-negotiation-failure']],
  ['0x80090346', ['ntlmv1-channel-bindings', 'tls-interception-breaks-nla']],
]);

/** Statuses that judge credentials: of no meaning before any were sent. */
const NEEDS_CREDENTIALS: ReadonlySet<CauseId> = new Set([
  'nla-bad-credentials',
  'account-locked-out',
  'account-disabled-expired-restricted',
  'password-expired-must-change',
  'user-lacks-rdp-logon-right',
]);

/** `0xc000006d` and `0xC000006D` are one code. */
function statusKey(code: string): string {
  return `0x${code.replace(/^0x/i, '').toUpperCase().padStart(8, '0')}`;
}

function errorCode(handshake: Handshake): readonly Finding[] {
  const error = handshake.credssp.errorCode;
  const causes = error === null ? undefined : BY_STATUS.get(statusKey(error.code));
  if (error === null || causes === undefined) return [];
  const code = error.name === null ? error.code : `${error.name} (${error.code})`;
  const tried = handshake.credssp.authentication !== 'not-attempted' || logonWasTried(handshake);
  return causes.map((cause, index) => {
    const early = NEEDS_CREDENTIALS.has(cause) && !tried;
    const first = causes.length === 1 ? 'proved' : 'likely';
    return finding(cause, early || index > 0 ? 'possible' : first, {
      says: `The server refused the logon with ${code}.`,
      evidence: [
        evidence(
          handshake,
          `TSRequest.errorCode ${code}`,
          { kind: 'message', by: 'server', message: 'ts-request' },
          'credssp',
        ),
      ],
      against: early ? ['no credentials had been sent when the server said so'] : [],
    });
  });
}

/** "Maximum tolerance for computer clock synchronization" is 5 minutes unless a policy sets it. */
export const KERBEROS_TOLERANCE_MS = 5 * MINUTE;

function clock(handshake: Handshake): readonly Finding[] {
  const { ntlm } = handshake.credssp;
  const skew = ntlm?.clockSkewMs ?? null;
  if (ntlm === null || skew === null || Math.abs(skew) <= KERBEROS_TOLERANCE_MS) return [];
  const side = skew > 0 ? 'ahead of' : 'behind';
  // A computer that is its own domain has no Kerberos to begin with.
  const workgroup =
    ntlm.netbiosDomainName !== null && ntlm.netbiosDomainName === ntlm.netbiosComputerName;
  return [
    finding('kerberos-time-skew', workgroup ? 'possible' : 'likely', {
      says: `The server's clock is ${duration(skew)} ${side} ours; Kerberos allows 5 minutes unless a policy says otherwise.`,
      evidence: [
        evidence(
          handshake,
          `the timestamp of the NTLM challenge is ${duration(skew)} ${side} our clock`,
          { kind: 'message', by: 'server', message: 'ts-request' },
          'credssp',
        ),
      ],
      against: workgroup
        ? ['the server belongs to no domain: its logons do not use Kerberos']
        : ['a logon with NTLM does not mind; only Kerberos and certificates do'],
    }),
  ];
}
