import type { Buffer } from 'node:buffer'

import type { Found, SessionRecord, SubjectListing, SubjectPage, Tombstone } from '@holdfast/core'
import type { Standing } from '../answers.ts'
import type { Link } from '../client/link.ts'
import type { Keyspace } from '../keyspace.ts'
import { encodeTombstone } from '../records/remains-layout.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import { decodeMember, encodeMember, type Member } from './member.ts'

/** Where a session is listed: the name of the index, and what a script needs to add it there. */
export interface IndexPlace {
  readonly name: string
  readonly values: readonly [member: Buffer, absoluteAt: number]
}

/** What the index asks of the store. */
export interface IndexedRecords {
  /** Reads what lies under the keys. */
  standings(keys: readonly string[]): Promise<Standing[]>
  now(): number
  /** Makes the tombstone that closes a key under which nothing was found. */
  repairTombstone(): Tombstone
}

/** How many records are read at once. */
const CHUNK = 100
/** How often a session is followed that is renewed while it is being listed. */
const MOST_STEPS = 100
const RETENTION = 60_000

/**
 * Finds the sessions of a subject. It holds every live one: a session is added before its record is written, and taken
 * out once its key can never hold a record again.
 */
export class SubjectSessions {
  readonly #link: Link
  readonly #keyspace: Keyspace
  readonly #records: IndexedRecords

  constructor(link: Link, keyspace: Keyspace, records: IndexedRecords) {
    this.#link = link
    this.#keyspace = keyspace
    this.#records = records
  }

  /** Tells where a session belongs; `undefined` for an anonymous one. */
  placeOf(record: SessionRecord): IndexPlace | undefined {
    const { subject, absoluteAt } = record
    if (subject === undefined) return undefined
    return { name: this.#keyspace.index(subject), values: [encodeMember(record), absoluteAt] }
  }

  /** Adds a session where the script that writes its record cannot. */
  async add({ name, values }: IndexPlace): Promise<void> {
    await this.#link.run(SCRIPTS.index, { keys: [name], values })
  }

  /** Takes out a session whose key can never hold a record again. Nobody waits: the next listing would do it, too. */
  remove(record: SessionRecord): void {
    const place = this.placeOf(record)
    if (place !== undefined) this.#drop(place.name, [{ bytes: place.values[0] }])
  }

  /** Answers a page of live sessions, the oldest first. */
  async list(subject: string, { limit, after = '' }: SubjectPage, signal: AbortSignal): Promise<SubjectListing> {
    const name = this.#keyspace.index(subject)
    const raw = (await this.#link.call('ZRANGE', name, 0, -1)) as Buffer[]
    const members = raw
      .map((bytes) => decodeMember(bytes))
      .filter(({ cursor }) => cursor > after)
      .sort((a, b) => (a.cursor < b.cursor ? -1 : 1))
    const shown: { readonly member: Member; readonly found: Found }[] = []
    const keys = new Set<string>()
    for (let start = 0; start < members.length && shown.length <= limit; start += CHUNK) {
      signal.throwIfAborted()
      const chunk = members.slice(start, start + CHUNK)
      const standings = await this.#records.standings(chunk.map(({ key }) => key))
      const absent: Member[] = []
      const dead: Member[] = []
      for (const [index, member] of chunk.entries()) {
        const standing = standings[index]
        if (standing?.kind === 'remains' && standing.answer.key === member.key) {
          ;(standing.answer.outcome === 'absent' ? absent : dead).push(member)
        }
        const live = standing && (await this.#follow(standing, signal))
        if (live?.kind === 'record' && this.#isListed(subject, live) && !keys.has(live.record.key)) {
          const { record, idleUntil } = live
          keys.add(record.key)
          shown.push({ member, found: { key: record.key, record, idleUntil } })
        }
      }
      const closed = await this.#close(absent)
      this.#drop(name, [...dead, ...closed])
    }
    const page = shown.slice(0, limit)
    const next = shown.length > page.length ? page.at(-1)?.member.cursor : undefined
    return { sessions: page.map(({ found }) => found), next }
  }

  /** Follows a session that was renewed after the index had been read, and so was looked for under its old key only. */
  async #follow(standing: Standing, signal: AbortSignal): Promise<Standing> {
    let last = standing
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      if (last.kind !== 'remains' || last.answer.outcome !== 'moved') break
      signal.throwIfAborted()
      const [next] = await this.#records.standings([last.answer.alias.successor])
      if (next === undefined) break
      last = next
    }
    return last
  }

  /** A record of another subject stays in the index: it may come back, and its age will take it out. */
  #isListed(subject: string, { record, idleUntil }: { record: SessionRecord; idleUntil: number }): boolean {
    return record.subject === subject && Math.min(idleUntil, record.absoluteAt) > this.#records.now()
  }

  /** Closes keys under which nothing lies, since a create may be on its way; answers those that are closed now. */
  async #close(absent: readonly Member[]): Promise<Member[]> {
    const tombstone = this.#records.repairTombstone()
    const replies = await this.#link.runEach(
      SCRIPTS.repair,
      absent.map(({ key }) => ({
        keys: [this.#keyspace.record(key)],
        values: [encodeTombstone(key, tombstone), RETENTION],
      })),
    )
    return absent.filter((_, index) => Number(replies[index]) === 1)
  }

  #drop(name: string, members: readonly Pick<Member, 'bytes'>[]): void {
    if (members.length > 0) this.#link.call('ZREM', name, ...members.map(({ bytes }) => bytes)).catch(() => {})
  }
}
