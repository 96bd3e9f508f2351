/**
 * Turns intents into store calls.
 *
 * One round applies the intents to the newest known record and sends the one write that results. A `conflict` brings
 * the newer record, and the next round begins with it. Commits of one session run one after another in this process;
 * so most conflicts never reach the store.
 */
import { type Attempt, type Unsettled, prepareAttempt } from './attempt.ts'
import type { Clock } from './contracts/clock.ts'
import { ConflictError, GoneError, StoreError } from './contracts/errors.ts'
import type { CreateResult, Found, LoadResult, Moved, RenewResult, UpdateResult } from './contracts/store.ts'
import type { ClientTraits } from './mechanisms/client-traits.ts'
import { Draft, type DraftEnd, type DraftRules } from './mechanisms/draft.ts'
import { tell } from './mechanisms/events.ts'
import type { Generations } from './mechanisms/generations.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import { type Intent, isFieldIntent } from './mechanisms/intents.ts'
import { createLanes } from './mechanisms/lane.ts'
import { judge as judgeLife } from './mechanisms/lifetime.ts'
import { type Live, NO_ORIGIN, type Origin } from './mechanisms/live.ts'
import type { Open } from './mechanisms/open-record.ts'
import type { RecordCache } from './mechanisms/record-cache.ts'
import type { Mint } from './mechanisms/token.ts'
import { followTrail } from './mechanisms/trail.ts'
import { type OpenAnswer, toLive } from './mechanisms/verdicts.ts'
import type { SessionLimits } from './session-limits.ts'

/** How often a commit that keeps meeting newer records begins again. */
const ROUNDS = 32

/** What a handle wants committed. */
export interface CommitOrder {
  readonly origin: Origin
  readonly intents: readonly Intent[]
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

export interface Committer {
  /** @throws StoreError, LimitError `ERR_TOO_MANY_SESSIONS`, GoneError `ERR_GONE`, ConflictError `ERR_CONFLICT`, ValueError, what an `update` function throws */
  commit(order: CommitOrder): Promise<Committed>
}

export interface CommitterParts {
  readonly store: GuardedStore
  readonly open: Open
  readonly cache: RecordCache<OpenAnswer>
  readonly rules: DraftRules
  readonly clock: Clock
  readonly mint: Mint
  readonly generations: Generations
  /** `undefined`: subjects have as many sessions as they like. */
  readonly limits: SessionLimits | undefined
  readonly storeDeadline: number
  readonly commitDeadline: number
}

interface Job {
  readonly order: CommitOrder
  readonly until: number
  readonly resolve: (committed: Committed) => void
  readonly reject: (error: unknown) => void
}

type Step =
  | { readonly type: 'done'; readonly live: Live }
  | { readonly type: 'again'; readonly origin: Origin }
  | { readonly type: 'gone' }

export function createCommitter(parts: CommitterParts): Committer {
  const { store, open, cache, rules, clock, mint, generations, limits, storeDeadline, commitDeadline } = parts
  const lanes = createLanes<Job, Live>({
    isAlone: ({ order }) => order.unsettled !== undefined || !order.intents.every(isFieldIntent),
    run: runTogether,
  })

  function commit(order: CommitOrder): Promise<Committed> {
    return new Promise((resolve, reject) => {
      const job: Job = { order, until: performance.now() + commitDeadline, resolve, reject }
      if (order.origin.type === 'live') return lanes.enter(order.origin.live.record.key, job)
      // A session that begins here has no key yet that anybody else could know.
      void runTogether([job], undefined)
    })
  }

  /** Carries out jobs that belong to one session. Answers the newest record it knows, for those who come next. */
  async function runTogether(jobs: readonly Job[], carried: Live | undefined): Promise<Live | undefined> {
    try {
      return await carryOut(jobs, carried)
    } catch (error) {
      for (const job of jobs) job.reject(error)
      return undefined
    }
  }

  async function carryOut(allJobs: readonly Job[], carried: Live | undefined): Promise<Live | undefined> {
    let jobs = allJobs
    let origin = newestOrigin(jobs, carried)
    let done = 0
    let client: Committed['client'] = 'none'

    const [first] = jobs
    const unsettled = first?.order.unsettled
    if (first !== undefined && unsettled !== undefined) {
      if (!hasTime(first)) return undefined
      const step = await send(unsettled, true)
      if (step.type === 'done') await settleLimits(unsettled)
      if (step.type === 'gone' && !signsIn(first, 0)) return loseAll(jobs, unsettled.live.record.id)
      origin = next(step)
      if (step.type === 'done') {
        done = unsettled.intentCount
        client = unsettled.client
      }
    }

    for (let round = 0; round < ROUNDS; round++) {
      const draft = new Draft(rules, origin)
      jobs = jobs.filter((job) => hasTime(job) && applies(job, draft, done))
      if (jobs.length === 0) return draft.base
      for (const end of draft.ends) await endSession(end)
      if (!draft.hasRecordToWrite()) {
        if (draft.base?.isCopy !== true) return settle(jobs, draft.base, draft.isSignedOut ? 'clear' : client, draft)
        const step = await look(draft.base)
        if (step.type === 'gone' && !jobs.some((job) => signsIn(job, done))) return loseAll(jobs, draft.base.record.id)
        origin = next(step)
        continue
      }

      if (draft.isSuperseded) return loseAll(jobs, undefined)
      if (draft.base === undefined) await generations.refresh()
      const attempt = prepareAttempt(draft, {
        policy: rules.policy,
        mint,
        now: clock.now(),
        isActive: jobs.some(({ order }) => order.isActive),
        newId: () => jobs[0]!.order.newId(),
        generation: generations.known,
        client: () => jobs[0]!.order.client(),
      })
      if (attempt.isRevival && !draft.isProving) {
        // Its deadline has passed since it was loaded, unless another request has moved it.
        const step = await look(attempt.base!)
        if (step.type === 'gone') return loseAll(jobs, attempt.live.record.id)
        origin = next(step)
        continue
      }
      const newcomer = newcomerOf(attempt)
      if (newcomer !== undefined) await limits?.admit(newcomer, attempt.live.record)
      const step = await sendFirst(attempt, jobs)
      if (step.type === 'done') await settleLimits(attempt)
      if (step.type === 'done')
        return settle(jobs, step.live, attempt.client === 'none' ? client : attempt.client, draft)
      if (step.type === 'gone' && !jobs.some((job) => signsIn(job, done))) return loseAll(jobs, attempt.live.record.id)
      origin = next(step)
    }
    throw new ConflictError(
      'ERR_CONFLICT',
      `Other requests changed the session ${ROUNDS} times while this one tried to. Nothing of it was saved. Try again.`,
    )
  }

  /** Ends whoever has lost their seat to who has just signed in. */
  async function settleLimits(attempt: Attempt): Promise<void> {
    const newcomer = newcomerOf(attempt)
    if (newcomer !== undefined) await limits?.settle(newcomer)
  }

  function settle(
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

  function loseAll(jobs: readonly Job[], id: string | undefined): undefined {
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

  function hasTime(job: Job): boolean {
    if (performance.now() + storeDeadline <= job.until) return true
    const isOutcomeUnknown = job.order.unsettled !== undefined
    job.reject(
      new StoreError(
        'ERR_COMMIT_TIMEOUT',
        `The commit was not done within ${commitDeadline} ms (\`commitDeadline\`). ${
          isOutcomeUnknown ? 'Whether the write before it was applied is still unknown.' : 'Nothing of it was saved.'
        } Try again.`,
        { isOutcomeUnknown },
      ),
    )
    return false
  }

  function applies({ order, reject }: Job, draft: Draft, done: number): boolean {
    try {
      draft.apply(order.intents.slice(done), { isTakeExclusive: order.isTakeExclusive })
      return true
    } catch (error) {
      reject(error)
      return false
    }
  }

  /** Ending what has ended already changes nothing, so that a commit that is repeated may do it again. */
  async function endSession({ key, id, reason }: DraftEnd): Promise<void> {
    try {
      const { outcome } = await store.end(key, { reason, at: clock.now(), id, commitId: mint.commitId() })
      if (outcome === 'ended') tell('holdfast:ended', { id, reason })
    } finally {
      cache.forget(key)
    }
  }

  /** Asks the store about a session of which this process has only a copy. */
  async function look({ token, record }: Live): Promise<Step> {
    return lookedAt(token, await store.load(record.key), false)
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

  /** Sends a write for the first time; if its outcome is unknown, its handles keep it for their next commit. */
  async function sendFirst(attempt: Attempt, jobs: readonly Job[]): Promise<Step> {
    try {
      return await send(attempt, false)
    } catch (error) {
      if (error instanceof StoreError && error.isOutcomeUnknown && error.code !== 'ERR_OUTCOME_UNKNOWN') {
        for (const { order } of jobs) order.onUnsettled({ ...attempt, intentCount: order.intents.length })
      }
      throw error
    }
  }

  async function send(attempt: Attempt, isResent: boolean): Promise<Step> {
    const { live, offered, base } = attempt
    const passage = cache.begin(offered.key)
    let isKept = false
    try {
      const step = await judge(attempt, await write(attempt, isResent))
      isKept = step.type === 'done'
      if (isKept) passage.keep(live)
      return step
    } finally {
      passage.close()
      if (!isKept) cache.forget(offered.key)
      if (base !== undefined && base.record.key !== offered.key) cache.forget(base.record.key)
    }
  }

  function write(
    { offered, base, alias, commitId }: Attempt,
    isResent: boolean,
  ): Promise<CreateResult | UpdateResult | RenewResult> {
    if (base === undefined) return store.create(offered, commitId)
    const { key, revision } = base.record
    if (alias === undefined) return store.update(offered, revision, commitId, isResent)
    return store.renew({ key, expected: revision, record: offered, alias }, commitId, isResent)
  }

  function judge(attempt: Attempt, answer: CreateResult | UpdateResult | RenewResult): Step | Promise<Step> {
    switch (answer.outcome) {
      case 'created':
        tell('holdfast:created', { id: attempt.live.record.id, isSignedIn: attempt.live.record.subject !== undefined })
        return { type: 'done', live: attempt.live }
      case 'renewed':
        tell('holdfast:renewed', { id: attempt.live.record.id, reason: attempt.reason ?? 'renew' })
        return { type: 'done', live: attempt.live }
      case 'updated':
        return { type: 'done', live: attempt.live }
      case 'conflict':
        return again(attempt.base!.token, answer, attempt.base!.isOwed)
      case 'exists':
        return { type: 'again', origin: originOf(attempt.base) }
      case 'ended':
        // A tombstone under a key that was drawn a moment ago only says that another token must be drawn.
        return attempt.base === undefined ? { type: 'again', origin: NO_ORIGIN } : { type: 'gone' }
      case 'moved':
        return follow(attempt.base!.token, answer)
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

  return { commit }
}

/** A login that finds its session ended begins a new one, so that a double-clicked form never shows an error. */
function signsIn({ order }: Job, done: number): boolean {
  return order.intents.slice(done).some(({ type }) => type === 'login')
}

/** The subject that has just signed in by a write, or has come back; `undefined` where nobody has. */
function newcomerOf({ live, base, isRevival }: Attempt): string | undefined {
  const { subject } = live.record
  return subject === base?.record.subject && !isRevival ? undefined : subject
}

function originOf(live: Live | undefined): Origin {
  return live === undefined ? NO_ORIGIN : { type: 'live', live }
}

/** Where the next round begins. Only a login goes on after its session is gone. */
function next(step: Step): Origin {
  if (step.type === 'gone') return NO_ORIGIN
  return step.type === 'done' ? originOf(step.live) : step.origin
}

/** The newest record that is known when jobs begin: their own, or what the lane carries. */
function newestOrigin(jobs: readonly Job[], carried: Live | undefined): Origin {
  const origins = jobs.map(({ order }) => order.origin)
  return [...origins, originOf(carried)].reduce((newest, origin) => {
    if (newest.type !== 'live' || origin.type !== 'live') return newest
    if (isRenewedByAge(newest.live, origin.live)) return originOf({ ...origin.live, isOwed: true })
    const isNewer = origin.live.record.revision > newest.live.record.revision
    return isNewer && origin.live.record.key === newest.live.record.key ? origin : newest
  })
}

/** After a renewal of privilege, an old token must not reach the session; after one by age, nobody may notice it. */
function isRenewedByAge({ record }: Live, { head }: Live): boolean {
  return head.isPending === true && head.formerKey === record.key
}
