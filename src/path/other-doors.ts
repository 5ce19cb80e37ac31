import type { SideEvidence } from '../handshake/path.js';
import { type ConnectRequest, connect } from '../probe/connect.js';
import type { Gathered } from './size-answers.js';

/** What is tried beside the port and address in question. */
export interface Door {
  /** an IP literal */
  readonly address: string;
  readonly port: number;
}

/** The most connections to one host or one name; each is closed at once. */
const MAX_CONNECTS = 2;
const CONNECT_LIMIT_MS = 2_000;

type Knocked = 'open' | 'refused' | 'silent' | 'unreachable' | 'not-tried';

/** Makes a connection and closes it at once. */
async function knock(
  { address, port }: Door,
  signal: AbortSignal,
): Promise<{ readonly result: Knocked; readonly code: string | null }> {
  const request: ConnectRequest = {
    address,
    port,
    sourceAddress: null,
    limitMs: CONNECT_LIMIT_MS,
  };
  const connected = await connect(request, signal);
  switch (connected.kind) {
    case 'connected':
      connected.socket.on('error', () => {});
      connected.socket.destroy();
      return { result: 'open', code: null };
    case 'aborted':
      return { result: 'not-tried', code: null };
    case 'failed':
      switch (connected.how) {
        case 'refused':
          return { result: 'refused', code: connected.code };
        case 'timeout':
          return { result: 'silent', code: connected.code };
        case 'unreachable':
          return { result: 'unreachable', code: connected.code };
        case 'local':
          return { result: 'not-tried', code: connected.code };
      }
  }
}

/**
 * Tells a host that is gone from a port that is closed: any answer from another port shows that
 * something at that address is there. Stops at the first answer.
 */
export async function gatherSecondPort(
  address: string,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<Gathered> {
  const silent: number[] = [];
  for (const port of ports.slice(0, MAX_CONNECTS)) {
    const { result, code } = await knock({ address, port }, signal);
    switch (result) {
      case 'open':
        return evidence('second-port', `port ${port} of the same host accepts connections`);
      case 'refused':
        return evidence(
          'second-port',
          `port ${port} of the same host refuses connections: the host answers, or a firewall in its name`,
        );
      case 'unreachable':
        return evidence('second-port', `port ${port} of the same host is unreachable (${code})`);
      case 'silent':
        silent.push(port);
        break;
      case 'not-tried':
        if (silent.length > 0) break;
        return { kind: 'nothing', why: whyNot(code) };
    }
  }
  if (silent.length === 0) return { kind: 'nothing', why: 'no other port was named' };
  return evidence(
    'second-port',
    silent.length === 1
      ? `port ${silent[0]} of the same host is silent too`
      : `ports ${silent.join(' and ')} of the same host are silent too`,
  );
}

/** Whether the other addresses of a name answer on the port. */
export async function gatherOtherAddresses(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Gathered> {
  const found: SideEvidence[] = [];
  let why = 'the name has no other address';
  for (const address of addresses.slice(0, MAX_CONNECTS)) {
    const { result, code } = await knock({ address, port }, signal);
    const door = `port ${port} of ${address}`;
    switch (result) {
      case 'open':
        found.push(plain('other-address', `${door} accepts connections`));
        break;
      case 'refused':
        found.push(plain('other-address', `${door} refuses connections`));
        break;
      case 'unreachable':
        found.push(plain('other-address', `${door} is unreachable (${code})`));
        break;
      case 'silent':
        found.push(plain('other-address', `${door} is silent`));
        break;
      case 'not-tried':
        why = whyNot(code);
        break;
    }
  }
  return found.length === 0 ? { kind: 'nothing', why } : { kind: 'evidence', evidence: found };
}

function whyNot(code: string | null): string {
  return code === null ? 'interrupted' : `the system makes no connection there (${code})`;
}

function evidence(what: SideEvidence['what'], says: string): Gathered {
  return { kind: 'evidence', evidence: [plain(what, says)] };
}

/** Evidence that says nothing of sizes. */
function plain(what: SideEvidence['what'], says: string): SideEvidence {
  return { what, says, passUpTo: null, failsFrom: null, reportedBy: null, reportedMtu: null };
}
