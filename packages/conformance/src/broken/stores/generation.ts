import type { BrokenStore } from './broken-store.ts'
import { write } from './broken-store.ts'

const MINUTE = 60_000

export const brokenGeneration: readonly BrokenStore[] = [
  {
    fault: 'the generation cannot be raised twice',
    breaks: 'the generation is 0 at first, and then what it was raised to',
    make: (sound) => ({
      ...sound,
      async raiseGeneration(to, given) {
        const standing = await sound.generation(given)
        return standing > 0 ? standing : sound.raiseGeneration(to, given)
      },
    }),
  },
  {
    fault: 'the generation is whatever was written last',
    breaks: 'the generation never falls, and whoever would lower it is told what it is',
    make(sound) {
      let generation = 0
      return {
        ...sound,
        generation: async () => generation,
        async raiseGeneration(to) {
          generation = to
          return to
        },
      }
    },
  },
  {
    fault: 'the generation is compared in one step and written in another',
    breaks: 'of many who raise the generation at once, the greatest wins',
    make(sound) {
      let generation = 0
      return {
        ...sound,
        generation: async () => generation,
        async raiseGeneration(to) {
          const standing = generation
          await new Promise((resolve) => setImmediate(resolve))
          generation = Math.max(standing, to)
          return generation
        },
      }
    },
  },
  {
    fault: 'the generation is kept as long as a tombstone',
    breaks: 'the generation stays, however much time passes and whatever is swept',
    make(sound) {
      let raisedAt = 0
      return {
        ...sound,
        raiseGeneration(to, given) {
          raisedAt = sound.clock.now()
          return sound.raiseGeneration(to, given)
        },
        generation: async (given) => (sound.clock.now() < raisedAt + MINUTE ? sound.generation(given) : 0),
      }
    },
  },
  {
    fault: 'raising the generation ends the records it knows of',
    breaks: 'raising the generation leaves records alone',
    make(sound) {
      const keys = new Set<string>()
      return {
        ...sound,
        create(record, given) {
          keys.add(record.key)
          return sound.create(record, given)
        },
        async raiseGeneration(to, given) {
          for (const key of keys) {
            const call = write()
            await sound.end(key, { reason: 'elsewhere', at: to, id: undefined, commitId: call.commitId }, call)
          }
          return sound.raiseGeneration(to, given)
        },
      }
    },
  },
]
