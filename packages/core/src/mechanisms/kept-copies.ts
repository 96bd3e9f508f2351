/**
 * Keeps copies of records within a number of bytes. Those used last are kept as they are shown, opened, with the values
 * that requests have read. When bytes run short, the others are packed, which takes a fraction, and opened again when
 * they are next used; only then do the least recently used ones go.
 */
import { Buffer } from 'node:buffer'

import { LRUCache } from 'lru-cache'

import type { OpenRecord } from './live.ts'
import { packRecord, unpackRecord } from './packed-record.ts'
import { SharedNames } from './shared-names.ts'

/**
 * What an opened copy is reckoned to take besides its fields, in bytes: header, links, slot of the map. These numbers are
 * measured on Node 24, with all fields read, and rounded up; `cache-memory.int.test.ts` holds them.
 */
export const COPY_BYTES = 2048

/** What each field adds: its name, its place, the view of its bytes, the slot of its value. */
const FIELD_BYTES = 256

/** How many times its bytes an opened body is reckoned to take: itself, and the values decoded from it. */
const BODY_FACTOR = 4

/** What a packed copy is reckoned to take besides its string: key, slots of the list and of its map. */
const PACKED_BYTES = 300

/** Which part of all bytes opened copies are left, and the least for them, in bytes. */
const OPEN_SHARE = 1 / 16
const LEAST_OPEN = 65_536

const OLDER_THAN_ANY = -1

export class Copy {
  readonly key: string
  /** `undefined` while it is packed. */
  opened: OpenRecord | undefined
  /** Made when it is first needed. Neither opened nor packed: an empty seat. */
  packed: string | undefined
  /** Known once it is packed, and where others share them. */
  names: readonly string[] | undefined
  /** That of an empty seat is older than any. */
  revision: number = OLDER_THAN_ANY
  /** Whole milliseconds, which take no object of their own. */
  takenAt = 0

  constructor(key: string) {
    // A key that was cut from a digest and put together would keep its parts.
    this.key = Buffer.from(key).toString()
  }

  get isEmpty(): boolean {
    return this.opened === undefined && this.packed === undefined
  }
}

export class KeptCopies {
  readonly #maxBytes: number
  readonly #openShare: number
  readonly #opened: LRUCache<string, Copy>
  readonly #packed: LRUCache<string, Copy>
  readonly #seats = new Map<string, Copy>()
  readonly #names = new SharedNames()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#openShare = Math.min(maxBytes, Math.max(maxBytes * OPEN_SHARE, LEAST_OPEN))
    this.#opened = new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeOf })
    this.#packed = new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeOf })
  }

  get(key: string): Copy | undefined {
    return this.#opened.peek(key) ?? this.#packed.peek(key) ?? this.#seats.get(key)
  }

  /** Answers the copy of a key, and takes note that it is used; `undefined` for an empty seat. */
  use(key: string): Copy | undefined {
    return this.#opened.get(key) ?? this.#packed.get(key)
  }

  /** Answers what a used copy shows. */
  show(copy: Copy): OpenRecord | undefined {
    if (copy.opened !== undefined || copy.packed === undefined) return copy.opened
    const opened = unpackRecord(copy.packed, copy)
    if (openedSize(opened, copy.packed) > this.#openShare) return opened
    this.#takeOut(copy)
    copy.opened = opened
    this.#placeIn(copy)
    return opened
  }

  put(key: string, opened: OpenRecord, takenAt: number): void {
    const standing = this.get(key)
    if (standing !== undefined) this.#takeOut(standing)
    const copy = standing ?? new Copy(key)
    copy.revision = opened.record.revision
    copy.takenAt = Math.floor(takenAt)
    copy.opened = opened
    copy.packed = undefined
    if (openedSize(opened) > this.#openShare) this.#fold(copy, opened)
    this.#placeIn(copy)
  }

  /** Leaves of a copy only its seat, which must be given up or taken soon. */
  empty(copy: Copy): void {
    this.#takeOut(copy)
    copy.opened = undefined
    copy.packed = undefined
    copy.revision = OLDER_THAN_ANY
    this.#seats.set(copy.key, copy)
  }

  delete(copy: Copy): void {
    this.#takeOut(copy)
  }

  clear(): void {
    this.#opened.clear()
    this.#packed.clear()
    this.#seats.clear()
    this.#names.clear()
  }

  /** One that alone is larger than all bytes is not kept. */
  #placeIn(copy: Copy): void {
    const bytes = sizeOf(copy)
    if (bytes > this.#maxBytes) return
    const isOpened = copy.opened !== undefined
    this.#makeRoom(bytes, isOpened ? bytes : 0)
    if (isOpened) this.#opened.set(copy.key, copy)
    else this.#packed.set(copy.key, copy)
  }

  /** Neither list reaches its own bound, which is that of both together: what has to go is chosen here. */
  #makeRoom(wanted: number, wantedOpened: number): void {
    const [opened, packed] = [this.#opened, this.#packed]
    while (opened.calculatedSize + packed.calculatedSize + wanted > this.#maxBytes) {
      const mustPack = opened.size > 0 && opened.calculatedSize + wantedOpened > this.#openShare
      if (mustPack) this.#pack(opened.pop()!)
      else if (packed.pop() === undefined) opened.pop()
    }
  }

  #pack(copy: Copy): void {
    this.#fold(copy, copy.opened!)
    this.#packed.set(copy.key, copy)
  }

  #fold(copy: Copy, opened: OpenRecord): void {
    if (copy.packed === undefined) {
      copy.packed = packRecord(opened)
      copy.names = this.#names.of(opened.fields)
    }
    copy.opened = undefined
  }

  #takeOut({ key, opened, packed }: Copy): void {
    if (opened !== undefined) this.#opened.delete(key)
    else if (packed !== undefined) this.#packed.delete(key)
    else this.#seats.delete(key)
  }
}

function sizeOf({ opened, packed }: Copy): number {
  return opened === undefined ? PACKED_BYTES + (packed?.length ?? 0) : openedSize(opened, packed)
}

function openedSize({ record, fields }: OpenRecord, packed = ''): number {
  return COPY_BYTES + FIELD_BYTES * fields.size + BODY_FACTOR * record.body.byteLength + packed.length
}
