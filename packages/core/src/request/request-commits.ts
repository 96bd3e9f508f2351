/** The commits of one request: one after another, each with all that is recorded by then. */
import type { Unsettled } from '../attempt.ts'
import type { Committed } from '../commit/order.ts'
import { GoneError, UsageError } from '../contracts/errors.ts'
import { clientTraits } from '../mechanisms/client-traits.ts'
import type { Draft } from '../mechanisms/draft.ts'
import type { IntentLog } from '../mechanisms/intent-log.ts'
import type { Intent } from '../mechanisms/intents.ts'
import { type Live, NO_ORIGIN } from '../mechanisms/live.ts'
import type { EngineParts } from './engine-parts.ts'
import { ANY_LOGIN, suspendedError } from './suspended-session.ts'
import type { RequestView } from './request-view.ts'
import { type Carriage, ResponseHeaders } from './response-headers.ts'

/** What one commit of a request is to save. */
interface Saving {
  readonly recorded: readonly Intent[]
  /** The session with all that is recorded, where nothing can change it any more. */
  readonly draft: Draft | undefined
  readonly isTakeExclusive: boolean
  /** Called once it is known what became of it. */
  readonly onOver?: () => void
  /** Called after that, if it is saved. */
  readonly onSaved?: (() => void) | undefined
}

export class RequestCommits {
  readonly #parts: EngineParts
  readonly #carriage: Carriage
  readonly #view: RequestView
  readonly #log: IntentLog
  readonly headers: ResponseHeaders
  /** The commit before; `undefined`: there was none. */
  #turn: Promise<void> | undefined
  #underWay = 0
  #unsettled: Unsettled | undefined
  #freshId: string | undefined
  #isLast = false
  #isPassive = false

  constructor(parts: EngineParts, carriage: Carriage, view: RequestView, log: IntentLog) {
    this.#parts = parts
    this.#carriage = carriage
    this.#view = view
    this.#log = log
    this.headers = new ResponseHeaders(parts, carriage)
  }

  get isUnderWay(): boolean {
    return this.#underWay > 0
  }

  /** Whether a commit is under way, or one is needed. */
  get isPending(): boolean {
    return this.isUnderWay || this.#unsettled !== undefined || this.#view.hasSomethingToSave
  }

  /** Keeps this request from counting as use of the session. */
  makePassive(): void {
    this.#isPassive = true
  }

  /** The public name of a session that may begin with this request. */
  newId(): string {
    this.#freshId ??= this.#parts.mint.id()
    return this.#freshId
  }

  /** What begins from now on is another session. */
  forgetId(): void {
    this.#freshId = undefined
  }

  /** Saves what is recorded. A `take` that lost is an error. */
  commit(): Promise<void> {
    return this.#enqueue(true)
  }

  /**
   * Saves what is recorded for the last time.
   *
   * @param isRenewing whether the session is to go on under a new token, if its own is still that old
   * @param sendHeaders called when all is saved and known, before the promise resolves
   */
  commitLast(isRenewing: boolean, sendHeaders: () => void): Promise<void> {
    this.#isLast = true
    return this.#enqueue(false, isRenewing, sendHeaders)
  }

  /** Whether the response can bring the client another token. */
  canSendToken(): boolean {
    const { origin } = this.#view
    return origin.type === 'live' && this.headers.canSend(origin.live.token)
  }

  /** Sends the client the token that it may have missed. */
  noteOwed(live: Live): void {
    this.headers.note({ live, client: 'token' }, false, this.#parts.clock.now())
  }

  /** Drops field changes and logins of a handler that failed; what ends or renews a session is carried out. */
  forgetChanges(): void {
    if (!this.isUnderWay) {
      this.#unsettled = undefined
      this.#log.takeBack(0)
    }
    if (!this.#log.removeChanges()) return
    this.#parts.warn(
      'WARN_CHANGES_DROPPED',
      'A handler changed its session and then ended in 5xx, so the change was not saved: half a page is no reason to ' +
        'half change a session. Write `saveOn5xx: true` to save it, or answer below 500.',
    )
    this.#view.refresh()
  }

  #touch(): void {
    if (!this.#isPassive) this.#view.touch(this.#parts.clock.now())
  }

  #enqueue(isTakeExclusive: boolean, isRenewing = false, onSaved?: () => void): Promise<void> {
    // Nothing can be recorded any more, so that the last commit need not wait for the end of this turn.
    const isDue = this.#isLast && !this.isUnderWay
    this.#underWay++
    this.#parts.commits.enter()
    const onOver = (): void => {
      this.#underWay--
      this.#parts.commits.leave()
    }
    const draft = isDue && !isRenewing ? this.#plainChange() : undefined
    if (draft !== undefined) {
      this.#turn = this.#save({ recorded: this.#log.handOver(), draft, isTakeExclusive: false, onOver, onSaved })
      return this.#turn
    }
    const carryOut = (): Promise<void> => this.#carryOut(isTakeExclusive, isRenewing)
    // A commit gets its turn whatever became of the one before.
    const carrying = isDue ? carryOut() : (this.#turn ?? Promise.resolve()).then(carryOut, carryOut)
    this.#turn = carrying.finally(onOver).then(onSaved)
    return this.#turn
  }

  /** The session with all changes of the request, where there is nothing but these, and nothing else can come. */
  #plainChange(): Draft | undefined {
    const draft = this.#unsettled === undefined ? this.#view.wholeDraft : undefined
    return draft?.isPlainChange === true && draft.hasRecordToWrite() ? draft : undefined
  }

  async #carryOut(isTakeExclusive: boolean, isRenewing: boolean): Promise<void> {
    const isEmpty = this.#log.isEmpty && this.#unsettled === undefined
    if (isEmpty && !isRenewing) return this.#touch()
    await this.#view.load()
    this.#assertNotSuspended()
    if (this.#log.isEndWaiting) this.#giveUpUnsettled()
    const hasSomethingToSave = this.#view.hasSomethingToSave || this.#unsettled !== undefined
    if (!hasSomethingToSave && !isRenewing) return
    this.#assertTokenCanBeSent()
    const saving: Saving = { recorded: this.#log.handOver(), draft: undefined, isTakeExclusive }
    if (!isRenewing) return this.#save(saving)
    const age: Intent = { type: 'age', now: this.#parts.clock.now(), every: this.#parts.renewEvery }
    // A token that could not be renewed is as good as before. The next request tries again.
    return this.#save(saving, [age], hasSomethingToSave ? undefined : () => this.#touch())
  }

  #save(
    { recorded, draft, isTakeExclusive, onOver, onSaved }: Saving,
    besides: readonly Intent[] = [],
    onFailure?: () => void,
  ): Promise<void> {
    const committing = this.#parts.committer.commit({
      origin: this.#view.origin,
      intents: besides.length === 0 ? recorded : [...recorded, ...besides],
      draft,
      isTakeExclusive,
      isActive: !this.#isPassive,
      newId: () => this.newId(),
      client: () => clientTraits(this.#carriage.exchange, this.#parts.traits),
      unsettled: this.#unsettled,
      onUnsettled: (unsettled) => {
        this.#unsettled = unsettled
      },
    })
    return committing.then(
      (committed) => {
        try {
          this.#adopt(committed, recorded)
        } finally {
          onOver?.()
        }
        onSaved?.()
      },
      (error: unknown) => {
        onOver?.()
        if (onFailure !== undefined) return onFailure()
        this.#log.takeBack(Math.min(this.#unsettled?.intentCount ?? 0, recorded.length))
        if (error instanceof GoneError) this.#lose(recorded.length)
        throw error
      },
    )
  }

  #adopt(committed: Committed, intents: readonly Intent[]): void {
    const { live } = committed
    const hasLoggedOut = intents.some(({ type }) => type === 'logout')
    if (hasLoggedOut || committed.client !== 'none') {
      this.headers.note(committed, hasLoggedOut, this.#parts.clock.now())
    }
    if (!this.#isLast) this.headers.send()
    this.#unsettled = undefined
    if (live?.record.id === this.#freshId) this.#freshId = undefined
    // What was recorded while the commit was under way goes on waiting.
    this.#log.remove(intents.length)
    this.#view.show(live === undefined ? NO_ORIGIN : { type: 'live', live })
  }

  /** What was lost to the end or renewal of its session is told once, and never tried again. */
  #lose(count: number): void {
    const { origin } = this.#view
    this.#unsettled = undefined
    this.#log.remove(count)
    this.#view.show(origin.type === 'live' ? { type: 'superseded', key: origin.live.record.key } : origin)
  }

  /** A session that is to end need not know whether it was changed before; one that may have begun is ended too. */
  #giveUpUnsettled(): void {
    if (this.#unsettled === undefined) return
    const { base, live, intentCount } = this.#unsettled
    this.#unsettled = undefined
    this.#log.remove(intentCount)
    this.#view.show(base === undefined ? { type: 'live', live } : this.#view.origin)
  }

  /** Drops what was recorded before it was known that the session is suspended. */
  #assertNotSuspended(): void {
    const { suspended } = this.#view
    if (suspended === undefined || this.#log.isEmpty) return
    this.#log.remove(this.#log.all.length)
    this.#view.refresh()
    throw suspendedError(ANY_LOGIN, suspended)
  }

  /** Keeps a commit from moving the session to a token that the client could not be told. */
  #assertTokenCanBeSent(): void {
    const { exchange } = this.#carriage
    const { draft } = this.#view
    if (draft === undefined || !this.#parts.needsResponse(draft)) return
    if (exchange.appendHeader === undefined) {
      throw new UsageError(
        'ERR_NO_RESPONSE',
        'The commit needs to send a token, but this exchange has no response headers (a WebSocket upgrade). Nothing ' +
          'was saved. Create, renew and sign in to sessions in ordinary requests.',
      )
    }
    if (this.#isLast || !(exchange.headersSent ?? exchange.started ?? false)) return
    throw new UsageError(
      'ERR_RESPONSE_STARTED',
      'The commit needs to send a token, but the headers of the response have left. Nothing was saved. Write `await ' +
        'session.commit()` before the first byte.',
    )
  }
}
