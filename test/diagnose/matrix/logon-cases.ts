import type { CauseId } from '../../../src/diagnose/causes.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import { Credentials } from '../../../src/handshake/credentials.js';
import { Logon } from '../../../src/probe/logon.js';
import { ntHash } from '../../../src/probe/nt-hash.js';
import { DEFAULT_SETTINGS } from '../../../src/probe/settings.js';
import { CONFIRM_HYBRID_EX } from '../../../src/simulator/recorded-bytes.js';
import type { LogonStep } from '../../../src/simulator/scenario.js';
import {
  EXPECT_REQUEST,
  logon,
  send,
  startTls,
  unlisted,
} from '../../../src/simulator/scenario-parts.js';
import { seededRandom } from '../../../src/simulator/seeded-random.js';
import { runInMemory, SERVER_NAME } from '../../support/scenario-run.js';
import { fault, HEALTHY, type MatrixCase, type Truth } from './matrix-case.js';

/** NTSTATUS, what it means by [MS-ERREF] 2.3.1, and the cause that meaning names. */
const STATUSES: readonly (readonly [status: number, meaning: string, cause: CauseId])[] = [
  [0xc000006d, 'STATUS_LOGON_FAILURE', 'nla-bad-credentials'],
  [0xc0000064, 'STATUS_NO_SUCH_USER', 'nla-bad-credentials'],
  [0xc000006a, 'STATUS_WRONG_PASSWORD', 'nla-bad-credentials'],
  [0xc0000234, 'STATUS_ACCOUNT_LOCKED_OUT', 'account-locked-out'],
  [0xc0000072, 'STATUS_ACCOUNT_DISABLED', 'account-disabled-expired-restricted'],
  [0xc0000193, 'STATUS_ACCOUNT_EXPIRED', 'account-disabled-expired-restricted'],
  [0xc000006e, 'STATUS_ACCOUNT_RESTRICTION', 'account-disabled-expired-restricted'],
  [0xc000006f, 'STATUS_INVALID_LOGON_HOURS', 'account-disabled-expired-restricted'],
  [0xc0000070, 'STATUS_INVALID_WORKSTATION', 'account-disabled-expired-restricted'],
  [0xc0000071, 'STATUS_PASSWORD_EXPIRED', 'password-expired-must-change'],
  [0xc0000224, 'STATUS_PASSWORD_MUST_CHANGE', 'password-expired-must-change'],
  [0xc000015b, 'STATUS_LOGON_TYPE_NOT_GRANTED', 'user-lacks-rdp-logon-right'],
  [0xc000005e, 'STATUS_NO_LOGON_SERVERS', 'nla-dc-unreachable'],
  [0xc0000233, 'STATUS_DOMAIN_CONTROLLER_NOT_FOUND', 'nla-dc-unreachable'],
  [0xc000018d, 'STATUS_TRUSTED_RELATIONSHIP_FAILURE', 'nla-secure-channel-broken'],
  [0xc000018b, 'STATUS_NO_TRUST_SAM_ACCOUNT', 'nla-secure-channel-broken'],
  [0xc0000418, 'STATUS_NTLM_BLOCKED', 'ntlm-blocked'],
  [0xc0000133, 'STATUS_TIME_DIFFERENCE_AT_DC', 'kerberos-time-skew'],
  [0xc000035b, 'STATUS_BAD_BINDINGS', 'ntlmv1-channel-bindings'],
  [0xc00000d0, 'STATUS_REQUEST_NOT_ACCEPTED', 'rdp-connection-limit-or-drain'],
  [0xc000009a, 'STATUS_INSUFFICIENT_RESOURCES', 'host-busy-or-out-of-memory'],
];

interface Row {
  readonly name: string;
  readonly truth: Truth;
  readonly from: string;
  readonly step: Partial<LogonStep>;
  readonly password?: string;
}

const INTERCEPTED = fault('tls-interception-breaks-nla');

const ROWS: readonly Row[] = [
  ...STATUSES.map(([status, meaning, cause]) => ({
    name: `refused with ${meaning}`,
    truth: fault(cause),
    from: `[MS-ERREF] 2.3.1: the meaning of the status that the server was made to send`,
    step: { status },
  })),
  ...[2, 3, 4, 5, 6].map((version) => ({
    name: `the right password, version ${version}`,
    truth: version < 5 ? fault('credssp-oracle-patched-client-unpatched-server') : HEALTHY,
    from:
      version < 5
        ? '[MS-CSSP] appendix A: versions below 5 are those without the update'
        : 'the simulated server accepts it',
    step: { version },
  })),
  ...[5, 6].map((version) => ({
    name: `a wrong password, version ${version}, refused by an end`,
    truth: fault('nla-bad-credentials'),
    from: 'the password was wrong, and the simulated server says so by ending',
    step: { version, refusal: 'ending' as const },
    password: 'wrong',
  })),
  ...(['other-key', 'other-certificate'] as const).map((wrong) => ({
    name: `the server's answer: ${wrong}`,
    truth: INTERCEPTED,
    from: 'the simulated server answers as one whose TLS another end took over',
    step: { fault: wrong },
  })),
];

/** Logons with a password, to a server that judges it. */
export function logonCases(): readonly MatrixCase[] {
  return ROWS.map(({ name, truth, from, step, password = 'Passw0rd!' }) => ({
    kind: 'logon',
    name,
    truth,
    from,
    waits: false,
    diagnose: async (keep) => {
      const random = seededRandom(5);
      const bytes = (count: number): Uint8Array =>
        Uint8Array.from({ length: count }, () => random() & 0xff);
      const credentials = new Credentials('jane', 'CORP', await ntHash(password));
      const tls = startTls('self-signed', ['TLSv1.2', 'TLSv1.2']);
      const { handshake, trace, recording } = await runInMemory(
        unlisted('logon', 'a logon', EXPECT_REQUEST, send(CONFIRM_HYBRID_EX), tls, logon(step)),
        DEFAULT_SETTINGS,
        'whole',
        new Logon(credentials, SERVER_NAME, bytes),
      );
      keep?.([{ trace, recording, captured: null }]);
      return diagnose(SERVER_NAME, [handshake], Date.now());
    },
  }));
}
