import assert from 'node:assert/strict'
import type { Alias, Found, OfferedRecord } from '@holdfast/core'
import { SUBJECT_INDEX } from '../store/powers.ts'
import { commitOf, nextRecord, randomId, sampleRecord } from '../store/sample.ts'
import type { Trial } from '../store/trial.ts'
import type { StoreModel } from './store-model.ts'

/** How many keys the steps move about at a time: few, so that they meet. */
export const PLACES = 4

/** The subjects that records belong to. */
export const SUBJECTS = [undefined, 'user-1', '__proto__'] as const

interface Answer {
  readonly outcome: string
  readonly key: string
}

/** A store and the model of it, side by side, and what has happened to both. */
export class Pair {
  readonly model: StoreModel
  readonly trial: Trial
  /** The answers that were given, such as `'update conflict'`. */
  readonly answers: Set<string> = new Set()
  readonly #keys = Array.from({ length: PLACES }, (_, place) => `key ${place}`.padEnd(22, '-'))
  readonly #known = new Map<string, OfferedRecord>()
  readonly #writes: (() => Promise<void>)[] = []
  readonly #acknowledged = new Map<string, Set<string>>()
  readonly #ended = new Set<string>()

  constructor(model: StoreModel, trial: Trial) {
    this.model = model
    this.trial = trial
  }

  keyAt(place: number): string {
    return this.#keys[place] ?? ''
  }

  /** Gives a place another key, under which nothing has ever lain. */
  rekey(place: number): void {
    this.#keys[place] = `key ${place} ${randomId()}`.slice(0, 22)
  }

  /** Answers a key for a new session. As in life, none is given twice. */
  keyToFill(place: number): string {
    const key = this.keyAt(place)
    if (this.#known.has(key) && this.model.load(key).outcome === 'absent') this.rekey(place)
    return this.keyAt(place)
  }

  /** Answers what an engine would change: the record as it is or, when it is gone, as it was last known. */
  baseAt(place: number): OfferedRecord {
    const key = this.keyAt(place)
    const standing = this.model.load(key)
    if (standing.outcome === 'found') return { ...standing.record, idleUntil: standing.idleUntil }
    return this.#known.get(key) ?? sampleRecord(this.model.now)
  }

  /** Does a write, and remembers it for a retry. */
  async write(send: () => Promise<void>): Promise<void> {
    this.#writes.push(send)
    await send()
  }

  /** Does a write again, counted from the last one. */
  async retry(back: number): Promise<void> {
    await this.#writes.at(-1 - back)?.()
  }

  /** Asserts that both gave the same answer to a write, and takes note if it was acknowledged. */
  compare(verb: string, actual: Answer, expected: Answer, record?: OfferedRecord): void {
    assertSame(actual, expected)
    this.answers.add(`${verb} ${expected.outcome}`)
    if (record === undefined || !['created', 'updated', 'renewed'].includes(expected.outcome)) return
    this.#known.set(record.key, record)
    const commits = this.#acknowledged.get(record.id) ?? new Set()
    this.#acknowledged.set(record.id, commits.add(commitOf(record)))
  }

  /** Does what ends sessions, and takes note of which. */
  async ending(act: () => Promise<void>): Promise<void> {
    const before = this.model.live()
    await act()
    const after = new Set(this.model.live().map(({ record }) => record.id))
    for (const { record } of before) if (!after.has(record.id)) this.#ended.add(record.id)
  }

  /** Asserts that the store shows what the model shows, and that what is promised of sessions holds. */
  async assertAgreement(): Promise<void> {
    const { model, trial } = this
    for (const key of this.#keys) assertSame(await trial.load(key), model.load(key))
    for (const subject of SUBJECTS) if (subject !== undefined) await this.#assertListed(subject)
    const seen = new Set<string>()
    for (const { record } of model.live()) {
      assert.ok(!this.#ended.has(record.id), 'no session comes back that has ended')
      assert.ok(!seen.has(record.id), 'no session is valid under two keys')
      assert.equal(record.revision, this.#acknowledged.get(record.id)?.size, 'each acknowledged commit counts once')
      seen.add(record.id)
    }
  }

  async #assertListed(subject: string): Promise<void> {
    const { model, trial } = this
    if (!SUBJECT_INDEX.isIn(trial.store)) return
    const { sessions } = await trial.store.listSubject(subject, { limit: 1_000 }, trial.call())
    assert.deepEqual(sessions.map(plain), model.listSubject(subject).map(plain))
  }
}

/** Makes the next revision of a record, based on the expected one. */
export function nextOf(base: OfferedRecord, expected: number, changes: Partial<OfferedRecord>): OfferedRecord {
  const { body } = base
  return nextRecord(base, { revision: expected + 1, body, ...changes })
}

function assertSame(actual: Answer, expected: Answer): void {
  assert.deepEqual(plainAnswer(actual), plainAnswer(expected))
}

function plainAnswer(answer: Answer): unknown {
  if (isFound(answer)) return plain(answer)
  if (!('alias' in answer)) return answer
  const alias = answer.alias as Alias
  const { sealedToken } = alias
  return { ...answer, alias: { ...alias, sealedToken: sealedToken && Buffer.from(sealedToken).toString('hex') } }
}

function isFound(answer: Answer): answer is Answer & Found {
  return 'record' in answer
}

/** Writes the body as text: how bytes are held is the store's business. */
function plain(found: Found): unknown {
  return { ...found, record: { ...found.record, body: Buffer.from(found.record.body).toString('hex') } }
}
