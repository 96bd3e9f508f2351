/** One call to a store: sent, sent once more after an error, checked, and given up at its deadline. */
import { StoreError, isHoldfastError } from '../contracts/errors.ts'
import { COMMITS_KEPT } from '../contracts/record.ts'
import type { AnyStore, Conflict, StoreCall } from '../contracts/store.ts'
import { type StoreVerb, checkAnswer } from './answer-check.ts'
import type { Deadline, Deadlines, Waiting } from './deadlines.ts'

const RETRY_PAUSE = 20

export type Send<Answer> = (call: StoreCall) => Promise<Answer>

/** What a call is about. */
export interface Question {
  readonly verb: StoreVerb | 'trim' | 'ping' | 'listSubject' | 'countLive' | 'generation' | 'raiseGeneration'
  readonly key?: string
  readonly size?: number
  /** The revision that a comparing write expects. */
  readonly expected?: number
  readonly isResent?: boolean
}

/** What all calls to one store share. */
export interface CallRules {
  readonly store: AnyStore
  readonly deadlines: Deadlines
  timeout(verb: string): StoreError
  /** Told once of every call, with its error if it failed. */
  onDone(error: StoreError | undefined): void
}

export class GuardedCall<Answer> implements Waiting {
  readonly #rules: CallRules
  readonly #question: Question
  readonly #send: Send<Answer>
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: StoreError) => void
  readonly #deadline: Deadline
  #isDone = false
  previous: Waiting | undefined
  next: Waiting | undefined

  constructor(
    rules: CallRules,
    question: Question,
    send: Send<Answer>,
    resolve: (answer: Answer) => void,
    reject: (error: StoreError) => void,
  ) {
    this.#rules = rules
    this.#question = question
    this.#send = send
    this.#resolve = resolve
    this.#reject = reject
    this.#deadline = rules.deadlines.join(this)
  }

  begin(): void {
    this.#attempt(this.#question.isResent === true, false)
  }

  /** Nothing more is sent, and no answer counts any more: it may belong to a write that is applied later. */
  expire(): void {
    this.#fail(this.#rules.timeout(this.#question.verb))
  }

  #attemptAgain(): void {
    setTimeout(
      () => {
        if (!this.#isDone) this.#attempt(true, true)
      },
      RETRY_PAUSE * (0.5 + Math.random()),
    )
  }

  #attempt(isResent: boolean, isLast: boolean): void {
    let answering: Promise<Answer>
    try {
      answering = Promise.resolve(this.#send({ signal: this.#deadline.signal }))
    } catch (cause) {
      return this.#failAttempt(this.#failure(cause), isLast)
    }
    answering.then(
      (answer) => {
        if (this.#isDone) return
        try {
          this.#check(answer, isResent)
        } catch (error) {
          return this.#failAttempt(error as StoreError, isLast)
        }
        this.#succeed(answer)
      },
      (cause: unknown) => {
        if (!this.#isDone) this.#failAttempt(this.#failure(cause), isLast)
      },
    )
  }

  #failAttempt(error: StoreError, isLast: boolean): void {
    if (!isLast && error.code === 'ERR_STORE_FAILED') this.#attemptAgain()
    else this.#fail(error)
  }

  #check(answer: Answer, isResent: boolean): void {
    const { verb, key, expected } = this.#question
    if (key === undefined) return
    const { store } = this.#rules
    try {
      checkAnswer(store.name, verb as Exclude<StoreVerb, 'touch'>, key, answer)
    } catch (error) {
      store.reset?.(error as Error)
      throw error
    }
    if (!isResent || expected === undefined) return
    // A conflict after a lost answer may be with this very write: a record tells its last commits, but no more.
    const { outcome, record } = answer as unknown as Conflict
    if (outcome !== 'conflict' || record.revision - expected <= COMMITS_KEPT) return
    throw new StoreError(
      'ERR_OUTCOME_UNKNOWN',
      `The answer to \`${verb}\` was lost, and the session has changed so often since that nobody can tell whether it was applied. Look at the session before repeating the change.`,
      { isOutcomeUnknown: true },
    )
  }

  #failure(cause: unknown): StoreError {
    if (isHoldfastError(cause) && cause.name === 'StoreError') return cause as StoreError
    const { verb } = this.#question
    return new StoreError(
      'ERR_STORE_FAILED',
      `The store \`${this.#rules.store.name}\` failed at \`${verb}\`: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, isOutcomeUnknown: isWrite(verb) },
    )
  }

  #succeed(answer: Answer): void {
    this.#leave(undefined)
    this.#resolve(answer)
  }

  #fail(error: StoreError): void {
    if (this.#isDone) return
    this.#leave(error)
    this.#reject(error)
  }

  #leave(error: StoreError | undefined): void {
    this.#isDone = true
    this.#deadline.leave(this)
    this.#rules.onDone(error)
  }
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'renew', 'end', 'raiseGeneration'])

/** Says whether a call that was sent may have changed something. */
export function isWrite(verb: string): boolean {
  return WRITES.has(verb)
}
