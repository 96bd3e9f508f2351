import type { EndedReason, Ending, Session } from '@holdfast/express'

import { addFlash } from './answer.ts'
import { html, type Html } from './html.ts'

const WORDS: Readonly<Record<EndedReason, string>> = {
  idle: 'nobody used the shop for a while',
  absolute: 'the session had lasted as long as it may',
  logout: 'you signed out in this browser',
  elsewhere: 'the session was ended from another device',
  limit: 'you signed in on too many devices',
  reuse: 'an old copy of your session turned up; if that was not you, somebody has taken it',
  evicted: 'the shop ran out of room for sessions',
  unreadable: 'what the shop had kept cannot be read any more',
  unknown: 'the shop does not know the session any more',
}

/** Says in words why the session is over that the browser still holds a cookie of. */
export function endedNotice({ reason, at }: Ending): Html {
  return html`<p id="ended" class="ended">
    ${inWords(reason)} ${at === undefined ? undefined : html`<small>${clockTime(at)}</small>`}
  </p>`
}

/** Leaves a message where an end would otherwise not be told: what this request writes begins another session. */
export function tellEnding(session: Session): void {
  const { endedBecause } = session
  if (endedBecause !== undefined) addFlash(session, inWords(endedBecause.reason))
}

function inWords(reason: EndedReason): string {
  return `Signed out because ${WORDS[reason]}.`
}

/** An instant as the page shows it. */
export function clockTime(instant: number): Html {
  const text = new Date(instant).toISOString()
  return html`<time datetime="${text}">${text.slice(11, 19)} UTC</time>`
}
