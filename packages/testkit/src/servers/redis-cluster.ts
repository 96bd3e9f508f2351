import { joinCluster } from './cluster-formation.ts'
import { type ClusterNode, clusterNodes, isClusterHealthy } from './cluster-nodes.ts'
import { migrateSlot } from './cluster-slots.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

/** What {@link startRedisCluster} may be told. */
export interface RedisClusterOptions {
  /** @default 3 */
  readonly masters?: number
  /** Spread over the masters in turn. @default 3 */
  readonly replicas?: number
  /** Settings of every server, as of {@link startRedis}. */
  readonly args?: readonly string[]
}

/** A Redis Cluster of one's own, on 127.0.0.1. */
export interface RedisCluster {
  /** Who was what when the cluster was last seen healthy. */
  readonly nodes: readonly ClusterNode[]
  /** In the order of {@link RedisCluster.nodes}. */
  readonly servers: readonly RedisServer[]
  /** Asks the cluster whose a slot is. */
  masterOf(slot: number): Promise<RedisServer>
  /** Ends the master of a slot by SIGKILL, and answers it. One of its replicas takes over after about two seconds. */
  killMaster(slot: number): Promise<RedisServer>
  /**
   * Moves a slot with its keys from one master to another.
   *
   * @param during runs while the slot is open and half of its keys have moved
   */
  migrateSlot(slot: number, from: Placed, to: Placed, during?: () => Promise<unknown>): Promise<void>
  /** Waits until the running servers agree about all slots and every replica follows its master. */
  waitHealthy(): Promise<void>
  stop(): Promise<void>
}

/** A node or server, by its port. */
export interface Placed {
  readonly port: number
}

/** A dead master is replaced within about two seconds; a replica is in step at once. */
const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0']

/** Starts a {@link RedisCluster} and waits until it is healthy. It ends with this process at the latest. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, replicas = 3, args = [] } = options
  const servers = await Promise.all(
    Array.from({ length: masters + replicas }, () => startRedis({ args: [...CLUSTER, ...args] })),
  )
  let nodes: readonly ClusterNode[] = []

  const running = (): readonly RedisServer[] => servers.filter((server) => server.isRunning)
  // One of them may be paused.
  const ask = (): Promise<readonly ClusterNode[]> => Promise.any(running().map(({ url }) => clusterNodes(url)))
  const waitHealthy = async (): Promise<void> => {
    await until(() => isClusterHealthy(running()), { what: 'a healthy cluster', every: 50, within: 30_000 })
    const seen = await ask()
    nodes = servers.flatMap(({ port }) => seen.filter((node) => node.port === port))
  }
  const masterOf = async (slot: number): Promise<RedisServer> => {
    const seen = await ask()
    const owner = seen.find(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last))
    const server = servers.find(({ port }) => port === owner?.port)
    if (server === undefined) throw new Error(`No node of the cluster has slot ${slot}.`)
    return server
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }

  try {
    await joinCluster(servers, masters)
    await waitHealthy()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get nodes() {
      return nodes
    },
    servers,
    masterOf,
    killMaster: async (slot) => {
      const master = await masterOf(slot)
      await master.kill()
      return master
    },
    migrateSlot: async (slot, from, to, during = () => Promise.resolve()) => {
      const seen = await ask()
      await migrateSlot({ slot, from: from.port, to: to.port, nodes: seen, during })
    },
    waitHealthy,
    stop,
  }
}
