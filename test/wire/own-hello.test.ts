import t from 'tap';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  encodeOwnHello,
  type HelloMaterial,
  keyShareBytes,
  keyShareGroups,
  type OwnHello,
} from '../../src/wire/own-hello.js';
import { decodePaddingLength } from '../../src/wire/tls-extensions.js';
import { decodeTlsHandshake } from '../../src/wire/tls-handshake.js';
import { encodeTlsRecord } from '../../src/wire/tls-record.js';
import { conversations } from '../support/conversations.js';
import { describeHello } from '../support/own-hello.js';
import { SSL3_CLIENT_HELLO_RECORD } from '../vectors/ssl3.js';
import * as tls from '../vectors/tls.js';

/** The start of a hello's record: type, version; the length follows from the hello. */
function recordOf(hex: string, version = 0x0301): Uint8Array {
  return encodeTlsRecord(22, version, fromHex(hex));
}

/** nDPI rdp_over_tls.pcap, packet 6, read by hand from its bytes. */
const SCHANNEL_RDP: OwnHello = {
  recordVersion: 0x0303,
  legacyVersion: 0x0303,
  sessionIdBytes: 0,
  cipherSuites: [
    0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009,
    0xc014, 0xc013, 0x0039, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a, 0x006a,
    0x0040, 0x0038, 0x0032, 0x0013,
  ],
  compressionMethods: [0],
  extensions: [
    { extension: 'supported_groups', groups: [0x001d, 0x0017, 0x0018] },
    { extension: 'ec_point_formats', formats: [0] },
    {
      extension: 'signature_algorithms',
      schemes: [0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202, 0x0601, 0x0603],
    },
    { extension: 'session_ticket' },
    { extension: 'extended_master_secret' },
    { extension: 'renegotiation_info' },
  ],
};

const SCHANNEL_RDP_RANDOM = '6712bcc57dd01b4bfc34fb063f251917660c0de590acf0e9f34d3d022d6ae07a';

function materialOf(parts: Partial<HelloMaterial> = {}): HelloMaterial {
  return {
    random: new Uint8Array(32),
    sessionId: new Uint8Array(),
    keyShares: new Map(),
    serverName: null,
    ...parts,
  };
}

t.test('plain data, byte for byte what a client sent', (t) => {
  const made = encodeOwnHello(SCHANNEL_RDP, materialOf({ random: fromHex(SCHANNEL_RDP_RANDOM) }));
  t.equal(toHex(made), toHex(recordOf(tls.SCHANNEL_RDP_CLIENT_HELLO, 0x0303)), 'Schannel');
  const old = encodeOwnHello(
    {
      recordVersion: 0x0300,
      legacyVersion: 0x0300,
      sessionIdBytes: 0,
      cipherSuites: [0x0005, 0x00ff],
      compressionMethods: [0],
      extensions: null,
    },
    materialOf({
      random: fromHex('3fcc8d3ff0c9366f4343c14645cdbfe5ba02e6552c3a244adbcba8f21d263eef'),
    }),
  );
  t.equal(toHex(old), toHex(fromHex(SSL3_CLIENT_HELLO_RECORD)), 'SSL 3.0');
  t.end();
});

t.test('every recorded ClientHello comes out of its description again', (t) => {
  const records = new Map<string, Uint8Array>();
  for (const [name, hex] of Object.entries(tls)) {
    if (name.endsWith('CLIENT_HELLO')) records.set(name, recordOf(hex));
  }
  for (const { name, segments } of conversations()) {
    const hello = segments.find(
      (segment) => segment.by === 'client' && 'hex' in segment && segment.hex.startsWith('1603'),
    );
    if (hello !== undefined && 'hex' in hello) records.set(name, fromHex(hello.hex));
  }
  t.ok(records.size >= 15, `${records.size} of them`);
  for (const [name, record] of records) {
    const { hello, material } = describeHello(record);
    const again: unknown = JSON.parse(JSON.stringify(hello));
    t.strictSame(again, hello, `${name}: plain data`);
    t.equal(toHex(encodeOwnHello(hello, material)), toHex(record), name);
  }
  t.end();
});

function withShares(groups: readonly number[], recordBytes: number): OwnHello {
  return {
    ...SCHANNEL_RDP,
    extensions: [
      { extension: 'server_name' },
      { extension: 'key_share', groups },
      { extension: 'padding', recordBytes },
    ],
  };
}

function sharesFor(groups: readonly number[]): ReadonlyMap<number, Uint8Array> {
  return new Map(groups.map((group) => [group, new Uint8Array(keyShareBytes(group) ?? 0)]));
}

t.test('as long as is asked for, and never shorter than it is', (t) => {
  const groups = [0x11ec, 0x001d];
  const material = materialOf({ keyShares: sharesFor(groups), serverName: 'srv01.corp.example' });
  t.same(keyShareGroups(withShares(groups, 0)), groups);
  t.equal(keyShareBytes(0x11ec), 1216, 'X25519MLKEM768: 1184 and 32 bytes');
  t.equal(keyShareBytes(0x7a7a), 1, 'GREASE');
  t.equal(keyShareBytes(0x0001), null);
  const bare = encodeOwnHello(withShares(groups, 0), material).length;
  t.ok(bare > 1216 + 32, `${bare} bytes without padding`);
  for (const more of [-100, 0]) {
    t.equal(encodeOwnHello(withShares(groups, bare + more), material).length, bare, `${more}`);
  }
  for (const more of [1, 2, 3]) {
    const made = encodeOwnHello(withShares(groups, bare + more), material).length;
    t.equal(made, bare + 4, 'the header of the padding is four bytes long');
  }
  for (const length of [bare + 4, bare + 5, 1600, 4000, 16_000]) {
    const made = encodeOwnHello(withShares(groups, length), material);
    t.equal(made.length, length);
    const message = decodeTlsHandshake(made.subarray(5));
    if (message.kind !== 'client-hello') throw new Error(message.kind);
    t.equal(decodePaddingLength(message.extensions), length - bare - 4);
  }
  t.end();
});

t.test('what is not there is left out, or is a mistake of ours', (t) => {
  const named = encodeOwnHello(withShares([], 0), materialOf({ serverName: 'srv01' }));
  const unnamed = encodeOwnHello(withShares([], 0), materialOf());
  t.equal(named.length - unnamed.length, 4 + 5 + 5, 'no server_name without a name');
  t.throws(() => encodeOwnHello(withShares([29], 0), materialOf()), RangeError);
  t.throws(
    () => encodeOwnHello({ ...SCHANNEL_RDP, cipherSuites: [0x10000] }, materialOf()),
    RangeError,
  );
  t.end();
});
