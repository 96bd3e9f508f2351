/**
 * Every error that Holdfast throws: one base class, one class per kind, one stable code per case.
 *
 * `switch (error.code)` narrows through {@link AnyHoldfastError}. The table {@link ERRORS} is the source of
 * `docs/errors.md`.
 */

/** What is known of a code: the HTTP status it leads to, and whether trying again can help. */
export interface ErrorFacts {
  /** The class of errors with this code. */
  readonly name:
    | 'StoreError'
    | 'GoneError'
    | 'AuthError'
    | 'LimitError'
    | 'ConflictError'
    | 'ValueError'
    | 'UsageError'
    | 'OptionsError'
  readonly status: number
  readonly isRetryable: boolean
  /** When it is thrown. */
  readonly when: string
  /** What to do about it. */
  readonly fix: string
}

export type StoreErrorCode =
  | 'ERR_STORE_FAILED'
  | 'ERR_STORE_TIMEOUT'
  | 'ERR_STORE_ANSWER'
  | 'ERR_STORE_MISMATCH'
  | 'ERR_STORE_BUSY'
  | 'ERR_STORE_DOWN'
  | 'ERR_OUTCOME_UNKNOWN'
  | 'ERR_COMMIT_TIMEOUT'
  | 'ERR_RECORD_NEWER'
  | 'ERR_KEY_UNKNOWN'
  | 'ERR_KEYS'

export type GoneErrorCode = 'ERR_GONE'

export type AuthErrorCode = 'ERR_AUTH_REQUIRED' | 'ERR_AUTH_LEVEL' | 'ERR_SUSPENDED'

export type LimitErrorCode = 'ERR_TOO_MANY_SESSIONS'

export type ConflictErrorCode = 'ERR_CONFLICT'

export type ValueErrorCode = 'ERR_VALUE' | 'ERR_FIELD_NAME' | 'ERR_TOO_LARGE'

export type UsageErrorCode =
  | 'ERR_PROPERTY_STYLE'
  | 'ERR_NOT_LOADED'
  | 'ERR_ENDED'
  | 'ERR_RESPONSE_STARTED'
  | 'ERR_NO_RESPONSE'
  | 'ERR_NOT_MOUNTED'
  | 'ERR_ALREADY_MOUNTED'
  | 'ERR_CLOSED'
  | 'ERR_POWER_MISSING'
  | 'ERR_NOT_WATCHABLE'
  | 'ERR_NO_STORE'

export type OptionsErrorCode = 'ERR_OPTIONS'
export type ErrorCode =
  | StoreErrorCode
  | GoneErrorCode
  | AuthErrorCode
  | LimitErrorCode
  | ConflictErrorCode
  | ValueErrorCode
  | UsageErrorCode
  | OptionsErrorCode

/** All codes with what is known of them. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorFacts>> = {
  ERR_STORE_FAILED: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The store threw an error, and threw again when the call was retried. Its error is the `cause`.',
    fix: 'Look at `cause`; bring the store back. No restart is needed.',
  },
  ERR_STORE_TIMEOUT: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The store did not answer within `storeDeadline`. A write may still be applied: its outcome is unknown.',
    fix: 'Look at the load of the store and at the network; raise `storeDeadline` if the store is merely far away.',
  },
  ERR_STORE_ANSWER: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The store answered something that its contract does not allow.',
    fix: 'Run `storeConformance` of `@holdfast/conformance` against the store and report the failing case to its author.',
  },
  ERR_STORE_MISMATCH: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The store answered for another key than the one that was asked for. The answer was thrown away.',
    fix: 'Replies on the connection have shifted. Look for a proxy or a client that reuses connections after an error.',
  },
  ERR_STORE_BUSY: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'Too many calls to the store were under way, so this one was not sent.',
    fix: 'The store is slower than the traffic: scale it.',
  },
  ERR_STORE_DOWN: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The store failed many times in a row, so calls are refused at once until a trial call succeeds.',
    fix: 'Bring the store back; the circuit closes by itself within a second.',
  },
  ERR_OUTCOME_UNKNOWN: {
    name: 'StoreError',
    status: 503,
    isRetryable: false,
    when: 'A commit got no answer, and the session has moved on so far that it cannot be told whether it was applied.',
    fix: 'Load the page again and look at the state before repeating the change.',
  },
  ERR_COMMIT_TIMEOUT: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'All rounds of a commit together took longer than `commitDeadline`. Nothing of it was saved, unless a write before it is of unknown outcome.',
    fix: 'Many writers change one session at once, or the store is slow. Spread the writes or raise `commitDeadline`.',
  },
  ERR_RECORD_NEWER: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The record was written in a format that this version does not know yet, as happens during a rolling deploy.',
    fix: 'Finish the deploy. The session is kept as it is.',
  },
  ERR_KEY_UNKNOWN: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The record, or the cookie, was sealed by a key that this process does not have, as happens while keys are rotated or once one was removed too early.',
    fix: 'Give every process the key back, as a further one of its `keys`. The session is kept as it is.',
  },
  ERR_KEYS: {
    name: 'StoreError',
    status: 503,
    isRetryable: true,
    when: 'The provider of keys failed, or gave keys that cannot be used, and there are none from before.',
    fix: 'Look at `cause` and at the provider. It is asked again with the next request; no restart is needed.',
  },
  ERR_GONE: {
    name: 'GoneError',
    status: 401,
    isRetryable: false,
    when: 'The session ended, or was renewed for another privilege, while this request wanted to change it. The change was not applied.',
    fix: 'Ask the user to sign in again.',
  },
  ERR_AUTH_REQUIRED: {
    name: 'AuthError',
    status: 401,
    isRetryable: false,
    when: 'Nobody has signed in to the session, or too long ago for `requireAuth({ within })`; being remembered never counts as recent. `error.missing` says which.',
    fix: 'Send the user to the login form, then call `login`, or `reauthenticate` for who is signed in already.',
  },
  ERR_AUTH_LEVEL: {
    name: 'AuthError',
    status: 403,
    isRetryable: false,
    when: 'The user is signed in, but at a lower level than `requireAuth({ level })` asks for. `error.level` names it.',
    fix: 'Ask for a further factor, then call `elevate`.',
  },
  ERR_SUSPENDED: {
    name: 'AuthError',
    status: 401,
    isRetryable: false,
    when: "A suspended session was to be changed, or to pass `requireAuth`: under the profile 'aal2' nobody has used it for the idle timeout. Nothing was recorded.",
    fix: 'Ask the user of `session.suspended.subject` for one factor, then call `reauthenticate`; or call `login`, or `destroy`.',
  },
  ERR_TOO_MANY_SESSIONS: {
    name: 'LimitError',
    status: 403,
    isRetryable: false,
    when: "Somebody signed in who has `maxSessions` sessions already, and its policy is 'refuse'. Nobody was signed in.",
    fix: 'Tell the user to sign out elsewhere; or choose another policy.',
  },
  ERR_CONFLICT: {
    name: 'ConflictError',
    status: 409,
    isRetryable: true,
    when: "Another request changed the same field, and `onConflict` is 'throw'; or `commit()` found that a value which `take` returned had been taken by another request; or writers kept overtaking each other for 32 rounds.",
    fix: 'Read the session again and decide anew. For counters and lists use `increment` and `update`, which never conflict.',
  },
  ERR_VALUE: {
    name: 'ValueError',
    status: 500,
    isRetryable: false,
    when: 'A value holds something that a session cannot keep: a function, a class instance, a RegExp, an Error, an invalid Date, a lone surrogate, a cycle. The message names the path.',
    fix: 'Keep plain data: objects, arrays, strings, numbers, booleans, null, undefined, BigInt, Date, Map, Set, typed arrays.',
  },
  ERR_FIELD_NAME: {
    name: 'ValueError',
    status: 500,
    isRetryable: false,
    when: 'A field name is not a non-empty string of at most 256 characters.',
    fix: 'Name fields by plain strings.',
  },
  ERR_TOO_LARGE: {
    name: 'ValueError',
    status: 500,
    isRetryable: false,
    when: 'The session would be larger than `sizeLimit`, or than its cookies hold (`maxCookies`). The message names the largest fields. Nothing was saved.',
    fix: 'Keep large things in your database and their ids in the session, or raise `sizeLimit` or `maxCookies`.',
  },
  ERR_PROPERTY_STYLE: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'A property of the session was assigned, as other session libraries have it.',
    fix: "Use `session.set('name', value)`; end a session by `session.logout()` or `session.destroy()`.",
  },
  ERR_NOT_LOADED: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: "A session opened with `load: 'lazy'` was read before it was loaded.",
    fix: "`await session.load()` first, or open it with `load: 'eager'`.",
  },
  ERR_ENDED: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'A session was changed after `destroy()`.',
    fix: 'Call `logout()` instead if the response should start a fresh session.',
  },
  ERR_RESPONSE_STARTED: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'A session was changed after its response had started, when neither a cookie nor an error could be sent any more.',
    fix: 'Change the session before the first byte; for streams and sockets `await session.commit()` first.',
  },
  ERR_NO_RESPONSE: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'A commit needs to send a new token, but the exchange has no response headers (a WebSocket upgrade).',
    fix: 'Create, renew and sign in to sessions in ordinary requests. With a store, ending one and changing its fields works.',
  },
  ERR_NOT_MOUNTED: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'A session was asked for on a request that has not passed through the binding.',
    fix: 'Mount `expressSessions(sessions)`, `koaSessions(sessions)` or `fastifySessions` before your routes.',
  },
  ERR_ALREADY_MOUNTED: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'The request already has a property of that name, set by another session library or another engine.',
    fix: "Remove the other one, or choose another name: `{ property: 'hold' }`.",
  },
  ERR_CLOSED: {
    name: 'UsageError',
    status: 503,
    isRetryable: false,
    when: 'A session was opened after `sessions.close()`.',
    fix: 'Stop accepting requests before you close the engine.',
  },
  ERR_POWER_MISSING: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'The program asked for something that this store cannot do: lists of sessions, the end of everything, or counts by key.',
    fix: 'Use the memory, Redis or Postgres store, or give your own store the optional power that the message names.',
  },
  ERR_NOT_WATCHABLE: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: '`sessions.watch` was given the id of a session that no request of this process has asked for, or a handle of nothing that is saved.',
    fix: 'Give it the handle of the request, once its session is saved: `sessions.watch(sessions.of(request), onEnd)`.',
  },
  ERR_NO_STORE: {
    name: 'UsageError',
    status: 500,
    isRetryable: false,
    when: 'The program asked cookie sessions for something that only a store can do: `increment`, `take`, `renew`, lists, ends of other sessions.',
    fix: 'Use `createSessions({ store })`, or do without.',
  },
  ERR_OPTIONS: {
    name: 'OptionsError',
    status: 500,
    isRetryable: false,
    when: 'Options are wrong. All problems are listed together, each with its path and what to write instead.',
    fix: 'Correct the options that the message lists.',
  },
}

const BRAND = Symbol.for('holdfast.error')

/** The base of every error of this library. Recognise one by {@link isHoldfastError}, not by `instanceof`. */
export class HoldfastError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  /** The HTTP status that the error leads to. */
  readonly status: number
  /** The same as `status`, under the name that Express and Fastify also look for. */
  readonly statusCode: number
  /** Whether the same request may succeed when it is made again. */
  readonly isRetryable: boolean

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(`${message} [${code}]`, options)
    const { status, isRetryable }: ErrorFacts = ERRORS[code]
    this.code = code
    this.status = status
    this.statusCode = status
    this.isRetryable = isRetryable
  }

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true })
  }
}

/** The store failed, or what it holds cannot be served now. Leads to 503. */
export class StoreError extends HoldfastError<StoreErrorCode> {
  override readonly name: string = 'StoreError'
  /** Whether a write may have been applied although it failed here. */
  readonly isOutcomeUnknown: boolean

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions & { isOutcomeUnknown?: boolean }) {
    super(code, message, options)
    this.isOutcomeUnknown = options?.isOutcomeUnknown ?? false
  }
}

/** A change lost to the end or renewal of its session. Leads to 401. */
export class GoneError extends HoldfastError<GoneErrorCode> {
  override readonly name: string = 'GoneError'
}

/** What {@link AuthError} found missing, and what was asked for. */
export interface AuthShortfall {
  /**
   * `'login'`: nobody has signed in. `'level'`: it is too low. `'freshness'`: it was too long ago, or only remembered, or
   * nobody has used the session since and it is suspended.
   */
  readonly missing: readonly ('login' | 'level' | 'freshness')[]
  readonly level: number
  /** In milliseconds. */
  readonly within: number | undefined
}

/** Who asks has not proved well enough, or not lately enough, who they are. Leads to 401 or 403. */
export class AuthError extends HoldfastError<AuthErrorCode> implements AuthShortfall {
  override readonly name: string = 'AuthError'
  readonly missing: AuthShortfall['missing']
  readonly level: number
  readonly within: number | undefined

  constructor(code: AuthErrorCode, { missing, level, within }: AuthShortfall) {
    const reasons = missing.map((one) => {
      if (one === 'login') return 'nobody has signed in to this session'
      if (one === 'level') return `its authentication is below level ${level}`
      if (code === 'ERR_SUSPENDED') return 'the session is suspended, since nobody has used it for too long'
      return `its user has not proved who they are within the last ${within} ms`
    })
    const isSuspended = code === 'ERR_SUSPENDED'
    const who = isSuspended ? 'the user of `session.suspended.subject`' : 'the user'
    const whoIsKnown = isSuspended ? '`reauthenticate` or `login`' : '`login`, `reauthenticate` or `elevate`'
    const calls = missing.includes('login') ? '`login`' : whoIsKnown
    super(
      code,
      `This needs an authentication that is missing: ${reasons.join(', and ')}. Somebody else may be at the keyboard, or ` +
        `hold the cookie. Ask ${who} to authenticate, then call ${calls}.`,
    )
    this.missing = missing
    this.level = level
    this.within = within
  }
}

/** Who signs in has as many sessions as they may. Leads to 403. */
export class LimitError extends HoldfastError<LimitErrorCode> {
  override readonly name: string = 'LimitError'
}

/** A change lost to another change, and was told so. Leads to 409. */
export class ConflictError extends HoldfastError<ConflictErrorCode> {
  override readonly name: string = 'ConflictError'
}

/** A name or value that a session cannot keep. */
export class ValueError extends HoldfastError<ValueErrorCode> {
  override readonly name: string = 'ValueError'
}

/** The library was used in a way that cannot work. */
export class UsageError extends HoldfastError<UsageErrorCode> {
  override readonly name: string = 'UsageError'
}

/** One wrong option: where it is, and what to do about it. */
export interface OptionProblem {
  readonly path: string
  readonly message: string
}

/** Options are wrong. Thrown at start, with all problems together. */
export class OptionsError extends HoldfastError<OptionsErrorCode> {
  override readonly name: string = 'OptionsError'
  readonly problems: readonly OptionProblem[]

  constructor(callee: string, problems: readonly OptionProblem[]) {
    const list = problems.map(({ path, message }) => `\n- \`${path}\`: ${message}`).join('')
    super('ERR_OPTIONS', `${callee} was given options that cannot work:${list}\n`)
    this.problems = problems
  }
}

/** The union through which `switch (error.code)` narrows to a class. */
export type AnyHoldfastError =
  | StoreError
  | GoneError
  | AuthError
  | LimitError
  | ConflictError
  | ValueError
  | UsageError
  | OptionsError

/** Tells whether something is an error of this library, also across copies of it (ESM and CommonJS). */
export function isHoldfastError(value: unknown): value is AnyHoldfastError {
  return typeof value === 'object' && value !== null && BRAND in value
}
