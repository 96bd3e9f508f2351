/** Sends the writes of commits, and reads from the store's answers how each commit goes on. */
import type { Attempt } from '../attempt.ts'
import type { Clock } from '../contracts/clock.ts'
import { StoreError } from '../contracts/errors.ts'
import type { CreateResult, Found, LoadResult, Moved, RenewResult, UpdateResult } from '../contracts/store.ts'
import type { DraftEnd } from '../mechanisms/draft.ts'
import { tell } from '../mechanisms/events.ts'
import type { GuardedStore } from '../mechanisms/guard.ts'
import { judge as judgeLife } from '../mechanisms/lifetime.ts'
import { type Live, NO_ORIGIN, type Origin } from '../mechanisms/live.ts'
import type { Open } from '../mechanisms/open-record.ts'
import type { RecordCache } from '../mechanisms/record-cache.ts'
import type { Mint } from '../mechanisms/token.ts'
import { followTrail } from '../mechanisms/trail.ts'
import { type OpenAnswer, toLive } from '../mechanisms/verdicts.ts'
import type { Job } from './order.ts'

/** How a commit goes on. */
export type Step =
  | { readonly type: 'done'; readonly live: Live }
  | { readonly type: 'again'; readonly origin: Origin }
  | { readonly type: 'gone' }

/** What follows a write, within the turn in which the store answers or fails. */
export interface Sequel<Next> {
  next(step: Step): Next | Promise<Next>
  failed(error: unknown): Next
}

export interface Sender {
  /** Sends a write for the first time; if its outcome is unknown, its handles keep it for their next commit. */
  sendFirst<Next>(attempt: Attempt, jobs: readonly Job[], sequel: Sequel<Next>): Promise<Next>
  send(attempt: Attempt, isResent: boolean): Promise<Step>
  /** Asks the store about a session of which this process has only a copy. */
  look(live: Live): Promise<Step>
  /** Ending what has ended already changes nothing, so that a commit that is repeated may do it again. */
  end(end: DraftEnd): Promise<void>
}

export interface SenderParts {
  readonly store: GuardedStore
  readonly open: Open
  readonly cache: RecordCache<OpenAnswer>
  readonly clock: Clock
  readonly mint: Mint
}

/** Hands the step, or the error, to whoever waits for it. */
export const HANDED_ON: Sequel<Step> = {
  next: (step) => step,
  failed: (error) => {
    throw error
  },
}

type WriteResult = CreateResult | UpdateResult | RenewResult

export function createSender({ store, open, cache, clock, mint }: SenderParts): Sender {
  function sendFirst<Next>(attempt: Attempt, jobs: readonly Job[], { next, failed }: Sequel<Next>): Promise<Next> {
    return sent(attempt, false, {
      next,
      failed: (error) => {
        if (error instanceof StoreError && error.isOutcomeUnknown && error.code !== 'ERR_OUTCOME_UNKNOWN') {
          for (const { order } of jobs) order.onUnsettled({ ...attempt, intentCount: order.intents.length })
        }
        return failed(error)
      },
    })
  }

  /** One promise for each write: all that the store's answer leads to is done in the turn in which it comes. */
  function sent<Next>(attempt: Attempt, isResent: boolean, { next, failed }: Sequel<Next>): Promise<Next> {
    const { live, offered, base } = attempt
    const passage = cache.begin(offered.key)
    const close = (isKept: boolean): void => {
      passage.close()
      if (!isKept) cache.forget(offered.key)
      if (base !== undefined && base.record.key !== offered.key) cache.forget(base.record.key)
    }
    const fail = (error: unknown): Next => {
      close(false)
      return failed(error)
    }
    const take = (step: Step): Next | Promise<Next> => {
      const isKept = step.type === 'done'
      if (isKept) passage.keep(live)
      close(isKept)
      return next(step)
    }
    const read = (answer: WriteResult): Next | Promise<Next> => {
      let step: Step | Promise<Step>
      try {
        step = judge(attempt, answer)
      } catch (error) {
        return fail(error)
      }
      return step instanceof Promise ? step.then(take, fail) : take(step)
    }
    return write(attempt, isResent).then(read, fail)
  }

  function write({ offered, base, alias, commitId }: Attempt, isResent: boolean): Promise<WriteResult> {
    if (base === undefined) return store.create(offered, commitId)
    const { key, revision } = base.record
    if (alias === undefined) return store.update(offered, revision, commitId, isResent)
    return store.renew({ key, expected: revision, record: offered, alias }, commitId, isResent)
  }

  function judge(attempt: Attempt, answer: WriteResult): Step | Promise<Step> {
    const { live, base } = attempt
    switch (answer.outcome) {
      case 'created':
        tell('holdfast:created', { id: live.record.id, isSignedIn: live.record.subject !== undefined })
        return { type: 'done', live }
      case 'renewed':
        tell('holdfast:renewed', { id: live.record.id, reason: attempt.reason ?? 'renew' })
        return { type: 'done', live }
      case 'updated':
        return { type: 'done', live }
      case 'conflict':
        return again(base!.token, answer, base!.isOwed)
      case 'exists':
        return { type: 'again', origin: originOf(base) }
      case 'ended':
        // A tombstone under a key that was drawn a moment ago only says that another token must be drawn.
        return base === undefined ? { type: 'again', origin: NO_ORIGIN } : { type: 'gone' }
      case 'moved':
        return follow(base!.token, answer)
      case 'absent':
        return { type: 'gone' }
    }
  }

  function again(token: string, found: Found, isOwed: boolean): Step {
    const newer = open(found)
    // Nobody can merge with what nobody can read; the next request begins afresh.
    if (newer === undefined) return { type: 'gone' }
    return { type: 'again', origin: originOf(toLive(token, newer, false, isOwed)) }
  }

  function lookedAt(token: string, answer: LoadResult, isFollowed: boolean): Step | Promise<Step> {
    if (answer.outcome === 'moved' && !isFollowed) return follow(token, answer)
    if (answer.outcome !== 'found' || judgeLife(answer.record, answer.idleUntil, clock.now()) !== 'live')
      return { type: 'gone' }
    return again(token, answer, isFollowed)
  }

  /** Goes on where a renewal by age has led the session: what was recorded under the old token must not get lost by it. */
  async function follow(token: string, moved: Moved): Promise<Step> {
    const trail = await followTrail<LoadResult>((key) => store.load(key), token, moved)
    return lookedAt(trail.token, trail.answer, true)
  }

  return {
    sendFirst,
    send: (attempt, isResent) => sent(attempt, isResent, HANDED_ON),
    look: async ({ token, record }) => lookedAt(token, await store.load(record.key), false),
    end: async ({ key, id, reason }) => {
      try {
        const { outcome } = await store.end(key, { reason, at: clock.now(), id, commitId: mint.commitId() })
        if (outcome === 'ended') tell('holdfast:ended', { id, reason })
      } finally {
        cache.forget(key)
      }
    },
  }
}

export function originOf(live: Live | undefined): Origin {
  return live === undefined ? NO_ORIGIN : { type: 'live', live }
}
