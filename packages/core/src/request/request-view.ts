/** What one request knows of its session: nothing yet, that it cannot be had, or what it is with the request's intents. */
import { StoreError } from '../contracts/errors.ts'
import { Draft } from '../mechanisms/draft.ts'
import type { IntentLog } from '../mechanisms/intent-log.ts'
import { type Ending, NO_ORIGIN, type Origin } from '../mechanisms/live.ts'
import { ReadValues } from '../mechanisms/read-values.ts'
import type { EngineParts } from './engine-parts.ts'

type State =
  | { readonly type: 'unloaded' }
  | { readonly type: 'failed'; readonly error: StoreError }
  /** `isUpToDate`: the draft holds all intents of the request. */
  | { readonly type: 'loaded'; readonly draft: Draft; readonly isUpToDate: boolean }

export class RequestView {
  readonly #parts: EngineParts
  readonly #tokens: readonly string[]
  readonly #log: IntentLog
  #state: State = { type: 'unloaded' }
  #origin: Origin = NO_ORIGIN
  #ended: Ending | undefined
  #values: ReadValues
  #loading: Promise<void> | undefined
  #isLoadingStrictly = false

  constructor(parts: EngineParts, tokens: readonly string[], log: IntentLog) {
    this.#parts = parts
    this.#tokens = tokens
    this.#log = log
    this.#values = new ReadValues(parts.rules.codec)
    if (tokens.length === 0) this.show(NO_ORIGIN)
  }

  get isLoaded(): boolean {
    return this.#state.type === 'loaded'
  }

  /** The session as the store last told it. */
  get origin(): Origin {
    return this.#origin
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
    if (this.#state.type === 'failed') throw this.#state.error
    return this.#state.type === 'loaded' ? this.#state.draft : undefined
  }

  /**
   * Loads the session if that has not been tried; failure waits for the first use. Answers `undefined` where nothing
   * has to be waited for. Strictly: what this process remembered does not count, only the store's own answer.
   */
  open(isStrict: boolean): Promise<void> | undefined {
    if (this.#loading !== undefined) {
      return isStrict && !this.#isLoadingStrictly ? this.#loading.then(() => this.open(true)) : this.#loading
    }
    const isEnough = this.#state.type === 'loaded' ? !isStrict || !this.#isCopy : this.#state.type === 'failed'
    return isEnough ? undefined : this.#find(isStrict)
  }

  /** Loads the session if it is not loaded, also after a failure. @throws StoreError */
  async load(): Promise<void> {
    if (this.#state.type !== 'loaded') await (this.#loading ?? this.#find(false))
    if (this.#state.type === 'failed') throw this.#state.error
  }

  get #isCopy(): boolean {
    return this.#origin.type === 'live' && this.#origin.live.isCopy
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

  async #await(found: Promise<Origin>): Promise<void> {
    try {
      this.show(await found)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#state = { type: 'failed', error }
    }
  }

  /** Goes on from what the store told, with the intents that are still to be saved. */
  show(origin: Origin): void {
    const draft = new Draft(this.#parts.rules, origin)
    let isUpToDate = true
    try {
      draft.apply(this.#log.all)
    } catch {
      // They no longer fit what the session has become. The commit that is to carry them out says so.
      isUpToDate = false
    }
    this.#origin = origin
    if (origin.type === 'none') this.#ended ??= origin.ended
    this.#values = new ReadValues(this.#parts.rules.codec)
    this.#state = { type: 'loaded', draft, isUpToDate }
  }

  /** Shows the session anew after intents were withdrawn. */
  refresh(): void {
    if (this.#state.type === 'loaded') this.show(this.#origin)
  }

  /** Answers the decoded value of a field, always the same one while the field has the same value. */
  value(name: string, bytes: Uint8Array): unknown {
    return this.#values.read(name, bytes, this.draft?.base)
  }

  /** Answers the names of fields that were read and then changed in place. Costs encodings. */
  mutated(): string[] {
    const state = this.#state
    return state.type === 'loaded' ? this.#values.mutated((name) => state.draft.read(name)) : []
  }

  /** Whether a commit has something to do. That a change changes nothing is believed only of the store's own answer. */
  get hasSomethingToSave(): boolean {
    if (this.#log.isEmpty) return false
    if (this.#state.type !== 'loaded' || this.#isCopy) return true
    const { draft, isUpToDate } = this.#state
    return !isUpToDate || draft.ends.length > 0 || draft.isSignedOut || draft.hasRecordToWrite()
  }
}
