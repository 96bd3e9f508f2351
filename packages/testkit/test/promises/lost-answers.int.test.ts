import type { Duration } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import {
  type Browser,
  type Fault,
  type FaultyCall,
  type Latch,
  type Page,
  type Verb,
  latch,
  manualClock,
  rounds,
  strikeOnce,
} from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Stage, type State, keyOf, onStage, post } from './stage.ts'

const ROUNDS = 200
/** Rounds are spread over some processes, for each has its own circuit, which opens at 20 failures in a row. */
const PROCESSES = 4
const AT_ONCE = 16
const IDLE_TIMEOUT = 30 * 60_000
const TOUCH_IS_DUE = 4 * 60_000
const TOLD_UNKNOWN = ['ERR_STORE_TIMEOUT', 'ERR_OUTCOME_UNKNOWN']

interface Loss {
  readonly name: string
  readonly fault: Fault
  readonly storeDeadline: Duration
  /** Whether the engine can find out by itself. */
  readonly isRetried: boolean
}

const LOSSES: readonly Loss[] = [
  {
    name: 'applied, then an error',
    fault: { type: 'apply then throw' },
    storeDeadline: '5s',
    isRetried: true,
  },
  {
    name: 'applied, then silence',
    fault: { type: 'apply then hang' },
    storeDeadline: 30,
    isRetried: false,
  },
]

interface Operation {
  readonly verb: Verb
  readonly path: string
  /** Whether the visitor has a session before. */
  readonly hasBegun: boolean
}

const OPERATIONS: readonly Operation[] = [
  { verb: 'load', path: '/write', hasBegun: true },
  { verb: 'create', path: '/write', hasBegun: false },
  { verb: 'update', path: '/write', hasBegun: true },
  { verb: 'renew', path: '/sign-in', hasBegun: true },
  { verb: 'end', path: '/logout', hasBegun: true },
]

const CASES = OPERATIONS.flatMap((operation) => LOSSES.map((loss) => ({ ...operation, ...loss, loss: loss.name })))

const ROUTES = [
  post('/write', ({ session }) => session.increment('n')),
  post('/sign-in', ({ session, query }) => {
    session.increment('n')
    session.login(query['user']!)
  }),
  post('/logout', ({ session }) => session.logout()),
  post('/insist', async ({ session, query }) => {
    if (query['verb'] === 'end') session.logout()
    else session.increment('n')
    if (query['verb'] === 'renew') session.login(query['user']!)
    try {
      await session.commit()
    } catch {
      await session.commit()
    }
  }),
]

describe.each(FRAMEWORKS)('an answer that is lost once, on $name', ({ serve }) => {
  it.each(CASES)(
    'of $verb ($loss): carried out exactly once, or told unknown',
    async ({ verb, path, hasBegun, ...loss }) => {
      const engine = { storeDeadline: loss.storeDeadline, cache: false } as const
      await onStage(serve, { routes: ROUTES, engine, processes: PROCESSES }, async (stage) => {
        stage.faulty.plan = strikeOnce(verb, loss.fault)
        let told = 0
        const play = async (round: number): Promise<void> => {
          const user = stage.browser(round)
          // A call that succeeds between the failures keeps the circuit closed.
          if (!hasBegun) await user.send({ path: '/state', cookie: `id=${'A'.repeat(32)}` })
          if (hasBegun) await user.post(path === '/sign-in' ? '/begin' : `/login?user=${round}`)
          const old = user.cookie
          const place = `${path}?user=${round}`
          const page = await user.post(place)
          if (page.status === 200) return assertDone(stage, user, verb, round)
          told++
          assertTold(stage, page, place)
          await assertOnceOrNever(stage, user, { verb, old, round })
        }
        await roundsInEach(play)
        expect(told).toBe(loss.isRetried ? 0 : ROUNDS)
        expect(stage.faulty.struck).toHaveLength(ROUNDS)
      })
    },
  )

  it.each(['create', 'update', 'renew', 'end'] as const)(
    'of %s, and the handler commits again: carried out exactly once',
    async (verb) => {
      const engine = { storeDeadline: 30, cache: false } as const
      await onStage(serve, { routes: ROUTES, engine, processes: PROCESSES }, async (stage) => {
        stage.faulty.plan = strikeOnce(verb, { type: 'apply then hang' })
        const play = async (round: number): Promise<void> => {
          const user = stage.browser(round)
          if (verb !== 'create') await user.post(verb === 'renew' ? '/begin' : `/login?user=${round}`)
          expect(await user.post(`/insist?verb=${verb}&user=${round}`)).toMatchObject({ status: 200 })
          await assertDone(stage, user, verb, round)
        }
        await roundsInEach(play)
        expect(stage.faulty.struck).toHaveLength(ROUNDS)
      })
    },
  )

  it.each(LOSSES)('of touch ($name): the deadline is moved once, and nobody is bothered', async (loss) => {
    const clock = manualClock()
    const engine = {
      clock,
      jitter: 0,
      idleTimeout: IDLE_TIMEOUT,
      storeDeadline: loss.storeDeadline,
      cache: false,
    } as const
    await onStage(serve, { routes: ROUTES, engine }, async (stage) => {
      const users = await Promise.all(
        Array.from({ length: ROUNDS }, async (_, round) => {
          const user = stage.browser()
          await user.post(`/login?user=${round}`)
          return user
        }),
      )
      clock.advance(TOUCH_IS_DUE)
      stage.faulty.plan = strikeOnce('touch', loss.fault)
      const play = async (round: number): Promise<void> => {
        expect(await users[round]!.get('/state')).toMatchObject({ status: 200, setCookies: [] })
      }
      await rounds(ROUNDS, play, AT_ONCE)
      await stage.engines[0]!.close()
      expect(stage.faulty.struck.length).toBeGreaterThan(0)
      for (let round = 0; round < ROUNDS; round++) {
        const [found] = await stage.sessionsOf(`${round}`)
        expect(found).toMatchObject({ idleUntil: clock.now() + IDLE_TIMEOUT, record: { revision: 1 } })
      }
    })
  })

  it.each([
    { others: 3, status: 200, code: undefined },
    { others: 5, status: 503, code: 'ERR_OUTCOME_UNKNOWN' },
  ])('of an update, while $others others follow: $status', async ({ others, status, code }) => {
    await onStage(serve, { routes: ROUTES, processes: 2, engine: { storeDeadline: '5s' } }, async (stage) => {
      const losses = new FirstUpdates()
      stage.faulty.plan = (call) => losses.plan(call)
      await rounds(ROUNDS, async (round) => {
        const user = stage.browser()
        await user.post('/begin')
        const path = `/write?round=${round}`
        const slow = user.post(path)
        const { lost, retry } = losses.of(keyOf(user.cookie!))
        await lost.promise
        for (let turn = 0; turn < others; turn++) {
          const page = await user.send({ method: 'POST', path: '/write', url: stage.site(1).url })
          expect(page.status).toBe(200)
        }
        retry.open()
        expect(await slow).toMatchObject({ status, setCookies: [] })
        expect(stage.errorAt(path)).toBe(code)
        expect((await user.get('/state')).json<State>().fields).toEqual({ n: others + 1 })
      })
    })
  })
})

/** Plays all rounds, an equal part of them in each process. */
async function roundsInEach(play: (round: number) => Promise<void>): Promise<void> {
  const one = (process: number): Promise<void> =>
    rounds(ROUNDS / PROCESSES, (round) => play(round * PROCESSES + process), AT_ONCE)
  await Promise.all(Array.from({ length: PROCESSES }, (_, process) => one(process)))
}

interface FirstUpdate {
  commitId: string | undefined
  readonly lost: Latch
  readonly retry: Latch
}

/** Loses the answer to the first update of every session, and holds its retry back. */
class FirstUpdates {
  readonly #byKey = new Map<string, FirstUpdate>()

  of(key: string): FirstUpdate {
    const known = this.#byKey.get(key) ?? { commitId: undefined, lost: latch(), retry: latch() }
    this.#byKey.set(key, known)
    return known
  }

  plan({ verb, key, commitId }: FaultyCall): Fault | undefined {
    if (verb !== 'update') return undefined
    const first = this.of(key)
    if (first.commitId === undefined) {
      first.commitId = commitId
      first.lost.open()
      return { type: 'apply then throw' }
    }
    return commitId === first.commitId ? { type: 'late', until: first.retry.promise } : undefined
  }
}

async function assertDone(stage: Stage, user: Browser, verb: Verb, round: number): Promise<void> {
  const state = (await user.get('/state')).json<State>()
  if (verb === 'end') {
    expect(state).toMatchObject({ isNew: true, subject: null })
    expect(await stage.sessionsOf(`${round}`)).toEqual([])
    return
  }
  expect(state).toMatchObject({ isNew: false, fields: { n: 1 }, revision: verb === 'create' ? 1 : 2 })
  if (verb === 'renew') expect(await stage.sessionsOf(`${round}`)).toHaveLength(1)
}

function assertTold(stage: Stage, page: Page, path: string): void {
  expect(page).toMatchObject({ status: 503, setCookies: [] })
  expect(TOLD_UNKNOWN).toContain(stage.errorAt(path))
}

interface Told {
  readonly verb: Verb
  readonly old: string | undefined
  readonly round: number
}

async function assertOnceOrNever(stage: Stage, user: Browser, { verb, old, round }: Told): Promise<void> {
  expect(user.cookie).toBe(old)
  const state = (await user.get('/state')).json<State>()
  const found = await stage.sessionsOf(`${round}`)
  const revisions = found.map(({ record }) => record.revision)
  switch (verb) {
    case 'load':
      expect(state.fields).toEqual({})
      return expect(revisions).toEqual([1])
    case 'update':
      expect(state.fields).toEqual({ n: 1 })
      return expect(revisions).toEqual([2])
    case 'renew':
      // The old token is over, and the new one has not been told: exactly one of both is valid.
      expect(state.isNew).toBe(true)
      return expect(revisions).toEqual([2])
    default:
      expect(state.isNew).toBe(true)
      return expect(revisions).toEqual([])
  }
}
