import { engineClock, memoryStore } from '@holdfast/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { faultyStore } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type State, onStage, post } from './stage.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ABSOLUTE = 2 * HOUR

/** What happens to the machine between two requests: time passes, or somebody sets its clock. */
type Happening = { readonly passes: number } | { readonly isSetBy: number }

/** The platform's clocks, in the hands of the test. Time passes on both; only the wall clock can be set. */
const machine = { passed: 0, set: 0 }
const real = { now: Date.now, performanceNow: performance.now }

beforeEach(() => {
  machine.passed = 0
  machine.set = 0
  const begin = { wall: real.now(), monotonic: real.performanceNow.call(performance) }
  Date.now = () => begin.wall + machine.passed + machine.set
  performance.now = () => begin.monotonic + machine.passed
})

afterEach(() => {
  Date.now = real.now
  performance.now = real.performanceNow
})

function befall(happening: Happening): void {
  if ('passes' in happening) machine.passed += happening.passes
  else machine.set += happening.isSetBy
}

const setBack: Happening = { isSetBy: -HOUR }
const setForward: Happening = { isSetBy: HOUR }
const happenings = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 25 * MINUTE }).map((passes): Happening => ({ passes })),
    fc.constantFrom(setBack, setForward),
  ),
  { minLength: 1, maxLength: 16 },
)

describe.each(FRAMEWORKS)('the clock of the machine is set by an hour, either way, on $name', ({ serve }) => {
  const routes = [post('/write', ({ session }) => session.increment('n'))]
  const engine = { idleTimeout: ABSOLUTE, absoluteTimeout: ABSOLUTE } as const
  const stores = {
    'the clock of the store': () => memoryStore(),
    'a clock of its own beside that of the store': () => withoutClock(),
  }

  it.each(Object.entries(stores))('nothing outlives its absolute end, with %s', async (_, inner) => {
    await onStage(serve, { routes, engine, inner: inner() }, async (stage) => {
      const property = fc.asyncProperty(fc.constantFrom('/state', '/write'), happenings, async (path, story) => {
        const user = stage.browser()
        await user.post('/login?user=ann')
        const { cookie } = user
        const bornAt = machine.passed
        for (const happening of story) {
          befall(happening)
          await (path === '/write' ? user.post(path) : user.get(path))
          const { isNew } = (await user.send({ path: '/state', cookie })).json<State>()
          if (machine.passed - bornAt >= ABSOLUTE && !isNew) return false
        }
        return true
      })
      expect(await fc.check(property, { numRuns: 100 })).toMatchObject({ failed: false, counterexample: null })
    })
  })

  it('and a session whose clock was only set back lives as long as it was promised', async () => {
    await onStage(serve, { routes, engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      for (const passes of [HOUR, HOUR - 1]) {
        befall(setBack)
        befall({ passes })
        expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann', isNew: false })
      }
      befall({ passes: 1 })
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: null, isNew: true })
    })
  })
})

/** A store that does not show its clock: the engine makes its own. */
function withoutClock(): ReturnType<typeof memoryStore> {
  const { store } = faultyStore(memoryStore({ clock: engineClock() }))
  return new Proxy(store, {
    get: (target, name) => (name === 'clock' ? undefined : Reflect.get(target, name)),
  }) as ReturnType<typeof memoryStore>
}
