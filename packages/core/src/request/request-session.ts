/** What stands behind a handle: one request's session, as its handler reads and changes it. */
import { UsageError, ValueError } from '../contracts/errors.ts'
import { type Assurance, type AssuranceLevel, type Requirement, checkAssurance } from '../mechanisms/assurance.ts'
import type { Draft } from '../mechanisms/draft.ts'
import { checkFieldName, encodeField } from '../mechanisms/fields.ts'
import { IntentLog } from '../mechanisms/intent-log.ts'
import { type Intent, type LifetimeChange, type Proof, revivesSession } from '../mechanisms/intents.ts'
import { endOf } from '../mechanisms/lifetime.ts'
import type { Ending, Live, Suspended } from '../mechanisms/live.ts'
import { ANY_LOGIN, type SuspendedSession, suspendedError } from './suspended-session.ts'
import type { EngineParts } from './engine-parts.ts'
import { RequestCommits } from './request-commits.ts'
import { RequestView } from './request-view.ts'
import { type Carriage, timeLeft, vary } from './response-headers.ts'

export class RequestSession {
  readonly #parts: EngineParts
  readonly #carriage: Carriage
  readonly #log = new IntentLog()
  readonly #view: RequestView
  /** Made when something is to be saved: a request that only reads needs none. */
  #commits: RequestCommits | undefined
  /** How far the request's exchange knows of the use of the session: not, as a read, or in full. */
  #use: 'none' | 'read' | 'full' = 'none'
  #isRead = false
  #isFinished = false
  #isDestroyed = false
  #isPassive = false

  constructor(parts: EngineParts, carriage: Carriage) {
    this.#parts = parts
    this.#carriage = carriage
    this.#view = new RequestView(parts, carriage.tokens, this.#log)
  }

  #saving(): RequestCommits {
    if (this.#commits === undefined) {
      this.#commits = new RequestCommits(this.#parts, this.#carriage, this.#view, this.#log)
      if (this.#isPassive) this.#commits.makePassive()
    }
    return this.#commits
  }

  /** Keeps this request from counting as use of the session. */
  makePassive(): void {
    this.#isPassive = true
    this.#commits?.makePassive()
  }

  /** Loads the session; failure waits for the first use. Answers `undefined` where nothing has to be waited for. */
  open(isStrict: boolean): Promise<void> | undefined {
    return this.#view.open(isStrict)
  }

  /** @throws StoreError */
  load(): Promise<void> {
    return this.#view.load()
  }

  // Reading

  get(name: string): unknown {
    const draft = this.#reading()
    const bytes = draft.read(checkFieldName(name))
    return bytes === undefined ? undefined : this.#view.value(name, bytes)
  }

  has(name: string): boolean {
    return this.#reading().read(checkFieldName(name)) !== undefined
  }

  keys(): string[] {
    return this.#reading().names()
  }

  get id(): string {
    const { base } = this.#reading()
    if (base !== undefined) this.#parts.named.note(base)
    return base?.record.id ?? this.#saving().newId()
  }

  get isNew(): boolean {
    return this.#reading().base === undefined
  }

  /** The session as the store last told it. */
  get live(): Live | undefined {
    return this.#reading().base
  }

  get subject(): string | undefined {
    return this.#reading().subject
  }

  get level(): AssuranceLevel {
    return this.#assurance().level as AssuranceLevel
  }

  get methods(): readonly string[] {
    return this.#assurance().methods
  }

  /** By what the subject has proved who they are, of a suspended session too. */
  get knownMethods(): readonly string[] {
    const { methods } = this
    const { suspended } = this.#view
    return suspended === undefined ? methods : (suspended.live.head.methods ?? [])
  }

  get authenticatedAt(): number | undefined {
    const draft = this.#reading()
    if (draft.isProving) return this.#parts.clock.now()
    return draft.subject === undefined ? undefined : draft.base?.record.authenticatedAt
  }

  #assurance(): Assurance {
    return this.#reading().assurance(this.#parts.clock.now())
  }

  /** @throws AuthError */
  requireAuth(requirement: Requirement): void {
    const draft = this.#reading()
    const { suspended } = this.#view
    if (suspended !== undefined) throw suspendedError(requirement, suspended)
    checkAssurance(draft.assurance(this.#parts.clock.now()), requirement, this.#parts.clock.now())
  }

  get suspended(): SuspendedSession | undefined {
    this.#reading()
    const { suspended } = this.#view
    if (suspended === undefined) return undefined
    const { record, idleUntil } = suspended.live
    return { subject: record.subject!, at: idleUntil, until: record.absoluteAt }
  }

  get endedBecause(): Ending | undefined {
    this.#reading()
    return this.#view.ended
  }

  expiresIn(): number | undefined {
    const { expiresAt } = this
    return expiresAt === undefined ? undefined : Math.max(0, expiresAt - this.#parts.clock.now())
  }

  get createdAt(): number | undefined {
    return this.#reading().base?.record.createdAt
  }

  get expiresAt(): number | undefined {
    const live = this.#reading().base
    return live && endOf(live.record, live.idleUntil)
  }

  get absoluteExpiresAt(): number | undefined {
    return this.#reading().base?.record.absoluteAt
  }

  get revision(): number {
    return this.#reading().base?.record.revision ?? 0
  }

  describe(): { id: string; isNew: boolean; revision: number } | { isLoaded: false } {
    if (!this.#view.isLoaded) return { isLoaded: false }
    return { id: this.id, isNew: this.isNew, revision: this.revision }
  }

  #reading(): Draft {
    this.#isRead = true
    if (this.#use === 'none') this.#noteRead()
    const { draft } = this.#view
    if (draft !== undefined) return draft
    throw new UsageError(
      'ERR_NOT_LOADED',
      "The session is opened with `load: 'lazy'` and was read before it was loaded. Write `await session.load()` first.",
    )
  }

  /** The end of a request that only reads waits for nothing, unless its session is to get another token. */
  #noteRead(): void {
    const { exchange } = this.#carriage
    if (exchange.onRead === undefined || this.#view.isTokenDue(this.#parts.clock.now())) return this.#noteUse()
    this.#use = 'read'
    exchange.onRead()
  }

  #noteUse(): void {
    if (this.#use === 'full') return
    this.#use = 'full'
    this.#carriage.exchange.onUse?.()
  }

  // Recording

  set(name: string, value: unknown): void {
    checkFieldName(name)
    if (value === undefined) return this.delete(name)
    this.#record((draft) => ({
      type: 'set',
      name,
      bytes: encodeField(this.#parts.rules.codec, name, value),
      seen: draft === undefined ? 'unseen' : draft.read(name),
    }))
  }

  delete(name: string): void {
    checkFieldName(name)
    this.#record((draft) => ({ type: 'delete', name, seen: draft === undefined ? 'unseen' : draft.read(name) }))
  }

  update(name: string, change: (value: never) => unknown): void {
    checkFieldName(name)
    this.#record(() => ({ type: 'update', name, change }))
  }

  increment(name: string, by: number): void {
    this.#parts.refuse?.('session.increment()')
    checkFieldName(name)
    if (!Number.isFinite(by)) throw new ValueError('ERR_VALUE', `\`increment('${name}', ${by})\` adds no number.`)
    this.#record(() => ({ type: 'increment', name, by }))
  }

  take(name: string): unknown {
    this.#parts.refuse?.('session.take()')
    const value = this.get(name)
    const taken = this.#reading().read(name)
    if (taken !== undefined) this.#record(() => ({ type: 'take', name, taken }))
    return value
  }

  login(subject: string, isRemembered: boolean, proof: Proof): void {
    this.#reading()
    this.#record(() => ({ type: 'login', subject, isRemembered, proof }))
  }

  elevate(proof: Proof): void {
    this.requireAuth(ANY_LOGIN)
    this.#record(() => ({ type: 'elevate', proof }))
  }

  reauthenticate(proof: Proof | undefined): void {
    this.#reading()
    const isRevival = this.#view.suspended !== undefined
    if (!isRevival) this.requireAuth(ANY_LOGIN)
    this.#record(() => ({ type: 'reauthenticate', proof, isRevival }))
  }

  renew(): void {
    this.#parts.refuse?.('session.renew()')
    this.#reading()
    this.#record(() => ({ type: 'renew' }))
  }

  setLifetime(change: LifetimeChange): void {
    const draft = this.#reading()
    const now = this.#parts.clock.now()
    this.#parts.checkLifetime(change, { beganAt: draft.startedAt ?? now, level: draft.level })
    const given = Object.entries(change).filter(([, value]) => value !== undefined)
    this.#record(() => ({ type: 'lifetime', change: Object.fromEntries(given) }))
  }

  end(type: 'logout' | 'destroy'): void {
    if (type === 'logout') this.#reading()
    this.#record(() => ({ type }))
    this.#saving().forgetId()
    if (type === 'destroy') this.#isDestroyed = true
  }

  #record(make: (draft: Draft | undefined) => Intent): void {
    this.#noteUse()
    this.#assertChangeable()
    const { draft, suspended } = this.#view
    const intent = make(draft)
    if (suspended !== undefined) return this.#revive(intent, suspended)
    draft?.apply([intent])
    this.#log.add(intent)
  }

  #revive(intent: Intent, suspended: Suspended): void {
    if (!revivesSession(intent)) throw suspendedError(ANY_LOGIN, suspended)
    this.#log.add(intent)
    this.#view.refresh()
  }

  #assertChangeable(): void {
    if (this.#isDestroyed) {
      throw new UsageError(
        'ERR_ENDED',
        'The session was destroyed in this request, so it cannot be changed. `logout()` would leave a fresh one.',
      )
    }
    if (this.#isFinished || this.#carriage.exchange.started === true) {
      throw new UsageError(
        'ERR_RESPONSE_STARTED',
        'The response has started, so the change could neither set a cookie nor report a failure, and was not recorded. ' +
          'Change the session before the first byte; for streams and sockets `await session.commit()` first.',
      )
    }
  }

  // Saving

  /** Saves what is recorded. A `take` that lost is an error. */
  commit(): Promise<void> {
    this.#noteUse()
    return this.#saving().commit()
  }

  /**
   * Does what is due when the response is about to start. Answers `undefined` where nothing has to be waited for.
   * Afterwards nothing more can be recorded.
   */
  finish(status: number): Promise<void> | undefined {
    this.#isFinished = true
    if (this.#use === 'none') return undefined
    const commits = this.#log.isEmpty ? this.#commits : this.#saving()
    if (status >= 500 && !this.#parts.saveOn5xx) commits?.forgetChanges()
    this.#warnOfMutations()
    const now = this.#parts.clock.now()
    if (this.#isRead) vary(this.#carriage)
    const mayRenew = this.#use === 'full' && status < 500 && !this.#isPassive
    const isRenewing = mayRenew && this.#view.isTokenDue(now) && this.#saving().canSendToken()
    if (isRenewing) return this.#saving().commitLast(true, () => this.#sendHeaders())
    if (commits?.isPending === true) return commits.commitLast(false, () => this.#sendHeaders())
    if (!this.#isPassive) this.#view.touch(now)
    this.#sendHeaders()
    return undefined
  }

  #sendHeaders(): void {
    const { origin, owed } = this.#view
    if (owed !== undefined && !this.#isPassive) this.#saving().noteOwed(owed)
    if (origin.type === 'live') timeLeft(this.#parts, this.#carriage, origin.live, !this.#isPassive)
    this.#commits?.headers.send()
  }

  /** Moves the idle deadline now, and waits for it. Answers how long the session lives on. @throws StoreError */
  async keepAlive(): Promise<number | undefined> {
    this.#reading()
    const { origin } = this.#view
    if (origin.type !== 'live') return undefined
    const { toucher, clock } = this.#parts
    const live = await toucher.keep(origin.live, clock.now())
    if (live.token !== origin.live.token) this.#saving().noteOwed(live)
    this.#view.show({ type: 'live', live })
    return this.expiresIn()
  }

  /** Names what nobody will commit any more. */
  abandon(): void {
    this.#isFinished = true
    if (this.#commits?.isUnderWay === true || !this.#view.hasSomethingToSave) return
    this.#parts.warn(
      'WARN_NOT_COMMITTED',
      'A handler changed its session and then took the response over (`reply.hijack()`), where nothing waits for a ' +
        'commit. The change was not saved. Write `await session.commit()` before taking the response over.',
    )
  }

  /** Names what was read and changed in place, which saves nothing. Costs an encoding, so not in production. */
  #warnOfMutations(): void {
    if (this.#parts.isProduction) return
    for (const name of this.#view.mutated()) {
      this.#parts.warn(
        'WARN_MUTATED',
        `The field \`${name}\` was read and then changed in place (a Date, Map, Set or typed array in it). The change was not saved. ` +
          `Write \`session.update('${name}', …)\`, which hands out a copy to change.`,
      )
    }
  }
}
