/** Follows what renewals by age have left, to where the session lies now. */
import type { Alias } from '../contracts/record.ts'
import type { LoadResult } from '../contracts/store.ts'
import { openToken } from './token-seal.ts'

/** Where a trail leads. */
export interface Trail<Answer> {
  /** The token that belongs to the answer. */
  readonly token: string
  /** What lies there: an alias only if it leads nobody on. */
  readonly answer: Answer
  /** When the token at the beginning had certainly been replaced for good: its successor has been renewed itself. */
  readonly retiredAt: number | undefined
}

/** Nobody is that far behind. */
const LONGEST = 16

/** Goes on from an alias that was found with the token. */
export async function followTrail<Answer extends LoadResult>(
  load: (key: string) => Promise<Answer>,
  token: string,
  start: Answer & { readonly alias: Alias },
): Promise<Trail<Answer>> {
  let trail: Trail<Answer> = { token, answer: start, retiredAt: undefined }
  let { alias } = start
  for (let hop = 0; hop < LONGEST && alias.sealedToken !== undefined; hop++) {
    const next = openToken(alias.sealedToken, trail.token, alias.successor)
    if (next === undefined) break
    const answer = await load(alias.successor)
    const isEnd = answer.outcome !== 'moved'
    trail = { token: next, answer, retiredAt: trail.retiredAt ?? (isEnd ? undefined : answer.alias.at) }
    if (isEnd) break
    alias = answer.alias
  }
  return trail
}
