import type {
  ClientScan,
  ClientVerdict,
  CredSspState,
  OracleCell,
  OraclePolicy,
  ProfileListing,
} from '../handshake/scan-clients.js';
import { getsOf } from '../handshake/scan-words.js';
import type { Clean } from './clean.js';
import { plural } from './format.js';
import { renderTable } from './table.js';
import { renderEntries, renderParagraph } from './text-block.js';
import { glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';

/** Who can connect, as a table, and below it why the others cannot. */
export function renderClients(scan: Clean<ClientScan>, style: TextStyle): string[] {
  const { profiles } = scan;
  const paint = paintOf(style);
  const can = profiles.filter(({ verdict }) => verdict === 'can-connect').length;
  const cannot = profiles.filter(({ verdict }) => verdict === 'cannot').length;
  const unknown = profiles.length - can - cannot;
  const head = [
    `who can connect: ${can} of ${plural(profiles.length, 'client')}`,
    ...(cannot === 0 ? [] : [`${cannot} cannot`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
  ].join(', ');
  return [
    paint.bold(head),
    ...renderTable(
      [
        { head: '', align: 'left', width: null },
        { head: 'client', align: 'left', width: null },
        { head: 'gets', align: 'left', width: null },
        { head: 'rests on', align: 'left', width: null },
      ],
      profiles.map((profile) => rowOf(profile, style)),
    ),
    ...renderReasons(profiles, style),
  ];
}

function rowOf(profile: ClientVerdict, style: TextStyle): readonly string[] {
  const paint = paintOf(style);
  const { good, bad, pending } = glyphsOf(style);
  const asked = profile.restsOn === 'inferred' ? 'asked, inferred' : 'asked';
  const rests = profile.basis === 'asked' ? asked : profile.restsOn;
  switch (profile.verdict) {
    case 'can-connect':
      return [paint.good(good), profile.title, getsOf(profile), rests];
    case 'cannot':
      return [paint.bad(bad), profile.title, paint.bad(`fails in ${profile.stage}`), rests];
    case 'unknown':
      return [paint.warn(pending), profile.title, paint.warn(`open in ${profile.stage}`), rests];
  }
}

/** Clients that fail for the same reason stand together. */
function renderReasons(profiles: readonly ClientVerdict[], style: TextStyle): string[] {
  const { bad, pending } = glyphsOf(style);
  const paint = paintOf(style);
  const byReason = new Map<string, ClientVerdict[]>();
  for (const profile of profiles) {
    if (profile.verdict === 'can-connect') continue;
    const same = `${profile.verdict} ${profile.reason}`;
    byReason.set(same, [...(byReason.get(same) ?? []), profile]);
  }
  return [...byReason.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const failed = first.verdict === 'cannot';
    const names = group.map(({ id }) => id).join(', ');
    const question =
      first.question === null ? '' : `; ${first.question} would tell (scan --as ${first.id})`;
    return renderParagraph(
      `${names}: ${first.reason}${question}`,
      { width: style.width, indent: 0, mark: failed ? bad : pending },
      failed ? paint.bad : paint.warn,
    );
  });
}

/** How Windows calls the policies. */
export const POLICY_NAMES: Readonly<Record<OraclePolicy, string>> = {
  'force-updated-clients': 'Force Updated Clients',
  mitigated: 'Mitigated',
  vulnerable: 'Vulnerable',
};

const LABEL_WIDTH = 13;

/** CVE-2018-0886: what the server's CredSSP version says, and who is refused. */
export function renderCredSsp(state: Clean<CredSspState>, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { good, bad, pending } = glyphsOf(style);
  const mark = state.updated === null ? pending : state.updated ? good : bad;
  const tone: keyof Paint = state.updated === null ? 'warn' : state.updated ? 'good' : 'bad';
  const lines = renderEntries(
    [
      {
        label: 'CredSSP',
        text: `${mark} version ${state.version}: ${state.generation} (CVE-2018-0886)`,
        tone,
      },
      ...state.refuses.map((text, index) => ({ label: index === 0 ? 'refuses' : '', text })),
    ],
    { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint },
  );
  return style.detail === 'verbose' ? [...lines, ...renderMatrix(state.matrix)] : lines;
}

function renderMatrix(matrix: readonly OracleCell[]): string[] {
  return renderTable(
    [
      { head: 'client', align: 'left', width: null },
      { head: 'its policy', align: 'left', width: null },
      { head: 'policy here', align: 'left', width: null },
      { head: 'outcome', align: 'left', width: null },
    ],
    matrix.map(({ client, clientPolicy, serverPolicy, outcome }) => [
      client === 'updated' ? 'with the fix' : 'without the fix',
      clientPolicy === null ? '' : POLICY_NAMES[clientPolicy],
      serverPolicy === null ? '' : POLICY_NAMES[serverPolicy],
      outcome.replaceAll('-', ' '),
    ]),
  );
}

/** `scan --list-profiles`: every client, and what each part of it is based on. */
export function renderProfileList(
  listings: Clean<readonly ProfileListing[]>,
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  return listings.flatMap((listing, index) => [
    ...(index === 0 ? [] : ['']),
    `${paint.bold(listing.id)}  ${listing.title}`,
    ...renderEntries(
      [
        {
          label: 'offers',
          text: `${listing.protocols.join(', ')}; ${listing.versions.join(', ')}`,
        },
        { label: 'CredSSP', text: `version ${listing.credssp}` },
        ...basesOf(listing),
      ],
      { width: style.width, indent: 2, labelWidth: LABEL_WIDTH, paint },
    ),
  ]);
}

/** Fields with the same ground stand together. */
function basesOf({ grounds }: ProfileListing): { label: string; text: string }[] {
  const byGround = new Map<string, { basis: string; fields: string[]; text: string }>();
  for (const { field, basis, note, sources } of grounds) {
    const titles = sources.map(({ title }) => title).join('; ');
    const text = note === null ? titles : `${titles} (${note})`;
    const entry = byGround.get(`${basis} ${text}`) ?? { basis, fields: [], text };
    entry.fields.push(field);
    byGround.set(`${basis} ${text}`, entry);
  }
  return [...byGround.values()].map(({ basis, fields, text }) => ({
    label: basis,
    text: `${fields.join(', ')}: ${text}`,
  }));
}
