import t from 'tap';
import {
  mssFor,
  type PacketShape,
  packetForMss,
  packetOf,
  payloadOf,
  shapeOf,
} from '../../src/path/packet-size.js';
import { DEFAULT_PATH_OPTIONS, plannedConnections } from '../../src/path/path-options.js';
import { NOTHING_KNOWN } from '../../src/probe/tcp-info.js';

t.test('a segment and the packet around it', (t) => {
  const rows: readonly (readonly [PacketShape, payload: number, packet: number])[] = [
    [{ family: 4, timestamps: false }, 1460, 1500],
    [{ family: 4, timestamps: true }, 1448, 1500],
    [{ family: 6, timestamps: false }, 1440, 1500],
    [{ family: 6, timestamps: true }, 1428, 1500],
    [{ family: 6, timestamps: true }, 1208, 1280],
    [{ family: 4, timestamps: false }, 536, 576],
    [{ family: 4, timestamps: false }, 0, 40],
    [{ family: 6, timestamps: true }, 0, 72],
  ];
  for (const [shape, payload, packet] of rows) {
    t.equal(packetOf(payload, shape), packet);
    t.equal(payloadOf(packet, shape), payload);
  }
  t.end();
});

t.test('an MSS option counts no options of the segments that it allows, RFC 6691', (t) => {
  t.equal(mssFor(1500, 4), 1460);
  t.equal(mssFor(1500, 6), 1440);
  t.equal(mssFor(1280, 6), 1220);
  for (const family of [4, 6] as const) {
    for (const size of [576, 1280, 1400, 1500, 9000]) {
      t.equal(packetForMss(mssFor(size, family), family), size);
    }
  }
  t.end();
});

t.test('the shape of a connection, as the kernel tells it', (t) => {
  t.strictSame(shapeOf({ ...NOTHING_KNOWN, timestamps: true }, 6), { family: 6, timestamps: true });
  t.strictSame(shapeOf({ ...NOTHING_KNOWN, timestamps: false }, 4).timestamps, false);
  t.strictSame(shapeOf(NOTHING_KNOWN, 4).timestamps, false, 'not told: without');
  t.end();
});

t.test('the connections that a run makes at most', (t) => {
  const planned = (changes: Partial<typeof DEFAULT_PATH_OPTIONS>): number =>
    plannedConnections({ ...DEFAULT_PATH_OPTIONS, ...changes });
  t.equal(planned({}), 12);
  t.equal(planned({ count: 1 }), 12, 'fewer handshakes save nothing: the rest is for the sizes');
  t.equal(planned({ count: 5 }), 12);
  t.equal(planned({ count: 6 }), 13);
  t.equal(planned({ count: 100 }), 107);
  t.equal(planned({ exact: true }), 32);
  t.equal(planned({ exact: true, count: 50 }), 77);
  t.end();
});
