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
  const command = ['check', `127.0.0.1:${port}`, '--source', site, '--no-follow-up'];
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

const CERTIFICATE_ASPECTS = ['thumbprint', 'issuer', 'serial', 'valid from', 'valid until'];

t.test('something on the way of one site opens TLS', async (t) => {
  if (cannotRun(t)) return;
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
  } finally {
    await opener.close();
  }
});

function cannotRun(t: Test): boolean {
  const noProbe = missingProbe();
  const why = noProbe ?? missingRequirement(programsOf('freerdp-shadow'));
  if (why === null) return false;
  process.stderr.write(`\nNOT TRIED: ${t.name}: ${why}\n`);
  if (process.env['CI'] === 'true' || noProbe !== null) t.fail(why);
  else t.pass(t.name, { skip: why });
  return true;
}
