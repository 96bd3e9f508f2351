/** What stands behind a handle: one request's session, from its tokens to its last commit. */
import { GoneError, StoreError, UsageError, ValueError } from './contracts/errors.ts'
import type { Committed, Committer, Unsettled } from './commit.ts'
import type { Clock } from './contracts/clock.ts'
import { Draft, type DraftRules } from './mechanisms/draft.ts'
import { checkFieldName, encodeField } from './mechanisms/fields.ts'
import { IntentLog } from './mechanisms/intent-log.ts'
import type { Intent, LifetimeChange } from './mechanisms/intents.ts'
import { NO_ORIGIN, type Origin } from './mechanisms/live.ts'
import type { Loader } from './mechanisms/loader.ts'
import { ReadValues } from './mechanisms/read-values.ts'
import type { Mint } from './mechanisms/token.ts'
import type { Toucher } from './mechanisms/toucher.ts'
import type { UnderWay } from './mechanisms/under-way.ts'
import { type Carriage, ResponseHeaders, type ResponseHeaderTerms } from './response-headers.ts'

/** The mechanisms of an engine, as its requests use them. */
export interface EngineParts extends ResponseHeaderTerms {
  readonly rules: DraftRules
  readonly clock: Clock
  readonly mint: Mint
  readonly loader: Loader
  readonly committer: Committer
  readonly toucher: Toucher
  readonly commits: UnderWay
  readonly checkLifetime: (change: LifetimeChange, beganAt: number) => void
  readonly isProduction: boolean
  readonly saveOn5xx: boolean
}

type State =
  | { readonly type: 'unloaded' }
  | { readonly type: 'failed'; readonly error: StoreError }
  /** `isUpToDate`: the draft holds all intents of the request. */
  | { readonly type: 'loaded'; readonly draft: Draft; readonly isUpToDate: boolean }

export class RequestSession {
  readonly #parts: EngineParts
  readonly #carriage: Carriage
  #state: State
  /** The session as the store last told it. */
  #origin: Origin = NO_ORIGIN
  readonly #log = new IntentLog()
  #unsettled: Unsettled | undefined
  #values: ReadValues
  #freshId: string | undefined
  readonly #headers: ResponseHeaders
  #committing: Promise<void> = Promise.resolve()
  #commitsUnderWay = 0
  #loading: Promise<void> | undefined
  #isUsed = false
  #isRead = false
  #isFinished = false
  #isDestroyed = false
  #isPassive = false

  constructor(parts: EngineParts, carriage: Carriage) {
    this.#parts = parts
    this.#carriage = carriage
    this.#headers = new ResponseHeaders(parts, carriage)
    this.#values = new ReadValues(parts.rules.codec)
    this.#state = { type: 'unloaded' }
    if (carriage.tokens.length === 0) this.#show(NO_ORIGIN)
  }

  // Loading

  /** Whether the store has not been asked yet. One that failed is asked again only by {@link load}. */
  get isUnloaded(): boolean {
    return this.#state.type === 'unloaded'
  }

  /** Keeps this request from counting as use of the session. */
  makePassive(): void {
    this.#isPassive = true
  }

  /** Loads the session; failure waits for the first use. */
  open(): Promise<void> {
    this.#loading ??= this.#find().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async load(): Promise<void> {
    if (this.#state.type !== 'loaded') await this.open()
    if (this.#state.type === 'failed') throw this.#state.error
  }

  async #find(): Promise<void> {
    try {
      this.#show(await this.#parts.loader.find(this.#carriage.tokens))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#state = { type: 'failed', error }
    }
  }

  /** Goes on from what the store told last, with the intents that are still to be saved. */
  #show(origin: Origin): void {
    const draft = new Draft(this.#parts.rules, origin)
    let isUpToDate = true
    try {
      draft.apply(this.#log.all)
    } catch {
      // They no longer fit what the session has become. The commit that is to carry them out says so.
      isUpToDate = false
    }
    this.#origin = origin
    this.#values = new ReadValues(this.#parts.rules.codec)
    this.#state = { type: 'loaded', draft, isUpToDate }
  }

  // Reading

  get(name: string): unknown {
    const draft = this.#reading()
    const bytes = draft.read(checkFieldName(name))
    return bytes === undefined ? undefined : this.#values.read(name, bytes, draft.base?.record.id)
  }

  has(name: string): boolean {
    return this.#reading().read(checkFieldName(name)) !== undefined
  }

  keys(): string[] {
    return this.#reading().names()
  }

  get id(): string {
    const id = this.#reading().base?.record.id
    return id ?? this.#newId()
  }

  get isNew(): boolean {
    return this.#reading().base === undefined
  }

  get subject(): string | undefined {
    return this.#reading().subject
  }

  get createdAt(): number | undefined {
    return this.#reading().base?.record.createdAt
  }

  get expiresAt(): number | undefined {
    const live = this.#reading().base
    return live === undefined ? undefined : Math.min(live.idleUntil, live.record.absoluteAt)
  }

  get absoluteExpiresAt(): number | undefined {
    return this.#reading().base?.record.absoluteAt
  }

  get revision(): number {
    return this.#reading().base?.record.revision ?? 0
  }

  describe(): { id: string; isNew: boolean; revision: number } | { isLoaded: false } {
    if (this.#state.type !== 'loaded') return { isLoaded: false }
    return { id: this.id, isNew: this.isNew, revision: this.revision }
  }

  #reading(): Draft {
    this.#use()
    this.#isRead = true
    const state = this.#state
    if (state.type === 'loaded') return state.draft
    if (state.type === 'failed') throw state.error
    throw new UsageError(
      'ERR_NOT_LOADED',
      "The session is opened with `load: 'lazy'` and was read before it was loaded. Write `await session.load()` first.",
    )
  }

  #use(): void {
    if (this.#isUsed) return
    this.#isUsed = true
    this.#carriage.exchange.onUse?.()
  }

  #newId(): string {
    this.#freshId ??= this.#parts.mint.id()
    return this.#freshId
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
    checkFieldName(name)
    if (!Number.isFinite(by)) throw new ValueError('ERR_VALUE', `\`increment('${name}', ${by})\` adds no number.`)
    this.#record(() => ({ type: 'increment', name, by }))
  }

  take(name: string): unknown {
    const value = this.get(name)
    const taken = this.#reading().read(name)
    if (taken !== undefined) this.#record(() => ({ type: 'take', name, taken }))
    return value
  }

  login(subject: string, isRemembered: boolean): void {
    this.#reading()
    this.#record(() => ({ type: 'login', subject, isRemembered }))
  }

  renew(): void {
    this.#reading()
    this.#record(() => ({ type: 'renew' }))
  }

  setLifetime(change: LifetimeChange): void {
    const { base, isAuthenticating } = this.#reading()
    const began = isAuthenticating ? undefined : (base?.record.authenticatedAt ?? base?.record.createdAt)
    const beganAt = began ?? this.#parts.clock.now()
    this.#parts.checkLifetime(change, beganAt)
    const given = Object.entries(change).filter(([, value]) => value !== undefined)
    this.#record(() => ({ type: 'lifetime', change: Object.fromEntries(given) }))
  }

  end(type: 'logout' | 'destroy'): void {
    if (type === 'logout') this.#reading()
    this.#record(() => ({ type }))
    this.#freshId = undefined
    if (type === 'destroy') this.#isDestroyed = true
  }

  #record(make: (draft: Draft | undefined) => Intent): void {
    this.#use()
    this.#assertChangeable()
    const state = this.#state
    if (state.type === 'failed') throw state.error
    const draft = state.type === 'loaded' ? state.draft : undefined
    const intent = make(draft)
    draft?.apply([intent])
    this.#log.add(intent)
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

  // Committing

  /** Saves what is recorded. A `take` that lost is an error. */
  commit(): Promise<void> {
    return this.#enqueue(true)
  }

  /**
   * Does what is due when the response is about to start. Answers `undefined` where nothing has to be waited for.
   * Afterwards nothing more can be recorded.
   */
  finish(status: number): Promise<void> | undefined {
    this.#isFinished = true
    if (!this.#isUsed) return undefined
    if (status >= 500 && !this.#parts.saveOn5xx) this.#forgetChanges()
    this.#warnOfMutations()
    if (this.#isRead) this.#headers.vary()
    if (this.#commitsUnderWay === 0 && this.#unsettled === undefined && !this.#hasSomethingToSave()) {
      this.#touch()
      this.#headers.send()
      return undefined
    }
    return this.#enqueue(false).then(() => this.#headers.send())
  }

  /** Names what nobody will commit any more. */
  abandon(): void {
    this.#isFinished = true
    if (this.#commitsUnderWay > 0 || !this.#hasSomethingToSave()) return
    this.#parts.warn(
      'WARN_NOT_COMMITTED',
      'A handler changed its session and then took the response over (`reply.hijack()`), where nothing waits for a ' +
        'commit. The change was not saved. Write `await session.commit()` before taking the response over.',
    )
  }

  /** Drops field changes and logins of a handler that failed; what ends or renews a session is carried out. */
  #forgetChanges(): void {
    if (this.#commitsUnderWay === 0) {
      this.#unsettled = undefined
      this.#log.takeBack(0)
    }
    if (!this.#log.removeChanges()) return
    this.#parts.warn(
      'WARN_CHANGES_DROPPED',
      'A handler changed its session and then ended in 5xx, so the change was not saved: half a page is no reason to ' +
        'half change a session. Write `saveOn5xx: true` to save it, or answer below 500.',
    )
    if (this.#state.type === 'loaded') this.#show(this.#origin)
  }

  #hasSomethingToSave(): boolean {
    if (this.#log.isEmpty) return false
    if (this.#state.type !== 'loaded') return true
    const { draft, isUpToDate } = this.#state
    return !isUpToDate || draft.ends.length > 0 || draft.isSignedOut || draft.hasRecordToWrite()
  }

  #enqueue(isTakeExclusive: boolean): Promise<void> {
    this.#commitsUnderWay++
    const turn = this.#parts.commits.add(this.#committing.then(() => this.#commitNow(isTakeExclusive)))
    const done = (): void => {
      this.#commitsUnderWay--
    }
    // The next commit must get its turn whatever becomes of this one.
    this.#committing = turn.then(done, done)
    return turn
  }

  async #commitNow(isTakeExclusive: boolean): Promise<void> {
    if (this.#log.isEmpty && this.#unsettled === undefined) return this.#touch()
    await this.load()
    if (this.#log.isEndWaiting) this.#giveUpUnsettled()
    if (!this.#hasSomethingToSave() && this.#unsettled === undefined) return
    this.#assertTokenCanBeSent()
    const intents = this.#log.handOver()
    try {
      const committed = await this.#parts.committer.commit({
        origin: this.#origin,
        intents,
        isTakeExclusive,
        isActive: !this.#isPassive,
        newId: () => this.#newId(),
        unsettled: this.#unsettled,
        onUnsettled: (unsettled) => {
          this.#unsettled = unsettled
        },
      })
      this.#adopt(committed, intents)
    } catch (error) {
      this.#log.takeBack(this.#unsettled?.intentCount ?? 0)
      if (error instanceof GoneError) this.#lose(intents.length)
      throw error
    }
  }

  /** What was lost to the end or renewal of its session is told once, and never tried again. */
  #lose(count: number): void {
    const origin = this.#origin
    this.#unsettled = undefined
    this.#log.remove(count)
    this.#show(origin.type === 'live' ? { type: 'superseded', key: origin.live.record.key } : origin)
  }

  /** A session that is to end need not know whether it was changed before; one that may have begun is ended too. */
  #giveUpUnsettled(): void {
    if (this.#unsettled === undefined) return
    const { base, live, intentCount } = this.#unsettled
    this.#unsettled = undefined
    this.#log.remove(intentCount)
    this.#show(base === undefined ? { type: 'live', live } : this.#origin)
  }

  #adopt(committed: Committed, intents: readonly Intent[]): void {
    const { live } = committed
    const hasLoggedOut = intents.some(({ type }) => type === 'logout')
    this.#headers.note(committed, hasLoggedOut, this.#parts.clock.now())
    // The last commit of a request sends them once, when all is known.
    if (!this.#isFinished) this.#headers.send()
    this.#unsettled = undefined
    if (live?.record.id === this.#freshId) this.#freshId = undefined
    // What was recorded while the commit was under way goes on waiting.
    this.#log.remove(intents.length)
    this.#show(live === undefined ? NO_ORIGIN : { type: 'live', live })
  }

  #touch(): void {
    if (this.#origin.type === 'live' && !this.#isPassive)
      this.#parts.toucher.use(this.#origin.live, this.#parts.clock.now())
  }

  // Response headers

  /** Keeps a commit from moving the session to a token that the client could not be told. */
  #assertTokenCanBeSent(): void {
    const { exchange } = this.#carriage
    if (this.#state.type !== 'loaded' || !this.#state.draft.needsToken) return
    if (exchange.appendHeader === undefined) {
      throw new UsageError(
        'ERR_NO_RESPONSE',
        'The commit needs to send a token, but this exchange has no response headers (a WebSocket upgrade). Nothing ' +
          'was saved. Create, renew and sign in to sessions in ordinary requests.',
      )
    }
    if (this.#isFinished || !(exchange.headersSent ?? exchange.started ?? false)) return
    throw new UsageError(
      'ERR_RESPONSE_STARTED',
      'The commit needs to send a token, but the headers of the response have left. Nothing was saved. Write `await ' +
        'session.commit()` before the first byte.',
    )
  }

  /** Names what was read and changed in place, which saves nothing. Costs an encoding, so not in production. */
  #warnOfMutations(): void {
    const state = this.#state
    if (this.#parts.isProduction || state.type !== 'loaded') return
    for (const name of this.#values.mutated((name) => state.draft.read(name))) {
      this.#parts.warn(
        'WARN_MUTATED',
        `The field \`${name}\` was read and then changed in place (a Date, Map, Set or typed array in it). The change was not saved. ` +
          `Write \`session.update('${name}', …)\`, which hands out a copy to change.`,
      )
    }
  }
}
