import { describe, expect, it } from 'vitest'

import { serve } from '../../test/visit.ts'
import { type AnyStore, createSessions, memoryStore } from '../index.ts'
import { createMint, isToken, keyOf } from './token.ts'

describe('tokens', () => {
  it('ASVS 7.2.3: have 192 random bits, 32 characters, no fixed bit and no duplicate', () => {
    const mint = createMint()
    const tokens = Array.from({ length: 20_000 }, () => mint.token())
    expect(new Set(tokens).size).toBe(tokens.length)
    const ones = new Uint32Array(192)
    for (const token of tokens) {
      expect(isToken(token)).toBe(true)
      const bytes = Buffer.from(token, 'base64url')
      for (let bit = 0; bit < 192; bit++) ones[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1
    }
    // Ten standard deviations around one half.
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(10 * Math.sqrt(5000))
  })

  it('are not drawn without randomness', () => {
    const mint = createMint(() => {
      throw new Error('no entropy')
    })
    for (const draw of [mint.token, mint.id, mint.commitId]) expect(draw).toThrow('no entropy')
  })

  it.each([
    '',
    'A'.repeat(31),
    'A'.repeat(33),
    `${'A'.repeat(31)}=`,
    `${'A'.repeat(31)}+`,
    `${'A'.repeat(31)}\n`,
    'é'.repeat(32),
  ])('%j is none', (text) => {
    expect(isToken(text)).toBe(false)
  })

  it('lead to keys of 22 characters that tell nothing of them', () => {
    expect(keyOf('A'.repeat(32))).toBe(keyOf('A'.repeat(32)))
    expect(keyOf('A'.repeat(32))).toMatch(/^[\w-]{22}$/)
    expect(keyOf('A'.repeat(32))).not.toBe(keyOf(`${'A'.repeat(31)}B`))
  })
})

describe('a store', () => {
  it('is never given a token (F02)', async () => {
    const seen: string[] = []
    const store = memoryStore()
    const watched = new Proxy<AnyStore>(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return async (...call: unknown[]) => {
          const answer: unknown = await value.apply(target, call)
          seen.push(
            JSON.stringify([call, answer], (_, item: unknown) =>
              item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item,
            ),
          )
          return answer
        }
      },
    })
    const sessions = createSessions<{ n: number }>({ store: watched })
    const tokens: string[] = []
    for (let login = 0; login < 100; login++) {
      const first = await serve(sessions, undefined, (s) => s.increment('n'))
      const second = await serve(sessions, first.newCookie, (s) => s.login(`user-${login}`))
      const third = await serve(sessions, second.newCookie, (s) => s.renew())
      await serve(sessions, third.newCookie, (s) => s.logout())
      for (const visit of [first, second, third]) tokens.push(visit.newCookie!.split('=')[1]!)
    }
    const dump = seen.join('\n')
    expect(dump).toContain(keyOf(tokens[0]!))
    for (const token of tokens) expect(dump).not.toContain(token)
  })
})
