import { commonNameOf } from './certificate-name.js';
import { answers } from './compare-answers.js';
import {
  atOnce,
  byComputer,
  type Compared,
  type Comparison,
  type Conclusion,
  computerOf,
  groupedBy,
  keysOf,
  kindOf,
  labels,
  leafOf,
  startOf,
  valuesBy,
} from './compared.js';
import { day } from './figures.js';

/** Enough of a thumbprint to compare by eye. */
const THUMBPRINT_SHOWN = 8;

const ON_THE_HOST =
  "On the host itself: Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' shows its thumbprint (or rdp-probe host-checks --all). Who sees another one has something in between.";

function resolution(reports: readonly Compared[]): readonly Conclusion[] {
  const byName = groupedBy(
    reports,
    ({ handshake }) => handshake?.server.name?.toLowerCase() ?? null,
  );
  return [...byName].flatMap(([name, group]) => {
    const addresses = groupedBy(group, ({ handshake }) => handshake?.server.address ?? null);
    if (addresses.size < 2) return [];
    return [
      {
        id: 'resolves-differently',
        certainty: 'certain' as const,
        says: `The name ${name} leads to different addresses: ${valuesBy(addresses, 'went to')}. Split DNS, a hosts file, or a name with several addresses; other differences may follow from it.`,
        separate: `nslookup ${name} at each site, and the same address from both: rdp-probe check ADDRESS.`,
      },
    ];
  });
}

/** The server's own word: names in its NTLM challenge. */
function machines(reports: readonly Compared[]): readonly Conclusion[] {
  const computers = byComputer(reports);
  if (computers.size < 2) return [];
  const addresses = new Set(reports.map(({ handshake }) => handshake?.server.address ?? null));
  return [
    {
      id: 'different-machines',
      certainty: 'certain',
      says: `Different computers answered: ${valuesBy(computers, 'was answered by')}. ${
        addresses.size === 1
          ? 'At one and the same address that means members of a farm behind a balancer, or another machine put in its place.'
          : 'The addresses differ too.'
      }`,
      separate:
        'Repeat each check some times: behind a balancer the names change from one connection to the next.',
    },
  ];
}

function certificates(reports: readonly Compared[]): readonly Conclusion[] {
  const groups = groupedBy(reports, (one) => leafOf(one)?.sha256 ?? null);
  if (groups.size < 2) return [];
  // Different computers have different certificates: that was said already.
  if (byComputer(reports).size > 1) return [];
  const [first, second] = [...groups.values()].map((group) => group.toSorted(byTime));
  const saw = valuesBy(
    new Map([...groups.values()].map((group) => [described(group), group])),
    'saw',
  );
  if (first === undefined || second === undefined) return [];
  const keys = keysOf(reports);
  if (keys === 'same') return [sameKey(saw)];
  const renewed = groups.size === 2 ? renewal(first, second) : null;
  const another = keys === 'different';
  if (renewed !== null) {
    const withKey = another ? ', with another key' : '';
    return [{ ...renewed, says: `${renewed.says}${withKey} (${saw}).` }];
  }
  return [standsBetween(reports, another ? `${saw}; their keys differ too` : saw)];
}

/** Their certificates differ, and every one of them is for one and the same key. */
function sameKey(saw: string): Conclusion {
  return {
    id: 'certificate-renewed',
    certainty: 'certain',
    says: `Different certificates are for one and the same key: ${saw}. It was renewed and the key kept, or servers share the key. Something in between that opens TLS has a key of its own, unless it was given the server's.`,
    separate: 'Clients that pinned the old thumbprint warn once.',
  };
}

function byTime(one: Compared, other: Compared): number {
  return startOf(one) - startOf(other);
}

function described(group: readonly Compared[]): string {
  const [one] = group;
  const leaf = one === undefined ? null : leafOf(one);
  if (leaf === null) return 'none';
  const issuer =
    leaf.selfSigned === true
      ? 'self-signed'
      : `issued by ${commonNameOf(leaf.issuer) ?? 'an unknown issuer'}`;
  return `${(leaf.sha1 ?? leaf.sha256).slice(0, THUMBPRINT_SHOWN)} (${commonNameOf(leaf.subject) ?? 'no name'}, ${issuer}, from ${day(leaf.notBefore)})`;
}

/** A certificate that was made after the other one was last seen, and by the same kind of issuer. */
function renewal(one: readonly Compared[], other: readonly Compared[]): Conclusion | null {
  const [earlier, later] = [one, other].toSorted(
    (a, b) => (a[0] === undefined ? 0 : startOf(a[0])) - (b[0] === undefined ? 0 : startOf(b[0])),
  );
  const lastBefore = earlier?.at(-1);
  const firstAfter = later?.[0];
  if (lastBefore === undefined || firstAfter === undefined) return null;
  const before = leafOf(lastBefore);
  const after = leafOf(firstAfter);
  if (before === null || after === null || startOf(lastBefore) >= startOf(firstAfter)) return null;
  const made = Date.parse(after.notBefore ?? '');
  const sameKind =
    before.selfSigned === after.selfSigned &&
    commonNameOf(before.subject) === commonNameOf(after.subject);
  const sameIssuer = after.selfSigned === true || before.issuer === after.issuer;
  // A certificate can be dated back, and Windows dates the start of its own to the day of making.
  if (!sameKind || !sameIssuer || !(made > startOf(lastBefore) - 86_400_000)) return null;
  return {
    id: 'certificate-renewed',
    certainty: made > startOf(lastBefore) ? 'likely' : 'possible',
    says: 'The certificate was renewed between the two',
    separate: `${ON_THE_HOST} Clients that pinned the old thumbprint warn once.`,
  };
}

function standsBetween(reports: readonly Compared[], saw: string): Conclusion {
  const leaves = reports.flatMap((one) => leafOf(one) ?? []);
  const subjects = new Set(leaves.map(({ subject }) => commonNameOf(subject)?.toLowerCase() ?? ''));
  const issuers = new Set(
    leaves.map(({ issuer, selfSigned }) => (selfSigned === true ? 'self' : issuer)),
  );
  const named = reports.filter((one) => computerOf(one) !== null).length > 1;
  if (!named && subjects.size > 1) {
    return {
      id: 'different-machines',
      certainty: 'likely',
      says: `The certificates are for different names, so different machines answered, or something in between shows its own: ${saw}.`,
      separate: 'Repeat with NLA, which makes the server give its name; and look at the addresses.',
    };
  }
  const who = named
    ? 'The same computer, by its own word, shows different certificates'
    : 'Behind one name there are different certificates';
  if (issuers.size > 1 && kindOf(reports) === 'times') {
    return {
      id: 'certificate-replaced',
      certainty: 'possible',
      says: `${who}, of different issuers: ${saw}. Another one was bound to the listener between, or something on the way has begun to open TLS.`,
      separate: ON_THE_HOST,
    };
  }
  if (issuers.size > 1) {
    return {
      id: 'interception',
      certainty: 'likely',
      says: `${who}, of different issuers: ${saw}. On the way of one of them something seems to open TLS and show a certificate of its own.`,
      separate: ON_THE_HOST,
    };
  }
  return {
    id: 'certificates-differ',
    certainty: 'possible',
    says: `${who}, of the same issuer: ${saw}. Members of a farm, something on the way that opens TLS, or a certificate that was changed by hand.`,
    separate: `${ON_THE_HOST} Repeat each check some times: members of a farm take turns.`,
  };
}

/** What speaks for other software tells other machines, where NTLM does not. */
function software(reports: readonly Compared[]): readonly Conclusion[] {
  const kinds = groupedBy(reports, ({ handshake }) => {
    const kind = handshake?.x224.response.serverKind ?? null;
    return kind === 'unknown' ? null : kind;
  });
  const computers = byComputer(reports);
  if (kinds.size < 2 || computers.size > 1) return [];
  return [
    {
      id: 'different-software',
      certainty: 'likely',
      says: `Different server software answered, by its way to negotiate: ${valuesBy(kinds, 'met')}. Another machine, or something on the way that answers for it.`,
      separate:
        'The addresses, and who owns the port on the host (rdp-probe host-checks rdp-port-taken-by-other-app).',
    },
  ];
}

function updates(reports: readonly Compared[]): readonly Conclusion[] {
  const computers = byComputer(reports);
  if (computers.size !== 1) return [];
  const builds = groupedBy(
    reports,
    ({ handshake }) => handshake?.credssp.ntlm?.productVersion ?? null,
  );
  const versions = groupedBy(
    reports,
    ({ handshake }) => handshake?.credssp.version?.toString() ?? null,
  );
  const conclusions: Conclusion[] = [];
  if (builds.size > 1) {
    conclusions.push({
      id: 'windows-upgraded',
      certainty: 'likely',
      says: `The same computer names different versions of Windows: ${valuesBy(builds, 'saw')}. It was upgraded between, or two machines go by one name.`,
      separate: 'The version on the host itself: winver.',
    });
  }
  if (versions.size > 1) {
    conclusions.push({
      id: 'credssp-version-changed',
      certainty: 'likely',
      says: `The version of CredSSP differs: ${valuesBy(versions, 'saw')}. An update was installed between, or something that ends CredSSP itself stands on the way of one.`,
      separate:
        'The version of tspkg.dll on the host, and when it was last updated (rdp-probe host-checks).',
    });
  }
  return conclusions;
}

function outcomes(reports: readonly Compared[]): readonly Conclusion[] {
  const seen = reports.filter(({ handshake }) => handshake !== null);
  const failed = seen.filter(({ handshake }) => handshake?.outcome.status === 'failed');
  const fine = seen.filter(({ handshake }) => handshake?.outcome.status === 'ok');
  if (failed.length === 0) return [];
  if (fine.length > 0) return [...failed].map((one) => onlyOne(one, fine, kindOf(reports)));
  const places = groupedBy(failed, placeOf);
  if (places.size > 1) {
    return [
      {
        id: 'different-failures',
        certainty: 'certain',
        says: `They die in different ways: ${valuesBy(places, 'died')}.`,
        separate: 'The one that got furthest shows most of the server: begin with it.',
      },
    ];
  }
  if (failed.length < 2 || failed.length !== seen.length) return [];
  return [
    {
      id: 'same-failure',
      certainty: 'likely',
      says: `All of them die ${placeOf(failed[0])}: the reason is at the server, or on a way that they share.`,
      separate: 'A check from the network of the server itself.',
    },
  ];
}

function placeOf(one: Compared | undefined): string {
  const { failedAt = null, how = null, by = null } = one?.handshake?.outcome ?? {};
  return `at ${failedAt ?? 'an unknown stage'} (${how ?? 'unknown'}${by === null ? '' : ` by the ${by}`})`;
}

/** One of them failed where others did not. */
function onlyOne(
  one: Compared,
  fine: readonly Compared[],
  kind: ReturnType<typeof kindOf>,
): Conclusion {
  const says = `${one.label} died ${placeOf(one)}, and ${labels(fine)} did not`;
  const { failedAt = null, how = null } = one.handshake?.outcome ?? {};
  if (kind === 'times') {
    const [last] = fine.toSorted(byTime).slice(-1);
    const broke = last !== undefined && startOf(one) > startOf(last);
    return {
      id: broke ? 'broke-between' : 'repaired-between',
      certainty: 'certain',
      says: `${says}: from the same client ${broke ? 'it worked before' : 'it works since'}.`,
      separate:
        'What changed between: updates, certificate, policies, firewall; the event log of the host tells when.',
    };
  }
  if (failedAt === 'resolve') {
    return {
      id: 'name-not-known-there',
      certainty: 'certain',
      says: `${says}: the name is not known there.`,
      separate: 'nslookup at both sites; which DNS servers do they ask?',
    };
  }
  if (failedAt === 'tcp') {
    const silent = how === 'timeout' || how === 'unreachable';
    // A server that is down at one time is up at another.
    const apart = kind !== 'sites' || fine.every((other) => !atOnce(one, other));
    return {
      id: 'filter-at-one-site',
      certainty: apart ? 'possible' : 'likely',
      says: `${says}: there the server is up and answers. ${
        silent
          ? 'Something on the way of the other drops the packets or their answers, or the server lets in only some addresses'
          : 'Something on the way of the other refuses it, or the server lets in only some addresses'
      }${apart ? '; or it was down at that time' : ''}.`,
      separate: apart
        ? 'Repeat all of them at the same time.'
        : 'A capture on the server while it is tried: does the SYN arrive, and does an answer leave?',
    };
  }
  if (how === 'reset' || how === 'closed' || how === 'timeout') {
    return {
      id: 'filter-at-one-site',
      certainty: 'possible',
      says: `${says}, although TCP connects: something on its way that looks into RDP or TLS, a path that carries no large packets, or a server that treats it differently.`,
      separate:
        'rdp-probe path from there, and a capture on the server: who sent the end, and did the last packets arrive?',
    };
  }
  return {
    id: 'answered-differently',
    certainty: 'certain',
    says: `${says}: the server, or what answers in its name, refuses the one and takes the other.`,
    separate: 'Compare what they offered, and repeat both at the same time.',
  };
}

/** What the servers, or what answers in their name, show. */
export const SERVER_COMPARISONS: readonly Comparison[] = [
  outcomes,
  resolution,
  machines,
  certificates,
  software,
  answers,
  updates,
];
