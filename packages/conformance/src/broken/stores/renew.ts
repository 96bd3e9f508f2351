import { call, write, type BrokenStore } from './broken-store.ts'

export const brokenRenew: readonly BrokenStore[] = [
  {
    fault: 'renew leaves both keys valid',
    breaks: 'renew keeps the record under the new key and leaves the alias under the old one: exactly one is valid',
    make: (sound) => ({
      ...sound,
      async renew({ key, record }, given) {
        await sound.create(record, given)
        return { outcome: 'renewed', key }
      },
    }),
  },
  {
    fault: 'renew leaves neither key valid',
    breaks: 'renew keeps the record under the new key and leaves the alias under the old one: exactly one is valid',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        const tombstone = { reason: 'destroy', at: 0, id: undefined, commitId: given.commitId } as const
        if (answer.outcome === 'renewed') await sound.end(renewal.record.key, tombstone, given)
        return answer
      },
    }),
  },
  {
    fault: 'renew ignores the expected revision',
    breaks: 'renew of another revision answers conflict, with the current record, and neither key changes',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        if (answer.outcome !== 'conflict') return answer
        return sound.renew({ ...renewal, expected: answer.record.revision }, given)
      },
    }),
  },
  {
    fault: 'renew of an ended session starts a new one',
    breaks: 'renew of an ended session answers ended, and nothing arises under the new key',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        if (answer.outcome === 'ended') await sound.create(renewal.record, given)
        return answer
      },
    }),
  },
  {
    fault: 'renew creates what is missing',
    breaks: 'renew never creates: under an unknown key it answers absent, and leaves nothing under either',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        if (answer.outcome !== 'absent') return answer
        await sound.create(renewal.record, given)
        return { outcome: 'renewed', key: renewal.key }
      },
    }),
  },
  {
    fault: 'renew renews again what was renewed',
    breaks: 'renew of a renewed session answers moved, and only the first renewal stands',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        if (answer.outcome === 'moved') await sound.create(renewal.record, given)
        return answer
      },
    }),
  },
  {
    fault: 'renew does not look at the new key',
    breaks: 'renew to a key in use answers exists, and the session goes on under the old key',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const answer = await sound.renew(renewal, given)
        return answer.outcome === 'exists' ? { outcome: 'renewed', key: renewal.key } : answer
      },
    }),
  },
  {
    fault: 'renew takes the offered deadline, though a touch has moved it later',
    breaks: 'renew keeps the later idle deadline',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const { record } = renewal
        const detour = { ...record, idleTimeout: record.idleTimeout + 1 }
        const answer = await sound.renew({ ...renewal, record: detour }, given)
        if (answer.outcome === 'renewed') await sound.update(record, record.revision, write())
        return answer
      },
    }),
  },
  {
    fault: 'renew keeps the later deadline though the idle length has changed',
    breaks: 'renew with a changed idle length replaces the deadline',
    make: (sound) => ({
      ...sound,
      async renew(renewal, given) {
        const standing = await sound.load(renewal.key, call())
        const kept = standing.outcome === 'found' ? standing.idleUntil : 0
        const idleUntil = Math.max(kept, renewal.record.idleUntil)
        return sound.renew({ ...renewal, record: { ...renewal.record, idleUntil } }, given)
      },
    }),
  },
  {
    fault: 'renew answers a deadline past the absolute end',
    breaks: 'renew never moves the idle deadline past the absolute end',
    make(sound) {
      const offered = new Map<string, number>()
      return {
        ...sound,
        renew(renewal, given) {
          offered.set(renewal.record.key, renewal.record.idleUntil)
          return sound.renew(renewal, given)
        },
        async load(key, given) {
          const answer = await sound.load(key, given)
          if (answer.outcome !== 'found') return answer
          return { ...answer, idleUntil: Math.max(answer.idleUntil, offered.get(key) ?? 0) }
        },
      }
    },
  },
  {
    fault: 'renew works once per session',
    breaks: 'renew may follow renew: each old key leads to the next one',
    make(sound) {
      const renewed = new Set<string>()
      return {
        ...sound,
        async renew(renewal, given) {
          const { id } = renewal.record
          if (renewed.has(id)) return { outcome: 'absent', key: renewal.key }
          const answer = await sound.renew(renewal, given)
          if (answer.outcome === 'renewed') renewed.add(id)
          return answer
        },
      }
    },
  },
]
