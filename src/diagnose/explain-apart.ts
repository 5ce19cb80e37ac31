import type { Cause, CauseCategory } from './catalogue/cause.js';
import { CAUSES } from './causes.js';
import { likeliest } from './explain-candidates.js';
import type { Apart, Candidate } from './explanation.js';
import { HOST_BLOCKS } from './host-blocks.js';

/** Causes that show in packets and times, and in no answer of the server. */
const OF_THE_WAY: ReadonlySet<CauseCategory> = new Set(['loss', 'mtu', 'latency', 'udp']);
const OF_TLS: ReadonlySet<CauseCategory> = new Set(['tls-version', 'tls-cipher']);
/** What only a logon shows. */
const OF_LOGON: ReadonlySet<CauseCategory> = new Set(['auth', 'nla', 'time-skew']);

const CHECK: Apart = {
  command: 'rdp-probe check HOST',
  tells: 'at which stage the connection dies',
};
const GATEWAY: Apart = {
  command: 'rdp-probe check HOST --gateway GATEWAY',
  tells: 'whether the gateway or the host behind it ends it',
};
const PATH: Apart = {
  command: 'rdp-probe path HOST',
  tells: 'how much is lost, which packet sizes pass, and whether UDP does',
};
const TLS: Apart = {
  command: 'rdp-probe scan HOST --ciphers',
  tells: 'which TLS versions, cipher suites and groups the host takes',
};
const LOGON: Apart = {
  command: 'rdp-probe check HOST --user NAME',
  tells: 'how the host refuses one logon (a wrong password counts towards a lock)',
};

/**
 * Which commands tell these causes apart, the broadest first; empty: none of this program does.
 *
 * @param causes likeliest first
 */
export function apartOf(causes: readonly Candidate[]): readonly Apart[] {
  const named = likeliest(causes);
  // Of a code that names no cause, one is as likely as another.
  const leading = named.length > 0 ? named : causes;
  const all = (test: (candidate: Candidate) => boolean): boolean =>
    named.length > 0 && named.every(test);
  const inStage = ({ stage }: Candidate): boolean => stage !== 'session' && stage !== 'gateway';
  const isOfTheWay = isOf(OF_THE_WAY);
  const byCheck = leading.some((one) => inStage(one) && !isOfTheWay(one));
  const throughGateway = causes.some(({ stage }) => stage === 'gateway');
  const gatewayFirst = causes[0]?.stage === 'gateway';
  return [
    ...(gatewayFirst ? [GATEWAY] : []),
    ...(byCheck ? [CHECK] : []),
    ...(all(isOf(OF_TLS)) ? [TLS] : []),
    ...(all(({ stage }) => stage === 'credssp') && named.some(isOf(OF_LOGON)) ? [LOGON] : []),
    ...(leading.some(isOfTheWay) ? [PATH] : []),
    ...(throughGateway && !gatewayFirst ? [GATEWAY] : []),
    ...onTheHost(named),
  ];
}

function isOf(categories: ReadonlySet<CauseCategory>): (candidate: Candidate) => boolean {
  return ({ cause }) => {
    const { category }: Cause = CAUSES[cause];
    return categories.has(category);
  };
}

/** Causes that can be read on the host, where a probe from outside does not see them whole. */
function onTheHost(named: readonly Candidate[]): readonly Apart[] {
  const readable = named.filter(
    ({ cause, remotelyObservable }) =>
      remotelyObservable !== 'yes' && HOST_BLOCKS.some(({ causes }) => causes.includes(cause)),
  );
  if (readable.length === 0) return [];
  return [
    {
      command: `rdp-probe host-checks ${readable.map(({ cause }) => cause).join(' ')}`,
      tells: 'on the host itself, by a script that only reads',
    },
  ];
}
