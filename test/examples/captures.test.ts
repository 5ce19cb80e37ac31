import { connect } from 'node:net';
import t from 'tap';
import { analyseCapture, diagnose, replayServer, toHandshake } from '../../src/index.js';

t.test('the branch office is turned away because NLA is required', async (t) => {
  const { traces } = await analyseCapture('captures/freerdp-failure-5-nla-required.pcapng');
  const handshakes = traces.map((trace, id) =>
    toHandshake(trace, { id, purpose: 'verdict', reason: null }),
  );
  t.match(handshakes, [
    {
      outcome: { status: 'failed', failedAt: 'x224', how: 'negotiation-failure', by: 'server' },
      x224: { response: { failure: { code: 5, name: 'HYBRID_REQUIRED_BY_SERVER' } } },
    },
  ]);
  const { findings } = diagnose('branch office', handshakes, Date.now());
  t.match(findings[0], { cause: 'nla-required-by-server', certainty: 'proved' });
});

/** The client under test: what it makes of the server's answer to its connection request. */
function askForTls(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', reject);
    socket.on('connect', () => {
      // X.224 Connection Request with an RDP_NEG_REQ: PROTOCOL_SSL.
      socket.write(Buffer.from('030000130ee000000000000100080001000000', 'hex'));
    });
    socket.on('data', (answer) => {
      socket.end();
      const failureCode = answer[11] === 0x03 ? answer.readUInt32LE(15) : null;
      resolve(failureCode === 5 ? 'switch NLA on' : 'go on');
    });
  });
}

t.test('our client understands failure 5', async (t) => {
  const server = await replayServer({ file: 'captures/freerdp-failure-5-nla-required.pcapng' });
  t.teardown(() => server.close());
  t.equal(await askForTls(server.port), 'switch NLA on');
});

t.test('our client goes on with a server that has nothing but standard RDP security', async (t) => {
  const server = await replayServer({
    file: 'captures/freerdp-fallback-to-rdp-in-3-connections.pcapng',
    stream: 2,
    speed: 'recorded',
  });
  t.teardown(() => server.close());
  t.strictSame(server.recreated, [], 'every byte is as it was recorded');
  t.equal(await askForTls(server.port), 'go on');
});
