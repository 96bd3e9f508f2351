import type { Tombstone } from '@holdfast/core'
import { call, write, type BrokenStore } from './broken-store.ts'

export const brokenEnd: readonly BrokenStore[] = [
  {
    fault: 'end leaves no tombstone',
    breaks: 'end of a live session answers ended and leaves the tombstone',
    make: (sound) => ({
      ...sound,
      async load(key, given) {
        const answer = await sound.load(key, given)
        return answer.outcome === 'ended' ? { outcome: 'absent', key } : answer
      },
    }),
  },
  {
    fault: 'end of nothing leaves nothing',
    breaks: 'end leaves a tombstone even where nothing was, and answers absent',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        return outcome === 'absent' ? { outcome: 'absent', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'a second end replaces the tombstone',
    breaks: 'end of an ended session answers absent, and the first tombstone stays',
    make(sound) {
      const latest = new Map<string, Tombstone>()
      return {
        ...sound,
        end(key, tombstone, given) {
          latest.set(key, tombstone)
          return sound.end(key, tombstone, given)
        },
        async load(key, given) {
          const answer = await sound.load(key, given)
          if (answer.outcome !== 'ended') return answer
          return { ...answer, tombstone: latest.get(key) ?? answer.tombstone }
        },
      }
    },
  },
  {
    fault: 'end misses aliases',
    breaks: 'end of an alias ends the session it leads to, and then the old key, with grace or without',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        return outcome === 'moved' ? { outcome: 'absent', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'end follows one alias and no further',
    breaks: 'end follows a chain of aliases to the session at its end',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const standing = await sound.load(key, call())
        const next = standing.outcome === 'moved' ? await sound.load(standing.alias.successor, call()) : standing
        const isChain = standing.outcome === 'moved' && next.outcome === 'moved'
        return isChain ? { outcome: 'absent', key } : sound.end(key, tombstone, given)
      },
    }),
  },
  {
    fault: 'end of an alias always answers ended',
    breaks: 'end of an alias whose session has ended answers absent, and both tombstones lie',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const { outcome } = await sound.load(key, call())
        const answer = await sound.end(key, tombstone, given)
        return outcome === 'moved' ? { outcome: 'ended', key } : answer
      },
    }),
  },
  {
    fault: 'end of the new key removes the alias',
    breaks: 'end of the new key leaves the alias under the old one',
    make(sound) {
      const ended = new Set<string>()
      return {
        ...sound,
        end(key, tombstone, given) {
          ended.add(key)
          return sound.end(key, tombstone, given)
        },
        async load(key, given) {
          const answer = await sound.load(key, given)
          return answer.outcome === 'moved' && ended.has(answer.alias.successor) ? { outcome: 'absent', key } : answer
        },
      }
    },
  },
  {
    fault: 'an update finds the ended session again',
    breaks: 'end is final: no verb brings the session back',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        return answer.outcome === 'ended' && expected === 0 ? { outcome: 'updated', key: record.key } : answer
      },
    }),
  },
  {
    fault: 'end ends all sessions of the subject',
    breaks: 'end of one session leaves every other one alone',
    make: (sound) => ({
      ...sound,
      async end(key, tombstone, given) {
        const standing = await sound.load(key, call())
        const subject = standing.outcome === 'found' ? standing.record.subject : undefined
        if (subject !== undefined) {
          const { sessions } = await sound.listSubject(subject, { limit: 10 }, call())
          for (const other of sessions) if (other.key !== key) await sound.end(other.key, tombstone, write())
        }
        return sound.end(key, tombstone, given)
      },
    }),
  },
]
