/** The stores on which lifetimes are proved, each behind another framework. */
import { randomBytes } from 'node:crypto'

import { type AnyStore, memoryStore } from '@holdfast/core'

import { postgresUrl, redisUrl } from '../../src/index.ts'
import { emptyDatabase } from '../fleet/empty-database.ts'
import { type OpenedStore, openStore } from '../fleet/shared-store.ts'
import { type Framework, FRAMEWORKS } from '../frameworks/frameworks.ts'

/** A store as one process has it. */
export type Process = Pick<OpenedStore, 'store' | 'close'>

export interface RealStore {
  readonly name: string
  readonly framework: Framework
  /** Makes an empty store. Answers what opens it, once for each process. */
  place(): Promise<() => Promise<Process>>
}

const [express, koa, fastify] = FRAMEWORKS as readonly [Framework, Framework, Framework]

export const REAL_STORES: readonly RealStore[] = [
  {
    name: 'memory',
    framework: express,
    place: async () => {
      const store: AnyStore = memoryStore()
      return async () => ({ store, close: async () => {} })
    },
  },
  {
    name: 'Redis',
    framework: koa,
    place: async () => {
      const choice = { type: 'redis', url: await redisUrl(), prefix: `life-${randomBytes(4).toString('hex')}` } as const
      return () => openStore(choice)
    },
  },
  {
    name: 'Postgres',
    framework: fastify,
    place: async () => {
      const choice = { type: 'postgres', url: await emptyDatabase(await postgresUrl()) } as const
      return () => openStore(choice)
    },
  },
]

/** Opens an empty store for one process. */
export async function openEmpty(real: RealStore): Promise<Process> {
  const open = await real.place()
  return open()
}

/** A store that stays open when an engine closes. */
export function lasting(store: AnyStore): AnyStore {
  return { ...store, close: async () => {} }
}
