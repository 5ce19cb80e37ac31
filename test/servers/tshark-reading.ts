import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { labEnvironment } from '../lab/daemon.js';

/** What tshark makes of one TCP connection of a capture. */
export interface Connection {
  readonly clientPort: number;
  /** SYN to SYN/ACK, milliseconds */
  readonly rttMs: number | null;
  readonly mss: { readonly client: number | null; readonly server: number | null };
  /** TCP payload bytes in one packet of the server */
  readonly largestSegment: number;
  /** whether a RST was seen, and from whom the first */
  readonly reset: 'client' | 'server' | null;
  readonly requestedProtocols: number | null;
  readonly selectedProtocol: number | null;
  readonly failureCode: number | null;
  readonly responseFlags: number | null;
  readonly sourceReference: number | null;
  readonly encryptionMethod: number | null;
  readonly encryptionLevel: number | null;
  readonly tls: {
    readonly version: string | null;
    /** IANA name */
    readonly cipher: string | null;
    /** code of the first alert that was not encrypted */
    readonly alert: { readonly by: 'client' | 'server'; readonly code: number } | null;
    /** SHA-256 of the server's certificate; null in TLS 1.3, where it is encrypted */
    readonly certificate: string | null;
  };
}

const TLS_VERSIONS: Readonly<Record<number, string>> = {
  769: 'TLSv1.0',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
};

const X224_FIELDS = [
  'tcp.stream',
  'tcp.srcport',
  'tcp.dstport',
  'frame.time_epoch',
  'tcp.flags.syn',
  'tcp.flags.ack',
  'tcp.flags.reset',
  'tcp.len',
  'tcp.options.mss_val',
  'rdp.negReq.requestedProtocols',
  'rdp.negReq.selectedProtocol',
  'rdp.negFailure.failureCode',
  'rdp.negRsp.flags',
  'cotp.type',
  'cotp.srcref',
  'rdp.encryptionMethod',
  'rdp.encryptionLevel',
] as const;

const TLS_FIELDS = [
  'tcp.stream',
  'tcp.srcport',
  'tls.handshake.type',
  'tls.handshake.version',
  'tls.handshake.extensions.supported_version',
  'tls.handshake.ciphersuite',
  'tls.handshake.certificate',
  'tls.alert_message.desc',
] as const;

const CONNECTION_CONFIRM = 0x0d;
const SERVER_HELLO = 2;

/**
 * Reads a capture in two passes: tshark 4.0 keeps one dissector per conversation and never changes
 * from TPKT to TLS within it. Connections are in the order of their first packets.
 */
export function readCapture(file: string, port: number): readonly Connection[] {
  const asTls = `tcp.port==${port},tls`;
  const x224 = tshark(file, `tcp.port==${port},tpkt`, 'tcp', X224_FIELDS);
  const tls = tshark(file, asTls, 'tls.handshake || tls.alert_message', TLS_FIELDS);
  const ciphers = cipherNames(file, asTls);
  const streams = [...new Set(x224.map((packet) => packet['tcp.stream']))];
  return streams.map((stream) => {
    const ofStream = (packet: Packet<'tcp.stream'>): boolean => packet['tcp.stream'] === stream;
    const packets = x224.filter(ofStream);
    const isSyn = (packet: Packet<(typeof X224_FIELDS)[number]>): boolean =>
      packet['tcp.flags.syn'] === '1';
    const syn = packets.find((packet) => isSyn(packet) && packet['tcp.flags.ack'] === '0');
    const synAck = packets.find((packet) => isSyn(packet) && packet['tcp.flags.ack'] === '1');
    const confirm = packets.find((packet) => number(packet['cotp.type']) === CONNECTION_CONFIRM);
    const fromServer = packets.filter((packet) => side(packet['tcp.srcport'], port) === 'server');
    const reset = packets.find((packet) => packet['tcp.flags.reset'] === '1');
    const first = (field: (typeof X224_FIELDS)[number]): number | null =>
      number(packets.find((packet) => packet[field] !== '')?.[field]);
    return {
      clientPort: number(syn?.['tcp.srcport']) ?? 0,
      rttMs: milliseconds(syn?.['frame.time_epoch'], synAck?.['frame.time_epoch']),
      mss: {
        client: number(syn?.['tcp.options.mss_val']),
        server: number(synAck?.['tcp.options.mss_val']),
      },
      largestSegment: Math.max(...fromServer.map((packet) => number(packet['tcp.len']) ?? 0)),
      reset: reset === undefined ? null : side(reset['tcp.srcport'], port),
      requestedProtocols: first('rdp.negReq.requestedProtocols'),
      selectedProtocol: first('rdp.negReq.selectedProtocol'),
      failureCode: first('rdp.negFailure.failureCode'),
      responseFlags: first('rdp.negRsp.flags'),
      sourceReference: number(confirm?.['cotp.srcref']),
      encryptionMethod: first('rdp.encryptionMethod'),
      encryptionLevel: first('rdp.encryptionLevel'),
      tls: readTls(tls.filter(ofStream), port, ciphers),
    };
  });
}

function readTls(
  packets: readonly Packet<(typeof TLS_FIELDS)[number]>[],
  port: number,
  ciphers: ReadonlyMap<number, string>,
): Connection['tls'] {
  const hello = packets.find((packet) =>
    packet['tls.handshake.type'].split(',').map(Number).includes(SERVER_HELLO),
  );
  const version =
    number(hello?.['tls.handshake.extensions.supported_version']) ??
    number(hello?.['tls.handshake.version']);
  const alert = packets.find((packet) => packet['tls.alert_message.desc'] !== '');
  const suite = number(hello?.['tls.handshake.ciphersuite']);
  const certificate = packets
    .find((packet) => packet['tls.handshake.certificate'] !== '')
    ?.['tls.handshake.certificate'].split(',')[0];
  return {
    version: version === null ? null : (TLS_VERSIONS[version] ?? null),
    cipher: suite === null ? null : (ciphers.get(suite) ?? null),
    alert:
      alert === undefined
        ? null
        : {
            by: side(alert['tcp.srcport'], port),
            code: number(alert['tls.alert_message.desc']) ?? 0,
          },
    certificate:
      certificate === undefined
        ? null
        : createHash('sha256').update(Buffer.from(certificate, 'hex')).digest('hex'),
  };
}

type Packet<Field extends string> = Readonly<Record<Field, string>>;

function tshark<Field extends string>(
  file: string,
  dissector: string,
  filter: string,
  fields: readonly Field[],
): readonly Packet<Field>[] {
  const printed = runTshark(
    ...['-n', '-r', file, '-d', dissector, '-Y', filter, '-T', 'fields'],
    ...fields.flatMap((field) => ['-e', field]),
  );
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const columns = line.split('\t');
      return Object.fromEntries(
        fields.map((field, index) => [field, columns[index] ?? '']),
      ) as Packet<Field>;
    });
}

/** The names that tshark itself gives the suites, so that ours are checked against somebody else's. */
function cipherNames(file: string, dissector: string): ReadonlyMap<number, string> {
  const hellos = `tls.handshake.type == ${SERVER_HELLO}`;
  const printed = runTshark('-n', '-r', file, '-d', dissector, '-Y', hellos, '-V', '-O', 'tls');
  const names = printed.matchAll(/Cipher Suite: (\w+) \((0x[0-9a-f]{4})\)/g);
  return new Map([...names].map(([, name = '', value]) => [Number(value), name]));
}

function runTshark(...rest: string[]): string {
  return execFileSync('tshark', rest, {
    encoding: 'utf8',
    env: labEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The first of the values that tshark found in one packet. */
function number(field: string | undefined): number | null {
  const first = field?.split(',')[0];
  return first === undefined || first === '' ? null : Number(first);
}

function side(sourcePort: string, serverPort: number): 'client' | 'server' {
  return Number(sourcePort) === serverPort ? 'server' : 'client';
}

/** Between two epochs "1795225494.764189915"; as numbers they would lose the microseconds. */
function milliseconds(from: string | undefined, to: string | undefined): number | null {
  if (from === undefined || to === undefined) return null;
  return Number(nanoseconds(to) - nanoseconds(from)) / 1e6;
}

function nanoseconds(epoch: string): bigint {
  const [seconds = '0', fraction = ''] = epoch.split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
