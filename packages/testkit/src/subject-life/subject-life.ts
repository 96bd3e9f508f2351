/** The sessions of some subjects through a random life, many at once, and what the index of a store must make of it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { OfferedRecord, SessionStore, SubjectIndex } from '@holdfast/core'

import { type Change, type Kind, changeOf, drawKind, renewalOf, text } from './changes.ts'
import type { Dice } from './dice.ts'

/** A store whose index is tried, and what the trial may do to it. */
export interface IndexedStore {
  /** Another one after a crash. */
  readonly store: SessionStore & SubjectIndex
  /** The longest that a session may go unused, in milliseconds. */
  readonly longestIdle: number
  /** The time of the store. */
  now(): number
  /** By how much the store's idea of the time may differ from `now`, in milliseconds; 0: time stands still during calls. */
  readonly blur: number
  /** Lets time pass between two rounds. */
  pass(): Promise<void>
  /** Has the calls that `send` makes leave together, where that is cheaper. */
  together<Calls>(send: () => Calls): Calls
  /** How many entries the index has, dead or alive. */
  indexed(): Promise<number>
  /** Lets the store, or whoever does so for it, remove what it may. */
  tidy(): Promise<void>
  /** How long an entry may stay after its session has run out, once the store was tidied, in milliseconds. */
  readonly keeps: number
  /**
   * Kills the process whose calls are under way, and resolves when nothing of them goes on.
   *
   * @param die has nobody wait for its calls, nor make them again
   */
  crash?(die: () => void): Promise<void>
}

/** What came of the trial. */
export interface LifeReport {
  /** How often each happened; `expiry`: a session ran out. */
  readonly counts: Readonly<Record<Kind | 'expiry', number>>
  readonly crashes: number
  /** The most sessions that lived at a look, and the most entries that the tidied index held. */
  readonly mostLive: number
  readonly mostIndexed: number
}

const SUBJECTS = 20
const AT_ONCE = 1_000
/** Rounds between two looks at the index. */
const ROUNDS = 5
const PAGE = 1_000
/** A busy machine may cost a store its connection. It gets another one. */
const MOST_ATTEMPTS = 100
const PAUSE = 50

/**
 * Lets sessions begin, be used, be renewed, end, run out and be left behind by crashes, until there were `steps` of it, not
 * counting mere uses.
 * At every look the index must list exactly what lives, and hold no more than that and what the store may keep for a while.
 *
 * @throws at the first look that shows anything else, and at any answer that cannot be
 */
export async function liveLong(tried: IndexedStore, steps: number, dice: Dice): Promise<LifeReport> {
  const life = new SubjectLife(tried, dice)
  while (life.steps < steps) {
    for (let round = 0; round < ROUNDS; round++) await life.round(round === ROUNDS - 1)
    await life.look()
  }
  return life.report
}

class SubjectLife {
  readonly #tried: IndexedStore
  readonly #dice: Dice
  /** By key, as the store must have it. */
  readonly #live = new Map<string, OfferedRecord>()
  /** When sessions ran out whose entries may still be there. */
  #ranOut: number[] = []
  readonly report = {
    counts: { create: 0, touch: 0, renew: 0, orphan: 0, end: 0, expiry: 0 },
    crashes: 0,
    mostLive: 0,
    mostIndexed: 0,
  }

  constructor(tried: IndexedStore, dice: Dice) {
    this.#tried = tried
    this.#dice = dice
  }

  get steps(): number {
    const { touch, ...rest } = this.report.counts
    return Object.values(rest).reduce((sum, count) => sum + count)
  }

  /** Makes many changes at once, each of another session. A crash cuts all of them short. */
  async round(isCutShort: boolean): Promise<void> {
    const { pass, now, blur } = this.#tried
    await pass()
    const begunAt = now()
    this.#expire(begunAt)
    const changes = this.#draw(begunAt)
    const process = new AbortController()
    const calls = this.#tried.together(() => this.#callsOf(changes, begunAt, process))
    const crash = isCutShort ? this.#tried.crash : undefined
    if (crash === undefined) await Promise.all(calls)
    else {
      const settled = Promise.allSettled(calls)
      await crash(() => process.abort(new Error('The process has crashed.')))
      await settled
      this.report.crashes++
    }
    // Of what ran out meanwhile, and of what a crash cut short, only the store knows what has become of it.
    const surelyUntil = now() + blur
    const isSure = ({ before, after }: Change): boolean =>
      crash === undefined && [before, after].every((one) => one === undefined || one.idleUntil > surelyUntil)
    for (const change of changes) {
      this.report.counts[change.kind]++
      if (isSure(change)) this.#note(change)
    }
    await Promise.all(changes.filter((change) => !isSure(change)).map((change) => this.#ask(change)))
  }

  /** Compares the index with what must be in it. */
  async look(): Promise<void> {
    const { now, blur, keeps, tidy, indexed } = this.#tried
    const from = now() - blur
    const listed = await this.#listed()
    const until = now() + blur
    const lost = this.#livingAt(until).filter((key) => !listed.has(key))
    const living = new Set(this.#livingAt(from))
    const strange = [...listed].filter((key) => !living.has(key))
    if (lost.length > 0) throw new Error(`The index has lost ${lost.length} of ${living.size} live sessions.`)
    if (strange.length > 0) throw new Error(`The index lists ${strange.length} sessions that do not live.`)
    await tidy()
    this.#expire(from)
    this.#ranOut = this.#ranOut.filter((at) => at + keeps > from)
    const [held, bound] = [await indexed(), living.size + this.#ranOut.length]
    if (held > bound) throw new Error(`The index holds ${held} entries, and may hold ${bound}: ${living.size} live.`)
    this.report.mostLive = Math.max(this.report.mostLive, living.size)
    this.report.mostIndexed = Math.max(this.report.mostIndexed, held)
  }

  #livingAt(instant: number): string[] {
    return [...this.#live.values()].filter(({ idleUntil }) => idleUntil > instant).map(({ key }) => key)
  }

  async #listed(): Promise<ReadonlySet<string>> {
    const { store } = this.#tried
    const { signal } = new AbortController()
    const list = async (subject: string): Promise<string[]> => {
      const keys: string[] = []
      let after: string | undefined
      do {
        const page = { limit: PAGE, after }
        const { sessions, next } = await insist(() => store.listSubject(subject, page, { signal }), signal)
        keys.push(...sessions.map(({ key }) => key))
        after = next
      } while (after !== undefined)
      return keys
    }
    return new Set((await Promise.all(Array.from({ length: SUBJECTS }, (_, index) => list(subjectOf(index))))).flat())
  }

  #draw(now: number): Change[] {
    const { longestIdle, blur } = this.#tried
    const choice = [...this.#live.values()].filter(({ idleUntil }) => idleUntil > now + blur)
    return Array.from({ length: AT_ONCE }, () => {
      const kind = drawKind(this.#dice)
      const before = kind === 'create' ? undefined : this.#takeOne(choice)
      const subject = subjectOf(Math.floor(this.#dice() * SUBJECTS))
      return changeOf(kind, before, { now, subject, longestIdle, dice: this.#dice })
    })
  }

  #takeOne(choice: OfferedRecord[]): OfferedRecord | undefined {
    const place = Math.floor(this.#dice() * choice.length)
    const [taken, last] = [choice[place], choice.pop()]
    if (last !== undefined && last !== taken) choice[place] = last
    return taken
  }

  /** All touches go together, as the engine sends them. */
  #callsOf(changes: readonly Change[], now: number, { signal }: AbortController): Promise<unknown>[] {
    const { store } = this.#tried
    const touches = changes.flatMap(({ kind, after }) => (kind === 'touch' && after !== undefined ? [after] : []))
    const calls = changes.filter(({ kind }) => kind !== 'touch').map((change) => callOf(store, change, now, signal))
    return [() => store.touch(touches, { signal }), ...calls].map((call) => insist(call, signal))
  }

  #note({ before, after }: Change): void {
    if (before !== undefined) this.#live.delete(before.key)
    if (after !== undefined) this.#live.set(after.key, after)
  }

  /** Takes note of what the store says has become of a change. */
  async #ask({ kind, before, after }: Change): Promise<void> {
    const { signal } = new AbortController()
    const standing = async (record: OfferedRecord | undefined): Promise<OfferedRecord | undefined> => {
      if (record === undefined) return undefined
      const answer = await insist(() => this.#tried.store.load(record.key, { signal }), signal)
      return answer.outcome === 'found' ? { ...answer.record, idleUntil: answer.idleUntil } : undefined
    }
    const isMoved = before?.key !== after?.key
    const [old, fresh] = await Promise.all([isMoved ? standing(before) : undefined, standing(after)])
    if (old !== undefined && fresh !== undefined) throw new Error(`A session lives under two keys after a ${kind}.`)
    this.#note({ kind, before, after: fresh ?? old })
  }

  #expire(now: number): void {
    for (const [key, { idleUntil }] of this.#live) {
      if (idleUntil > now) continue
      this.#live.delete(key)
      this.#ranOut.push(idleUntil)
      this.report.counts.expiry++
    }
  }
}

/** Makes the call that carries a change out: the same one, whenever it is called. */
function callOf(
  store: SessionStore,
  { before, after }: Change,
  now: number,
  signal: AbortSignal,
): () => Promise<unknown> {
  const commitId = after?.commits[0] ?? text(8)
  const call = { signal, commitId }
  if (before === undefined) return () => store.create(after!, call)
  if (after === undefined)
    return () => store.end(before.key, { reason: 'logout', at: now, id: before.id, commitId }, call)
  const renewal = renewalOf(before, after, now)
  return () => store.renew(renewal, call)
}

/** Makes a call again that a store could not answer, as the engine does: the same call has the same effect. */
async function insist<Answer>(call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (signal.aborted || attempt === MOST_ATTEMPTS) throw error
      await delay(PAUSE)
    }
  }
}

function subjectOf(index: number): string {
  return `subject ${index}`
}
