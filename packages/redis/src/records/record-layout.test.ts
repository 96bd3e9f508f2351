import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomText, someRecord } from '../testing/records.ts'
import { isPackedAt, pack, packInto, unpack } from './packed-text.ts'
import { decodeRecord, encodePending, encodeRecord, oldKeyOf, packRevision } from './record-layout.ts'

const text = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'ABYZabyz0189-_'.split('')), minLength: length, maxLength: length })

const record = fc
  .record({
    format: fc.integer({ min: 1, max: 255 }),
    key: text(22),
    id: text(16),
    revision: fc.integer({ min: 1, max: 2 ** 48 - 2 }),
    commits: fc.array(text(11), { minLength: 1, maxLength: 4 }),
    createdAt: fc.integer({ min: 0, max: 2 ** 42 }),
    life: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    idleTimeout: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
    idleUntil: fc.integer({ min: 0, max: 2 ** 43 }),
    persistent: fc.boolean(),
    subject: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
    authenticatedAt: fc.option(fc.integer({ min: 0, max: 2 ** 42 }), { nil: undefined }),
    body: fc.uint8Array({ maxLength: 300 }),
  })
  .map(({ life, ...rest }) => ({ ...rest, absoluteAt: rest.createdAt + life }))

describe('the layout of a record', () => {
  it('brings every record back as it was given, with its deadline capped by the absolute end', () => {
    fc.assert(
      fc.property(record, (given) => {
        const { idleUntil, ...expected } = given
        expect(decodeRecord(given.key, encodeRecord(given))).toEqual({
          record: expected,
          idleUntil: Math.min(idleUntil, given.absoluteAt),
        })
      }),
    )
  })

  it('gives the body memory of its own, lest it keep a chunk of the socket alive', () => {
    const chunk = Buffer.alloc(65_536)
    const given = someRecord()
    const bytes = encodeRecord(given)
    bytes.copy(chunk, 100)
    const { body } = decodeRecord(given.key, chunk.subarray(100, 100 + bytes.length)).record
    expect(body.buffer.byteLength).toBe(given.body.byteLength)
  })

  it('tells which key a pending record waits for', () => {
    const [given, oldKey] = [someRecord(), randomText(16)]
    expect(oldKeyOf(encodePending(given, oldKey))).toBe(oldKey)
  })

  it('takes at most 100 bytes for a signed-in record of four commits', () => {
    const commits = Array.from({ length: 4 }, () => randomText(8))
    const given = someRecord({ commits, subject: 'user-42', authenticatedAt: Date.now() })
    expect(encodeRecord(given).length - given.body.length).toBeLessThanOrEqual(100)
  })

  it('packs revisions of one size, so that scripts compare bytes', () => {
    expect(packRevision(1).length).toBe(packRevision(2 ** 47).length)
  })
})

describe('packed text', () => {
  it('comes back exactly, also where the last character carries more bits than bytes would', () => {
    for (const length of [11, 16, 22]) {
      fc.assert(
        fc.property(text(length), (given) => {
          expect(unpack(pack(given, length), 0, length)).toBe(given)
        }),
      )
    }
  })

  it('is what a base64url decoder makes of it, padded by zeros', () => {
    for (const length of [11, 16, 22]) {
      fc.assert(
        fc.property(text(length), (given) => {
          expect(pack(given, length)).toEqual(Buffer.from(given.padEnd(Math.ceil(length / 4) * 4, 'A'), 'base64url'))
        }),
      )
    }
  })

  it('refuses a character of another alphabet wherever it stands', () => {
    for (const wrong of ['+', '/', '=', ' ', '{', 'é', '\u{100}', '\u0000']) {
      for (let at = 0; at < 22; at += 1) {
        const given = `${'a'.repeat(at)}${wrong}${'a'.repeat(21 - at)}`
        expect(() => pack(given, 22)).toThrow(TypeError)
        expect(() => packInto(Buffer.alloc(6), 0, given, 22, 6)).toThrow(TypeError)
      }
    }
  })

  it('is recognised by its first bytes, and nothing else is', () => {
    fc.assert(
      fc.property(text(22), text(22), (own, other) => {
        const bytes = pack(own, 22)
        expect(isPackedAt(bytes, 0, own, 6)).toBe(true)
        expect(isPackedAt(bytes, 0, other, 6)).toBe(own.slice(0, 8) === other.slice(0, 8))
        expect(isPackedAt(bytes, 0, own.slice(0, 4), 6)).toBe(false)
        expect(isPackedAt(bytes, -6, own, 6)).toBe(false)
      }),
    )
  })

  it('refuses other lengths and alphabets', () => {
    for (const wrong of ['', 'short', 'a'.repeat(12), 'aaaaa{aaaaa', 'aaaaa aaaaa']) {
      expect(() => pack(wrong, 11)).toThrow(TypeError)
    }
  })
})
