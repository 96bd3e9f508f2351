import { call, overwrite, type BrokenStore } from './broken-store.ts'

export const brokenUpdate: readonly BrokenStore[] = [
  {
    fault: 'update creates what is missing',
    breaks: 'update never creates',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        if (answer.outcome !== 'absent') return answer
        await sound.create(record, given)
        return { outcome: 'updated', key: record.key }
      },
    }),
  },
  {
    fault: 'update ignores the expected revision',
    breaks: 'update of another revision answers conflict, with the current record and deadline, and changes nothing',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        return answer.outcome === 'conflict' ? sound.update(record, answer.record.revision, given) : answer
      },
    }),
  },
  {
    fault: 'update answers conflict with the record that was offered, not with the current one',
    breaks: 'update of another revision answers conflict, with the current record and deadline, and changes nothing',
    make: (sound) => ({
      ...sound,
      async update({ idleUntil, ...record }, expected, given) {
        const answer = await sound.update({ ...record, idleUntil }, expected, given)
        return answer.outcome === 'conflict' ? { ...answer, record } : answer
      },
    }),
  },
  {
    fault: 'update takes a lower revision for the same',
    breaks: 'update replaces a record that has the expected revision, header and body',
    make: (sound) => ({
      ...sound,
      update: (record, expected, given) => sound.update({ ...record, revision: expected }, expected, given),
    }),
  },
  {
    fault: 'update acknowledges for an ended session',
    breaks: 'update of an ended session answers ended, and the tombstone stays',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        return answer.outcome === 'ended' ? { outcome: 'updated', key: record.key } : answer
      },
    }),
  },
  {
    fault: 'update follows aliases',
    breaks: 'update of a renewed session answers moved, and changes neither key',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        if (answer.outcome !== 'moved') return answer
        const key = answer.alias.successor
        await sound.update({ ...record, key, revision: expected + 2 }, expected + 1, given)
        return { outcome: 'updated', key: record.key }
      },
    }),
  },
  {
    fault: 'update shortens a newer touch',
    breaks: 'update never shortens a newer touch',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const answer = await sound.update(record, expected, given)
        const standing = await sound.load(record.key, call())
        const isWritten = answer.outcome === 'updated' && standing.outcome === 'found'
        if (isWritten && standing.record.revision === record.revision) await overwrite(sound, record, record.revision)
        return answer
      },
    }),
  },
  {
    fault: 'update never moves the deadline',
    breaks: 'update moves the idle deadline later when it offers a later one',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        const idleUntil = standing.outcome === 'found' ? standing.idleUntil : record.idleUntil
        return sound.update({ ...record, idleUntil }, expected, given)
      },
    }),
  },
  {
    fault: 'update keeps the later deadline though the idle length has changed',
    breaks: 'update with a changed idle length replaces the deadline, earlier or later',
    make: (sound) => ({
      ...sound,
      async update(record, expected, given) {
        const standing = await sound.load(record.key, call())
        const kept = standing.outcome === 'found' ? standing.idleUntil : 0
        return sound.update({ ...record, idleUntil: Math.max(kept, record.idleUntil) }, expected, given)
      },
    }),
  },
  {
    fault: 'update answers a deadline past the absolute end',
    breaks: 'update never moves the idle deadline past the absolute end',
    make(sound) {
      const offered = new Map<string, number>()
      return {
        ...sound,
        update(record, expected, given) {
          offered.set(record.key, record.idleUntil)
          return sound.update(record, expected, given)
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
    fault: 'update writes the record that was read last',
    breaks: 'update of one record leaves every other one alone',
    make(sound) {
      let latest = ''
      return {
        ...sound,
        create(record, given) {
          latest = record.key
          return sound.create(record, given)
        },
        async update(record, expected, given) {
          const answer = await sound.update({ ...record, key: latest || record.key }, expected, given)
          return { ...answer, key: record.key }
        },
      }
    },
  },
]
