/**
 * How values that MessagePack has no type for travel: as an extension of our own, so that no tag of msgpackr's, some
 * of which run constructors, is ever needed.
 */
import { Buffer } from 'node:buffer'

import { addExtension } from 'msgpackr'

/** Extension types of ours. Numbers are part of the stored format and never change their meaning. */
export const BOX = { map: 1, set: 2, binary: 3, entries: 4, date: 5 } as const

export class MapBox {
  constructor(flat: readonly unknown[]) {
    this.flat = flat
  }
  readonly flat: readonly unknown[]
}

export class SetBox {
  constructor(items: readonly unknown[]) {
    this.items = items
  }
  readonly items: readonly unknown[]
}

export class EntriesBox {
  constructor(flat: readonly unknown[]) {
    this.flat = flat
  }
  readonly flat: readonly unknown[]
}

export class DateBox {
  constructor(value: Date) {
    this.time = value.getTime()
  }
  readonly time: number
}

type Binary = ArrayBuffer | ArrayBufferView

/** Bytes with the name of what holds them; a position in this list is part of the stored format. */
const BINARY_KINDS = [
  ArrayBuffer,
  DataView,
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Buffer,
] as const

/** Answers the position of an object's type among those that are kept, by its exact prototype. */
export function binaryKind(value: object): number | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  const index = BINARY_KINDS.findIndex((kind) => kind.prototype === prototype)
  return index < 0 ? undefined : index
}

export class BinaryBox {
  constructor(kind: number, value: Binary) {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value)
    this.bytes = new Uint8Array(bytes.length + 1)
    this.bytes[0] = kind
    this.bytes.set(bytes, 1)
  }
  readonly bytes: Uint8Array
}

function openBinary(bytes: Uint8Array): Binary {
  const kind = BINARY_KINDS[bytes[0] ?? -1]
  if (kind === undefined) throw new TypeError('A stored binary value has an unknown kind.')
  const copy = Uint8Array.from(bytes.subarray(1)).buffer
  if (kind === ArrayBuffer) return copy
  if (kind === Buffer) return Buffer.from(copy)
  return new (kind as Uint8ArrayConstructor)(copy)
}

function* pairs(flat: readonly unknown[]): Generator<[unknown, unknown]> {
  for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]]
}

function openEntries(flat: readonly unknown[]): object {
  const object = {}
  for (const [name, value] of pairs(flat)) {
    Object.defineProperty(object, String(name), { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

addExtension({
  Class: MapBox,
  type: BOX.map,
  write: (box: MapBox) => box.flat,
  read: (flat: unknown[]) => new Map(pairs(flat)),
})
addExtension({
  Class: SetBox,
  type: BOX.set,
  write: (box: SetBox) => box.items,
  read: (items: unknown[]) => new Set(items),
})
addExtension({
  Class: EntriesBox,
  type: BOX.entries,
  write: (box: EntriesBox) => box.flat,
  read: openEntries,
})
addExtension({
  Class: BinaryBox,
  type: BOX.binary,
  write: (box: BinaryBox) => box.bytes,
  read: openBinary,
})
addExtension({
  Class: DateBox,
  type: BOX.date,
  write: (box: DateBox) => box.time,
  read: (time: number) => new Date(time),
})
