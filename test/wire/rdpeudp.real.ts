import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodeRdpudp } from '../../src/wire/rdpeudp.js';
import { plain } from '../support/wire-vectors.js';

/*
 * RDP_PROBE_CAPTURES=FOLDER   holds zeek/rdpeudp-*.pcap; without it, skipped
 */
const folder = process.env['RDP_PROBE_CAPTURES'];

t.test('RDPEUDP in captures made by others', { skip: folder === undefined }, (t) => {
  const seen = (name: string) =>
    udpPayloads(readFileSync(join(folder ?? '', 'zeek', name))).map((bytes) => {
      const decoded = decodeRdpudp(bytes);
      return plain(
        decoded.kind === 'other'
          ? { kind: decoded.kind, flags: decoded.uFlags.names }
          : {
              kind: decoded.kind,
              version: decoded.synDataEx?.uUdpVer?.value,
              mtu: [decoded.uUpStreamMtu, decoded.uDownStreamMtu],
              length: bytes.length,
            },
      );
    });
  const syn = { kind: 'syn', version: 2, mtu: [1232, 1232], length: 1232 };
  t.strictSame(seen('rdpeudp-handshake-fail.pcap'), [syn, syn, syn]);
  const data = { kind: 'other', flags: ['RDPUDP_FLAG_ACK', 'RDPUDP_FLAG_DATA'] };
  t.strictSame(seen('rdpeudp-handshake-success.pcap'), [
    { ...syn, version: 3 },
    { ...syn, kind: 'syn-ack' },
    ...Array.from({ length: 8 }, () => data),
  ]);
  t.end();
});

/** Of a classic pcap with Ethernet, plain IPv4 or IPv6, and nothing but UDP in it. */
function udpPayloads(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const payloads: Uint8Array[] = [];
  for (let at = 24; at < file.length; ) {
    const length = view.getUint32(at + 8, true);
    const packet = file.subarray(at + 16, at + 16 + length);
    payloads.push(packet.subarray(14 + (packet[14] === 0x45 ? 20 : 40) + 8));
    at += 16 + length;
  }
  return payloads;
}
