/** The handle that a request's code holds. */
import { inspect } from 'node:util'

import { type Duration, parseDuration } from './contracts/duration.ts'
import { OptionsError, UsageError } from './contracts/errors.ts'
import type { AssuranceLevel } from './mechanisms/assurance.ts'
import type { Ending } from './mechanisms/live.ts'
import { type AuthRequirement, type Authentication, readProof, readRequirement } from './proof-options.ts'
import type { FieldName, FieldValue, NumberField, Register, SessionData } from './register.ts'
import type { RequestSession } from './request/request-session.ts'
import type { SuspendedSession } from './request/suspended-session.ts'
import { checkSubject } from './subject-name.ts'

/** Options of {@link Session.login}. */
export interface LoginOptions extends Partial<Authentication> {
  /**
   * Whether the client keeps its token over a restart, with the lifetimes of the engine's `remember` option. Such a
   * login counts for level 1 at most, and never as fresh: being remembered is no authentication.
   *
   * @default false
   */
  readonly remember?: boolean
}

/** What {@link Session.setLifetime} changes; what is left out stays. */
export interface SessionLifetime {
  /** How long the session may go unused from now on. */
  readonly idleTimeout?: Duration
  /** How long the session may last, counted from its beginning or the latest login. */
  readonly absoluteTimeout?: Duration
  /** Whether the client keeps its token over a restart, until the absolute end. */
  readonly persistent?: boolean
}

/** Makes a handle. For the engine only: programs get handles from `sessions.open` and the bindings. */
export let createHandle: <Data extends object>(inner: RequestSession) => Session<Data>

/** Answers what stands behind a handle. For the engine only. */
export let requestSessionOf: (session: Session<never>) => RequestSession

/**
 * A request's view of its session.
 *
 * Reading and changing are synchronous. Changes are recorded, seen by later reads of the same request, and saved
 * before the first byte of the response leaves. What other requests change at the same time is merged in.
 *
 * Every member throws the `StoreError` (503) when the session could not be loaded, and `ERR_NOT_LOADED` when it was
 * opened with `load: 'lazy'` and not loaded yet, unless it says otherwise. Every change throws `ERR_RESPONSE_STARTED`
 * once the response has started, and `ERR_ENDED` after {@link destroy}.
 */
export class Session<Data extends object = SessionData> {
  readonly #inner: RequestSession

  static {
    createHandle = (inner) => new Session(inner)
    requestSessionOf = (session) => session.#inner
  }

  private constructor(inner: RequestSession) {
    this.#inner = inner
  }

  /**
   * Answers a field, `undefined` where it has no value. The value is a copy; its objects and arrays are frozen. Give
   * changes back by {@link set} or {@link update}.
   */
  get<Name extends FieldName<Data>>(name: Name): FieldValue<Data, Name> {
    return this.#inner.get(name) as FieldValue<Data, Name>
  }

  /** Tells whether a field has a value. */
  has(name: FieldName<Data>): boolean {
    return this.#inner.has(name)
  }

  /** Answers the names of all fields that have a value. */
  keys(): FieldName<Data>[] {
    return this.#inner.keys() as FieldName<Data>[]
  }

  /**
   * Gives a field a value, which is copied at once. Setting the value that it has changes nothing. If another request
   * sets the field meanwhile, the engine's `onConflict` decides. Works before the session is loaded.
   *
   * @throws ValueError `ERR_VALUE` with the path of what cannot be kept, `ERR_TOO_LARGE`, `ERR_FIELD_NAME`
   */
  set<Name extends FieldName<Data>>(name: Name, value: Data[Name]): void {
    this.#inner.set(name, value)
  }

  /** Removes a field's value. Works before the session is loaded. */
  delete(name: FieldName<Data>): void {
    this.#inner.delete(name)
  }

  /**
   * Changes a field by a function of its value, of which it gets a copy of its own. Replayed on the newest value if
   * another request changes the field: nothing is lost. Works before the session is loaded.
   *
   * @param change synchronous and pure; may run again. Answering `undefined` removes the field.
   */
  update<Name extends FieldName<Data>>(
    name: Name,
    change: (value: Data[Name] | undefined) => Data[Name] | undefined,
  ): void {
    this.#inner.update(name, change as (value: never) => unknown)
  }

  /** Adds to a number, or to 0 where the field has no value. Nothing is lost when requests add at once. */
  increment(name: NumberField<Data>, by: number = 1): void {
    this.#inner.increment(name, by)
  }

  /**
   * Answers a field and removes what was answered. If the field changes meanwhile, the answered elements of an array
   * are removed and everything else stays. Two requests at once may both be answered; for one-time secrets
   * `await session.commit()` rejects with `ERR_CONFLICT` in the one that lost.
   */
  take<Name extends FieldName<Data>>(name: Name): FieldValue<Data, Name> {
    return this.#inner.take(name) as FieldValue<Data, Name>
  }

  /**
   * Binds the session to a subject, under a new token; the old one stops working. Fields of an anonymous session or of
   * the same subject are kept; another subject's session is ended and a new one begins. Lifetimes begin anew.
   */
  login(subject: string, options: LoginOptions = {}): void {
    refuseUnknown('session.login()', options, ['remember', 'level', 'methods'])
    checkSubject('session.login()', subject)
    this.#inner.login(subject, options.remember === true, readProof('session.login()', options, []))
  }

  /**
   * Takes note that the subject has given a further proof, under a new token; the old one stops working. The methods
   * join those before, and the level never falls. The lifetime shortens to what the level allows, and grows by nothing.
   *
   * @throws AuthError `ERR_AUTH_REQUIRED` if nobody has signed in, OptionsError `ERR_OPTIONS`
   * @see docs/adr/0033-assurance.md
   */
  elevate(authentication: Authentication): void {
    refuseUnknown('session.elevate()', authentication, ['level', 'methods'])
    this.#inner.elevate(readProof('session.elevate()', authentication, this.methods))
  }

  /**
   * Takes note that the subject has proved again who they are, under a new token; the old one stops working. Both
   * lifetimes begin anew. Without options, level and methods stay. A {@link suspended} session is revived: it reads as
   * before from here on, its idle timeout begins anew, and its absolute end stays where it was.
   *
   * @throws AuthError `ERR_AUTH_REQUIRED` if nobody has signed in, OptionsError `ERR_OPTIONS`
   * @see NIST SP 800-63B-4, 5.2
   */
  reauthenticate(authentication: Partial<Authentication> = {}): void {
    refuseUnknown('session.reauthenticate()', authentication, ['level', 'methods'])
    this.#inner.reauthenticate(readProof('session.reauthenticate()', authentication, this.#inner.knownMethods))
  }

  /**
   * Passes if the subject has proved well and lately enough who they are. Being remembered does not count as lately.
   *
   * @throws AuthError `ERR_AUTH_REQUIRED` (401): nobody has signed in, or too long ago; `ERR_SUSPENDED` (401): nobody has
   *   used the session for too long; `ERR_AUTH_LEVEL` (403): the level is too low. `error.missing` names everything that is.
   * @see ASVS 7.5.1, 7.5.3
   */
  requireAuth(requirement: AuthRequirement = {}): void {
    refuseUnknown('session.requireAuth()', requirement, ['level', 'within'])
    this.#inner.requireAuth(readRequirement(requirement))
  }

  /**
   * Ends the session, in the store too, drops what this request recorded before, and deletes the cookie. The handle
   * goes on as a fresh anonymous session, so that a message for the next page can be left in it.
   */
  logout(): void {
    this.#inner.end('logout')
  }

  /** Goes on with the same data under a new token. The old one stops working. */
  renew(): void {
    this.#inner.renew()
  }

  /** Ends the session as {@link logout} does, and closes the handle: it reads as empty, and every change throws `ERR_ENDED`. */
  destroy(): void {
    this.#inner.end('destroy')
  }

  /**
   * Changes how long this session lives, at once and for its later requests.
   *
   * @throws OptionsError for a length that is none, is over 400 days or the profile's limit, or has passed already
   */
  setLifetime(lifetime: SessionLifetime): void {
    refuseUnknown('session.setLifetime()', lifetime, ['idleTimeout', 'absoluteTimeout', 'persistent'])
    const { persistent } = lifetime
    if (persistent !== undefined && typeof persistent !== 'boolean') {
      throw new OptionsError('session.setLifetime()', [
        { path: 'persistent', message: `${inspect(persistent)} is neither true nor false.` },
      ])
    }
    this.#inner.setLifetime({
      idleTimeout: toLength('idleTimeout', lifetime.idleTimeout),
      absoluteTimeout: toLength('absoluteTimeout', lifetime.absoluteTimeout),
      persistent,
    })
  }

  /** Loads the session if it is not loaded. Rejects with the `StoreError` that other members would throw. */
  async load(): Promise<this> {
    await this.#inner.load()
    return this
  }

  /**
   * Saves what was recorded so far. Resolves when the store has acknowledged; then the cookie stands among the headers.
   * On failure nothing is forgotten: a later commit tries again, and finds out about a write whose outcome is unknown.
   * Only what was lost to an end or a renewal (`ERR_GONE`) is told once and dropped.
   *
   * @throws StoreError (503), GoneError `ERR_GONE` (401), ConflictError `ERR_CONFLICT` (409), UsageError `ERR_NO_RESPONSE`,
   *   `ERR_RESPONSE_STARTED` where the client could not be told its token
   */
  commit(): Promise<void> {
    return this.#inner.commit()
  }

  /** The session's public name, for logs and lists. Opens nothing. Kept over a renewal. */
  get id(): string {
    return this.#inner.id
  }

  /** Whether nothing of this session is saved yet. */
  get isNew(): boolean {
    return this.#inner.isNew
  }

  /** Whose session it is; `undefined` while nobody has signed in. */
  get subject(): string | undefined {
    return this.#inner.subject
  }

  /** How well the subject has proved who they are: 0 while nobody has signed in, otherwise 1 to 3. */
  get level(): AssuranceLevel {
    return this.#inner.level
  }

  /** By what the subject has proved who they are, in the order of first use. */
  get methods(): readonly string[] {
    return this.#inner.methods
  }

  /** When the subject last proved who they are, in epoch milliseconds; `undefined` while nobody has signed in. */
  get authenticatedAt(): number | undefined {
    return this.#inner.authenticatedAt
  }

  /**
   * The session that waits for one factor, under the profile `'aal2'`: nobody has used it for the idle timeout, and its
   * absolute end has not come. `undefined` where there is none, and once this request has revived or ended it.
   *
   * Until then the handle reads as empty; changes throw `ERR_SUSPENDED`, but for {@link reauthenticate}, {@link login}
   * and {@link destroy}. Check the factor of this very subject.
   *
   * @see NIST SP 800-63B-4, 5.2, AAL2
   */
  get suspended(): SuspendedSession | undefined {
    return this.#inner.suspended
  }

  /**
   * Why the session is over that this request's token once led to, and since when; `undefined` where none was. Told for
   * a minute after the end; later the reason is `'unknown'`. Of a {@link suspended} session: `'idle'`.
   */
  get endedBecause(): Ending | undefined {
    return this.#inner.endedBecause
  }

  /** How long the session lives on if it is not used again, in milliseconds; `undefined` before it is first saved. */
  expiresIn(): number | undefined {
    return this.#inner.expiresIn()
  }

  /** When the session was first saved, in epoch milliseconds; `undefined` before. */
  get createdAt(): number | undefined {
    return this.#inner.createdAt
  }

  /** When the session ends if it is not used again, in epoch milliseconds; `undefined` before it is first saved. */
  get expiresAt(): number | undefined {
    return this.#inner.expiresAt
  }

  /** When the session ends however busy it is, in epoch milliseconds; `undefined` before it is first saved. */
  get absoluteExpiresAt(): number | undefined {
    return this.#inner.absoluteExpiresAt
  }

  /** How often the session has been saved; 0 before the first time. */
  get revision(): number {
    return this.#inner.revision
  }

  /** Shows what may be shown: never the token, the key, or a value. */
  toJSON(): { id: string; isNew: boolean; revision: number } | { isLoaded: false } {
    return this.#inner.describe()
  }
}

/**
 * A request's view of a session that lies in cookies. It has all of {@link Session} but what needs a store: nothing that
 * counts on every change being seen, and no `renew`, since nobody can make the old cookie stop working.
 */
export type CookieSession<Data extends object = SessionData> = Pick<
  Session<Data>,
  Exclude<keyof Session<Data>, 'increment' | 'take' | 'renew'>
>

/** The handle of a request, as `Register` describes the program's engine. */
export type HandleFor<Registered> = Registered extends { engine: 'cookies' } ? CookieSession : Session

/** The handle of a request in this program: a {@link Session}, or a {@link CookieSession} where `Register` says so. */
export type RegisteredSession = HandleFor<Register>

function refuseUnknown(callee: string, given: object, known: readonly string[]): void {
  const problems = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, message: `there is no such option. There are ${known.join(', ')}.` }))
  if (problems.length > 0) throw new OptionsError(callee, problems)
}

function toLength(path: string, value: Duration | undefined): number | undefined {
  if (value === undefined) return undefined
  const length = parseDuration(value)
  if (length !== undefined && length > 0) return length
  throw new OptionsError('session.setLifetime()', [
    { path, message: `${inspect(value)} is no length of time. Write milliseconds or text such as '30m'.` },
  ])
}

function refuseProperty(property: string | symbol): never {
  const name = String(property)
  throw new UsageError(
    'ERR_PROPERTY_STYLE',
    `\`session.${name} = …\` does not save anything, since sessions record changes so that overlapping requests lose ` +
      `none. Write \`session.set('${name}', value)\`, and read it by \`session.get('${name}')\`.`,
  )
}

// Assignments must be refused in sloppy mode too, without the cost of a Proxy around every handle: members become
// accessors whose setters refuse, and names that a handle does not have reach the end of its prototype chain.
for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(Session.prototype))) {
  if (name === 'constructor') continue
  const method: unknown = descriptor.value
  const get = descriptor.get ?? ((): unknown => method)
  Object.defineProperty(Session.prototype, name, { get, set: () => refuseProperty(name), enumerable: false })
}
// Whoever asks whether a handle is a promise, as `await` does, is not sent to that end.
// oxlint-disable-next-line unicorn/no-thenable -- it says that there is none
Object.defineProperty(Session.prototype, 'then', { get: () => undefined, set: () => refuseProperty('then') })
Object.defineProperty(Session.prototype, inspect.custom, {
  value(this: Session) {
    return `Session ${inspect(this.toJSON())}`
  },
})
Object.setPrototypeOf(
  Session.prototype,
  new Proxy(Object.create(null) as object, {
    get: (_, property) => Reflect.get(Object.prototype, property) as unknown,
    set: (_, property) => refuseProperty(property),
    getPrototypeOf: () => Object.prototype,
  }),
)
