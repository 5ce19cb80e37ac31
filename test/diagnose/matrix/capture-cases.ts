import { analyseCapture } from '../../../src/capture/analyse.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../../src/diagnose/finding.js';
import type { Handshake } from '../../../src/handshake/handshake.js';
import { toHandshake } from '../../../src/handshake/summary.js';
import { captureFile, captureNames, captureRecord } from '../../support/recorded-captures.js';
import {
  fault,
  HEALTHY,
  type MatrixCase,
  NO_ANSWER_TO_SYN,
  NOBODY_LISTENS,
  SIZES,
  type Truth,
  untold,
  VARIES,
} from './matrix-case.js';

const KILLED = untold('the server process was killed: its end looks like any other');
/** Something in between sends a RST with the addresses and the hop limit of the server. */
const RESET_IN_BETWEEN = fault(
  'middlebox-dpi-resets-rdp',
  'local-security-software',
  'network-acl-or-nsg-block',
);

/** Something in between lets packets of RDP or its TLS vanish. */
const LOST_TO_A_FILTER = fault('middlebox-dpi-resets-rdp');
/** A process that stands still: what made it so does not show. */
const STOPPED = fault('termservice-hung', 'host-busy-or-out-of-memory');
const OTHER_SERVICE = fault('not-an-rdp-service', 'rdp-port-taken-by-other-app');

const NLA_REQUIRED = fault('nla-required-by-server');
const RDP_ONLY = fault('security-layer-rdp-only');
const TLS_REQUIRED = fault('tls-required-by-server');
const WRONG_PASSWORD = fault('nla-bad-credentials');
const EXPIRED = fault('self-signed-cert-not-renewed');
const NO_CERTIFICATE = fault('server-has-no-usable-certificate');
/** A firewall at the server says no: one on the way would say the same. */
const ADDRESS_REJECTED = fault('network-acl-or-nsg-block', 'host-firewall-rdp-rule');
/** The client's list of protocols and the server's have nothing in common: the client says no. */
const NOTHING_IN_COMMON = fault('general-secure-negotiation-failure');

/** What was set up, as the record of each capture says it under `made`. */
export const CAPTURE_TRUTHS: Readonly<Record<string, Truth>> = {
  'balancer-with-a-dead-host': VARIES,
  'echo-server': OTHER_SERVICE,
  'freerdp-all-modes-nla-selected': HEALTHY,
  'freerdp-answers-after-3s': HEALTHY,
  'freerdp-client-hello-lost-to-a-filter': LOST_TO_A_FILTER,
  'freerdp-client-hello-reset-on-the-way': RESET_IN_BETWEEN,
  'freerdp-clock-20-minutes-ahead': fault('kerberos-time-skew'),
  'freerdp-closed-at-authenticate': KILLED,
  'freerdp-closed-at-client-hello': KILLED,
  'freerdp-closed-at-mcs-request-nla': KILLED,
  'freerdp-closed-at-mcs-request-tls': KILLED,
  'freerdp-closed-at-negotiate': KILLED,
  'freerdp-closed-at-request': KILLED,
  // Its own sequence numbers say that it was sent: any loss looks so.
  'freerdp-confirm-lost-to-a-filter': fault('middlebox-dpi-resets-rdp', 'packet-loss-on-path'),
  'freerdp-failure-1-tls-required': TLS_REQUIRED,
  'freerdp-failure-2-tls-not-allowed': RDP_ONLY,
  'freerdp-failure-5-nla-required': NLA_REQUIRED,
  'freerdp-failure-5-rtt-50ms': NLA_REQUIRED,
  'freerdp-failure-5-without-negotiation-request': NLA_REQUIRED,
  'freerdp-fallback-to-rdp-in-3-connections': RDP_ONLY,
  'freerdp-mtu-black-hole': SIZES,
  'freerdp-nla-expired-certificate': EXPIRED,
  'freerdp-nla-loss-10-percent': fault('packet-loss-on-path'),
  'freerdp-nla-rdesktop-gives-up': NLA_REQUIRED,
  'freerdp-nla-tls12-logon': HEALTHY,
  'freerdp-nla-tls13-logon': HEALTHY,
  'freerdp-nla-tls13-wrong-password': WRONG_PASSWORD,
  'freerdp-nla-wrong-password-rtt-50ms': WRONG_PASSWORD,
  'freerdp-path-mtu-discovery-works': HEALTHY,
  'freerdp-rdp-or-tls-tls-selected': HEALTHY,
  'freerdp-rdp-security-rc4-128': HEALTHY,
  'freerdp-request-lost-to-a-filter': LOST_TO_A_FILTER,
  'freerdp-reset-after-confirm': RESET_IN_BETWEEN,
  'freerdp-reset-after-pubkeyauth': RESET_IN_BETWEEN,
  'freerdp-reset-after-server-flight': KILLED,
  'freerdp-reset-at-authenticate': RESET_IN_BETWEEN,
  'freerdp-reset-at-client-hello': KILLED,
  'freerdp-reset-at-request': RESET_IN_BETWEEN,
  'freerdp-reset-without-confirm': untold('frozen for 4 s, then killed: an end like any other'),
  'freerdp-silent-after-credentials': fault('packet-loss-on-path', 'middlebox-dpi-resets-rdp'),
  'freerdp-stopped-before-accept': STOPPED,
  'freerdp-stopped-in-credssp': STOPPED,
  'freerdp-tls-selected-client-leaves': NOTHING_IN_COMMON,
  'freerdp-tls13-rdesktop': HEALTHY,
  'freerdp-tls13-rtt-50ms': HEALTHY,
  'freerdp-tls13': HEALTHY,
  'gnome-remote-desktop-failure-5-nla-required': NLA_REQUIRED,
  'gnome-remote-desktop-nla-logon': HEALTHY,
  'gnome-remote-desktop-nla-probed': HEALTHY,
  'gnome-remote-desktop-nla-wrong-password': WRONG_PASSWORD,
  'ipv6-freerdp-nla': HEALTHY,
  'ipv6-mtu-black-hole': SIZES,
  'ipv6-port-rejected-with-icmp': ADDRESS_REJECTED,
  'ipv6-xrdp-tls13': HEALTHY,
  'network-unreachable': fault('vpn-route-missing'),
  'port-filtered': NO_ANSWER_TO_SYN,
  'port-refused': NOBODY_LISTENS,
  'port-rejected-with-icmp': ADDRESS_REJECTED,
  'port-rejected-with-icmp-port-unreachable': ADDRESS_REJECTED,
  'port-rejected-with-icmp-host-prohibited': ADDRESS_REJECTED,
  'routing-loop': fault('vpn-route-missing'),
  'rpcbind-closes': OTHER_SERVICE,
  'ssh-banner': fault('not-an-rdp-service'),
  'tls-group-p521-alone': fault('tls-no-common-group', 'tls-cipher-mismatch'),
  'tls-server-cut-off-after-1800-bytes': LOST_TO_A_FILTER,
  'tls-server-cut-off-after-8-packets': LOST_TO_A_FILTER,
  'tls-service-closes': OTHER_SERVICE,
  'tls-service-resets': OTHER_SERVICE,
  'tls-service-wants-client-certificate': fault('client-certificate-required'),
  'tls12-service-wants-client-certificate': fault('client-certificate-required'),
  'weston-fallback-to-rdp-in-3-connections': RDP_ONLY,
  'weston-rdp-or-tls-tls-selected': HEALTHY,
  'weston-tls13': HEALTHY,
  'xrdp-ca-certificate-expired': fault('ca-listener-cert-expired'),
  'xrdp-ca-certificate-for-another-name': fault('cert-name-or-trust'),
  'xrdp-closed-at-client-hello': KILLED,
  'xrdp-closed-at-request': KILLED,
  'xrdp-cookie-refused-in-front': fault(
    'load-balancer-or-broker-token',
    'middlebox-dpi-resets-rdp',
  ),
  'xrdp-failure-3-no-certificate': NO_CERTIFICATE,
  'xrdp-first-connection-refused': VARIES,
  'xrdp-first-connection-reset': VARIES,
  'xrdp-first-two-connections-closed': VARIES,
  'xrdp-hole-at-420-to-the-server': SIZES,
  'xrdp-hole-at-576-from-the-server': SIZES,
  'xrdp-key-of-another-certificate': fault(
    'private-key-missing-or-corrupt',
    'private-key-acl-machinekeys',
    'listener-thumbprint-stale',
    'custom-cert-key-acl',
    'xrdp-private-key-unreadable',
  ),
  'xrdp-loss-50-percent': fault('packet-loss-on-path'),
  'xrdp-negotiate-tls13-selected': HEALTHY,
  'xrdp-no-common-suite': fault('tls-cipher-mismatch'),
  // The probe offers TLS and NLA, and is given standard RDP security: that is what this server is.
  'xrdp-rdp-security-fips': RDP_ONLY,
  'xrdp-rdp-security-high': HEALTHY,
  'xrdp-rdp-security-low': HEALTHY,
  'xrdp-rdp-security-medium': HEALTHY,
  'xrdp-reset-after-server-hello-done': KILLED,
  'xrdp-rtt-1s': HEALTHY,
  'xrdp-server-name-reset-in-front': fault('middlebox-dpi-resets-rdp', 'local-security-software'),
  'xrdp-stopped-in-mcs': STOPPED,
  'xrdp-tls-required-mcs-disconnect': TLS_REQUIRED,
  'xrdp-tls10-client-alert': fault('tls-server-only-legacy'),
  'xrdp-tls10': fault('tls-server-only-legacy'),
  'xrdp-tls12-rtt-50ms': HEALTHY,
  'xrdp-tls12-weak-certificate': fault('weak-certificate'),
  'xrdp-tls12': HEALTHY,
  'xrdp-tls13-offer-reset-in-front': fault('large-clienthello-intolerant-path'),
  'xrdp-tls13-client-refuses-certificate': fault(
    'self-signed-cert-not-renewed',
    'cert-name-or-trust',
  ),
  'xrdp-tls13-server-alert': fault('tls-versions-disabled-on-host'),
  'xrdp-tls13': HEALTHY,
};

/**
 * What a replay says of the connections of one client with one server of a capture.
 *
 * @param keep which handshakes; all that are RDP unless it is given
 */
export async function diagnoseCapture(
  file: string,
  keep: (handshake: Handshake) => boolean = () => true,
  ports: readonly number[] = [],
): Promise<Diagnosis> {
  const { traces } = await analyseCapture(file, { ports });
  const handshakes = traces
    .map((trace, id) =>
      toHandshake(trace, {
        id,
        purpose: trace.label?.purpose ?? 'verdict',
        reason: trace.label?.reason ?? null,
      }),
    )
    .filter(keep);
  const endpoints = new Set(
    handshakes.map(({ client, server }) => `${client.address} ${server.address}:${server.port}`),
  );
  if (endpoints.size !== 1) throw new Error(`${file}: ${endpoints.size} pairs, not one`);
  return diagnose([...endpoints].join(), handshakes, Date.now());
}

/** The project's own recordings of real servers. */
export function captureCases(): readonly MatrixCase[] {
  return captureNames('.pcapng').map((name) => {
    const truth = CAPTURE_TRUTHS[name];
    if (truth === undefined) throw new Error(`${name} has no label`);
    return {
      kind: 'capture',
      name,
      truth,
      from: `how it was made: ${captureRecord(name).title}`,
      waits: false,
      diagnose: () => diagnoseCapture(captureFile(name)),
    };
  });
}
