import { isLegacyTls } from './alert-causes.js';
import { finding, type Rule } from './case.js';
import { listed } from './figures.js';
import { evidence } from './seen.js';

/** What the version that the server chose says of it. */
export const tlsRules: Rule = ({ handshake }) => {
  const { version, clientHello } = handshake.tls;
  if (version === null || !isLegacyTls(version)) return [];
  const newer = (clientHello?.versions ?? []).filter((offered) => !isLegacyTls(offered));
  const says =
    newer.length > 0
      ? `The server chose ${version} although ${listed(newer)} ${newer.length === 1 ? 'was' : 'were'} offered: it knows nothing newer.`
      : `Client and server agreed on ${version}.`;
  return [
    finding('tls-server-only-legacy', newer.length > 0 ? 'proved' : 'possible', {
      says,
      evidence: [
        evidence(
          handshake,
          `${version} was chosen`,
          { kind: 'message', by: 'server', message: 'tls-server-hello' },
          'tls',
        ),
      ],
      against:
        newer.length > 0 ? [] : ['the client offered nothing newer: the server may know more'],
    }),
  ];
};
