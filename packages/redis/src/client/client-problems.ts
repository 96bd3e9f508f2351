import { isCluster, optionOf, type AnyRedisClient } from './redis-client.ts'

const SUPPORTED = 'Supported are `new Redis(…)` and `new Cluster(…)` of ioredis 5 and 6.'

/** Members that every supported client has; `spublish` came with ioredis 5. */
const MEMBERS = ['getBuffer', 'callBuffer', 'spublish', 'on', 'off']

/** Says what makes a client unfit for the store; nothing for a fit one. */
export function problemsOfClient(client: AnyRedisClient): string[] {
  if (typeof client !== 'object' || client === null) return [`is no client. ${SUPPORTED}`]
  const missing = MEMBERS.filter((member) => typeof Reflect.get(client, member) !== 'function')
  const alone = client.isCluster ? 'nodes' : 'duplicate'
  if (typeof Reflect.get(client, alone) !== 'function') missing.push(alone)
  if (missing.length > 0 || typeof client.isCluster !== 'boolean' || typeof client.options !== 'object') {
    return [`is not a client that the store can use${nameOf(client)}. ${SUPPORTED}`]
  }
  return [...problemsOfKeys(client), ...problemsOfReading(client), ...problemsOfBundling(client)]
}

function problemsOfKeys(client: AnyRedisClient): string[] {
  const keyPrefix = optionOf(client, 'keyPrefix') ?? nodeOptionOf(client, 'keyPrefix')
  if (keyPrefix === undefined || keyPrefix === '') return []
  return ['has a `keyPrefix`, which scripts do not know of. Leave it out and give the store its own `prefix`.']
}

/** A replica lags behind: a login would not be seen by the next request. */
function problemsOfReading(client: AnyRedisClient): string[] {
  const advice = 'Give the store a client that reads from the master.'
  if (isCluster(client)) {
    const scaleReads = optionOf(client, 'scaleReads') ?? 'master'
    return scaleReads === 'master' ? [] : [`reads from replicas (\`scaleReads\`), which lag behind. ${advice}`]
  }
  if (optionOf(client, 'readOnly') === true) return [`is \`readOnly\`. ${advice}`]
  return optionOf(client, 'role') === 'slave' ? [`asks Sentinel for a replica (\`role\`). ${advice}`] : []
}

/** ioredis drops the name of a command given to `call` with buffers then, and sends the next argument in its place. */
function problemsOfBundling(client: AnyRedisClient): string[] {
  const values = [optionOf(client, 'enableAutoPipelining'), nodeOptionOf(client, 'enableAutoPipelining')]
  if (!values.includes(true)) return []
  return ['has `enableAutoPipelining`, under which ioredis garbles the commands of the store. Leave it out.']
}

/** Reads an option that a client of a Cluster hands on to the clients of its nodes. */
function nodeOptionOf(client: AnyRedisClient, name: string): unknown {
  const options: unknown = isCluster(client) ? optionOf(client, 'redisOptions') : undefined
  return typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined
}

function nameOf(client: object): string {
  const name = (client.constructor as { readonly name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' && name !== 'Object' ? ` (a ${name})` : ''
}
