import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TlsDecryptor } from '../../src/capture/tls-decryptor.js';
import type { KeySource } from '../../src/capture/tls-key-source.js';
import { KeyLog } from '../../src/capture/tls-keylog.js';
import { MessageStream } from '../../src/handshake/framing.js';
import type { Side } from '../../src/handshake/trace.js';
import { fromHex } from '../../src/wire/hex.js';
import { ContentType } from '../../src/wire/tls-names.js';
import { frameTlsRecord } from '../../src/wire/tls-record.js';

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'tls-recordings');

/** Bytes of one side, in the order of the whole connection. */
export interface Sent {
  readonly by: Side;
  readonly bytes: Uint8Array;
}

/** A TLS connection between programs of others, recorded with its key log. */
export interface TlsRecording {
  readonly name: string;
  readonly title: string;
  readonly keyLog: readonly string[];
  readonly sent: readonly Sent[];
}

/** The RSA key and the certificate of the servers in the recordings: 1024 bits, for tests only. */
export const RECORDED_KEY = readFileSync(join(FOLDER, 'private-key.pem'), 'utf8');
export const RECORDED_CERTIFICATE = readFileSync(join(FOLDER, 'certificate.pem'), 'utf8');

interface RecordingFile {
  readonly title: string;
  readonly keyLog: readonly string[];
  readonly segments: readonly { readonly by: Side; readonly hex: string }[];
}

/** @param folder `sessions`: a session, and the connection that resumes it */
export function tlsRecordings(folder: '.' | 'sessions' = '.'): readonly TlsRecording[] {
  return readdirSync(join(FOLDER, folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(FOLDER, folder, file), 'utf8');
      const { title, keyLog, segments } = JSON.parse(text) as RecordingFile;
      const sent = segments.map(({ by, hex }) => ({ by, bytes: fromHex(hex) }));
      return { name: file.replace(/\.json$/, ''), title, keyLog, sent };
    });
}

export function keySource(lines: string, privateKeys: readonly KeyObject[] = []): KeySource {
  const keyLog = new KeyLog();
  keyLog.add(lines);
  return { keyLog, privateKeys };
}

export function privateKeySource(): KeySource {
  return keySource('', [createPrivateKey(RECORDED_KEY)]);
}

/** The records of both sides, each when its last byte was sent. */
export function recordsOf(sent: readonly Sent[]): readonly Sent[] {
  const streams = { client: new MessageStream(), server: new MessageStream() };
  const records: Sent[] = [];
  for (const { by, bytes } of sent) {
    streams[by].push(bytes, null);
    for (;;) {
      const framed = streams[by].next(frameTlsRecord);
      if (framed === null) break;
      records.push({ by, bytes: framed.bytes });
    }
  }
  return records;
}

export interface Inside {
  readonly decryptor: TlsDecryptor;
  /** application data of each side, as text */
  readonly data: Readonly<Record<Side, string>>;
  /** everything decrypted, in order */
  readonly contents: readonly {
    readonly by: Side;
    readonly type: number;
    readonly bytes: Buffer;
  }[];
}

export function decryptAll(sent: readonly Sent[], keys: KeySource): Inside {
  const decryptor = new TlsDecryptor(keys);
  const contents: { by: Side; type: number; bytes: Buffer }[] = [];
  for (const { by, bytes } of recordsOf(sent)) {
    for (const { contentType, bytes: content } of decryptor.record(by, bytes)) {
      contents.push({ by, type: contentType, bytes: Buffer.from(content) });
    }
  }
  const dataOf = (side: Side): string =>
    Buffer.concat(
      contents
        .filter(({ by, type }) => by === side && type === ContentType.application_data)
        .map(({ bytes }) => bytes),
    ).toString('latin1');
  return { decryptor, contents, data: { client: dataOf('client'), server: dataOf('server') } };
}
