import type { Handshake } from '../handshake/handshake.js';
import { WINDOWS_EVENTS } from './catalogue/windows-events.js';
import type { CauseId } from './causes.js';
import { CAUSE_IDS } from './causes.js';
import { DAY, day, duration, times } from './figures.js';
import type { HostCertificate, HostEvent, HostFacts } from './host-facts.js';
import {
  confirmed,
  type HostReading,
  type HostRule,
  lessLikely,
  likelier,
  refuted,
  supported,
} from './host-reading.js';

const SELF_SIGNED_STORE = 'Remote Desktop';

/** NETWORK SERVICE, the account of TermService, and the groups that it belongs to. */
const NETWORK_SERVICE = new Set(['S-1-5-20', 'S-1-1-0', 'S-1-5-11', 'S-1-5-6', 'S-1-5-32-545']);
/** Identities of single services, TermService among them. */
const OF_A_SERVICE = /^S-1-5-80-/;

/** FILE_READ_DATA, GENERIC_READ and GENERIC_ALL of an access mask. */
const READ_RIGHTS = 0x1 | 0x80000000 | 0x10000000;

/** The certificate of the listener: the one that its thumbprint names, else the self-signed one. */
function boundTo({ listener, certificates, wmi }: HostFacts): HostCertificate | null {
  if (certificates === null) return null;
  const named = listener?.thumbprint ?? wmi?.thumbprint ?? null;
  if (named !== null && named !== '') {
    return certificates.find(({ thumbprint }) => thumbprint === named) ?? null;
  }
  const own = certificates.filter(({ store }) => store === SELF_SIGNED_STORE);
  return (
    own.toSorted((one, other) => Date.parse(other.notAfter) - Date.parse(one.notAfter))[0] ?? null
  );
}

function isSelfMade({ store }: HostCertificate): boolean {
  return store === SELF_SIGNED_STORE;
}

function thumbprint({ listener, certificates }: HostFacts): readonly HostReading[] {
  if (listener === null || certificates === null) return [];
  const cause = 'listener-thumbprint-stale';
  const named = listener.thumbprint;
  if (named === null || named === '') {
    return [
      refuted(cause, 'the listener names no thumbprint, so it uses the self-signed certificate'),
    ];
  }
  return certificates.some((one) => one.thumbprint === named)
    ? [refuted(cause, `the certificate that the listener names is there (${named.slice(0, 8)}...)`)]
    : [
        confirmed(
          cause,
          `the listener names ${named.slice(0, 8)}..., and no such certificate is there`,
        ),
      ];
}

function validity(facts: HostFacts, seen: Handshake): readonly HostReading[] {
  const bound = boundTo(facts);
  const { certificates } = facts;
  if (certificates === null) return [];
  const cause = 'server-has-no-usable-certificate';
  if (bound === null) {
    const none = certificates.every((one) => !isSelfMade(one));
    return facts.listener?.thumbprint === null && none
      ? [
          confirmed(
            cause,
            'there is no certificate for Remote Desktop, and the listener names none',
          ),
        ]
      : [];
  }
  const now = Date.parse(facts.takenAt);
  const ends = Date.parse(bound.notAfter);
  const expiry = isSelfMade(bound) ? 'self-signed-cert-not-renewed' : 'ca-listener-cert-expired';
  const name = `the certificate of the listener (${bound.thumbprint.slice(0, 8)}...)`;
  if (ends < now) {
    return [
      confirmed(expiry, `${name} expired ${duration(now - ends)} ago, on ${day(bound.notAfter)}`),
    ];
  }
  const sound = `${name} is in date until ${day(bound.notAfter)}`;
  const [shown] = seen.tls.certificates;
  // What the wire showed was another one: that it is in date says nothing of it.
  const other = shown !== undefined && shown.sha1 !== null && shown.sha1 !== bound.thumbprint;
  return [
    ...(other ? [] : [refuted(expiry, sound)]),
    ...(bound.hasPrivateKey ? [lessLikely(cause, `${sound} and has a private key`)] : []),
  ];
}

/** Whether what the client saw is what the host has. */
function interception(facts: HostFacts, seen: Handshake): readonly HostReading[] {
  const [shown] = seen.tls.certificates;
  if (facts.certificates === null || shown?.sha1 === undefined || shown.sha1 === null) return [];
  const cause = 'tls-interception-breaks-nla';
  const short = `${shown.sha1.slice(0, 8)}...`;
  return facts.certificates.some((one) => one.thumbprint === shown.sha1)
    ? [refuted(cause, `the certificate that the client saw (${short}) is one of the host's own`)]
    : [
        likelier(
          cause,
          `none of its certificates is the one that the client saw (${short}): something between them shows another, or it was renewed since`,
        ),
      ];
}

function privateKey(facts: HostFacts): readonly HostReading[] {
  const bound = boundTo(facts);
  if (bound === null) return [];
  const acl = isSelfMade(bound) ? 'private-key-acl-machinekeys' : 'custom-cert-key-acl';
  const missing = 'private-key-missing-or-corrupt';
  if (!bound.hasPrivateKey) {
    return [confirmed(missing, 'the certificate of the listener has no private key')];
  }
  // Who is not elevated cannot open a key, whatever its state.
  if (!facts.computer.elevated || bound.key === null) return [];
  const { error, file, access } = bound.key;
  const readings: HostReading[] = [];
  if (error !== null) {
    readings.push(likelier(missing, `the private key could not be opened (${error})`));
  } else if (file !== null) {
    readings.push(lessLikely(missing, 'the private key could be opened, and its file is there'));
  }
  if (file === null || access === null) return readings;
  readings.push(
    mayRead(access)
      ? refuted(acl, 'NETWORK SERVICE may read the key file')
      : confirmed(acl, `NETWORK SERVICE may not read the key file ${fileName(file)}`),
  );
  return readings;
}

type Access = NonNullable<NonNullable<HostCertificate['key']>['access']>;

/** A denial goes before what allows. */
function mayRead(access: Access): boolean {
  const own = access.filter(
    ({ sid, rights }) =>
      (NETWORK_SERVICE.has(sid) || OF_A_SERVICE.test(sid)) && (rights & READ_RIGHTS) !== 0,
  );
  return own.some(({ allow }) => allow) && own.every(({ allow }) => allow);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('\\') + 1);
}

function schannel({ schannel: settings }: HostFacts): readonly HostReading[] {
  if (settings === null) return [];
  const off = (name: string): boolean =>
    settings.protocols.some((one) => one.name === name && one.enabled === 0);
  const known = settings.protocols.map(({ name }) => name);
  const readings: HostReading[] = [];
  // TLS 1.3 is there from Server 2022 and Windows 11 on; before that its key means nothing.
  const older = known.filter((name) => name !== 'TLS 1.3');
  if (older.length > 0 && older.every(off)) {
    readings.push(
      likelier(
        'tls-versions-disabled-on-host',
        'Schannel has TLS 1.0, 1.1 and 1.2 switched off for servers',
      ),
    );
  } else if (off('TLS 1.2')) {
    readings.push(
      likelier('tls-server-only-legacy', 'Schannel has TLS 1.2 switched off for servers'),
    );
  } else {
    const says = 'Schannel has TLS 1.2 not switched off for servers';
    readings.push(
      refuted('tls-versions-disabled-on-host', says),
      lessLikely('tls-server-only-legacy', says),
    );
  }
  if (settings.fips === 1) readings.push(likelier('fips-mode-mismatch', 'FIPS mode is on'));
  else readings.push(lessLikely('fips-mode-mismatch', 'FIPS mode is off'));
  if (settings.suites?.length === 0) {
    readings.push(confirmed('schannel-configuration-damaged', 'no cipher suite is enabled'));
  }
  return readings;
}

/** First file version of tspkg.dll with the update of CVE-2018-0886, by the build before it. */
const FIRST_PATCHED: readonly (readonly [prefix: string, least: number])[] = [
  ['6.1.7601.', 24117],
  ['6.2.9200.', 22432],
  ['6.3.9600.', 18999],
  ['10.0.14393.', 2248],
  ['10.0.15063.', 1088],
  ['10.0.16299.', 431],
];

function credSsp({ computer, logon, domain }: HostFacts): readonly HostReading[] {
  const readings: HostReading[] = [];
  const version = computer.credSspVersion;
  const row = FIRST_PATCHED.find(([prefix]) => version?.startsWith(prefix) === true);
  if (version !== null && row !== undefined) {
    const [prefix, least] = row;
    const patched = Number(version.slice(prefix.length)) >= least;
    const cause = 'credssp-oracle-patched-client-unpatched-server';
    const says = `tspkg.dll is ${version}, and ${prefix}${least} is the first with the update of CVE-2018-0886`;
    readings.push(patched ? refuted(cause, says) : confirmed(cause, says));
  }
  if (logon !== null) {
    const forced = logon.encryptionOracle === 0;
    const oracle = 'credssp-oracle-forced-server-unpatched-client';
    readings.push(
      forced
        ? likelier(oracle, 'AllowEncryptionOracle is 0: updated clients are demanded')
        : refuted(oracle, 'AllowEncryptionOracle does not demand updated clients'),
      logon.restrictReceivingNtlm === 2
        ? confirmed('ntlm-blocked', 'RestrictReceivingNTLMTraffic is 2: NTLM is refused')
        : lessLikely('ntlm-blocked', 'RestrictReceivingNTLMTraffic does not refuse all of NTLM'),
    );
  }
  if (domain?.joined === true && domain.secureChannel !== null) {
    // It says False of a broken trust and where no domain controller answers alike.
    const broken = 'Test-ComputerSecureChannel says False';
    readings.push(
      ...(domain.secureChannel
        ? [
            refuted('nla-secure-channel-broken', 'its trust in the domain works'),
            refuted('nla-dc-unreachable', 'a domain controller answered just now'),
          ]
        : [
            likelier(
              'nla-secure-channel-broken',
              `${broken}: its trust in the domain is broken, or no domain controller answers`,
            ),
            likelier(
              'nla-dc-unreachable',
              `${broken}: no domain controller answers, or the trust in the domain is broken`,
            ),
          ]),
    );
  }
  return readings;
}

function wmi({ wmi: found, computer }: HostFacts): readonly HostReading[] {
  if (found === null || !computer.elevated) return [];
  const cause = 'wmi-repository-corrupt';
  if (found.verify !== null && found.verify !== 0) {
    return [likelier(cause, `winmgmt /verifyrepository ended with ${found.verify}`)];
  }
  return found.error === null
    ? [refuted(cause, 'the repository is consistent, and the listener can be read through WMI')]
    : [supported(cause, `the listener cannot be read through WMI (${found.error})`)];
}

/** Older ones may belong to another trouble. */
const NEAR_MS = DAY;

/** What is in every log, on sound hosts too, and says nothing by being there. */
const USUAL: ReadonlySet<number> = new Set([36887, 4625, 5157]);

function events({ events: found }: HostFacts, seen: Handshake): readonly HostReading[] {
  const startedAt = Date.parse(seen.startedAt);
  return (found ?? []).flatMap((event) => {
    const distance = Math.abs(Date.parse(event.last) - startedAt);
    if (USUAL.has(event.id) || !(distance <= NEAR_MS)) return [];
    return causesOf(event).map((cause) =>
      supported(
        cause,
        `event ${event.id} (${event.provider.replace(/^Microsoft-Windows-/, '')}) ${times(event.count)} in seven days, last ${event.last.slice(0, 19).replace('T', ' ')} UTC`,
      ),
    );
  });
}

/** One id may belong to several providers. */
function causesOf({ id, provider }: HostEvent): readonly CauseId[] {
  return WINDOWS_EVENTS.filter(
    (known) => known.code === id && (known.provider === null || provider.endsWith(known.provider)),
  )
    .flatMap(({ causes }) => causes)
    .filter((cause): cause is CauseId => CAUSE_IDS.includes(cause));
}

/** What certificates, keys, Schannel, CredSSP, WMI and the event logs of the host say. */
export const HOST_TLS_RULES: readonly HostRule[] = [
  thumbprint,
  validity,
  interception,
  privateKey,
  schannel,
  credSsp,
  wmi,
  events,
];
