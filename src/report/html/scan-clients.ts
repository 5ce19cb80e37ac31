import type { ClientScan, ClientVerdict, CredSspState } from '../../handshake/scan-clients.js';
import { getsOf } from '../../handshake/scan-words.js';
import { plural } from '../format.js';
import { POLICY_NAMES } from '../text-scan-clients.js';
import { html, type Markup } from './markup.js';
import { details, type Tone, table, toned, unorderedList } from './parts.js';

/** Which clients could connect, and why the others could not. */
export function renderClients({ profiles }: ClientScan): Markup {
  const can = profiles.filter(({ verdict }) => verdict === 'can-connect').length;
  return html`<h4>Who can connect: ${can} of ${plural(profiles.length, 'client')}</h4>
${table(
  'Clients, whether each can connect, and why',
  [
    { head: 'client', kind: 'long' },
    { head: 'verdict', kind: 'word' },
    { head: 'gets', kind: 'word' },
    { head: 'why', kind: 'long' },
    { head: 'rests on', kind: 'word' },
  ],
  profiles.map((profile) => [
    profile.title,
    toned(wordsOf(profile), toneOf(profile)),
    getsOf(profile),
    profile.question === null
      ? profile.reason
      : `${profile.reason}; ${profile.question} would tell`,
    profile.basis === 'asked' ? 'asked' : profile.restsOn,
  ]),
)}`;
}

function wordsOf({ verdict, stage }: ClientVerdict): string {
  switch (verdict) {
    case 'can-connect':
      return 'can connect';
    case 'cannot':
      return `fails in ${stage}`;
    case 'unknown':
      return `open in ${stage}`;
  }
}

function toneOf({ verdict }: ClientVerdict): Tone {
  switch (verdict) {
    case 'can-connect':
      return 'good';
    case 'cannot':
      return 'bad';
    case 'unknown':
      return 'warn';
  }
}

/** CVE-2018-0886: what the server's CredSSP version says, and who is refused. */
export function renderCredSsp({
  version,
  updated,
  generation,
  refuses,
  matrix,
}: CredSspState): Markup {
  const tone: Tone = updated === null ? 'warn' : updated ? 'good' : 'bad';
  return html`<h4>CredSSP</h4>
<p>${toned(`Version ${version}: ${generation}`, tone)} (CVE-2018-0886)</p>
${unorderedList(refuses)}${details(
  'Encryption Oracle Remediation: who connects under which policy',
  table(
    'Clients with and without the fix, by policy, and the outcome',
    [
      { head: 'client', kind: 'word' },
      { head: 'its policy', kind: 'word' },
      { head: "the server's policy", kind: 'word' },
      { head: 'outcome', kind: 'word' },
    ],
    matrix.map(({ client, clientPolicy, serverPolicy, outcome }) => [
      client === 'updated' ? 'with the fix' : 'without the fix',
      clientPolicy === null ? '' : POLICY_NAMES[clientPolicy],
      serverPolicy === null ? '' : POLICY_NAMES[serverPolicy],
      outcome.replaceAll('-', ' '),
    ]),
  ),
)}`;
}
