import type { AnyStore, MemoryStore, Touch } from '@holdfast/core'
import { call, overwrite, type BrokenStore } from './broken-store.ts'

export const brokenIdempotence: readonly BrokenStore[] = [
  {
    fault: 'a retried touch adds to the deadline',
    breaks: 'a retried touch changes nothing more',
    make(sound) {
      const seen = new Set<string>()
      return touchingEach(sound, async ({ key, idleUntil }) => {
        const name = `${key} ${idleUntil}`
        await sound.touch([{ key, idleUntil: seen.has(name) ? idleUntil + 1 : idleUntil }], call())
        seen.add(name)
      })
    },
  },
  {
    fault: 'a retried create answers exists',
    breaks: 'a retried create answers created again, and changes nothing',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const { outcome } = await sound.load(record.key, call())
        return outcome === 'found' ? { outcome: 'exists', key: record.key } : sound.create(record, given)
      },
    }),
  },
  {
    fault: 'a create is known by the latest commit id only',
    breaks: 'a create retried after later commits answers created, as long as the record carries its id',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const standing = await sound.load(record.key, call())
        const isForgotten = standing.outcome === 'found' && standing.record.commits[0] !== given.commitId
        return isForgotten ? { outcome: 'exists', key: record.key } : sound.create(record, given)
      },
    }),
  },
  {
    fault: 'a retried create is acknowledged whatever lies there',
    breaks: 'a retried create never brings back a session that has ended meanwhile',
    make(sound) {
      const created = new Set<string>()
      return {
        ...sound,
        async create(record, given) {
          if (created.has(given.commitId)) return { outcome: 'created', key: record.key }
          const answer = await sound.create(record, given)
          if (answer.outcome === 'created') created.add(given.commitId)
          return answer
        },
      }
    },
  },
  {
    fault: 'a retried update answers conflict with its own write',
    breaks: 'a retried update answers updated again, and changes nothing',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        if (standing.outcome !== 'found' || standing.record.revision === expected) {
          return sound.update(record, expected, given)
        }
        return { ...standing, outcome: 'conflict' }
      },
    }),
  },
  {
    fault: 'a retried update is applied again',
    breaks: 'an update retried after later commits answers updated, and the latest record stays',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        const isRetry = standing.outcome === 'found' && standing.record.commits.includes(given.commitId)
        if (!isRetry) return sound.update(record, expected, given)
        await overwrite(sound, record, standing.record.revision)
        return { outcome: 'updated', key: record.key }
      },
    }),
  },
  {
    fault: 'an update is known by the latest commit id only',
    breaks: 'an update retried after later commits answers updated, and the latest record stays',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        if (standing.outcome !== 'found' || standing.record.commits.indexOf(given.commitId) < 1) {
          return sound.update(record, expected, given)
        }
        return { ...standing, outcome: 'conflict' }
      },
    }),
  },
  {
    fault: 'an update that is no longer known is acknowledged',
    breaks: 'an update whose id the record no longer carries answers conflict, and is never applied again',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        const isFarBehind = answer.outcome === 'conflict' && answer.record.revision > expected + 4
        return isFarBehind ? { outcome: 'updated', key: record.key } : answer
      },
    }),
  },
  {
    fault: 'a retried update is refused past the deadline',
    breaks: 'an update retried past the deadline is still acknowledged: it was applied in time',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        const isOver = standing.outcome === 'found' && standing.idleUntil <= sound.clock.now()
        return isOver ? { outcome: 'absent', key: record.key } : sound.update(record, expected, given)
      },
    }),
  },
  {
    fault: 'a copy of an update that is under way is refused',
    breaks: 'one update sent many times at once is applied once, and every copy is acknowledged',
    make(sound) {
      const underWay = new Set<string>()
      return {
        ...sound,
        async update(record, expected, given) {
          if (underWay.has(given.commitId)) return { outcome: 'absent', key: record.key }
          underWay.add(given.commitId)
          const answer = await sound.update(record, expected, given)
          await new Promise(setImmediate)
          underWay.delete(given.commitId)
          return answer
        },
      }
    },
  },
  {
    fault: 'a retried renew answers moved',
    breaks: 'a retried renew answers renewed again, and changes neither key',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const standing = await sound.load(renewal.key, call())
        return standing.outcome === 'moved' ? standing : sound.renew(renewal, given)
      },
    }),
  },
  {
    fault: 'a retried renew looks for its successor',
    breaks: 'a renew retried after its successor was renewed or ended answers renewed, and revives nothing',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        const successor = await sound.load(renewal.record.key, call())
        return successor.outcome === 'ended' ? { ...successor, key: renewal.key } : answer
      },
    }),
  },
  {
    fault: 'a copy of a renew that is under way is refused',
    breaks: 'one renew sent many times at once is applied once, and every copy is acknowledged',
    make(sound) {
      const underWay = new Set<string>()
      return {
        ...sound,
        async renew(renewal, given) {
          if (underWay.has(given.commitId)) return { outcome: 'exists', key: renewal.key }
          underWay.add(given.commitId)
          const answer = await sound.renew(renewal, given)
          await new Promise(setImmediate)
          underWay.delete(given.commitId)
          return answer
        },
      }
    },
  },
  {
    fault: 'a retried end answers absent',
    breaks: 'a retried end of a live session answers ended again',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        return outcome === 'ended' ? { outcome: 'absent', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'a retried end always answers ended',
    breaks: 'a retried end of nothing answers absent again',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const standing = await sound.load(key, call())
        const isRetry = standing.outcome === 'ended' && standing.tombstone.commitId === given.commitId
        return isRetry ? { outcome: 'ended', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'a retried end of an alias answers absent',
    breaks: 'a retried end of an alias answers ended again',
    make(sound) {
      const aliases = new Set<string>()
      return {
        ...sound,
        renew(renewal, given) {
          aliases.add(renewal.key)
          return sound.renew(renewal, given)
        },
        async end(key, tombstone, given) {
          const { outcome } = await sound.load(key, call())
          const isRetry = outcome === 'ended' && aliases.has(key)
          return isRetry ? { outcome: 'absent', key } : sound.end(key, tombstone, given)
        },
      }
    },
  },
  {
    fault: 'any end of an ended session is taken for a retry',
    breaks: 'an end of another commit is not taken for a retry',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        return outcome === 'ended' ? { outcome: 'ended', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'the retry of a refused update is acknowledged',
    breaks: 'a refused write leaves no commit id: its retry is refused as well',
    make(sound) {
      const seen = new Set<string>()
      return {
        ...sound,
        async update(record, expected, given) {
          if (seen.has(given.commitId)) return { outcome: 'updated', key: record.key }
          seen.add(given.commitId)
          return sound.update(record, expected, given)
        },
      }
    },
  },
]

function touchingEach(sound: MemoryStore, touchOne: (touch: Touch) => Promise<void>): AnyStore {
  return {
    ...sound,
    async touch(touches) {
      for (const touch of touches) await touchOne(touch)
    },
  }
}
