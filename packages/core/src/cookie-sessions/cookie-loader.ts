/** Finds the session that a request's cookies hold. */
import type { Clock } from '../contracts/clock.ts'
import type { CookieSeals } from '../mechanisms/cookie-sessions/cookie-seals.ts'
import { isForeign } from '../mechanisms/cookie-sessions/foreign-cookies.ts'
import { readSealedRecord } from '../mechanisms/cookie-sessions/sealed-record.ts'
import { StoreError } from '../contracts/errors.ts'
import { UNKNOWN_ENDING } from '../mechanisms/endings.ts'
import type { Loader } from '../mechanisms/loader.ts'
import { createOpen } from '../mechanisms/open-record.ts'
import { pickLive } from '../mechanisms/picking.ts'
import { type Judged, type OpenAnswer, judgeAnswer, toLive } from '../mechanisms/verdicts.ts'
import type { Warn } from '../mechanisms/warner.ts'

export interface CookieLoaderParts {
  readonly seals: CookieSeals
  readonly clock: Clock
  readonly warn: Warn
  /** Opens a seal of another library. */
  readonly openForeign: ((seal: string, now: number) => Promise<Judged>) | undefined
}

const UNREADABLE: Judged = { reason: 'unreadable', ended: { reason: 'unreadable', at: undefined } }

export function createCookieLoader({ seals, clock, warn, openForeign }: CookieLoaderParts): Loader {
  async function consider(seal: string): Promise<Judged> {
    const now = clock.now()
    if (isForeign(seal)) return (await openForeign?.(seal, now)) ?? UNREADABLE
    const bytes = await seals.open(seal, now)
    if (bytes === 'unreadable') return UNREADABLE
    if (bytes === 'unknown') return { reason: 'unknown', ended: UNKNOWN_ENDING }
    const answer = answerIn(bytes)
    if (answer === undefined) return UNREADABLE
    const judged = judgeAnswer(answer, now)
    if ('opened' in judged) return { live: toLive(seal, judged.opened, false) }
    // Nobody could end it from elsewhere while it waits, so it is over.
    const { suspended, ...rejected } = judged
    return suspended === undefined ? rejected : { ...rejected, reason: 'idle' }
  }

  return {
    find: async (candidates) => {
      const settled = await Promise.allSettled(candidates.map(consider))
      const judged = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const failed = settled.find((one) => one.status === 'rejected')
      // A neighbour of the site can add a cookie that names any key. It must not shut out who has one that opens.
      if (failed !== undefined && !judged.some((one) => 'live' in one)) throw failed.reason
      return pickLive(judged, warn)
    },
  }
}

/** The seal of the cookie is around the whole record; its body needs none of its own. */
const openRecord = createOpen({ open: ({ body }) => body })

/** Answers what a store would have answered. @throws StoreError `ERR_RECORD_NEWER` */
function answerIn(bytes: Uint8Array): OpenAnswer | undefined {
  try {
    const found = readSealedRecord(bytes)
    return { ...found, outcome: 'found', opened: openRecord(found) }
  } catch (error) {
    if (error instanceof StoreError) throw error
    return undefined
  }
}
