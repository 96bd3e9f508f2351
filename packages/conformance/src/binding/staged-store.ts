import {
  type Clock,
  type CreateResult,
  type EndResult,
  type LoadResult,
  type MemoryStore,
  type OfferedRecord,
  type Renewal,
  type RenewResult,
  type SessionStore,
  type StoreCall,
  type StoreCapabilities,
  type SubjectIndex,
  type SubjectListing,
  type SubjectPage,
  type Tombstone,
  type Touch,
  type UpdateResult,
  type WriteCall,
  memoryStore,
} from '@holdfast/core'

import { Signal } from './signal.ts'

export type Verb = 'load' | 'create' | 'update' | 'touch' | 'renew' | 'end'

/** A call that the suite keeps back. */
export interface HeldCall {
  /** Resolves when the call has come. */
  readonly come: Promise<void>
  /** Lets it be carried out. */
  release(): void
}

/** A memory store that counts its calls, and lets a case keep them back or make them fail. */
export class StagedStore implements SessionStore, SubjectIndex {
  readonly name = 'staged'
  readonly capabilities: StoreCapabilities = { isShared: false, isDurable: false }
  readonly clock: Clock
  /** What was called, in order. */
  readonly calls: Verb[] = []
  readonly #inner: MemoryStore
  readonly #stages = new Map<Verb, (call: StoreCall) => Promise<void>>()
  readonly #held = new Set<Signal>()

  constructor(clock: Clock) {
    this.clock = clock
    this.#inner = memoryStore({ clock })
  }

  /** Keeps the next call of a verb back until it is released. */
  hold(verb: Verb): HeldCall {
    const come = new Signal()
    const released = new Signal()
    this.#held.add(released)
    this.#stages.set(verb, () => {
      this.#stages.delete(verb)
      come.fire()
      return released.fired
    })
    return { come: come.fired, release: () => released.fire() }
  }

  /** Makes every call of a verb fail from now on. */
  fail(verb: Verb): void {
    this.#stages.set(verb, () => Promise.reject(new Error('The store is out of order.')))
  }

  /** Makes no call of a verb answer from now on. */
  hang(verb: Verb): void {
    this.#stages.set(
      verb,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('The store was left waiting.')))
        }),
    )
  }

  /** Lets every call through again, also those that are kept back. */
  heal(): void {
    this.#stages.clear()
    for (const held of this.#held) held.fire()
  }

  count(verb: Verb): number {
    return this.calls.filter((called) => called === verb).length
  }

  load(key: string, call: StoreCall): Promise<LoadResult> {
    return this.#pass('load', call, () => this.#inner.load(key, call))
  }

  create(record: OfferedRecord, call: WriteCall): Promise<CreateResult> {
    return this.#pass('create', call, () => this.#inner.create(record, call))
  }

  update(record: OfferedRecord, expected: number, call: WriteCall): Promise<UpdateResult> {
    return this.#pass('update', call, () => this.#inner.update(record, expected, call))
  }

  touch(touches: readonly Touch[], call: StoreCall): Promise<void> {
    return this.#pass('touch', call, () => this.#inner.touch(touches, call))
  }

  renew(renewal: Renewal, call: WriteCall): Promise<RenewResult> {
    return this.#pass('renew', call, () => this.#inner.renew(renewal, call))
  }

  end(key: string, tombstone: Tombstone, call: WriteCall): Promise<EndResult> {
    return this.#pass('end', call, () => this.#inner.end(key, tombstone, call))
  }

  listSubject(subject: string, page: SubjectPage, call: StoreCall): Promise<SubjectListing> {
    return this.#inner.listSubject(subject, page, call)
  }

  async #pass<Result>(verb: Verb, call: StoreCall, carryOut: () => Promise<Result>): Promise<Result> {
    this.calls.push(verb)
    await this.#stages.get(verb)?.(call)
    return carryOut()
  }
}
