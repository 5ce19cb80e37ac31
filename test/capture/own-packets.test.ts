import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { PacketStore } from '../../src/capture/own-packets.js';
import { openCapture } from '../../src/capture/source.js';
import { captureFile } from '../support/recorded-captures.js';

/* The packets of single connections out of a capture that ran along. */

async function storeOf(name: string): Promise<PacketStore> {
  const store = new PacketStore();
  await store.fill(await openCapture(captureFile(name)));
  return store;
}

t.test('ICMP errors about a connection are its own, and those about another are not', async (t) => {
  const name = 'port-rejected-with-icmp-port-unreachable';
  const { traces } = await analyseCapture(captureFile(name));
  t.equal(traces.length, 2);
  const store = await storeOf(name);
  for (const { client, server } of traces) {
    const own = store.select(client, server);
    t.same(
      own?.icmp.map(({ error }) => error),
      [{ type: 'port-unreachable', from: '203.0.113.1', mtu: null, about: 'client' }],
    );
    t.equal(own?.packets.length, 2, 'the SYN, and what came back');
    t.equal(own?.icmp[0]?.atNs, own?.packets[1]?.atNs);
  }
  const [first] = traces;
  const nobody = { address: '192.0.2.1', port: 1 };
  t.equal(first && store.select(nobody, first.server), null);
});

t.test('a connection that nobody refused has none', async (t) => {
  const name = 'xrdp-rtt-1s';
  const [trace] = (await analyseCapture(captureFile(name))).traces;
  const own = trace && (await storeOf(name)).select(trace.client, trace.server);
  t.same(own?.icmp, []);
  t.ok((own?.packets.length ?? 0) > 10);
});
