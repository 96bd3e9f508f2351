import type { AnyStore, MemoryStore, Touch } from '@holdfast/core'
import { nextRecord, sampleRecord } from '../../store/sample.ts'
import { call, overwrite, write, type BrokenStore } from './broken-store.ts'

const HOUR = 3_600_000

export const brokenTouch: readonly BrokenStore[] = [
  {
    fault: 'touch does nothing',
    breaks: 'touch moves an idle deadline later',
    make: (sound) => ({ ...sound, touch: async () => undefined }),
  },
  {
    fault: 'touch moves the answered deadline, not the one that counts',
    breaks: 'touch lets a session live that would have ended',
    make: (sound) => showing(sound, (touched, idleUntil) => Math.max(touched, idleUntil), { isTouched: false }),
  },
  {
    fault: 'touch shortens',
    breaks: 'touch never shortens',
    make: (sound) =>
      touchingEach(sound, async ({ key, idleUntil }) => {
        const standing = await sound.load(key, call())
        if (standing.outcome !== 'found' || standing.idleUntil <= sound.clock.now()) return
        await overwrite(sound, { ...standing.record, idleUntil }, standing.record.revision)
      }),
  },
  {
    fault: 'touch revives',
    breaks: 'touch never revives a session past its idle deadline',
    make: (sound, shift) => ({ ...sound, touch: (touches, given) => shift(-HOUR, () => sound.touch(touches, given)) }),
  },
  {
    fault: 'touch passes the absolute end',
    breaks: 'touch never moves a deadline past the absolute end',
    make: (sound) => showing(sound, (touched, idleUntil) => Math.max(touched, idleUntil), { isTouched: true }),
  },
  {
    fault: 'touch does not ask whether the idle length has changed',
    breaks: 'touch leaves a record alone whose idle length is no longer the one it knows',
    make: (sound) => touchingEach(sound, ({ key, idleUntil }) => sound.touch([{ key, idleUntil }], call())),
  },
  {
    fault: 'touch creates',
    breaks: 'touch never creates',
    make: (sound) =>
      touchingEach(sound, async (touch) => {
        const { outcome } = await sound.load(touch.key, call())
        if (outcome === 'absent') await sound.create(sampleRecord(sound.clock.now(), touch), write())
        else await sound.touch([touch], call())
      }),
  },
  {
    fault: 'touch follows aliases',
    breaks: 'touch leaves tombstones and aliases as they are, and what an alias leads to',
    make: (sound) =>
      touchingEach(sound, async ({ key, idleUntil }) => {
        const standing = await sound.load(key, call())
        const target = standing.outcome === 'moved' ? standing.alias.successor : key
        await sound.touch([{ key: target, idleUntil }], call())
      }),
  },
  {
    fault: 'touch stops at the first key that is not live',
    breaks: 'touch reaches every live record of its batch, whatever else is in it',
    make: (sound) => ({
      ...sound,
      async touch(touches, given) {
        for (const touch of touches) {
          const { outcome } = await sound.load(touch.key, call())
          if (outcome !== 'found') return
          await sound.touch([touch], given)
        }
      },
    }),
  },
  {
    fault: 'touch heeds only the last deadline for a key',
    breaks: 'touch keeps the latest of several deadlines for one key, in any order',
    make: (sound) => ({
      ...sound,
      touch: (touches, given) => sound.touch([...new Map(touches.map((touch) => [touch.key, touch])).values()], given),
    }),
  },
  {
    fault: 'touch of nothing fails',
    breaks: 'touch of nothing is harmless',
    make: (sound) => ({
      ...sound,
      async touch(touches, given) {
        if (touches.length === 0) throw new Error('syntax error at or near ")"')
        await sound.touch(touches, given)
      },
    }),
  },
  {
    fault: 'touch makes a new revision',
    breaks: 'touch changes no revision: an update that began before it still succeeds',
    make: (sound) =>
      touchingEach(sound, async ({ key, idleUntil }) => {
        const standing = await sound.load(key, call())
        if (standing.outcome !== 'found') return
        const { record } = standing
        await sound.update(nextRecord({ ...record, idleUntil }, { body: record.body }), record.revision, write())
      }),
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

/** Keeps the touched deadlines beside the store, and answers them instead of the kept ones. */
function showing(
  sound: MemoryStore,
  show: (touched: number, idleUntil: number) => number,
  { isTouched }: { isTouched: boolean },
): AnyStore {
  const touched = new Map<string, number>()
  return {
    ...sound,
    async touch(touches, given) {
      for (const { key, idleUntil } of touches) touched.set(key, Math.max(idleUntil, touched.get(key) ?? 0))
      if (isTouched) await sound.touch(touches, given)
    },
    async load(key, given) {
      const answer = await sound.load(key, given)
      if (answer.outcome !== 'found') return answer
      return { ...answer, idleUntil: show(touched.get(key) ?? 0, answer.idleUntil) }
    },
  }
}
