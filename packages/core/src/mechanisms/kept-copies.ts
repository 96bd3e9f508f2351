/**
 * Keeps copies of records within a number of bytes. Those used last are kept as they are shown, opened, with the values
 * that requests have read. When bytes run short, the others are packed, which takes a fraction, and opened again when
 * they are next used; only then do the least recently used ones go.
 */
import type { OpenRecord } from './live.ts'
import { packRecord, unpackRecord } from './packed-record.ts'
import { type Linked, RecencyList } from './recency-list.ts'
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

/** What a packed copy is reckoned to take besides its string: links, key, slot of the map. */
const PACKED_BYTES = 288

/** Which part of all bytes opened copies are left, and the least for them, in bytes. */
const OPEN_SHARE = 1 / 16
const LEAST_OPEN = 65_536

const OLDER_THAN_ANY = -1

export class Copy implements Linked<Copy> {
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
  /** What it is reckoned to take. */
  bytes = 0
  previous: Copy | undefined
  next: Copy | undefined

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
  readonly #byKey = new Map<string, Copy>()
  #opened = new RecencyList<Copy>()
  #packed = new RecencyList<Copy>()
  readonly #names = new SharedNames()
  #openedBytes = 0
  #packedBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#openShare = Math.min(maxBytes, Math.max(maxBytes * OPEN_SHARE, LEAST_OPEN))
  }

  get(key: string): Copy | undefined {
    return this.#byKey.get(key)
  }

  /** Answers what a copy shows, and takes note that it was used; `undefined` for an empty seat. */
  use(copy: Copy): OpenRecord | undefined {
    if (copy.opened !== undefined) {
      this.#opened.use(copy)
      return copy.opened
    }
    if (copy.packed === undefined) return undefined
    const opened = unpackRecord(copy.packed, copy)
    if (openedSize(opened, copy.packed) > this.#openShare) {
      this.#packed.use(copy)
      return opened
    }
    this.#takeOut(copy)
    copy.opened = opened
    this.#placeIn(copy)
    this.#makeRoom()
    return opened
  }

  put(key: string, opened: OpenRecord, takenAt: number): void {
    let copy = this.#byKey.get(key)
    if (copy === undefined) {
      copy = new Copy(key)
      this.#byKey.set(copy.key, copy)
    } else {
      this.#takeOut(copy)
    }
    copy.revision = opened.record.revision
    copy.takenAt = Math.floor(takenAt)
    copy.opened = opened
    copy.packed = undefined
    if (openedSize(opened) > this.#openShare) this.#fold(copy, opened)
    this.#placeIn(copy)
    if (copy.bytes > this.#maxBytes) this.delete(copy)
    else this.#makeRoom()
  }

  /** Leaves of a copy only its seat, which must be given up or taken soon. */
  empty(copy: Copy): void {
    this.#takeOut(copy)
    copy.opened = undefined
    copy.packed = undefined
    copy.revision = OLDER_THAN_ANY
  }

  delete(copy: Copy): void {
    this.#takeOut(copy)
    this.#byKey.delete(copy.key)
  }

  clear(): void {
    this.#byKey.clear()
    this.#names.clear()
    this.#opened = new RecencyList()
    this.#packed = new RecencyList()
    this.#openedBytes = 0
    this.#packedBytes = 0
  }

  #makeRoom(): void {
    while (this.#openedBytes + this.#packedBytes > this.#maxBytes) {
      if (this.#openedBytes > this.#openShare) this.#pack(this.#opened.oldest!)
      else this.delete((this.#packed.oldest ?? this.#opened.oldest)!)
    }
  }

  #pack(copy: Copy): void {
    this.#takeOut(copy)
    this.#fold(copy, copy.opened!)
    this.#placeIn(copy)
  }

  #fold(copy: Copy, opened: OpenRecord): void {
    if (copy.packed === undefined) {
      copy.packed = packRecord(opened)
      copy.names = this.#names.of(opened.fields)
    }
    copy.opened = undefined
  }

  #placeIn(copy: Copy): void {
    if (copy.opened === undefined) {
      copy.bytes = PACKED_BYTES + copy.packed!.length
      this.#packedBytes += copy.bytes
      this.#packed.add(copy)
    } else {
      copy.bytes = openedSize(copy.opened, copy.packed)
      this.#openedBytes += copy.bytes
      this.#opened.add(copy)
    }
  }

  #takeOut(copy: Copy): void {
    if (copy.isEmpty) return
    if (copy.opened === undefined) {
      this.#packedBytes -= copy.bytes
      this.#packed.remove(copy)
    } else {
      this.#openedBytes -= copy.bytes
      this.#opened.remove(copy)
    }
  }
}

function openedSize({ record, fields }: OpenRecord, packed = ''): number {
  return COPY_BYTES + FIELD_BYTES * fields.size + BODY_FACTOR * record.body.byteLength + packed.length
}
