/** The stores on which processes prove what they promise together. */
import { randomBytes } from 'node:crypto'

import { postgresUrl, redisUrl } from '../../src/index.ts'
import type { SharedStore } from './shared-store.ts'
import { emptyDatabase } from './empty-database.ts'

export interface SharedStoreSetUp {
  readonly name: string
  /** Answers an empty store. */
  create(): Promise<SharedStore>
}

export const SHARED_STORES: readonly SharedStoreSetUp[] = [
  {
    name: 'Redis',
    create: async () => ({ type: 'redis', url: await redisUrl(), prefix: `fleet-${randomBytes(4).toString('hex')}` }),
  },
  {
    name: 'Postgres',
    create: async () => ({ type: 'postgres', url: await emptyDatabase(await postgresUrl()) }),
  },
]
