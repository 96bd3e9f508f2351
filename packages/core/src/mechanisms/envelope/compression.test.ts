import * as zlib from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createSessions, memoryStore } from '../../index.ts'
import { Visit, hear, open, serve } from '../../../test/visit.ts'
import { measureLoopDelay } from '../../../../testkit/src/loop-delay.ts'
import { lengthSize, writeLength } from '../parts-of-bytes.ts'
import { LONGEST, compressBody, expandBody } from './compression.ts'

const ZSTD = 0x22
const BROTLI = 0x24
const hasZstd = typeof (zlib as Partial<typeof zlib>).zstdCompressSync === 'function'

/** A body with a claim of its length in front. */
function claim(first: number, length: number, packed: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + lengthSize(length) + packed.length)
  body[0] = first
  body.set(packed, writeLength(body, 1, length))
  return body
}

const bodyOf = (content: Uint8Array): Uint8Array => Uint8Array.of(0x20, ...content)

const bombs = [
  ['zstd', ZSTD, hasZstd ? zlib.zstdCompressSync(new Uint8Array(100 * LONGEST)) : new Uint8Array(40)],
  [
    'brotli',
    BROTLI,
    zlib.brotliCompressSync(new Uint8Array(100 * LONGEST), { params: { [zlib.constants.BROTLI_PARAM_LGWIN]: 18 } }),
  ],
  ['brotli with a large window', BROTLI, zlib.brotliCompressSync(new Uint8Array(100 * LONGEST))],
] as const

describe('compression', () => {
  it('gives back what it was given, whatever that is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(20), (bytes, times) => {
        const body = bodyOf(Buffer.concat(Array.from({ length: times }, () => bytes)))
        expect(Buffer.compare(expandBody(compressBody(body, 1)), body)).toBe(0)
      }),
    )
  })

  it('compresses by zstd where Node has it, else by brotli, and reads both', () => {
    const body = bodyOf(Buffer.from('the same over and over '.repeat(400)))
    expect(compressBody(body, 4096)[0]).toBe(hasZstd ? ZSTD : BROTLI)
    expect(compressBody(body, 4096).length).toBeLessThan(200)
    const params = { [zlib.constants.BROTLI_PARAM_LGWIN]: 18 }
    const foreign = claim(BROTLI, body.length - 1, zlib.brotliCompressSync(body.subarray(1), { params }))
    expect(expandBody(foreign)).toEqual(body)
  })

  it('leaves alone what is small, what would not shrink, and what is too long to be read back', () => {
    const small = bodyOf(new Uint8Array(100))
    const random = bodyOf(crypto.getRandomValues(new Uint8Array(8000)))
    const long = new Uint8Array(LONGEST + 1)
    long[0] = 0x20
    for (const body of [small, random, long]) expect(compressBody(body, 4096)).toBe(body)
  })

  const claims = [10, 65_536, LONGEST, LONGEST + 1, 100 * LONGEST]

  it.each(bombs)(
    'a bomb of %s ends as an unreadable record in under 5 ms, whatever it claims',
    async (_, first, packed) => {
      for (const length of claims) {
        const loop = measureLoopDelay()
        await new Promise((resolve) => setTimeout(resolve, 20))
        const times: number[] = []
        for (let round = 0; round < 9; round++) {
          const startedAt = performance.now()
          expect(() => expandBody(claim(first, length, packed))).toThrow(/^The body/)
          times.push(performance.now() - startedAt)
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        const median = times.sort((a, b) => a - b)[4]!
        expect(median, `claiming ${length} bytes`).toBeLessThan(5 + 5 * loop.stop())
      }
    },
  )

  it('refuses what refers further back than it ever writes, since that costs before any limit counts', () => {
    const content = Buffer.from('the same over and over '.repeat(400))
    const packed = (window: number): Uint8Array =>
      zlib.brotliCompressSync(content, { params: { [zlib.constants.BROTLI_PARAM_LGWIN]: window } })
    for (const window of [10, 16, 17, 18]) {
      expect(expandBody(claim(BROTLI, content.length, packed(window)))).toHaveLength(1 + content.length)
    }
    for (const window of [19, 20, 22, 24]) {
      expect(() => expandBody(claim(BROTLI, content.length, packed(window)))).toThrow(/too far back/)
    }
  })

  it('refuses what is cut, what claims another length, and noise, as an unreadable body', () => {
    const body = bodyOf(Buffer.from('the same over and over '.repeat(400)))
    const compressed = compressBody(body, 1)
    for (let size = 1; size < compressed.length; size++) {
      expect(() => expandBody(compressed.subarray(0, size)), `cut to ${size}`).toThrow(
        expect.objectContaining({ name: 'UnreadableBody' }) as Error,
      )
    }
    const { length } = body.subarray(1)
    const packed = compressed.subarray(1 + lengthSize(length))
    for (const wrong of [0, length - 1, length + 1]) {
      expect(() => expandBody(claim(compressed[0]!, wrong, packed))).toThrow(/^The body/)
    }
    fc.assert(
      fc.property(fc.constantFrom(ZSTD, BROTLI), fc.uint8Array({ maxLength: 200 }), (first, noise) => {
        try {
          expect(expandBody(Uint8Array.of(first, ...noise))[0]).toBe(0x20)
        } catch (error) {
          expect((error as Error).name).toBe('UnreadableBody')
        }
      }),
    )
  })
})

describe('the option `compress`', () => {
  type Data = { text: string }
  const text = 'the same over and over '.repeat(400)

  it.each([false, true])(
    'keeps large sessions small, and is not needed to read them (sealed: %s)',
    async (isSealed) => {
      const inner = memoryStore()
      const sizes: number[] = []
      const store = {
        ...inner,
        create: async (...call: Parameters<typeof inner.create>) => {
          sizes.push(call[0].body.length)
          return inner.create(...call)
        },
      }
      const sealing = isSealed ? { seal: { keys: ['qJ4cB0vLx7RmN2sWzT9kYd3HpG6fUaE1oi8X5ZjQbtM'] } } : {}
      const engine = (compress?: { above: '4kb' }): ReturnType<typeof createSessions<Data>> =>
        createSessions<Data>({ store, cache: false, ...sealing, ...(compress && { compress }) })
      const set = async (sessions: ReturnType<typeof engine>): Promise<string> =>
        (await serve(sessions, undefined, (session) => session.set('text', text))).newCookie!
      const [plain, small] = [await set(engine()), await set(engine({ above: '4kb' }))]
      expect(sizes[0]).toBeGreaterThan(8000)
      expect(sizes[1]).toBeLessThan(200)
      for (const cookie of [plain, small]) {
        for (const sessions of [engine(), engine({ above: '4kb' })]) {
          expect((await open(sessions, new Visit(cookie))).get('text')).toBe(text)
        }
      }
    },
  )

  it('ends a bomb as a fresh session and one event', async () => {
    const inner = memoryStore()
    let isBomb = false
    const store = {
      ...inner,
      load: async (...call: Parameters<typeof inner.load>) => {
        const answer = await inner.load(...call)
        if (answer.outcome !== 'found' || !isBomb) return answer
        return { ...answer, record: { ...answer.record, body: claim(BROTLI, LONGEST, bombs[1][2]) } }
      },
    }
    const sessions = createSessions<Data>({ store, cache: false })
    const cookie = (await serve(sessions, undefined, (session) => session.set('text', text))).newCookie!
    isBomb = true
    const events = await hear('holdfast:rejected', async () => {
      expect((await open(sessions, new Visit(cookie))).isNew).toBe(true)
    })
    expect(events).toMatchObject([{ reason: 'unreadable' }])
  })

  it('reckons a copy in this process with what it takes there', async () => {
    const store = memoryStore()
    let loads = 0
    const counting = { ...store, load: (...call: Parameters<typeof store.load>) => (loads++, store.load(...call)) }
    // Room for one copy of the text as it is, and for many as it lies in the store.
    const sessions = createSessions<Data>({ store: counting, cache: { maxBytes: 12_000 }, compress: { above: '4kb' } })
    const cookies: string[] = []
    for (let index = 0; index < 3; index++) {
      cookies.push((await serve(sessions, undefined, (session) => session.set('text', text))).newCookie!)
    }
    for (const cookie of cookies) await open(sessions, new Visit(cookie))
    expect(loads).toBeGreaterThanOrEqual(2)
  })
})
