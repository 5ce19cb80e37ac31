import { fileURLToPath } from 'node:url';
import { Daemon } from '../../lab/daemon.js';
import type { NetNamespace } from '../../lab/net-namespace.js';
import type { Workspace } from '../../lab/workspace.js';

const FORWARDER = fileURLToPath(new URL('./forwarder.mjs', import.meta.url));

/** What one direction does to packets; what is left out does nothing. See forwarder.mjs. */
export interface LaneSettings {
  /** one way */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  /** longer IP packets vanish without a word; null: none do */
  readonly maxPacketBytes?: number | null;
  readonly rateKbit?: number | null;
  readonly queueBytes?: number;
}

export interface ForwarderSettings {
  readonly toServer?: LaneSettings;
  readonly fromServer?: LaneSettings;
  readonly seed?: number;
}

export interface PacketCount {
  /** read, whatever came of them */
  readonly packets: number;
  readonly lost: number;
  readonly tooBig: number;
  readonly overflowed: number;
  /** bytes of the whole IP packet */
  readonly largestPassed: number;
}

export interface LaneStatistics {
  readonly all: PacketCount;
  /** TCP segments with payload */
  readonly tcpData: PacketCount;
  readonly tcpSyn: PacketCount;
  readonly udp: PacketCount;
  readonly maxLatenessMs: number;
}

export interface ForwarderStatistics {
  readonly toServer: LaneStatistics;
  readonly fromServer: LaneStatistics;
}

/** The process in the middle of a path, whose truth every measurement is compared with. */
export class Forwarder {
  readonly #daemon: Daemon;
  #asked = 0;

  private constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** @param device name of the TUN device that appears in both namespaces, without an address */
  static async start(
    workspace: Workspace,
    client: NetNamespace,
    server: NetNamespace,
    device: string,
    settings: ForwarderSettings,
  ): Promise<Forwarder> {
    const daemon = Daemon.start(workspace, {
      name: `forwarder-${client.name}`,
      command: [
        process.execPath,
        FORWARDER,
        ...[client.name, server.name, device, JSON.stringify(settings)],
      ],
      listens: true,
    });
    await daemon.waitUntil('the devices are there', () => daemon.output().includes('"ready"'));
    return new Forwarder(daemon);
  }

  /** Changes what is named, and nothing else, from the next packet on. */
  async change(settings: ForwarderSettings): Promise<void> {
    await this.#ask({ settings });
  }

  /** What has gone through so far does not count. */
  async startCounting(): Promise<void> {
    await this.#ask({ startCounting: true });
  }

  async statistics(): Promise<ForwarderStatistics> {
    return (await this.#ask({ statistics: true }))['statistics'] as ForwarderStatistics;
  }

  async #ask(question: object): Promise<Record<string, unknown>> {
    this.#asked += 1;
    const id = this.#asked;
    this.#daemon.send(JSON.stringify({ id, ...question }));
    const start = `{"id":${id},`;
    const bare = `{"id":${id}}`;
    let answer: string | undefined;
    await this.#daemon.waitUntil('it answers', () => {
      const lines = this.#daemon.output().split('\n').slice(0, -1);
      answer = lines.find((line) => line.startsWith(start) || line === bare);
      return answer !== undefined;
    });
    return JSON.parse(answer ?? '{}') as Record<string, unknown>;
  }
}
