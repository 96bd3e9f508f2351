import type { Redis } from 'ioredis'

import type { ClusterNode } from './cluster-nodes.ts'
import { withRedis } from './redis-client.ts'

/** A slot that moves between two masters, which are named by their ports. */
export interface SlotMove {
  readonly slot: number
  readonly from: number
  readonly to: number
  readonly nodes: readonly ClusterNode[]
  /** Runs while the slot is open and half of its keys have moved. */
  readonly during: () => Promise<unknown>
}

const AT_ONCE = 100
const WITHIN = 5_000

/** Moves a slot as `redis-cli --cluster reshard` does, with the cluster in use. */
export async function migrateSlot({ slot, from, to, nodes, during }: SlotMove): Promise<void> {
  const [fromId, toId] = [idAt(nodes, from), idAt(nodes, to)]
  await onNode(to, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId))
  await onNode(from, async (client) => {
    await client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
    const count = Number(await client.call('CLUSTER', 'COUNTKEYSINSLOT', slot))
    await moveKeys(client, slot, to, Math.ceil(count / 2))
  })
  await during()
  await onNode(from, async (client) => {
    while ((await moveKeys(client, slot, to, AT_ONCE)) > 0);
  })
  // The new owner first, so that at no time nobody has the slot.
  const others = nodes.filter(({ role, port, isLost }) => role === 'master' && !isLost && port !== from && port !== to)
  for (const port of [to, from, ...others.map((node) => node.port)]) {
    await onNode(port, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId))
  }
}

/** Answers how many keys it moved. */
async function moveKeys(client: Redis, slot: number, to: number, most: number): Promise<number> {
  const keys = (await client.call('CLUSTER', 'GETKEYSINSLOT', slot, most)) as string[]
  if (keys.length > 0) await client.call('MIGRATE', '127.0.0.1', to, '', 0, WITHIN, 'KEYS', ...keys)
  return keys.length
}

function idAt(nodes: readonly ClusterNode[], wanted: number): string {
  const node = nodes.find(({ port }) => port === wanted)
  if (node === undefined) throw new Error(`No node of the cluster listens on port ${wanted}.`)
  return node.id
}

function onNode<Answer>(port: number, work: (client: Redis) => Promise<Answer>): Promise<Answer> {
  return withRedis(`redis://127.0.0.1:${port}`, work)
}
