import type { Whys } from './table.js';

const AS_A_KEY =
  'a server that ends the connection after every ClientHello is what an unreadable key looks like; this one does it for no reason';
const HELLO_UNDER_WAY =
  'the ClientHello had gone out when the end came: whether the server had read it does not show';

/** Why a case is missed, or said with more confidence than it bears. */
export const WHYS: Whys = {
  'rpcbind-closes':
    'it closes whatever comes, without a byte: a balancer without hosts and a limit do so as well, so all remain, as `possible`',
  'tls-service-resets':
    'a reset in place of a FIN, and TLS is answered without the request: a device that minds RDP looks the same, so both remain',
  'xrdp-hole-at-420-to-the-server':
    'the only packet that was too large is also the only one that was lost: a filter that counts bytes looks the same without `--path`',
  'xrdp-server-name-reset-in-front':
    'every ClientHello of the check carried the name that the device minds: none was sent without',
  'closed-after-client-hello, whatever is asked': AS_A_KEY,
  'close-after-confirm, whatever is asked': HELLO_UNDER_WAY,
  'reset-after-confirm, whatever is asked': HELLO_UNDER_WAY,
};
