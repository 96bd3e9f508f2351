/**
 * Turns intents into store calls.
 *
 * One round applies the intents to the newest known record and sends the one write that results. A `conflict` brings
 * the newer record, and the next round begins with it. Commits of one session run one after another in this process;
 * so most conflicts never reach the store.
 */
import { type Attempt, prepareAttempt } from '../attempt.ts'
import type { Clock } from '../contracts/clock.ts'
import { ConflictError } from '../contracts/errors.ts'
import { Draft } from '../mechanisms/draft.ts'
import type { DraftRules } from '../mechanisms/draft-rules.ts'
import type { Generations } from '../mechanisms/generations.ts'
import { createLanes } from '../mechanisms/lane.ts'
import { type Live, NO_ORIGIN, type Origin } from '../mechanisms/live.ts'
import type { SessionLimits } from '../session-limits.ts'
import {
  type CommitOrder,
  type Committed,
  type Job,
  applies,
  isAlone,
  loseAll,
  refuseLate,
  settle,
  signsIn,
} from './order.ts'
import { HANDED_ON, type SenderParts, type Step, createSender, originOf } from './sending.ts'

/** How often a commit that keeps meeting newer records begins again. */
const ROUNDS = 32

export interface Committer {
  /** @throws StoreError, LimitError `ERR_TOO_MANY_SESSIONS`, GoneError `ERR_GONE`, ConflictError `ERR_CONFLICT`, ValueError, what an `update` function throws */
  commit(order: CommitOrder): Promise<Committed>
}

export interface CommitterParts extends SenderParts {
  readonly rules: DraftRules
  readonly clock: Clock
  readonly generations: Generations
  /** `undefined`: subjects have as many sessions as they like. */
  readonly limits: SessionLimits | undefined
  readonly storeDeadline: number
  readonly commitDeadline: number
}

/** Where the rounds of some jobs begin. */
interface Beginning {
  readonly origin: Origin
  /** How many rounds there have been. */
  readonly round: number
  /** How many of the first job's intents have been carried out, by a write that was sent anew. */
  readonly done: number
  readonly client: Committed['client']
}

export function createCommitter(parts: CommitterParts): Committer {
  const { rules, clock, mint, generations, limits, storeDeadline, commitDeadline } = parts
  const sender = createSender(parts)
  const lanes = createLanes<Job, Live>({
    isAlone,
    run: (jobs, carried) => changeAtOnce(jobs, carried) ?? orReject(jobs, carryOut(jobs, carried)),
  })

  function commit(order: CommitOrder): Promise<Committed> {
    return new Promise((resolve, reject) => {
      const job: Job = { order, until: performance.now() + commitDeadline, resolve, reject }
      if (order.origin.type === 'live') return lanes.enter(order.origin.live.record.key, job)
      // A session that begins here has no key yet that anybody else could know.
      const jobs = [job]
      void orReject(jobs, carryOut(jobs, undefined))
    })
  }

  /** Answers the newest record that jobs know of, for those who come next. Never rejects: the jobs are told. */
  function orReject(jobs: readonly Job[], carrying: Promise<Live | undefined>): Promise<Live | undefined> {
    return carrying.catch((error: unknown) => rejectAll(jobs, error))
  }

  /**
   * Sends the first round of a request that changed fields of a session which nobody else is changing. That is what
   * nearly all commits are, so what the handle has shown is written as it is, and nothing waits but for the store.
   * Answers `undefined` for everything else.
   */
  function changeAtOnce(jobs: readonly Job[], carried: Live | undefined): Promise<Live | undefined> | undefined {
    const [job] = jobs
    const draft = job?.order.draft
    if (job === undefined || draft === undefined || jobs.length > 1 || carried !== undefined) return undefined
    if (!draft.isPlainChange || !draft.hasRecordToWrite() || !hasTime(job)) return undefined
    let attempt: Attempt
    try {
      attempt = prepare(draft, jobs)
    } catch (error) {
      return Promise.resolve(rejectAll(jobs, error))
    }
    if (attempt.isRevival) return undefined
    return sender.sendFirst<Live | undefined>(attempt, jobs, {
      next: (step) => {
        if (step.type === 'done') return settle(jobs, step.live, attempt.client, draft)
        if (step.type === 'gone') return loseAll(jobs, attempt.live.record.id)
        return orReject(jobs, rounds(jobs, { origin: step.origin, round: 1, done: 0, client: 'none' }))
      },
      failed: (error) => rejectAll(jobs, error),
    })
  }

  /** Carries out jobs that belong to one session. */
  async function carryOut(jobs: readonly Job[], carried: Live | undefined): Promise<Live | undefined> {
    const beginning: Beginning = { origin: newestOrigin(jobs, carried), round: 0, done: 0, client: 'none' }
    const [first] = jobs
    const unsettled = first?.order.unsettled
    if (first === undefined || unsettled === undefined) return rounds(jobs, beginning)
    if (!hasTime(first)) return undefined
    const step = await sender.send(unsettled, true)
    if (step.type === 'done') await settleLimits(unsettled)
    if (step.type === 'gone' && !signsIn(first, 0)) return loseAll(jobs, unsettled.live.record.id)
    const settled = step.type === 'done' ? { done: unsettled.intentCount, client: unsettled.client } : undefined
    return rounds(jobs, { ...beginning, origin: next(step), ...settled })
  }

  async function rounds(allJobs: readonly Job[], beginning: Beginning): Promise<Live | undefined> {
    const { done, client } = beginning
    let { origin } = beginning
    let jobs = allJobs
    for (let { round } = beginning; round < ROUNDS; round++) {
      const draft = new Draft(rules, origin)
      jobs = jobs.filter((job) => hasTime(job) && applies(job, draft, done))
      if (jobs.length === 0) return draft.base
      for (const end of draft.ends) await sender.end(end)
      if (!draft.hasRecordToWrite()) {
        if (draft.base?.isCopy !== true) return settle(jobs, draft.base, draft.isSignedOut ? 'clear' : client, draft)
        const step = await sender.look(draft.base)
        if (step.type === 'gone' && !jobs.some((job) => signsIn(job, done))) return loseAll(jobs, draft.base.record.id)
        origin = next(step)
        continue
      }

      if (draft.isSuperseded) return loseAll(jobs, undefined)
      if (draft.base === undefined) await generations.refresh()
      const attempt = prepare(draft, jobs)
      if (attempt.isRevival && !draft.isProving) {
        // Its deadline has passed since it was loaded, unless another request has moved it.
        const step = await sender.look(attempt.base!)
        if (step.type === 'gone') return loseAll(jobs, attempt.live.record.id)
        origin = next(step)
        continue
      }
      const newcomer = newcomerOf(attempt)
      if (newcomer !== undefined) await limits?.admit(newcomer, attempt.live.record)
      const step = await sender.sendFirst(attempt, jobs, HANDED_ON)
      if (step.type === 'done') {
        await settleLimits(attempt)
        return settle(jobs, step.live, attempt.client === 'none' ? client : attempt.client, draft)
      }
      if (step.type === 'gone' && !jobs.some((job) => signsIn(job, done))) return loseAll(jobs, attempt.live.record.id)
      origin = next(step)
    }
    throw new ConflictError(
      'ERR_CONFLICT',
      `Other requests changed the session ${ROUNDS} times while this one tried to. Nothing of it was saved. Try again.`,
    )
  }

  function prepare(draft: Draft, jobs: readonly Job[]): Attempt {
    return prepareAttempt(draft, {
      policy: rules.policy,
      mint,
      now: clock.now(),
      isActive: jobs.some(({ order }) => order.isActive),
      newId: () => jobs[0]!.order.newId(),
      generation: generations.known,
      client: () => jobs[0]!.order.client(),
    })
  }

  /** Ends whoever has lost their seat to who has just signed in. */
  async function settleLimits(attempt: Attempt): Promise<void> {
    const newcomer = newcomerOf(attempt)
    if (newcomer !== undefined) await limits?.settle(newcomer)
  }

  function hasTime(job: Job): boolean {
    if (performance.now() + storeDeadline <= job.until) return true
    refuseLate(job, commitDeadline)
    return false
  }

  return { commit }
}

function rejectAll(jobs: readonly Job[], error: unknown): undefined {
  for (const job of jobs) job.reject(error)
}

/** The subject that has just signed in by a write, or has come back; `undefined` where nobody has. */
function newcomerOf({ live, base, isRevival }: Attempt): string | undefined {
  const { subject } = live.record
  return subject === base?.record.subject && !isRevival ? undefined : subject
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
