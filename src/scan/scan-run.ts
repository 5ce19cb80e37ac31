import type {
  DirectTlsReport,
  NegotiationReport,
  OfferAnswer,
  RdpSecurityReport,
  ScanReport,
} from '../handshake/scan.js';
import type { TlsScan } from '../handshake/scan-tls.js';
import type { Certificate, HandshakeTrace } from '../handshake/trace.js';
import { ALL_ENCRYPTION_METHODS } from '../wire/gcc-block.js';
import type { Ask, Question } from './ask.js';
import type { Asker, ScanHandshake } from './asker.js';
import { certificateOf, directTlsQuestion, directTlsVerdict } from './direct-tls.js';
import { nextOffer, routingTokenTo } from './negotiation-plan.js';
import { negotiationVerdict } from './negotiation-verdict.js';
import { isAnswered, isInTls, offerAnswer } from './offer-answer.js';
import {
  type MethodAnswer,
  methodAnswer,
  nextMethods,
  rdpSecurityVerdict,
} from './rdp-security.js';
import type { ScanOptions } from './scan-options.js';
import { scanClients } from './scanned-clients.js';
import { helloBytes, readTlsAnswer } from './tls-answer.js';
import { MAX_CIPHER_QUESTIONS, MAX_TLS_QUESTIONS, surveyTls } from './tls-survey.js';
import { askTogether } from './two-lines.js';
import { weakSettings } from './weak-settings.js';

/** A scanned target, and the handshakes that it took. */
export interface ScannedTarget {
  /** its handshakes count in `handshakes` */
  readonly report: ScanReport;
  readonly handshakes: readonly ScanHandshake[];
}

/** What a scan goes by, beside the answers. */
export interface ScanOrder {
  readonly options: ScanOptions;
  /** the target as a client would name it in TLS */
  readonly host: string;
  /** whether the ordinary request has a cookie or a routing token */
  readonly hasOwnLine: boolean;
  /** time since the scan began, milliseconds */
  elapsedMs(): number;
}

/**
 * Asks everything that the answers leave open, and says what they come to. The next question depends
 * on the answers before it and on nothing else, so that the same answers give the same scan, whoever
 * has them: a server, or the record of an earlier scan.
 *
 * @param asker with the ordinary handshake made
 */
export async function runScan(asker: Asker, order: ScanOrder): Promise<ScannedTarget> {
  return await new ScanRun(asker, order).run();
}

/** The parts of a scan that may not have been reached. */
const PARTS = ['negotiation', 'rdpSecurity', 'directTls', 'tls', 'clients', 'credssp'] as const;

type Found = Pick<ScanReport, (typeof PARTS)[number]>;

const NOTHING: Found = {
  negotiation: null,
  rdpSecurity: null,
  directTls: null,
  tls: null,
  clients: null,
  credssp: null,
};

/** The answers to all offers, and what they showed of standard RDP security on the way. */
interface Matrix {
  readonly offers: readonly OfferAnswer[];
  readonly methods: readonly MethodAnswer[];
}

/** What all clients would get is computed; so many questions settle what is open then. */
const MAX_CLIENT_QUESTIONS = 4;

/** Where the questions before have taken so long that each costs a person's patience, fewer do. */
const FEW_CLIENT_QUESTIONS = 1;
const SLOW_SCAN_MS = 2000;

/** With the connections that it falls back to. */
const MAX_AS_ONE_CLIENT = 6;

class ScanRun {
  readonly #asker: Asker;
  readonly #order: ScanOrder;
  readonly #notMeasured: Record<string, string> = {};
  readonly #notTested: string[] = [];

  constructor(asker: Asker, order: ScanOrder) {
    this.#asker = asker;
    this.#order = order;
  }

  async run(): Promise<ScannedTarget> {
    const asker = this.#asker;
    const first = asker.handshakes.at(-1)?.trace;
    const nothing = first === undefined ? 'no address to connect to' : whyNothingToAsk(first);
    if (nothing !== null || first === undefined) {
      return this.#finish(NOTHING, nothing);
    }
    const usual = offerAnswer(first, asker.last);
    const { matrix, tls } = await this.#matrixAndTls(usual);
    const { offers, methods } = matrix;
    const negotiation = offers.some(isAnswered) ? negotiationVerdict(offers) : null;
    if (negotiation === null) {
      const why = asker.whyStopped ?? 'the server answered no X.224 request';
      return this.#finish(NOTHING, why);
    }
    const rdpSecurity = await this.#rdpSecurity(negotiation, methods);
    const ofTls = tls ?? (await this.#tls(asker.ask, offers.find(isInTls)));
    const directTls = await this.#directTls(negotiation);
    const clients = await this.#clients(ofTls);
    const found = { negotiation, rdpSecurity, tls: ofTls, directTls, ...clients };
    return this.#finish(found, null);
  }

  /** Where the server selects TLS, questions on TLS are asked in the connections of the matrix. */
  async #matrixAndTls(
    usual: OfferAnswer,
  ): Promise<{ readonly matrix: Matrix; readonly tls: TlsScan | null }> {
    const { ask } = this.#asker;
    if (!isInTls(usual)) return { matrix: await this.#negotiate(ask, usual), tls: null };
    const [matrix, tls] = await askTogether(
      ask,
      (ask) => this.#negotiate(ask, usual),
      (ask) => this.#tls(ask, usual),
    );
    return { matrix, tls };
  }

  /** The negotiation matrix, and what it showed of standard RDP security on the way. */
  async #negotiate(ask: Ask, usual: OfferAnswer): Promise<Matrix> {
    const asker = this.#asker;
    const { address, port } = asker.handshakes.at(-1)?.trace.server ?? NO_SERVER;
    const base = {
      hasOwnLine: this.#order.hasOwnLine,
      routingToken: routingTokenTo(address ?? '', port ?? 0),
    };
    const offers = [usual];
    const methods = [...methodsOf(asker, usual, ALL_ENCRYPTION_METHODS)];
    // A server that says nothing to the usual offer may still know the oldest form of a request.
    let question = isAnswered(usual) ? nextOffer(offers, base) : OLDEST_FORM;
    while (question !== null) {
      question = withMethods(question, methods);
      const trace = await ask(question);
      if (trace === null) {
        this.#notTested.push(`${question.reason}: ${asker.whyStopped}`);
        break;
      }
      const answer = offerAnswer(trace, asker.last);
      if (answer.answer !== 'no-connection') offers.push(inOldForm(answer, methods));
      const offered = question.settings.encryptionMethods ?? ALL_ENCRYPTION_METHODS;
      methods.push(...methodsOf(asker, answer, offered));
      question = nextOffer(offers, base);
    }
    return { offers, methods };
  }

  async #rdpSecurity(
    { offers, conclusions }: NegotiationReport,
    methods: readonly MethodAnswer[],
  ): Promise<RdpSecurityReport | null> {
    const way = offers.find(({ handshake }) => handshake === methods[0]?.handshake);
    if (way === undefined) {
      const { standardRdp } = conclusions;
      this.#notMeasured['rdpSecurity'] =
        standardRdp.value === 'refused'
          ? 'standard RDP security is refused'
          : `standard RDP security was not reached: ${standardRdp.says}`;
      return null;
    }
    const asker = this.#asker;
    const asked = [...methods];
    let whyEnded: string | null = null;
    let question = nextMethods(asked, way);
    while (question !== null) {
      const trace = await asker.ask(question);
      if (trace === null) {
        whyEnded = asker.whyStopped;
        break;
      }
      const offered = question.settings.encryptionMethods ?? 0;
      asked.push(methodAnswer(trace, offered, asker.last));
      question = nextMethods(asked, way);
    }
    return rdpSecurityVerdict(asked, whyEnded);
  }

  /** @param way the offer that leads to TLS */
  async #tls(ask: Ask, way: OfferAnswer | undefined): Promise<TlsScan | null> {
    if (way === undefined) {
      this.#notMeasured['tls'] = NO_TLS;
      return null;
    }
    const asker = this.#asker;
    const { ciphers } = this.#order.options;
    const verdict = asker.handshakes.findLast(({ purpose }) => purpose === 'verdict')?.trace;
    return await surveyTls(ask, {
      ciphers,
      limit: ciphers ? MAX_CIPHER_QUESTIONS : MAX_TLS_QUESTIONS,
      settings: { requestedProtocols: way.offer?.value ?? null },
      lastHandshake: () => asker.last,
      order: ciphers,
      ...(verdict === undefined
        ? {}
        : { known: { bytes: helloBytes(verdict), answer: readTlsAnswer(verdict) } }),
    });
  }

  async #directTls({ offers }: NegotiationReport): Promise<DirectTlsReport | null> {
    const asker = this.#asker;
    if (!offers.some(isInTls)) {
      this.#notMeasured['directTls'] =
        'no offer of TLS was taken: there is none to compare it with';
      return null;
    }
    const trace = await asker.ask(directTlsQuestion(asker.slowestMs));
    if (trace === null) {
      this.#notMeasured['directTls'] = asker.whyStopped ?? 'it was not asked';
      return null;
    }
    return directTlsVerdict(trace, negotiatedCertificate(asker.handshakes), asker.last);
  }

  async #clients(tls: TlsScan | null): Promise<Pick<ScanReport, 'clients' | 'credssp'>> {
    const asker = this.#asker;
    const { options, host, elapsedMs } = this.#order;
    const { client, ciphers } = options;
    const usual = elapsedMs() < SLOW_SCAN_MS ? MAX_CLIENT_QUESTIONS : FEW_CLIENT_QUESTIONS;
    const found = await scanClients(
      asker.handshakes.map(({ trace }) => trace),
      tls,
      asker.ask,
      {
        only: client,
        host,
        most: client !== null || ciphers ? MAX_AS_ONE_CLIENT : usual,
      },
    );
    if (found.whyNoCredSsp !== null) this.#notMeasured['credssp'] = found.whyNoCredSsp;
    return { clients: found.clients, credssp: found.credssp };
  }

  #finish(found: Found, nothing: string | null): ScannedTarget {
    const asker = this.#asker;
    for (const part of PARTS) {
      if (found[part] === null) this.#notMeasured[part] ??= nothing ?? 'it was not asked';
    }
    const { handshakes, made } = asker;
    const report: ScanReport = {
      connections: made,
      most: this.#order.options.mostConnections,
      tookMs: this.#order.elapsedMs(),
      ...found,
      weaknesses: weakSettings({
        ...found,
        certificate: shownCertificate(handshakes),
      }),
      stopped: asker.refused === null ? null : { says: asker.refused, afterConnections: made },
      notTested: this.#notTested,
      notMeasured: this.#notMeasured,
    };
    return { report, handshakes };
  }
}

/** An answer that went on into MCS says which of the encryption methods offered was chosen. */
function methodsOf(
  asker: Asker,
  { mcs, handshake }: OfferAnswer,
  offered: number,
): readonly MethodAnswer[] {
  const trace = asker.handshakes[handshake]?.trace;
  return trace === undefined || mcs !== 'answered' ? [] : [methodAnswer(trace, offered, handshake)];
}

/** A request without a negotiation leads to standard RDP security: what is open of it goes with it. */
function withMethods(question: Question, methods: readonly MethodAnswer[]): Question {
  if (question.settings.requestedProtocols !== null) return question;
  const more = nextMethods(methods, null);
  if (more === null) return question;
  const { encryptionMethods = ALL_ENCRYPTION_METHODS } = more.settings;
  return {
    ...question,
    reason: `${question.reason}, and ${more.reason}`,
    settings: { ...question.settings, until: null, encryptionMethods },
  };
}

/** Where single methods were offered, an end in MCS is the answer to those. */
function inOldForm(answer: OfferAnswer, methods: readonly MethodAnswer[]): OfferAnswer {
  const single = answer.offer === null && methods.length > 0 && answer.mcs !== 'answered';
  return single ? { ...answer, mcs: 'not-tried' } : answer;
}

const NO_SERVER = { address: null, port: null } as const;

const NO_TLS = 'no offer of TLS was taken';

/** As clients before 2006 asked; the shortest request that there is. */
const OLDEST_FORM = {
  purpose: 'matrix',
  reason: 'whether a request without a negotiation is answered',
  settings: { requestedProtocols: null, until: 'x224' },
} as const;

/** Why a server is not worth a second connection; null: it is. */
function whyNothingToAsk({ facts }: HandshakeTrace): string | null {
  if (!facts.some(({ kind }) => kind === 'tcp-accepted')) return 'no connection came about';
  if (facts.some(({ kind }) => kind === 'interrupted')) return 'it was interrupted';
  if (facts.some((fact) => fact.kind === 'foreign' && fact.by === 'server')) {
    return 'the port speaks another protocol than RDP';
  }
  return null;
}

/** The certificate of the first negotiated TLS. */
function negotiatedCertificate(handshakes: readonly ScanHandshake[]): string | null {
  for (const { trace, purpose } of handshakes) {
    const sha256 = purpose === 'direct-tls' ? null : certificateOf(trace);
    if (sha256 !== null) return sha256;
  }
  return null;
}

function shownCertificate(
  handshakes: readonly ScanHandshake[],
): { readonly own: Certificate; readonly handshake: number } | null {
  for (const [handshake, { trace }] of handshakes.entries()) {
    for (const fact of trace.facts) {
      const own = fact.kind === 'tls-secured' ? fact.certificates[0] : undefined;
      if (own !== undefined) return { own, handshake };
    }
  }
  return null;
}
