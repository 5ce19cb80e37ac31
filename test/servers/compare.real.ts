import t, { type Test } from 'tap';
import { compare, type ReportComparison } from '../../src/diagnose/compare.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import type { Report } from '../../src/report/report.js';
import { makeCertificate } from '../../src/simulator/certificate.js';
import { CERTIFICATE_NAME } from '../lab/certificates.js';
import { Laboratory, programsOf } from '../lab/laboratory.js';
import { missingProbe, runProbe } from '../lab/probe-run.js';
import { missingRequirement } from '../lab/requirements.js';
import { LOOPBACK } from '../lab/server.js';
import { startTlsOpener } from '../lab/tls-opener.js';
import { Workspace } from '../lab/workspace.js';

/*
 * Reports of real servers beside each other: two sites of which one has something on its way that
 * opens TLS, and one site twice.
 *
 *   CI=true   a server that cannot be tried here is a failure, not a skip
 */

const LIMIT_MS = 60_000;

/** Two sites on one machine: every address of 127.0.0.0/8 is ours. */
const OFFICE = '127.0.0.1';
const BRANCH = '127.0.0.2';

async function reportFrom(site: string, port: number): Promise<Report> {
  return await reportOf(['check', `127.0.0.1:${port}`, '--source', site, '--no-follow-up']);
}

async function scanFrom(site: string, port: number): Promise<Report> {
  return await reportOf(['scan', `127.0.0.1:${port}`, '--source', site]);
}

async function reportOf(command: readonly string[]): Promise<Report> {
  const { report, stderr } = await runProbe(LOOPBACK, command, LIMIT_MS);
  if (report === null) throw new Error(`no report\n${stderr}`);
  return report;
}

function compared(...reports: readonly Report[]): ReportComparison {
  return compare(
    reports.map(({ handshakes, diagnoses, generatedAt }) => ({
      file: 'x.json',
      handshakes,
      diagnoses: diagnoses.map((one) => {
        const own = one.handshakes.flatMap((id) => handshakes[id] ?? []);
        const anew = diagnoseAgain(one, own, Date.parse(generatedAt));
        t.same(JSON.parse(JSON.stringify(anew)), one, 'the same as when it was made');
        return anew;
      }),
    })),
  );
}

function told({ kind, conclusions, aspects }: ReportComparison): unknown {
  return {
    kind,
    conclusions: conclusions.map(({ certainty, id }) => `${certainty} ${id}`),
    differs: aspects.filter(({ differs }) => differs).map(({ aspect }) => aspect),
  };
}

const CERTIFICATE_ASPECTS = [
  'thumbprint',
  'public key',
  'issuer',
  'serial',
  'valid from',
  'valid until',
];

t.test('something on the way of one site opens TLS', async (t) => {
  if (cannotRun(t, 'freerdp-shadow')) return;
  const workspace = new Workspace();
  t.teardown(() => workspace.close());
  const server = await new Laboratory(workspace).start({
    kind: 'freerdp-shadow',
    mode: 'nla',
    certificate: 'good',
  });
  const now = Date.now();
  const own = await makeCertificate({
    commonName: CERTIFICATE_NAME,
    notBeforeMs: now - 86_400_000,
    notAfterMs: now + 86_400_000,
    subjectAltNames: [],
    extendedKeyUsages: ['1.3.6.1.5.5.7.3.1'],
    keyBits: 2048,
    digest: 'sha256',
    issuer: 'Corp TLS Inspection',
  });
  const opener = await startTlsOpener({
    serverPort: server.port,
    opens: BRANCH,
    certificate: own.chain,
    key: own.key,
  });
  try {
    const office = await reportFrom(OFFICE, opener.port);
    const branch = await reportFrom(BRANCH, opener.port);
    t.equal(branch.handshakes[0]?.outcome.status, 'ok', 'a single check sees nothing wrong in it');
    t.same(told(compared(office, branch)), {
      kind: 'sites',
      conclusions: ['likely interception'],
      differs: CERTIFICATE_ASPECTS,
    });
    t.same(told(compared(office, await reportFrom(OFFICE, opener.port))), {
      kind: 'times',
      conclusions: [],
      differs: [],
    });
    const scans = compared(
      await scanFrom(OFFICE, opener.port),
      await scanFrom(BRANCH, opener.port),
    );
    t.match(told(scans), {
      kind: 'sites',
      conclusions: ['likely interception', 'likely tls-answered-by-another'],
    });
    t.same(
      scans.aspects.filter(({ part, differs }) => part === 'negotiation' && differs),
      [],
      'what opens TLS lets the negotiation pass',
    );
  } finally {
    await opener.close();
  }
});

t.test('a server scanned twice, and set up in another way', async (t) => {
  if (cannotRun(t, 'xrdp')) return;
  const workspace = new Workspace();
  t.teardown(() => workspace.close());
  const laboratory = new Laboratory(workspace);
  const usual = await laboratory.start({
    kind: 'xrdp',
    layer: 'negotiate',
    certificate: 'good',
    tlsVersions: 'TLSv1.2, TLSv1.3',
    encryption: 'high',
  });
  const strict = await laboratory.start({
    kind: 'xrdp',
    layer: 'tls',
    certificate: 'good',
    tlsVersions: 'TLSv1.3',
    encryption: 'high',
  });
  const first = await scanFrom(OFFICE, usual.port);
  const again = compared(first, await scanFrom(OFFICE, usual.port));
  t.same(told(again), { kind: 'times', conclusions: [], differs: [] });
  const other = compared(first, await scanFrom(OFFICE, strict.port));
  t.match(told(other), { conclusions: [/answers-differ/, /one-is-weaker/] });
  t.ok(other.aspects.find(({ aspect }) => aspect === 'TLS 1.2')?.differs);
  t.ok(other.aspects.find(({ aspect }) => aspect === 'layer')?.differs);
});

function cannotRun(t: Test, server: 'freerdp-shadow' | 'xrdp'): boolean {
  const noProbe = missingProbe();
  const why = noProbe ?? missingRequirement(programsOf(server));
  if (why === null) return false;
  process.stderr.write(`\nNOT TRIED: ${t.name}: ${why}\n`);
  if (process.env['CI'] === 'true' || noProbe !== null) t.fail(why);
  else t.pass(t.name, { skip: why });
  return true;
}
