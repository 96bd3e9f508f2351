import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'

/** Names the service of the test run that starts shared servers, for its workers and their child processes. */
export const SERVICE = 'HOLDFAST_TESTKIT_SERVICE'

/** A server that tests share. */
export type SharedServer = 'redis' | 'postgres'

/** What a test run shares: each server is started when the first one asks for it. */
export interface SharedServers {
  url(server: SharedServer): Promise<string>
  stop(): Promise<void>
}

interface Started {
  readonly url: string
  stop(): Promise<unknown>
}

/** Makes {@link SharedServers}: those that the environment names, else containers, else local ones. */
export function sharedServers(): SharedServers {
  const started = new Map<SharedServer, Promise<Started>>()
  return {
    url: async (server) => {
      const starting = started.get(server) ?? start(server)
      started.set(server, starting)
      return (await starting).url
    },
    stop: async () => {
      await Promise.allSettled([...started.values()].map(async (starting) => (await starting).stop()))
    },
  }
}

async function start(server: SharedServer): Promise<Started> {
  const given = process.env[server === 'redis' ? 'REDIS_URL' : 'POSTGRES_URL']
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() }
  const { isDockerThere, startContainer } = await import('./container.ts')
  if (await isDockerThere()) return startContainer(server)
  if (server === 'redis') return startRedis()
  return startPostgres({ settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200' } })
}

/** Answers the address of a Redis that all tests of a run share: keep to a key prefix of your own. */
export function redisUrl(): Promise<string> {
  return shared('redis')
}

/** Answers the address, as superuser, of a PostgreSQL that all tests of a run share: keep to a schema of your own. */
export function postgresUrl(): Promise<string> {
  return shared('postgres')
}

let own: SharedServers | undefined

async function shared(server: SharedServer): Promise<string> {
  const service = process.env[SERVICE]
  if (service === undefined) {
    own ??= sharedServers()
    return own.url(server)
  }
  const answer = await fetch(`${service}/${server}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
