import type { Whys } from './table.js';

const IN_BETWEEN_MCS =
  'the reset has the addresses, the hop limit and the pace of the server: a limit of the server ends a connection in the same place, so both remain, as `possible`';
const ONE_HELLO =
  'one ClientHello was tried, and the finding says so; `check` asks up to four questions more, and is right then: see `follow-up`';
const AS_A_KEY =
  'a server that ends the connection after every ClientHello is what an unreadable key looks like; this one does it for no reason';
const HELLO_UNDER_WAY =
  'the ClientHello had gone out when the end came: whether the server had read it does not show';

/** Why a case is missed, or said with more confidence than it bears. */
export const WHYS: Whys = {
  'freerdp-reset-after-pubkeyauth': IN_BETWEEN_MCS,
  'fault-rst-after1500__shadow-nla__xfreerdp': IN_BETWEEN_MCS,
  'long-hello-refused': ONE_HELLO,
  'new-hello-refused': ONE_HELLO,
  'only-old-hello-answered': ONE_HELLO,
  'closed-after-client-hello': AS_A_KEY,
  'closed-after-client-hello, whatever is asked': AS_A_KEY,
  'close-after-confirm': HELLO_UNDER_WAY,
  'close-after-confirm, whatever is asked': HELLO_UNDER_WAY,
  'reset-after-confirm': HELLO_UNDER_WAY,
  'reset-after-confirm, whatever is asked': HELLO_UNDER_WAY,
};
