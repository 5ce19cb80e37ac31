import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { recordConversation } from '../../src/capture/conversation-record.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { conversation } from '../support/conversations.js';
import { type Captured, ethernet, pcap, pcapng, SYN } from '../support/packets.js';
import { captureFile } from '../support/recorded-captures.js';
import { Talk, type TalkOptions, talkOf } from '../support/talk.js';

const REQUEST = fromHex('030000130ee000000000000100080003000000');
const CONFIRM = fromHex('030000130ed00000123400020f080002000000');

async function saved(t: Test, packets: readonly Captured[]): Promise<string> {
  const file = join(t.testdir({}), 'made.pcap');
  await writeFile(file, pcap(packets));
  return file;
}

function negotiated(options: TalkOptions = {}): Talk {
  return new Talk(options).open().send('client', 30_000, REQUEST).send('server', 50_000, CONFIRM);
}

t.test('the bytes of both sides, in order and with their times', async (t) => {
  const name = 'freerdp-shadow-failure-5';
  const { segments } = conversation(name);
  const file = await saved(t, talkOf(conversation(name)).packets());
  const { events, stream, rdpStreams, decrypted, certificates } = await recordConversation(file);
  t.strictSame(
    events.map((event) => ({
      by: event.by,
      at: event.at,
      ...(event.kind === 'bytes' ? { hex: toHex(event.bytes) } : {}),
      ...(event.kind === 'end' ? { end: event.how } : {}),
    })),
    segments.map((segment) => ({ ...segment, at: 100 + segment.at })),
  );
  t.strictSame([stream, rdpStreams, decrypted, certificates], [0, [0], false, []]);
});

t.test('one of several connections, the same ports used again', async (t) => {
  const first = negotiated().fin('client', 60_000).fin('server', 60_100);
  const second = new Talk({ clientIsn: 9_000_000 })
    .open(100_000)
    .send('client', 130_000, REQUEST)
    .reset('server', 140_000);
  const other = new Talk({ client: '10.0.0.1:50001' }).open(200_000, 20, 3);
  const file = await saved(t, [...first.packets(), ...second.packets(), ...other.packets()]);
  const kinds = async (stream: number): Promise<readonly string[]> =>
    (await recordConversation(file, { stream })).events.map(({ by, kind }) => `${by} ${kind}`);
  t.strictSame(await kinds(0), ['client bytes', 'server bytes', 'client end', 'server end']);
  t.strictSame(await kinds(1), ['client bytes', 'server end']);
  await t.rejects(kinds(2), {
    code: 'CANNOT_READ',
    message: /cannot be replayed: nothing was said/,
  });
  await t.rejects(kinds(3), {
    code: 'BAD_OPTION',
    message: /there is no stream 3 in .*: it has streams 0 to 2$/,
  });
});

t.test('what a retransmission repeats comes once, what was not captured is a gap', async (t) => {
  const talk = new Talk().open().send('client', 30_000, REQUEST);
  talk.say('client', 40_000, { seq: talk.next('client') - REQUEST.length, payload: REQUEST });
  talk.lose('server', 5).send('server', 50_000, CONFIRM.subarray(5)).ack('client', 50_100);
  const { events } = await recordConversation(await saved(t, talk.packets()));
  t.match(events, [
    { by: 'client', kind: 'bytes', bytes: REQUEST },
    { by: 'server', kind: 'gap', length: 5 },
    { by: 'server', kind: 'bytes' },
  ]);
});

t.test('a tunnel is left out', async (t) => {
  const talk = new Talk({ server: '10.0.0.2:1080' })
    .open()
    .send('client', 30_000, fromHex('050100'))
    .send('server', 40_000, fromHex('0500'))
    .send('client', 50_000, fromHex('05010001 0a000063 0d3d'))
    .send('server', 60_000, fromHex('05000001 0a000002 c350'))
    .send('client', 70_000, REQUEST)
    .send('server', 80_000, CONFIRM);
  const { events } = await recordConversation(await saved(t, talk.packets()));
  t.strictSame(
    events.map((event) => (event.kind === 'bytes' ? toHex(event.bytes) : event.kind)),
    [toHex(REQUEST), toHex(CONFIRM)],
  );
});

t.test('what cannot be replayed says why', async (t) => {
  const refused = (packets: readonly Captured[], message: RegExp, stream?: number): Promise<void> =>
    saved(t, packets).then(async (file) => {
      const options = stream === undefined ? {} : { stream };
      await t.rejects(recordConversation(file, options), { code: 'CANNOT_READ', message });
    });
  const http = new Talk({ server: '10.0.0.2:80' })
    .open()
    .send('client', 30_000, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await refused(http.packets(), /holds no RDP connection: /);
  await refused(http.packets(), /stream 0 of .* is not RDP: /, 0);
  await refused([{ at: 0, bytes: ethernet(new Uint8Array(20)) }], /holds no TCP connection$/);
  const running = negotiated().send('server', 60_000, fromHex('0000000000')).packets().slice(5);
  await refused(running, /cannot be replayed: the capture began when it was already running$/);
  await refused(
    new Talk().say('client', 0, { flags: SYN }).say('client', 1e6, { flags: SYN }).packets(),
    /cannot be replayed: the server did not accept it$/,
  );
  await t.rejects(recordConversation('-'), { code: 'BAD_OPTION', message: /name a file$/ });
});

t.test('what was inside TLS, where there are keys', async (t) => {
  const { events, decrypted, certificates } = await recordConversation(
    captureFile('freerdp-nla-tls13-logon'),
  );
  t.ok(decrypted);
  t.equal(certificates.length, 1);
  const inside = events.filter(({ kind }) => kind === 'plaintext');
  // tshark: NEGOTIATE, CHALLENGE, AUTHENTICATE with pubKeyAuth, pubKeyAuth, authInfo, then MCS.
  t.strictSame(
    inside.map((event) => [event.by, event.kind === 'plaintext' ? event.bytes[0] : null]),
    [
      ['client', 0x30],
      ['server', 0x30],
      ['client', 0x30],
      ['server', 0x30],
      ['client', 0x30],
      ['client', 0x03],
      ['server', 0x03],
    ],
  );
});

t.test('keys from a key log of its own', async (t) => {
  const client = '00'.repeat(32);
  const { decrypted } = await recordConversation(captureFile('freerdp-failure-1-tls-required'), {
    keyLog: `CLIENT_RANDOM ${client} ${'11'.repeat(48)}\n`,
  });
  t.notOk(decrypted, 'there is nothing to decrypt');
  const file = join(t.testdir({}), 'empty.pcapng');
  await writeFile(file, pcapng([]));
  await t.rejects(recordConversation(file), { message: /holds no TCP connection$/ });
});
