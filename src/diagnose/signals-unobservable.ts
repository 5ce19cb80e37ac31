import type { SignalId } from './catalogue/signals.js';

const AFTER_LOGON = 'it comes after the logon, where this program does not go';
const SET_ERROR_INFO =
  'the Set Error Info PDU comes after the MCS connect response, which is the last message that is read';
const HISTORY = 'when a fault began is not on the wire: people know it';
const ONE_TARGET = 'a diagnosis is of one target as seen from one place';
const BASELINE = 'no good value of before is kept; `compare` holds two reports against each other';

/** Signals of the vocabulary that this program has no way to see, and why. */
export const UNOBSERVABLE: Readonly<Partial<Record<SignalId, string>>> = {
  'auth.name-ok-ip-fails': 'two logons would be needed, and the program makes one at the most',
  'cert.changed-from-baseline': BASELINE,
  'cert.differs-by-path': ONE_TARGET,
  'client.other-client-ok': 'other clients of the same machine are not run',
  'client.other-mode-ok': 'Restricted Admin and Remote Credential Guard begin with a logon',
  'client.saved-credentials-only': 'what a client has saved stays inside it',
  'credssp.client-closes-after-challenge':
    'a capture cannot tell a client that gives up there from a probe that ends there by design',
  'credssp.old-version-refused': 'no TSRequest of an old version is sent',
  'dns.address-differs-by-resolver': 'the resolver of the system alone is asked, as clients do',
  'dns.address-differs-from-baseline': BASELINE,
  'mcs.errinfo-0x100-0x10A': SET_ERROR_INFO,
  'mcs.errinfo-0x1194': SET_ERROR_INFO,
  'mcs.errinfo-0x6': SET_ERROR_INFO,
  'mcs.errinfo-0x7': SET_ERROR_INFO,
  'mcs.errinfo-0x9': SET_ERROR_INFO,
  'mcs.errinfo-broker': SET_ERROR_INFO,
  'mcs.license-error': 'licensing comes after the MCS connect response',
  'mcs.redirect': 'the redirection comes after the MCS connect response',
  'net.loss-first-hop': 'loss is measured between the ends, not hop by hop',
  'path.other-source-ok': ONE_TARGET,
  'path.vpn-only': ONE_TARGET,
  'post.black-screen': AFTER_LOGON,
  'post.drop-about-60s': AFTER_LOGON,
  'post.drop-about-65s': AFTER_LOGON,
  'post.drop-after-idle': AFTER_LOGON,
  'post.drop-at-logon': AFTER_LOGON,
  'post.drop-periodic': AFTER_LOGON,
  'post.freeze': AFTER_LOGON,
  'post.ok-without-udp': AFTER_LOGON,
  'route.not-via-vpn': 'the routes of this machine are not read',
  'stage.one-client-only': ONE_TARGET,
  'tcp.timeout-all-targets': ONE_TARGET,
  'timeline.after-cert-change': HISTORY,
  'timeline.after-host-restart': HISTORY,
  'timeline.after-many-attempts': HISTORY,
  'x224.ok-on-other-port': 'RDP is asked for on the port that was given, and on no other',
};
