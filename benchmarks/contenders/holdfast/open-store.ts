import { type SessionStore, memoryStore } from '@holdfast/core'
import { postgresStore } from '@holdfast/postgres'
import { redisStore } from '@holdfast/redis'
import { Redis } from 'ioredis'
import { Pool } from 'pg'

import type { Surroundings } from '../contender.ts'

/** A store, and how to let go of what was opened for it. */
export interface OpenStore {
  readonly store: SessionStore
  close(): Promise<void>
}

/** Opens the store of that kind. */
export async function openStore({ store: kind, redisUrl, postgresUrl }: Surroundings): Promise<OpenStore> {
  switch (kind) {
    case 'redis':
    case 'redis-uncached':
    case 'redis-sealed': {
      const client = new Redis(redisUrl)
      const store = redisStore({ client })
      const close = async (): Promise<void> => {
        await store.close?.()
        client.disconnect()
      }
      return { store, close }
    }
    case 'postgres': {
      const pool = new Pool({ connectionString: postgresUrl })
      const store = postgresStore({ pool })
      const close = async (): Promise<void> => {
        await store.close?.()
        await pool.end()
      }
      return { store, close }
    }
    case 'memory':
      // The peers' memory stores have no bounds.
      return { store: memoryStore({ maxRecords: 5_000_000, maxBytes: 2 ** 32 }), close: () => Promise.resolve() }
    default:
      throw new Error(`Holdfast has no store "${kind}".`)
  }
}
