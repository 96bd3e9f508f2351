import { isCluster, optionOf, type AnyRedisClient } from '../client/redis-client.ts'

interface Setting {
  readonly name: string
  /** The value that serves sessions best. */
  readonly use: string
  readonly why: string
  isRisky(value: unknown, options: object): boolean
}

/** Settings of a client that make requests wait for a server that is away, send a write twice, or stay with an old master. */
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
    use: '0',
    why: 'commands whose connection was lost are not failed at once, but wait for attempts to reconnect, or for ever',
    isRisky: (value) => value !== 0,
  },
  {
    name: 'commandTimeout',
    use: '1000',
    why: 'a command to a server that is stuck is never given up',
    isRisky: (value) => typeof value !== 'number' || value > 5_000,
  },
  {
    name: 'failoverDetector',
    use: 'true',
    why: 'a master that stalls, is replaced and comes back is used on beside the new one, and logouts there are not seen',
    isRisky: (value, options) => (Reflect.get(options, 'sentinels') ?? undefined) !== undefined && value !== true,
  },
]

/** Says which settings of the client should be others, and why; nothing if all are well. */
export function adviceFor(client: AnyRedisClient): string | undefined {
  const inner: unknown = isCluster(client) ? optionOf(client, 'redisOptions') : client.options
  const options = typeof inner === 'object' && inner !== null ? inner : {}
  const risky = SETTINGS.filter(({ name, isRisky }) => isRisky(Reflect.get(options, name), options))
  if (risky.length === 0) return undefined
  const where = isCluster(client) ? 'its `redisOptions`' : 'its options'
  const list = risky.map(({ name, use, why }) => `\`${name}: ${use}\` (otherwise ${why})`)
  return `Give the client in ${where}: ${list.join('; ')}.`
}
