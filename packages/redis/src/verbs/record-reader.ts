import type { Buffer } from 'node:buffer'

import type { LoadResult, StoreCall } from '@holdfast/core'
import { absent, ended, standingOf, type Standing } from '../answers.ts'
import type { Link } from '../client/link.ts'
import type { KeptEnds } from '../ends/kept-ends.ts'
import type { Keyspace } from '../keyspace.ts'
import { KEY_TEXT, pack } from '../records/packed-text.ts'
import { oldKeyOf } from '../records/record-layout.ts'
import { idleUntilOf } from '../records/remains-layout.ts'
import { SCRIPTS } from '../scripts/scripts.ts'

/** What lies under a key, once a renewal that was cut short is settled. */
export type Settled = Exclude<Standing, { kind: 'pending' }>

/** Reads what lies under keys. */
export class RecordReader {
  readonly #link: Link
  readonly #keyspace: Keyspace
  readonly #ends: KeptEnds

  constructor(link: Link, keyspace: Keyspace, ends: KeptEnds) {
    this.#link = link
    this.#keyspace = keyspace
    this.#ends = ends
  }

  /**
   * Loads one key by one GET. A value names its key; nothing does not, and a reply that belongs to another question must
   * not make a session look unknown. So where nothing was found, a script looks again and says for which key.
   */
  async load(key: string, { signal }: StoreCall): Promise<LoadResult> {
    signal.throwIfAborted()
    const tombstone = this.#ends.tombstoneOf(key)
    if (tombstone !== undefined) return ended(key, tombstone)
    const name = this.#keyspace.record(key)
    const bytes = await this.#link.get(name)
    if (bytes === null) return loaded(await this.#lookAgain(name))
    const standing = standingOf(key, bytes)
    return loaded(standing.kind === 'pending' ? await this.#settle(key, standing.bytes) : standing)
  }

  async #lookAgain(name: string): Promise<Settled> {
    const reply = await this.#link.run(SCRIPTS.look, { keys: [name], values: [] })
    const [echo, value = null] = (Array.isArray(reply) ? reply : []) as [unknown?, (Buffer | null)?]
    return this.settled(this.#keyspace.keyIn(echo), value)
  }

  /** Reads many keys. */
  async readEach(keys: readonly string[]): Promise<Settled[]> {
    const values = await this.#link.getEach(keys.map((key) => this.#keyspace.record(key)))
    return Promise.all(keys.map(async (key, index) => this.settled(key, values[index] ?? null)))
  }

  /** Says what a value means. */
  settled(key: string, bytes: Buffer | null): Settled | Promise<Settled> {
    const standing = standingOf(key, bytes)
    return standing.kind === 'pending' ? this.#settle(key, standing.bytes) : standing
  }

  async #settle(key: string, pending: Buffer): Promise<Settled> {
    const oldKey = oldKeyOf(pending)
    const old = await this.#link.get(this.#keyspace.record(oldKey))
    const left = standingOf(oldKey, old)
    // Only once the old key leads here has the renewal taken place. A tombstone there was laid by an end that saw the alias.
    const hasMoved = left.kind === 'remains' && left.answer.outcome === 'moved' && left.answer.alias.successor === key
    if (!hasMoved || old === null) return { kind: 'remains', answer: absent(key) }
    const reply = await this.confirm(key, oldKey, idleUntilOf(old))
    const standing = standingOf(key, reply)
    return standing.kind === 'pending' ? { kind: 'remains', answer: absent(key) } : standing
  }

  /** Makes a pending record whose old key leads to it an ordinary one; answers what lies there now. */
  async confirm(key: string, oldKey: string, idleUntil: number): Promise<Buffer | null> {
    const reply = await this.#link.run(SCRIPTS.confirm, {
      keys: [this.#keyspace.record(key)],
      values: [pack(oldKey, KEY_TEXT), idleUntil],
    })
    const [, value = null] = reply as [Buffer, (Buffer | null)?]
    return value
  }
}

function loaded(standing: Settled): LoadResult {
  if (standing.kind === 'remains') return standing.answer
  const { record, idleUntil } = standing
  return { outcome: 'found', key: record.key, record, idleUntil }
}
