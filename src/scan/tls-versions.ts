import type {
  TlsAnswer,
  TlsSuiteReport,
  TlsVersionReport,
  TlsVersionStatus,
} from '../handshake/scan-tls.js';
import { answerWords, versionWords } from '../handshake/tls-words.js';
import { tlsVersion } from '../wire/tls-names.js';
import { SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 } from './tls-hello.js';
import { suiteReport } from './tls-result.js';

/** From the newest to the oldest. */
export const VERSIONS = [TLS_1_3, TLS_1_2, TLS_1_1, TLS_1_0, SSL_3_0] as const;

export type Version = (typeof VERSIONS)[number];

const NUMBERS: readonly number[] = VERSIONS;

/** AlertDescription protocol_version, RFC 8446 section 6.2. */
const PROTOCOL_VERSION = 70;

interface Entry {
  readonly status: TlsVersionStatus;
  readonly why: string;
  readonly suites: TlsSuiteReport[];
  complete: boolean;
  order: TlsVersionReport['order'];
}

/** What is known of each version. */
export class TlsVersions {
  readonly #entries = new Map<Version, Entry>();

  /** From the newest to the oldest. */
  accepted(): readonly Version[] {
    return VERSIONS.filter((version) => this.#entries.get(version)?.status === 'accepted');
  }

  acceptedBefore13(): readonly Version[] {
    return this.accepted().filter((version) => version !== TLS_1_3);
  }

  suites(version: Version): readonly TlsSuiteReport[] {
    return this.#entries.get(version)?.suites ?? [];
  }

  isComplete(version: Version): boolean {
    return this.#entries.get(version)?.complete ?? false;
  }

  /** These are all its suites. */
  setComplete(version: Version): void {
    const entry = this.#entries.get(version);
    if (entry !== undefined) entry.complete = true;
  }

  setOrder(version: Version, order: TlsVersionReport['order']): void {
    const entry = this.#entries.get(version);
    if (entry !== undefined) entry.order = order;
  }

  /** @returns whether the answer is a suite of that version which was not known before */
  add(version: Version, answer: TlsAnswer): boolean {
    const entry = this.#entries.get(version);
    if (entry === undefined || answer.kind !== 'hello') return false;
    if (answer.version.value !== version) return false;
    if (entry.suites.some(({ suite }) => suite.value === answer.suite.value)) return false;
    entry.suites.push(suiteReport(answer));
    return true;
  }

  /**
   * Takes the answer to a hello that offered a version and, above SSL 3.0, those below it.
   *
   * @param asked the highest version offered, as its place in `VERSIONS`
   * @param offered the suites
   * @returns the place of the next version to ask for
   */
  judge(asked: number, answer: TlsAnswer, offered: readonly number[]): number {
    const says = answerWords(answer);
    switch (answer.kind) {
      case 'hello': {
        const chosen = NUMBERS.indexOf(answer.version.value);
        if (chosen < asked || !offered.includes(answer.suite.value)) {
          this.#set(asked, 'unanswered', `it chose what was not offered: ${says}`);
          return asked + 1;
        }
        const words = versionWords(answer.version.value);
        for (let above = asked; above < chosen; above++) {
          this.#set(above, 'refused', `it chose ${words} instead`);
        }
        this.#set(chosen, 'accepted', `it chose ${says}`);
        this.add(versionAt(chosen), answer);
        return chosen + 1;
      }
      case 'alert': {
        this.#set(asked, 'refused', says);
        // To a hello with TLS 1.3 some servers say so only because that is in it.
        if (answer.description.value !== PROTOCOL_VERSION || asked === 0) return asked + 1;
        const ceiling = versionWords(versionAt(asked));
        for (let below = asked + 1; below < VERSIONS.length; below++) {
          this.#set(below, 'refused', `${says} to a hello up to ${ceiling}`);
        }
        return VERSIONS.length;
      }
      case 'reset':
      case 'closed':
      case 'silence':
      case 'malformed':
        this.#set(asked, 'unanswered', says);
        return asked + 1;
      case 'no-tls':
        this.#set(asked, 'not-tested', says);
        return asked + 1;
    }
  }

  #set(index: number, status: TlsVersionStatus, why: string): void {
    const entry: Entry = { status, why, suites: [], complete: false, order: null };
    this.#entries.set(versionAt(index), entry);
  }

  /** @param otherwise why a version was not asked for */
  report(otherwise: string): readonly TlsVersionReport[] {
    return VERSIONS.map((version) => ({
      version: tlsVersion(version),
      ...(this.#entries.get(version) ?? {
        status: 'not-tested',
        why: otherwise,
        suites: [],
        complete: false,
        order: null,
      }),
    }));
  }
}

export function versionAt(index: number): Version {
  return VERSIONS[index] ?? SSL_3_0;
}
