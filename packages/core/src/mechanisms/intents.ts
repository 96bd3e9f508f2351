/** What a request asks of its session: a list of changes, replayed on whatever record is the newest. */

/** A change of one field. `seen` is what the field held when the change was recorded; `undefined`: nothing. */
export type FieldIntent =
  | { readonly type: 'set'; readonly name: string; readonly bytes: Uint8Array; readonly seen: Seen }
  | { readonly type: 'delete'; readonly name: string; readonly seen: Seen }
  | { readonly type: 'update'; readonly name: string; readonly change: (value: never) => unknown }
  | { readonly type: 'increment'; readonly name: string; readonly by: number }
  | { readonly type: 'take'; readonly name: string; readonly taken: Uint8Array }

/** `'unseen'`: the change was recorded before the session was loaded, so nothing can have overtaken it. */
export type Seen = Uint8Array | undefined | 'unseen'

/** How long a session should live from now on; what is absent stays. Lengths in milliseconds. */
export interface LifetimeChange {
  readonly idleTimeout?: number | undefined
  readonly absoluteTimeout?: number | undefined
  readonly persistent?: boolean | undefined
}

/** A change of the session itself. */
export type HeaderIntent =
  | { readonly type: 'login'; readonly subject: string; readonly isRemembered: boolean; readonly proof: Proof }
  | { readonly type: 'elevate'; readonly proof: Proof }
  /** `isRevival`: of a suspended session, whose absolute end stays. */
  | { readonly type: 'reauthenticate'; readonly proof: Proof | undefined; readonly isRevival?: boolean }
  | { readonly type: 'lifetime'; readonly change: LifetimeChange }
  | { readonly type: 'renew' }
  | { readonly type: 'logout' }
  | { readonly type: 'destroy' }
  /** Renews the session if its token was drawn so long ago. The engine's own: no program records it. */
  | { readonly type: 'age'; readonly now: number; readonly every: number }
  /** Takes note that a renewed token has been presented. The engine's own. */
  | { readonly type: 'confirm'; readonly at: number }

/** How a subject proved who they are. */
export interface Proof {
  readonly level: number
  readonly methods: readonly string[]
}

/** Why a session goes on under a new token: what its holder may do has changed, or the token has become old. */
export type RenewalReason = 'login' | 'elevate' | 'reauthenticate' | 'renew' | 'age'

export type Intent = FieldIntent | HeaderIntent

const FIELD_TYPES: ReadonlySet<string> = new Set<FieldIntent['type']>(['set', 'delete', 'update', 'increment', 'take'])
const ON_SERVER_ERROR: ReadonlySet<string> = new Set<Intent['type']>(['logout', 'destroy', 'renew'])

export function isFieldIntent(intent: Intent): intent is FieldIntent {
  return FIELD_TYPES.has(intent.type)
}

/** Tells whether an intent ends the session it meets, and with it what was recorded before. */
export function endsSession({ type }: Intent): boolean {
  return type === 'logout' || type === 'destroy'
}

/** Tells whether an intent may be recorded for a suspended session. */
export function revivesSession({ type }: Intent): boolean {
  return type === 'reauthenticate' || type === 'login' || type === 'destroy'
}

/** Tells whether an intent is carried out although the handler ended in 5xx: ending and renewing are never undone. */
export function survivesServerError(intent: Intent): boolean {
  return ON_SERVER_ERROR.has(intent.type)
}
