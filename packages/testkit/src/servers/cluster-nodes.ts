import { fields, redisInfo, withRedis } from './redis-client.ts'

/** What a cluster says of one of its nodes. */
export interface ClusterNode {
  readonly port: number
  readonly id: string
  readonly role: 'master' | 'replica'
  /** Of a replica: whose. */
  readonly masterId: string | undefined
  /** First and last of each range. */
  readonly slots: readonly (readonly [number, number])[]
  /** Whether the one that was asked takes it for failed or has lost it. */
  readonly isLost: boolean
}

/** Asks one node about all that it knows. */
export async function clusterNodes(url: string): Promise<readonly ClusterNode[]> {
  const text = String(await withRedis(url, (client) => client.cluster('NODES')))
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', address = '', flags = '', master = '-', , , , link, ...slots] = line.split(' ')
      return {
        id,
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        role: flags.includes('master') ? 'master' : 'replica',
        masterId: master === '-' ? undefined : master,
        // Slots under way are told in brackets.
        slots: slots.filter((range) => !range.startsWith('[')).map(rangeOf),
        isLost: /fail|handshake|noaddr/.test(flags) || link !== 'connected',
      }
    })
}

/** Tells whether those servers say that all is well, agree whose each slot is, and every replica is in step. */
export async function isClusterHealthy(servers: readonly { url: string; port: number }[]): Promise<boolean> {
  const ports = servers.map(({ port }) => port)
  const views = await Promise.all(servers.map(({ url }) => viewOf(url, ports)))
  return views.every((view) => view !== undefined && view === views[0])
}

/** `undefined` where something is wrong. */
async function viewOf(url: string, ports: readonly number[]): Promise<string | undefined> {
  const state = fields(String(await withRedis(url, (client) => client.cluster('INFO'))))
  const replication = await redisInfo(url, 'replication')
  if (state.get('cluster_state') !== 'ok' || state.get('cluster_slots_ok') !== '16384') return undefined
  if (replication.get('role') === 'slave' && replication.get('master_link_status') !== 'up') return undefined
  const nodes = await clusterNodes(url)
  const owners = nodes.filter(({ slots }) => slots.length > 0)
  // A node that has just been killed may still look well to the others.
  if (owners.some(({ isLost, port }) => isLost || !ports.includes(port))) return undefined
  const living = nodes.filter(({ isLost }) => !isLost)
  return living
    .map(({ id, masterId, slots }) => `${id} ${masterId ?? ''} ${JSON.stringify(slots)}`)
    .sort()
    .join('\n')
}

function rangeOf(range: string): readonly [number, number] {
  const [first = Number.NaN, last = first] = range.split('-').map(Number)
  return [first, last]
}
