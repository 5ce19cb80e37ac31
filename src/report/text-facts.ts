import type {
  CertificateReport,
  CredSspReport,
  Handshake,
  McsReport,
  TcpReport,
  ValueName,
  X224Report,
} from '../handshake/handshake.js';
import { readRoutingToken } from '../wire/routing-token.js';
import type { Clean } from './clean.js';
import {
  formatDay,
  formatDuration,
  formatEndpoint,
  formatHex,
  formatList,
  formatSpan,
  plural,
} from './format.js';
import type { Entry } from './text-block.js';
import type { TextStyle } from './text-style.js';

/** Clocks that differ by less do no harm; Kerberos allows five minutes. */
const CLOCKS_AGREE_MS = 2000;
const CLOCKS_DIFFER_MS = 300_000;

const SERVER_KINDS: Readonly<Record<string, string>> = {
  windows: 'answers like Windows',
  xrdp: 'answers like xrdp',
  'gnome-remote-desktop': 'answers like GNOME Remote Desktop',
  virtualbox: 'answers like VirtualBox',
};

/** What each side revealed, one line a subject; only what is known. */
export function factsOf(
  handshake: Clean<Handshake>,
  oneOfSeveral: boolean,
  style: TextStyle,
): Entry[] {
  const verbose = style.detail === 'verbose';
  const { tls, x224, mcs, credssp } = handshake;
  return [
    ...serverEntry(handshake),
    ...wayEntry(handshake),
    ...(oneOfSeveral ? [] : addressesEntry(handshake)),
    ...requestEntries(x224, verbose),
    ...protocolEntry(x224),
    ...tlsEntries(handshake, verbose),
    ...certificateEntries(tls.certificates, handshake.startedAt, verbose),
    ...credSspEntries(handshake),
    ...nameEntries(handshake),
    ...mcsEntries(mcs, verbose),
    ...networkEntry(handshake.tcp),
    ...endEntry(handshake),
    ...logonEntries(credssp),
  ];
}

function logonEntries({ authentication, logon }: CredSspReport): Entry[] {
  if (logon === null) {
    return authentication === 'not-attempted' || authentication === 'unknown'
      ? []
      : [{ label: 'log-on', text: authentication }];
  }
  const { outcome, detail, mechanism, kerberos } = logon;
  const accepted = outcome === 'accepted';
  const tried = outcome !== 'unsupported';
  const text = accepted
    ? `accepted with ${mechanism}: ${detail}; nothing was delegated`
    : `${tried ? `not accepted with ${mechanism}` : 'not tried'}: ${detail}`;
  const service = [
    ...(kerberos.service === null ? [] : [kerberos.service]),
    ...(kerberos.realm === null ? [] : [`realm ${kerberos.realm}`]),
  ];
  return [
    { label: 'log-on', text, ...(accepted ? {} : { tone: 'bad' as const }) },
    {
      label: 'Kerberos',
      text: [...(kerberos.wouldBeTried ? service : []), kerberos.why].join(', '),
    },
  ];
}

function serverEntry({ server, client, x224 }: Handshake): Entry[] {
  if (server.address === null) return [];
  const kind = x224.response.serverKind;
  const like = kind === null || kind === 'unknown' ? null : (SERVER_KINDS[kind] ?? kind);
  const parts = [
    formatEndpoint(server.address, server.port),
    ...(like === null ? [] : [like]),
    ...(client.address === null ? [] : [`seen from ${client.address}`]),
  ];
  return [{ label: 'server', text: parts.join(', ') }];
}

/** A proxy or a gateway that the connection ran through. */
function wayEntry({ events }: Handshake): Entry[] {
  const tunnel = events.find(({ kind }) => kind === 'tunnel');
  if (tunnel === undefined || typeof tunnel['proxy'] !== 'string') return [];
  const { protocol, proxy, target } = tunnel;
  const what = protocol === 'RD Gateway' ? 'the RD Gateway' : `the ${protocol} proxy`;
  return [{ label: 'by way of', text: `${what} ${proxy}, to ${target}` }];
}

function addressesEntry({ lookup, server }: Handshake): Entry[] {
  const others = (lookup?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => address !== server.address);
  return others.length === 0
    ? []
    : [{ label: 'also at', text: `${formatList(others, 4)} (same name, not this handshake)` }];
}

function requestEntries({ request }: X224Report, verbose: boolean): Entry[] {
  if (request === null) return [];
  const { cookie, routingToken, correlationId, flags } = request;
  return [
    ...(cookie !== null && verbose ? [{ label: 'cookie', text: cookie }] : []),
    ...(routingToken === null
      ? []
      : [{ label: 'token', text: `${routingToken}${tokenNote(routingToken)}` }]),
    ...(correlationId === null ? [] : [{ label: 'correlation', text: correlationId }]),
    ...(flags === null || flags.value === 0
      ? []
      : [{ label: 'request', text: formatList(flags.names, 8) }]),
  ];
}

/** Where a routing token leads, where its form says so. */
function tokenNote(token: string): string {
  const read = readRoutingToken(token);
  switch (read.form) {
    case 'msts':
      return ` (leads to ${read.address}:${read.port})`;
    case 'tsv':
      return read.collection === null ? '' : ` (collection ${read.collection} of a broker)`;
    case 'mth':
    case 'unknown':
      return '';
  }
}

function protocolEntry({ request, response }: X224Report): Entry[] {
  const asked = request === null ? '' : `; asked for ${askedFor(request.requestedProtocols)}`;
  switch (response.kind) {
    case 'response':
      return [{ label: 'protocol', text: `${nameOf(response.selectedProtocol)} selected${asked}` }];
    case 'failure': {
      const { failure } = response;
      const name = failure?.name ?? 'a code that no specification names';
      return [
        { label: 'protocol', text: `refused with ${name} (${failure?.code})${asked}`, tone: 'bad' },
      ];
    }
    case 'none-negotiated':
      return [
        { label: 'protocol', text: `standard RDP security, without a negotiation answer${asked}` },
      ];
    case 'not-rdp':
      return [
        {
          label: 'protocol',
          text: `not RDP: ${response.protocol ?? 'a protocol that was not recognised'}`,
          tone: 'bad',
        },
      ];
    case null:
      return [];
  }
}

function askedFor(
  protocols: { readonly value: number; readonly names: readonly string[] } | null,
): string {
  if (protocols === null) return 'nothing (no negotiation request)';
  if (protocols.value === 0) return 'RDP';
  return protocols.names.map((name) => name.replace('PROTOCOL_', '')).join(', ');
}

function nameOf(value: ValueName | null): string {
  if (value === null) return 'unknown';
  return value.name ?? `${formatHex(value.value)} (not named in any specification)`;
}

function tlsEntries({ tls }: Handshake, verbose: boolean): Entry[] {
  const { version, cipher, group, alert, clientHello } = tls;
  const spoken = [version, cipher, group].filter((part) => part !== null);
  const name = alert === null ? '' : (alert.name ?? `code ${alert.code ?? 'hidden'}`);
  return [
    ...(spoken.length === 0 ? [] : [{ label: 'TLS', text: spoken.join(', ') }]),
    ...(alert === null
      ? []
      : [
          {
            label: 'alert',
            text: `${name} (${alert.code ?? 'encrypted'}), ${alert.level ?? 'level hidden'}, sent by the ${alert.by}`,
            tone: 'bad' as const,
          },
        ]),
    ...(clientHello === null || !verbose
      ? []
      : [
          {
            label: 'ClientHello',
            text: [
              `${clientHello.bytes} bytes`,
              `server name ${clientHello.serverName ?? 'not sent'}`,
              clientHello.versions.join(' '),
              `JA4 ${clientHello.ja4}`,
            ].join(', '),
          },
        ]),
  ];
}

function certificateEntries(
  certificates: readonly CertificateReport[],
  now: string,
  verbose: boolean,
): Entry[] {
  const [own, ...chain] = certificates;
  if (own === undefined) return [];
  return [
    ...ownCertificateEntries(own, now, verbose),
    ...(chain.length === 0
      ? []
      : [
          {
            label: 'chain',
            text: formatList(
              chain.map(({ subject, problem }) => subject ?? `unreadable (${problem ?? 'why?'})`),
              verbose ? 10 : 3,
            ),
          },
        ]),
  ];
}

function ownCertificateEntries(own: CertificateReport, now: string, verbose: boolean): Entry[] {
  if (own.problem !== null) {
    const text = `cannot be read: ${own.problem}`;
    return [
      { label: 'certificate', text, tone: 'bad' },
      { label: 'SHA-256', text: own.sha256 },
    ];
  }
  const key = [own.keyType, own.keyBits].filter((part) => part !== null).join(' ');
  const issued = own.selfSigned === true ? 'self-signed' : `issued by ${own.issuer ?? 'unknown'}`;
  const subject = own.subject === null || own.subject === '' ? 'no subject' : own.subject;
  const names = own.subjectAltNames;
  return [
    { label: 'certificate', text: [subject, issued, key].filter((part) => part !== '').join(', ') },
    ...validityEntry(own, now),
    ...(names.length === 0 ? [] : [{ label: 'names in it', text: formatList(names, 4) }]),
    // Windows shows the SHA-1 thumbprint, in its store and in the listener's configuration.
    ...(own.sha1 === null ? [] : [{ label: 'thumbprint', text: own.sha1 }]),
    ...(own.sha1 !== null && !verbose ? [] : [{ label: 'SHA-256', text: own.sha256 }]),
    ...(verbose
      ? [
          ...publicKeyEntry(own),
          { label: 'signature', text: own.signatureAlgorithm ?? 'unknown' },
          { label: 'usages', text: formatList(own.extendedKeyUsages, 6) || 'none stated' },
        ]
      : []),
  ];
}

/** What stays where a certificate is renewed and its key is kept; none: not known. */
export function publicKeyEntry({ spkiSha256 }: CertificateReport): Entry[] {
  if (spkiSha256 === undefined || spkiSha256 === null) return [];
  return [{ label: 'public key', text: spkiSha256 }];
}

/** From when to when a certificate is good, and how that stands at an instant. */
export function validityEntry({ notBefore, notAfter }: CertificateReport, now: string): Entry[] {
  if (notBefore === null || notAfter === null) return [];
  const days = `${formatDay(notBefore)} to ${formatDay(notAfter)}`;
  const untilEnd = Date.parse(notAfter) - Date.parse(now);
  const untilStart = Date.parse(notBefore) - Date.parse(now);
  if (Number.isNaN(untilEnd) || Number.isNaN(untilStart)) return [{ label: 'valid', text: days }];
  if (untilEnd < 0) {
    return [{ label: 'valid', text: `${days}: expired ${formatSpan(untilEnd)} ago`, tone: 'bad' }];
  }
  if (untilStart > 0) {
    return [
      {
        label: 'valid',
        text: `${days}: not before ${formatSpan(untilStart)} from now`,
        tone: 'bad',
      },
    ];
  }
  return [{ label: 'valid', text: `${days}, ${formatSpan(untilEnd)} left` }];
}

function credSspEntries({ credssp }: Handshake): Entry[] {
  const { version, wrapper, errorCode, ntlm } = credssp;
  const spoken = [
    ...(version === null ? [] : [`version ${version}`]),
    ...(ntlm === null ? [] : [wrapper === 'spnego' ? 'NTLM inside SPNEGO' : 'NTLM']),
  ];
  return [
    ...(spoken.length === 0 ? [] : [{ label: 'CredSSP', text: spoken.join(', ') }]),
    ...(errorCode === null
      ? []
      : [
          {
            label: 'refused',
            text: `${errorCode.name ?? 'an error'} (${errorCode.code})`,
            tone: 'bad' as const,
          },
        ]),
  ];
}

function nameEntries({ credssp }: Handshake): Entry[] {
  const { ntlm } = credssp;
  if (ntlm === null) return [];
  const computer = distinct([ntlm.dnsComputerName, ntlm.netbiosComputerName]);
  const domain = distinct([ntlm.dnsDomainName, ntlm.netbiosDomainName]);
  const skew = ntlm.clockSkewMs;
  return [
    ...(computer.length === 0
      ? []
      : [
          {
            label: 'computer',
            text: `${computer.join(', ')}${domain.length === 0 ? '' : ` in domain ${domain.join(', ')}`}`,
          },
        ]),
    ...(ntlm.productVersion === null ? [] : [{ label: 'build', text: ntlm.productVersion }]),
    ...(skew === null ? [] : [clockEntry(skew)]),
  ];
}

function clockEntry(skewMs: number): Entry {
  const apart = Math.abs(skewMs);
  const off = apart < 120_000 ? `${(apart / 1000).toFixed(1)} s` : formatSpan(apart);
  if (apart < CLOCKS_AGREE_MS) return { label: 'clock', text: `agrees (${off} apart)` };
  const text = `${off} ${skewMs > 0 ? 'ahead of' : 'behind'} ours`;
  return apart > CLOCKS_DIFFER_MS
    ? { label: 'clock', text, tone: 'warn' }
    : { label: 'clock', text };
}

function distinct(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null && name !== ''))] as string[];
}

function mcsEntries(mcs: McsReport, verbose: boolean): Entry[] {
  const { encryptionMethod, encryptionLevel, rdpVersion, serverCertificate } = mcs;
  const encryption =
    encryptionMethod === null
      ? []
      : [`encryption ${nameOf(encryptionMethod)}, level ${nameOf(encryptionLevel)}`];
  const version = rdpVersion === null ? [] : [`RDP ${rdpVersion}`];
  const spoken = [...version, ...encryption];
  return [
    ...(spoken.length === 0 ? [] : [{ label: 'MCS', text: spoken.join(', ') }]),
    ...(serverCertificate === null || (!verbose && serverCertificate.kind === 'unreadable')
      ? []
      : [
          {
            label: 'RDP key',
            text: [
              `${serverCertificate.kind} certificate`,
              ...(serverCertificate.keyBits === null ? [] : [`${serverCertificate.keyBits} bits`]),
              ...(serverCertificate.temporary ? ['temporary'] : []),
            ].join(', '),
          },
        ]),
  ];
}

function networkEntry(tcp: TcpReport): Entry[] {
  const retransmitted = tcp.retransmissions.client;
  const parts = [
    ...(tcp.rttMs === null ? [] : [`RTT ${formatDuration(tcp.rttMs)}`]),
    ...(tcp.mss.server === null ? [] : [`MSS ${tcp.mss.server}`]),
    ...(tcp.pathMtu === null ? [] : [`path MTU ${tcp.pathMtu}`]),
    ...(tcp.synRetransmissions === null || tcp.synRetransmissions === 0
      ? []
      : [`SYN sent again ${plural(tcp.synRetransmissions, 'time')}`]),
    ...(retransmitted === null
      ? []
      : [retransmitted === 0 ? 'no retransmission' : plural(retransmitted, 'retransmission')]),
  ];
  const lossy = (retransmitted ?? 0) > 0 || (tcp.synRetransmissions ?? 0) > 0;
  if (parts.length === 0) return [];
  return [
    { label: 'network', text: parts.join(', '), ...(lossy ? { tone: 'warn' as const } : {}) },
  ];
}

function endEntry({ tcp: { end }, source }: Handshake): Entry[] {
  const us = source.kind === 'live' ? 'this probe' : 'the client';
  const at = end.atMs === null ? '' : ` at ${formatDuration(end.atMs)}`;
  const by = end.by === null ? 'unknown' : end.by === 'server' ? 'the server' : us;
  switch (end.how) {
    case 'reset':
      return [{ label: 'ended', text: `by ${by} with a reset${at}`, tone: 'bad' }];
    case 'fin':
      return [{ label: 'ended', text: `by ${by}, closed in order${at}` }];
    case 'open':
      return [];
  }
}
