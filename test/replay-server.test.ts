import { join } from 'node:path';
import t from 'tap';
import { recordConversation } from '../src/capture/conversation-record.js';
import { replayServer } from '../src/replay-server.js';
import { toHex } from '../src/wire/hex.js';
import { captureFile } from './support/recorded-captures.js';
import { attemptLogon } from './support/replayed-run.js';

/** The server's bytes inside TLS as they were recorded. */
async function saidInsideTls(name: string): Promise<readonly string[]> {
  const { events } = await recordConversation(captureFile(name));
  return events.flatMap((event) =>
    event.kind === 'plaintext' && event.by === 'server' ? [toHex(event.bytes)] : [],
  );
}

/**
 * How the server ended it after the client had answered its challenge. A reset right behind data
 * is not among them: libuv may tell it as an ordinary end.
 */
const ENDS: readonly (readonly [name: string, ended: string])[] = [
  ['freerdp-nla-tls13-wrong-password', 'closed'],
  ['gnome-remote-desktop-nla-wrong-password', 'closed'],
  ['freerdp-closed-at-authenticate', 'closed'],
  ['freerdp-reset-at-authenticate', 'reset'],
  ['freerdp-closed-at-mcs-request-nla', 'open'],
];

t.test('behind the challenge: the recorded answer, and the same end', async (t) => {
  for (const [name, ended] of ENDS) {
    const server = await replayServer({ file: captureFile(name) });
    const attempt = await attemptLogon(server.port, 300);
    t.equal(attempt.ended, ended, name);
    t.equal(attempt.received.join(''), (await saidInsideTls(name)).join(''), name);
    await server.close();
  }
});

t.test('what it tells, and the port it has', async (t) => {
  const file = captureFile('xrdp-failure-3-no-certificate');
  const server = await replayServer({ file, stream: 2, speed: 'recorded' });
  t.match(server, {
    address: '127.0.0.1',
    stream: 2,
    rdpStreams: [0, 1, 2],
    // Its MCS disconnect came only after the client had left.
    replayed: ['the X.224 confirm: failure 3 (SSL_CERT_NOT_ON_SERVER)'],
    recreated: [],
  });
  const { port } = server;
  await t.rejects(replayServer({ file, port }), { code: 'CANNOT_LISTEN' });
  await server.close();
  const again = await replayServer({ file, port, host: '127.0.0.1' });
  t.equal(again.port, port);
  await again.close();
  await t.rejects(replayServer({ file, host: '192.0.2.1' }), { code: 'BAD_OPTION' });
});

t.test('what cannot be done', async (t) => {
  const file = captureFile('freerdp-tls13');
  await t.rejects(replayServer({ file, stream: 1 }), {
    code: 'BAD_OPTION',
    message: `there is no stream 1 in ${file}: it has only stream 0`,
  });
  await t.rejects(replayServer({ file, keyLog: join(file, 'none') }), {
    code: 'CANNOT_READ',
    message: /the key log .* cannot be read/,
  });
  await t.rejects(replayServer({ file: `${file}.none` }), { code: 'CANNOT_READ' });
});

t.test('an abort frees the port', async (t) => {
  const stop = new AbortController();
  const file = captureFile('freerdp-reset-without-confirm');
  const server = await replayServer({ file, signal: stop.signal });
  stop.abort();
  await server.close();
  const again = await replayServer({ file, port: server.port });
  await again.close();
  t.pass('it was free');
});
