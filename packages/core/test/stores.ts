/** Stores that misbehave, for the tests of the engine. */
import { type AnyStore, type MemoryStore, memoryStore } from '../src/index.ts'

export type Verb = 'load' | 'create' | 'update' | 'touch' | 'renew' | 'end'

/** What happens to one call: `run` is the real one. */
export type Interference = (run: () => Promise<unknown>, count: number) => Promise<unknown>

/** A memory store whose calls of some verbs are interfered with. `count` begins at 1 for each verb. */
export function interfered(plan: Partial<Record<Verb, Interference>>, store: MemoryStore = memoryStore()): AnyStore {
  const counts = new Map<string, number>()
  return new Proxy<AnyStore>(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      const interference = plan[name as Verb]
      if (interference === undefined || typeof value !== 'function') return value
      return (...call: unknown[]) => {
        const count = (counts.get(String(name)) ?? 0) + 1
        counts.set(String(name), count)
        return interference(() => value.apply(target, call) as Promise<unknown>, count)
      }
    },
  })
}

export const hang = (): Promise<never> => new Promise(() => {})

/** Applies the call, and then the answer is lost: an error comes instead. */
export const loseAnswer =
  (when: (count: number) => boolean): Interference =>
  async (run, count) => {
    const answer = await run()
    if (when(count)) throw new Error('connection reset')
    return answer
  }

/** Applies the call, and then nothing comes. */
export const swallowAnswer =
  (when: (count: number) => boolean): Interference =>
  async (run, count) => {
    const answer = await run()
    return when(count) ? hang() : answer
  }
