import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Side } from '../../src/handshake/trace.js';
import { resetAndLetGo } from '../../src/probe/reset.js';
import { Wiretap } from '../../src/probe/wiretap.js';
import { toHex } from '../../src/wire/hex.js';

interface Log {
  readonly seen: string[];
  readonly observer: ConstructorParameters<typeof Wiretap>[1];
}

function log(): Log {
  const seen: string[] = [];
  return {
    seen,
    observer: {
      bytes: (side: Side, bytes) => seen.push(`${side} ${toHex(bytes)}`),
      end: (side, how) => seen.push(`${side} ${how}`),
      failed: (error) => seen.push(`failed ${error.code}`),
    },
  };
}

async function pair(
  onClient: (server: Socket) => void,
): Promise<{ client: Socket; close: () => void }> {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    onClient(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  return {
    client,
    close: () => {
      for (const socket of accepted) socket.destroy();
      server.close();
    },
  };
}

t.test('both directions are shown, and pass', async (t) => {
  const { client, close } = await pair((socket) => socket.on('data', (data) => socket.write(data)));
  const { seen, observer } = log();
  const wiretap = new Wiretap(client, observer);
  wiretap.write(Uint8Array.of(1, 2, 3));
  const [echo] = await once(wiretap, 'data');
  t.same(echo, Buffer.of(1, 2, 3));
  t.strictSame(seen, ['client 010203', 'server 010203']);
  client.destroy();
  close();
});

t.test('leaving half-closes and reads to the end of the peer', async (t) => {
  let sawEnd = false;
  const { client, close } = await pair((socket) => {
    socket.resume();
    socket.on('end', () => {
      sawEnd = true;
      socket.end(Uint8Array.of(9));
    });
  });
  const { seen, observer } = log();
  const wiretap = new Wiretap(client, observer);
  t.equal(await wiretap.leave(5000), true);
  t.equal(sawEnd, true, 'the peer saw our end before it ended');
  t.strictSame(seen, ['client fin', 'server 09', 'server fin']);
  t.equal(client.destroyed, true);
  close();
});

t.test('a peer that does not end is left after the limit', async (t) => {
  const { client, close } = await pair((socket) => socket.resume());
  const { seen, observer } = log();
  const wiretap = new Wiretap(client, observer);
  t.equal(await wiretap.leave(50), false);
  t.strictSame(seen, ['client fin']);
  t.equal(client.destroyed, true);
  close();
});

/** Sockets that the event loop still holds, once it has had time to let go of them. */
async function heldSockets(): Promise<number> {
  const held = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  for (let round = 0; round < 200 && held() > 0; round++) await sleep(10);
  return held();
}

t.test('a connection whose end is under way is let go of too', async (t) => {
  t.equal(await heldSockets(), 0);
  const { client, close } = await pair((socket) => socket.resume());
  client.on('error', (error) => t.fail(error.message));
  client.resume().write('x');
  client.end();
  resetAndLetGo(client);
  t.equal(client.destroyed, true);
  close();
  t.equal(await heldSockets(), 0, 'or the process would never end');
});

t.test('a reset of the peer is told once, and ends the reading', async (t) => {
  const { client, close } = await pair((socket) =>
    socket.on('data', () => socket.resetAndDestroy()),
  );
  const { seen, observer } = log();
  const wiretap = new Wiretap(client, observer);
  wiretap.write(Uint8Array.of(1));
  await once(wiretap, 'peer-end');
  await wiretap.leave(50);
  t.strictSame(seen, ['client 01', 'server reset'], 'there is no end of ours after a reset');
  close();
});

t.test('destroying the wiretap leaves the connection to be read', async (t) => {
  const { client, close } = await pair((socket) => {
    socket.resume();
    setImmediate(() => socket.end(Uint8Array.of(7)));
  });
  const { seen, observer } = log();
  const wiretap = new Wiretap(client, observer);
  wiretap.destroy();
  await once(wiretap, 'peer-end');
  t.strictSame(seen, ['server 07', 'server fin']);
  t.equal(client.destroyed, false);
  await wiretap.leave(100);
  close();
});
