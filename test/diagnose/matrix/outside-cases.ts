import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Handshake } from '../../../src/handshake/handshake.js';
import { diagnoseCapture } from './capture-cases.js';
import {
  fault,
  HEALTHY,
  type MatrixCase,
  NO_ANSWER_TO_SYN,
  NOBODY_LISTENS,
  type Truth,
  untold,
} from './matrix-case.js';

const NLA_REQUIRED = fault('nla-required-by-server');
const RDP_ONLY = fault('security-layer-rdp-only');
const KILLED = untold('the server process was killed: its end looks like any other');

/** Recordings of the laboratory: their names say which server in which mode, and which client. */
const LABORATORY: readonly (readonly [name: string, truth: Truth])[] = [
  ['fault-loss10__shadow-nla__xfreerdp', fault('packet-loss-on-path')],
  [
    'fault-reject-icmp__shadow-nla__xfreerdp',
    fault('network-acl-or-nsg-block', 'host-firewall-rdp-rule'),
  ],
  [
    'fault-rst-after1500__shadow-nla__xfreerdp',
    fault('middlebox-dpi-resets-rdp', 'local-security-software', 'network-acl-or-nsg-block'),
  ],
  ['killed-after-pubkeyauth__shadow-nla', KILLED],
  ['killed-at-clienthello__shadow-nla', KILLED],
  ['killed-at-clienthello__xrdp-tls', KILLED],
  ['killed-tls-done__shadow-tls', KILLED],
  ['mtu1280-blackhole__xfreerdp-nla', fault('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp')],
  ['mtu1280-pmtud-ok__xfreerdp-nla', HEALTHY],
  ['rtt50__shadow-nla__xfreerdp-badpw', fault('nla-bad-credentials')],
  ['rtt50__shadow-nla__xfreerdp-tlsonly-fail5', NLA_REQUIRED],
  ['rtt50__shadow-tls__xfreerdp', HEALTHY],
  ['rtt50__xrdp-tls12__xfreerdp', HEALTHY],
  ['shadow-all__xfreerdp-auto', HEALTHY],
  ['shadow-nego__xfreerdp-auto', HEALTHY],
  ['shadow-nla-expired__xfreerdp-ignore', fault('self-signed-cert-not-renewed')],
  ['shadow-nla-tls12__xfreerdp-good', HEALTHY],
  ['shadow-nla__rdesktop', NLA_REQUIRED],
  ['shadow-nla__xfreerdp-nla-badpw', fault('nla-bad-credentials')],
  ['shadow-nla__xfreerdp-nla-good', HEALTHY],
  ['shadow-nla__xfreerdp-rdponly-fail5', NLA_REQUIRED],
  ['shadow-nla__xfreerdp-tlsonly-fail5', NLA_REQUIRED],
  ['shadow-rdp__xfreerdp-auto-fallback', RDP_ONLY],
  ['shadow-rdp__xfreerdp-tlsonly-fail2', RDP_ONLY],
  ['shadow-tls__rdesktop', HEALTHY],
  ['shadow-tls__xfreerdp-nlaonly', fault('general-secure-negotiation-failure')],
  ['shadow-tls__xfreerdp-rdponly-fail1', fault('tls-required-by-server')],
  ['shadow-tls__xfreerdp-tls', HEALTHY],
  ['ssh-banner-port__xfreerdp', fault('not-an-rdp-service')],
  ['veth__shadow-rdp__xfreerdp-rc4', HEALTHY],
  ['veth__xrdp-rdp-high__xfreerdp', HEALTHY],
  ['veth__xrdp-rdp-medium__xfreerdp', HEALTHY],
  ['xrdp-negotiate__xfreerdp-auto', HEALTHY],
  ['xrdp-nocert__xfreerdp-auto-fail3', fault('server-has-no-usable-certificate')],
  ['xrdp-rdp__rdesktop', RDP_ONLY],
  ['xrdp-rdp__xfreerdp-rdp', HEALTHY],
  ['xrdp-tls-expired__xfreerdp-deny', fault('self-signed-cert-not-renewed', 'cert-name-or-trust')],
  ['xrdp-tls10only__xfreerdp-enforce12', fault('tls-server-only-legacy')],
  ['xrdp-tls12only__xfreerdp', HEALTHY],
  ['xrdp-tls13only__xfreerdp-enforce12', fault('tls-versions-disabled-on-host')],
  ['xrdp-tls13only__xfreerdp', HEALTHY],
  ['xrdp-tls__xfreerdp-auto', HEALTHY],
  ['xrdp-tls__xfreerdp-rdponly', fault('tls-required-by-server')],
];

interface OfOthers {
  readonly file: string;
  readonly truth: Truth;
  readonly from: string;
  /** TCP conversation, as Wireshark counts them; left out: all of it is one client and server */
  readonly streams?: readonly number[];
  readonly ports?: readonly number[];
}

/** Only where the bytes or whoever made it say what happened. */
const OF_OTHERS: readonly OfOthers[] = [
  {
    file: 'zeek/rdp-proprietary-encryption.pcap',
    truth: RDP_ONLY,
    from: 'failure 2, and a second connection with standard RDP security that works',
  },
  {
    file: 'zeek/rdp-to-ssl.pcap',
    truth: fault('tls-server-only-legacy'),
    from: 'a Windows Server 2008 R2 whose TLS is 1.0',
  },
  { file: 'zeek/rdp-x509.pcap', truth: HEALTHY, from: 'standard RDP security that goes through' },
  { file: 'ndpi/rdp3.pcap', truth: HEALTHY, from: 'an old client whose session begins' },
  { file: 'ndpi/rdp.pcap', truth: HEALTHY, from: 'NLA in TLS 1.2 that is still going on' },
  {
    file: 'ndpi/rdp_over_tls.pcap',
    truth: untold('the logon is encrypted: that it was refused shows by sizes alone'),
    from: 'an alert after the exchange of NTLM',
  },
  {
    file: 'lab/ipv4-tls.pcap',
    truth: HEALTHY,
    from: 'a recorded session with TLS 1.3',
    streams: [0],
  },
  { file: 'lab/ipv6-tls.pcap', truth: HEALTHY, from: 'a recorded session over IPv6 with TLS 1.3' },
  {
    file: 'lab/ipv6-fail-ssl-not-allowed.pcap',
    truth: RDP_ONLY,
    from: 'xrdp with standard RDP security alone, and a client that wants TLS',
    ports: [3391],
  },
  {
    file: 'lab/ipv6-filtered.pcap',
    truth: NO_ANSWER_TO_SYN,
    from: 'a filter at the server drops the SYNs',
    streams: [0],
  },
  {
    file: 'lab/ipv6-refused.pcap',
    truth: NOBODY_LISTENS,
    from: 'nobody listens at port 3400',
    ports: [3400],
  },
  { file: 'ndpi/tcp_scan.pcapng', truth: NOBODY_LISTENS, from: 'a scan: SYN, and RST' },
];

function streamOf({ source }: Handshake): number {
  return source.kind === 'capture' ? source.stream : -1;
}

/** @param folder of the laboratory's recordings; undefined: none are at hand */
export function laboratoryCases(folder: string | undefined): readonly MatrixCase[] {
  if (folder === undefined) return [];
  const files = new Set(readdirSync(folder));
  return LABORATORY.filter(([name]) => files.has(`${name}.pcapng`)).map(([name, truth]) => ({
    kind: "laboratory's capture",
    name,
    truth,
    from: 'its name: the fault or the mode of the server, the server, the client',
    waits: false,
    diagnose: () => diagnoseCapture(join(folder, `${name}.pcapng`)),
  }));
}

/** @param folder of captures made by others; undefined: none are at hand */
export function casesOfOthers(folder: string | undefined): readonly MatrixCase[] {
  if (folder === undefined) return [];
  return OF_OTHERS.filter(({ file }) => existsSync(join(folder, file))).map(
    ({ file, truth, from, streams, ports }) => ({
      kind: 'capture of others',
      name: file,
      truth,
      from,
      waits: false,
      diagnose: () =>
        diagnoseCapture(
          join(folder, file),
          (one) => streams === undefined || streams.includes(streamOf(one)),
          ports,
        ),
    }),
  );
}
