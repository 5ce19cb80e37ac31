import type { RdpSecurityReport, ScanReport } from '../../handshake/scan.js';
import { answerText, offerText } from '../../handshake/scan-words.js';
import type { Clean } from '../clean.js';
import { directTlsOf, limitsOf } from '../text-scan.js';
import { conclusionsOf } from '../text-scan-negotiation.js';
import { methodWord, rdpSecurityEntries } from '../text-scan-rdp.js';
import type { TextStyle } from '../text-style.js';
import { html, type Markup } from './markup.js';
import { definitions, section, table, toned } from './parts.js';
import { renderClients, renderCredSsp } from './scan-clients.js';
import { renderTls } from './scan-tls.js';

/** What a scan found: what the server takes, what it refuses, what is weak, what is not known. */
export function renderScan(scan: Clean<ScanReport>, id: string, style: TextStyle): Markup {
  const { negotiation, rdpSecurity, directTls, tls } = scan;
  // A report that was saved by an earlier version has neither.
  const [clients, credssp] = [scan.clients ?? null, scan.credssp ?? null];
  return section(`${id}-scan`, 'What the server takes', [
    // Where nothing was answered, nothing is known to be strong either.
    negotiation === null ? null : renderWeaknesses(scan),
    negotiation === null
      ? null
      : html`<h4>Negotiation</h4>
${definitions(conclusionsOf(negotiation, style))}${table(
  'Offers of security protocols, and what the server answered',
  [{ head: 'offered' }, { head: 'answered' }],
  negotiation.offers.map((one) => [offerText(one), answerText(one)]),
)}`,
    rdpSecurity === null
      ? null
      : html`<h4>Standard RDP security</h4>
${renderRdpSecurity(rdpSecurity, style)}`,
    tls === null ? null : renderTls(tls),
    directTls === null
      ? null
      : html`<h4>TLS without the RDP negotiation</h4>
${definitions(directTlsOf(directTls))}`,
    credssp === null ? null : renderCredSsp(credssp),
    clients === null ? null : renderClients(clients),
    html`<h4>What was not asked, and what it took</h4>
${definitions(limitsOf(scan))}`,
  ]);
}

/** The methods stand in a table, which says of each what a mark cannot. */
function renderRdpSecurity(report: RdpSecurityReport, style: TextStyle): Markup {
  return html`${table(
    'Encryption methods of standard RDP security',
    [{ head: 'method' }, { head: 'accepted', kind: 'word' }, { head: 'why', kind: 'long' }],
    report.methods.map(({ method, accepted, says }) => [
      methodWord(method),
      accepted === null ? toned('not known', 'warn') : accepted ? 'yes' : 'no',
      says,
    ]),
  )}${definitions(rdpSecurityEntries(report, style).filter(({ label }) => label !== 'methods'))}`;
}

function renderWeaknesses({ weaknesses }: Clean<ScanReport>): Markup {
  if (weaknesses.length === 0) {
    return html`<h4>Weak settings</h4>
<p class="good">None was found.</p>
`;
  }
  return html`<h4>Weak settings</h4>
${table(
  'Settings that are weaker than they need to be',
  [
    { head: 'setting', kind: 'long' },
    { head: 'what was seen', kind: 'long' },
    { head: 'id for --fail-on', kind: 'code' },
  ],
  weaknesses.map(({ id, title, says }) => [toned(title, 'warn'), says, id]),
)}`;
}
