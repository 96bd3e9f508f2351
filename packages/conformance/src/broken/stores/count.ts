import type { AnyStore, MemoryStore, OfferedRecord } from '@holdfast/core'
import type { BrokenStore } from './broken-store.ts'

/** How many one step counts of a store that forgets to say that there are more. */
const STEP = 100

export const brokenCount: readonly BrokenStore[] = [
  {
    fault: 'every record is counted, whatever it begins with',
    breaks: 'live records are counted by what their bodies begin with',
    make: (sound) => ({
      ...sound,
      countLive: (_, after, given) => sound.countLive(new Uint8Array(), after, given),
    }),
  },
  {
    fault: 'a record is counted for ever by what it was first counted by',
    breaks: 'a record that begins otherwise now is counted by what it begins with now',
    make: (sound) => tallied(sound, false),
  },
  {
    fault: 'a renewal is counted beside the record that it replaced',
    breaks: 'a session that was renewed is counted once',
    make: (sound) => tallied(sound, true),
  },
  {
    fault: 'an ended record is counted until it would have ended by itself',
    breaks: 'nothing is counted that has ended or passed its deadline',
    make: (sound) => tallied(sound, false),
  },
  {
    fault: 'the count stops after one step',
    breaks: 'many records are counted to the last, each once',
    make: (sound) => ({
      ...sound,
      async countLive(beginning, after, given) {
        const { count } = await sound.countLive(beginning, after, given)
        return { count: Math.min(count, STEP), next: undefined }
      },
    }),
  },
]

/** Counts what was offered, and never looks at it again. */
function tallied(sound: MemoryStore, areRenewalsCounted: boolean): AnyStore {
  const counts = new Map<string, number>()
  const nameOf = (beginning: Uint8Array): string => Buffer.from(beginning).toString('hex')
  function add({ countedBy }: OfferedRecord): void {
    if (countedBy !== undefined) counts.set(nameOf(countedBy), (counts.get(nameOf(countedBy)) ?? 0) + 1)
  }
  return {
    ...sound,
    create(record, given) {
      add(record)
      return sound.create(record, given)
    },
    renew(renewal, given) {
      if (areRenewalsCounted) add(renewal.record)
      return sound.renew(renewal, given)
    },
    countLive: async (beginning) => ({ count: counts.get(nameOf(beginning)) ?? 0, next: undefined }),
  }
}
