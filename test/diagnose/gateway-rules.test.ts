import t from 'tap';
import { withGateway } from '../../src/diagnose/gateway-diagnosis.js';
import { gatewayFindings } from '../../src/diagnose/gateway-rules.js';
import type { GatewayEnding, GatewayFact, GatewayTrace } from '../../src/handshake/gateway.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Certificate } from '../../src/handshake/trace.js';
import { standingOf } from '../../src/report/standing.js';
import { gatewayCode } from '../../src/wire/tsgu-names.js';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

function certificate(parts: Partial<Certificate & { readable: true }>): Certificate {
  return {
    readable: true,
    subject: 'CN=gw.example',
    issuer: 'CN=Example CA',
    commonName: 'gw.example',
    serialNumber: '01',
    notBefore: NOW - 30 * DAY,
    notAfter: NOW + 300 * DAY,
    selfSigned: false,
    keyType: 'RSA',
    keyBits: 2048,
    signatureAlgorithm: 'sha256WithRSAEncryption',
    subjectAltNames: ['DNS:gw.example'],
    extendedKeyUsages: ['serverAuth'],
    keyUsages: [],
    sha256: '00',
    sha1: '00',
    spkiSha256: '00',
    ...parts,
  };
}

const CHANNEL: readonly GatewayFact[] = (
  [
    ['client', 'channel-create'],
    ['server', 'channel-response'],
  ] as const
).map(([by, packet], at) => ({
  kind: 'tunnel-packet',
  at: 60_000 + at * 1000,
  by,
  packet,
  code: null,
  capabilities: null,
  redirections: null,
  idleTimeout: null,
  udpPort: null,
  text: null,
}));

function trace(
  ending: Partial<GatewayEnding> | null,
  facts: readonly GatewayFact[] = [],
  own: Certificate = certificate({}),
): GatewayTrace {
  return {
    name: 'gw.example:443',
    host: 'gw.example',
    client: { address: '192.0.2.9', port: 50_000 },
    server: { address: '192.0.2.1', port: 443 },
    target: 'srv01:3389',
    startedAt: NOW * 1000,
    facts: [
      { kind: 'tcp-connect', at: 0 },
      { kind: 'tcp-accepted', at: 20_000 },
      {
        kind: 'tls-secured',
        at: 40_000,
        version: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        group: null,
        certificates: [own],
        source: 'endpoint',
      },
      ...facts,
    ],
    ending:
      ending === null
        ? null
        : { step: 'http', how: 'timeout', by: null, code: null, says: 'x', at: 90_000, ...ending },
    transport: 'websocket',
    credentials: true,
    notMeasured: {},
  };
}

function response(parts: Partial<GatewayFact & { kind: 'http-response' }>): GatewayFact {
  return {
    kind: 'http-response',
    at: 50_000,
    status: 404,
    reason: 'Not Found',
    schemes: [],
    proxySchemes: [],
    server: null,
    via: [],
    contentType: null,
    location: null,
    ...parts,
  };
}

function causes(of: GatewayTrace): readonly string[] {
  return gatewayFindings(toGatewayReport(of), NOW).map(
    ({ cause, certainty }) => `${certainty} ${cause}`,
  );
}

t.test('codes of the gateway, as HRESULTs and as plain numbers', async (t) => {
  const rows: readonly (readonly [
    step: GatewayEnding['step'],
    code: number,
    causes: readonly string[],
  ])[] = [
    ['authorization', 0x800759db, ['proved gateway-cap-denied']],
    ['authorization', 0x59db, ['proved gateway-cap-denied']],
    ['authorization', 0x800759ed, ['proved gateway-cap-denied']],
    ['authorization', 0x80070005, ['likely gateway-cap-denied']],
    ['channel', 0x800759da, ['proved gateway-rap-denied']],
    ['channel', 0x800759dd, ['proved gateway-cannot-reach-target']],
    ['channel', 0x59dd, ['proved gateway-cannot-reach-target']],
    ['channel', 0x800759d8, ['likely gateway-cannot-reach-target']],
    ['tunnel', 0x800759d8, ['possible gateway-unreachable-or-max-connections']],
    ['tunnel', 0x59e6, ['proved gateway-unreachable-or-max-connections']],
    ['tunnel', 0x800759ee, ['proved gateway-certificate-problem']],
    ['tunnel', 0x800759f8, ['likely gateway-cap-denied']],
    [
      'channel',
      0x12345678,
      ['possible gateway-rap-denied', 'possible gateway-cannot-reach-target'],
    ],
  ];
  for (const [step, value, expected] of rows) {
    const ending = { step, how: 'error-code', by: 'server', code: gatewayCode(value) } as const;
    t.same(causes(trace(ending)), expected, `${step} 0x${value.toString(16)}`);
  }
});

t.test('other ways to end', async (t) => {
  const rows: readonly (readonly [
    ending: Partial<GatewayEnding>,
    facts: readonly GatewayFact[],
    first: string,
  ])[] = [
    [{ step: 'tcp', how: 'timeout' }, [], 'proved gateway-unreachable-or-max-connections'],
    [{ step: 'resolve', how: 'not-found' }, [], 'proved gateway-unreachable-or-max-connections'],
    [{ step: 'tls', how: 'reset' }, [], 'possible gateway-certificate-problem'],
    [{ step: 'http', how: 'proxy' }, [], 'proved gateway-http-proxy'],
    [{ step: 'tcp', how: 'proxy' }, [], 'proved gateway-http-proxy'],
    [{ step: 'http', how: 'unavailable' }, [], 'likely gateway-unreachable-or-max-connections'],
    [
      { step: 'http', how: 'not-gateway' },
      [response({ server: 'Microsoft-HTTPAPI/2.0' })],
      'likely gateway-unreachable-or-max-connections',
    ],
    [
      { step: 'http', how: 'not-gateway' },
      [response({ server: 'nginx' })],
      'possible gateway-http-proxy',
    ],
    [{ step: 'http', how: 'reset' }, [], 'possible gateway-http-proxy'],
    [{ step: 'authentication', how: 'unauthorized' }, [], 'likely nla-bad-credentials'],
    [{ step: 'authentication', how: 'closed' }, [], 'possible gateway-http-proxy'],
    [{ step: 'channel', how: 'timeout' }, [], 'likely gateway-cannot-reach-target'],
    [{ step: 'tunnel', how: 'closed' }, [], 'possible gateway-http-proxy'],
  ];
  for (const [ending, facts, first] of rows) {
    t.equal(causes(trace(ending, facts))[0], first, `${ending.step} ${ending.how}`);
  }
});

t.test("the gateway's certificate", async (t) => {
  const rows: readonly (readonly [
    parts: Parameters<typeof certificate>[0],
    expected: readonly string[],
  ])[] = [
    [{}, []],
    [{ notAfter: NOW - DAY }, ['proved gateway-certificate-problem']],
    [{ notBefore: NOW + DAY }, ['proved gateway-certificate-problem']],
    [{ subjectAltNames: ['DNS:other.example'] }, ['likely gateway-certificate-problem']],
    [{ selfSigned: true }, ['possible gateway-certificate-problem']],
    [{ keyBits: 512 }, ['possible gateway-certificate-problem']],
  ];
  for (const [parts, expected] of rows) {
    t.same(
      causes(trace(null, [response({ status: 401, schemes: ['NTLM'] })], certificate(parts))),
      expected,
    );
  }
});

t.test('the diagnosis of a target behind a gateway', async (t) => {
  const alone = {
    target: 'srv01:3389',
    handshakes: [],
    path: null,
    scan: null,
    verdict: 'no connection to srv01:3389 was made',
    notTested: [],
    findings: [],
  };
  const of = (seen: GatewayTrace) => withGateway(alone, toGatewayReport(seen), NOW);
  const asked = of(trace(null, [response({ status: 401, schemes: ['Negotiate', 'NTLM'] })]));
  t.match(asked.verdict, /gw\.example:443 answers and asks for credentials \(Negotiate and NTLM\)/);
  t.match(asked.notTested[0], /--gateway-user/);
  t.equal(standingOf(asked, []), 'open');
  const refused = of(
    trace({
      step: 'channel',
      how: 'error-code',
      code: gatewayCode(0x800759da),
      says: 'refused so',
    }),
  );
  t.match(
    refused.verdict,
    /died in its step channel: refused so; proved: RD Gateway: the resource policy/,
  );
  t.equal(standingOf(refused, []), 'problem');
  t.equal(standingOf(of(trace({ step: 'resolve', how: 'not-found' })), []), 'not-tried');
  const passed = of(trace(null, CHANNEL));
  t.equal(passed.verdict, `${alone.verdict} (through the gateway gw.example:443)`);
});
