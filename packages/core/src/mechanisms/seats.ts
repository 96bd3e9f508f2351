/**
 * Who of a subject may stay, when only so many sessions of theirs may live at once: a pure function of what the ledger
 * says, of what is listed, and of who comes.
 *
 * The ledger keeps seats in the order of logins. A seat belongs to the public name of a session, so that a renewal
 * changes nothing here. What is listed is the truth; the ledger adds the order, and those who are just coming.
 */

/** Who goes when there are more than may be. */
export type LimitPolicy = 'oldest' | 'newest' | 'refuse'

/** How many may live at once. */
export interface SessionLimit {
  readonly limit: number
  readonly policy: LimitPolicy
}

/** A session that has a place, or will have as soon as its record is written. */
export interface Seat {
  readonly id: string
  /** Where its record lies, or will lie; where it was when it came, if it has been renewed since. */
  readonly key: string
  /** Until when it may not be listed yet. */
  readonly comingUntil: number
}

/** A session that has lost its place and is to be ended. */
export interface Leaving {
  readonly id: string
  /** Until when it may still come. */
  readonly until: number
}

export interface Ledger {
  /** In the order of logins. */
  readonly seats: readonly Seat[]
  readonly leaving: readonly Leaving[]
}

export const EMPTY_LEDGER: Ledger = { seats: [], leaving: [] }

/** What is known when seats are given. */
export interface Standing {
  readonly ledger: Ledger
  /** The live sessions, the oldest first. */
  readonly listed: readonly { readonly id: string; readonly key: string }[]
  /** Those of the ledger that are not listed, and may yet come. */
  readonly coming: ReadonlySet<string>
  readonly now: number
}

export interface Seating {
  readonly ledger: Ledger
  /** The names of those who get no seat. */
  readonly refused: ReadonlySet<string>
}

/** How long one who has lost their place is looked out for, in milliseconds: longer than any listing takes. */
const LEAVING_FOR = 60_000

/** Seats those who come, one after another. */
export function seat(comers: readonly Seat[], standing: Standing, { limit, policy }: SessionLimit): Seating {
  const { ledger, listed, coming, now } = standing
  const live = new Set(listed.map(({ id }) => id))
  const returning = new Set(comers.map(({ id }) => id))
  const leaving = ledger.leaving.filter(({ id, until }) => (live.has(id) || until > now) && !returning.has(id))
  const known = new Set([...ledger.seats, ...leaving].map(({ id }) => id))
  // Sessions from before there was a limit, or of a ledger that was lost, came before all others.
  const strangers = listed.filter(({ id }, index) => !known.has(id) && !returning.has(id) && isFirst(listed, index))
  const seats: Seat[] = [
    ...strangers.map(({ id, key }) => ({ id, key, comingUntil: now })),
    ...ledger.seats.filter(({ id }) => live.has(id) || coming.has(id)),
  ]
  const refused = new Set<string>()
  const dismiss = (index: number): void => {
    for (const { id, comingUntil } of seats.splice(index, 1)) {
      leaving.push({ id, until: Math.max(now, comingUntil) + LEAVING_FOR })
    }
  }
  for (const comer of comers) {
    const place = seats.findIndex(({ id }) => id === comer.id)
    if (place >= 0) {
      seats[place] = comer
      continue
    }
    if (policy === 'refuse' && seats.length >= limit) {
      refused.add(comer.id)
      continue
    }
    while (seats.length >= limit) dismiss(policy === 'newest' ? seats.length - 1 : 0)
    seats.push(comer)
  }
  return { ledger: { seats, leaving }, refused }
}

/** An orphan of a renewal has the name of the session that it was to go on as. */
function isFirst(listed: Standing['listed'], index: number): boolean {
  return listed.findIndex(({ id }) => id === listed[index]?.id) === index
}
