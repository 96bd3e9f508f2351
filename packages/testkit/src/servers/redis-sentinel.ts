import { redisInfo, withRedis } from './redis-client.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { startSentinels } from './sentinel-processes.ts'
import { until } from './until.ts'

/** What {@link startRedisSentinel} may be told. */
export interface RedisSentinelOptions {
  /** Settings of the master and the replicas, as of {@link startRedis}. */
  readonly args?: readonly string[]
}

/** A master with two replicas, watched by three Sentinels. */
export interface RedisSentinel {
  /** As the Sentinels call the master. */
  readonly name: string
  /** Where the Sentinels are, as ioredis takes it. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** The first master and its replicas. */
  readonly servers: readonly RedisServer[]
  /** Asks the Sentinels who is master now. */
  master(): Promise<RedisServer>
  /** Ends the master by SIGKILL, and answers it. A replica takes over after two to four seconds. */
  killMaster(): Promise<RedisServer>
  /** Stops the master in its tracks, and answers it. A replica takes over; the old one follows it when resumed. */
  pauseMaster(): Promise<RedisServer>
  /**
   * Waits until the Sentinels agree about a living master, and every other running server follows it. They leave an
   * old master that comes back alone for about ten seconds.
   */
  waitHealthy(): Promise<RedisServer>
  stop(): Promise<void>
}

const NAME = 'holdfast'
const REPLICAS = 2
const SENTINELS = 3

/** Starts a {@link RedisSentinel} and waits until it is healthy. It ends with this process at the latest. */
export async function startRedisSentinel({ args = [] }: RedisSentinelOptions = {}): Promise<RedisSentinel> {
  const prompt = ['--repl-diskless-sync-delay', '0', ...args]
  const first = await startRedis({ args: prompt })
  const follow = ['--replicaof', '127.0.0.1', String(first.port)]
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, () => startRedis({ args: [...prompt, ...follow] })),
  )
  const servers = [first, ...replicas]
  const watched = { name: NAME, master: first.port, replicas: replicas.map(({ port }) => port) }
  const watch = await startSentinels(SENTINELS, watched)

  const masterOf = async (sentinel: number): Promise<RedisServer | undefined> => {
    const url = `redis://127.0.0.1:${sentinel}`
    const found = await withRedis(url, (client) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME))
    const [, port] = found as string[]
    return servers.find((server) => server.port === Number(port))
  }
  const agreed = async (): Promise<RedisServer | undefined> => {
    const [one, ...others] = await Promise.all(watch.ports.map(masterOf))
    return others.every((other) => other === one) ? one : undefined
  }
  const healthy = async (): Promise<RedisServer | undefined> => {
    const master = await agreed()
    if (master?.isRunning !== true || (await redisInfo(master.url, 'replication')).get('role') !== 'master')
      return undefined
    const others = servers.filter((server) => server !== master && server.isRunning)
    const inStep = await Promise.all(others.map((server) => follows(server.url, master.port)))
    return inStep.every(Boolean) ? master : undefined
  }
  const master = (): Promise<RedisServer> => until(agreed, { what: 'the Sentinels to agree about a master' })
  const waitHealthy = (): Promise<RedisServer> =>
    until(healthy, { what: 'a master that all follow', every: 50, within: 30_000 })
  const stop = async (): Promise<void> => {
    await Promise.all([watch.stop(), ...servers.map((server) => server.stop())])
  }

  try {
    await waitHealthy()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: NAME,
    sentinels: watch.ports.map((port) => ({ host: '127.0.0.1', port })),
    servers,
    master,
    killMaster: async () => {
      const victim = await master()
      await victim.kill()
      return victim
    },
    pauseMaster: async () => {
      const victim = await master()
      victim.pause()
      return victim
    },
    waitHealthy,
    stop,
  }
}

async function follows(url: string, master: number): Promise<boolean> {
  const replication = await redisInfo(url, 'replication')
  return replication.get('master_port') === String(master) && replication.get('master_link_status') === 'up'
}
