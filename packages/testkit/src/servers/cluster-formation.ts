import { withRedis } from './redis-client.ts'
import { clusterNodes } from './cluster-nodes.ts'
import { until } from './until.ts'

interface Member {
  readonly url: string
  readonly port: number
}

const SLOTS = 16_384

/** Makes one cluster of empty servers: the first ones become masters with equal shares, the others their replicas. */
export async function joinCluster(members: readonly Member[], masterCount: number): Promise<void> {
  const masters = members.slice(0, masterCount)
  await Promise.all(
    members.map(({ url }, index) =>
      withRedis(url, async (client) => {
        await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
        const first = Math.round((SLOTS * index) / masterCount)
        const last = Math.round((SLOTS * (index + 1)) / masterCount) - 1
        if (index < masterCount) await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
      }),
    ),
  )
  await Promise.all(members.map((member, index) => meetAll(member, members.slice(0, index))))
  await Promise.all(members.map((member) => until(() => knowsAll(member, members), { what: 'all nodes to meet' })))
  const known = await clusterNodes(members[0]?.url ?? '')
  await Promise.all(
    members.slice(masterCount).map(({ url }, index) => {
      const { port } = masters[index % masterCount] as Member
      const { id = '' } = known.find((node) => node.port === port) ?? {}
      return withRedis(url, (client) => client.call('CLUSTER', 'REPLICATE', id))
    }),
  )
}

/** Every node meets every other, instead of learning of them by and by. */
async function meetAll({ url }: Member, others: readonly Member[]): Promise<void> {
  await withRedis(url, async (client) => {
    for (const { port } of others) await client.call('CLUSTER', 'MEET', '127.0.0.1', port)
  })
}

async function knowsAll({ url }: Member, members: readonly Member[]): Promise<boolean> {
  const nodes = await clusterNodes(url)
  return nodes.length === members.length && nodes.every(({ isLost }) => !isLost)
}
