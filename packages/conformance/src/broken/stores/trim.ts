import type { BrokenStore } from './broken-store.ts'
import { write } from './broken-store.ts'

export const brokenTrim: readonly BrokenStore[] = [
  {
    fault: 'trim does nothing',
    breaks: 'trim lets aliases go 60 s after the time it names, in one batch, and the session stays',
    make: (sound) => ({ ...sound, trim: async () => undefined }),
  },
  {
    fault: 'trim heeds the first of a batch only',
    breaks: 'trim lets aliases go 60 s after the time it names, in one batch, and the session stays',
    make: (sound) => ({ ...sound, trim: (trims, given) => sound.trim(trims.slice(0, 1), given) }),
  },
  {
    fault: 'trim removes aliases at once',
    breaks: 'trim to a time that has passed keeps the alias for 60 s, so that no late write finds its key free',
    make(sound) {
      const gone = new Set<string>()
      return {
        ...sound,
        async trim(trims, given) {
          for (const { key } of trims) {
            const { outcome } = await sound.load(key, given)
            if (outcome === 'moved') gone.add(key)
          }
        },
        async load(key, given) {
          return gone.has(key) ? { outcome: 'absent', key } : sound.load(key, given)
        },
      }
    },
  },
  {
    fault: 'trim counts the 60 s from now, whatever the time it is asked for',
    breaks: 'trim lets aliases go 60 s after the time it names, in one batch, and the session stays',
    make: (sound) => ({
      ...sound,
      trim: (trims, given) =>
        sound.trim(
          trims.map(({ key }) => ({ key, until: 0 })),
          given,
        ),
    }),
  },
  {
    fault: 'trim sets the end of an alias, though it be later',
    breaks: 'trim never lets an alias stay longer',
    make(sound) {
      const trimmed = new Map<string, number>()
      const aliases = new Map<string, Awaited<ReturnType<typeof sound.load>>>()
      return {
        ...sound,
        async trim(trims, given) {
          for (const { key, until } of trims) {
            trimmed.set(key, until)
            aliases.set(key, await sound.load(key, given))
          }
          return sound.trim(trims, given)
        },
        async load(key, given) {
          const answer = await sound.load(key, given)
          const isKept = (trimmed.get(key) ?? 0) > sound.clock.now()
          return isKept && answer.outcome === 'absent' ? (aliases.get(key) ?? answer) : answer
        },
      }
    },
  },
  {
    fault: 'trim ends whatever lies under the key',
    breaks: 'trim leaves records, tombstones and unknown keys alone',
    make: (sound) => ({
      ...sound,
      async trim(trims, given) {
        for (const { key, until } of trims) {
          const call = write()
          await sound.end(key, { reason: 'evicted', at: until, id: undefined, commitId: call.commitId }, call)
        }
        return sound.trim(trims, given)
      },
    }),
  },
]
