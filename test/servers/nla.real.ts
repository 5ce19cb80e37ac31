import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { Handshake } from '../../src/handshake/handshake.js';
import { LAB_ACCOUNT } from '../lab/account.js';
import { labEnvironment } from '../lab/daemon.js';
import { Laboratory, programsOf, type ServerSpecification } from '../lab/laboratory.js';
import { CAPTURE_PROGRAMS, startCapture } from '../lab/packet-capture.js';
import { missingProbe, type ProbeRun, runProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import type { RunningServer } from '../lab/server.js';
import { Workspace } from '../lab/workspace.js';

/*
 * Logons at real servers: the right password, a wrong one, and a user that nobody knows. What the
 * report says is held against the packets, which tshark decrypts with the keys of the connection:
 * they prove that no credentials were delegated.
 *
 *   CI=true   a server that cannot be tried here is a failure, not a skip
 */

const SERVERS: readonly ServerSpecification[] = [
  { kind: 'freerdp-shadow', mode: 'nla', certificate: 'good' },
  { kind: 'gnome-remote-desktop', certificate: 'good' },
];

const WRONG_PASSWORD = 'Not-the-Lab-at-all2';

const LIMIT_MS = 60_000;

interface Attempt {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly authentication: 'accepted' | 'refused';
}

const ATTEMPTS: readonly Attempt[] = [
  { name: 'the right password', ...LAB_ACCOUNT, authentication: 'accepted' },
  {
    name: 'a wrong password',
    user: LAB_ACCOUNT.user,
    password: WRONG_PASSWORD,
    authentication: 'refused',
  },
  {
    name: 'an unknown user',
    user: 'nobody-here',
    password: LAB_ACCOUNT.password,
    authentication: 'refused',
  },
  // Whoever was refused has done no harm.
  { name: 'the right password again', ...LAB_ACCOUNT, authentication: 'accepted' },
];

/** One TSRequest as tshark decrypts it. */
interface SeenRequest {
  readonly by: 'client' | 'server';
  readonly version: string;
  /** NTLM message types, in hex */
  readonly ntlm: string;
  readonly pubKeyAuth: boolean;
  readonly authInfo: boolean;
}

const FIELDS = [
  'tcp.dstport',
  'credssp.version',
  'ntlmssp.messagetype',
  'credssp.pubKeyAuth',
  'credssp.authInfo',
] as const;

/** @param keys an NSS key log; null: the capture has them in it */
function readRequests(file: string, port: number, keys: string | null): readonly SeenRequest[] {
  const output = execFileSync(
    'tshark',
    [
      ...['-r', file, '-d', `tcp.port==${port},tls`, '-Y', 'credssp', '-T', 'fields'],
      ...(keys === null ? [] : ['-o', `tls.keylog_file:${keys}`]),
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: labEnvironment() },
  );
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [to = '', version = '', ntlm = '', pubKeyAuth = '', authInfo = ''] = line.split('\t');
      const by = Number(to) === port ? 'client' : 'server';
      return { by, version, ntlm, pubKeyAuth: pubKeyAuth !== '', authInfo: authInfo !== '' };
    });
}

const NEGOTIATE = '0x00000001';
const CHALLENGE = '0x00000002';
const AUTHENTICATE = '0x00000003';

function expectedRequests(attempt: Attempt): readonly SeenRequest[] {
  const common = { version: '6', pubKeyAuth: false, authInfo: false };
  const asked: readonly SeenRequest[] = [
    { ...common, by: 'client', ntlm: NEGOTIATE },
    { ...common, by: 'server', ntlm: CHALLENGE },
    { ...common, by: 'client', ntlm: AUTHENTICATE, pubKeyAuth: true },
  ];
  return attempt.authentication === 'refused'
    ? asked
    : [...asked, { ...common, by: 'server', ntlm: '', pubKeyAuth: true }];
}

t.test('the reading of captures finds delegated credentials where there are some', (t) => {
  const reason = missingRequirement(CAPTURE_PROGRAMS);
  if (cannotRun(t, reason)) return t.end();
  // Recorded with a client that logs on wholly.
  const file = fileURLToPath(
    new URL('../../captures/gnome-remote-desktop-nla-logon.pcapng', import.meta.url),
  );
  const requests = readRequests(file, 3389, null);
  t.same(
    requests.map(({ by, authInfo }) => `${by} ${authInfo}`),
    ['client false', 'server false', 'client false', 'server false', 'client true'],
  );
  t.end();
});

for (const specification of SERVERS) {
  t.test(specification.kind, async (t) => {
    const reason = missingRequirement({ ...CAPTURE_PROGRAMS, ...programsOf(specification.kind) });
    if (cannotRun(t, reason)) return;
    const workspace = new Workspace();
    t.teardown(() => workspace.close());
    const server = await new Laboratory(workspace).start(specification);
    for (const [index, attempt] of ATTEMPTS.entries()) {
      await t.test(attempt.name, async (t) => {
        const keys = workspace.path(`keys-${index}`);
        const saved = workspace.path(`saved-${index}.pcapng`);
        const { place, port } = server;
        const capture = await startCapture(workspace, `logon-${index}`, place, port);
        const ran = await logOn(server, attempt, keys, saved);
        await capture.stop();
        compareReport(t, ran, attempt);
        const requests = readRequests(capture.file, port, keys);
        t.same(requests, expectedRequests(attempt), 'the TSRequests, decrypted: no authInfo');
        const written = ran.stderr + JSON.stringify(ran.report) + readFileSync(saved, 'latin1');
        for (const secret of [LAB_ACCOUNT.password, WRONG_PASSWORD]) {
          const wide = Buffer.from(secret, 'utf16le').toString('latin1');
          t.notOk(written.includes(secret) || written.includes(wide), 'nothing secret is written');
        }
        t.same(readRequests(saved, port, null), [], 'and without keys nobody reads what was saved');
      });
    }
    if (!t.passing()) t.comment(server.output().slice(-2000));
  });
}

/** The keys come from Node, not from the program, which writes none where it logs on. */
async function logOn(
  { place, port }: RunningServer,
  { user, password }: Attempt,
  keys: string,
  saved: string,
): Promise<ProbeRun> {
  const saving = ['--save', saved, '--capture-with', 'none'];
  return await runProbe(
    place,
    ['check', `${place.address}:${port}`, '--user', user, '--password-stdin', ...saving],
    LIMIT_MS,
    { input: `${password}\n`, nodeOptions: [`--tls-keylog=${keys}`] },
  );
}

function compareReport(t: Test, ran: ProbeRun, { authentication }: Attempt): void {
  const accepted = authentication === 'accepted';
  t.equal(ran.exitStatus, accepted ? 0 : 1, 'exit status');
  t.match(ran.stderr, /^rdp-probe: one logon as .*locking the account/);
  const [handshake, ...others] = ran.report?.handshakes ?? [];
  t.same(others, [], 'one connection');
  t.match(shortOf(handshake), {
    authentication,
    outcome: authentication,
    status: accepted ? 'ok' : 'failed',
    failedAt: accepted ? null : 'credssp',
    keyBinding: accepted ? 'hash' : null,
    mcs: accepted ? 'not-attempted' : 'not-reached',
  });
  const causes = ran.report?.diagnoses[0]?.findings.map(({ cause }) => cause) ?? [];
  t.equal(causes.includes('nla-bad-credentials'), !accepted, causes.join(', '));
}

function shortOf(handshake: Handshake | undefined): Record<string, unknown> {
  return {
    authentication: handshake?.credssp.authentication,
    outcome: handshake?.credssp.logon?.outcome,
    keyBinding: handshake?.credssp.logon?.keyBinding,
    status: handshake?.outcome.status,
    failedAt: handshake?.outcome.failedAt,
    mcs: handshake?.stages.at(-1)?.status,
  };
}

/** A case that cannot run is shouted about; where everything is meant to be there, it fails. */
function cannotRun(t: Test, reason: string | null): boolean {
  const noProbe = missingProbe();
  const why = noProbe ?? reason;
  if (why === null) return false;
  process.stderr.write(`\nNOT TRIED: ${t.name}: ${why}\n`);
  if (process.env['CI'] === 'true' || noProbe !== null) t.fail(why);
  else t.pass(t.name, { skip: why });
  return true;
}
