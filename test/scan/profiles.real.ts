import { join } from 'node:path';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { clientProfile } from '../../src/scan/profiles/clients.js';

/*
 * Profiles against captures of the clients themselves, made by others.
 *
 *   RDP_PROBE_CAPTURES=FOLDER   holds them; without it, skipped
 */

const FOLDER = process.env['RDP_PROBE_CAPTURES'] ?? '';

interface Captured {
  readonly id: string;
  readonly file: string;
  readonly stream: number;
  /** what else the capture shows than the client: its request is one of another program */
  readonly tlsOnly: boolean;
  readonly cookie: string | null;
}

const CAPTURED: readonly Captured[] = [
  {
    id: 'win7',
    file: 'zeek/rdp-to-ssl.pcap',
    stream: 0,
    tlsOnly: false,
    cookie: 'mstshash=AWAKECODI',
  },
  {
    id: 'win10-1607',
    file: 'ndpi/rdp_over_tls.pcap',
    stream: 0,
    tlsOnly: true,
    cookie: 'mstshash=WDeployAd',
  },
  { id: 'macos-2019', file: 'ndpi/rdp.pcap', stream: 0, tlsOnly: false, cookie: null },
];

for (const { id, file, stream, tlsOnly, cookie } of CAPTURED) {
  t.test(`${id}: ${file}`, { skip: FOLDER === '' ? 'no RDP_PROBE_CAPTURES' : false }, async (t) => {
    const profile = clientProfile(id);
    if (profile === null) throw new Error(`no profile ${id}`);
    const { tls, negotiation } = profile;
    const { traces } = await analyseCapture(join(FOLDER, file));
    const trace = traces.find(
      ({ source }) => source.kind === 'capture' && source.stream === stream,
    );
    if (trace === undefined) throw new Error('no such stream');
    const request = message(trace, 'x224-request');
    t.equal(request?.type === 'x224-request' ? request.cookie : undefined, cookie);
    if (request?.type === 'x224-request' && !tlsOnly) {
      t.equal(request.requestedProtocols?.value, negotiation.protocols);
      t.equal(request.flags?.value, negotiation.flags);
    }
    const hello = message(trace, 'tls-client-hello');
    if (hello?.type !== 'tls-client-hello') throw new Error('no ClientHello');
    const values = (list: readonly { readonly value: number }[]) => list.map(({ value }) => value);
    t.equal(hello.legacyVersion.value, Math.min(0x0303, tls.versions[0] ?? 0));
    t.strictSame(values(hello.cipherSuites), tls.suites, 'suites in order');
    t.strictSame(values(hello.groups), tls.groups, 'groups');
    t.strictSame(values(hello.signatureAlgorithms), tls.signatureAlgorithms, 'signatures');
    const names = tls.extensions.filter((name) => name !== 'server_name' || !tlsOnly);
    t.strictSame(
      hello.extensions.map(({ name }) => name),
      names,
      'extensions in order',
    );
  });
}

/** After SSL_NOT_ALLOWED_BY_SERVER a second connection offers standard RDP security. */
t.test(
  'the fallback of mstsc',
  { skip: FOLDER === '' ? 'no RDP_PROBE_CAPTURES' : false },
  async (t) => {
    const { traces } = await analyseCapture(join(FOLDER, 'zeek/rdp-proprietary-encryption.pcap'));
    const offers = traces.map((trace) => {
      const request = message(trace, 'x224-request');
      return request?.type === 'x224-request' ? request.requestedProtocols?.value : undefined;
    });
    t.strictSame(offers, [1, 0]);
    const [first] = traces;
    const confirm = first === undefined ? null : message(first, 'x224-confirm');
    t.match(confirm, { negotiation: { kind: 'failure', failureCode: { value: 2 } } });
  },
);

function message(trace: HandshakeTrace, type: string) {
  for (const fact of trace.facts) {
    if (fact.kind === 'message' && fact.message.type === type) return fact.message;
  }
  return null;
}
