import t from 'tap';
import type { Scanner, ScanRequest } from '../../src/cli/io.js';
import type { ScanReport } from '../../src/handshake/scan.js';
import { type ProbeSettings, renderTarget } from '../../src/probe/settings.js';
import type { ScanHandshake } from '../../src/scan/asker.js';
import { WEAK_SETTING_IDS } from '../../src/scan/weak-settings.js';
import { type Run, run } from '../support/cli.js';
import {
  HOSTILE,
  OUR_WORDS,
  replaceStrings,
  TRACES,
  type TraceName,
} from '../support/handshake.js';
import { NOTHING_FOUND } from '../support/scan-fixtures.js';
import { SCRIPTED, scanOf } from '../support/scan-servers.js';
import { assertMatchesSchema } from '../support/schema.js';

interface Asked {
  readonly target: string;
  readonly settings: ProbeSettings;
  readonly request: ScanRequest;
}

function serverOf(name: string): Parameters<typeof scanOf>[0] {
  const found = SCRIPTED[name];
  if (found === undefined) throw new Error(name);
  return found;
}

interface World {
  readonly report: ScanReport;
  readonly verdict: TraceName;
}

const NOTHING: Partial<ScanReport> = { ...NOTHING_FOUND, connections: 1 };

const WORLDS: Readonly<Record<string, World>> = {
  windows: { report: scanOf(serverOf('windows')), verdict: 'healthy' },
  all: { report: scanOf(serverOf('shadowAll')), verdict: 'healthy' },
  rdp: { report: scanOf(serverOf('shadowRdp')), verdict: 'hybridRequired' },
  expired: { report: scanOf(serverOf('windows')), verdict: 'expired' },
  stopped: {
    report: scanOf(serverOf('windows'), {
      stopped: { says: 'the last 3 connections were not answered any more', afterConnections: 7 },
      notTested: ['whether RDSTLS or RDS-AAD is taken: it was stopped'],
    }),
    verdict: 'healthy',
  },
  gone: { report: scanOf(serverOf('windows'), NOTHING), verdict: 'notFound' },
};

function scanner(asked: Asked[]): Scanner {
  return async (target, settings, request) => {
    asked.push({ target: renderTarget(target), settings, request });
    const world = WORLDS[target.host.replace('.example', '')];
    if (world === undefined) throw new TypeError(`no world '${target.host}'`);
    const { report, verdict } = world;
    const handshakes = Array.from(
      { length: report.connections },
      (_, index): ScanHandshake =>
        index === 0
          ? { trace: TRACES[verdict], purpose: 'verdict', reason: null }
          : { trace: TRACES.hybridRequired, purpose: 'matrix', reason: 'a question' },
    );
    return { report, handshakes };
  };
}

async function scan(args: readonly string[]): Promise<Run & { asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  return { ...(await run(['scan', ...args], { scan: scanner(asked) })), asked };
}

t.test('what is asked for', async (t) => {
  const usual = await scan(['windows.example']);
  t.equal(usual.status, 0, 'refused offers are no failure');
  t.equal(usual.asked[0]?.target, 'windows.example:3389');
  t.strictSame(usual.asked[0]?.request.options, {
    mostConnections: 25,
    ciphers: false,
    client: null,
  });
  const every = await scan(['windows.example:3390', '--ciphers', '--as', 'win11-24h2']);
  t.match(every.asked[0]?.request.options, {
    mostConnections: 400,
    ciphers: true,
    client: { id: 'win11-24h2' },
  });
  const few = await scan(['windows.example', '--max-connections', '3', '--cookie', 'jo']);
  t.equal(few.asked[0]?.request.options.mostConnections, 3);
  t.equal(few.asked[0]?.settings.cookie, 'mstshash=jo');
});

t.test('the text at a glance', async (t) => {
  const { stdout } = await scan(['all.example']);
  for (const line of [
    '✓ 0x0B TLS NLA NLA-EX                      NLA',
    '✓ no negotiation                           RDP',
    '· 0x14 RDSTLS RDS-AAD                      failure 2 SSL_NOT_ALLOWED_BY_SERVER',
    'layer        negotiated: standard RDP security is taken too',
    'NLA          available',
    '! nla-not-required: NLA is not required',
    '! standard-rdp-security: Standard RDP security is accepted',
  ]) {
    t.ok(stdout.split('\n').includes(line), line);
  }
  const gone = await scan(['gone.example']);
  t.notMatch(gone.stdout, /weak settings/, 'nothing is called sound that was not asked');
  t.match((await scan(['stopped.example'])).stdout, /^stopped {6}the last 3 connections/m);
  for (const name of Object.keys(WORLDS)) {
    for (const flags of [[], ['--verbose']]) {
      const { stdout } = await scan([`${name}.example`, ...flags]);
      const wide = stdout.split('\n').filter((line) => line.length > 80);
      t.strictSame(wide, [], `${name} ${flags}: no line is wider than 80 columns`);
    }
  }
});

t.test('JSON and NDJSON as documented, with the ids of the whole report', async (t) => {
  for (const name of Object.keys(WORLDS)) {
    const { stdout } = await scan([`${name}.example`, '--json']);
    assertMatchesSchema(t, JSON.parse(stdout), name);
  }
  const { stdout } = await scan(['windows.example', 'all.example', '--json']);
  const { handshakes, diagnoses } = JSON.parse(stdout);
  const [, second] = diagnoses;
  t.equal(handshakes.length, 16);
  t.strictSame(
    second.scan.negotiation.offers.map(({ handshake }: { handshake: number }) => handshake),
    [8, 9, 10, 11, 12, 13, 14, 15],
  );
  t.ok(second.scan.negotiation.conclusions.nla.handshakes.every((id: number) => id >= 8));
  const lines = (await scan(['windows.example', '--ndjson'])).stdout.trimEnd().split('\n');
  t.equal(lines.length, 9);
  for (const line of lines) assertMatchesSchema(t, JSON.parse(line), 'a line');
  t.equal((await scan(['windows.example', '--quiet'])).stdout, '');
});

t.test('exit statuses and --fail-on', async (t) => {
  const statusOf = async (...args: readonly string[]): Promise<number> => (await scan(args)).status;
  t.equal(await statusOf('windows.example'), 0);
  t.equal(await statusOf('all.example'), 0, 'weak settings alone fail nothing');
  t.equal(await statusOf('all.example', '--fail-on', 'nla-not-required'), 1);
  t.equal(await statusOf('windows.example', '--fail-on', 'nla-not-required'), 0);
  t.equal(await statusOf('windows.example', '--fail-on', 'rc4', '--fail-on', 'tls-1.0'), 0);
  t.equal(
    await statusOf('all.example', '--fail-on', 'rc4', '--fail-on', 'standard-rdp-security'),
    1,
  );
  t.equal(await statusOf('expired.example', '--fail-on', 'self-signed-cert-not-renewed'), 1);
  t.equal(await statusOf('rdp.example'), 1, 'the handshake that a client would make died');
  t.equal(await statusOf('gone.example'), 3);
  for (const id of WEAK_SETTING_IDS) {
    t.equal(await statusOf('gone.example', '--fail-on', id), 3, `${id} is known`);
  }
});

t.test('what cannot be followed', async (t) => {
  const REFUSED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--fail-on', 'nla-not-requred'], /'nla-not-requred' \(did you mean nla-not-required/],
    [['--fail-on', 'xyz'], /takes the weak settings nla-not-required, .*; and the causes /],
    [['--as', 'win12'], /--as does not know 'win12'.*: it takes .*win11-24h2/],
    [['--max-connections', '0'], /from 1 to 500, not '0'/],
    [['--max-connections', 'many'], /not 'many'/],
    [['--cookie', 'a', '--load-balance-info', 'b'], /exclude each other/],
    [['--path'], /unknown option/],
  ];
  for (const [args, says] of REFUSED) {
    const { status, stderr, asked } = await scan(['windows.example', ...args]);
    t.equal(status, 2, args.join(' '));
    t.match(stderr, says, args.join(' '));
    t.equal(asked.length, 0, 'nothing is asked');
  }
  t.equal((await scan([])).status, 2, 'no target');
});

t.test('--list-profiles needs no target', async (t) => {
  const { status, stdout, asked } = await scan(['--list-profiles']);
  t.equal(status, 0);
  t.equal(asked.length, 0);
  t.match(stdout, /^win11-24h2 {2}/m);
  t.match(stdout, /documented/);
});

t.test('nothing of the peer does harm to a terminal', async (t) => {
  const report = replaceStrings(scanOf(serverOf('shadowAll')), KEPT, HOSTILE);
  const { stdout } = await run(['scan', 'hostile.example', '--verbose'], {
    scan: async () => ({
      report,
      handshakes: [{ trace: TRACES.healthy, purpose: 'verdict', reason: HOSTILE }],
    }),
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  t.notMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066\u200b\u2028\ufeff]/);
});

/** Words of ours that decide how a scan is rendered. */
const KEPT: ReadonlySet<string> = new Set([
  ...OUR_WORDS,
  ...['selected', 'failure', 'not-negotiated', 'not-tried', 'answered', 'required', 'available'],
  ...['absent', 'accepted', 'refused', 'negotiate', 'respected', 'ignored', 'steady', 'differ'],
  ...['advertised', 'not-advertised', 'can-connect', 'cannot', 'unknown', 'computed', 'asked'],
  ...['documented', 'captured', 'source-code', 'inferred', 'not-tested', 'same', 'updated'],
  ...['not-updated', 'force-updated-clients', 'mitigated', 'vulnerable', 'connects'],
  ...['refused-by-client', 'refused-by-server', 'x224', 'tls', 'credssp'],
]);
