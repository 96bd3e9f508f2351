/** Chooses among what the tokens of one request led to. */
import { hearingOf, tell } from './events.ts'
import { UNKNOWN_ENDING } from './endings.ts'
import { type Found, type Live, NO_ORIGIN, type Suspended } from './live.ts'
import type { Judged } from './verdicts.ts'
import type { Warn } from './warner.ts'

const areLoadsHeard = hearingOf('holdfast:loaded')

/** Answers the one live session, or else the one suspended session. Without one, or with several, there is none. Tells of what led nowhere. */
export function pickLive(judged: readonly Judged[], warn: Warn): Found {
  const found: Live[] = []
  const suspended: Suspended[] = []
  let origin: Found = NO_ORIGIN
  for (const one of judged) {
    if ('live' in one) {
      found.push(one.live)
      continue
    }
    const { supersededKey, ended, suspended: waiting, ...message } = one
    tell('holdfast:rejected', message)
    if (waiting !== undefined) suspended.push({ type: 'suspended', live: waiting, ended: ended ?? UNKNOWN_ENDING })
    else if (supersededKey !== undefined) origin = { type: 'superseded', key: supersededKey }
    else if (origin === NO_ORIGIN && ended !== undefined) origin = { type: 'none', rivals: [], ended }
  }
  const [live] = found
  if (live === undefined) return suspended.length === 1 ? suspended[0]! : origin
  if (found.length > 1) {
    tell('holdfast:rejected', { reason: 'ambiguous' })
    warn(
      'WARN_AMBIGUOUS',
      'A request carried the tokens of two live sessions, and cookies do not say which one is meant, so it got neither. ' +
        'Look for a second application on the same site that uses this cookie name, or a changed `cookie.path` or `cookie.domain`.',
    )
    return { type: 'none', rivals: found }
  }
  return foundLive(live)
}

/** Answers the one live session. Tells of it. */
export function foundLive(live: Live): Found {
  if (areLoadsHeard()) tell('holdfast:loaded', { id: live.record.id, revision: live.record.revision })
  return { type: 'live', live }
}
