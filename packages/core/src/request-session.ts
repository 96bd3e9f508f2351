/** What stands behind a handle: one request's session, from its tokens to its last commit. */
import type { Exchange } from './contracts/exchange.ts'
import { StoreError, UsageError, ValueError } from './contracts/errors.ts'
import type { HeaderEffect, Transport } from './contracts/transport.ts'
import type { CommitOrder, Committed, Committer, Unsettled } from './commit.ts'
import type { Clock } from './contracts/clock.ts'
import { isSameBytes } from './mechanisms/body.ts'
import { Draft, type DraftRules, encodeField } from './mechanisms/draft.ts'
import { tell } from './mechanisms/events.ts'
import { deepFreeze } from './mechanisms/freeze.ts'
import { type Intent, type LifetimeChange, survivesServerError } from './mechanisms/intents.ts'
import { type Live, NO_ORIGIN, type Origin } from './mechanisms/live.ts'
import type { Loader } from './mechanisms/loader.ts'
import type { Mint } from './mechanisms/token.ts'
import type { Toucher } from './mechanisms/toucher.ts'
import type { UnderWay } from './mechanisms/under-way.ts'
import type { Warn } from './mechanisms/warner.ts'

/** The mechanisms of an engine, as its requests use them. */
export interface EngineParts {
  readonly rules: DraftRules
  readonly clock: Clock
  readonly mint: Mint
  readonly loader: Loader
  readonly committer: Committer
  readonly toucher: Toucher
  readonly commits: UnderWay
  readonly warn: Warn
  readonly checkLifetime: (change: LifetimeChange, beganAt: number) => void
  readonly isProduction: boolean
  readonly saveOn5xx: boolean
  /** The value of `Clear-Site-Data` at logout; `undefined` for none. */
  readonly clearSiteData: string | undefined
}

/** How the token came, and how an answer travels. */
export interface Carriage {
  readonly exchange: Exchange
  readonly transport: Transport
  readonly tokens: readonly string[]
  /** The request headers that the engine looks at, for `Vary`. */
  readonly vary: string
}

type State =
  | { readonly type: 'unloaded' }
  | { readonly type: 'failed'; readonly error: StoreError }
  | { readonly type: 'loaded'; readonly draft: Draft }

/** A value that the handler has read, and the bytes it was decoded from. */
interface ReadValue {
  readonly value: unknown
  readonly bytes: Uint8Array
  readonly isFrozen: boolean
}

const FIELD_NAME_LIMIT = 256

export class RequestSession {
  readonly #parts: EngineParts
  readonly #carriage: Carriage
  #state: State
  /** The session as the store last told it. */
  #origin: Origin = NO_ORIGIN
  #intents: readonly Intent[] = []
  #unsettled: Unsettled | undefined
  #values = new Map<string, ReadValue>()
  #freshId: string | undefined
  #effects: readonly HeaderEffect[] = []
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
    this.#state = carriage.tokens.length === 0 ? this.#loaded(NO_ORIGIN) : { type: 'unloaded' }
  }

  // Loading

  get isLoaded(): boolean {
    return this.#state.type === 'loaded'
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
      this.#origin = await this.#parts.loader.find(this.#carriage.tokens)
      this.#state = this.#loaded(this.#origin)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#state = { type: 'failed', error }
    }
  }

  /** Shows a session with the intents that are still to be saved. */
  #loaded(origin: Origin): State {
    const draft = new Draft(this.#parts.rules, origin)
    draft.apply(this.#intents)
    this.#values = new Map()
    return { type: 'loaded', draft }
  }

  // Reading

  get(name: string): unknown {
    const draft = this.#reading()
    const bytes = draft.read(checkName(name))
    return bytes === undefined ? undefined : this.#value(name, bytes)
  }

  has(name: string): boolean {
    return this.#reading().read(checkName(name)) !== undefined
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

  #value(name: string, bytes: Uint8Array): unknown {
    const known = this.#values.get(name)
    if (known?.bytes === bytes) return known.value
    try {
      const value = this.#parts.rules.codec.decode(bytes)
      this.#values.set(name, { value, bytes, isFrozen: deepFreeze(value) })
      return value
    } catch {
      // One field that cannot be read must not make every page of this user an error for ever.
      tell('holdfast:rejected', { reason: 'unreadable', id: this.id, field: name })
      return undefined
    }
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
    checkName(name)
    if (value === undefined) return this.delete(name)
    this.#record((draft) => ({
      type: 'set',
      name,
      bytes: encodeField(this.#parts.rules.codec, name, value),
      seen: draft === undefined ? 'unseen' : draft.read(name),
    }))
  }

  delete(name: string): void {
    checkName(name)
    this.#record((draft) => ({ type: 'delete', name, seen: draft === undefined ? 'unseen' : draft.read(name) }))
  }

  update(name: string, change: (value: never) => unknown): void {
    checkName(name)
    this.#record(() => ({ type: 'update', name, change }))
  }

  increment(name: string, by: number): void {
    checkName(name)
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
    const { base } = this.#reading()
    const beganAt = base?.record.authenticatedAt ?? base?.record.createdAt ?? this.#parts.clock.now()
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
    this.#intents = [...this.#intents, intent]
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
    this.#vary()
    if (this.#commitsUnderWay === 0 && this.#unsettled === undefined && !this.#hasSomethingToSave()) {
      this.#touch()
      this.#sendEffects()
      return undefined
    }
    return this.#enqueue(false).then(() => this.#sendEffects())
  }

  /** Drops field changes and logins of a handler that failed; what ends or renews a session is carried out. */
  #forgetChanges(): void {
    this.#intents = this.#intents.filter(survivesServerError)
    this.#unsettled = undefined
    if (this.#state.type === 'loaded') this.#state = this.#loaded(this.#origin)
  }

  #hasSomethingToSave(): boolean {
    if (this.#intents.length === 0) return false
    if (this.#state.type !== 'loaded') return true
    const { draft } = this.#state
    return draft.ends.length > 0 || draft.isSignedOut || draft.hasRecordToWrite()
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
    if (this.#intents.length === 0 && this.#unsettled === undefined) return this.#touch()
    await this.load()
    const intents = this.#intents
    if (!this.#hasSomethingToSave() && this.#unsettled === undefined) return
    this.#assertCookieCanBeSent()
    const order: CommitOrder = {
      origin: this.#origin,
      intents,
      isTakeExclusive,
      isActive: !this.#isPassive,
      newId: () => this.#newId(),
      unsettled: this.#unsettled,
      onUnsettled: (unsettled) => {
        this.#unsettled = unsettled
      },
    }
    const committed = await this.#parts.committer.commit(order)
    this.#adopt(committed, intents)
  }

  #adopt({ live, client }: Committed, intents: readonly Intent[]): void {
    this.#unsettled = undefined
    this.#origin = live === undefined ? NO_ORIGIN : { type: 'live', live }
    if (live !== undefined) this.#freshId = undefined
    // What was recorded while the commit was under way goes on waiting.
    this.#intents = this.#intents.slice(intents.length)
    this.#state = this.#loaded(this.#origin)
    const hasLoggedOut = intents.some(({ type }) => type === 'logout')
    this.#effects = [...this.#cookieEffects(client, live), ...(hasLoggedOut ? this.#siteDataEffects() : [])]
    // The last commit of a request sends them once, when all is known.
    if (!this.#isFinished) this.#sendEffects()
  }

  #touch(): void {
    if (this.#origin.type === 'live' && !this.#isPassive)
      this.#parts.toucher.use(this.#origin.live, this.#parts.clock.now())
  }

  // Response headers

  #assertCookieCanBeSent(): void {
    const { exchange } = this.#carriage
    if (this.#state.type !== 'loaded' || exchange.appendHeader !== undefined) return
    const { draft } = this.#state
    const isNewToken = draft.hasRecordToWrite() && (draft.base === undefined || draft.isRenewing)
    if (!isNewToken) return
    throw new UsageError(
      'ERR_NO_RESPONSE',
      'The commit needs to send a new token, but this exchange has no response headers (a WebSocket upgrade). Nothing was saved. Log in and create sessions in ordinary requests.',
    )
  }

  #cookieEffects(client: Committed['client'], live: Live | undefined): readonly HeaderEffect[] {
    const { exchange, transport } = this.#carriage
    const isSecure = exchange.secure
    if (client === 'clear') {
      return this.#effects.length > 0 || transport.carries(exchange) ? [...transport.clear({ isSecure }), NO_STORE] : []
    }
    if (client === 'none' || live === undefined) return this.#effects
    const { persistent, absoluteAt } = live.record
    const maxAge = persistent ? Math.max(0, Math.floor((absoluteAt - this.#parts.clock.now()) / 1000)) : undefined
    const sending = transport.send(live.token, { isSecure, maxAge })
    if ('code' in sending) {
      tell('holdfast:cookie-withheld', { code: sending.code, transport: transport.name })
      this.#parts.warn(sending.code, sending.message)
      return []
    }
    return [...sending, NO_STORE]
  }

  #siteDataEffects(): readonly HeaderEffect[] {
    const { clearSiteData } = this.#parts
    return clearSiteData !== undefined && this.#carriage.exchange.secure ? [['Clear-Site-Data', clearSiteData]] : []
  }

  /** Puts our headers on the response; again at its start, since the handler may have set others since. */
  #sendEffects(): void {
    for (const [name, value] of this.#effects) this.#carriage.exchange.appendHeader?.(name, value)
  }

  #vary(): void {
    const { exchange, vary } = this.#carriage
    if (this.#isRead) exchange.appendHeader?.('Vary', vary)
  }

  /** Names what was read and changed in place, which saves nothing. Costs an encoding, so not in production. */
  #warnOfMutations(): void {
    if (this.#parts.isProduction) return
    for (const [name, { value, bytes, isFrozen }] of this.#values) {
      if (isFrozen || isSameBytes(encodeField(this.#parts.rules.codec, name, value), bytes)) continue
      this.#parts.warn(
        'WARN_MUTATED',
        `The field \`${name}\` was read and then changed in place (a Date, Map, Set or typed array in it). The change was not saved. ` +
          `Write \`session.update('${name}', …)\`, which hands out a copy to change.`,
      )
    }
  }
}

const NO_STORE: HeaderEffect = ['Cache-Control', 'no-store']

function checkName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= FIELD_NAME_LIMIT && name.isWellFormed()) return name
  throw new ValueError(
    'ERR_FIELD_NAME',
    `A field name must be a non-empty string of at most ${FIELD_NAME_LIMIT} characters; this one is ${typeof name === 'string' ? 'not' : `a ${typeof name}`}.`,
  )
}
