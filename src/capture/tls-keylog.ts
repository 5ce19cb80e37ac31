import { fromHex, toHex } from '../wire/hex.js';

/**
 * Labels of the SSLKEYLOGFILE format, draft-ietf-tls-keylogfile section 2, whose secrets decrypt
 * records. CLIENT_RANDOM, of versions before TLS 1.3, names the master secret.
 */
const SECRET_LABELS = [
  'CLIENT_RANDOM',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
] as const;

export type SecretLabel = (typeof SECRET_LABELS)[number];

/** The longest line in use, a SHA-384 secret behind its label, has 194 characters. */
const MAX_LINE = 1024;

/** Five for each TLS 1.3 connection: 40,000 connections, in about 80 MB. */
const MAX_ENTRIES = 200_000;

const RANDOM_BYTES = 32;
const MASTER_SECRET_BYTES = 48;

/** NSS writes so much of the encrypted premaster secret that the line can be found again. */
const ENCRYPTED_PREMASTER_BYTES = 8;

/** SHA-256 and SHA-384, the hashes of the TLS 1.3 suites. */
const TRAFFIC_SECRET_BYTES = [32, 48];

const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/** `RSA Session-ID:<hex> Master-Key:<hex>`, as OpenSSL's session dump was once turned into lines. */
const SESSION_LINE = /^RSA Session-ID:([0-9a-fA-F]+) Master-Key:([0-9a-fA-F]+)$/;

type LineKind = 'secret' | 'ignored' | 'broken';

/**
 * The secrets of a key log: text in the form that NSS and OpenSSL write where SSLKEYLOGFILE is set,
 * and that a pcapng's decryption-secrets block carries.
 *
 * INVARIANT: whatever the text, `add` does not throw; memory is bounded. The secrets can be looked
 * up, but not listed.
 */
export class KeyLog {
  readonly #secrets = new Map<string, Uint8Array>();
  #broken = 0;
  #ignored = 0;
  #dropped = 0;

  /** Secrets kept. */
  get entries(): number {
    return this.#secrets.size;
  }

  /** Lines that are no key log lines, or whose values have the wrong length. */
  get broken(): number {
    return this.#broken;
  }

  /** Well-formed lines whose secret decrypts no records, e.g. EXPORTER_SECRET. */
  get ignored(): number {
    return this.#ignored;
  }

  /** Secrets that were left out because there are too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param text whole lines, ended by LF or CRLF; the last one may stand without its end */
  add(text: string): void {
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline === -1 ? text.length : newline;
      const tooLong = end - start > MAX_LINE;
      const kind = tooLong ? 'broken' : this.#line(text.slice(start, end).trim());
      if (kind === 'broken') this.#broken++;
      else if (kind === 'ignored') this.#ignored++;
      start = end + 1;
    }
  }

  /** @param clientRandom of the connection's ClientHello */
  lookup(label: SecretLabel, clientRandom: Uint8Array): Uint8Array | null {
    return this.#secrets.get(`${label} ${toHex(clientRandom)}`) ?? null;
  }

  /** The premaster secret of an RSA key exchange. */
  premaster(encryptedPremaster: Uint8Array): Uint8Array | null {
    const found = toHex(encryptedPremaster.subarray(0, ENCRYPTED_PREMASTER_BYTES));
    return this.#secrets.get(`RSA ${found}`) ?? null;
  }

  /** The master secret of a session that is named by its identifier. */
  sessionMaster(sessionId: Uint8Array): Uint8Array | null {
    if (sessionId.length === 0) return null;
    return this.#secrets.get(`Session-ID ${toHex(sessionId)}`) ?? null;
  }

  /** Keeps a master secret that was worked out, for connections that resume its session. */
  addSession(sessionId: Uint8Array, masterSecret: Uint8Array): void {
    if (sessionId.length > 0) this.#keep(`Session-ID ${toHex(sessionId)}`, masterSecret);
  }

  #line(line: string): LineKind | 'empty' {
    if (line === '' || line.startsWith('#')) return 'empty';
    const session = SESSION_LINE.exec(line);
    if (session !== null) return this.#session(session[1] ?? '', session[2] ?? '');
    const [label = '', id = '', value = '', ...more] = line.split(/[ \t]+/);
    if (!/^[A-Z][A-Z0-9_]*$/.test(label)) return 'broken';
    if (more.length > 0 || !HEX.test(id) || !HEX.test(value)) return 'broken';
    return this.#secret(label, fromHex(id), fromHex(value));
  }

  #session(sessionId: string, master: string): LineKind {
    if (!HEX.test(sessionId) || !HEX.test(master)) return 'broken';
    if (master.length !== 2 * MASTER_SECRET_BYTES) return 'broken';
    this.addSession(fromHex(sessionId), fromHex(master));
    return 'secret';
  }

  #secret(label: string, id: Uint8Array, value: Uint8Array): LineKind {
    if (label === 'RSA') {
      if (id.length !== ENCRYPTED_PREMASTER_BYTES) return 'broken';
      if (value.length !== MASTER_SECRET_BYTES) return 'broken';
    } else {
      if (!SECRET_LABELS.some((known) => known === label)) return 'ignored';
      const lengths = label === 'CLIENT_RANDOM' ? [MASTER_SECRET_BYTES] : TRAFFIC_SECRET_BYTES;
      if (id.length !== RANDOM_BYTES || !lengths.includes(value.length)) return 'broken';
    }
    this.#keep(`${label} ${toHex(id)}`, value);
    return 'secret';
  }

  #keep(key: string, secret: Uint8Array): void {
    if (this.#secrets.size >= MAX_ENTRIES && !this.#secrets.has(key)) this.#dropped++;
    else this.#secrets.set(key, secret);
  }
}
