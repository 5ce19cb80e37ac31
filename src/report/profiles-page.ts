import type { ProfileGrounds, ProfileListing } from '../handshake/scan-clients.js';

/** The page docs/client-profiles.md, as it is made of the profiles themselves. */
export function renderProfilesPage(listings: readonly ProfileListing[]): string {
  const table = [
    '| id | client | offers | TLS | CredSSP |',
    '| --- | --- | --- | --- | --- |',
    ...listings.map(({ id, title, protocols, versions, credssp }) => {
      const names = protocols.map((name) => name.replace('PROTOCOL_', '')).join(', ');
      return `| \`${id}\` | ${title} | ${names} | ${versions.join(', ')} | ${credssp} |`;
    }),
  ];
  return `${[
    '# Client profiles',
    '',
    'What given clients offer, so that `rdp-probe scan` can say which of them would get a connection.',
    'Made of the data in `src/scan/profiles/` by `npm run docs:profiles`.',
    '',
    'Each group of fields is `captured` (bytes of this client were seen), `documented`, read from its',
    '`source-code`, or `inferred`: then the note says from what, and a verdict that uses it says so.',
    'Windows stands for its defaults with its updates unless the profile says otherwise; policies and',
    'registry settings change what a client offers. Whether a client trusts the certificate is no part',
    'of a verdict.',
    '',
    ...table,
    '',
    '## What each is based on',
    ...listings.flatMap(({ id, title, grounds }) => [
      '',
      `### ${id}: ${title}`,
      '',
      '| what | basis | note | sources |',
      '| --- | --- | --- | --- |',
      ...grounds.map(renderGrounds),
    ]),
  ].join('\n')}\n`;
}

function renderGrounds({ field, basis, note, sources }: ProfileGrounds): string {
  const links = sources.map(({ title, url }) => `[${title.replace(/[[\]]/g, '\\$&')}](${url})`);
  return `| ${field} | ${basis} | ${note ?? ''} | ${links.join('; ')} |`;
}
