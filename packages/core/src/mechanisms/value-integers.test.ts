import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'

import { decodeInteger, encodeInteger } from './value-integers.ts'

const packr = new Packr({ useRecords: false })
const EDGES = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1]

describe('whole numbers below 2^32', () => {
  it('are written as msgpackr writes them, and read again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...EDGES), fc.nat({ max: 2 ** 32 - 1 })), (value) => {
        const bytes = encodeInteger(value)!
        expect([...bytes]).toEqual([...packr.pack(value)])
        expect(decodeInteger(bytes)).toBe(value)
      }),
    )
  })

  it.each([-1, 1.5, 2 ** 32, Number.NaN, Infinity, 1n, '1', null, undefined, true, [1]])(
    'do not include %s',
    (value) => {
      expect(encodeInteger(value)).toBeUndefined()
    },
  )

  it.each([
    ['nothing', []],
    ['a negative number', [0xff]],
    ['one that is cut off', [0xcd, 1]],
    ['one with bytes to spare', [1, 2]],
    ['a larger one', [0xcf, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['a signed one', [0xd0, 0x80]],
    ['text', [0xa1, 0x61]],
  ])('are not read from %s', (_, bytes) => {
    expect(decodeInteger(Uint8Array.from(bytes))).toBeUndefined()
  })
})
