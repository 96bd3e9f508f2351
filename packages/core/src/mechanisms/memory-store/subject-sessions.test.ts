import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type OfferedRecord, RETENTION } from '../../contracts/record.ts'
import type { WriteCall } from '../../contracts/store.ts'
import { memoryStore } from './memory-store.ts'

const STEPS = 100_000
const CHECKED_EVERY = 5_000
const SUBJECTS = 20
const IDLE = 30_000

let drawn = 0
const { signal } = new AbortController()
const text = (bytes: number): string => Buffer.from(String(drawn++).padStart(bytes, ' ')).toString('base64url')
const call = (): WriteCall => ({ signal, commitId: text(8) })

/** The sessions of some subjects through creates, touches, renewals, ends, expiries, and renewals that crash half-way. */
class Life {
  now = Date.UTC(2030, 0, 1)
  readonly live = new Map<string, OfferedRecord>()
  /** When records ran out whose removal may be due. */
  ranOut: number[] = []
  readonly store = memoryStore({ clock: { now: () => this.now }, maxRecords: 1_000_000 })
  readonly #dice: () => number

  constructor(dice: () => number) {
    this.#dice = dice
  }

  async step(): Promise<void> {
    this.now += Math.floor(this.#dice() * 40)
    const record = this.#pick()
    const die = this.#dice()
    if (record === undefined || die < 0.4) return this.#create(`subject ${Math.floor(this.#dice() * SUBJECTS)}`)
    if (die < 0.55) return this.#touch(record)
    if (die < 0.75) return this.#renew(record)
    // A process that died between two steps of a renewal leaves a record that nobody has the token of.
    if (die < 0.85) return this.#create(record.subject!, record)
    await this.store.end(record.key, { reason: 'logout', at: this.now, id: record.id, commitId: text(8) }, call())
    this.live.delete(record.key)
  }

  /** How many entries the index has, dead or alive: long ago, nothing had run out. */
  async indexed(): Promise<string[]> {
    const { now } = this
    this.now = 0
    const keys = await this.listed()
    this.now = now
    return keys
  }

  async listed(): Promise<string[]> {
    const pages = Array.from({ length: SUBJECTS }, (_, index) =>
      this.store.listSubject(`subject ${index}`, { limit: 1_000_000 }, call()),
    )
    return (await Promise.all(pages)).flatMap(({ sessions }) => sessions.map(({ key }) => key))
  }

  #pick(): OfferedRecord | undefined {
    const place = Math.floor(this.#dice() * Math.min(this.live.size, 50))
    let index = 0
    for (const record of this.live.values())
      if (index++ === place) return record.idleUntil > this.now ? record : undefined
    return undefined
  }

  /** Takes note of what has run out. */
  expire(): void {
    for (const [key, record] of this.live) {
      if (record.idleUntil > this.now) continue
      this.live.delete(key)
      this.ranOut.push(record.idleUntil)
    }
    this.ranOut = this.ranOut.filter((at) => at + RETENTION > this.now)
  }

  async #create(subject: string, like?: OfferedRecord): Promise<void> {
    const { now } = this
    const record: OfferedRecord = {
      format: 1,
      key: text(16),
      id: like?.id ?? text(12),
      revision: 1,
      commits: [text(8)],
      createdAt: like?.createdAt ?? now,
      absoluteAt: now + 10 * IDLE,
      idleTimeout: IDLE,
      idleUntil: now + IDLE,
      persistent: false,
      subject,
      authenticatedAt: now,
      body: new Uint8Array(),
    }
    await this.store.create(record, call())
    this.live.set(record.key, record)
  }

  async #touch(record: OfferedRecord): Promise<void> {
    const idleUntil = Math.min(this.now + IDLE, record.absoluteAt)
    await this.store.touch([{ key: record.key, idleUntil }], call())
    this.live.set(record.key, { ...record, idleUntil: Math.max(record.idleUntil, idleUntil) })
  }

  async #renew(base: OfferedRecord): Promise<void> {
    const record = { ...base, key: text(16), revision: base.revision + 1, idleUntil: this.now + IDLE }
    const alias = { successor: record.key, at: this.now, graceUntil: this.now, commitId: text(8) }
    await this.store.renew({ key: base.key, expected: base.revision, record, alias }, call())
    this.live.delete(base.key)
    this.live.set(record.key, { ...record, idleUntil: Math.min(record.idleUntil, record.absoluteAt) })
  }
}

describe('the index of subjects', () => {
  it(
    `lists what lives, and holds no more than that and what ran out in the last minute, over ${STEPS} steps`,
    { timeout: 60_000 },
    async () => {
      const seed = Date.now() % 2 ** 31
      const [numbers] = fc.sample(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 9_973, maxLength: 9_973 }),
        { seed, numRuns: 1 },
      )
      let rolled = 0
      const life = new Life(() => numbers![rolled++ % numbers!.length]!)
      for (let step = 1; step <= STEPS; step++) {
        await life.step()
        if (step % CHECKED_EVERY !== 0) continue
        life.expire()
        const listed = await life.listed()
        expect(listed.toSorted().join(), `seed ${seed}`).toBe([...life.live.keys()].toSorted().join())
        expect((await life.indexed()).length, `seed ${seed}`).toBeLessThanOrEqual(life.live.size + life.ranOut.length)
      }
      life.now += IDLE * 10 + RETENTION
      await life.store.sweep(call())
      expect(await life.indexed()).toEqual([])
    },
  )
})
