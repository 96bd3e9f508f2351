import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomText, someRecord } from '../testing/records.ts'
import { pack, unpack } from './packed-text.ts'
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

  it('refuses other lengths and alphabets', () => {
    for (const wrong of ['', 'short', 'a'.repeat(12), 'aaaaa{aaaaa', 'aaaaa aaaaa']) {
      expect(() => pack(wrong, 11)).toThrow(TypeError)
    }
  })
})
