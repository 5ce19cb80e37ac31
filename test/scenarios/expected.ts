import type { Outcome } from '../../src/handshake/handshake.js';
import type { StageName } from '../../src/handshake/trace.js';
import type { ProbeSettings } from '../../src/probe/settings.js';
import { PROTOCOL_RDP, PROTOCOL_SSL } from '../../src/wire/negotiation.js';

/** What the probe must say of one scenario, however its bytes arrive. */
export interface Expected extends Pick<Outcome, 'status' | 'reached' | 'failedAt' | 'how' | 'by'> {
  /**
   * The six stages in order, a letter each: `c`ompleted, `f`ailed, not `r`eached, not `a`ttempted,
   * `-` not applicable.
   */
  readonly stages: string;
  /** dotted path into the handshake -> its value, or what must be true of it */
  readonly facts: Readonly<Record<string, unknown>>;
  /** how the request differs from the default one */
  readonly asks: Partial<ProbeSettings>;
}

type Details = Partial<Pick<Expected, 'facts' | 'asks'>>;

/** It ended with nothing wrong at this stage. */
function ok(reached: StageName, stages: string, details: Details = {}): Expected {
  return {
    status: 'ok',
    reached,
    failedAt: null,
    how: null,
    by: null,
    stages,
    facts: {},
    asks: {},
    ...details,
  };
}

const BEFORE: Readonly<Record<'x224' | 'tls' | 'credssp' | 'mcs', [StageName, string]>> = {
  x224: ['tcp', '-cfrrr'],
  tls: ['x224', '-ccfrr'],
  credssp: ['tls', '-cccfr'],
  // Only without CredSSP does the probe come as far as this.
  mcs: ['tls', '-ccc-f'],
};

/** It died at this stage. */
function died(
  failedAt: 'x224' | 'tls' | 'credssp' | 'mcs',
  how: NonNullable<Outcome['how']>,
  by: Outcome['by'],
  details: Details = {},
): Expected {
  const [reached, stages] = BEFORE[failedAt];
  return {
    status: 'failed',
    reached,
    failedAt,
    how,
    by,
    stages,
    facts: {},
    asks: {},
    ...details,
  };
}

function refused(code: number, name: string | null, asks: Partial<ProbeSettings> = {}): Expected {
  const facts = { 'x224.response.kind': 'failure', 'x224.response.failure': { code, name } };
  return died('x224', 'negotiation-failure', 'server', { facts, asks });
}

function foreign(protocol: string | null, facts: Expected['facts'] = {}): Expected {
  return died('x224', 'not-rdp', 'server', {
    facts: { 'x224.response.kind': 'not-rdp', 'x224.response.protocol': protocol, ...facts },
  });
}

function alert(code: number, name: string): Expected {
  return died('tls', 'alert', 'server', {
    facts: { 'tls.alert': { by: 'server', level: 'fatal', code, name } },
  });
}

/** With NLA, through to the challenge. */
function challenged(facts: Expected['facts']): Expected {
  return ok('credssp', '-cccca', {
    facts: { 'credssp.authentication': 'not-attempted', 'credssp.errorCode': null, ...facts },
  });
}

const HYBRID = { value: 2, name: 'PROTOCOL_HYBRID' };
const HYBRID_EX = { value: 8, name: 'PROTOCOL_HYBRID_EX' };
const DAY_MS = 86_400_000;

function days(instant: unknown): number {
  return (Date.parse(String(instant)) - Date.now()) / DAY_MS;
}

function near(ms: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && Math.abs(value - ms) < 30_000;
}

export const EXPECTED: Readonly<Record<string, Expected>> = {
  'healthy-windows': challenged({
    'x224.request.requestedProtocols.value': 11,
    'x224.response.kind': 'response',
    'x224.response.selectedProtocol': HYBRID_EX,
    'x224.response.flags.value': 0x1f,
    'x224.response.sourceReference': 0x1234,
    'x224.response.serverKind': 'windows',
    'tls.version': 'TLSv1.3',
    'tls.clientHello.serverName': 'srv01.corp.example',
    'tls.certificates.length': 1,
    'tls.certificates.0.subject': 'CN=srv01.corp.example',
    'tls.certificates.0.selfSigned': true,
    'tls.certificates.0.keyType': 'RSA',
    'tls.certificates.0.keyBits': 2048,
    'tls.certificates.0.signatureAlgorithm': 'sha256WithRSAEncryption',
    'tls.certificates.0.extendedKeyUsages': ['serverAuth'],
    'credssp.version': 6,
    'credssp.wrapper': 'none',
    'credssp.ntlm.netbiosComputerName': 'SRV01',
    'credssp.ntlm.netbiosDomainName': 'CORP',
    'credssp.ntlm.dnsComputerName': 'srv01.corp.example',
    'credssp.ntlm.dnsDomainName': 'corp.example',
    'credssp.ntlm.dnsTreeName': 'corp.example',
    'credssp.ntlm.productVersion': '10.0.20348',
    'credssp.ntlm.clockSkewMs': near(0),
  }),
  'healthy-tls12': challenged({
    'x224.response.selectedProtocol': HYBRID,
    'tls.version': 'TLSv1.2',
    'credssp.ntlm.productVersion': '10.0.17763',
  }),
  'healthy-ca-certificate': challenged({
    'tls.certificates.length': 2,
    'tls.certificates.0.selfSigned': false,
    'tls.certificates.0.issuer': 'CN=CORP Issuing CA',
    'tls.certificates.1.selfSigned': true,
  }),
  'healthy-tls-only': ok('mcs', '-ccc-c', {
    facts: {
      'x224.response.selectedProtocol': { value: 1, name: 'PROTOCOL_SSL' },
      'credssp.version': null,
      'mcs.rdpVersion': '5.0-8.1',
      'mcs.encryptionMethod.value': 0,
      'mcs.encryptionLevel.value': 0,
      'mcs.serverCertificate': null,
    },
  }),
  'rdp-security': ok('mcs', '-cc--c', {
    asks: { requestedProtocols: PROTOCOL_RDP },
    facts: {
      'x224.response.selectedProtocol': { value: 0, name: 'PROTOCOL_RDP' },
      'tls.version': null,
      'mcs.encryptionMethod.value': 2,
      'mcs.encryptionLevel.value': 2,
      'mcs.serverCertificate.kind': 'proprietary',
      'mcs.serverCertificate.keyBits': 512,
    },
  }),
  'no-negotiation': ok('mcs', '-cc--c', {
    facts: { 'x224.response.kind': 'none-negotiated', 'mcs.encryptionMethod.value': 2 },
  }),
  'split-1': challenged({ 'tls.version': 'TLSv1.3' }),
  'hello-retry': challenged({ 'tls.version': 'TLSv1.3', 'tls.group': 'secp384r1' }),
  'spnego-wrapped': challenged({
    'credssp.wrapper': 'spnego',
    'credssp.ntlm.netbiosComputerName': 'SRV01',
  }),
  'expired-certificate': challenged({
    'tls.certificates.0.notAfter': (at: unknown) => days(at) < -29 && days(at) > -32,
  }),
  'not-yet-valid-certificate': challenged({
    'tls.certificates.0.notBefore': (at: unknown) => days(at) > 28 && days(at) < 31,
  }),
  'renamed-computer': challenged({
    'tls.certificates.0.subject': 'CN=WIN-7Q2K5T0.corp.example',
    'credssp.ntlm.dnsComputerName': 'srv01.corp.example',
  }),
  'weak-certificate': challenged({
    'tls.certificates.0.keyBits': 1024,
    'tls.certificates.0.signatureAlgorithm': 'sha1WithRSAEncryption',
  }),
  'clock-ahead': challenged({ 'credssp.ntlm.clockSkewMs': near(420_000) }),
  'unpatched-credssp-2': challenged({
    'x224.response.flags.value': 1,
    'tls.version': 'TLSv1.0',
    'credssp.version': 2,
    'credssp.ntlm.productVersion': '6.0.6000',
    'credssp.ntlm.netbiosComputerName': 'Server',
    'credssp.ntlm.timestamp': null,
    'credssp.ntlm.clockSkewMs': null,
  }),
  'unpatched-credssp-3': challenged({ 'credssp.version': 3 }),
  'unpatched-credssp-4': challenged({ 'credssp.version': 4 }),
  'patched-credssp-5': challenged({ 'credssp.version': 5 }),
  'tls10-only': challenged({ 'tls.version': 'TLSv1.0' }),
  'tls11-only': challenged({ 'tls.version': 'TLSv1.1' }),

  'nla-required': refused(5, 'HYBRID_REQUIRED_BY_SERVER', { requestedProtocols: PROTOCOL_SSL }),
  'tls-required': refused(1, 'SSL_REQUIRED_BY_SERVER', { requestedProtocols: PROTOCOL_RDP }),
  'rdp-security-only': refused(2, 'SSL_NOT_ALLOWED_BY_SERVER'),
  'no-certificate': refused(3, 'SSL_CERT_NOT_ON_SERVER'),
  'inconsistent-flags': refused(4, 'INCONSISTENT_FLAGS'),
  'user-auth-required': refused(6, 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER'),
  'unknown-failure': refused(9, null),
  'talks-on-after-failure': refused(2, 'SSL_NOT_ALLOWED_BY_SERVER'),
  rdstls: ok('tls', '-ccc-a', {
    facts: { 'x224.response.selectedProtocol': { value: 4, name: 'PROTOCOL_RDSTLS' } },
  }),
  'unknown-protocol': ok('tls', '-ccc-a', {
    facts: { 'x224.response.selectedProtocol': { value: 0x40, name: null } },
  }),
  'x224-disconnect': died('x224', 'refused', 'server'),
  'mcs-disconnect': died('x224', 'closed', 'server'),
  silent: died('x224', 'timeout', null, { facts: { 'x224.response.kind': null } }),
  'silent-after-request': died('x224', 'timeout', null),
  'closed-at-once': died('x224', 'closed', 'server'),
  'reset-at-once': died('x224', 'reset', 'server'),
  'close-after-request': died('x224', 'closed', 'server'),
  'reset-after-request': died('x224', 'reset', 'server'),
  'stall-mid-confirm': died('x224', 'timeout', null),
  'close-mid-confirm': died('x224', 'closed', 'server'),
  trickle: died('x224', 'timeout', null),
  'malformed-confirm': died('x224', 'malformed', 'server'),
  'garbage-confirm': foreign(null),
  ssh: foreign('SSH'),
  http: foreign('HTTP'),
  vnc: foreign('VNC'),
  'tls-at-once': foreign('TLS'),
  modbus: foreign('Modbus'),
  mysql: foreign('MySQL'),
  'iso-on-tcp': foreign('ISO-on-TCP'),

  'key-unreadable': died('tls', 'reset', 'server', {
    facts: { 'x224.response.selectedProtocol': HYBRID_EX, 'tls.version': null },
  }),
  'long-hello-refused': died('tls', 'reset', 'server', { facts: { 'tls.version': null } }),
  'new-hello-refused': died('tls', 'reset', 'server', { facts: { 'tls.version': null } }),
  'only-old-hello-answered': died('tls', 'reset', 'server', { facts: { 'tls.version': null } }),
  'closed-after-client-hello': died('tls', 'closed', 'server'),
  'silent-after-client-hello': died('tls', 'timeout', null),
  'close-after-confirm': died('tls', 'closed', 'server'),
  'reset-after-confirm': died('tls', 'reset', 'server'),
  'tls-alert-handshake-failure': alert(40, 'handshake_failure'),
  'tls-alert-protocol-version': alert(70, 'protocol_version'),
  'tls-alert-internal-error': alert(80, 'internal_error'),
  'stall-mid-server-hello': died('tls', 'timeout', null),
  'reset-in-server-flight': died('tls', 'reset', 'server', { facts: { 'tls.version': 'TLSv1.2' } }),
  'garbage-after-client-hello': died('tls', 'malformed', 'server'),
  flood: died('tls', 'malformed', 'server'),

  'close-after-tls': died('credssp', 'closed', 'server', { facts: { 'tls.version': 'TLSv1.2' } }),
  'close-notify-after-tls': died('credssp', 'closed', 'server'),
  'reset-after-tls': died('credssp', 'reset', 'server', { facts: { 'tls.version': 'TLSv1.3' } }),
  'silent-after-tls': died('credssp', 'timeout', null),
  'close-after-ts-request': died('credssp', 'closed', 'server'),
  'reset-after-ts-request': died('credssp', 'reset', 'server'),
  'credssp-error-code': died('credssp', 'error-code', 'server', {
    facts: {
      'credssp.version': 6,
      'credssp.errorCode': { code: '0xC000006D', name: 'STATUS_LOGON_FAILURE' },
      'credssp.ntlm': null,
    },
  }),
  'nla-logon': challenged({ 'credssp.version': 6, 'credssp.logon': null }),
  'malformed-ts-request': died('credssp', 'malformed', 'server'),
  'garbage-after-tls': died('credssp', 'malformed', 'server'),
  'mcs-disconnect-after-connect': died('mcs', 'closed', 'server'),
  'silent-after-connect': died('mcs', 'timeout', null),
};
