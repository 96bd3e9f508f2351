import type { OfferedRecord } from '../../contracts/record.ts'
import type { GuardedStore } from '../guard.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Envelope } from './envelope.ts'
import { SEALED } from './first-byte.ts'
import { generationIn } from './record-seal.ts'

const WRITTEN: readonly string[] = ['created', 'updated', 'renewed']

/**
 * Stands around a guarded store: closes what is written, and sees to it that the keys are there for what is answered.
 * Answers are handed on as they came, since only a live record needs to be opened.
 */
export function encloseStore(store: GuardedStore, envelope: Envelope, ring: KeyRing | undefined): GuardedStore {
  async function close(record: OfferedRecord): Promise<OfferedRecord> {
    await ring?.refresh()
    return envelope.close(record)
  }

  async function write<Answer extends { readonly outcome: string }>(
    record: OfferedRecord,
    send: (closed: OfferedRecord) => Promise<Answer>,
  ): Promise<Answer> {
    const closed = await close(record)
    const answer = await whenOpen(send(closed), bodyIn)
    if (WRITTEN.includes(answer.outcome)) envelope.keep(closed)
    return answer
  }

  /** Waits for the answer, and for a key that the ring does not have yet where the answer was sealed by one. */
  async function whenOpen<Answer>(
    answering: Promise<Answer>,
    bodiesIn: (answer: Answer) => Uint8Array[],
  ): Promise<Answer> {
    const [answer] = await Promise.all([answering, ring?.refresh()])
    for (const body of bodiesIn(answer)) await learnKeyOf(body)
    return answer
  }

  function learnKeyOf(body: Uint8Array): Promise<void> | undefined {
    if (ring === undefined || body[0] !== SEALED) return undefined
    try {
      return ring.learn(generationIn(body))
    } catch {
      // Cut off: whoever opens it will say so.
      return undefined
    }
  }

  return {
    ...store,
    load: (key) => whenOpen(store.load(key), bodyIn),
    create: (record, commitId) => write(record, (closed) => store.create(closed, commitId)),
    update: (record, expected, commitId, isResent) =>
      write(record, (closed) => store.update(closed, expected, commitId, isResent)),
    renew: (renewal, commitId, isResent) =>
      write(renewal.record, (closed) => store.renew({ ...renewal, record: closed }, commitId, isResent)),
    listSubject: async (subject, page) => {
      const listing = store.listSubject(subject, page)
      // What is listed can be ended without any key. Whoever opens it says that one is missing.
      await whenOpen(listing, ({ sessions }) => sessions.map(({ record }) => record.body)).catch(() => {})
      return listing
    },
    ping: async () => {
      await Promise.all([store.ping(), ring?.refresh()])
    },
  }
}

function bodyIn(answer: object): Uint8Array[] {
  return 'record' in answer ? [(answer.record as OfferedRecord).body] : []
}
