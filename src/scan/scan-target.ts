import type {
  DirectTlsReport,
  NegotiationReport,
  OfferAnswer,
  RdpSecurityReport,
  ScanReport,
} from '../handshake/scan.js';
import type { Certificate, HandshakeTrace } from '../handshake/trace.js';
import { type ProbeIo, probeTarget } from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { ALL_ENCRYPTION_METHODS } from '../wire/gcc-block.js';
import { Asker, type AskerOptions, type ScanHandshake } from './asker.js';
import { certificateOf, directTlsQuestion, directTlsVerdict } from './direct-tls.js';
import { nextOffer, routingTokenTo } from './negotiation-plan.js';
import { negotiationVerdict } from './negotiation-verdict.js';
import { isAnswered, offerAnswer } from './offer-answer.js';
import {
  type MethodAnswer,
  methodAnswer,
  nextMethods,
  rdpSecurityVerdict,
} from './rdp-security.js';
import type { ScanOptions } from './scan-options.js';
import { weakSettings } from './weak-settings.js';

export interface ScanIo extends ProbeIo {
  onQuestion?: AskerOptions['onQuestion'];
}

/** A scanned target, and the handshakes that it took. */
export interface ScannedTarget {
  /** its handshakes count in `handshakes` */
  readonly report: ScanReport;
  readonly handshakes: readonly ScanHandshake[];
}

/**
 * Asks a server everything that its answers leave open, one connection at a time, after an ordinary
 * handshake. What cannot be learned is said with the reason; nothing that the server does makes this
 * reject.
 *
 * @param settings of the ordinary handshake; every question differs from it in something
 */
export async function scanTarget(
  target: Target,
  settings: ProbeSettings,
  io: ScanIo,
  options: ScanOptions,
): Promise<ScannedTarget> {
  return await new ScanRun(target, settings, io, options).run();
}

class ScanRun {
  readonly #target: Target;
  readonly #settings: ProbeSettings;
  readonly #io: ScanIo;
  readonly #options: ScanOptions;
  readonly #beganAt: number;
  readonly #notMeasured: Record<string, string> = {};
  readonly #notTested: string[] = [];

  constructor(target: Target, settings: ProbeSettings, io: ScanIo, options: ScanOptions) {
    this.#target = target;
    this.#settings = settings;
    this.#io = io;
    this.#options = options;
    this.#beganAt = io.clock.now();
  }

  async run(): Promise<ScannedTarget> {
    const made = await probeTarget(this.#target, this.#settings, this.#io, { allAddresses: false });
    const before = made.map(
      (trace): ScanHandshake => ({ trace, purpose: 'verdict', reason: null }),
    );
    const first = made.at(-1);
    const address = first?.server.address ?? null;
    const asker = new Asker(
      { target: this.#target, address: address ?? this.#target.host },
      this.#settings,
      this.#io,
      {
        most: this.#options.mostConnections,
        ...(this.#io.onQuestion === undefined ? {} : { onQuestion: this.#io.onQuestion }),
      },
      before,
    );
    const nothing = first === undefined ? 'no address to connect to' : whyNothingToAsk(first);
    if (nothing !== null || first === undefined) {
      return this.#finish(
        asker,
        { negotiation: null, rdpSecurity: null, directTls: null },
        nothing,
      );
    }
    const usual = offerAnswer(first, asker.last);
    const { offers, methods } = await this.#negotiate(asker, usual);
    const negotiation = offers.some(isAnswered) ? negotiationVerdict(offers) : null;
    if (negotiation === null) {
      const why = asker.whyStopped ?? 'the server answered no X.224 request';
      return this.#finish(asker, { negotiation, rdpSecurity: null, directTls: null }, why);
    }
    const rdpSecurity = await this.#rdpSecurity(asker, negotiation, methods);
    const directTls = await this.#directTls(asker, negotiation);
    return this.#finish(asker, { negotiation, rdpSecurity, directTls }, null);
  }

  /** The negotiation matrix, and what it showed of standard RDP security on the way. */
  async #negotiate(
    asker: Asker,
    usual: OfferAnswer,
  ): Promise<{ offers: readonly OfferAnswer[]; methods: MethodAnswer | null }> {
    const { cookie, routingToken } = this.#settings;
    const base = {
      hasOwnLine: cookie !== null || routingToken !== null,
      routingToken: routingTokenTo(
        asker.handshakes.at(-1)?.trace.server.address ?? '',
        this.#target.port,
      ),
    };
    const offers = [usual];
    let methods = this.#methodsOf(asker, usual);
    // A server that says nothing to the usual offer may still know the oldest form of a request.
    let question = isAnswered(usual) ? nextOffer(offers, base) : OLDEST_FORM;
    while (question !== null) {
      const trace = await asker.ask(question);
      if (trace === null) {
        this.#notTested.push(`${question.reason}: ${asker.whyStopped}`);
        break;
      }
      const answer = offerAnswer(trace, asker.last);
      if (answer.answer !== 'no-connection') offers.push(answer);
      methods ??= this.#methodsOf(asker, answer);
      question = nextOffer(offers, base);
    }
    return { offers, methods };
  }

  /** A matrix question that went on into MCS has offered every method. */
  #methodsOf(
    asker: Asker,
    { mcs, handshake, answer, selectedProtocol }: OfferAnswer,
  ): MethodAnswer | null {
    const trace = asker.handshakes[handshake]?.trace;
    const inForce = answer === 'not-negotiated' || selectedProtocol?.value === 0;
    if (trace === undefined || mcs !== 'answered' || !inForce) return null;
    return methodAnswer(trace, ALL_ENCRYPTION_METHODS, handshake);
  }

  async #rdpSecurity(
    asker: Asker,
    { offers, conclusions }: NegotiationReport,
    first: MethodAnswer | null,
  ): Promise<RdpSecurityReport | null> {
    const way = offers.find(({ handshake }) => handshake === first?.handshake);
    if (first === null || way === undefined) {
      const { standardRdp } = conclusions;
      this.#notMeasured['rdpSecurity'] =
        standardRdp.value === 'refused'
          ? 'standard RDP security is refused'
          : `standard RDP security was not reached: ${standardRdp.says}`;
      return null;
    }
    const asked = [first];
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

  async #directTls(
    asker: Asker,
    { conclusions }: NegotiationReport,
  ): Promise<DirectTlsReport | null> {
    const { tls } = conclusions;
    if (tls.value === 'absent' || tls.value === null) {
      this.#notMeasured['directTls'] = `there is no TLS to compare it with: ${tls.says}`;
      return null;
    }
    const trace = await asker.ask(directTlsQuestion(asker.slowestMs));
    if (trace === null) {
      this.#notMeasured['directTls'] = asker.whyStopped ?? 'it was not asked';
      return null;
    }
    return directTlsVerdict(trace, negotiatedCertificate(asker.handshakes), asker.last);
  }

  #finish(
    asker: Asker,
    found: Pick<ScanReport, 'negotiation' | 'rdpSecurity' | 'directTls'>,
    nothing: string | null,
  ): ScannedTarget {
    for (const part of ['negotiation', 'rdpSecurity', 'directTls'] as const) {
      if (found[part] === null) this.#notMeasured[part] ??= nothing ?? 'it was not asked';
    }
    const { handshakes, made } = asker;
    const report: ScanReport = {
      connections: made,
      most: this.#options.mostConnections,
      tookMs: Math.round(this.#io.clock.now() - this.#beganAt) / 1000,
      ...found,
      weaknesses: weakSettings({ ...found, certificate: shownCertificate(handshakes) }),
      stopped: asker.refused === null ? null : { says: asker.refused, afterConnections: made },
      notTested: this.#notTested,
      notMeasured: this.#notMeasured,
    };
    return { report, handshakes };
  }
}

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
