import type { LoadResult } from '@holdfast/core'
import { call, type BrokenStore } from './broken-store.ts'

export const brokenLoad: readonly BrokenStore[] = [
  {
    fault: 'load creates what it does not find',
    breaks: 'load of a key under which nothing lies answers absent, and leaves nothing',
    make(sound) {
      const asked = new Set<string>()
      return {
        ...sound,
        load(key, given) {
          asked.add(key)
          return sound.load(key, given)
        },
        create: async (record, given) =>
          asked.has(record.key) ? { outcome: 'exists', key: record.key } : sound.create(record, given),
      }
    },
  },
  {
    fault: 'load answers the deadline that the writer offered, not the touched one',
    breaks: 'load answers the idle deadline as last touched, with the record',
    make(sound) {
      const offered = new Map<string, number>()
      return {
        ...sound,
        create(record, given) {
          offered.set(record.key, record.idleUntil)
          return sound.create(record, given)
        },
        async load(key, given) {
          const answer = await sound.load(key, given)
          return answer.outcome === 'found' ? { ...answer, idleUntil: offered.get(key) ?? answer.idleUntil } : answer
        },
      }
    },
  },
  {
    fault: 'load follows an alias within its grace',
    breaks: 'load of an alias answers moved, whatever its grace',
    make: (sound) => ({
      ...sound,
      async load(key, given) {
        const answer = await sound.load(key, given)
        const isInGrace = answer.outcome === 'moved' && answer.alias.graceUntil > sound.clock.now()
        return isInGrace ? { ...(await sound.load(answer.alias.successor, given)), key } : answer
      },
    }),
  },
  {
    fault: 'load prolongs',
    breaks: 'load changes nothing, the idle deadline included',
    make: (sound) => ({
      ...sound,
      async load(key, given) {
        const answer = await sound.load(key, given)
        if (answer.outcome !== 'found') return answer
        await sound.touch([{ key, idleUntil: sound.clock.now() + answer.record.idleTimeout }], call())
        return sound.load(key, given)
      },
    }),
  },
  {
    fault: 'the store keeps the object it was given',
    breaks: 'a record given to a store is not shared with it',
    make(sound) {
      const bodies = new Map<string, Uint8Array>()
      return {
        ...sound,
        create(record, given) {
          bodies.set(record.key, record.body)
          return sound.create(record, given)
        },
        load: async (key, given) => withBody(await sound.load(key, given), (body) => bodies.get(key) ?? body),
      }
    },
  },
  {
    fault: 'the store answers one object to all',
    breaks: 'a record that was answered is not shared with the store or with another answer',
    make(sound) {
      const shared = new Map<string, LoadResult>()
      return {
        ...sound,
        async load(key, given) {
          const answer = await sound.load(key, given)
          if (answer.outcome !== 'found') return answer
          const name = `${key} ${answer.record.revision} ${answer.idleUntil}`
          const known = shared.get(name) ?? answer
          shared.set(name, known)
          return known
        },
      }
    },
  },
  {
    fault: 'a tombstone forgets why',
    breaks: 'load of a tombstone answers ended, with reason, time, id and commit',
    make: (sound) => ({
      ...sound,
      end: (key, tombstone, given) => sound.end(key, { ...tombstone, reason: 'logout' }, given),
    }),
  },
]

function withBody(answer: LoadResult, replace: (body: Uint8Array) => Uint8Array): LoadResult {
  if (answer.outcome !== 'found') return answer
  return { ...answer, record: { ...answer.record, body: replace(answer.record.body) } }
}
