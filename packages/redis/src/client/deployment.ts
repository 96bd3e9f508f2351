import { keySlot } from './key-slot.ts'
import {
  isCluster,
  optionOf,
  socketOf,
  type AnyRedisClient,
  type RedisClient,
  type RedisCluster,
} from './redis-client.ts'

/** What differs between one server and a Cluster, apart from how a renewal is made safe. */
export interface Deployment {
  readonly isCluster: boolean
  /** Names the server that a key lies on; `undefined` while a Cluster client does not know it. */
  nodeOf(key: string): string | undefined
  /** Makes a connection of the store's own to the server that a key lies on. It reconnects only if asked to. */
  open(key: string, override: object): RedisClient | undefined
  /** Destroys the connection to one server, or to all. The client opens a new one. */
  destroy(node?: string): void
}

/** Describes the user's client. */
export function deploymentOf(client: AnyRedisClient): Deployment {
  return isCluster(client) ? clusterDeployment(client) : singleDeployment(client)
}

const ONLY = 'the server'

function singleDeployment(client: RedisClient): Deployment {
  return {
    isCluster: false,
    nodeOf: () => ONLY,
    open: (_, override) => client.duplicate(override),
    destroy: () => destroyStream(client),
  }
}

function clusterDeployment(client: RedisCluster): Deployment {
  const nodeOf = (key: string): string | undefined => client.slots[keySlot(key)]?.[0]
  return {
    isCluster: true,
    nodeOf,
    open: (key, override) => {
      const name = nodeOf(key)
      return client
        .nodes('all')
        .find((node) => addressOf(node) === name)
        ?.duplicate({ ...override, readOnly: false })
    },
    destroy: (name) => {
      for (const node of client.nodes('all')) {
        if (name === undefined || addressOf(node) === name) destroyStream(node)
      }
      client.refreshSlotsCache(() => {})
    },
  }
}

function addressOf(node: RedisClient): string {
  return `${String(optionOf(node, 'host'))}:${String(optionOf(node, 'port'))}`
}

/** A stopped server never closes its side, so that `disconnect` would wait two seconds for it. */
export function destroyStream(client: RedisClient): void {
  socketOf(client)?.destroy()
}
