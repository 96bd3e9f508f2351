/** Tokens: drawing one, telling one, hashing one. */
import { createMint, isToken, keyOf } from '../../packages/core/src/mechanisms/token.ts'
import { measure } from './case.ts'

export function define(): void {
  const mint = createMint()
  const token = mint.token()
  measure('token: mint', () => mint.token())
  measure('token: mint an id', () => mint.id())
  measure('token: check', () => isToken(token))
  measure('token: hash', () => keyOf(token))
}
