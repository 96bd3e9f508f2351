/**
 * Checks stored bytes before msgpackr sees them: one complete value, no length that its bytes cannot fill, no nesting
 * that could exhaust the stack, and no extension but ours. So no stored tag ever chooses what code runs.
 */
import { DEPTH_LIMIT } from './value-walk.ts'
import { BOX } from './value-boxes.ts'

/** msgpackr's own extensions for `undefined` and for BigInt beyond 64 bits. Neither runs a constructor. */
const UNDEFINED = 0
const LARGE_BIGINT = 0x42
const NESTED: ReadonlySet<number> = new Set(Object.values(BOX))

/** @throws TypeError for bytes that the codec cannot have written. */
export function scanValue(bytes: Uint8Array): void {
  const scan = new Scan(bytes)
  scan.value(0)
  if (scan.at !== bytes.length) fail('has bytes to spare')
}

function fail(what: string): never {
  throw new TypeError(`The stored value ${what}.`)
}

class Scan {
  at = 0
  readonly #bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  value(depth: number): void {
    // A box nests one level deeper than the value it holds.
    if (depth > 2 * DEPTH_LIMIT + 2) fail('is nested too deeply')
    const tag = this.#uint(1)
    if (tag < 0x80 || tag >= 0xe0) return
    if (tag < 0x90) return this.#map(tag & 0x0f, depth)
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth)
    if (tag < 0xc0) return this.#skip(tag & 0x1f)
    this.#tagged(tag, depth)
  }

  #tagged(tag: number, depth: number): void {
    switch (tag) {
      case 0xc0: // nil, false, true
      case 0xc2:
      case 0xc3:
        return
      case 0xc4: // bin 8, 16, 32
      case 0xc5:
      case 0xc6:
        return this.#skip(this.#uint(1 << (tag - 0xc4)))
      case 0xc7: // ext 8, 16, 32
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (tag - 0xc7)), depth)
      case 0xca: // float 32, 64
        return this.#skip(4)
      case 0xcb:
        return this.#skip(8)
      case 0xcc: // uint 8 to 64
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#skip(1 << (tag - 0xcc))
      case 0xd0: // int 8 to 64
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#skip(1 << (tag - 0xd0))
      case 0xd4: // fixext 1 to 16
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (tag - 0xd4), depth)
      case 0xd9: // str 8, 16, 32
      case 0xda:
      case 0xdb:
        return this.#skip(this.#uint(1 << (tag - 0xd9)))
      case 0xdc: // array 16, 32
      case 0xdd:
        return this.#array(this.#uint(2 << (tag - 0xdc)), depth)
      case 0xde: // map 16, 32
      case 0xdf:
        return this.#map(this.#uint(2 << (tag - 0xde)), depth)
      default:
        fail('has an unknown tag')
    }
  }

  #map(size: number, depth: number): void {
    for (let index = 0; index < size; index++) {
      const tag = this.#bytes[this.at] ?? fail('is cut off')
      if (!((tag >= 0xa0 && tag < 0xc0) || (tag >= 0xd9 && tag <= 0xdb))) fail('has a name that is not text')
      this.value(depth + 1)
      this.value(depth + 1)
    }
  }

  #array(size: number, depth: number): void {
    if (size > this.#bytes.length - this.at) fail('is cut off')
    for (let index = 0; index < size; index++) this.value(depth + 1)
  }

  #extension(size: number, depth: number): void {
    const type = this.#uint(1)
    if (type === UNDEFINED || type === LARGE_BIGINT) return this.#skip(size)
    if (!NESTED.has(type)) fail('has an extension that sessions do not use')
    // msgpackr writes a box as an extension of one zero byte, with the boxed value behind it.
    if (size !== 1 || this.#uint(1) !== 0) fail('has an extension of another length')
    this.value(depth + 1)
  }

  #uint(width: number): number {
    let value = 0
    for (let index = 0; index < width; index++) value = value * 256 + (this.#bytes[this.at++] ?? fail('is cut off'))
    return value
  }

  #skip(size: number): void {
    this.at += size
    if (this.at > this.#bytes.length) fail('is cut off')
  }
}
