import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { listed } from './figures.js';
import { directionsOf, untestedSizes } from './path-direction.js';

/** What this diagnosis cannot speak of, in the order in which it would come. */
export function notTested(
  decisive: Handshake,
  handshakes: readonly Handshake[],
  path: PathReport | null,
): readonly string[] {
  const { outcome, server, credssp } = decisive;
  const items: string[] = [];
  const tried = new Set(handshakes.map((handshake) => handshake.server.address));
  const untried = (decisive.lookup?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !tried.has(address));
  if (untried.length > 0) items.push(`the other addresses of the name: ${listed(untried)}`);
  if (outcome.reached === null || outcome.reached === 'resolve') return items;
  items.push(
    ...(path === null
      ? [...packetSizes(decisive), udp(server.port)]
      : untestedOn(path, server.port)),
  );
  if (outcome.status !== 'ok') return items;
  if (outcome.reached === 'credssp' && credssp.authentication === 'not-attempted') {
    items.push('what follows the NTLM challenge: credentials, authorization, session');
  } else if (outcome.reached === 'credssp' && credssp.logon?.outcome === 'accepted') {
    items.push(
      'what follows the logon: whether the user may use Remote Desktop, delegation, session',
    );
  } else if (outcome.reached === 'mcs') {
    items.push('what follows the MCS Connect Response: logon, licensing, session');
  }
  return items;
}

/** What the measurement of a path did not reach; null for the port: not known. */
export function untestedOn(path: PathReport, port: number | null): readonly string[] {
  const sizes = directionsOf(path).flatMap((one) => untestedSizes(one, path.interfaceMtu) ?? []);
  return path.udp.status === 'not-tested' ? [...sizes, udp(port)] : sizes;
}

function udp(port: number | null): string {
  return port === null ? 'UDP' : `UDP ${port}`;
}

function packetSizes({ tcp }: Handshake): readonly string[] {
  const { client, server } = tcp.largestSegment;
  if (client === null && server === null) return ['which packet sizes pass in each direction'];
  const above = (bytes: number | null, way: string): string =>
    bytes === null ? `packet sizes ${way}` : `TCP segments above ${bytes} bytes ${way}`;
  return [above(client, 'to the server'), above(server, 'from the server')];
}

/** Of an `.rdp` file that names a gateway. An empty host gives how such a line begins. */
export function gatewayUntested(host: string): string {
  const way = 'the way through the RD Gateway ';
  return host === ''
    ? way
    : `${way}${host}, which the file names (check --gateway ${host} goes it)`;
}
