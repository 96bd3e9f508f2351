import { runInNewContext } from 'node:vm'

import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'

import { isHoldfastError } from '../contracts/errors.ts'
import { createValueCodec } from './value-codec.ts'
import { DEPTH_LIMIT } from './value-walk.ts'

const codec = createValueCodec()
const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value))

const refusal = (value: unknown): string => {
  try {
    codec.encode(value)
  } catch (error) {
    if (isHoldfastError(error)) return `${error.code} ${error.message}`
  }
  return 'kept'
}

const protoNamed: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}')

describe('values come back as they went in', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['nested undefined', { a: undefined, b: [undefined] }],
    ['numbers', [1, -1, 1.5, 2 ** 53, -(2 ** 31), 2 ** 40, Number.NaN, Infinity, -Infinity, 5e-324]],
    ['big integers', [0n, 5n, -5n, 2n ** 63n, 2n ** 64n, -(2n ** 64n), 2n ** 300n, 12345678901234567890n]],
    ['text', ['', 'ä€😀', '\u0000', 'x'.repeat(70_000)]],
    ['dates', [new Date(0), new Date(-1), new Date(8.64e15), new Date(1_700_000_000_123)]],
    [
      'maps',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['b', new Map([[{ c: 1 }, new Date(5)]])],
        [undefined, null],
      ]),
    ],
    ['sets', new Set<unknown>([1, 'a', new Set([2n])])],
    ['views', [Uint8Array.of(1, 2), Float64Array.of(1.5, -0.5), BigInt64Array.of(-3n), Uint8ClampedArray.of(7)]],
    ['a buffer', Buffer.from('bytes')],
    ['an array buffer', Uint8Array.of(1, 2, 3).buffer],
    ['a data view', new DataView(Uint8Array.of(9, 8).buffer)],
    ['odd names', protoNamed],
    ['deep odd names', { a: [protoNamed] }],
    ['large arrays', Array.from({ length: 70_000 }, (_, index) => index)],
    ['empty things', [{}, [], new Map(), new Set(), new Uint8Array()]],
  ])('%s', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('names that JavaScript gives a meaning pollute nothing', () => {
    const back = roundTrip(protoNamed) as object
    expect(Object.getOwnPropertyNames(back)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('anything that fast-check can think of', () => {
    const keep = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withUnicodeString: true,
    })
    fc.assert(
      fc.property(keep, (value) => {
        if (refusal(value) !== 'kept') return
        const normal = (item: unknown): unknown => (Object.is(item, -0) ? 0 : item)
        expect(codec.encode(roundTrip(value))).toEqual(codec.encode(value))
        if (typeof value !== 'object') expect(roundTrip(value)).toStrictEqual(normal(value))
      }),
      { numRuns: 500 },
    )
  })

  it('values of another realm, such as Jest makes', () => {
    const foreign = runInNewContext('({ a: [1, { b: new Date(5) }], c: new Map([[1, new Set([2])]]) })') as object
    expect(roundTrip(foreign)).toStrictEqual({ a: [1, { b: new Date(5) }], c: new Map([[1, new Set([2])]]) })
  })

  it('copies at once: a later change of the value does not reach the bytes', () => {
    const value = { list: [1] }
    const bytes = codec.encode(value)
    value.list.push(2)
    codec.encode('other')
    expect(codec.decode(bytes)).toEqual({ list: [1] })
  })

  it('shares no memory with the bytes', () => {
    const bytes = codec.encode({ view: Uint8Array.of(1, 2, 3) })
    const first = codec.decode(bytes) as { view: Uint8Array }
    first.view[0] = 99
    expect(codec.decode(bytes)).toEqual({ view: Uint8Array.of(1, 2, 3) })
  })
})

describe('what would not come back is refused with its path', () => {
  class Money {
    amount = 1
  }
  const cycle: { self?: unknown } = {}
  cycle.self = { inner: cycle }
  const deep = JSON.parse('['.repeat(DEPTH_LIMIT + 1) + ']'.repeat(DEPTH_LIMIT + 1)) as unknown

  it.each<[unknown, RegExp]>([
    [() => 1, /is a function/],
    [{ a: { 'b c': [1, () => 1] } }, /`\.a\["b c"\]\[1\]` is a function/],
    [Symbol('x'), /is a symbol/],
    [{ a: new Money() }, /`\.a` is an instance of Money/],
    [/x/, /an instance of RegExp/],
    [new Error('x'), /an instance of Error/],
    [Promise.resolve(), /an instance of Promise/],
    [new String('x'), /an instance of String/],
    [new Date(Number.NaN), /an invalid Date/],
    [{ a: 'x\ud800' }, /`\.a` is a string with a lone surrogate/],
    [{ 'x\ud800': 1 }, /a name with a lone surrogate/],
    [new Map([[1, () => 1]]), /`<value 0>` is a function/],
    [cycle, /`\.self\.inner` is a cycle/],
    [{ [Symbol('x')]: 1 }, /symbol keys/],
    [deep, /nested more than 100 deep/],
    [new (class extends Map {})(), /an instance of/],
    [new (class List extends Array {})(), /an instance of List/],
    [new (class extends Date {})(), /an instance of/],
    [Object.create({ inherited: true }), /an instance of/],
  ])('%#', (value, message) => {
    expect(refusal(value)).toMatch(/^ERR_VALUE /)
    expect(refusal(value)).toMatch(message)
  })
})

describe('stored bytes never choose what code runs', () => {
  const foreign = new Packr({ moreTypes: true, structuredClone: true, useRecords: true })
  it.each([
    ['an Error', foreign.pack(new Error('x'))],
    ['a RegExp', foreign.pack(/x/)],
    ['a Set of msgpackr', foreign.pack(new Set([1]))],
    ['a typed array of msgpackr', foreign.pack(Uint16Array.of(1))],
    ['a record', foreign.pack({ a: 1 })],
    ['a timestamp', foreign.pack(new Date(5))],
    ['an array that claims 4 billion items', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map that claims 4 billion entries', Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['text that is cut off', Uint8Array.of(0xa5, 0x61)],
    ['two values', Uint8Array.of(1, 1)],
    ['nothing', new Uint8Array()],
    ['the reserved tag', Uint8Array.of(0xc1)],
    ['nesting that exhausts the stack', new Uint8Array(50_000).fill(0x91)],
    ['an unknown kind of bytes', Uint8Array.of(0xd4, 3, 0, 0xc4, 1, 200)],
  ])('%s is refused', (_, bytes) => {
    expect(() => codec.decode(bytes)).toThrow(TypeError)
  })

  it('cut or flipped bytes either decode to data or throw, and never hang', () => {
    const bytes = codec.encode({ a: [1, 'two', new Map([[3n, new Date(4)]])], b: { c: new Set([5.5]) } })
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const broken = Uint8Array.from(isCut ? bytes.subarray(0, at) : bytes)
        if (!isCut) broken[at] = value
        try {
          codec.decode(broken)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})
