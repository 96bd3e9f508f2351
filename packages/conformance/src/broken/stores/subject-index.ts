import type { AnyStore, MemoryStore, SubjectListing, SubjectPage } from '@holdfast/core'
import type { BrokenStore } from './broken-store.ts'

const HOUR = 3_600_000
const ALL: SubjectPage = { limit: 1_000 }

type List = (subject: string) => Promise<SubjectListing>

export const brokenSubjectIndex: readonly BrokenStore[] = [
  {
    fault: 'the index puts a renewed session last',
    breaks: 'the index keeps the place of a session that is renewed, by age or for a privilege',
    make: (sound) => ({
      ...sound,
      async listSubject(subject, page, given) {
        const { sessions, next } = await sound.listSubject(subject, page, given)
        return { sessions: sessions.toSorted((a, b) => a.record.revision - b.record.revision), next }
      },
    }),
  },
  {
    fault: 'the index lists other subjects that begin alike',
    breaks: 'the index lists the live sessions of a subject, and nobody else’s',
    make: (sound) => listing(sound, async (subject, list) => (subject === 'nobody' ? list('you') : list(subject))),
  },
  {
    fault: 'the index answers deadlines as they were offered',
    breaks: 'the index lists records as load answers them, with the deadline as last touched',
    make: (sound) =>
      listing(sound, async (subject, list) => {
        const { sessions, next } = await list(subject)
        const untouched = sessions.map((found) => ({
          ...found,
          idleUntil: found.record.createdAt + found.record.idleTimeout,
        }))
        return { sessions: untouched, next }
      }),
  },
  {
    fault: 'the index lists the newest session first',
    breaks: 'the index lists the oldest session first',
    make: (sound) =>
      listing(sound, async (subject, list) => {
        const { sessions, next } = await list(subject)
        return { sessions: sessions.toReversed(), next }
      }),
  },
  {
    fault: 'a page of the index begins after the age of the last session',
    breaks: 'pages of the index follow one another without gap or overlap, also among sessions of one age',
    make: (sound) => ({
      ...sound,
      async listSubject(subject, { limit, after = '0' }, given) {
        const { sessions } = await sound.listSubject(subject, ALL, given)
        const rest = sessions.filter(({ record }) => record.createdAt > Number(after))
        const shown = rest.slice(0, limit)
        const next = rest.length > limit ? String(shown.at(-1)?.record.createdAt) : undefined
        return { sessions: shown, next }
      },
    }),
  },
  {
    fault: 'a full page of the index always has a cursor',
    breaks: 'the last page of the index has no cursor, though it be full',
    make: (sound) => ({
      ...sound,
      async listSubject(subject, page, given) {
        const { sessions, next } = await sound.listSubject(subject, page, given)
        return { sessions, next: sessions.length === page.limit ? (next ?? '9') : next }
      },
    }),
  },
  {
    fault: 'the index lists the dead',
    breaks: 'the index does not list what has ended or is past its deadline',
    make: (sound, shift) => ({
      ...sound,
      listSubject: (subject, page, given) => shift(-HOUR, () => sound.listSubject(subject, page, given)),
    }),
  },
  {
    fault: 'the index forgets renewed sessions',
    breaks: 'the index lists a renewed session once, under its new key',
    make: (sound) => {
      const created = new Set<string>()
      return {
        ...sound,
        create(record, given) {
          created.add(record.key)
          return sound.create(record, given)
        },
        async listSubject(subject, page, given) {
          const { sessions, next } = await sound.listSubject(subject, page, given)
          return { sessions: sessions.filter(({ key }) => created.has(key)), next }
        },
      }
    },
  },
  {
    fault: 'the index remembers the subject of the beginning',
    breaks: 'the index follows a record whose subject changes, by update and by renew',
    make(sound) {
      const subjects = new Map<string, string | undefined>()
      return {
        ...sound,
        create(record, given) {
          subjects.set(record.id, record.subject)
          return sound.create(record, given)
        },
        async listSubject(subject, page, given) {
          const { sessions, next } = await sound.listSubject(subject, page, given)
          return { sessions: sessions.filter(({ record }) => subjects.get(record.id) === subject), next }
        },
      }
    },
  },
  {
    fault: 'an entry of the index ends with the first idle deadline',
    breaks: 'the index keeps a session that was touched or updated, however long it lives',
    make: (sound) =>
      listing(sound, async (subject, list) => {
        const { sessions, next } = await list(subject)
        const now = sound.clock.now()
        return { sessions: sessions.filter(({ record }) => record.createdAt + record.idleTimeout > now), next }
      }),
  },
  {
    fault: 'the index folds case',
    breaks: 'the index tells hostile subjects apart',
    make: (sound) =>
      listing(sound, async (subject, list) => {
        const [own, folded] = [await list(subject), await list(subject.toLowerCase())]
        return { sessions: [...own.sessions, ...folded.sessions], next: undefined }
      }),
  },
  {
    fault: 'the index reads its members and then their records, and takes an alias for an end',
    breaks: 'the index never misses a session that is renewed while it is listed',
    make: (sound) => ({
      ...sound,
      async listSubject(subject, page, given) {
        const { sessions, next } = await sound.listSubject(subject, page, given)
        await new Promise((resolve) => setImmediate(resolve))
        const answers = await Promise.all(sessions.map(({ key }) => sound.load(key, given)))
        return { sessions: sessions.filter((_, index) => answers[index]?.outcome === 'found'), next }
      },
    }),
  },
  {
    fault: 'the index learns of a session a moment after its write was acknowledged',
    breaks: 'the index never misses a live session, whatever goes on beside it',
    make(sound) {
      const late = new Set<string>()
      return {
        ...sound,
        create(record, given) {
          late.add(record.key)
          setImmediate(() => late.delete(record.key))
          return sound.create(record, given)
        },
        async listSubject(subject, page, given) {
          const { sessions, next } = await sound.listSubject(subject, page, given)
          return { sessions: sessions.filter(({ key }) => !late.has(key)), next }
        },
      }
    },
  },
]

function listing(sound: MemoryStore, answer: (subject: string, list: List) => Promise<SubjectListing>): AnyStore {
  return {
    ...sound,
    listSubject: (subject, page, given) => answer(subject, (each) => sound.listSubject(each, page, given)),
  }
}
