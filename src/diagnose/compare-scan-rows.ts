import type { DirectTlsReport, RdpSecurityReport, ScanReport } from '../handshake/scan.js';
import type { TlsFeatures, TlsScan, TlsVersionReport } from '../handshake/scan-tls.js';
import { answerText, getsOf, offerText } from '../handshake/scan-words.js';
import { numberName, TLS_FEATURE_WORDS, versionWords } from '../handshake/tls-words.js';
import { type Compared, leafOf } from './compared.js';

/** The parts of a scan that are set beside each other, in the order in which they are told. */
export const SCAN_PARTS = [
  'negotiation',
  'standard RDP',
  'TLS',
  'suites',
  'clients',
  'weak settings',
] as const;
export type ScanPart = (typeof SCAN_PARTS)[number];

/** One thing that scans can tell of a server, and what each told. */
export interface ScanRow {
  readonly part: ScanPart;
  readonly aspect: string;
  /** in the order of the reports; null: no scan, or it does not know */
  readonly values: readonly (string | null)[];
}

/** What a TLS version got that was asked for and met nothing but an end or silence. */
const NOT_ANSWERED = 'not answered';
export const ONLY_LONG_FAILS = 'only the long one dies';
/** an offer that nobody answered */
const SILENCE = 'silence';

/** What one scan tells, by aspect; what it does not know is not in it. */
type Told = ReadonlyMap<string, string>;

/** Every row that at least one scan has something to say in; none where nothing was scanned. */
export function scanRows(reports: readonly Compared[]): readonly ScanRow[] {
  return SCAN_PARTS.flatMap((part) => {
    const told = reports.map((one): Told => {
      const { scan } = one.diagnosis;
      return scan === null ? new Map() : TOLD[part](scan, one);
    });
    const aspects = new Set(told.flatMap((each) => [...each.keys()]));
    return [...aspects].map((aspect) => ({
      part,
      aspect,
      values: reports.map(({ diagnosis }, index) => {
        const value = told[index]?.get(aspect) ?? null;
        return value ?? (diagnosis.scan === null ? null : absent(part, aspect, diagnosis.scan));
      }),
    }));
  });
}

const TOLD: Readonly<Record<ScanPart, (scan: ScanReport, one: Compared) => Told>> = {
  negotiation: negotiationOf,
  'standard RDP': ({ rdpSecurity }) => rdpSecurityOf(rdpSecurity),
  TLS: ({ tls, directTls }) => new Map([...tlsOf(tls), ...directTlsOf(directTls)]),
  suites: ({ tls }) => suitesOf(tls),
  clients: clientsOf,
  'weak settings': weaknessesOf,
};

function negotiationOf({ negotiation }: ScanReport): Told {
  const told = new Map<string, string>();
  if (negotiation === null) return told;
  const { layer, nla, standardRdp, restrictedAdmin, redirectedAuthentication } =
    negotiation.conclusions;
  if (layer.value !== null) told.set('layer', layer.value);
  if (nla.value !== null) told.set('NLA', nla.value);
  if (standardRdp.value !== null) told.set('standard RDP', standardRdp.value);
  if (restrictedAdmin.value !== null) told.set('restricted admin', restrictedAdmin.value);
  if (redirectedAuthentication.value !== null) {
    told.set('redirected logon', redirectedAuthentication.value);
  }
  for (const offer of negotiation.offers) {
    const name = offerText(offer);
    const before = told.get(name);
    const answer = answerText(offer);
    // An offer that was repeated and answered in another way the second time.
    told.set(name, before === undefined || before === answer ? answer : `${before}; ${answer}`);
  }
  return told;
}

function rdpSecurityOf(report: RdpSecurityReport | null): Told {
  const told = new Map<string, string>();
  if (report === null) return told;
  const { methods, chosen, level, certificate } = report;
  for (const { method, accepted } of methods) {
    if (accepted === null) continue;
    told.set(
      numberName(method).replace('ENCRYPTION_METHOD_', ''),
      accepted ? 'accepted' : 'refused',
    );
  }
  if (chosen !== null) told.set('chosen', numberName(chosen).replace('ENCRYPTION_METHOD_', ''));
  if (level !== null) told.set('level', numberName(level).replace('ENCRYPTION_LEVEL_', ''));
  if (certificate !== null) told.set('certificate', certificate.kind);
  return told;
}

const ORDER_WORDS = { server: "the server's", client: "the client's", mixed: 'of neither alone' };

const SIZE_WORDS = {
  same: 'the same answer',
  'only-large-fails': ONLY_LONG_FAILS,
  differs: 'another answer',
} as const;

function tlsOf(tls: TlsScan | null): Told {
  const told = new Map<string, string>();
  if (tls === null) return told;
  for (const { version, status, order } of tls.versions) {
    const name = versionWords(version.value);
    if (status !== 'not-tested') told.set(name, status === 'unanswered' ? NOT_ANSWERED : status);
    if (order !== null) told.set(`${name} order`, ORDER_WORDS[order]);
  }
  for (const { version, groups, complete } of tls.groups) {
    if (!complete) continue;
    told.set(`${versionWords(version.value)} groups`, groups.map(numberName).join(', ') || 'none');
  }
  const [key] = tls.certificateKeys;
  if (key !== undefined) told.set('certificate key', `${key.type} ${key.bits ?? ''}`.trimEnd());
  if (tls.signaturesComplete) told.set('signatures', tls.signatures.map(numberName).join(', '));
  if (tls.primeBits.length > 0) told.set('DH primes', `${Math.min(...tls.primeBits)} bits`);
  const { verdict } = tls.size;
  if (verdict !== 'not-tested') told.set('long ClientHello', SIZE_WORDS[verdict]);
  const { status } = tls.weak;
  if (status !== 'not-tested') {
    told.set('weak suites', status === 'unanswered' ? NOT_ANSWERED : status);
  }
  for (const [feature, name] of Object.entries(TLS_FEATURE_WORDS)) {
    const has = tls.features[feature as keyof TlsFeatures];
    if (has !== null) told.set(name, has ? 'yes' : 'no');
  }
  return told;
}

const DIRECT_TLS = 'direct TLS';

function directTlsOf(report: DirectTlsReport | null): Told {
  return new Map(report === null ? [] : [[DIRECT_TLS, report.answer]]);
}

/** Of versions of which every suite was asked for: only there, what is not taken is refused. */
function suitesOf(tls: TlsScan | null): Told {
  const told = new Map<string, string>();
  for (const { version, suites, complete, status } of tls?.versions ?? []) {
    if (!complete || status !== 'accepted') continue;
    for (const { suite } of suites)
      told.set(suiteAspect(version.value, numberName(suite)), 'taken');
  }
  return told;
}

const SUITE_SEPARATOR = ': ';

function suiteAspect(version: number, suite: string): string {
  return `${versionWords(version)}${SUITE_SEPARATOR}${suite.replace(/^TLS_/, '')}`;
}

/** The version that a row of the part `suites` is about. */
export function versionOf({ aspect }: ScanRow): string {
  return aspect.split(SUITE_SEPARATOR)[0] ?? aspect;
}

function clientsOf({ clients }: ScanReport): Told {
  const told = new Map<string, string>();
  for (const profile of clients?.profiles ?? []) {
    if (profile.verdict === 'unknown') continue;
    const gets = getsOf(profile);
    told.set(
      profile.id,
      profile.verdict === 'can-connect'
        ? `${CONNECTS}${gets === '' ? '' : `: ${gets}`}`
        : `fails in ${profile.stage ?? 'an unknown stage'}`,
    );
  }
  return told;
}

const CONNECTS = 'connects';

/** Whether a value of the part `clients` says that the client gets in. */
export function connects(value: string): boolean {
  return value.startsWith(CONNECTS);
}

export const WEAK = 'found';
const NOT_WEAK = 'not found';

function weaknessesOf(scan: ScanReport, one: Compared): Told {
  const told = new Map<string, string>();
  for (const [id, couldTell] of Object.entries(COULD_TELL)) {
    if (couldTell(scan, one)) told.set(id, NOT_WEAK);
  }
  // Those of a later version too.
  for (const { id } of scan.weaknesses) told.set(id, WEAK);
  return told;
}

function decided(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function versionDecided({ tls }: ScanReport, version: number): boolean {
  return (tls?.versions ?? []).some(
    (one) =>
      one.version.value === version && (one.status === 'accepted' || one.status === 'refused'),
  );
}

/** Every suite was asked for, or all weak ones at once in the only version that could have them. */
function weakSuitesDecided(scan: ScanReport): boolean {
  const old = acceptedOf(scan).filter(({ version }) => version.value < TLS_1_3);
  return everySuiteKnown(scan) || (scan.tls?.weak.status === 'refused' && old.length <= 1);
}

const TLS_1_3 = 0x0304;

function acceptedOf({ tls }: ScanReport): readonly TlsVersionReport[] {
  return (tls?.versions ?? []).filter(({ status }) => status === 'accepted');
}

function everySuiteKnown(scan: ScanReport): boolean {
  const accepted = acceptedOf(scan);
  return accepted.length > 0 && accepted.every(({ complete }) => complete);
}

function standardRdpDecided({ negotiation, rdpSecurity }: ScanReport): boolean {
  return negotiation?.conclusions.standardRdp.value === 'refused' || rdpSecurity !== null;
}

/**
 * Whether a scan asked what shows a weak setting, so that its absence means something, by the id of
 * the setting. An id that is not here is never taken for absent.
 */
export const COULD_TELL: Readonly<Record<string, (scan: ScanReport, one: Compared) => boolean>> = {
  'nla-not-required': ({ negotiation }) => decided(negotiation?.conclusions.nla.value),
  'standard-rdp-security': ({ negotiation }) => decided(negotiation?.conclusions.standardRdp.value),
  'rdp-encryption-weak': standardRdpDecided,
  'rdp-encryption-none': standardRdpDecided,
  'credssp-unpatched': ({ credssp }) => decided(credssp?.updated),
  'no-usable-certificate': ({ negotiation }) => decided(negotiation?.conclusions.layer.value),
  'self-signed': (_, one) => leafOf(one) !== null,
  'weak-certificate': (_, one) => leafOf(one) !== null,
  'ssl-3.0': (scan) => versionDecided(scan, 0x0300),
  'tls-1.0': (scan) => versionDecided(scan, 0x0301),
  'tls-1.1': (scan) => versionDecided(scan, 0x0302),
  'null-suites': weakSuitesDecided,
  'anonymous-suites': weakSuitesDecided,
  'export-suites': weakSuitesDecided,
  rc4: weakSuitesDecided,
  '3des': weakSuitesDecided,
  'no-forward-secrecy': everySuiteKnown,
  'weak-diffie-hellman': everySuiteKnown,
  compression: ({ tls }) => decided(tls?.features.compression),
  'no-secure-renegotiation': ({ tls }) => decided(tls?.features.renegotiationInfo),
  'no-extended-master-secret': ({ tls }) => decided(tls?.features.extendedMasterSecret),
};

/** What it means that a scan does not name something; null: nothing. */
function absent(part: ScanPart, aspect: string, { tls }: ScanReport): string | null {
  if (part !== 'suites') return null;
  const isComplete = (tls?.versions ?? []).some(
    ({ version, complete, status }) =>
      complete &&
      status === 'accepted' &&
      aspect.startsWith(`${versionWords(version.value)}${SUITE_SEPARATOR}`),
  );
  return isComplete ? 'refused' : null;
}

/**
 * Whether what was asked met silence or an end in one of the scans, so that it may never have reached
 * the server. To TLS without a negotiation before it, servers that do not speak it are silent.
 */
export function wasUnanswered({ aspect, values }: ScanRow): boolean {
  return aspect !== DIRECT_TLS && values.some(isNoAnswer);
}

export function isNoAnswer(value: string | null): boolean {
  return value === NOT_ANSWERED || value === ONLY_LONG_FAILS || value === SILENCE;
}

/** Whether the scans that know it do not all say the same. */
export function differsIn({ values }: { readonly values: readonly (string | null)[] }): boolean {
  return new Set(values.filter((value) => value !== null)).size > 1;
}
