import type { AnyStore, LoadResult, MemoryStore } from '@holdfast/core'
import { call, type BrokenStore } from './broken-store.ts'

const HOUR = 3_600_000

export const brokenDeadlines: readonly BrokenStore[] = [
  {
    fault: 'end of an alias forgets the deadline of its session',
    breaks: 'end of an alias whose session is past its deadline answers absent',
    make: (sound, shift) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        if (outcome !== 'moved') return sound.end(key, tombstone, given)
        return shift(-HOUR, () => sound.end(key, tombstone, given))
      },
    }),
  },
  {
    fault: 'update still works at the very deadline',
    breaks: 'update works until just before the idle deadline, and answers absent from its very instant',
    make: (sound, shift) => ({
      ...sound,
      update: (record, expected, given) => shift(-1, () => sound.update(record, expected, given)),
    }),
  },
  {
    fault: 'update fails a millisecond early',
    breaks: 'update works until just before the idle deadline, and answers absent from its very instant',
    make: (sound, shift) => ({
      ...sound,
      update: (record, expected, given) => shift(1, () => sound.update(record, expected, given)),
    }),
  },
  {
    fault: 'renew still works at the very deadline',
    breaks: 'renew works until just before the idle deadline, and answers absent from its very instant',
    make: (sound, shift) => ({ ...sound, renew: (renewal, given) => shift(-1, () => sound.renew(renewal, given)) }),
  },
  {
    fault: 'touch still works at the very deadline',
    breaks: 'touch works until just before the idle deadline, and leaves the record alone from its very instant',
    make: (sound, shift) => ({ ...sound, touch: (touches, given) => shift(-1, () => sound.touch(touches, given)) }),
  },
  {
    fault: 'end still finds a session at its very deadline',
    breaks: 'end works until just before the idle deadline, and answers absent from its very instant',
    make: (sound, shift) => ({
      ...sound,
      end: (key, tombstone, given) => shift(-1, () => sound.end(key, tombstone, given)),
    }),
  },
  {
    fault: 'create takes the place of a record that is over',
    breaks: 'create on a record past its end, yet kept, answers exists',
    make: (sound) => ({
      ...sound,
      async create(record, given) {
        const standing = await sound.load(record.key, call())
        const isOver = standing.outcome === 'found' && standing.idleUntil <= sound.clock.now()
        return isOver ? { outcome: 'created', key: record.key } : sound.create(record, given)
      },
    }),
  },
  {
    fault: 'the absolute end is not looked at',
    breaks: 'the absolute end caps a session however busy it is',
    make: withoutAbsoluteEnd,
  },
  {
    fault: 'the absolute end is not looked at from the beginning',
    breaks: 'the absolute end counts even where a later idle deadline was offered at the beginning',
    make: withoutAbsoluteEnd,
  },
  {
    fault: 'a shortened idle length counts from the next touch',
    breaks: 'update that shortens the idle length ends the session at the new deadline',
    make: (sound, shift) => ({
      ...sound,
      update: (record, expected, given) =>
        record.revision > 2
          ? shift(-HOUR, () => sound.update(record, expected, given))
          : sound.update(record, expected, given),
    }),
  },
  {
    fault: 'a record is forgotten at its end',
    breaks: 'a record past its end, a tombstone and an alias without grace are kept for 60 s',
    make: (sound) => forgetting(sound, (answer, now) => answer.outcome === 'found' && answer.idleUntil + 1_000 <= now),
  },
  {
    fault: 'a tombstone is kept for 30 s',
    breaks: 'a record past its end, a tombstone and an alias without grace are kept for 60 s',
    make: (sound) =>
      forgetting(sound, (answer, now) => answer.outcome === 'ended' && answer.tombstone.at + 30_000 <= now),
  },
  {
    fault: 'an alias without grace is kept for 30 s',
    breaks: 'a record past its end, a tombstone and an alias without grace are kept for 60 s',
    make: (sound) => forgetting(sound, (answer, now) => answer.outcome === 'moved' && answer.alias.at + 30_000 <= now),
  },
  {
    fault: 'an alias with grace is kept for 60 s from its beginning',
    breaks: 'an alias with grace is kept until its grace has passed, and 60 s longer',
    make: (sound) => forgetting(sound, (answer, now) => answer.outcome === 'moved' && answer.alias.at + 60_000 <= now),
  },
]

function withoutAbsoluteEnd(sound: MemoryStore): AnyStore {
  return {
    ...sound,
    create: (record, given) => sound.create({ ...record, absoluteAt: record.absoluteAt + HOUR }, given),
    update: (record, expected, given) =>
      sound.update({ ...record, absoluteAt: record.absoluteAt + HOUR }, expected, given),
  }
}

function forgetting(sound: MemoryStore, isForgotten: (answer: LoadResult, now: number) => boolean): AnyStore {
  return {
    ...sound,
    async load(key, given) {
      const answer = await sound.load(key, given)
      return isForgotten(answer, sound.clock.now()) ? { outcome: 'absent', key } : answer
    },
  }
}
