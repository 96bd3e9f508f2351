import type {
  AnyStore,
  CreateResult,
  EndResult,
  LoadResult,
  OfferedRecord,
  Renewal,
  RenewResult,
  StoreCall,
  Tombstone,
  Touch,
  UpdateResult,
  WriteCall,
} from '@holdfast/core'
import { assertOutcome } from './assertions.ts'
import { commitOf, sampleRecord, sampleRenewal, sampleTombstone, type SampleRenewalOptions } from './sample.ts'
import type { StoreHarness } from './store-case.ts'

/** How far from a deadline a case asks, in milliseconds before and after. */
export interface Margins {
  readonly before: number
  readonly after: number
}

/** A clock that was read so often and did not move stands still between two advances. */
const READS = 100_000

/** What a running clock and a store at the other end of a network are given. */
const RUNNING: Margins = { before: 500, after: 500 }

/** A clock that stands still is asked one millisecond before a deadline and at its very instant. */
const STANDING: Margins = { before: 1, after: 0 }

/** One store during one case, with verbs that fill in what every call carries. */
export class Trial {
  readonly store: AnyStore
  readonly #harness: StoreHarness

  constructor(harness: StoreHarness) {
    this.#harness = harness
    this.store = harness.store
  }

  /** Tells store time. */
  now(): number {
    return this.store.clock?.now() ?? Date.now()
  }

  /** Lets time pass until the instant. */
  async reach(instant: number): Promise<void> {
    const rest = instant - this.now()
    if (rest > 0) await this.#harness.advance(rest)
  }

  /** Tells how near to a deadline this store's clock lets a case ask. */
  margins(): Margins {
    const start = this.now()
    for (let read = 0; read < READS; read += 1) if (this.now() !== start) return RUNNING
    return STANDING
  }

  /** Makes what comes with a call. */
  call(): StoreCall {
    return { signal: new AbortController().signal }
  }

  /** Makes what comes with a call that writes. */
  write(commitId: string): WriteCall {
    return { ...this.call(), commitId }
  }

  load(key: string): Promise<LoadResult> {
    return this.store.load(key, this.call())
  }

  create(record: OfferedRecord): Promise<CreateResult> {
    return this.store.create(record, this.write(commitOf(record)))
  }

  /** Writes the record over the revision before it, or over another one. */
  update(record: OfferedRecord, expected: number = record.revision - 1): Promise<UpdateResult> {
    return this.store.update(record, expected, this.write(commitOf(record)))
  }

  touch(...touches: readonly Touch[]): Promise<void> {
    return this.store.touch(touches, this.call())
  }

  renew(renewal: Renewal): Promise<RenewResult> {
    return this.store.renew(renewal, this.write(renewal.alias.commitId))
  }

  end(key: string, tombstone: Tombstone = sampleTombstone(this.now())): Promise<EndResult> {
    return this.store.end(key, tombstone, this.write(tombstone.commitId))
  }

  /** Answers a record that the store keeps. */
  async given(overrides: Partial<OfferedRecord> = {}): Promise<OfferedRecord> {
    const record = sampleRecord(this.now(), overrides)
    assertOutcome(await this.create(record), 'created', record.key)
    return record
  }

  /** Answers the renewal of a record, which the store has carried out. */
  async givenRenewal(base: OfferedRecord, options?: SampleRenewalOptions): Promise<Renewal> {
    const renewal = sampleRenewal(base, this.now(), options)
    assertOutcome(await this.renew(renewal), 'renewed', base.key)
    return renewal
  }

  /** Answers a tombstone that lies under the key. */
  async givenTombstone(key: string, overrides?: Partial<Tombstone>): Promise<Tombstone> {
    const tombstone = sampleTombstone(this.now(), overrides)
    await this.end(key, tombstone)
    return tombstone
  }
}
