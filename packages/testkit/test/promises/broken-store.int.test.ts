import { memoryStore } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import { type Fault, type Page, type Verb, measureLoopDelay } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { json } from '../frameworks/site.ts'
import { type Stage, onStage, post } from './stage.ts'

const DEADLINE = 120
/** No measurement of a loop's delay is finer than its timers. */
const TIMER = 4

interface Breakage {
  readonly name: string
  readonly code: string
  readonly fault: Fault
}

const strange = (name: string, instead: (answer: never) => unknown): Breakage => ({
  name: `answers ${name}`,
  code: 'ERR_STORE_ANSWER',
  fault: { type: 'answer', instead: instead as (answer: unknown) => unknown },
})

const foreign = (name: string, instead: (answer: never) => unknown): Breakage => ({
  name: `answers ${name}`,
  code: 'ERR_STORE_MISMATCH',
  fault: { type: 'answer', instead: instead as (answer: unknown) => unknown },
})

/** A key that is well-formed, and not the one asked for. */
const OTHER = 'A'.repeat(22)

const BREAKAGES: readonly Breakage[] = [
  { name: 'hangs', code: 'ERR_STORE_TIMEOUT', fault: { type: 'hang' } },
  { name: 'rejects', code: 'ERR_STORE_FAILED', fault: { type: 'throw' } },
  { name: 'throws at once', code: 'ERR_STORE_FAILED', fault: { type: 'throw', isSync: true } },
  strange('nothing', () => undefined),
  strange('null', () => null),
  strange('text', () => 'OK'),
  strange('a bare object', () => ({})),
  strange('no outcome', ({ key }: { key: string }) => ({ key })),
  strange('an outcome of another verb', (answer: object) => ({ ...answer, outcome: 'swept' })),
  foreign('for another key', (answer: object) => ({ ...answer, key: OTHER })),
  foreign('without a key', ({ key: _, ...rest }: { key: string }) => rest),
]

/** What only a `load` can get wrong: the record itself. */
const BROKEN_RECORDS: readonly Breakage[] = [
  strange('without the record', ({ record: _, ...rest }: { record: object }) => rest),
  strange('a record without a body', (answer: { record: object }) => ({
    ...answer,
    record: { ...answer.record, body: 'text' },
  })),
  strange('a record without an end', (answer: { record: object }) => ({
    ...answer,
    record: { ...answer.record, absoluteAt: Number.NaN },
  })),
  strange('no idle deadline', (answer: object) => ({ ...answer, idleUntil: null })),
  foreign('the record of another key', (answer: { record: object }) => ({
    ...answer,
    record: { ...answer.record, key: OTHER },
  })),
]

const WRITES: readonly { readonly verb: Verb; readonly path: string; readonly isFresh?: boolean }[] = [
  { verb: 'create', path: '/begin', isFresh: true },
  { verb: 'update', path: '/write' },
  { verb: 'renew', path: '/login?user=ann' },
  { verb: 'end', path: '/logout' },
]

describe.each(FRAMEWORKS)('a store that fails, on $name', ({ serve }) => {
  const routes = [
    post('/write', ({ session }) => session.increment('n')),
    post('/logout', ({ session }) => session.logout()),
    {
      method: 'GET' as const,
      path: '/greet',
      handle: ({ session }: { session: { get(name: 'n'): unknown } }) => json({ n: session.get('n') ?? 'a stranger' }),
    },
  ]
  const engine = { storeDeadline: DEADLINE, cache: false } as const

  const assertRefused = (stage: Stage, page: Page, path: string, code: string): void => {
    const { status, setCookies, headers, body } = page
    expect({ path, status, setCookies, code: stage.errorAt(path) }).toEqual({ path, status: 503, setCookies: [], code })
    expect(headers).not.toHaveProperty('location')
    expect(body).not.toContain('stranger')
  }

  it.each([...BREAKAGES, ...BROKEN_RECORDS])('at load, and $name: 503, no empty session', async ({ code, fault }) => {
    const loop = measureLoopDelay()
    await onStage(serve, { routes, engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/begin')
      stage.faulty.plan = ({ verb }) => (verb === 'load' ? fault : undefined)
      const paths = ['/greet', '/state', '/write', '/login?user=ann', '/logout']
      const pages = await Promise.all(
        paths.map((path) => (path === '/greet' || path === '/state' ? user.get(path) : user.post(path))),
      )
      const bound = DEADLINE + 5 * Math.max(TIMER, loop.stop())
      pages.forEach((page, index) => {
        assertRefused(stage, page, paths[index]!, code)
        expect(page.duration).toBeLessThan(bound)
      })
      stage.faulty.plan = () => undefined
      expect((await user.get('/greet')).json()).toEqual({ n: 0 })
    })
  })

  it.each(BREAKAGES)('at a write, and $name: 503, nothing of the answer leaves', async ({ code, fault }) => {
    const loop = measureLoopDelay()
    await onStage(serve, { routes, engine }, async (stage) => {
      const served = await Promise.all(
        WRITES.map(async ({ verb, path, isFresh }) => {
          const user = stage.browser()
          if (isFresh !== true) await user.post('/begin')
          return { verb, path, user }
        }),
      )
      stage.faulty.plan = ({ verb }) => (verb === 'load' ? undefined : fault)
      const pages = await Promise.all(served.map(({ user, path }) => user.post(path)))
      const bound = DEADLINE + 5 * Math.max(TIMER, loop.stop())
      pages.forEach((page, index) => {
        const { path, verb } = served[index]!
        assertRefused(stage, page, path, code)
        expect(page.duration).toBeLessThan(bound)
        expect(stage.faulty.calls[verb]).toBeGreaterThan(0)
      })
    })
  })

  it("an answer that is another user's whole session reaches nobody", async () => {
    const inner = memoryStore()
    await onStage(serve, { routes, engine, inner }, async (stage) => {
      const [ann, bob] = [stage.browser(), stage.browser()]
      await ann.post('/login?user=ann')
      await bob.post('/login?user=bob')
      let annsAnswer: unknown
      stage.faulty.plan = () => ({ type: 'answer', instead: (answer) => (annsAnswer ??= answer) })
      expect((await ann.get('/state')).json()).toMatchObject({ subject: 'ann' })
      const page = await bob.get('/state')
      assertRefused(stage, page, '/state', 'ERR_STORE_MISMATCH')
      expect(page.body).not.toContain('ann')
    })
  })

  it.each(BREAKAGES)('that $name leaves pages alone which do not use the session', async ({ fault }) => {
    const loop = measureLoopDelay()
    await onStage(serve, { routes, engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/begin')
      stage.faulty.plan = () => fault
      const name = user.cookie!.split('=')[0]
      const cookies = [
        undefined,
        user.cookie,
        `${name}=${'A'.repeat(32)}`,
        `${name}=malformed`,
        `${name}=${'x'.repeat(12_000)}`,
        Array.from({ length: 200 }, (_, index) => `${name}=${String(index).padStart(32, '0')}`).join('; '),
        'other=1; =; ;;',
      ]
      const pages = await Promise.all(cookies.map((cookie) => user.send({ path: '/plain', cookie })))
      const bound = DEADLINE + 5 * Math.max(TIMER, loop.stop())
      for (const page of pages) {
        expect(page).toMatchObject({ status: 200, body: 'nobody asked for a session', setCookies: [] })
        expect(page.headers.vary).toBeUndefined()
        expect(page.duration).toBeLessThan(bound)
      }
      expect(stage.sites[0]!.errors).toEqual([])
    })
  })
})
