/** What a handle wants committed, and what it is told in the end. */
import type { Unsettled } from '../attempt.ts'
import { GoneError, StoreError } from '../contracts/errors.ts'
import type { ClientTraits } from '../mechanisms/client-traits.ts'
import type { Draft } from '../mechanisms/draft.ts'
import { tell } from '../mechanisms/events.ts'
import { type Intent, isFieldIntent } from '../mechanisms/intents.ts'
import type { Live, Origin } from '../mechanisms/live.ts'

/** What a handle wants committed. */
export interface CommitOrder {
  readonly origin: Origin
  readonly intents: readonly Intent[]
  /** The origin with all of these intents and nothing else, where the handle has it and will not change it any more. */
  readonly draft?: Draft | undefined
  /** Whether a `take` that lost is an error (`session.commit()`) or only an event (the end of the request). */
  readonly isTakeExclusive: boolean
  /** Whether the request counts as use of the session. */
  readonly isActive: boolean
  /** The public name of a session that begins with this commit. */
  readonly newId: () => string
  /** What is kept of the client that gets the token, where there is a new one. */
  readonly client: () => ClientTraits
  /** A write of an earlier commit of this handle whose outcome is unknown. It is sent again before anything else. */
  readonly unsettled: Unsettled | undefined
  /** Told of a write whose outcome became unknown. */
  readonly onUnsettled: (unsettled: Unsettled) => void
}

/** What came of it. */
export interface Committed {
  /** The session as it now lies in the store. */
  readonly live: Live | undefined
  /** Whether the client must learn a token, forget it, or neither. */
  readonly client: 'token' | 'clear' | 'none'
}

/** An order that waits for its turn, or is being carried out. */
export interface Job {
  readonly order: CommitOrder
  /** By when it must be done, in monotonic milliseconds. */
  readonly until: number
  readonly resolve: (committed: Committed) => void
  readonly reject: (error: unknown) => void
}

/** Whether a job must run by itself, in its turn. */
export function isAlone({ order }: Job): boolean {
  return order.unsettled !== undefined || !order.intents.every(isFieldIntent)
}

/** A login that finds its session ended begins a new one, so that a double-clicked form never shows an error. */
export function signsIn({ order }: Job, done: number): boolean {
  return order.intents.slice(done).some(({ type }) => type === 'login')
}

/** Applies what is left of a job to a draft. Answers whether it could be; otherwise the job has been told. */
export function applies({ order, reject }: Job, draft: Draft, done: number): boolean {
  try {
    draft.apply(order.intents.slice(done), { isTakeExclusive: order.isTakeExclusive })
    return true
  } catch (error) {
    reject(error)
    return false
  }
}

export function settle(
  jobs: readonly Job[],
  live: Live | undefined,
  client: Committed['client'],
  draft: Draft,
): Live | undefined {
  for (const { name, resolution } of draft.conflicts) {
    tell('holdfast:conflict', { id: live?.record.id ?? '', field: name, resolution })
  }
  for (const job of jobs) job.resolve({ live, client })
  return live
}

export function loseAll(jobs: readonly Job[], id: string | undefined): undefined {
  tell('holdfast:gone', { id })
  for (const job of jobs) {
    job.reject(
      new GoneError(
        'ERR_GONE',
        'The session ended, or was renewed for another privilege, while this request wanted to change it. ' +
          'The change was not applied, so that a logout stays final. Ask the user to sign in again.',
      ),
    )
  }
}

export function refuseLate({ order, reject }: Job, commitDeadline: number): void {
  const isOutcomeUnknown = order.unsettled !== undefined
  reject(
    new StoreError(
      'ERR_COMMIT_TIMEOUT',
      `The commit was not done within ${commitDeadline} ms (\`commitDeadline\`). ${
        isOutcomeUnknown ? 'Whether the write before it was applied is still unknown.' : 'Nothing of it was saved.'
      } Try again.`,
      { isOutcomeUnknown },
    ),
  )
}
