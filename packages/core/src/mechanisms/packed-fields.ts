import { Buffer } from 'node:buffer'

import { lengthSize, writePart } from './parts-of-bytes.ts'

/** Field names and their encoded values, in the order they were first set. */
export interface Fields extends Iterable<readonly [name: string, value: Uint8Array]> {
  readonly size: number
  get(name: string): Uint8Array | undefined
  keys(): Iterable<string>
}

/** New values by field; `undefined`: removed. */
export type FieldChanges = ReadonlyMap<string, Uint8Array | undefined>

/** A body, and its fields as views of it. */
export interface PackedBody {
  readonly body: Uint8Array
  readonly fields: PackedFields
}

/** Up to so many names are looked through one by one. */
const FEW = 16

/**
 * The fields of one body. A value becomes a view of the body when it is first asked for, and is the same one from then
 * on, so that a record of which nobody reads much takes little more than its bytes.
 */
export class PackedFields implements Fields {
  readonly body: Uint8Array
  readonly #names: readonly string[]
  /** For each field, where it begins in the body, and where its value does. A field ends where the next one begins. */
  readonly #starts: readonly number[]
  #views: (Uint8Array | undefined)[] | undefined
  /** Made for bodies of many fields only. */
  #indices: Map<string, number> | undefined

  constructor(body: Uint8Array, names: readonly string[], starts: readonly number[]) {
    this.body = body
    this.#names = names
    this.#starts = starts
  }

  get size(): number {
    return this.#names.length
  }

  get(name: string): Uint8Array | undefined {
    const index = this.#indexOf(name)
    return index < 0 ? undefined : this.#view(index)
  }

  #indexOf(name: string): number {
    if (this.#names.length <= FEW) return this.#names.indexOf(name)
    this.#indices ??= new Map(this.#names.map((each, index) => [each, index]))
    return this.#indices.get(name) ?? -1
  }

  keys(): Iterable<string> {
    return this.#names
  }

  *[Symbol.iterator](): IterableIterator<readonly [name: string, value: Uint8Array]> {
    for (const [index, name] of this.#names.entries()) yield [name, this.#view(index)]
  }

  #view(index: number): Uint8Array {
    this.#views ??= []
    return (this.#views[index] ??= this.body.subarray(this.#starts[2 * index + 1], this.#endOf(index)))
  }

  #endOf(index: number): number {
    return this.#starts[2 * index + 2] ?? this.body.length
  }

  /** Bytes of all names and values, without their lengths. */
  get dataSize(): number {
    let size = 0
    for (let index = 0; index < this.#names.length; index++) size += this.#nameSize(index) + this.#valueSize(index)
    return size
  }

  #valueSize(index: number): number {
    return this.#endOf(index) - this.#starts[2 * index + 1]!
  }

  /** The name has what its length and the length of the value leave of the field's bytes. */
  #nameSize(index: number): number {
    const withLength = this.#starts[2 * index + 1]! - this.#starts[2 * index]! - lengthSize(this.#valueSize(index))
    return withLength - lengthSize(withLength - lengthSize(withLength))
  }

  /**
   * Makes the body with some values changed, in one pass: what lies between them is copied as it is, the head too.
   * Names that are new come last, in the order of the changes.
   */
  patched(changes: FieldChanges): PackedBody {
    for (const [name, value] of changes) {
      if (value === undefined || this.#indexOf(name) < 0) return this.#refilled(changes)
    }
    return this.#revalued(changes)
  }

  /** Where no field comes or goes, which is what most changes are: all names stay. */
  #revalued(changes: FieldChanges): PackedBody {
    return this.#rewritten(changes) ?? this.#resized(changes)
  }

  /** Where all values are as long as before, such as a count: everything lies where it lay. */
  #rewritten(changes: FieldChanges): PackedBody | undefined {
    for (const [name, value] of changes) {
      if (value!.length !== this.#valueSize(this.#indexOf(name))) return undefined
    }
    const body = new Uint8Array(this.body)
    for (const [name, value] of changes) body.set(value!, this.#starts[2 * this.#indexOf(name) + 1])
    return { body, fields: new PackedFields(body, this.#names, this.#starts) }
  }

  #resized(changes: FieldChanges): PackedBody {
    const source = this.body
    const starts: number[] = []
    const body = new Uint8Array(this.#sizeWith(changes))
    let copied = 0
    let at = 0
    for (let index = 0; index < this.#names.length; index++) {
      const start = this.#starts[2 * index + 1]!
      starts.push(this.#starts[2 * index]! + at - copied)
      const value = changes.get(this.#names[index]!)
      if (value === undefined) {
        starts.push(start + at - copied)
        continue
      }
      const end = this.#endOf(index)
      const kept = source.subarray(copied, start - lengthSize(end - start))
      body.set(kept, at)
      at = writePart(body, at + kept.length, value)
      starts.push(at - value.length)
      copied = end
    }
    body.set(source.subarray(copied), at)
    return { body, fields: new PackedFields(body, this.#names, starts) }
  }

  #refilled(changes: FieldChanges): PackedBody {
    const source = this.body
    const names: string[] = []
    const starts: number[] = []
    const body = new Uint8Array(this.#sizeWith(changes))
    let copied = 0
    let at = 0
    const copyUpTo = (end: number): void => {
      if (end > copied) body.set(source.subarray(copied, end), at)
      at += end - copied
      copied = end
    }
    const add = (name: string, value: Uint8Array): void => {
      names.push(name)
      starts.push(at)
      at = writePart(body, writePart(body, at, Buffer.from(name)), value)
      starts.push(at - value.length)
    }
    for (const [index, name] of this.#names.entries()) {
      const start = this.#starts[2 * index]!
      if (!changes.has(name)) {
        names.push(name)
        starts.push(start + at - copied, this.#starts[2 * index + 1]! + at - copied)
        continue
      }
      copyUpTo(start)
      copied = this.#endOf(index)
      const value = changes.get(name)
      if (value !== undefined) add(name, value)
    }
    copyUpTo(source.length)
    for (const [name, value] of changes) if (value !== undefined && this.#indexOf(name) < 0) add(name, value)
    return { body, fields: new PackedFields(body, names, starts) }
  }

  #sizeWith(changes: FieldChanges): number {
    let size = this.body.length
    for (const [name, value] of changes) {
      const index = this.#indexOf(name)
      if (index >= 0) size -= this.#endOf(index) - this.#starts[2 * index]!
      if (value !== undefined) size += entrySize(Buffer.byteLength(name), value.length)
    }
    return size
  }
}

/** Puts fields behind what begins a body. Values are copied, names are UTF-8. */
export function packFields(beginning: Uint8Array, fields: Fields): PackedBody {
  const names: string[] = []
  const starts: number[] = []
  let size = beginning.length
  for (const [name, value] of fields) size += entrySize(Buffer.byteLength(name), value.length)
  const body = new Uint8Array(size)
  body.set(beginning)
  let at = beginning.length
  for (const [name, value] of fields) {
    names.push(name)
    starts.push(at)
    at = writePart(body, writePart(body, at, Buffer.from(name)), value)
    starts.push(at - value.length)
  }
  return { body, fields: new PackedFields(body, names, starts) }
}

/** Bytes that a field takes in a body. */
function entrySize(nameLength: number, valueLength: number): number {
  return lengthSize(nameLength) + nameLength + lengthSize(valueLength) + valueLength
}
