/** When a session ends and when its idle deadline moves: pure functions of policy, record and time. */
import { SUSPENDABLE_FORMAT, type SessionRecord } from '../contracts/record.ts'

/** How long sessions live, in milliseconds. */
export interface Lifetime {
  readonly idleTimeout: number
  readonly absoluteTimeout: number
}

/** The lifetimes of an engine. */
export interface LifetimePolicy extends Lifetime {
  /** For sessions that the client keeps over a restart. */
  readonly remember: Lifetime
  /** For sessions that nobody has signed in to. */
  readonly anonymous: Lifetime
  /** The longest that sessions of a level live, by level; `undefined`: as long as others. */
  readonly levels: readonly (Lifetime | undefined)[]
  /** Whether signed-in sessions below level 3 are suspended, not over, when nobody has used them for the idle timeout. */
  readonly isSuspending: boolean
  /** The share of the idle timeout, at most, by which sessions are cut, so that not all end at once. */
  readonly jitter: number
}

/** `'suspended'`: unused for too long, and yet one factor revives it. */
export type Verdict = 'live' | 'idle' | 'suspended' | 'absolute'

/** The share of the idle timeout that passes between two touches. */
const TOUCH_SHARE = 1 / 10

/** Says whether a session that nobody uses is merely suspended. */
export function isSuspendable({ format }: Pick<SessionRecord, 'format'>): boolean {
  return format === SUSPENDABLE_FORMAT
}

/** Says whether a session is over, and by which limit. The nearest limit wins; its very instant is over. */
export function judge(record: SessionRecord, idleUntil: number, now: number): Verdict {
  if (now >= record.absoluteAt) return 'absolute'
  if (now < idleUntil) return 'live'
  return isSuspendable(record) ? 'suspended' : 'idle'
}

/** Answers when a session ends if it is not used again. */
export function endOf(record: Pick<SessionRecord, 'absoluteAt'>, idleUntil: number): number {
  return Math.min(idleUntil, record.absoluteAt)
}

/** Answers the idle deadline of a session that is used now. */
export function idleDeadline(record: Pick<SessionRecord, 'idleTimeout' | 'absoluteAt'>, now: number): number {
  return Math.min(now + record.idleTimeout, record.absoluteAt)
}

/**
 * Answers the idle deadline after a record was replaced: the later of the kept and the offered one, unless the length
 * of the idle timeout changed; never past the absolute end.
 */
export function keptIdleDeadline(
  kept: { readonly idleTimeout: number; readonly idleUntil: number } | undefined,
  offered: { readonly idleTimeout: number; readonly idleUntil: number; readonly absoluteAt: number },
): number {
  const isSameLength = kept?.idleTimeout === offered.idleTimeout
  const idleUntil = isSameLength ? Math.max(kept.idleUntil, offered.idleUntil) : offered.idleUntil
  return Math.min(idleUntil, offered.absoluteAt)
}

/** Answers how long a touch may be put off, in milliseconds. */
export function touchInterval(record: Pick<SessionRecord, 'idleTimeout'>): number {
  return record.idleTimeout * TOUCH_SHARE
}

/**
 * Says whether use at this moment should move the idle deadline: a tenth of the timeout has passed, and it would move. One
 * that has passed stays where it is.
 */
export function isTouchDue(record: SessionRecord, idleUntil: number, now: number): boolean {
  const lastTouched = idleUntil - record.idleTimeout
  return now < idleUntil && now - lastTouched >= touchInterval(record) && idleDeadline(record, now) > idleUntil
}
