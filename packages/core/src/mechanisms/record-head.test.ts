import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_HEAD, type RecordHead, readHead, writeHead } from './record-head.ts'

const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'))
const heads = fc.record(
  {
    level: fc.integer({ min: 0, max: 255 }),
    methods: fc.array(text.filter(Boolean), { minLength: 1, maxLength: 5 }),
    startedAt: instant,
    provenAt: instant,
    renewedAt: instant,
    formerKey: fc.stringMatching(/^[\w-]{22}$/),
    isPending: fc.constant(true),
    confirmedAt: instant,
    generation: instant,
    agent: text,
    address: text,
  },
  { requiredKeys: [] },
)

describe('the head of a record', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(heads, (head) => {
        expect(readHead(writeHead(head))).toEqual(head)
      }),
    )
  })

  it('takes no bytes without members, and few with those of a login', () => {
    expect(writeHead({})).toEqual(new Uint8Array())
    expect(readHead(new Uint8Array())).toBe(NO_HEAD)
    const [startedAt, renewedAt] = [1_795_000_000_000, 1_795_000_000_000]
    const head: RecordHead = { level: 1, startedAt, renewedAt, formerKey: 'A'.repeat(22), address: '192.0.2.0/24' }
    expect(writeHead(head).length).toBeLessThanOrEqual(60)
  })

  it('hands members of a newer version on', () => {
    const newer = Uint8Array.of(1, 1, 2, 200, 3, 7, 8, 9)
    const head = readHead(newer)
    expect(head).toMatchObject({ level: 2 })
    expect(Buffer.from(writeHead({ ...head, level: 3 }))).toEqual(Buffer.from([1, 1, 3, 200, 3, 7, 8, 9]))
  })

  it.each([
    ['a part that is cut off', [1, 5, 2]],
    ['a length that is missing', [1]],
    ['a number of another length', [3, 1, 2]],
    ['a number that is missing', [1, 0]],
    ['text that is none', [10, 1, 0xff]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readHead(Uint8Array.from(bytes))).toThrow(Error)
  })
})
