import { hash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { digestOfToken } from './token-digest.ts'
import { createMint, keyOf, keyOfText } from './token.ts'

const byOpenSsl = (text: string): string => hash('sha256', text, 'buffer').subarray(0, 16).toString('base64url')

describe('the digest of a token', () => {
  it('is what OpenSSL makes of it, for 50,000 random tokens', () => {
    const mint = createMint()
    for (let count = 0; count < 50_000; count++) {
      const token = mint.token()
      // Compared here, since fifty thousand assertions take longer than all digests.
      if (digestOfToken(token) !== byOpenSsl(token)) expect(digestOfToken(token), token).toBe(byOpenSsl(token))
    }
  })

  it('is so for each character at each place', () => {
    for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      for (let at = 0; at < 32; at++) {
        const token = `${'A'.repeat(at)}${character}${'A'.repeat(31 - at)}`
        expect(digestOfToken(token)).toBe(byOpenSsl(token))
      }
    }
  })

  it('does not depend on the one before', () => {
    const [one, other] = ['A'.repeat(32), '_'.repeat(32)]
    const first = digestOfToken(one)
    digestOfToken(other)
    expect(digestOfToken(one)).toBe(first)
  })
})

it('a key of a text is that of a token where the text is one', () => {
  const token = createMint().token()
  expect(keyOfText(token)).toBe(keyOf(token))
  for (const text of ['', 'the sessions of ä', 'x'.repeat(1000)]) expect(keyOfText(text)).toBe(byOpenSsl(text))
})
