import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** How often this process has asked its platform for what is dear. */
export interface CryptoCounts {
  /** Draws of 24 bytes: each of them is a token. */
  tokens: number
  /** All other draws. */
  draws: number
  hashes: number
}

const { hash, randomBytes } = crypto

/** Counts what an action makes of randomness and hashes, whoever imported them before. */
export async function countCrypto(action: () => Promise<unknown>): Promise<CryptoCounts> {
  const counts: CryptoCounts = { tokens: 0, draws: 0, hashes: 0 }
  crypto.hash = ((...values: Parameters<typeof hash>) => {
    counts.hashes++
    return hash(...values)
  }) as typeof hash
  crypto.randomBytes = ((size: number) => {
    if (size === 24) counts.tokens++
    else counts.draws++
    return randomBytes(size)
  }) as typeof randomBytes
  syncBuiltinESMExports()
  try {
    await action()
    return counts
  } finally {
    Object.assign(crypto, { hash, randomBytes })
    syncBuiltinESMExports()
  }
}
