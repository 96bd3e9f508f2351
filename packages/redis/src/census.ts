import { Buffer } from 'node:buffer'

import type { LiveCount, OfferedRecord } from '@holdfast/core'
import type { Link } from './client/link.ts'
import type { Keyspace } from './keyspace.ts'
import { KEY_TEXT, pack, unpack } from './records/packed-text.ts'
import type { RecordReader } from './verbs/record-reader.ts'
import { SCRIPTS } from './scripts/scripts.ts'

/** The first character of a key: so many sorted sets hold a census, spread over the slots of a Cluster. */
const PARTS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** How many records one step reads. */
const STEP = 100

/**
 * Knows which records begin with what, for those that were offered to be counted by it. As in an index, a record is added
 * before it is written, so no live one is missed; what is past its absolute end leaves by itself.
 */
export class Census {
  readonly #link: Link
  readonly #keyspace: Keyspace
  readonly #reader: RecordReader
  readonly #now: () => number

  constructor(link: Link, keyspace: Keyspace, reader: RecordReader, now: () => number) {
    this.#link = link
    this.#keyspace = keyspace
    this.#reader = reader
    this.#now = now
  }

  /** Adds a record that is about to be written. */
  async add({ key, absoluteAt }: OfferedRecord, countedBy: Uint8Array): Promise<void> {
    const name = this.#keyspace.census(Buffer.from(countedBy).toString('hex'), key[0]!)
    await this.#link.run(SCRIPTS.index, { keys: [name], values: [pack(key, KEY_TEXT), absoluteAt] })
  }

  /** Counts some of those that live. The cursor is the last key that was looked at. */
  async count(beginning: Uint8Array, after: string | undefined, signal: AbortSignal): Promise<LiveCount> {
    const part = after?.[0] ?? PARTS[0]!
    const name = this.#keyspace.census(Buffer.from(beginning).toString('hex'), part)
    const members = (await this.#link.call('ZRANGE', name, 0, -1)) as Buffer[]
    signal.throwIfAborted()
    const last = after === undefined || after.length === 1 ? Buffer.alloc(0) : pack(after, KEY_TEXT)
    const rest = members.filter((member) => Buffer.compare(member, last) > 0).sort(Buffer.compare)
    const keys = rest.slice(0, STEP).map((member) => unpack(member, 0, KEY_TEXT))
    const count = await this.#countAmong(keys, beginning)
    const nextPart = PARTS[PARTS.indexOf(part) + 1]
    return { count, next: rest.length > STEP ? keys.at(-1) : nextPart }
  }

  async #countAmong(keys: readonly string[], beginning: Uint8Array): Promise<number> {
    if (keys.length === 0) return 0
    const standings = await this.#reader.readEach(keys)
    const now = this.#now()
    return standings.filter((standing) => {
      if (standing.kind !== 'record' || Math.min(standing.idleUntil, standing.record.absoluteAt) <= now) return false
      return Buffer.compare(standing.record.body.subarray(0, beginning.length), beginning) === 0
    }).length
  }
}
