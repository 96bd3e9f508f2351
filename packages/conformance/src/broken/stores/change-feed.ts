import type { AnyStore, MemoryStore, StoreChange } from '@holdfast/core'
import type { BrokenStore } from './broken-store.ts'

export const brokenChangeFeed: readonly BrokenStore[] = [
  {
    fault: 'the feed drops ends',
    breaks: 'the feed tells of an end, with key, reason and id',
    make: (sound) => telling(sound, (change) => change.type !== 'ended'),
  },
  {
    fault: 'the feed drops renewals',
    breaks: 'the feed tells of a renewal, with the old key and the successor',
    make: (sound) => telling(sound, (change) => change.type !== 'renewed'),
  },
  {
    fault: 'the feed tells the whole alias',
    breaks: 'the feed tells of a renewal by age what it tells of any other, and never the sealed token',
    make(sound) {
      const aliases = new Map<string, object>()
      return {
        ...sound,
        renew(renewal, given) {
          aliases.set(renewal.key, renewal.alias)
          return sound.renew(renewal, given)
        },
        subscribe: (listener) =>
          sound.subscribe((change) =>
            listener(change.type === 'renewed' ? { ...aliases.get(change.key), ...change } : change),
          ),
      }
    },
  },
  {
    fault: 'the feed tells of an end by an old key under that key only',
    breaks: 'the feed tells of the end of a session that was ended by its old key',
    make(sound) {
      let asked = ''
      const store = telling(sound, (change) => change.type !== 'ended' || change.key === asked)
      return {
        ...store,
        end(key, tombstone, given) {
          asked = key
          return sound.end(key, tombstone, given)
        },
      }
    },
  },
  {
    fault: 'the feed drops updates',
    breaks: 'the feed of all changes tells of every create and update, with the revision',
    make: (sound) => telling(sound, (change) => change.type !== 'changed' || change.revision === 1),
  },
  {
    fault: 'the feed holds ten changes',
    breaks: 'the feed misses no change of many that happen at once',
    make(sound) {
      let count = 0
      return telling(sound, (change) => {
        if (count === 0) setImmediate(() => (count = 0))
        count += change.type === 'ended' ? 1 : 0
        return count <= 10
      })
    },
  },
  {
    fault: 'the feed tells of touches',
    breaks: 'the feed never tells of a touch',
    make(sound) {
      const listeners = new Set<(change: StoreChange) => void>()
      return {
        ...sound,
        subscribe(listener) {
          listeners.add(listener)
          const unsubscribe = sound.subscribe(listener)
          return () => {
            listeners.delete(listener)
            unsubscribe()
          }
        },
        async touch(touches, given) {
          await sound.touch(touches, given)
          for (const { key } of touches) for (const tell of listeners) tell({ type: 'changed', key, revision: 1 })
        },
      }
    },
  },
  {
    fault: 'the feed goes on after unsubscribing',
    breaks: 'the feed tells every listener, and none that has unsubscribed',
    make: (sound) => ({
      ...sound,
      subscribe(listener) {
        sound.subscribe(listener)
        return () => undefined
      },
    }),
  },
]

function telling(sound: MemoryStore, isTold: (change: StoreChange) => boolean): AnyStore {
  return {
    ...sound,
    subscribe: (listener) =>
      sound.subscribe((change) => {
        if (change.type === 'state' || isTold(change)) listener(change)
      }),
  }
}
