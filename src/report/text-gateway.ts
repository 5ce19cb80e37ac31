import type { GatewayReport, GatewayStep } from '../handshake/gateway.js';
import type { Clean } from './clean.js';
import { formatDay, formatDuration, formatEndpoint, formatList, formatSpan } from './format.js';
import { type Entry, renderEntries } from './text-block.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/** The way through a gateway: where it stopped and why, and what the gateway showed of itself. */
export function renderGateway(gateway: Clean<GatewayReport>, style: TextStyle): string[] {
  return renderEntries(gatewayEntries(gateway, style), {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}

/** The same as labels and texts. */
export function gatewayEntries(gateway: Clean<GatewayReport>, style: TextStyle): readonly Entry[] {
  const brief = style.detail === 'brief';
  return [
    serverEntry(gateway),
    stepsEntry(gateway, style),
    outcomeEntry(gateway),
    ...(brief ? [] : factEntries(gateway, style.detail === 'verbose')),
  ];
}

function serverEntry({ name, server, proxy }: GatewayReport): Entry {
  const at = server.address === null ? '' : formatEndpoint(server.address, server.port);
  const parts = [
    name,
    ...(at === '' || at === name ? [] : [at]),
    ...(proxy === null ? [] : [`by way of the ${proxy.protocol} proxy ${proxy.address}`]),
  ];
  return { label: 'server', text: parts.join(', ') };
}

/** Only what happened; what was not reached follows from where it ended. */
function stepsEntry({ steps }: GatewayReport, style: TextStyle): Entry {
  const { good, bad, pending } = glyphsOf(style);
  const mark = ({ status }: GatewayStep): string | null => {
    switch (status) {
      case 'completed':
        return good;
      case 'failed':
        return bad;
      case 'unfinished':
        return pending;
      case 'hidden':
      case 'not-applicable':
      case 'not-attempted':
      case 'not-reached':
        return null;
    }
  };
  const shown = steps.flatMap((step) => {
    const glyph = mark(step);
    if (glyph === null) return [];
    const took = step.durationMs === null ? '' : ` ${formatDuration(step.durationMs)}`;
    return [`${glyph} ${step.step}${took}`];
  });
  return { label: 'steps', text: shown.join(', ') };
}

function outcomeEntry({ outcome }: GatewayReport): Entry {
  switch (outcome.status) {
    case 'ok':
      return { label: 'came to', text: outcome.detail };
    case 'incomplete':
      return { label: 'came to', text: outcome.detail, tone: 'warn' };
    case 'failed':
      return { label: 'stopped', text: `in ${outcome.failedAt}: ${outcome.detail}`, tone: 'bad' };
  }
}

function factEntries(gateway: Clean<GatewayReport>, verbose: boolean): Entry[] {
  const { http, tls, ntlm, tunnel, transport } = gateway;
  return [
    ...(http === null ? [] : httpEntries(http, transport)),
    ...(tls.version === null
      ? []
      : [
          {
            label: 'TLS',
            text: [tls.version, tls.cipher].filter((one) => one !== null).join(', '),
          },
        ]),
    ...certificateEntries(tls.certificates),
    ...(ntlm === null ? [] : ntlmEntries(ntlm)),
    ...(tunnel === null ? [] : tunnelEntries(tunnel, transport, verbose)),
  ];
}

function httpEntries(
  http: NonNullable<GatewayReport['http']>,
  transport: GatewayReport['transport'],
): Entry[] {
  const { status, reason, server, schemes, proxySchemes, via, webSocket } = http;
  const answer = [`${status} ${reason}`.trim(), ...(server === null ? [] : [server])];
  const refused = webSocket === 'refused' && transport !== 'websocket';
  return [
    { label: 'HTTP', text: answer.join(', ') },
    ...(schemes.length === 0 ? [] : [{ label: 'log-ons', text: formatList(schemes, 8) }]),
    ...(proxySchemes.length === 0
      ? []
      : [{ label: 'proxy wants', text: formatList(proxySchemes, 8), tone: 'bad' as const }]),
    ...(via.length === 0
      ? []
      : [{ label: 'proxies', text: formatList(via, 4), tone: 'warn' as const }]),
    ...(refused
      ? [{ label: 'WebSocket', text: 'not let through', tone: 'warn' as const }]
      : webSocket === 'ignored'
        ? [{ label: 'WebSocket', text: 'not known to the gateway: two connections instead' }]
        : []),
  ];
}

function certificateEntries(certificates: GatewayReport['tls']['certificates']): Entry[] {
  const [own] = certificates;
  if (own === undefined) return [];
  if (own.problem !== null) {
    return [{ label: 'certificate', text: `cannot be read: ${own.problem}`, tone: 'bad' }];
  }
  const issued = own.selfSigned === true ? 'self-signed' : `issued by ${own.issuer ?? 'unknown'}`;
  const until = own.notAfter === null ? [] : [`until ${formatDay(own.notAfter)}`];
  return [
    { label: 'certificate', text: [own.subject ?? 'no subject', issued, ...until].join(', ') },
    ...(own.subjectAltNames.length === 0
      ? []
      : [{ label: 'names in it', text: formatList(own.subjectAltNames, 4) }]),
    ...(own.sha1 === null ? [] : [{ label: 'thumbprint', text: own.sha1 }]),
  ];
}

function ntlmEntries(ntlm: NonNullable<GatewayReport['ntlm']>): Entry[] {
  const names = [ntlm.dnsComputerName ?? ntlm.netbiosComputerName, ntlm.netbiosDomainName];
  const known = names.filter((name) => name !== null && name !== '');
  const build = ntlm.productVersion === null ? [] : [`build ${ntlm.productVersion}`];
  const skew = ntlm.clockSkewMs;
  const clock =
    skew === null || Math.abs(skew) < CLOCKS_AGREE_MS
      ? []
      : [`clock ${formatSpan(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`];
  const text = [...known, ...build, ...clock].join(', ');
  return text === '' ? [] : [{ label: 'computer', text }];
}

/** As for a server: clocks that differ by less do no harm. */
const CLOCKS_AGREE_MS = 120_000;

function tunnelEntries(
  tunnel: NonNullable<GatewayReport['tunnel']>,
  transport: GatewayReport['transport'],
  verbose: boolean,
): Entry[] {
  const { capabilities, redirections, idleTimeoutMinutes, udpPort, messages } = tunnel;
  const idle = idleTimeoutMinutes ?? 0;
  const parts = [
    transport === 'websocket' ? 'WebSocket' : 'two connections',
    ...(idle === 0 ? [] : [`idle sessions end after ${idle} min`]),
    ...(udpPort === null ? [] : [`UDP on port ${udpPort}`]),
  ];
  const limits = (redirections?.names ?? []).filter((name) => name.includes('DISABLE'));
  return [
    { label: 'tunnel', text: parts.join(', ') },
    ...(limits.length === 0
      ? []
      : [
          {
            label: 'redirection',
            text: `the gateway forbids ${formatList(limits.map(plainly), 6)}`,
          },
        ]),
    ...(capabilities === null || !verbose
      ? []
      : [{ label: 'capabilities', text: formatList(capabilities.names, 8) }]),
    ...messages.map((message) => ({ label: 'message', text: message })),
  ];
}

function plainly(flag: string): string {
  const what = flag.replace('HTTP_TUNNEL_REDIR_DISABLE_', '').toLowerCase();
  return what === 'all' ? 'all of it' : what;
}
