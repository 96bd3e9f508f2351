import type { AnyStore, MemoryStore, OfferedRecord } from '@holdfast/core'
import type { BrokenStore } from './broken-store.ts'

export const brokenKeysAndBytes: readonly BrokenStore[] = [
  {
    fault: 'bodies are kept as text of one byte a character, and the zero byte ends it',
    breaks: 'a body of every byte comes back byte for byte, from create, update and renew',
    make: (sound) => keeping(sound, (body) => (body.includes(0) ? body.slice(0, body.indexOf(0)) : body)),
  },
  {
    fault: 'an empty body is kept as one zero byte',
    breaks: 'an empty body comes back empty',
    make: (sound) => keeping(sound, (body) => (body.byteLength === 0 ? new Uint8Array(1) : body)),
  },
  {
    fault: 'bodies are cut at 65,535 bytes',
    breaks: 'a body of 64 KiB comes back whole',
    make: (sound) => keeping(sound, (body) => body.subarray(0, 65_535)),
  },
  {
    fault: 'bodies are kept as UTF-8',
    breaks: 'a body that is no UTF-8 comes back byte for byte',
    make: (sound) => keeping(sound, (body) => Buffer.from(Buffer.from(body).toString('utf8'), 'utf8')),
  },
  {
    fault: 'a body is kept with the whole buffer behind it',
    breaks: 'a body that is a view of a larger buffer is kept without what surrounds it',
    make: (sound) => keeping(sound, ({ buffer }) => new Uint8Array(buffer)),
  },
  {
    fault: 'keys are compared without case',
    breaks: 'keys that look alike are different keys',
    make(sound) {
      const keys = new Map<string, string>()
      return {
        ...sound,
        async create(record, given) {
          const folded = record.key.toLowerCase()
          if ((keys.get(folded) ?? record.key) !== record.key) return { outcome: 'exists', key: record.key }
          keys.set(folded, record.key)
          return sound.create(record, given)
        },
      }
    },
  },
  {
    fault: 'subjects lose trailing blanks and the zero byte',
    breaks: 'a subject comes back as it was given, whatever it consists of',
    make: (sound) => ({
      ...sound,
      create: ({ subject, ...record }, given) =>
        sound.create({ ...record, subject: subject?.trimEnd().replaceAll('\u0000', '') }, given),
    }),
  },
  {
    fault: 'an id that begins with a dash is taken for an option',
    breaks: 'ids and commit ids of base64url come back as they were given',
    make: (sound) => ({
      ...sound,
      create: (record, given) => sound.create({ ...record, id: record.id.replace(/^-+/, '') }, given),
    }),
  },
  {
    fault: 'revisions are numbers of 32 bits',
    breaks: 'every header field comes back as it was given, at its limits too',
    make: (sound) => ({
      ...sound,
      create: (record, given) => sound.create({ ...record, revision: record.revision | 0 }, given),
    }),
  },
  {
    fault: 'answers name another key',
    breaks: 'every answer echoes the key that it is about, also when many calls are under way',
    make(sound) {
      let latest: string | undefined
      return {
        ...sound,
        async update(record, expected, given) {
          const key = latest ?? record.key
          latest = record.key
          return { ...(await sound.update(record, expected, given)), key }
        },
      }
    },
  },
  {
    fault: 'renew drops the sealed token',
    breaks: 'a sealed token comes back byte for byte, and an alias without one has none',
    make: (sound) => sealing(sound, () => undefined),
  },
  {
    fault: 'renew keeps the sealed token as text',
    breaks: 'a sealed token comes back byte for byte, and an alias without one has none',
    make: (sound) => sealing(sound, (sealed) => sealed && Buffer.from(Buffer.from(sealed).toString('utf8'))),
  },
  {
    fault: 'renew keeps an empty sealed token where none was given',
    breaks: 'a sealed token comes back byte for byte, and an alias without one has none',
    make: (sound) => sealing(sound, (sealed) => sealed ?? new Uint8Array(0)),
  },
  {
    fault: 'two creates that are under way get each other’s answer',
    breaks: 'every answer echoes the key that it is about, also when many calls are under way',
    make(sound) {
      const underWay: string[] = []
      return {
        ...sound,
        async create(record, given) {
          underWay.push(record.key)
          const answer = await sound.create(record, given)
          await new Promise(setImmediate)
          return { ...answer, key: underWay.pop() ?? record.key }
        },
      }
    },
  },
]

function sealing(sound: MemoryStore, seal: (sealed: Uint8Array | undefined) => Uint8Array | undefined): AnyStore {
  return {
    ...sound,
    renew: (renewal, given) => {
      const { sealedToken, ...alias } = renewal.alias
      return sound.renew({ ...renewal, alias: { ...alias, sealedToken: seal(sealedToken) } }, given)
    },
  }
}

function keeping(sound: MemoryStore, keep: (body: Uint8Array) => Uint8Array): AnyStore {
  const kept = (record: OfferedRecord): OfferedRecord => ({ ...record, body: keep(record.body) })
  return {
    ...sound,
    create: (record, given) => sound.create(kept(record), given),
    update: (record, expected, given) => sound.update(kept(record), expected, given),
  }
}
