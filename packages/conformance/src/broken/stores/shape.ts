import type { BrokenStore } from './broken-store.ts'

export const brokenShape: readonly BrokenStore[] = [
  {
    fault: 'a store without capabilities',
    breaks: 'a store has a name, its capabilities and the six verbs',
    make: (sound) => ({ ...sound, name: '' }),
  },
  {
    fault: 'a feed that cannot be subscribed to',
    breaks: 'an optional power is there as a whole, or not at all',
    make: ({ subscribe: _, ...sound }) => sound,
  },
  {
    fault: 'a ping that fails while another is under way',
    breaks: 'a ping of a store that answers resolves',
    make(sound) {
      let underWay = 0
      return {
        ...sound,
        async ping() {
          if (underWay > 0) throw new Error('busy')
          underWay += 1
          await new Promise(setImmediate)
          underWay -= 1
        },
      }
    },
  },
]
