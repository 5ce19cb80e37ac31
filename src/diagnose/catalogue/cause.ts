import type { SignalId } from './signals.js';
import type { SourceKey } from './sources.js';

/** Where a connection stands when the cause shows, in the order in which a connection gets there. */
export type FailurePoint =
  | 'dns'
  | 'tcp-connect'
  | 'x224'
  | 'tls-client-hello'
  | 'tls-server-flight'
  | 'tls-cert'
  | 'credssp-nego'
  | 'credssp-auth'
  | 'mcs'
  | 'post';

export type CauseCategory =
  | 'auth'
  | 'broker'
  | 'certificate'
  | 'credssp'
  | 'dns'
  | 'firewall'
  | 'gateway'
  | 'latency'
  | 'licensing'
  | 'loss'
  | 'mtu'
  | 'network'
  | 'nla'
  | 'policy'
  | 'private-key'
  | 'proxy'
  | 'security-layer'
  | 'service'
  | 'time-skew'
  | 'tls-cipher'
  | 'tls-version'
  | 'udp'
  | 'windows-update';

/**
 * What a signal is worth for a cause. `decisive`: it names the cause, or its family; `supporting`: it
 * raises it; `hint`: weak; `ambiguous`: many causes share it, it ranks only together with others.
 */
export type SignalWeight = 'decisive' | 'supporting' | 'hint' | 'ambiguous';

/** What a signal says against a cause. `rules-out`: it cannot be both; `weakens`: it seldom is. */
export type CounterWeight = 'rules-out' | 'weakens';

/** How well the picture on the wire is founded, and how far it leads to the cause. */
export interface Confidence {
  readonly signatureImpliesCause: 'strong' | 'moderate' | 'weak';
  readonly note: string;
  /**
   * `spec`: an open specification defines what is on the wire; `vendor-doc`: Microsoft documents cause
   * and symptom, the wire is derived unless a code is named; `project-issue`: an issue or field report;
   * `protocol-inference`: derived from the order of the protocol, written down nowhere.
   */
  readonly signatureBasis: 'spec' | 'vendor-doc' | 'project-issue' | 'protocol-inference';
}

/**
 * What mstsc shows. `documented`: the documented meaning of the code is this cause; `inferred`: one way
 * to get the code; `reported`: people report it, and no official text says so.
 */
export interface MstscSign {
  /** null: no code of its own, see `extended` or `says` */
  readonly code: string | null;
  readonly extended: string | null;
  readonly basis: 'documented' | 'inferred' | 'reported';
  /** the words of the dialog, or a remark */
  readonly says: string | null;
}

export interface Advice {
  readonly do: string;
  readonly command: string | null;
  /** where it is to be done */
  readonly where: 'server' | 'client' | 'network' | null;
  readonly caution: string | null;
}

/** A look at one machine that confirms or refutes the cause; it changes nothing there. */
export interface HostCheck {
  readonly where: 'server' | 'client';
  /** PowerShell, elevated; null: nothing to type, `shows` says where to look */
  readonly command: string | null;
  /** what to look for in the output */
  readonly shows: string | null;
}

/** What the catalogue knows of one cause, whatever the case. */
export interface Cause {
  /** the cause in one line, without a full stop */
  readonly title: string;
  /** why it happens */
  readonly summary: string;
  readonly category: CauseCategory;
  /** `gateway`: on the way to or through an RD Gateway */
  readonly phase: 'direct' | 'gateway';
  readonly failurePoint: FailurePoint;
  readonly alsoSeenAt: readonly FailurePoint[];
  /** what is seen of it from outside */
  readonly wireSignature: string;
  readonly signalWeights: Readonly<Partial<Record<SignalId, SignalWeight>>>;
  /** only where some speak against it */
  readonly counterSignals?: Readonly<Partial<Record<SignalId, CounterWeight>>>;
  readonly confidence: Confidence;
  /** whether a probe from outside can see it */
  readonly remotelyObservable: 'yes' | 'partly' | 'no';
  /** further questions to the server that tell it from its neighbours */
  readonly discriminators: readonly string[];
  /** the one check that separates it from its neighbours */
  readonly nextCheck: string | null;
  readonly mstsc: readonly MstscSign[];
  readonly hostChecks: readonly HostCheck[];
  /** in the order in which to try it */
  readonly advice: readonly Advice[];
  /** what else can be done, where the advice is not enough */
  readonly more: readonly string[];
  readonly caution: string | null;
  /** what in this entry no official text confirms */
  readonly unverified: readonly string[];
  readonly sources: readonly SourceKey[];
}

/** Keeps the ids as a type, and spares the declaration file the data. */
export function defineCauses<const Id extends string>(
  causes: Readonly<Record<Id, Cause>>,
): Readonly<Record<Id, Cause>> {
  return causes;
}

/** 0x904: the socket was closed. Many causes end so, and the code names none of them. */
export const SOCKET_CLOSED: MstscSign = {
  code: '0x904',
  extended: null,
  basis: 'inferred',
  says: null,
};

/** Reported again and again for one cause or another; documented is each number, not the pair. */
export const PAIR_REPORTED: MstscSign = {
  code: '0x904',
  extended: '0x7',
  basis: 'reported',
  says: null,
};

export function documented(code: string): MstscSign {
  return { code, extended: null, basis: 'documented', says: null };
}

/** A dialog or remark instead of a code. */
export function says(text: string, basis: 'documented' | 'reported'): MstscSign {
  return { code: null, extended: null, basis, says: text };
}

type AdviceMaker = (what: string, command?: string | null, caution?: string | null) => Advice;

const adviceFor =
  (where: Advice['where']): AdviceMaker =>
  (what, command = null, caution = null) => ({ do: what, command, where, caution });

export const onServer = adviceFor('server');
export const onClient = adviceFor('client');
export const onNetwork = adviceFor('network');
/** The text says where: on a gateway, a broker, another host. */
export const onAnother = adviceFor(null);

type HostCheckMaker = (command: string | null, shows?: string | null) => HostCheck;

const checkIn =
  (where: HostCheck['where']): HostCheckMaker =>
  (command, shows = null) => ({ where, command, shows });

export const inServer = checkIn('server');
export const inClient = checkIn('client');

export const DROPS_SESSIONS = 'Restarting TermService disconnects everyone who is connected.';

export const NEVER_RENAME_MACHINE_KEYS =
  'Touch this one file only. Never rename or empty the MachineKeys folder: it holds the private ' +
  'keys of every other service (IIS, WinRM, SQL Server, agents), and they would lose them.';

type CounterSignals = NonNullable<Cause['counterSignals']>;

/** Against what keeps a server from TLS altogether: it does speak it, or did a moment later. */
export const IT_SPEAKS_TLS: CounterSignals = {
  'tls.direct-ok': 'rules-out',
  'tls.other-hello-ok': 'rules-out',
  'stage.second-try-ok': 'rules-out',
  'tls.alert-to-another-hello': 'weakens',
};

/** Against what the offer of the client decides: none helps, or the same one did a moment later. */
export const NO_OFFER_HELPS: CounterSignals = {
  'tls.no-hello-answered': 'rules-out',
  'stage.second-try-ok': 'rules-out',
};
