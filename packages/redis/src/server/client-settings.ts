import { isCluster, optionOf, type AnyRedisClient } from '../client/redis-client.ts'

interface Setting {
  readonly name: string
  /** The value that serves sessions best. */
  readonly use: string
  readonly why: string
  isRisky(value: unknown): boolean
}

/** Settings of a client that make requests wait for a server that is away, or send a write twice. */
const SETTINGS: readonly Setting[] = [
  {
    name: 'enableOfflineQueue',
    use: 'false',
    why: 'commands pile up while Redis is away, and are sent long after their requests were answered',
    isRisky: (value) => value !== false,
  },
  {
    name: 'autoResendUnfulfilledCommands',
    use: 'false',
    why: 'a command whose reply was cut off is sent again, behind the back of the engine',
    isRisky: (value) => value !== false,
  },
  {
    name: 'maxRetriesPerRequest',
    use: '1',
    why: 'commands wait through many attempts to reconnect, or for ever',
    isRisky: (value) => typeof value !== 'number' || value > 3,
  },
  {
    name: 'commandTimeout',
    use: '1000',
    why: 'a command to a server that is stuck is never given up',
    isRisky: (value) => typeof value !== 'number' || value > 5_000,
  },
]

/** Says which settings of the client should be others, and why; nothing if all are well. */
export function adviceFor(client: AnyRedisClient): string | undefined {
  const inner: unknown = isCluster(client) ? optionOf(client, 'redisOptions') : client.options
  const options = typeof inner === 'object' && inner !== null ? inner : {}
  const risky = SETTINGS.filter(({ name, isRisky }) => isRisky(Reflect.get(options, name)))
  if (risky.length === 0) return undefined
  const where = isCluster(client) ? 'its `redisOptions`' : 'its options'
  const list = risky.map(({ name, use, why }) => `\`${name}: ${use}\` (otherwise ${why})`)
  return `Give the client in ${where}: ${list.join('; ')}.`
}
