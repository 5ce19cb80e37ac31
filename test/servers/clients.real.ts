import t, { type Test } from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import type { ClientVerdict } from '../../src/handshake/scan-clients.js';
import type {
  HandshakeTrace,
  Message,
  TlsClientHelloMessage,
  X224RequestMessage,
} from '../../src/handshake/trace.js';
import { systemClock } from '../../src/probe/clock.js';
import { NO_KERNEL_SOCKETS } from '../../src/probe/kernel-socket.js';
import { probeTarget } from '../../src/probe/probe-target.js';
import { DEFAULT_SETTINGS, type ProbeSettings } from '../../src/probe/settings.js';
import type { ClientProfile } from '../../src/scan/profiles/client-profile.js';
import { CLIENT_PROFILES, clientProfile } from '../../src/scan/profiles/clients.js';
import { abilitiesOf, NOTHING_KNOWN } from '../../src/scan/server-abilities.js';
import { askAs, surveyClients } from '../../src/scan/survey-clients.js';
import { Laboratory, programsOf, type ServerSpecification } from '../lab/laboratory.js';
import { CAPTURE_PROGRAMS, startCapture } from '../lab/packet-capture.js';
import { missingRequirement } from '../lab/requirements.js';
import type { RunningServer } from '../lab/server.js';
import { startVirtualDisplay } from '../lab/virtual-display.js';
import { Workspace } from '../lab/workspace.js';
import { runXfreerdp, XFREERDP_PROGRAMS } from '../lab/xfreerdp.js';

/*
 * Who can connect, against real servers, and FreeRDP's own client for what is said of it: its request
 * and its ClientHello as they are captured, and whether it connects.
 */

interface Case {
  readonly name: string;
  readonly server: ServerSpecification;
  readonly freerdp2: ClientVerdict['verdict'];
  /** of the others, what must come out; those that are not named are not looked at */
  readonly others: Readonly<Record<string, ClientVerdict['verdict']>>;
}

const shadow = (mode: 'rdp' | 'tls' | 'nla'): ServerSpecification => ({
  kind: 'freerdp-shadow',
  mode,
  certificate: 'good',
});

const xrdp = (
  layer: 'rdp' | 'tls',
  tlsVersions = 'TLSv1.2, TLSv1.3',
  certificate: 'good' | 'weak' | null = 'good',
): ServerSpecification => ({ kind: 'xrdp', layer, certificate, tlsVersions, encryption: 'high' });

const CASES: readonly Case[] = [
  {
    name: 'FreeRDP shadow, standard RDP security',
    server: shadow('rdp'),
    freerdp2: 'can-connect',
    others: { 'win11-24h2': 'can-connect', ironrdp: 'cannot', freerdp3: 'can-connect' },
  },
  {
    name: 'FreeRDP shadow, TLS',
    server: shadow('tls'),
    freerdp2: 'can-connect',
    others: {
      win7: 'cannot',
      'win7-updated': 'can-connect',
      'win8.1': 'can-connect',
      'win11-24h2': 'can-connect',
      'macos-2019': 'can-connect',
      ironrdp: 'can-connect',
    },
  },
  {
    name: 'FreeRDP shadow, NLA',
    server: shadow('nla'),
    freerdp2: 'can-connect',
    others: { win7: 'cannot', 'win10-22h2': 'can-connect', freerdp3: 'can-connect' },
  },
  {
    name: 'weston, TLS and standard RDP security',
    server: { kind: 'weston', mode: 'nego', certificate: 'good' },
    freerdp2: 'can-connect',
    others: { 'win11-24h2': 'can-connect', ironrdp: 'can-connect' },
  },
  {
    name: 'xrdp, TLS, a certificate of 1024 bits',
    server: xrdp('tls', 'TLSv1.2, TLSv1.3', 'weak'),
    freerdp2: 'can-connect',
    others: { 'win11-24h2': 'can-connect' },
  },
  {
    name: 'xrdp without a certificate',
    server: xrdp('tls', 'TLSv1.2, TLSv1.3', null),
    freerdp2: 'cannot',
    others: { 'win11-24h2': 'unknown', ironrdp: 'cannot', freerdp3: 'cannot' },
  },
  {
    name: 'xrdp, standard RDP security',
    server: xrdp('rdp'),
    freerdp2: 'can-connect',
    others: { 'win11-24h2': 'can-connect', ironrdp: 'cannot' },
  },
  {
    name: 'xrdp, TLS',
    server: xrdp('tls'),
    freerdp2: 'can-connect',
    others: { win7: 'cannot', 'server-2022': 'can-connect', ironrdp: 'can-connect' },
  },
  {
    name: 'xrdp, TLS 1.0 only',
    server: xrdp('tls', 'TLSv1'),
    freerdp2: 'cannot',
    others: {
      win7: 'can-connect',
      'win11-24h2': 'can-connect',
      freerdp3: 'cannot',
      remmina: 'cannot',
      ironrdp: 'cannot',
    },
  },
];

for (const { name, server, freerdp2, others } of CASES) {
  t.test(name, async (t) => {
    const programs = { ...CAPTURE_PROGRAMS, ...XFREERDP_PROGRAMS, ...programsOf(server.kind) };
    const missing = missingRequirement(programs);
    if (missing !== null) {
      if (process.env['CI'] === 'true') t.fail(missing);
      else t.pass(name, { skip: missing });
      return;
    }
    const workspace = new Workspace();
    t.teardown(() => workspace.close());
    const running = await new Laboratory(workspace).start(server);
    const ask = asker(running);
    const known = abilitiesOf(await matrix(running));
    const { scan } = await surveyClients(
      CLIENT_PROFILES,
      known,
      async (question) => ask(question.settings),
      20,
    );
    const verdicts = new Map(scan.profiles.map((profile) => [profile.id, profile]));
    t.ok(scan.connections <= 10, `${scan.connections} connections for all clients`);
    t.comment(
      scan.profiles.map(({ id, verdict, reason }) => `${id}: ${verdict}, ${reason}`).join('\n'),
    );
    for (const [id, verdict] of Object.entries({ ...others, freerdp2 })) {
      t.equal(verdicts.get(id)?.verdict, verdict, `${id}: ${verdicts.get(id)?.reason}`);
    }
    await t.test('asked as each client, it is the same', async (t) => {
      for (const id of ['win7', 'win11-24h2', 'freerdp2', 'freerdp3', 'ironrdp']) {
        const asked = await askAs(
          profileOf(id),
          async (question) => ask(question.settings),
          running.place.address,
          { ...NOTHING_KNOWN, credsspVersion: known.credsspVersion },
        );
        const computed = verdicts.get(id);
        t.equal(asked.verdict, computed?.verdict, `${id}: ${asked.reason}`);
        t.equal(asked.basis, 'asked');
      }
    });
    await t.test('FreeRDP itself', async (t) => {
      await compareWithFreerdp(t, workspace, running, freerdp2);
    });
  });
}

async function compareWithFreerdp(
  t: Test,
  workspace: Workspace,
  { place, port }: RunningServer,
  verdict: ClientVerdict['verdict'],
): Promise<void> {
  const display = await startVirtualDisplay(workspace);
  const capture = await startCapture(workspace, 'xfreerdp', place, port);
  const run = await runXfreerdp(workspace, display, place.address, port);
  await capture.stop();
  t.equal(run.connected ? 'can-connect' : 'cannot', verdict, 'as predicted');
  if (run.connected !== (verdict === 'can-connect')) t.comment(run.log);
  const { traces } = await analyseCapture(capture.file, { ports: [port] });
  const { tls, negotiation } = profileOf('freerdp2');
  const [request] = messages(traces, 'x224-request');
  t.equal(request?.requestedProtocols?.value, negotiation.protocols, 'its request');
  t.equal(request?.flags?.value, negotiation.flags);
  t.equal(request?.cookie, 'mstshash=user');
  const [hello] = messages(traces, 'tls-client-hello');
  if (hello === undefined) return;
  t.strictSame(
    numbersOf(hello),
    {
      versions: tls.versions,
      cipherSuites: tls.suites,
      groups: tls.groups,
      keyShares: tls.keyShares,
      signatureAlgorithms: tls.signatureAlgorithms,
    },
    'its ClientHello',
  );
  t.strictSame(
    hello.extensions.map(({ name }) => name),
    tls.extensions,
  );
}

function numbersOf(hello: TlsClientHelloMessage): Record<string, readonly number[]> {
  const values = (list: readonly { readonly value: number }[]) => list.map(({ value }) => value);
  return {
    versions: values(hello.versions),
    cipherSuites: values(hello.cipherSuites),
    groups: values(hello.groups),
    keyShares: values(hello.keyShares),
    signatureAlgorithms: values(hello.signatureAlgorithms),
  };
}

function messages(traces: readonly HandshakeTrace[], type: 'x224-request'): X224RequestMessage[];
function messages(
  traces: readonly HandshakeTrace[],
  type: 'tls-client-hello',
): TlsClientHelloMessage[];
function messages(traces: readonly HandshakeTrace[], type: Message['type']): Message[] {
  return traces.flatMap(({ facts }) =>
    facts.flatMap((fact) =>
      fact.kind === 'message' && fact.message.type === type ? [fact.message] : [],
    ),
  );
}

function profileOf(id: string): ClientProfile {
  const profile = clientProfile(id);
  if (profile === null) throw new Error(`no profile ${id}`);
  return profile;
}

function asker({ place, port }: RunningServer) {
  return async (settings: Partial<ProbeSettings>): Promise<HandshakeTrace> => {
    const io = {
      clock: systemClock(),
      kernel: NO_KERNEL_SOCKETS,
      signal: new AbortController().signal,
    };
    const target = { host: place.address, port };
    const options = { allAddresses: false };
    const [trace] = await probeTarget(target, { ...DEFAULT_SETTINGS, ...settings }, io, options);
    if (trace === undefined) throw new Error('no trace');
    return trace;
  };
}

/** The negotiation matrix, as a scan asks for it. */
async function matrix(running: RunningServer): Promise<readonly HandshakeTrace[]> {
  const ask = asker(running);
  const traces: HandshakeTrace[] = [];
  for (const requestedProtocols of [0x0b, 3, 1, 0, null]) {
    traces.push(await ask({ requestedProtocols }));
  }
  return traces;
}
