import t from 'tap';
import { parseSocketStatistics } from '../../src/probe/ss-output.js';
import { NOTHING_KNOWN } from '../../src/probe/tcp-info.js';

/** iproute2 6.1 on Linux 6.18: two segments on their way to a host whose link went down. */
const STALLED =
  'ESTAB 0      1401   10.9.0.1:34062 10.9.0.2:5000 timer:(on,1.272ms,3)\n' +
  '\t ts sack bbr wscale:10,10 rto:1632 backoff:3 rtt:0.067/0.036 ato:40 mss:1448 pmtu:1500 ' +
  'rcvmss:1448 advmss:1448 cwnd:1 bytes_sent:1501 bytes_acked:101 bytes_received:3000 segs_out:6 ' +
  'segs_in:5 data_segs_out:3 data_segs_in:3 ' +
  'bbr:(bw:362000000bps,mrtt:0.032,pacing_gain:2.88672,cwnd_gain:2.88672) send 172895522bps ' +
  'lastsnd:1824 lastrcv:2148 lastack:2148 pacing_rate 4534978280bps delivery_rate 362000000bps ' +
  'delivered:2 app_limited busy:2032ms unacked:2 lost:2 rcv_space:14480 rcv_ssthresh:70512 ' +
  'minrtt:0.032 snd_wnd:65536\n';

t.test('what ss says of a stalled connection', (t) => {
  t.strictSame(parseSocketStatistics(STALLED), {
    state: 1,
    rttUs: 67,
    minRttUs: 32,
    retransmissionTimeoutUs: 1_632_000,
    backoff: 3,
    unacknowledged: 2,
    sacked: 0,
    retransmissions: 0,
    spuriousRetransmissions: 0,
    bytesSent: 1501,
    bytesRetransmitted: 0,
    bytesAcknowledged: 101,
    bytesReceived: 3000,
    segmentsSent: 6,
    segmentsReceived: 5,
    dataSegmentsSent: 3,
    dataSegmentsReceived: 3,
    receivedOutOfOrder: 0,
    sendMss: 1448,
    receiveMss: 1448,
    advertisedMss: 1448,
    pathMtu: 1500,
    congestionWindow: 1,
    sendWindow: 65536,
    timestamps: true,
    sackPermitted: true,
  });
  t.end();
});

t.test('figures that are there only where something went wrong', (t) => {
  const worse = STALLED.replace(
    'unacked:2 lost:2',
    'unacked:2 retrans:1/4 lost:1 sacked:1 dsack_dups:2 rcv_ooopack:5',
  ).replace('bytes_sent:1501', 'bytes_sent:7101 bytes_retrans:5600');
  t.match(parseSocketStatistics(worse), {
    retransmissions: 4,
    sacked: 1,
    spuriousRetransmissions: 2,
    receivedOutOfOrder: 5,
    bytesRetransmitted: 5600,
  });
  t.end();
});

t.test('an ss that does not know the younger figures leaves them out: null, not zero', (t) => {
  const old = parseSocketStatistics(STALLED.replace(' snd_wnd:65536', ''));
  t.match(old, {
    unacknowledged: 2,
    retransmissions: 0,
    sacked: 0,
    spuriousRetransmissions: null,
    receivedOutOfOrder: null,
    bytesRetransmitted: null,
    sendWindow: null,
  });
  t.end();
});

t.test('no timestamps, and a state by its name', (t) => {
  const plain = STALLED.replace(' ts sack', '').replace('ESTAB', 'CLOSE-WAIT');
  t.match(parseSocketStatistics(plain), { state: 8, timestamps: false, sackPermitted: false });
  t.end();
});

t.test('not one socket, or no figures of it', (t) => {
  t.equal(parseSocketStatistics(''), null);
  t.equal(parseSocketStatistics('\n \n'), null);
  t.equal(parseSocketStatistics(STALLED + STALLED), null, 'two are not told apart');
  const bare = parseSocketStatistics('SYN-SENT 0 1 10.0.0.1:5 10.0.0.2:6\n');
  t.strictSame(bare, { ...NOTHING_KNOWN, state: 2 });
  t.match(parseSocketStatistics('WHAT 0 0 a b\n\t rtt:x/y mss:-1 cwnd: unacked:1e9\n'), {
    state: null,
    rttUs: null,
    sendMss: null,
    congestionWindow: null,
    timestamps: null,
  });
  t.end();
});
