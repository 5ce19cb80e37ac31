import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { encodeCaptureFile } from '../../src/capture/capture-file.js';
import {
  encodeInterface,
  encodePacket,
  encodeSectionHeader,
  encodeStatistics,
  encodeTlsSecrets,
} from '../../src/capture/pcapng-writer.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { needs, run } from '../support/tools.js';

const VECTORS: readonly (readonly [title: string, bytes: Uint8Array, hex: string])[] = [
  [
    'a section header with a comment and the application',
    encodeSectionHeader({ comment: 'hello', application: 'rdp-probe 1' }),
    `0a0d0d0a 3c000000          ; type, total length 60
     4d3c2b1a 0100 0000         ; byte order, version 1.0
     ffffffffffffffff           ; length of the section: not given
     0100 0500 68656c6c6f 000000 ; opt_comment, padded to 8
     0400 0b00 7264702d70726f62652031 00 ; shb_userappl, padded to 12
     0000 0000                  ; opt_endofopt
     3c000000`,
  ],
  [
    'a section header without options',
    encodeSectionHeader({ comment: null, application: null }),
    '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000',
  ],
  [
    'an Ethernet interface that counts nanoseconds',
    encodeInterface({ linkType: 1, resolution: 9, name: 'any', description: null }),
    `01000000 28000000
     0100 0000 00000000         ; LINKTYPE_ETHERNET, no snap length
     0200 0300 616e79 00        ; if_name
     0900 0100 09 000000        ; if_tsresol
     0000 0000
     28000000`,
  ],
  [
    'an interface of Linux cooked v2 that counts microseconds',
    encodeInterface({ linkType: 276, resolution: 6, name: null, description: 'made up' }),
    `01000000 2c000000
     1401 0000 00000000
     0300 0700 6d616465207570 00
     0900 0100 06 000000
     0000 0000
     2c000000`,
  ],
  [
    'a packet whose length needs padding, with a comment',
    encodePacket({
      interfaceId: 1,
      time: 0x0006_1234_89ab_cdefn,
      bytes: fromHex('0102030405'),
      originalLength: 9,
      comment: 'why',
    }),
    `06000000 34000000
     01000000                   ; interface
     34120600 efcdab89          ; the high word of the time first
     05000000 09000000          ; captured and original length
     0102030405 000000
     0100 0300 776879 00
     0000 0000
     34000000`,
  ],
  [
    'an empty packet without options',
    encodePacket({
      interfaceId: 0,
      time: 0n,
      bytes: new Uint8Array(0),
      originalLength: 0,
      comment: null,
    }),
    '06000000 20000000 00000000 00000000 00000000 00000000 00000000 20000000',
  ],
  [
    'TLS secrets',
    encodeTlsSecrets('A b c\n'),
    `0a000000 1c000000
     4b534c54 06000000          ; 'TLSK', length without padding
     412062 20630a 0000
     1c000000`,
  ],
  [
    'the statistics of an interface',
    encodeStatistics({
      interfaceId: 2,
      startTime: 0x1_0000_0002n,
      endTime: 3n,
      dropped: 4,
      comment: null,
    }),
    `05000000 40000000
     02000000 00000000 03000000
     0200 0800 01000000 02000000
     0300 0800 00000000 03000000
     0500 0800 0400000000000000
     0000 0000
     40000000`,
  ],
  [
    'the statistics of an attempt that nobody answered',
    encodeStatistics({ interfaceId: 1, startTime: 1n, endTime: 3n, dropped: null, comment: 'abc' }),
    `05000000 3c000000
     01000000 00000000 03000000
     0100 0300 616263 00
     0200 0800 00000000 01000000
     0300 0800 00000000 03000000
     0000 0000
     3c000000`,
  ],
];

for (const [title, bytes, hex] of VECTORS) {
  t.test(title, async (t) => {
    t.equal(toHex(bytes), toHex(fromHex(hex)));
    t.equal(bytes.length % 4, 0);
  });
}

t.test('a comment that is too long is cut where a character starts', async (t) => {
  const bytes = encodeSectionHeader({ comment: 'é'.repeat(40_000), application: null });
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(26, true);
  t.equal(length, 65_532);
  const odd = encodeSectionHeader({ comment: `x${'é'.repeat(40_000)}`, application: null });
  const oddLength = new DataView(odd.buffer, odd.byteOffset).getUint16(26, true);
  t.equal(oddLength, 65_531);
  t.equal(odd[28 + 65_531], 0, 'padding');
});

/** Two interfaces whose packets interleave, as a run with both kinds of them makes. */
const FILE = encodeCaptureFile({
  application: 'rdp-probe test',
  comment: 'two interfaces',
  keyLog: [`CLIENT_RANDOM ${'01'.repeat(32)} ${'02'.repeat(48)}`],
  groups: [
    {
      linkType: 1,
      resolution: 6,
      name: 'made',
      description: 'synthesised',
      from: 1_700_000_000_000_000_000n,
      to: 1_700_000_009_000_000_000n,
      dropped: null,
      attempt: null,
      packets: [
        packet(1_700_000_000_000_001_000n, 'first'),
        packet(1_700_000_002_000_000_000n, null),
      ],
    },
    {
      linkType: 276,
      resolution: 9,
      name: 'any',
      description: 'captured',
      from: null,
      to: null,
      dropped: null,
      attempt: null,
      packets: [packet(1_700_000_001_000_000_007n, null)],
    },
  ],
});

function packet(atNs: bigint, comment: string | null) {
  const bytes = new Uint8Array(61).fill(0x20);
  return { atNs, bytes, originalLength: 100, comment };
}

t.test('capinfos reads a file with everything', needs('capinfos'), async (t) => {
  const file = join(t.testdir(), 'all.pcapng');
  writeFileSync(file, FILE);
  const says = run('capinfos', [file]);
  t.match(says, /File type: +Wireshark\/... - pcapng/);
  t.match(says, /Number of packets: +3/);
  t.match(says, /Capture application: rdp-probe test/);
  t.match(says, /Capture comment: +two interfaces/);
  t.match(says, /Number of interfaces in file: 2/);
  t.match(says, /Name = made\s+Description = synthesised/);
  t.match(says, /Time precision = microseconds \(6\)[\s\S]*Time precision = nanoseconds \(9\)/);
  t.match(says, /Number of decryption secrets in file: 1/);
  t.match(says, /Strict time order: +True/);
});

t.test('tshark sees times, lengths and comments', needs('tshark'), async (t) => {
  const file = join(t.testdir(), 'all.pcapng');
  writeFileSync(file, FILE);
  const fields = ['time_epoch', 'interface_name', 'cap_len', 'len', 'comment'];
  const args = fields.flatMap((field) => ['-e', `frame.${field}`]);
  const rows = run('tshark', ['-r', file, '-T', 'fields', ...args])
    .trimEnd()
    .split('\n');
  t.same(
    rows.map((row) => row.trimEnd()),
    [
      '1700000000.000001000\tmade\t61\t100\tfirst',
      '1700000001.000000007\tany\t61\t100',
      '1700000002.000000000\tmade\t61\t100',
    ],
  );
});
