import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Test } from 'tap';
import { play } from '../../src/simulator/play.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { findScenario } from '../../src/simulator/scenarios.js';

/** What a client sent first, and which connection it is, from 0. */
export interface Opening {
  readonly connection: number;
  readonly bytes: Uint8Array;
}

export interface ChangingServer {
  readonly port: number;
  /** the first bytes of each connection, in order */
  readonly openings: readonly Opening[];
}

/** A server on 127.0.0.1 that plays another scenario by what a client says first; closed with the test. */
export async function changingServer(
  t: Test,
  choose: (opening: Opening) => string | Scenario,
): Promise<ChangingServer> {
  const openings: Opening[] = [];
  const stop = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (chunk: Buffer) => {
      const opening = { connection: openings.length, bytes: Uint8Array.from(chunk) };
      openings.push(opening);
      const chosen = choose(opening);
      const scenario = typeof chosen === 'string' ? findScenario(chosen) : chosen;
      if (scenario === null) throw new TypeError(`no scenario ${String(chosen)}`);
      socket.pause();
      socket.unshift(chunk);
      const reset = (): void => {
        Object.assign(socket, { destroySoon: () => socket.destroy() });
        socket.resetAndDestroy();
      };
      void play(scenario, { stream: socket, reset }, { signal: stop.signal });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    stop.abort();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('not a TCP server');
  return { port: address.port, openings };
}
