import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { randomText, someTombstone } from '../testing/records.ts'
import { decodeAlias, decodeTombstone, encodeAlias, encodeTombstone } from './remains-layout.ts'

it('a tombstone comes back as it was given, whatever its reason', () => {
  for (const id of [undefined, randomText(12)]) {
    for (const reason of ['logout', 'admin: “suspicious” 🧨'] as const) {
      const given = someTombstone({ id, reason: reason as 'logout' })
      expect(decodeTombstone(encodeTombstone(randomText(16), given))).toEqual(given)
    }
  }
})

it('an alias comes back as it was given, with and without a sealed token', () => {
  for (const sealedToken of [undefined, randomBytes(53), Buffer.of(0), Buffer.alloc(0)]) {
    const given = {
      successor: randomText(16),
      at: 1_700_000_000_000,
      graceUntil: 1_700_000_010_000,
      commitId: randomText(8),
      ...(sealedToken !== undefined && { sealedToken: new Uint8Array(sealedToken) }),
    }
    expect(decodeAlias(encodeAlias(randomText(16), given))).toEqual(given)
  }
})
