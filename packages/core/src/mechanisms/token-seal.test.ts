import { hkdfSync } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openToken, sealToken } from './token-seal.ts'
import { createMint, keyOf } from './token.ts'

const mint = createMint()

describe('a sealed token', () => {
  it('opens with the old token, for the key that it leads to', () => {
    for (let round = 0; round < 100; round++) {
      const [older, newer] = [mint.token(), mint.token()]
      expect(openToken(sealToken(newer, older), older, keyOf(newer))).toBe(newer)
    }
  })

  it('opens with nothing else, and for no other key', () => {
    const [older, newer, stranger] = [mint.token(), mint.token(), mint.token()]
    const sealed = sealToken(newer, older)
    expect(openToken(sealed, stranger, keyOf(newer))).toBeUndefined()
    expect(openToken(sealed, newer, keyOf(newer))).toBeUndefined()
    expect(openToken(sealed, older, keyOf(stranger))).toBeUndefined()
  })

  it('ASVS 11.3.3 with one bit changed does not open', () => {
    const [older, newer] = [mint.token(), mint.token()]
    const sealed = sealToken(newer, older)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(openToken(changed, older, keyOf(newer))).toBeUndefined()
    }
  })

  it('of any bytes opens to nothing, without an error', () => {
    const [older, newer] = [mint.token(), mint.token()]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => openToken(bytes, older, keyOf(newer)) === undefined),
    )
  })

  it('ASVS 11.3.4 is never the same twice, and holds neither token', () => {
    const [older, newer] = [mint.token(), mint.token()]
    const [one, two] = [sealToken(newer, older), sealToken(newer, older)]
    expect(Buffer.compare(one, two)).not.toBe(0)
    for (const token of [older, newer]) expect(Buffer.from(one).includes(Buffer.from(token, 'base64url'))).toBe(false)
  })

  it('is closed under a key that has nothing to do with where the record lies', () => {
    const older = mint.token()
    const secret = Buffer.from(older, 'base64url')
    const derived = Buffer.from(
      hkdfSync('sha256', secret, '', 'holdfast: the token that replaced this one, version 1', 32),
    )
    expect(derived.toString('base64url').startsWith(keyOf(older))).toBe(false)
  })
})
