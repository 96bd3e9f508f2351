import { call, overwrite, type BrokenStore } from './broken-store.ts'

export const brokenCreate: readonly BrokenStore[] = [
  {
    fault: 'create overwrites',
    breaks: 'create never overwrites a record',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const standing = await sound.load(record.key, call())
        if (standing.outcome !== 'found') return sound.create(record, given)
        await overwrite(sound, record, standing.record.revision)
        return { outcome: 'created', key: record.key }
      },
    }),
  },
  {
    fault: 'create puts an old revision back',
    breaks: 'create never overwrites a later revision by an earlier one',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const standing = await sound.load(record.key, call())
        if (standing.outcome !== 'found' || standing.record.revision === 1) return sound.create(record, given)
        await overwrite(sound, record, standing.record.revision)
        return { outcome: 'created', key: record.key }
      },
    }),
  },
  {
    fault: 'create overlooks tombstones',
    breaks: 'create under a tombstone answers ended, with the tombstone, and keeps nothing',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const answer = await sound.create(record, given)
        return answer.outcome === 'ended' ? { outcome: 'created', key: record.key } : answer
      },
    }),
  },
  {
    fault: 'create overlooks aliases',
    breaks: 'create under an alias answers exists, and the alias stays',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const { outcome } = await sound.load(record.key, call())
        return outcome === 'moved' ? { outcome: 'created', key: record.key } : sound.create(record, given)
      },
    }),
  },
  {
    fault: 'create reckons the deadline itself',
    breaks: 'create keeps a record under a free key, with the idle deadline it offers',
    make: (sound) => ({
      ...sound,
      create: (record, given) => sound.create({ ...record, idleUntil: sound.clock.now() + record.idleTimeout }, given),
    }),
  },
]
