/** Why a session is over, in the words that its next request may ask for. */
import type { EndedReason, Ending } from './live.ts'

/** The words for the reasons that a tombstone may give. The others are not for users. */
const WORDS: Readonly<Record<string, EndedReason>> = {
  logout: 'logout',
  destroy: 'logout',
  login: 'logout',
  elsewhere: 'elsewhere',
  limit: 'limit',
  reuse: 'reuse',
  evicted: 'evicted',
}

export const UNKNOWN_ENDING: Ending = { reason: 'unknown', at: undefined }

/** Says why a session has ended that left a tombstone. */
export function endingOf({ reason, at }: { readonly reason: string; readonly at: number }): Ending {
  const word = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined
  return word === undefined ? UNKNOWN_ENDING : { reason: word, at }
}
