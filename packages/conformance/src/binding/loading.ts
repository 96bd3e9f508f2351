import assert from 'node:assert/strict'

import { assertFailed, assertNewCookie, assertNoCookie, assertShown, OK, show } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialOptions, TrialRoutes } from './binding-trial.ts'
import type { Browser } from './browser.ts'

const ROUTES: TrialRoutes = {
  'GET /begin': (session) => (session.set('name', 'ann'), OK),
  'GET /read': (session) => show(session.get('name')),
  'GET /load': async (session) => show((await session.load()).get('name')),
  'GET /write': (session) => (session.set('name', 'bob'), OK),
  'GET /strict': { mount: { load: 'strict' }, handle: (session) => show(session.get('name')) },
  'GET /eager': { mount: { load: 'eager' }, handle: (session) => show(session.get('name')) },
  'GET /passive': { mount: { passive: true }, handle: (session) => show(session.get('name')) },
}

/** Answers a client that has a session, and a store whose calls are counted from now on. */
async function begin(trial: BindingTrial, options?: TrialOptions): Promise<Browser> {
  const browser = await trial.serve(ROUTES, options)
  await browser.get('/begin')
  trial.store.calls.length = 0
  return browser
}

const LAZY: TrialOptions = { mount: { load: 'lazy' } }

/** When a session is loaded, and what happens when it cannot be. */
export const loadingTheme: BindingTheme = {
  name: 'loading',
  cases: [
    {
      rule: 'a session is loaded before the handler runs, once',
      async prove(trial) {
        const browser = await begin(trial)
        assertShown(await browser.get('/read'), 'ann')
        assert.deepEqual(trial.store.calls, ['load'])
      },
    },
    {
      rule: 'a load that fails is an error only where the session is used',
      async prove(trial) {
        const browser = await begin(trial)
        trial.store.fail('load')
        assert.equal((await browser.get('/other')).status, 200)
        assert.deepEqual(trial.errors, [])
        assertFailed(trial, await browser.get('/read'), 'ERR_STORE_FAILED')
        assert.equal(browser.jar.size, 1)
      },
    },
    {
      rule: 'a load that fails never lets a handler write to an empty session',
      async prove(trial) {
        const browser = await begin(trial)
        trial.store.fail('load')
        assertFailed(trial, await browser.get('/write'), 'ERR_STORE_FAILED')
        assert.equal(trial.store.count('create') + trial.store.count('update'), 0)
        trial.store.heal()
        assertShown(await browser.get('/read'), 'ann')
      },
    },
    {
      rule: 'a load that hangs is an error within the deadline',
      async prove(trial) {
        const browser = await begin(trial, { sessions: { storeDeadline: 100, commitDeadline: 400 } })
        trial.store.hang('load')
        assertFailed(trial, await browser.get('/read'), 'ERR_STORE_TIMEOUT')
      },
    },
    {
      rule: "with load: 'lazy' nothing is loaded until the handler asks",
      async prove(trial) {
        const browser = await begin(trial, LAZY)
        await browser.get('/other')
        assert.deepEqual(trial.store.calls, [])
        assertShown(await browser.get('/load'), 'ann')
        assert.deepEqual(trial.store.calls, ['load'])
      },
    },
    {
      rule: "with load: 'lazy' a read before the load throws ERR_NOT_LOADED",
      async prove(trial) {
        const browser = await begin(trial, LAZY)
        assertFailed(trial, await browser.get('/read'), 'ERR_NOT_LOADED')
      },
    },
    {
      rule: "with load: 'lazy' a change may be recorded before the load, and is saved",
      async prove(trial) {
        const browser = await begin(trial, LAZY)
        assertNoCookie(await browser.get('/write'))
        assert.deepEqual(trial.store.calls, ['load', 'update'])
        assert.equal((await trial.sessionOf(browser)).get('name'), 'bob')
      },
    },
    {
      rule: "with load: 'lazy' a failed load of a change is answered like a failed commit",
      async prove(trial) {
        const browser = await begin(trial, LAZY)
        trial.store.fail('load')
        assertFailed(trial, await browser.get('/write'), 'ERR_STORE_FAILED')
      },
    },
    ...(['strict', 'eager'] as const).map(
      (load) =>
        ({
          rule: `a route may ask for load: '${load}' where the application is lazy`,
          async prove(trial) {
            const browser = await begin(trial, LAZY)
            assertShown(await browser.get(`/${load}`), 'ann')
            assert.deepEqual(trial.store.calls, ['load'])
          },
        }) satisfies BindingTheme['cases'][number],
    ),
    {
      rule: 'the load option of the engine counts where the binding says nothing',
      async prove(trial) {
        const browser = await begin(trial, { sessions: { load: 'lazy' } })
        await browser.get('/other')
        assert.deepEqual(trial.store.calls, [])
      },
    },
    {
      rule: 'a request that uses its session keeps it alive, a passive one does not',
      async prove(trial) {
        const browser = await begin(trial)
        trial.advance(20 * 60_000)
        await browser.get('/passive')
        await trial.settle()
        assert.deepEqual(trial.store.calls, ['load'])
        await browser.get('/read')
        await trial.settle()
        assert.deepEqual(trial.store.calls, ['load', 'load', 'touch'])
        trial.advance(20 * 60_000)
        assertShown(await browser.get('/read'), 'ann')
      },
    },
    {
      rule: 'passive may be said for the whole application',
      async prove(trial) {
        const browser = await begin(trial, { mount: { passive: true } })
        trial.advance(20 * 60_000)
        await browser.get('/read')
        await trial.settle()
        assert.deepEqual(trial.store.calls, ['load'])
      },
    },
    {
      rule: 'a route that is passive may still change its session',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': { mount: { passive: true }, handle: (session) => (session.increment('visits'), OK) },
        })
        assertNewCookie(await browser.get('/page'))
        await browser.get('/page')
        assert.equal((await trial.sessionOf(browser)).get('visits'), 2)
      },
    },
  ],
}
