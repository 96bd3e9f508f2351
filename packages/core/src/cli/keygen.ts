import { randomBytes } from 'node:crypto'

/** Draws a secret: 32 bytes of the platform's CSPRNG, 43 characters of base64url. */
export function keygen(): string {
  return randomBytes(32).toString('base64url')
}
