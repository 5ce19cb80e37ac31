import type { CertificateReport, Handshake } from '../../handshake/handshake.js';
import type { Clean } from '../clean.js';
import { formatList } from '../format.js';
import type { Entry } from '../text-block.js';
import { publicKeyEntry, validityEntry } from '../text-facts.js';
import { html, type Markup } from './markup.js';
import { definitions, section } from './parts.js';

/** A chain has three or four; a hostile one as many as fit into a record. */
const MAX_CERTIFICATES = 8;
const MAX_NAMES = 20;

/** Certificates of the server, its own first; null: it showed none. */
export function renderCertificates(
  { tls, mcs, startedAt }: Clean<Handshake>,
  id: string,
): Markup | null {
  const chain =
    tls.certificates.length > 0 ? tls.certificates : (mcs.serverCertificate?.certificates ?? []);
  if (chain.length === 0) return null;
  return section(
    `${id}-certificates`,
    chain.length === 1 ? 'Certificate' : 'Certificates',
    certificateList(chain, startedAt, true),
  );
}

/** @param now ISO 8601, when they were shown */
export function certificateList(
  chain: readonly CertificateReport[],
  now: string,
  withHeadings: boolean,
): Markup {
  const shown = chain.slice(0, MAX_CERTIFICATES);
  const left = chain.length - shown.length;
  const heading = (index: number): Markup | null =>
    withHeadings && chain.length > 1
      ? html`<h4>${index === 0 ? "The server's own" : `No. ${index + 1} of the chain`}</h4>
`
      : null;
  return html`${shown.map(
    (certificate, index) => html`${heading(index)}${definitions(entriesOf(certificate, now))}`,
  )}${left > 0 ? html`<p class="small">and ${left} more: the JSON report has all of them</p>` : null}`;
}

function entriesOf(one: CertificateReport, now: string): readonly Entry[] {
  if (one.problem !== null) {
    return [
      { label: 'cannot be read', text: one.problem, tone: 'bad' },
      { label: 'SHA-256', text: one.sha256 },
    ];
  }
  const key = [one.keyType, one.keyBits === null ? null : `${one.keyBits} bits`];
  return [
    { label: 'subject', text: one.subject === null || one.subject === '' ? 'none' : one.subject },
    {
      label: 'issuer',
      text: one.selfSigned === true ? 'itself (self-signed)' : (one.issuer ?? 'unknown'),
    },
    ...validityEntry(one, now),
    ...entry('names in it', formatList(one.subjectAltNames, MAX_NAMES)),
    ...entry('key', key.filter((part) => part !== null).join(', ')),
    ...entry('signature', one.signatureAlgorithm),
    ...entry('usages', formatList([...one.extendedKeyUsages, ...one.keyUsages], MAX_NAMES)),
    ...entry('serial number', one.serialNumber),
    // Windows shows the SHA-1 thumbprint, in its store and in the listener's configuration.
    ...entry('thumbprint', one.sha1),
    { label: 'SHA-256', text: one.sha256 },
    ...publicKeyEntry(one),
  ];
}

function entry(label: string, text: string | null): readonly Entry[] {
  return text === null || text === '' ? [] : [{ label, text }];
}
