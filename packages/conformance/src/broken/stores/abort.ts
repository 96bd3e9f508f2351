import type { LoadResult } from '@holdfast/core'
import { call, type BrokenStore } from './broken-store.ts'

export const brokenAbort: readonly BrokenStore[] = [
  {
    fault: 'the answer to a load that was given up goes to the next one',
    breaks: 'a load or touch that was given up disturbs nothing: later calls get their own answers',
    make(sound) {
      const backlog: LoadResult[] = []
      return {
        ...sound,
        async load(key, given) {
          backlog.push(await sound.load(key, call()))
          given.signal.throwIfAborted()
          return backlog.shift() ?? { outcome: 'absent', key }
        },
      }
    },
  },
  {
    fault: 'a create that was given up is acknowledged all the same',
    breaks: 'a create that was given up keeps the whole record or nothing, and is not acknowledged for nothing',
    make: (sound) => ({
      ...sound,
      create: async (record, given) =>
        given.signal.aborted ? { outcome: 'created', key: record.key } : sound.create(record, given),
    }),
  },
  {
    fault: 'an update that was given up writes half the body',
    breaks: 'an update that was given up leaves the old record or the new one, and its retry succeeds',
    make: (sound) => ({
      ...sound,
      update: (record, expected, given) =>
        given.signal.aborted
          ? sound.update({ ...record, body: record.body.subarray(0, 20) }, expected, { ...given, ...call() })
          : sound.update(record, expected, given),
    }),
  },
  {
    fault: 'an end that was given up is acknowledged all the same',
    breaks: 'an end that was given up leaves the record or the tombstone, and its retry ends the session',
    make: (sound) => ({
      ...sound,
      end: async (key, tombstone, given) =>
        given.signal.aborted ? { outcome: 'ended', key } : sound.end(key, tombstone, given),
    }),
  },
  {
    fault: 'renew that is given up stops half way',
    breaks: 'a renew that was given up leaves exactly one key valid, and its retry succeeds',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        if (given.signal.aborted) await sound.create(renewal.record, { ...given, ...call() })
        return sound.renew(renewal, given)
      },
    }),
  },
]
