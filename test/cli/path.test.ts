import t from 'tap';
import type { PathMeasurer, PathRequest } from '../../src/cli/io.js';
import type { PathReport } from '../../src/handshake/path.js';
import type { PathHandshake } from '../../src/path/measure-path.js';
import { DEFAULT_PATH_OPTIONS, type PathOptions } from '../../src/path/path-options.js';
import { DEFAULT_SETTINGS, type ProbeSettings, renderTarget } from '../../src/probe/settings.js';
import { type Run, run } from '../support/cli.js';
import { TRACES, type TraceName } from '../support/handshake.js';
import {
  NO_LOSS,
  NO_SPREAD,
  NOT_MEASURED_DIRECTION,
  PATHS,
  type PathName,
  pathReport,
} from '../support/path-fixtures.js';
import { assertMatchesSchema } from '../support/schema.js';

interface Measured {
  readonly target: string;
  readonly settings: ProbeSettings;
  readonly request: PathRequest;
}

/** A path that could not be measured at all. */
const UNMEASURED: PathReport = pathReport({
  rtt: { ...NO_SPREAD, source: null, histogram: [] },
  loss: { ...NO_LOSS, sent: null, lost: null, ratio: null, interval95: null },
  mtu: { toServer: NOT_MEASURED_DIRECTION, fromServer: NOT_MEASURED_DIRECTION },
  samples: [],
  stages: [],
  connections: 1,
  attempts: [],
  verdict: 'the path could not be measured: it failed',
});

interface World {
  readonly path: PathReport;
  readonly traces: readonly TraceName[];
}

const WORLDS: Readonly<Record<string, World>> = {
  clean: { path: PATHS.clean, traces: ['healthy', 'healthy', 'healthy'] },
  hole: { path: PATHS.holeFromServer, traces: ['healthy', 'healthy'] },
  pmtud: { path: PATHS.pmtud, traces: ['healthy'] },
  died: { path: PATHS.holeFromServer, traces: ['resetAfterClientHello'] },
  'no-kernel': { path: PATHS.noKernel, traces: ['healthy'] },
  refused: { path: UNMEASURED, traces: ['refused'] },
  'not-found': { path: UNMEASURED, traces: ['notFound'] },
};

/** Measures `NAME.example` as the world of that name. */
function measurer(measured: Measured[]): PathMeasurer {
  return async (target, settings, request) => {
    measured.push({ target: renderTarget(target), settings, request });
    const world = WORLDS[target.host.replace('.example', '')];
    if (world === undefined) throw new TypeError(`no world '${target.host}'`);
    const handshakes = world.traces.map(
      (name, index): PathHandshake => ({
        trace: TRACES[name],
        purpose: index === 0 ? 'verdict' : 'path',
        reason: index === 0 ? null : 'one of the latency series',
      }),
    );
    const attempts = handshakes.map((_, index) => ({
      atMs: index * 1000,
      tookMs: 200,
      purpose: 'handshake' as const,
      says: 'the handshake completes',
      clampedMss: null,
      handshake: index,
    }));
    return { report: { ...world.path, attempts }, handshakes };
  };
}

async function measure(
  line: string,
  options: Parameters<typeof run>[1] = {},
): Promise<Run & { readonly measured: readonly Measured[] }> {
  const measured: Measured[] = [];
  const result = await run(line.split(' '), { measurePath: measurer(measured), ...options });
  return { ...result, measured };
}

async function optionsOf(line: string): Promise<PathOptions | undefined> {
  return (await measure(line)).measured[0]?.request.options;
}

t.test('exit statuses', async (t) => {
  const rows: readonly (readonly [targets: string, status: number])[] = [
    ['clean.example', 0],
    ['pmtud.example', 0],
    ['no-kernel.example', 0],
    ['hole.example', 1],
    ['died.example', 1],
    ['refused.example', 1],
    ['not-found.example', 3],
    ['clean.example not-found.example', 3],
    ['not-found.example hole.example', 1],
    ['clean.example clean.example', 0],
  ];
  for (const [targets, status] of rows) {
    for (const format of ['', ' --json', ' --ndjson', ' --quiet', ' --verbose']) {
      for (const command of [`path ${targets}`, `check ${targets} --path`]) {
        t.equal((await measure(command + format)).status, status, command + format);
      }
    }
  }
});

t.test('text', async (t) => {
  const { stdout, stderr } = await measure('path hole.example');
  t.match(stdout, /1280/);
  t.match(stdout, /from the server/);
  t.notOk(stdout.includes('\u001b'), 'no escape codes where nobody looks');
  t.equal(stderr, '');
  const clean = await measure('path clean.example');
  t.match(clean.stdout, /^✓ clean\.example:3389/);
  t.match(clean.stdout, /\b50\.9\b/);
  const handshakes = clean.stdout.match(/resolve/g) ?? [];
  t.ok(handshakes.length <= 2, 'those of the latency series are told of once, not one by one');
  const failed = await measure('path not-found.example');
  t.match(failed.stderr, /^rdp-probe: not-found\.example:3389: .*does not resolve\n$/);
});

t.test('check --path has the same section', async (t) => {
  const path = await measure('path hole.example');
  const check = await measure('check hole.example --path');
  t.equal(check.stdout, path.stdout);
  t.equal(check.probed.length, 0, 'the first handshake of the measurement is the check');
  const plain = await run(['check', 'healthy.example']);
  t.notMatch(plain.stdout, /from the server/i, 'without --path there is none');
});

for (const command of ['path', 'check'] as const) {
  const flag = command === 'check' ? ' --path' : '';

  t.test(`${command}: --json is as documented`, async (t) => {
    for (const name of Object.keys(WORLDS)) {
      const { stdout, stderr } = await measure(`${command} ${name}.example${flag} --json`);
      const report = JSON.parse(stdout);
      assertMatchesSchema(t, report, name);
      t.equal(report.command, command);
      t.equal(report.diagnoses[0].path.verdict, WORLDS[name]?.path.verdict);
      t.equal(stderr, '', name);
    }
  });

  t.test(`${command}: --ndjson is as documented, a line each`, async (t) => {
    const { stdout } = await measure(`${command} clean.example hole.example${flag} --ndjson`);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) assertMatchesSchema(t, line, line.type);
    t.strictSame(
      lines.map(({ type }) => type),
      ['handshake', 'handshake', 'handshake', 'diagnosis', 'handshake', 'handshake', 'diagnosis'],
    );
  });

  t.test(`${command}: attempts point at handshakes of the whole report`, async (t) => {
    const line = `${command} clean.example hole.example clean.example${flag} --json`;
    const { handshakes, diagnoses } = JSON.parse((await measure(line)).stdout);
    t.strictSame(
      handshakes.map(({ id }: { id: number }) => id),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    type Diagnosed = { handshakes: number[]; path: PathReport };
    t.strictSame(
      diagnoses.map(({ path }: Diagnosed) => path.attempts.map(({ handshake }) => handshake)),
      [
        [0, 1, 2],
        [3, 4],
        [5, 6, 7],
      ],
    );
    for (const { handshakes: own, path } of diagnoses as Diagnosed[]) {
      for (const { handshake } of path.attempts) {
        t.ok(handshake !== null && own.includes(handshake), 'one of its own');
      }
    }
  });
}

t.test('the options of the measurement', async (t) => {
  t.strictSame(await optionsOf('path clean.example'), DEFAULT_PATH_OPTIONS);
  t.strictSame(await optionsOf('check clean.example --path'), DEFAULT_PATH_OPTIONS);
  for (const command of ['path clean.example', 'check clean.example --path']) {
    t.match(await optionsOf(`${command} --count 50`), { count: 50 });
    t.match(await optionsOf(`${command} --count 1`), { count: 1 });
    t.match(await optionsOf(`${command} --count 1000`), { count: 1000 });
    t.match(await optionsOf(`${command} --interval 2.5`), { intervalMs: 2500 });
    t.match(await optionsOf(`${command} --interval 0`), { intervalMs: 0 });
    t.match(await optionsOf(`${command} --interval 3600`), { intervalMs: 3_600_000 });
    t.match(await optionsOf(`${command} --exact`), { exact: true });
    t.match(await optionsOf(`${command} --no-udp`), { udp: false, sideEvidence: true });
    t.match(await optionsOf(`${command} --no-side-evidence`), { udp: true, sideEvidence: false });
  }
  const { measured } = await measure(
    'path clean.example:3390 -4 --protocols ssl --timeout 3 --cookie admin',
    { env: { LANG: 'C.UTF-8', PATH: '/bin' } },
  );
  const [only] = measured;
  t.equal(only?.target, 'clean.example:3390');
  t.match(only?.settings, { family: 4, requestedProtocols: 1, cookie: 'mstshash=admin' });
  t.equal(only?.settings.stageLimitsMs.tls, 3000);
  t.equal(only?.request.environment['PATH'], '/bin', 'for the programs that are run');
  t.strictSame((await measure('path clean.example')).measured[0]?.settings, DEFAULT_SETTINGS);
});

t.test('what cannot be followed: one sentence, exit 2, and nothing is measured', async (t) => {
  const rows: readonly (readonly [line: string, sentence: RegExp])[] = [
    ['path', /no target was given: say which host to check, as in rdp-probe path srv01\.example/],
    ['path a --count 0', /--count takes a whole number from 1 to 1000, not '0'/],
    ['path a --count 1001', /--count takes a whole number from 1 to 1000, not '1001'/],
    ['path a --count 2.5', /--count takes a whole number/],
    ['path a --count -3', /--count takes a whole number|needs a value/],
    ['path a --count=', /--count takes a whole number from 1 to 1000, not ''/],
    ['path a --count 1e3', /--count takes a whole number/],
    ['path a --interval x', /--interval takes seconds from 0 to 3600, not 'x'/],
    ['path a --interval 3601', /--interval takes seconds from 0 to 3600, not '3601'/],
    ['path a --interval=-1', /--interval takes seconds from 0 to 3600, not '-1'/],
    ['path a --interval=', /--interval takes seconds/],
    ['path a --interval 1s', /--interval takes seconds/],
    ['path a --conut 3', /unknown option '--conut': did you mean --count\?/],
    ['path a --all-addresses', /unknown option '--all-addresses'/],
    ['path a --path', /unknown option '--path'/],
    ['path a --json --ndjson', /--json and --ndjson exclude each other/],
    ['path ::1 -4', /::1 is an IPv6 address and -4 excludes those/],
    ['check a --path --all-addresses', /--path measures the address that answers: give the others/],
    ['check a --path --count 0', /--count takes a whole number/],
    ['check a --count 3', /^rdp-probe: --count belongs to --path, which was not given$/],
    ['check a --interval 3', /--interval belongs to --path, which was not given/],
    ['check a --exact', /--exact belongs to --path, which was not given/],
    ['check a --no-udp', /--no-udp belongs to --path, which was not given/],
    ['check a --no-side-evidence', /--no-side-evidence belongs to --path, which was not given/],
    ['check a --exact --count 3', /--count belongs to --path, which was not given/],
  ];
  for (const [line, sentence] of rows) {
    const { status, stdout, stderr, probed, measured } = await measure(line);
    t.equal(status, 2, line);
    t.match(stderr.trimEnd(), sentence, line);
    t.match(stderr, /^rdp-probe: [^\n]+\n$/, `${line}: one sentence`);
    t.equal(stdout, '', line);
    t.same([...probed, ...measured], [], line);
  }
});

t.test('help tells every option', async (t) => {
  const own = ['--count', '--interval', '--exact', '--no-udp', '--no-side-evidence'];
  const shared = [
    '--ipv4',
    '--ipv6',
    '--source',
    '--timeout',
    '--stage-timeout',
    '--protocols',
    '--cookie',
    '--load-balance-info',
    '--correlation-id',
    '--server-name',
    '--restricted-admin',
    '--save',
    '--json',
    '--ndjson',
    '--quiet',
    '--verbose',
    '--no-color',
    '--help',
  ];
  const path = await measure('path --help');
  t.equal(path.status, 0);
  for (const option of [...own, ...shared])
    t.match(path.stdout, new RegExp(`  ${option}|, ${option}`), option);
  t.match(path.stdout, /at most 12,\s+16 where both directions/);
  t.match(path.stdout, /Examples:\n {2}rdp-probe path srv01\.example\n/);
  t.match(path.stdout, /130 {2}interrupted/);
  const check = await measure('check --help');
  for (const option of [...own, '--path', '--all-addresses'])
    t.match(check.stdout, new RegExp(`  ${option}`), option);
});

t.test('what is being tried is told where somebody looks', async (t) => {
  const measurePath: PathMeasurer = async (target, settings, request) => {
    request.onProgress({ says: 'a packet of 1400 bytes to the server', made: 3, most: 12 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    return await measurer([])(target, settings, request);
  };
  const shown = await measure('path clean.example', { measurePath, stderr: { columns: 120 } });
  t.match(shown.stderr, /a packet of 1400 bytes to the server \(connection 3 of 12 at most\)/);
  t.ok(shown.stderr.endsWith('\r\u001b[K'), 'gone before the report');
  const quiet = await measure('path clean.example --quiet', {
    measurePath,
    stderr: { columns: 120 },
  });
  t.equal(quiet.stdout + quiet.stderr, '');
});

t.test('Ctrl-C: what is known is printed, the rest is not measured, exit 130', async (t) => {
  const interruption = new AbortController();
  let times = 0;
  const measurePath: PathMeasurer = async (target, settings, request) => {
    times++;
    interruption.abort();
    return await measurer([])(target, settings, request);
  };
  const line = 'path clean.example hole.example --json';
  const result = await measure(line, { measurePath, signal: interruption.signal });
  t.equal(result.status, 130);
  t.equal(times, 1);
  const report = JSON.parse(result.stdout);
  t.equal(report.diagnoses.length, 1);
  assertMatchesSchema(t, report);
});

t.test('a bug of ours is not dressed up', async (t) => {
  const measurePath = async (): Promise<never> => {
    throw new RangeError('a bug');
  };
  await t.rejects(run(['path', 'a.example'], { measurePath }), RangeError);
});

t.test('every kind of path can be printed, wide and narrow, plain and in colour', async (t) => {
  for (const name of Object.keys(PATHS) as PathName[]) {
    const measurePath: PathMeasurer = async () => ({
      report: { ...PATHS[name], attempts: [] },
      handshakes: [{ trace: TRACES.healthy, purpose: 'verdict', reason: null }],
    });
    for (const env of [{ LANG: 'C.UTF-8' }, { LANG: 'C' }]) {
      const { stdout } = await run(['path', 'a.example', '-v', '--no-color'], {
        measurePath,
        env,
        stdout: { columns: 72 },
      });
      t.match(stdout, /a\.example:3389/, name);
      if (env.LANG === 'C') t.notMatch(stdout, /[^\n -~]/, `${name}: ASCII`);
    }
  }
});
