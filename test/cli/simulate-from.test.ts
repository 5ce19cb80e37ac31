import t from 'tap';
import { run } from '../support/cli.js';
import { captureFile } from '../support/recorded-captures.js';

/** Runs until the server has been listening for a while. */
async function runAndInterrupt(argv: readonly string[]) {
  const interruption = new AbortController();
  const timer = setTimeout(() => interruption.abort(), 1500);
  const result = await run(argv, { signal: interruption.signal });
  clearTimeout(timer);
  return result;
}

t.test('says what is replayed and what is re-created', async (t) => {
  const { status, stdout, stderr } = await runAndInterrupt([
    'simulate',
    '--from',
    captureFile('freerdp-nla-tls12-logon'),
    '--speed',
    'recorded',
  ]);
  t.equal(status, 0);
  t.match(stdout, /^listening on 127\.0\.0\.1:\d+\n$/);
  t.equal(
    stderr,
    [
      'stream 0',
      'replayed   the X.224 confirm: PROTOCOL_HYBRID',
      'replayed   a TSRequest version 6 with ntlm-challenge and client-nonce',
      'replayed   a TSRequest version 6 with pub-key-auth and client-nonce, which only the recorded client can read',
      'replayed   the MCS connect response',
      're-created the certificate: the recorded one with another key and signature',
      're-created TLS: TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 and keys of its own',
      '',
    ].join('\n'),
  );
});

t.test('one of several connections', async (t) => {
  const file = captureFile('freerdp-fallback-to-rdp-in-3-connections');
  const { stderr } = await runAndInterrupt(['simulate', '--from', file, '--stream', '2']);
  t.match(stderr, /^stream 2; others that are RDP: 0, 1\n/);
});

t.test('one sentence for what cannot be', async (t) => {
  const file = captureFile('port-refused');
  const sentences: readonly (readonly [argv: string, status: number, says: RegExp])[] = [
    [`--from ${file}`, 3, /stream 0 of .* cannot be replayed: the server did not accept it$/],
    [`--from ${file} --stream 7`, 2, /there is no stream 7 in .*: it has only stream 0$/],
    [`--from ${file} --stream x`, 2, /--stream takes the number of a connection, not 'x'$/],
    [`--from ${file} --speed slow`, 2, /--speed takes recorded or full, not 'slow'$/],
    [`--from ${file} --keylog none`, 3, /the key log none cannot be read: there is no such file$/],
    ['--from none.pcapng', 3, /none\.pcapng cannot be read: there is no such file$/],
    ['--from -', 2, /standard input cannot be replayed: name a file$/],
    [`ssh --from ${file}`, 2, /either 'ssh' or --from: one server at a time$/],
    ['ssh --stream 1', 2, /--stream needs --from FILE$/],
    ['--keylog keys.txt', 2, /--keylog needs --from FILE$/],
  ];
  for (const [argv, expected, says] of sentences) {
    const { status, stdout, stderr } = await run(['simulate', ...argv.split(' ')]);
    t.equal(status, expected, argv);
    t.equal(stdout, '', argv);
    t.match(stderr.trimEnd(), says, argv);
    t.equal(stderr.trimEnd().split('\n').length, 1, argv);
  }
});
