import { call, overwrite, write, type BrokenStore } from './broken-store.ts'

export const brokenConcurrency: readonly BrokenStore[] = [
  {
    fault: 'update compares first and writes later',
    breaks: 'of 40 updates of one revision exactly one wins, and the others get its record',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        if (standing.outcome !== 'found' || standing.record.revision !== expected) {
          return sound.update(record, expected, given)
        }
        await new Promise(setImmediate)
        const current = await sound.load(record.key, call())
        const latest = current.outcome === 'found' ? current.record.revision : expected
        return sound.update(record, latest, given)
      },
    }),
  },
  {
    fault: 'create looks first and writes later',
    breaks: 'of 40 creates under one key exactly one wins',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const { outcome } = await sound.load(record.key, call())
        await new Promise(setImmediate)
        if (outcome !== 'absent') return sound.create(record, given)
        await sound.create(record, write())
        return { outcome: 'created', key: record.key }
      },
    }),
  },
  {
    fault: 'update that lost is acknowledged and dropped',
    breaks: '40 writers who start again at each conflict lose no write',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        return answer.outcome === 'conflict' ? { outcome: 'updated', key: record.key } : answer
      },
    }),
  },
  {
    fault: 'renew compares first and writes later',
    breaks: 'an update against a renewal: one wins, and the other is told',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const standing = await sound.load(renewal.key, call())
        if (standing.outcome !== 'found' || standing.record.revision !== renewal.expected) {
          return sound.renew(renewal, given)
        }
        await new Promise(setImmediate)
        const current = await sound.load(renewal.key, call())
        const expected = current.outcome === 'found' ? current.record.revision : renewal.expected
        return sound.renew({ ...renewal, expected }, given)
      },
    }),
  },
  {
    fault: 'update writes the deadline that it read before',
    breaks: 'touches and updates that run at once keep the latest deadline of all',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        await new Promise(setImmediate)
        const answer = await sound.update(record, expected, given)
        if (answer.outcome !== 'updated' || standing.outcome !== 'found') return answer
        const idleUntil = Math.max(standing.idleUntil, record.idleUntil)
        await overwrite(sound, { ...record, idleUntil }, record.revision)
        return answer
      },
    }),
  },
  {
    fault: 'renew writes the new key first and looks at the old one later',
    breaks: 'of 40 renewals of one session exactly one wins, and the others leave nothing',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        await sound.create(renewal.record, given)
        const standing = await sound.load(renewal.key, call())
        if (standing.outcome === 'moved') return standing
        const record = { ...renewal.record, key: `${renewal.record.key}?` }
        const answer = await sound.renew({ ...renewal, record }, given)
        return answer
      },
    }),
  },
  {
    fault: 'renew writes the alias first and the record a moment later',
    breaks: 'while a session is renewed, a reader always finds it under one key or the other',
    make(sound) {
      const hidden = new Set<string>()
      return {
        ...sound,
        async renew(renewal, given) {
          const { key } = renewal.record
          hidden.add(key)
          const answer = await sound.renew(renewal, given)
          await new Promise(setImmediate)
          hidden.delete(key)
          return answer
        },
        load: async (key, given) => (hidden.has(key) ? { outcome: 'absent', key } : sound.load(key, given)),
      }
    },
  },
  {
    fault: 'end looks first and answers later',
    breaks: 'of 40 ends of one session exactly one ends it',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        await new Promise(setImmediate)
        const answer = await sound.end(key, tombstone, given)
        return outcome === 'found' ? { outcome: 'ended', key } : answer
      },
    }),
  },
  {
    fault: 'end overlooks a renewal that runs beside it',
    breaks: 'no resurrection: an end wins against updates, touches, renewals and creates that run beside it',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const standing = await sound.load(renewal.key, call())
        await new Promise(setImmediate)
        const answer = await sound.renew(renewal, given)
        if (standing.outcome !== 'found' || answer.outcome !== 'ended') return answer
        await sound.create(renewal.record, given)
        return { outcome: 'renewed', key: renewal.key }
      },
    }),
  },
]
