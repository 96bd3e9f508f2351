import { type AnyStore, memoryStore } from '@holdfast/express'

/** Where the sessions live, and how to let go of it. */
export interface ShopStore {
  /** As people call it. */
  readonly label: string
  readonly store: AnyStore
  /** Lets go of the client that the store was given: a store leaves that to whoever made it. */
  close(): Promise<void>
}

/** What `STORE` may be. Nothing else in the shop knows of any of them, and only the chosen one is loaded. */
const STORES: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<ShopStore>>> = {
  memory: async () => ({ label: 'memory', store: memoryStore(), close: async () => {} }),
  redis: async (env) => (await import('./stores/redis.ts')).openRedis(env),
  postgres: async (env) => (await import('./stores/postgres.ts')).openPostgres(env),
  pglite: async () => (await import('./stores/pglite.ts')).openPglite(),
}

/**
 * Opens the store that `STORE` names, and waits until it answers.
 *
 * @throws an error that says what to do
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<ShopStore> {
  const { STORE = 'memory' } = env
  const open = Object.hasOwn(STORES, STORE) ? STORES[STORE] : undefined
  if (open !== undefined) return open(env)
  throw new RangeError(
    `STORE is "${STORE}", which the shop does not know. Write one of ${Object.keys(STORES).join(', ')}, or leave it out for memory.`,
  )
}
