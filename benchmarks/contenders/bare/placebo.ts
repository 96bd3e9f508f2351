/** What a contender without sessions sends, so that its requests and responses are as long as those of the others. */
import { randomBytes } from 'node:crypto'

import type { Answer } from '../contender.ts'

export const KNOWN: Answer = { user: 'user-100000', visits: 0 }

export function placeboCookie(): string {
  return `id=${randomBytes(24).toString('base64url')}; Path=/; HttpOnly; SameSite=Lax`
}
