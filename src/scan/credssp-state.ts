import type { CredSspState, OracleCell, OraclePolicy } from '../handshake/scan-clients.js';

const POLICIES: readonly OraclePolicy[] = ['force-updated-clients', 'mitigated', 'vulnerable'];

/**
 * Which systems answer which TSRequest version, [MS-CSSP] Appendix A. Versions 5 and 6 came with the
 * fix of CVE-2018-0886: 5 to systems that had spoken 2, 6 to those that had spoken 3 or 4.
 */
const GENERATIONS: Readonly<Record<number, string>> = {
  2: 'Windows Vista to 8, Server 2008 to 2012, without the fix',
  3: 'Windows 8.1, Server 2012 R2, without the fix',
  4: 'Windows 10 of before 2018, without the fix',
  5: 'Windows 7 to 8, Server 2008 to 2012, with the fix',
  6: 'Windows 8.1 and later, Server 2012 R2 and later, with the fix',
};

const FIRST_UPDATED = 5;
const LAST_KNOWN = 6;
const FIRST_KNOWN = 2;

/**
 * CVE-2018-0886 of a server and who is refused, KB4093492 and the matrix of KB4295591. A client without the fix has no policy; a
 * server without it has none either.
 *
 * @param version of the server's first TSRequest
 */
export function credSspState(version: number): CredSspState {
  const known = version >= FIRST_KNOWN && version <= LAST_KNOWN;
  const updated = known ? version >= FIRST_UPDATED : null;
  return {
    version,
    updated,
    generation: GENERATIONS[version] ?? 'a version that is not documented',
    matrix: updated === null ? [] : oracleMatrix(updated),
    refuses: updated === null ? [] : refusals(updated),
  };
}

/** Each client, with and without the fix, for each policy that matters to it. */
export function oracleMatrix(serverUpdated: boolean): readonly OracleCell[] {
  const serverPolicies: readonly (OraclePolicy | null)[] = serverUpdated ? POLICIES : [null];
  return serverPolicies.flatMap((serverPolicy) => [
    ...POLICIES.map((clientPolicy) => cell('updated', clientPolicy, serverPolicy)),
    cell('not-updated', null, serverPolicy),
  ]);
}

function cell(
  client: OracleCell['client'],
  clientPolicy: OraclePolicy | null,
  serverPolicy: OraclePolicy | null,
): OracleCell {
  const insists = clientPolicy === 'force-updated-clients' || clientPolicy === 'mitigated';
  const outcome =
    serverPolicy === null && insists
      ? 'refused-by-client'
      : client === 'not-updated' && serverPolicy === 'force-updated-clients'
        ? 'refused-by-server'
        : 'connects';
  return { client, clientPolicy, serverPolicy, outcome };
}

function refusals(serverUpdated: boolean): readonly string[] {
  return serverUpdated
    ? [
        'no client with the fix is refused, whatever its policy',
        'a client without the fix is refused if the policy of the server is Force Updated Clients',
      ]
    : [
        'a client with the fix refuses this server by its default policy (Mitigated) and by Force Updated Clients',
        'a client without the fix, or with the policy Vulnerable, connects',
      ];
}
