/** What one request knows of its session: nothing yet, that it cannot be had, or what it is with the request's intents. */
import { StoreError } from '../contracts/errors.ts'
import { Draft } from '../mechanisms/draft.ts'
import type { IntentLog } from '../mechanisms/intent-log.ts'
import { type Ending, type Found, type Live, NO_ORIGIN, type Origin, type Suspended } from '../mechanisms/live.ts'
import { ReadValues } from '../mechanisms/read-values.ts'
import type { EngineParts } from './engine-parts.ts'

export class RequestView {
  readonly #parts: EngineParts
  readonly #tokens: readonly string[]
  readonly #log: IntentLog
  #status: 'unloaded' | 'loaded' | 'failed' = 'unloaded'
  #error: StoreError | undefined
  #found: Found = NO_ORIGIN
  #ended: Ending | undefined
  /** Drawn at first use: a request that never looks needs none. */
  #draft: Draft | undefined
  /** Whether the draft holds all intents of the request. */
  #isUpToDate = true
  #values: ReadValues | undefined
  #loading: Promise<void> | undefined
  #isLoadingStrictly = false

  constructor(parts: EngineParts, tokens: readonly string[], log: IntentLog) {
    this.#parts = parts
    this.#tokens = tokens
    this.#log = log
    if (tokens.length === 0) this.#status = 'loaded'
  }

  get isLoaded(): boolean {
    return this.#status === 'loaded'
  }

  /** The session as the store last told it. A suspended one is there once the request has recorded what revives it. */
  get origin(): Origin {
    const found = this.#found
    if (found.type !== 'suspended') return found
    return this.#log.isReviving ? { type: 'live', live: found.live } : NO_ORIGIN
  }

  /** The session that waits for one factor; `undefined` once that was given. */
  get suspended(): Suspended | undefined {
    return this.#found.type === 'suspended' && !this.#log.isReviving ? this.#found : undefined
  }

  /** Why the session is over that the request's token once led to. */
  get ended(): Ending | undefined {
    return this.#ended
  }

  /**
   * The session with the request's intents; `undefined` before it is loaded.
   *
   * @throws StoreError if it cannot be had
   */
  get draft(): Draft | undefined {
    if (this.#status === 'failed') throw this.#error!
    return this.#status === 'loaded' ? (this.#draft ??= this.#draw()) : undefined
  }

  /** The session with all intents of the request; `undefined` where it is not known, or they do not fit it. */
  get wholeDraft(): Draft | undefined {
    const draft = this.#status === 'loaded' ? this.draft : undefined
    return this.#isUpToDate ? draft : undefined
  }

  #draw(): Draft {
    const draft = new Draft(this.#parts.rules, this.origin)
    this.#isUpToDate = true
    if (this.#log.isEmpty) return draft
    try {
      draft.apply(this.#log.all)
    } catch {
      // They no longer fit what the session has become. The commit that is to carry them out says so.
      this.#isUpToDate = false
    }
    return draft
  }

  /**
   * Loads the session if that has not been tried; failure waits for the first use. Answers `undefined` where nothing
   * has to be waited for. Strictly: what this process remembered does not count, only the store's own answer.
   */
  open(isStrict: boolean): Promise<void> | undefined {
    if (this.#loading !== undefined) {
      return isStrict && !this.#isLoadingStrictly ? this.#loading.then(() => this.open(true)) : this.#loading
    }
    const isEnough = this.#status === 'loaded' ? !isStrict || !this.#isCopy() : this.#status === 'failed'
    return isEnough ? undefined : this.#find(isStrict)
  }

  /** Loads the session if it is not loaded, also after a failure. @throws StoreError */
  async load(): Promise<void> {
    if (this.#status !== 'loaded') await (this.#loading ?? this.#find(false))
    if (this.#status === 'failed') throw this.#error!
  }

  #isCopy(): boolean {
    return this.origin.type === 'live' && this.origin.live.isCopy
  }

  #find(isStrict: boolean): Promise<void> | undefined {
    const found = this.#parts.loader.find(this.#tokens, isStrict)
    if (!(found instanceof Promise)) {
      this.show(found)
      return undefined
    }
    this.#isLoadingStrictly = isStrict
    this.#loading = this.#await(found).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #await(found: Promise<Found>): Promise<void> {
    try {
      this.show(await found)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#status = 'failed'
      this.#error = error
    }
  }

  /** Goes on from what the store told, with the intents that are still to be saved. */
  show(found: Found): void {
    this.#found = found
    if (found.type === 'none' || found.type === 'suspended') this.#ended ??= found.ended
    this.#status = 'loaded'
    this.#draft = undefined
    this.#values = undefined
  }

  /** Shows the session anew after intents were withdrawn. */
  refresh(): void {
    if (this.#status === 'loaded') this.show(this.#found)
  }

  /** Answers the decoded value of a field, always the same one while the field has the same value. */
  value(name: string, bytes: Uint8Array): unknown {
    const base = this.draft?.base
    const shown = base?.fields.get(name) === bytes ? base.values.shown(name) : undefined
    if (shown !== undefined) return shown
    this.#values ??= new ReadValues(this.#parts.rules.codec)
    return this.#values.read(name, bytes, base)
  }

  /** Answers the names of fields that were read and then changed in place. Costs encodings. */
  mutated(): string[] {
    if (this.#status !== 'loaded' || this.#values === undefined) return []
    return this.#values.mutated((name) => this.draft!.read(name))
  }

  /** Moves the idle deadline, if that is due. */
  touch(now: number): void {
    if (this.origin.type === 'live') this.#parts.toucher.use(this.origin.live, now)
  }

  /** Whether use at this moment should bring the client another token. */
  isTokenDue(now: number): boolean {
    return this.origin.type === 'live' && this.#parts.isTokenDue(this.origin.live, now)
  }

  /** The session whose token the client may have missed, since it still presents the one before. */
  get owed(): Live | undefined {
    if (this.origin.type !== 'live') return undefined
    const { live } = this.origin
    return live.isOwed && live.head.isPending === true ? live : undefined
  }

  /** Whether a commit has something to do. That a change changes nothing is believed only of the store's own answer. */
  get hasSomethingToSave(): boolean {
    if (this.#log.isEmpty) return false
    if (this.#status !== 'loaded' || this.#isCopy()) return true
    const draft = this.draft!
    return !this.#isUpToDate || draft.ends.length > 0 || draft.isSignedOut || draft.hasRecordToWrite()
  }
}
