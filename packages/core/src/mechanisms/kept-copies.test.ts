import { describe, expect, it } from 'vitest'

import { readBody, writeBody } from './body.ts'
import { KeptCopies } from './kept-copies.ts'
import type { OpenRecord } from './live.ts'
import { packRecord, unpackRecord } from './packed-record.ts'
import { SharedValues } from './shared-values.ts'

const MIB = 2 ** 20

function opened(revision: number, subject: string | undefined, size = 300): OpenRecord {
  const fields = new Map([
    ['first', Uint8Array.of(revision)],
    ['größer', new Uint8Array(size).map((_, index) => index)],
  ])
  const body = writeBody({ level: 2, agent: 'Firefox\n' }, fields)
  const record = {
    format: 2,
    key: `key-${revision}`,
    id: 'i'.repeat(16),
    revision,
    commits: ['c'.repeat(11), 'd'.repeat(11)],
    createdAt: 1_795_661_277_480,
    absoluteAt: 1_795_747_677_480.5,
    idleTimeout: 0,
    persistent: true,
    subject,
    authenticatedAt: subject === undefined ? undefined : 1_795_661_277_481,
    body,
  }
  return { record, idleUntil: 1_795_661_277_999, ...readBody(body), values: new SharedValues() }
}

const fieldsOf = ({ fields }: OpenRecord): unknown => [...fields].map(([name, value]) => [name, [...value]])

describe('a packed record', () => {
  it.each([undefined, '', 'user-1', 'ÄÖ 漢字 🙂', '\n]"\\\u0000\u007F\u00FF', '\uD800 alone'])(
    'comes back as it was: subject %j',
    (subject) => {
      const before = opened(7, subject)
      for (const names of [undefined, ['first', 'größer']]) {
        const after = unpackRecord(packRecord(before), { key: 'key-7', revision: 7, names })
        const { body, ...header } = after.record
        const { body: bodyBefore, ...headerBefore } = before.record
        expect(header).toStrictEqual(headerBefore)
        expect([...body]).toEqual([...bodyBefore])
        expect(after.idleUntil).toBe(before.idleUntil)
        expect(after.head).toEqual(before.head)
        expect(fieldsOf(after)).toEqual(fieldsOf(before))
      }
    },
  )

  it('takes one byte for each character, whatever its subject is', () => {
    const packed = packRecord(opened(1, '漢字'))
    expect(Buffer.from(packed, 'latin1').toString('latin1')).toBe(packed)
  })
})

describe('copies that are many', () => {
  it('are packed, the least recently used first, before any goes', () => {
    const copies = new KeptCopies(MIB)
    for (let index = 1; index <= 1000; index++) copies.put(`key-${index}`, opened(index, 'user'), 0)
    const packed = Array.from({ length: 1000 }, (_, index) => copies.get(`key-${index + 1}`)!.opened === undefined)
    expect(packed.filter(Boolean).length).toBeGreaterThan(500)
    expect(packed.toSorted((a, b) => Number(b) - Number(a))).toEqual(packed)
    const seldom = copies.get('key-1')!
    const shown = copies.show(copies.use(seldom.key)!)!
    expect(fieldsOf(shown)).toEqual(fieldsOf(opened(1, 'user')))
    expect(shown.record.key).toBe('key-1')
    // Opened once: all that ask now share its values.
    expect(copies.show(copies.use(seldom.key)!)).toBe(shown)
  })

  it('go, the least recently used first, when packing no longer helps', () => {
    const copies = new KeptCopies(MIB)
    copies.put('key-1', opened(1, 'user'), 0)
    for (let index = 2; index <= 5000; index++) {
      copies.put(`key-${index}`, opened(index, 'user'), 0)
      copies.use('key-1')
    }
    const left = Array.from({ length: 5000 }, (_, index) => copies.get(`key-${index + 1}`) !== undefined)
    expect(left[0]).toBe(true)
    expect(left.slice(1)).toEqual(left.slice(1).toSorted((a, b) => Number(a) - Number(b)))
    expect(left.filter(Boolean).length).toBeGreaterThan(1000)
    expect(left.filter(Boolean).length).toBeLessThan(MIB / 600)
  })

  it('of which one is large: it stays packed, and moves no other out', () => {
    const copies = new KeptCopies(MIB)
    copies.put('key-1', opened(1, 'user'), 0)
    copies.put('key-2', opened(2, 'user', 100_000), 0)
    expect(copies.show(copies.use('key-2')!)!.record.body.length).toBeGreaterThan(100_000)
    expect(copies.get('key-2')!.opened).toBeUndefined()
    copies.put('key-3', opened(3, 'user', 2 * MIB), 0)
    expect(copies.get('key-3')).toBeUndefined()
    expect(copies.get('key-1')!.opened).toBeDefined()
  })

  it('of which one became an empty seat: it shows nothing, and can be given up', () => {
    const copies = new KeptCopies(MIB)
    for (let index = 1; index <= 1000; index++) copies.put(`key-${index}`, opened(index, 'user'), 0)
    for (const key of ['key-1', 'key-1000']) {
      const copy = copies.get(key)!
      copies.empty(copy)
      expect(copies.use(copy.key)).toBeUndefined()
      copies.empty(copy)
      copies.delete(copy)
      expect(copies.get(key)).toBeUndefined()
    }
    copies.clear()
    copies.put('key-2', opened(2, 'other'), 0)
    expect(copies.show(copies.use('key-2')!)!.record.subject).toBe('other')
  })
})
