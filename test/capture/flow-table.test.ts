import t from 'tap';
import { FlowTable } from '../../src/capture/flow-table.js';
import { IpHeader } from '../../src/capture/ip.js';
import { TcpHeader } from '../../src/capture/tcp.js';
import { ip as ipPacket } from '../support/packets.js';

/** Looks up a segment between two endpoints; inserts its flow if it is new. */
function look(table: FlowTable, from: string, to: string, stream = 0): number {
  const bytes = ipPacket({ from, to });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ip = new IpHeader();
  const tcp = new TcpHeader();
  ip.decode(view, 0, bytes.length, bytes.length);
  tcp.decode(view, ip.payloadStart, ip.payloadEnd, ip.payloadLength);
  const slot = table.find(view, ip, tcp);
  return slot < 0 ? table.insert(stream) : slot;
}

t.test('both directions are one flow, and tell which is which', (t) => {
  const table = new FlowTable();
  for (const [from, to] of [
    ['10.0.0.1:50000', '10.0.0.2:3389'],
    ['10.0.0.9:50000', '10.0.0.2:3389'],
    ['10.0.0.2:1', '10.0.0.2:2'],
    ['[2001:db8::1]:50000', '[2001:db8::2]:3389'],
    // The same words as an IPv4 flow would have.
    ['[a00:1::]:50000', '[a00:2::]:3389'],
  ] as const) {
    const slot = look(table, from, to);
    const { direction } = table;
    t.equal(look(table, to, from), slot);
    t.not(table.direction, direction);
    const { address, port } = table.endpoint(slot, direction);
    const host = address.includes(':') ? `[${address}]` : address;
    t.equal(`${host}:${port}`, from);
  }
  t.equal(table.size, 5);
  t.end();
});

t.test('it grows, and finds all again', (t) => {
  const table = new FlowTable();
  const name = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:1024`;
  for (let index = 0; index < 5000; index++) {
    table.setBase(look(table, name(index), '10.9.9.9:3389', index), table.direction, index - 7);
  }
  t.equal(table.size, 5000);
  for (let index = 0; index < 5000; index++) {
    const slot = look(table, name(index), '10.9.9.9:3389');
    if (table.streamOf(slot) !== index || table.baseOf(slot, table.direction) !== index - 7) {
      t.fail(`flow ${index} is not the same`);
    }
  }
  t.equal(table.size, 5000);
  t.end();
});

t.test('beyond its limit the oldest are forgotten', (t) => {
  const table = new FlowTable(100);
  const name = (index: number) => `10.0.${index >> 8}.${index & 255}:1024`;
  for (let index = 0; index < 1000; index++) {
    if (index >= 100) t.equal(table.streamOf(table.next), index - 100);
    look(table, name(index), '10.9.9.9:3389', index);
  }
  t.equal(table.size, 100);
  t.equal(table.evicted, 900);
  for (let index = 900; index < 1000; index++) {
    t.equal(table.streamOf(look(table, name(index), '10.9.9.9:3389')), index);
  }
  t.equal(table.evicted, 900);
  t.end();
});

t.test('a flow that starts again knows nothing of its first time', (t) => {
  const table = new FlowTable();
  const slot = look(table, '10.0.0.1:1', '10.0.0.2:2', 3);
  table.setBase(slot, 0, 77);
  table.markEnded(slot);
  t.equal(table.baseOf(slot, 0), 77);
  t.equal(table.baseOf(slot, 1), null);
  t.ok(table.hasEnded(slot));
  table.restart(slot, 9);
  t.equal(table.streamOf(slot), 9);
  t.equal(table.baseOf(slot, 0), null);
  t.notOk(table.hasEnded(slot));
  t.end();
});
