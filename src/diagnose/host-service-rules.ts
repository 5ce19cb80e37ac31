import type { Handshake } from '../handshake/handshake.js';
import { listed } from './figures.js';
import type { HostFacts, HostFirewallRule, HostService, HostSocket } from './host-facts.js';
import {
  confirmed,
  type HostReading,
  type HostRule,
  lessLikely,
  likelier,
  refuted,
} from './host-reading.js';

/** Start of a service in the registry. */
const DISABLED = 4;

const RDP_PORT = 3389;

/** Services that make and renew the self-signed certificate. Most start on demand: stopped is usual. */
const CERTIFICATE_SERVICES: ReadonlySet<string> = new Set([
  'CertPropSvc',
  'KeyIso',
  'CryptSvc',
  'SessionEnv',
]);

/** Editions of Windows without a server for Remote Desktop: Home under its names in the registry. */
const HOME = /^Core(?:$|N$|SingleLanguage|CountrySpecific)/i;

function serviceOf({ services }: HostFacts, name: string): HostService | null {
  return services?.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? null;
}

function termService(facts: HostFacts): readonly HostReading[] {
  const service = serviceOf(facts, 'TermService');
  if (service === null || service.status === null) return [];
  const { status, start } = service;
  if (status === 'Running') {
    return [refuted('termservice-not-running', 'TermService is running')];
  }
  const off = start === DISABLED ? ', and it is disabled' : '';
  return /Pending/.test(status)
    ? [confirmed('termservice-hung', `TermService is in state ${status}`)]
    : [confirmed('termservice-not-running', `TermService is in state ${status}${off}`)];
}

function certificateServices({ services }: HostFacts): readonly HostReading[] {
  const own = services?.filter(({ name }) => CERTIFICATE_SERVICES.has(name)) ?? [];
  if (own.length === 0) return [];
  const off = own.filter(({ status, start }) => status === null || start === DISABLED);
  const cause = 'self-signed-cert-services-stopped';
  if (off.length === 0) return [refuted(cause, `none of ${listed(names(own))} is disabled`)];
  return [likelier(cause, `disabled or missing: ${listed(names(off))}`)];
}

function names(services: readonly HostService[]): readonly string[] {
  return services.map(({ name }) => name);
}

/** A policy stands over the setting. */
function isDenied({ remoteDesktop }: HostFacts): boolean | null {
  if (remoteDesktop === null) return null;
  const value = remoteDesktop.deniedByPolicy ?? remoteDesktop.denied;
  return value === null ? null : value !== 0;
}

function remoteDesktop(facts: HostFacts): readonly HostReading[] {
  const { remoteDesktop: settings } = facts;
  const denied = isDenied(facts);
  if (settings === null || denied === null) return [];
  const by = settings.deniedByPolicy === null ? 'fDenyTSConnections' : 'the policy over it';
  const drain = settings.drainMode ?? 0;
  return [
    denied
      ? confirmed('rdp-disabled', `Remote Desktop is turned off (${by} is 1)`)
      : refuted('rdp-disabled', `Remote Desktop is turned on (${by} is 0)`),
    ...(drain === 0
      ? []
      : [
          likelier(
            'rdp-connection-limit-or-drain',
            `new sessions are refused (drain mode ${drain})`,
          ),
        ]),
  ];
}

function edition({ computer }: HostFacts): readonly HostReading[] {
  if (computer.edition === null) return [];
  const is = `it is Windows ${computer.edition}`;
  return [
    HOME.test(computer.edition)
      ? confirmed('windows-edition-cannot-host', `${is}, which has no Remote Desktop server`)
      : refuted('windows-edition-cannot-host', is),
  ];
}

function listenerSettings({ listener }: HostFacts, seen: Handshake): readonly HostReading[] {
  if (listener === null) return [];
  const asked = seen.server.port;
  const readings: HostReading[] = [];
  if (listener.port !== null && asked !== null) {
    const says = `RDP-Tcp is set to port ${listener.port}, and ${asked} was asked`;
    readings.push(
      listener.port === asked
        ? refuted('rdp-port-changed', `RDP-Tcp is set to port ${asked}, as was asked`)
        : confirmed('rdp-port-changed', says),
    );
  }
  if (listener.enabled === 0) {
    readings.push(
      confirmed('rdp-listener-missing', 'RDP-Tcp is switched off (fEnableWinStation is 0)'),
    );
  }
  if (listener.logonDisabled === 1) {
    readings.push(
      likelier('rdp-connection-limit-or-drain', 'new logons are refused (fLogonDisabled is 1)'),
    );
  }
  const adapter = listener.lanAdapter ?? 0;
  readings.push(
    adapter === 0
      ? refuted('rdp-listener-wrong-adapter', 'RDP-Tcp is bound to all adapters')
      : likelier(
          'rdp-listener-wrong-adapter',
          `RDP-Tcp is bound to one adapter (LanAdapter is ${adapter})`,
        ),
  );
  return [...readings, ...securityLayer(listener)];
}

type Listener = NonNullable<HostFacts['listener']>;

/** SecurityLayer: 0 RDP, 1 negotiate, 2 TLS. Not set, Windows negotiates. */
function securityLayer({ policy, ...listener }: Listener): readonly HostReading[] {
  const layer = policy.securityLayer ?? listener.securityLayer;
  const nla = policy.userAuthentication ?? listener.userAuthentication;
  const level = policy.minEncryptionLevel ?? listener.minEncryptionLevel;
  const readings: HostReading[] = [];
  if (layer !== null) {
    const says = `SecurityLayer is ${layer}`;
    readings.push(
      layer === 0
        ? confirmed('security-layer-rdp-only', `${says}: standard RDP security only`)
        : refuted('security-layer-rdp-only', says),
      layer === 2
        ? confirmed('tls-required-by-server', `${says}: TLS is required`)
        : lessLikely('tls-required-by-server', says),
    );
  }
  if (nla !== null) {
    readings.push(
      nla === 1
        ? confirmed('nla-required-by-server', 'UserAuthentication is 1: NLA is required')
        : refuted('nla-required-by-server', `UserAuthentication is ${nla}`),
    );
  }
  if (level === 4) readings.push(likelier('fips-mode-mismatch', 'MinEncryptionLevel is 4: FIPS'));
  return readings;
}

function isRdp({ process, services }: HostSocket): boolean {
  if (services.some((name) => name.toLowerCase() === 'termservice')) return true;
  // The services of a process are not always told; TermService lives in svchost.
  return services.length === 0 && (process ?? 'svchost').toLowerCase() === 'svchost';
}

function port(facts: HostFacts, seen: Handshake): readonly HostReading[] {
  if (facts.port === null) return [];
  const asked = seen.server.port ?? RDP_PORT;
  const { number } = facts.port;
  const sockets = facts.port.listeners;
  const onAsked = sockets.filter((socket) => socket.port === asked);
  const rdp = onAsked.filter(isRdp);
  const others = onAsked.filter((socket) => !isRdp(socket));
  const running = serviceOf(facts, 'TermService')?.status === 'Running';
  const readings: HostReading[] = [];
  if (rdp.length > 0) {
    const says = `TermService listens on ${listed(rdp.map((socket) => `${socket.address}:${asked}`))}`;
    readings.push(
      refuted('rdp-listener-missing', says),
      refuted('rdp-port-taken-by-other-app', says),
      refuted('rdp-disabled', says),
      refuted('termservice-not-running', says),
    );
  } else if (others.length > 0) {
    const who = listed([...new Set(others.map(({ process }) => process ?? 'another process'))]);
    readings.push(confirmed('rdp-port-taken-by-other-app', `port ${asked} belongs to ${who}`));
  } else if (number === asked && running && isDenied(facts) === false) {
    readings.push(
      confirmed(
        'rdp-listener-missing',
        `TermService is running, Remote Desktop is on, and nothing listens on port ${asked}`,
      ),
    );
  }
  return readings;
}

/** The profile of the firewall that stands for a kind of network. */
const PROFILE_OF: Readonly<Record<string, string>> = {
  Public: 'Public',
  Private: 'Private',
  DomainAuthenticated: 'Domain',
};

/** Rules of the group that let in something else than RDP over TCP. */
const NOT_RDP_OVER_TCP = /Shadow|-UDP$/i;

function covers({ profile }: HostFirewallRule, wanted: string): boolean {
  return /\bAny\b|^0$/.test(profile) || profile.includes(wanted);
}

function isOn(text: string): boolean {
  return /^(true|1)$/i.test(text);
}

function firewall({ firewall: wall }: HostFacts): readonly HostReading[] {
  if (wall === null || wall.networks.length === 0) return [];
  const active = [...new Set(wall.networks.map((network) => PROFILE_OF[network] ?? network))];
  const shut = wall.profiles.filter(
    ({ name, enabled, inbound }) => active.includes(name) && isOn(enabled) && inbound !== 'Allow',
  );
  const where = `active profile: ${listed(active)}`;
  if (shut.length === 0) {
    const says = `the Windows firewall lets everything in (${where})`;
    return [
      refuted('host-firewall-rdp-rule', says),
      refuted('host-firewall-wrong-profile', says),
      refuted('host-firewall-blockinboundalways', says),
    ];
  }
  const always = shut.filter(({ allowRules }) => /^(false|0)$/i.test(allowRules));
  if (always.length > 0) {
    const which = listed(always.map(({ name }) => name));
    return [
      confirmed(
        'host-firewall-blockinboundalways',
        `the firewall ignores its allow rules in profile ${which} (AllowInboundRules is False)`,
      ),
    ];
  }
  return [
    refuted('host-firewall-blockinboundalways', 'the firewall follows its allow rules'),
    ...allowRules(
      wall.rules,
      shut.map(({ name }) => name),
      where,
    ),
  ];
}

function allowRules(
  rules: readonly HostFirewallRule[],
  profiles: readonly string[],
  where: string,
): readonly HostReading[] {
  const tcp = rules.filter(({ name, enabled }) => isOn(enabled) && !NOT_RDP_OVER_TCP.test(name));
  const allowing = tcp.filter(({ action }) => action === 'Allow');
  const blocking = tcp.filter(({ action }) => action === 'Block');
  const uncovered = profiles.filter((one) => !allowing.some((rule) => covers(rule, one)));
  if (blocking.some((rule) => profiles.some((one) => covers(rule, one)))) {
    const which = listed(blocking.slice(0, 3).map(({ name }) => name));
    return [
      confirmed('host-firewall-rdp-rule', `a rule of the firewall blocks it: ${which} (${where})`),
    ];
  }
  if (uncovered.length > 0 && allowing.length > 0) {
    const says = `rules that allow RDP are on, and none of them for the ${where}`;
    return [
      likelier('host-firewall-wrong-profile', says),
      likelier('host-firewall-rdp-rule', says),
    ];
  }
  if (uncovered.length > 0) {
    // A rule for the program alone may still let it in.
    return [likelier('host-firewall-rdp-rule', `no rule that allows RDP is on (${where})`)];
  }
  const sources = allowing.map(({ remote }) => remote.filter((address) => address !== ''));
  if (sources.every((remote) => remote.length > 0 && !remote.includes('Any'))) {
    const from = listed([...new Set(sources.flat())].slice(0, 5));
    return [likelier('host-firewall-rdp-rule', `RDP is allowed only from ${from} (${where})`)];
  }
  return [
    refuted('host-firewall-rdp-rule', `a rule allows RDP from anywhere (${where})`),
    refuted('host-firewall-wrong-profile', `a rule allows RDP in it (${where})`),
  ];
}

/** What services, switches, the listener, its port and the firewall of the host say. */
export const HOST_SERVICE_RULES: readonly HostRule[] = [
  termService,
  certificateServices,
  remoteDesktop,
  edition,
  listenerSettings,
  port,
  firewall,
];
