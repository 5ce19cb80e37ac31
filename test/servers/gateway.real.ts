import { connect } from 'node:net';
import t from 'tap';
import { SOUND_GATEWAY, startGateway } from '../../src/simulator/gateway.js';
import { LAB_ACCOUNT } from '../lab/account.js';
import { Laboratory, programsOf, type ServerSpecification } from '../lab/laboratory.js';
import { missingProbe, runProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import { LOOPBACK, type RunningServer } from '../lab/server.js';
import { startVirtualDisplay } from '../lab/virtual-display.js';
import { Workspace } from '../lab/workspace.js';
import { runXfreerdp, XFREERDP_PROGRAMS } from '../lab/xfreerdp.js';

/*
 * Real servers behind a simulated gateway: the probe and FreeRDP's client go through it alike. That
 * xfreerdp passes it shows that the gateway is one; that both see the same server behind it, that the
 * channel carries what the server sends.
 *
 *   CI=true   what cannot be tried here is a failure, not a skip
 */

const SERVERS: readonly ServerSpecification[] = [
  { kind: 'freerdp-shadow', mode: 'nla', certificate: 'good' },
  {
    kind: 'xrdp',
    layer: 'tls',
    certificate: 'good',
    tlsVersions: 'TLSv1.2, TLSv1.3',
    encryption: 'high',
  },
];

const LIMIT_MS = 60_000;

/** MD4 of `Password`, [MS-NLMP] 4.2.2.1.2. */
const USER = { name: 'User', ntHash: 'a4f49c406510bdcab6824ee7c30fd852' };

const seen = async (server: RunningServer, ...options: readonly string[]) => {
  const at = `${server.place.address}:${server.port}`;
  const { report } = await runProbe(server.place, ['check', at, ...options], LIMIT_MS, {
    input: 'Password\n',
  });
  const handshake = report?.handshakes[0];
  return {
    report,
    tls: handshake?.tls.certificates[0]?.sha256 ?? null,
    selected: handshake?.x224.response.selectedProtocol ?? null,
    outcome: handshake?.outcome ?? null,
  };
};

for (const specification of SERVERS) {
  const missing =
    missingProbe() ??
    missingRequirement({ ...programsOf(specification.kind), ...XFREERDP_PROGRAMS });
  const skip = missing !== null && process.env['CI'] !== 'true' ? missing : false;
  t.test(`${specification.kind} behind a gateway`, { skip }, async (t) => {
    if (missing !== null) throw new Error(missing);
    const workspace = new Workspace();
    t.teardown(() => workspace.close());
    const laboratory = new Laboratory(workspace);
    const server = await laboratory.start(specification, LOOPBACK);
    const display = await startVirtualDisplay(workspace);
    const { address } = server.place;
    for (const webSocket of ['accept', 'ignore'] as const) {
      const inner = () =>
        connect({ host: address, port: server.port, allowHalfOpen: true, noDelay: true });
      const gateway = await startGateway({ ...SOUND_GATEWAY, user: USER, webSocket, inner }, () =>
        Date.now(),
      );
      const at = `127.0.0.1:${gateway.port}`;
      const direct = await seen(server);
      const through = await seen(
        server,
        ...['--gateway', at, '--gateway-user', 'User', '--gateway-password-stdin'],
      );
      const found = through.report?.diagnoses[0]?.gateway;
      t.match(found?.outcome, { status: 'ok', reached: 'channel' }, webSocket);
      t.equal(found?.transport, webSocket === 'accept' ? 'websocket' : 'http');
      t.ok(direct.tls !== null && direct.tls === through.tls, 'the same certificate');
      t.same(through.selected, direct.selected);
      t.match(through.outcome, { status: 'ok', reached: direct.outcome?.reached });
      t.same(gateway.targets, [`${address}:${server.port}`]);

      const further = [
        `/p:${LAB_ACCOUNT.password}`,
        `/g:${at}`,
        '/gu:User',
        '/gp:Password',
        '/gt:http',
      ];
      const { connected, log } = await runXfreerdp(
        workspace,
        display,
        address,
        server.port,
        further,
      );
      t.equal(gateway.targets.length, 2, 'xfreerdp asked the gateway for a channel');
      t.ok(connected, 'xfreerdp came through its logon at the server', { log: log.slice(-2000) });
      await gateway.close();
    }
  });
}
