import type {
  LogonStep,
  Scenario,
  ServerMessage,
  StartTlsStep,
  Step,
  TlsVersionName,
} from './scenario.js';

/* Short words for the steps that most scenarios share. */

export const EXPECT_REQUEST: Step = { do: 'expect', what: 'connection-request' };
export const EXPECT_CLIENT_HELLO: Step = { do: 'expect', what: 'client-hello' };
export const EXPECT_TS_REQUEST: Step = { do: 'expect', what: 'ts-request' };
export const EXPECT_CONNECT_INITIAL: Step = { do: 'expect', what: 'mcs-connect-initial' };
export const CLOSE: Step = { do: 'close', closeNotify: false };
export const RESET: Step = { do: 'reset' };
export const STALL: Step = { do: 'stall' };

/** @param longerThan bytes of the record that are still borne; null: any size */
export function refuseHello(
  longerThan: number | null,
  newerThan: TlsVersionName | null,
  how: 'close' | 'reset' | 'stall' = 'reset',
): Step {
  return { do: 'refuse-hello', longerThan, newerThan, how };
}

export function send(hex: string): Step {
  return { do: 'send', hex };
}

export function sendMessage(message: ServerMessage): Step {
  return { do: 'send-message', message };
}

export function wait(ms: number): Step {
  return { do: 'wait', ms };
}

/** TLS as a current server offers it, except where something else is said. */
export function startTls(
  certificate: StartTlsStep['certificate'] = 'self-signed',
  versions: readonly [TlsVersionName, TlsVersionName] = ['TLSv1.2', 'TLSv1.3'],
  others: Partial<Pick<StartTlsStep, 'ciphers' | 'groups'>> = {},
): Step {
  const [minVersion, maxVersion] = versions;
  return {
    do: 'start-tls',
    certificate,
    minVersion,
    maxVersion,
    ciphers: null,
    groups: null,
    ...others,
  };
}

/** The CHALLENGE of Windows Server 2022 in a TSRequest version 6, except where something else is said. */
export function challenge(
  fields: Partial<Extract<ServerMessage, { is: 'ntlm-challenge' }>> = {},
): Step {
  return sendMessage({
    is: 'ntlm-challenge',
    version: 6,
    wrapper: 'none',
    productVersion: [10, 0, 20348],
    clockAheadMs: 0,
    ...fields,
  });
}

/** NegotiateFlags of a CHALLENGE_MESSAGE as a member of a domain sends it. */
const CHALLENGE_FLAGS = 0xe2898235;

/** jane, whose password is `Passw0rd!`, in CredSSP version 6, except where something else is said. */
export function logon(fields: Partial<LogonStep> = {}): Step {
  return {
    do: 'logon',
    version: 6,
    account: { user: 'jane', ntHash: 'fc525c9683e8fe067095ba2ddc971889' },
    status: null,
    refusal: 'error-code',
    fault: null,
    wrapper: 'none',
    clock: true,
    flags: CHALLENGE_FLAGS,
    ...fields,
  };
}

/** A scenario that `rdp-probe simulate --help` shows. */
export function listed(name: string, title: string, ...steps: readonly Step[]): Scenario {
  return { name, title, listed: true, steps };
}

/** One of the many that are there for tests; it can be simulated all the same. */
export function unlisted(name: string, title: string, ...steps: readonly Step[]): Scenario {
  return { name, title, listed: false, steps };
}
