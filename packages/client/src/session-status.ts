/** What the status handler of a server answers. Lengths are in milliseconds, counted from when the answer was made. */
export interface SessionStatus {
  readonly isSignedIn: boolean
  /** Whether one factor, such as the password alone, revives the session. Until then nobody is signed in. */
  readonly isSuspended: boolean
  /** How well the user has proved who they are: 0 to 3. */
  readonly level: number
  /** How long the session lives on if it is not used again; `null` where there is none. */
  readonly expiresIn: number | null
  /** How long the session lives on however busy it is; `null` where there is none. */
  readonly absoluteExpiresIn: number | null
  /** Why there is none any more; `null` where nothing is known to have ended. */
  readonly endedBecause: SessionEnding | null
}

/** Why a session is over, and since when, in epoch milliseconds; no `at` where that is not known. */
export interface SessionEnding {
  /** Such as `'idle'`, `'absolute'`, `'elsewhere'`, `'limit'`, `'reuse'`. */
  readonly reason: string
  readonly at?: number | undefined
}
