import type { Whys } from './table.js';

const IN_BETWEEN_MCS =
  'the reset has the addresses, the hop limit and the pace of the server: a limit of the server ends a connection in the same place, so both remain, as `possible`';
const ONE_HELLO =
  'one ClientHello was tried, and the finding says so; `check` asks up to four questions more, and then it is right (see the follow-up cases)';

/** Why a case is missed, or said with more confidence than it bears. */
export const WHYS: Whys = {
  'freerdp-reset-after-pubkeyauth': IN_BETWEEN_MCS,
  'fault-rst-after1500__shadow-nla__xfreerdp': IN_BETWEEN_MCS,
  'long-hello-refused': ONE_HELLO,
  'new-hello-refused': ONE_HELLO,
  'only-old-hello-answered': ONE_HELLO,
  'closed-after-client-hello': ONE_HELLO,
  'close-after-confirm': ONE_HELLO,
  'reset-after-confirm': ONE_HELLO,
};
