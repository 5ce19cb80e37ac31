import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { NetNamespace } from '../../lab/net-namespace.js';
import type { Place } from '../../lab/server.js';
import type { Workspace } from '../../lab/workspace.js';
import { Forwarder, type ForwarderSettings } from './forwarder.js';

/*
 *   client --veth-- router1 --TUN, forwarder.mjs, TUN-- router2 --veth-- server
 *
 * The routers are real kernels: they send real ICMP, and nftables makes them forget to. Addresses
 * are those of RFC 5737 and RFC 3849, and exist inside the namespaces only.
 */

export type Family = 4 | 6;

/** What a packet meets on its way, beside what the forwarder does to it. */
export interface PathSettings {
  readonly forwarder: ForwarderSettings;
  /** MTU of the link between the routers */
  readonly middleMtu: number;
  /** `dropped`: the routers never tell that a packet was too big */
  readonly icmp: 'sent' | 'dropped';
  /** router1 lowers the MSS of every SYN to this, by the book (IPv4 and IPv6 alike); null: it does not */
  readonly clampMss: number | null;
  /** net.ipv4.tcp_mtu_probing of the server, tcp(7): 1 starts when a hole is suspected */
  readonly serverMtuProbing: 0 | 1 | 2;
  readonly firewall: Firewall | null;
}

/** What router1 does to TCP connections to the server. */
export type Firewall =
  | { readonly does: 'drop-syn' | 'reject-icmp' | 'reject-rst' }
  /** once the packets of the client come to more than `bytes`, headers included */
  | { readonly does: 'drop-after' | 'reset-after'; readonly bytes: number };

export const CLEAN_PATH: PathSettings = {
  forwarder: {},
  middleMtu: 1500,
  icmp: 'sent',
  clampMss: null,
  serverMtuProbing: 0,
  firewall: null,
};

const ADDRESSES = {
  4: {
    client: '192.0.2.1',
    router1: '192.0.2.254',
    middle1: '198.51.100.1',
    middle2: '198.51.100.2',
    router2: '203.0.113.254',
    server: '203.0.113.1',
  },
  6: {
    client: '2001:db8:1::1',
    router1: '2001:db8:1::fe',
    middle1: '2001:db8:2::1',
    middle2: '2001:db8:2::2',
    router2: '2001:db8:3::fe',
    server: '2001:db8:3::1',
  },
} as const;

/** The router that refuses what the client sends: what its ICMP comes from. */
export const FIRST_ROUTER: Readonly<Record<Family, string>> = {
  4: ADDRESSES[4].router1,
  6: ADDRESSES[6].router1,
};

/** A path, up and warm; everything of it goes with its workspace. */
export class Topology {
  readonly client: NetNamespace;
  readonly server: NetNamespace;
  readonly forwarder: Forwarder;
  #routed = false;

  private constructor(client: NetNamespace, server: NetNamespace, forwarder: Forwarder) {
    this.client = client;
    this.server = server;
    this.forwarder = forwarder;
  }

  /** @param seed what is lost is drawn from it; the same seed loses the same packets */
  static async build(
    workspace: Workspace,
    settings: PathSettings,
    seed: number,
  ): Promise<Topology> {
    const client = NetNamespace.create(workspace, 'client');
    const router1 = NetNamespace.create(workspace, 'router1');
    const router2 = NetNamespace.create(workspace, 'router2');
    const server = NetNamespace.create(workspace, 'server');
    prepareEnd(client, 0);
    prepareEnd(server, settings.serverMtuProbing);
    for (const router of [router1, router2]) prepareRouter(router);
    join(client, router1);
    join(server, router2);
    const four = ADDRESSES[4];
    const six = ADDRESSES[6];
    attach(client, 'out', four.client, six.client);
    attach(router1, 'end', four.router1, six.router1);
    attach(router2, 'end', four.router2, six.router2);
    attach(server, 'out', four.server, six.server);
    const forwarder = await Forwarder.start(workspace, router1, router2, 'middle', {});
    configureMiddle(router1, 'middle1', settings.middleMtu);
    configureMiddle(router2, 'middle2', settings.middleMtu);
    router1.configure(
      `route add 203.0.113.0/24 via ${four.middle2}`,
      `route add 2001:db8:3::/64 via ${six.middle2}`,
    );
    router2.configure(
      `route add 192.0.2.0/24 via ${four.middle1}`,
      `route add 2001:db8:1::/64 via ${six.middle1}`,
    );
    const topology = new Topology(client, server, forwarder);
    topology.forgetPathMtu();
    await warmUp(client);
    await forwarder.change({ ...settings.forwarder, seed });
    await forwarder.startCounting();
    for (const router of [router1, router2]) load(router, ruleset(router === router1, settings));
    return topology;
  }

  /** @returns where a server shall listen */
  serverPlace(family: Family): Place & { readonly namespace: NetNamespace } {
    return { address: ADDRESSES[family].server, namespace: this.server };
  }

  clientAddress(family: Family): string {
    return ADDRESSES[family].client;
  }

  /**
   * Path MTUs that were learned stay with the route for minutes; a new route has none. Both ends
   * then know as little as before the first connection.
   */
  forgetPathMtu(): void {
    for (const [end, side] of [
      [this.client, 'router1'],
      [this.server, 'router2'],
    ] as const) {
      const gateways = [ADDRESSES[4][side], ADDRESSES[6][side]];
      // Replaced by its like, a route would keep what it knows.
      if (this.#routed) end.configure(...gateways.map((one) => `route delete default via ${one}`));
      end.configure(...gateways.map((one) => `route add default via ${one}`));
    }
    this.#routed = true;
  }
}

/**
 * The congestion control is one that every namespace may use, and no connection profits from what
 * an earlier one learned.
 */
function prepareEnd(end: NetNamespace, mtuProbing: number): void {
  setKernel(end, [
    'net.ipv4.tcp_congestion_control=reno',
    'net.ipv4.tcp_no_metrics_save=1',
    `net.ipv4.tcp_mtu_probing=${mtuProbing}`,
  ]);
}

/** Routers answer every packet that deserves it: the usual limits on ICMP would be a fault of their own. */
function prepareRouter(router: NetNamespace): void {
  setKernel(router, [
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.forwarding=1',
    'net.ipv4.icmp_ratelimit=0',
    'net.ipv6.icmp.ratelimit=0',
  ]);
}

/** Also without duplicate address detection, for which IPv6 addresses would wait for a second. */
function setKernel(namespace: NetNamespace, settings: readonly string[]): void {
  namespace.run(
    'sysctl',
    '-qw',
    ...settings,
    'net.ipv6.conf.all.accept_dad=0',
    'net.ipv6.conf.default.accept_dad=0',
    'net.ipv6.conf.default.router_solicitations=0',
  );
}

/**
 * A veth pair: `out` at the end, `end` at the router. Offloads are off on both, or segments would
 * travel joined, and no limit on a packet's length would mean what it says.
 */
function join(end: NetNamespace, router: NetNamespace): void {
  end.configure(`link add name out type veth peer name end netns ${router.name}`);
  for (const [namespace, device] of [
    [end, 'out'],
    [router, 'end'],
  ] as const) {
    const off = ['tx', 'rx', 'tso', 'gso', 'gro'].flatMap((feature) => [feature, 'off']);
    namespace.run('ethtool', '-K', device, ...off);
  }
}

function attach(namespace: NetNamespace, device: string, four: string, six: string): void {
  namespace.configure(
    `address add ${four}/24 dev ${device}`,
    `address add ${six}/64 dev ${device} nodad`,
    `link set ${device} up`,
  );
}

function configureMiddle(router: NetNamespace, own: 'middle1' | 'middle2', mtu: number): void {
  const peer = own === 'middle1' ? 'middle2' : 'middle1';
  router.configure(
    `address add ${ADDRESSES[4][own]}/32 peer ${ADDRESSES[4][peer]}/32 dev middle`,
    `address add ${ADDRESSES[6][own]}/64 dev middle nodad`,
    `link set middle mtu ${mtu} up`,
  );
}

/**
 * Neighbours are found, and the forwarder has done everything once, which takes it some
 * milliseconds: no test shall measure those. IPv6 is not there until the kernel has noticed that
 * its links are up, which it looks for once a second.
 */
async function warmUp(client: NetNamespace): Promise<void> {
  for (const family of [4, 6] as const) {
    const [program, ...rest] = client.enter([
      'ping',
      ...['-q', '-i', '0.02', '-c', '5', '-w', '5', ADDRESSES[family].server],
    ]);
    await promisify(execFile)(program, rest);
  }
}

/** nft(8) of one router. Firewall and clamp are the first one's: it stands where VPN gateways stand. */
function ruleset(first: boolean, { icmp, clampMss, firewall }: PathSettings): string {
  const silence = [
    'icmp type destination-unreachable icmp code frag-needed drop',
    'icmpv6 type packet-too-big drop',
  ];
  const clamp = `tcp flags syn tcp option maxseg size set ${clampMss}`;
  return [
    'table inet path {',
    ' chain sent { type filter hook output priority 0;',
    ...(icmp === 'dropped' ? silence : []),
    ' }',
    ' chain forwarded { type filter hook forward priority 0;',
    ...(first && clampMss !== null ? [clamp] : []),
    ...(first && firewall !== null ? [firewallRule(firewall)] : []),
    ' }',
    '}',
    '',
  ].join('\n');
}

function firewallRule(firewall: Firewall): string {
  switch (firewall.does) {
    case 'drop-syn':
      return 'tcp flags & (syn|ack) == syn drop';
    case 'reject-icmp':
      return 'meta l4proto tcp reject with icmpx admin-prohibited';
    case 'reject-rst':
      return 'meta l4proto tcp reject with tcp reset';
    case 'drop-after':
      return `meta l4proto tcp ct original bytes > ${firewall.bytes} drop`;
    case 'reset-after':
      return `meta l4proto tcp ct original bytes > ${firewall.bytes} reject with tcp reset`;
  }
}

/** Connections are counted from the first packet on, or `ct bytes` is always 0. */
function load(router: NetNamespace, rules: string): void {
  const [program, ...rest] = router.enter(['nft', '-f', '-']);
  execFileSync(program, rest, { input: rules, stdio: ['pipe', 'ignore', 'inherit'] });
  if (rules.includes(' ct ')) router.run('sysctl', '-qw', 'net.netfilter.nf_conntrack_acct=1');
}
