/** Imported before anything else, notes every token that this process draws. */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const TOKEN_BYTES = 24

const { randomBytes } = crypto

export const drawnTokens: string[] = []

crypto.randomBytes = ((size: number) => {
  const bytes = randomBytes(size)
  if (size === TOKEN_BYTES) drawnTokens.push(bytes.toString('base64url'))
  return bytes
}) as typeof randomBytes
syncBuiltinESMExports()
