/** Chooses among what the tokens of one request led to. */
import { isHeard, tell } from './events.ts'
import { type Live, NO_ORIGIN, type Origin } from './live.ts'
import type { Judged } from './verdicts.ts'
import type { Warn } from './warner.ts'

/** Answers the one live session. Without one, or with several, there is none. Tells of what led nowhere. */
export function pickLive(judged: readonly Judged[], warn: Warn): Origin {
  const found: Live[] = []
  let origin: Origin = NO_ORIGIN
  for (const one of judged) {
    if ('live' in one) {
      found.push(one.live)
      continue
    }
    const { supersededKey, ended, ...message } = one
    tell('holdfast:rejected', message)
    if (supersededKey !== undefined) origin = { type: 'superseded', key: supersededKey }
    else if (origin === NO_ORIGIN && ended !== undefined) origin = { type: 'none', rivals: [], ended }
  }
  const [live] = found
  if (live === undefined) return origin
  if (found.length > 1) {
    tell('holdfast:rejected', { reason: 'ambiguous' })
    warn(
      'WARN_AMBIGUOUS',
      'A request carried the tokens of two live sessions, and cookies do not say which one is meant, so it got neither. ' +
        'Look for a second application on the same site that uses this cookie name, or a changed `cookie.path` or `cookie.domain`.',
    )
    return { type: 'none', rivals: found }
  }
  if (isHeard('holdfast:loaded')) tell('holdfast:loaded', { id: live.record.id, revision: live.record.revision })
  return { type: 'live', live }
}
