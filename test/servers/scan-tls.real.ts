import t, { type Test } from 'tap';
import type { TlsScan } from '../../src/handshake/scan-tls.js';
import { Laboratory, programsOf, type ServerSpecification } from '../lab/laboratory.js';
import { opensslConnects, opensslSuites } from '../lab/openssl-client.js';
import { missingProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import type { RunningServer } from '../lab/server.js';
import { runSslscan, runSurvey } from '../lab/survey-run.js';
import { Workspace } from '../lab/workspace.js';
import { startX224Relay } from '../lab/x224-relay.js';

/*
 * The TLS of real servers: what the survey says must be what `sslscan --rdp` and `openssl s_client`
 * find, each on its own, and the server must answer as before.
 *
 *   CI=true   a server that cannot be tried here is a failure, not a skip
 */

interface Row {
  readonly name: string;
  readonly server: ServerSpecification;
  /** from TLS 1.3 to SSL 3.0: what the server is set to */
  readonly accepts: readonly boolean[];
  /**
   * What it is compared with: GNOME Remote Desktop does not survive what others do to it, and each
   * suite by itself with `openssl s_client` takes its time.
   */
  readonly compare: 'nothing' | 'lists' | 'lists and each suite';
}

const OPENSSL_DEFAULTS = [true, true, false, false, false];

function xrdp(tlsVersions: string): ServerSpecification {
  return { kind: 'xrdp', layer: 'tls', certificate: 'good', tlsVersions, encryption: 'high' };
}

const ROWS: readonly Row[] = [
  {
    name: 'FreeRDP shadow all',
    server: { kind: 'freerdp-shadow', mode: 'all', certificate: 'good' },
    accepts: OPENSSL_DEFAULTS,
    compare: 'lists and each suite',
  },
  {
    name: 'xrdp with every version',
    server: xrdp('TLSv1, TLSv1.1, TLSv1.2, TLSv1.3'),
    accepts: [true, true, true, true, false],
    compare: 'lists and each suite',
  },
  {
    name: 'xrdp with TLS 1.0 alone',
    server: xrdp('TLSv1'),
    accepts: [false, false, false, true, false],
    compare: 'lists',
  },
  {
    name: 'xrdp with TLS 1.3 alone',
    server: xrdp('TLSv1.3'),
    accepts: [true, false, false, false, false],
    compare: 'lists',
  },
  {
    name: 'weston',
    server: { kind: 'weston', mode: 'tls', certificate: 'good' },
    accepts: OPENSSL_DEFAULTS,
    compare: 'lists',
  },
  {
    name: 'GNOME Remote Desktop',
    server: { kind: 'gnome-remote-desktop', certificate: 'good' },
    accepts: OPENSSL_DEFAULTS,
    compare: 'nothing',
  },
];

const COMPARED = { sslscan: 'sslscan', openssl: 'openssl' } as const;

for (const { name, server: specification, accepts, compare } of ROWS) {
  t.test(name, async (t) => {
    const missing = missingRequirement({ ...COMPARED, ...programsOf(specification.kind) });
    const reason = missing ?? missingProbe();
    if (reason !== null) {
      if (process.env['CI'] === 'true') t.fail(`${name}: ${reason}`);
      else t.comment(`SKIPPED ${name}: ${reason}`);
      return;
    }
    const workspace = new Workspace();
    t.teardown(() => workspace.close());
    const server = await new Laboratory(workspace).start(specification);
    const short = await survey(server, 'short');
    t.ok(short.connections <= 8, `${short.connections} connections`);
    t.strictSame(accepted(short), accepts, 'the versions that it is set to');
    t.equal(short.size.verdict, 'same');
    const all = await survey(server, 'ciphers');
    t.strictSame(accepted(all), accepts);
    t.equal(all.cutShort, null);
    const found = all.versions.filter(({ status }) => status === 'accepted');
    t.ok(found.every(({ complete, suites }) => complete && suites.length > 0));
    compareConnections(t, all);
    if (compare !== 'nothing') {
      await compareWithSslscan(t, server, all);
      await compareWithOpenssl(t, server, all, compare === 'lists and each suite');
    }
    const again = await survey(server, 'short');
    t.strictSame(accepted(again), accepts, 'and the server answers as before');
    t.strictSame(
      again.questions.map(({ answer }) => answer),
      short.questions.map(({ answer }) => answer),
    );
    t.comment(`${short.connections} connections, with every suite ${all.connections}`);
  });
}

async function survey(server: RunningServer, mode: 'short' | 'ciphers'): Promise<TlsScan> {
  const { place, port } = server;
  return (await runSurvey(place, place.address, port, mode)).scan;
}

function accepted({ versions }: TlsScan): readonly boolean[] {
  return versions.map(({ status }) => status === 'accepted');
}

/** As many as suites are accepted, plus one for each version that has any or was asked for. */
function compareConnections(t: Test, { versions, questions }: TlsScan): void {
  const asked = questions.filter(({ topic }) => topic === 'versions' || topic === 'suites').length;
  const suites = versions.reduce((sum, version) => sum + version.suites.length, 0);
  t.ok(asked <= suites + versions.length, `${asked} for ${suites} suites`);
}

async function compareWithSslscan(t: Test, server: RunningServer, scan: TlsScan): Promise<void> {
  const theirs = await runSslscan(server.place, server.place.address, server.port);
  for (const { version, suites, status } of scan.versions) {
    const name = version.name ?? '';
    t.equal(theirs.versions.includes(name), status === 'accepted', `sslscan on ${name}`);
    const ours = suites.map(({ suite }) => suite.value);
    const listed = theirs.suites.filter((each) => each.version === name).map(({ suite }) => suite);
    t.strictSame(ours.toSorted(), listed.toSorted(), `suites of ${name}`);
  }
}

async function compareWithOpenssl(
  t: Test,
  server: RunningServer,
  scan: TlsScan,
  eachSuite: boolean,
): Promise<void> {
  const relay = await startX224Relay(server.place.address, server.port);
  t.teardown(() => relay.close());
  // This OpenSSL has no SSL 3.0.
  for (const { version, status } of scan.versions.slice(0, 4)) {
    const connects = await opensslConnects(relay.port, version.name ?? '', null);
    t.equal(connects, status === 'accepted', `s_client on ${version.name}`);
  }
  const newest = scan.versions.slice(1, 4).find(({ status }) => status === 'accepted');
  if (newest === undefined || !eachSuite) return;
  const ours = newest.suites.map(({ suite }) => suite.value);
  const known = await opensslSuites();
  t.ok(known.length > 60, `${known.length} suites of ${newest.version.name}, one by one`);
  for (const { suite, name } of known) {
    const connects = await opensslConnects(relay.port, newest.version.name ?? '', name);
    if (connects !== ours.includes(suite)) t.fail(`${name}: s_client ${connects}`);
  }
}
