import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { StoreHarness } from '@holdfast/conformance'
import type { AnyStore } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '../index.ts'

/** Longer waits are taken off the keys' time to live instead. */
const LONGEST_WAIT = 10_000

/** What a harness needs to know of the server. */
export interface HarnessOptions {
  /** Makes the options of a store, but for its prefix. */
  readonly options: Omit<RedisStoreOptions, 'prefix'>
  /** Runs a command on every server that holds keys, as a user who may do all. */
  readonly everywhere: (run: (client: AdminClient) => Promise<unknown>) => Promise<unknown>
  readonly prefix?: string
}

/** What a harness does to a server besides using the store. */
export interface AdminClient {
  keys(pattern: string): Promise<string[]>
  pexpire(key: string, ms: number): Promise<unknown>
  pttl(key: string): Promise<number>
}

/** A prefix that no other test uses. */
export function freshPrefix(): string {
  return `test:${randomBytes(6).toString('hex')}`
}

/**
 * Makes a harness over two stores that share a prefix and take turns at the verbs, so that nothing is answered from what
 * one of them remembers.
 */
export function takingTurns({ options, everywhere, prefix = freshPrefix() }: HarnessOptions): StoreHarness {
  const stores = [redisStore({ ...options, prefix }), redisStore({ ...options, prefix })] as const
  let turn = 0
  let skipped = 0
  const next = (): AnyStore => stores[(turn += 1) % 2 === 0 ? 0 : 1]
  const [first] = stores
  return {
    store: {
      ...first,
      clock: { now: () => first.clock.now() + skipped },
      load: (...terms) => next().load(...terms),
      create: (...terms) => next().create(...terms),
      update: (...terms) => next().update(...terms),
      touch: (...terms) => next().touch(...terms),
      renew: (...terms) => next().renew(...terms),
      end: (...terms) => next().end(...terms),
    },
    async advance(ms) {
      if (ms <= LONGEST_WAIT) {
        await wait(ms)
        return
      }
      await everywhere(async (client) => {
        const keys = await client.keys(`${prefix}:{*`)
        await Promise.all(
          keys.map(async (key) => {
            const left = await client.pttl(key)
            if (left >= 0) await client.pexpire(key, left - ms)
          }),
        )
      })
      skipped += ms
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}
