import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact, HandshakeTrace, Side } from '../../src/handshake/trace.js';
import { ProbeError } from '../../src/probe-error.js';

/*
 * Captures made by others, against what tshark and a parse of the bytes say of them.
 *
 *   RDP_PROBE_CAPTURES=FOLDER   holds truth.json and the captures that it names; without it, skipped
 */

interface TrueConversation {
  readonly tcpStream: number;
  readonly client: string;
  readonly server: string;
  readonly packets: number;
  readonly firstFrame: number;
  readonly midstream: boolean;
  readonly synCount: number;
  readonly mssClient: number | null;
  readonly mssServer: number | null;
  readonly rttSynMs: number | null;
  readonly rttSynFromLastSynMs: number | null;
  readonly retransmissionsClient: number;
  readonly retransmissionsServer: number;
  readonly captureDuplicates: number;
  readonly outOfOrder: number;
  readonly dupAcks: number;
  readonly zeroWindow: number;
  readonly maxPayload: number;
  readonly payloadBytesClient: number;
  readonly payloadBytesServer: number;
  readonly end: 'rst' | 'fin' | 'open';
  readonly finFirstBy?: Side;
  readonly rstBy?: Side;
  readonly rstAfterFin?: boolean;
  readonly cookie: string | null;
  readonly requestedProtocols: number | null;
  readonly selectedProtocol: number | null;
  readonly failureCode: number | null;
  readonly negFlags: number | null;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  readonly certSubject: string | null;
  readonly cert?: { readonly sha256: string };
  readonly sni?: string | null;
  readonly tlsAlerts?: readonly { readonly by: Side }[];
  readonly stagesReached: readonly string[];
  readonly isRdp: boolean;
}

interface TrueCapture {
  readonly file: string;
  readonly packets: number;
  readonly ipFragments: number;
  readonly tcpStreams: number;
  readonly conversations: readonly TrueConversation[];
}

/** Where we differ and are sure of it: what the packets themselves show. */
const EXPLAINED: readonly (readonly [where: RegExp, field: RegExp, why: string])[] = [
  [
    /mpls-in-vlan|smtp-icmp-fragneeded.pcap stream 3/,
    /^(client|server|retransmissions of the (client|server))$/,
    'mid-stream: tshark takes whoever sends first for the client, we the side without the server port',
  ],
  [
    /RDP-bruteforce.pcap stream (3|7|41|52|58|69) /,
    /^retransmissions of the client$/,
    "the client's FIN was overtaken by its RST, and tshark takes the number after the RST for seen",
  ],
  [
    /RDP-bruteforce.pcap stream 25 /,
    /^retransmissions of the client$/,
    'packets 321, 325 and 327 are the only copies; their ACKs (320, 324, 326) were captured before them',
  ],
  [
    /smtp-icmp-fragneeded.pcap stream 0 /,
    /^(retransmissions of the client|out of order)$/,
    'packet 27 repeats bytes of packet 22 after ICMP packet 26; tshark calls it out of order',
  ],
  [/h323.pcap stream 0 /, /^duplicate ACKs$/, 'every packet was captured twice, the ACKs too'],
  [/rdp-x509.pcap/, /^cookie$/, 'the cookie in packet 1 ends with two spaces'],
  [
    /RDP-bruteforce.pcap stream 7 /,
    /^(TLS|cipher|certificate|stages)/,
    "packet 99 starts 16 03 03 02: the server's whole flight, which tshark leaves alone as out of order; the ClientHello (195 bytes before packet 97) is missing",
  ],
  [
    /RDP-bruteforce.pcap stream 23 /,
    /^(TLS|cipher|certificate|stages)/,
    "the server's flight is packet 302, as tshark with -d tcp.port==3389,tls has it; the ClientHello (166 bytes before packet 304) is missing; packet 308 starts with the client's ChangeCipherSpec",
  ],
  [
    /RDP-bruteforce.pcap stream 34 /,
    /^stages/,
    "packets 482 and 486 are the client's records (17 03 03), each captured after a later one: tshark takes them for sent again and does not read them",
  ],
  [
    /RDP-bruteforce.pcap stream 45 /,
    /^(TLS|cipher|certificate|stages)/,
    "the ClientHello is packet 629, captured after the client's FIN (627); the server's flight is packet 631, as tshark with -d tcp.port==3389,tls has it",
  ],
  [
    /RDP-bruteforce.pcap stream (8|15|29|32|57) |many-hosts.pcap stream 9 /,
    /^(TLS|cipher|certificate|stages)/,
    'packets are missing; what comes after the gap is still read (tshark shows it with -d tcp.port==3389,tls)',
  ],
  [
    /lab\/ipv[46]-tls.pcap/,
    /^stages/,
    'both send a ChangeCipherSpec in TLS 1.3 (IPv4: packets 12, 13)',
  ],
];

/** What a field is by the truth and by us. */
type Comparison = readonly [field: string, truth: unknown, ours: unknown];

const folder = process.env['RDP_PROBE_CAPTURES'];
const agreement = new Map<string, { same: number; different: string[] }>();

let unexplained = 0;

function compare(where: string, comparisons: readonly Comparison[]): void {
  for (const [field, truth, ours] of comparisons) {
    const entry = agreement.get(field) ?? { same: 0, different: [] };
    agreement.set(field, entry);
    if (JSON.stringify(truth) === JSON.stringify(ours)) entry.same++;
    else {
      const [, , why] = EXPLAINED.find(([w, f]) => w.test(`${where} `) && f.test(field)) ?? [];
      if (why === undefined) unexplained++;
      const values = `${JSON.stringify(truth)}, ours ${JSON.stringify(ours)}`;
      entry.different.push(`${where}: ${values}: ${why ?? 'NOT EXPLAINED'}`);
    }
  }
}

function endpoint({ address, port }: { address: string | null; port: number | null }): string {
  return address?.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function compareTcp(where: string, truth: TrueConversation, trace: HandshakeTrace): void {
  const { tcp } = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  const figures = trace.facts.find((fact) => fact.kind === 'tcp-figures');
  const firstSyn = trace.facts.find((fact) => fact.kind === 'tcp-connect')?.at ?? null;
  const synAck = trace.facts.find((fact) => fact.kind === 'tcp-accepted')?.at ?? null;
  const fromFirst = firstSyn === null || synAck === null ? null : (synAck - firstSyn) / 1000;
  const source = trace.source.kind === 'capture' ? trace.source : null;
  const afterFin = truth.end === 'rst' && truth.rstAfterFin !== true;
  const end = afterFin ? 'reset' : truth.end === 'rst' ? 'fin' : truth.end;
  // A refusal is a RST to tshark; here it is no end, because no connection came about.
  const refused = trace.facts.some((fact) => fact.kind === 'tcp-failed' && fact.how === 'refused');
  compare(where, [
    ['client', truth.client, endpoint(trace.client)],
    ['server', truth.server, endpoint(trace.server)],
    ['first packet', truth.firstFrame, source?.firstPacket],
    ['MSS of the client', truth.mssClient, tcp.mss.client],
    ['MSS of the server', truth.mssServer, tcp.mss.server],
    ['RTT', truth.rttSynFromLastSynMs, tcp.rttMs],
    ['first SYN to SYN/ACK', truth.rttSynMs, fromFirst],
    ['retransmissions of the client', truth.retransmissionsClient, tcp.retransmissions.client],
    ['retransmissions of the server', truth.retransmissionsServer, tcp.retransmissions.server],
    ['captured twice', truth.captureDuplicates, figures?.capturedTwice],
    ['out of order', truth.outOfOrder, tcp.outOfOrder],
    ['duplicate ACKs', truth.dupAcks, tcp.duplicateAcks],
    ['zero windows', truth.zeroWindow, tcp.zeroWindows],
    [
      'largest segment',
      truth.maxPayload,
      Math.max(tcp.largestSegment.client ?? 0, tcp.largestSegment.server ?? 0),
    ],
    ['end', end, refused ? 'reset' : tcp.end.how],
    [
      'ended by',
      end === 'reset' ? truth.rstBy : truth.finFirstBy,
      refused ? 'server' : (tcp.end.by ?? undefined),
    ],
  ]);
}

function has(facts: readonly Fact[], type: string, by?: Side): boolean {
  return facts.some(
    (fact) => fact.kind === 'message' && fact.message.type === type && (by ?? fact.by) === fact.by,
  );
}

function hasRecords(facts: readonly Fact[], by: Side, is13: boolean): boolean {
  const hidden = facts.some(
    (fact) => fact.kind === 'tls-record' && fact.by === by && fact.contentType.value === 23,
  );
  return hidden || (is13 && has(facts, 'tls-finished', by));
}

/** The stages that truth.json knows, as our facts show them. */
function stagesOf(facts: readonly Fact[], is13: boolean): string[] {
  const both = hasRecords(facts, 'client', is13) && hasRecords(facts, 'server', is13);
  const table: readonly (readonly [string, boolean])[] = [
    ['tcp-syn', facts.some((fact) => fact.kind === 'tcp-connect' && fact.at !== null)],
    ['x224-cr', has(facts, 'x224-request')],
    ['x224-cc', has(facts, 'x224-confirm')],
    ['tls-client-hello', has(facts, 'tls-client-hello')],
    ['tls-server-hello', has(facts, 'tls-server-hello')],
    ['tls-certificate', has(facts, 'tls-certificate', 'server')],
    [
      'tls-ccs-both',
      has(facts, 'tls-change-cipher-spec', 'client') &&
        has(facts, 'tls-change-cipher-spec', 'server'),
    ],
    ['tls-appdata-both', both],
    ['mcs-connect-initial', has(facts, 'mcs-connect-initial')],
    ['mcs-connect-response', has(facts, 'mcs-connect-response')],
  ];
  return table.filter(([, seen]) => seen).map(([name]) => name);
}

/** Beyond the handshake, or said in another way here. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'tcp-syn-ack',
  'tcp-established',
  'neg-failure',
  'tls-appdata-client-only',
  'tls-appdata-server-only',
  'mcs-attach-user',
  'mcs-channel-join',
  'security-exchange',
  'client-info',
]);

function compareHandshake(where: string, truth: TrueConversation, trace: HandshakeTrace): void {
  const { x224, tls } = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  const { request, response } = x224;
  const cookie = request?.cookie ?? null;
  const leaf = tls.certificates[0];
  const selected = response.selectedProtocol?.value;
  compare(where, [
    ['cookie', truth.cookie, cookie === null ? null : `Cookie: ${cookie}`],
    ['requestedProtocols', truth.requestedProtocols, request?.requestedProtocols?.value ?? null],
    ['selectedProtocol', truth.selectedProtocol, selected ?? null],
    ['failureCode', truth.failureCode, response.failure?.code ?? null],
    ['flags', truth.negFlags, response.kind === 'response' ? response.flags?.value : null],
    ['TLS version', truth.tlsVersion, tls.version],
    ['cipher suite', truth.cipher, tls.cipher],
    ['certificate', truth.cert?.sha256, leaf?.sha256],
    ['certificate subject', truth.certSubject, leaf?.subject?.replaceAll(', ', ',') ?? null],
    ['SNI', truth.sni ?? null, tls.clientHello?.serverName ?? null],
    ['TLS alert', truth.tlsAlerts?.[0]?.by, alertBy(trace.facts)],
    [
      'stages reached',
      truth.stagesReached.filter((stage) => !NOT_COMPARED.has(stage)),
      stagesOf(trace.facts, tls.version === 'TLSv1.3'),
    ],
  ]);
}

function alertBy(facts: readonly Fact[]): Side | undefined {
  for (const fact of facts) {
    if (fact.kind === 'message' && fact.message.type === 'tls-alert') return fact.by;
  }
  return undefined;
}

async function compareCapture(folder: string, truth: TrueCapture): Promise<void> {
  const path = join(folder, truth.file);
  const every = await analyseCapture(path, { every: true }).catch((error: unknown) => {
    if (error instanceof ProbeError) return error;
    throw error;
  });
  if (every instanceof ProbeError) {
    compare(truth.file, [['packets', truth.packets, 0]]);
    return;
  }
  const { traces } = await analyseCapture(path);
  const bare = (list: readonly HandshakeTrace[], stream: number) =>
    list.find(({ source }) => source.kind === 'capture' && source.stream === stream);
  compare(truth.file, [
    ['packets', truth.packets, every.packets],
    ['conversations', truth.tcpStreams, every.conversations],
    ['IP fragments', truth.ipFragments, every.ipFragments],
  ]);
  for (const conversation of truth.conversations) {
    const where = `${truth.file} stream ${conversation.tcpStream} packet ${conversation.firstFrame}`;
    const trace = bare(every.traces, conversation.tcpStream);
    compare(where, [['found', true, trace !== undefined]]);
    if (trace === undefined) continue;
    compareTcp(where, conversation, trace);
    const rdp = bare(traces, conversation.tcpStream);
    compare(where, [
      ['RDP', conversation.isRdp, rdp !== undefined && has(rdp.facts, 'x224-request')],
    ]);
    if (conversation.isRdp && rdp !== undefined) compareHandshake(where, conversation, rdp);
  }
}

t.test('captures made by others', { skip: folder === undefined }, async (t) => {
  if (folder === undefined) return;
  const truth: { captures: readonly TrueCapture[] } = JSON.parse(
    readFileSync(join(folder, 'truth.json'), 'utf8'),
  );
  for (const capture of truth.captures) await compareCapture(folder, capture);
  for (const [field, { same, different }] of agreement) {
    t.comment(`${field}: ${same} of ${same + different.length}`);
    for (const line of different) t.comment(`    ${line}`);
  }
  t.equal(unexplained, 0, `${truth.captures.length} captures were compared`);
});
