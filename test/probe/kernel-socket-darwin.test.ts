import { getSystemErrorMap } from 'node:util';
import t from 'tap';
import { openDarwinSockets } from '../../src/probe/kernel-socket-darwin.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';
import { decodeTcpConnectionInfo } from '../../src/probe/tcp-info-darwin.js';
import { fromHex } from '../../src/wire/hex.js';
import { fakeLibrary } from '../support/fake-library.js';

/** `struct tcp_connection_info` laid out from netinet/tcp.h; no Mac was at hand. */
const ESTABLISHED = fromHex(`
  04 06 07 00  07000000 00000000       ; TCPS_ESTABLISHED, scales, options ts|sack|wscale, flags
  2c010000 a8050000                    ; rto 300 ms, maxseg 1448
  00000040 a0380000 00000100           ; ssthresh, cwnd 14496, snd_wnd 65536
  00000000 40000200                    ; snd_sbbytes 0, rcv_wnd
  0b000000 0c000000 03000000           ; rttcur 11, srtt 12, rttvar 3 ms
  00000000                             ; TFO bits
  0900000000000000 e803000001000000    ; txpackets 9, txbytes 4294968296
  dc05000000000000 0800000000000000    ; txretransmitbytes 1500, rxpackets 8
  a00f000000000000 0000000000000000    ; rxbytes 4000, rxoutoforderbytes 0
  0200000000000000                     ; txretransmitpackets 2
`);

t.test('struct tcp_connection_info of macOS', (t) => {
  t.equal(ESTABLISHED.length, 112);
  t.strictSame(decodeTcpConnectionInfo(ESTABLISHED), {
    ...NOTHING_KNOWN,
    state: 4,
    rttUs: 12_000,
    retransmissionTimeoutUs: 300_000,
    unacknowledged: 0,
    retransmissions: 2,
    bytesSent: 4_294_968_296,
    bytesRetransmitted: 1500,
    bytesReceived: 4000,
    receivedOutOfOrder: 0,
    sendMss: 1448,
    congestionWindow: 10,
    sendWindow: 65_536,
    timestamps: true,
    sackPermitted: true,
  });
  t.end();
});

t.test('bytes are not counted as packets', (t) => {
  const bytes = Uint8Array.from(ESTABLISHED);
  const view = new DataView(bytes.buffer);
  view.setUint32(32, 10, true);
  view.setUint32(96, 1448, true);
  t.match(decodeTcpConnectionInfo(bytes), { unacknowledged: null, receivedOutOfOrder: null });
  t.end();
});

t.test('the kernel leaves all but the state empty before and after a connection', (t) => {
  for (const state of [0, 1]) {
    const bytes = new Uint8Array(112);
    bytes[0] = state;
    t.strictSame(decodeTcpConnectionInfo(bytes), { ...NOTHING_KNOWN, state });
  }
  t.end();
});

const ENDS: Partial<Record<keyof TcpInfo, number>> = {
  state: 1,
  timestamps: 8,
  sackPermitted: 8,
  retransmissionTimeoutUs: 16,
  sendMss: 20,
  congestionWindow: 28,
  sendWindow: 32,
  unacknowledged: 36,
  rttUs: 48,
  bytesSent: 72,
  bytesRetransmitted: 80,
  bytesReceived: 96,
  receivedOutOfOrder: 104,
  retransmissions: 112,
};

t.test('a structure cut at each length', (t) => {
  const whole = decodeTcpConnectionInfo(ESTABLISHED);
  for (let length = 0; length <= ESTABLISHED.length; length++) {
    const info = decodeTcpConnectionInfo(ESTABLISHED.subarray(0, length));
    for (const field of Object.keys(NOTHING_KNOWN)) {
      const end = Reflect.get(ENDS, field) ?? Number.POSITIVE_INFINITY;
      const expected = length >= end ? Reflect.get(whole, field) : null;
      const value = Reflect.get(info, field);
      if (value !== expected) t.fail(`${field} of ${length} bytes is ${value}`);
    }
  }
  t.pass('all the same or null');
  t.end();
});

/** What is documented of macOS, as far as our calls go. */
function macOs(): Parameters<typeof openDarwinSockets>[0] {
  const EINVAL = negated('EINVAL');
  const maxseg = new Map<number, number>();
  let next = 100;
  return fakeLibrary({
    socket: (domain: number) => ([2, 30].includes(domain) ? next++ : negated('EAFNOSUPPORT')),
    setsockopt: (fd: number, level: number, option: number, value: Uint8Array) => {
      const number = new DataView(value.buffer).getInt32(0, true);
      if (level !== 6) return [28, 62].includes(option) ? 0 : negated('ENOPROTOOPT');
      if (number > 512) return EINVAL;
      maxseg.set(fd, number);
      return 0;
    },
    getsockopt: (fd: number, level: number, option: number, into: Uint8Array, length: number[]) => {
      if (level === 6 && option === 2) {
        new DataView(into.buffer).setInt32(0, maxseg.get(fd) ?? 512, true);
        return 0;
      }
      if (level !== 6 || option !== 0x106) return negated('ENOPROTOOPT');
      into.fill(0);
      length[0] = 112;
      return 0;
    },
    fcntl: () => next++,
    ioctl: (_fd: number, request: number, _type: string, ifreq: Uint8Array) => {
      if (request !== 0xc0206933) return negated('ENOTTY');
      new DataView(ifreq.buffer).setInt32(16, 16_384, true);
      return 0;
    },
    close: () => 0,
  });
}

function negated(name: string): number {
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return number;
  throw new Error(name);
}

t.test('what a system as documented allows, and what it refuses', (t) => {
  const sockets = openDarwinSockets(macOs());
  if (!sockets.available) throw new Error(sockets.why);
  t.match(sockets.abilities, {
    'clamp-mss': /refused an MSS of 536: EINVAL/,
    'figures-after-end': /forgets the figures/,
    'interface-mtu': null,
    'udp-dont-fragment': null,
    'icmp-socket': null,
  });
  t.match(
    sockets.openStream({ family: 4, mss: 512 }),
    { kind: 'refused', why: /536/ },
    'a value that it takes may not be the SYN’s',
  );
  t.equal(sockets.interfaceMtu('127.0.0.1'), 16_384);
  const datagram = sockets.openDatagram({ family: 6, protocol: 'udp' });
  t.equal(datagram.kind === 'opened' ? datagram.opened.pathMtu() : 0, null);
  t.end();
});

t.test('a C library without what we need', (t) => {
  const sockets = openDarwinSockets(fakeLibrary({ socket: () => 3 }));
  t.match(sockets, { available: false, why: /cannot be called \(no function/ });
  t.end();
});
