import { describe, expect, it } from 'vitest'

import { readKeyList } from '../mechanisms/keys/key-list.ts'
import { keygen } from './keygen.ts'

describe('keygen', () => {
  it('prints 256 bits that the engine takes, new ones each time', () => {
    const secrets = Array.from({ length: 100 }, keygen)
    expect(new Set(secrets).size).toBe(100)
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    expect(readKeyList(secrets, 'keys').problems).toEqual([])
  })
})
