import assert from 'node:assert/strict'

import type { Session } from '@holdfast/core'

import { assertClearedCookie, assertNewCookie, assertNoCookie, OK } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { TrialRoutes } from './binding-trial.ts'
import type { Fields } from './routes.ts'

const ROUTES: TrialRoutes = {
  'GET /begin': (session) => (session.set('name', 'ann'), session.login('ann'), OK),
}

/** A handler that does something and then throws. */
function failing(act: (session: Session<Fields>) => void): TrialRoutes {
  return {
    ...ROUTES,
    'GET /page': (session) => {
      act(session)
      throw new Error('The handler has a defect.')
    },
  }
}

/** Half a page is no reason to half change a session. */
export const serverErrorsTheme: BindingTheme = {
  name: 'handlers that end in 5xx',
  cases: [
    {
      rule: 'a handler that throws loses its changes',
      async prove(trial) {
        const browser = await trial.serve(failing((session) => session.set('name', 'bob')))
        await browser.get('/begin')
        const received = await browser.get('/page')
        assert.equal(received.status, 500)
        assertNoCookie(received)
        assert.equal(trial.errors.length, 1)
        assert.equal((await trial.sessionOf(browser)).get('name'), 'ann')
      },
    },
    {
      rule: 'a handler that throws signs nobody in',
      async prove(trial) {
        const browser = await trial.serve(failing((session) => session.login('bob')))
        assertNoCookie(await browser.get('/page'))
        assert.deepEqual(trial.store.calls, [])
      },
    },
    {
      rule: 'a handler that answers 503 itself loses its changes',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => (session.set('name', 'bob'), { ...OK, status: 503 }),
        })
        const received = await browser.get('/page')
        assert.deepEqual([received.status, received.body], [503, 'ok'])
        assertNoCookie(received)
        assert.deepEqual(trial.store.calls, [])
      },
    },
    {
      rule: 'a handler that answers 404 keeps its changes',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => (session.set('name', 'bob'), { ...OK, status: 404 }),
        })
        const received = await browser.get('/page')
        assert.equal(received.status, 404)
        assertNewCookie(received)
        assert.equal((await trial.sessionOf(browser)).get('name'), 'bob')
      },
    },
    {
      rule: 'with saveOn5xx a handler that throws keeps its changes',
      async prove(trial) {
        const browser = await trial.serve(
          failing((session) => session.set('name', 'bob')),
          {
            sessions: { saveOn5xx: true },
          },
        )
        const received = await browser.get('/page')
        assert.equal(received.status, 500)
        assertNewCookie(received)
        assert.equal((await trial.sessionOf(browser)).get('name'), 'bob')
      },
    },
    ...(['logout', 'destroy'] as const).map(
      (verb) =>
        ({
          rule: `a ${verb} is carried out although the handler throws, and the cookie is cleared`,
          async prove(trial) {
            const browser = await trial.serve(failing((session) => session[verb]()))
            await browser.get('/begin')
            const old = browser.clone()
            const received = await browser.get('/page')
            assert.equal(received.status, 500)
            assertClearedCookie(received)
            assert.equal((await trial.sessionOf(old)).subject, undefined)
          },
        }) satisfies BindingTheme['cases'][number],
    ),
    {
      rule: 'a renewal is carried out although the handler throws, and the new cookie is sent',
      async prove(trial) {
        const browser = await trial.serve(failing((session) => (session.set('name', 'bob'), session.renew())))
        await browser.get('/begin')
        const old = browser.clone()
        const received = await browser.get('/page')
        assert.equal(received.status, 500)
        assertNewCookie(received)
        const session = await trial.sessionOf(browser)
        assert.deepEqual([session.subject, session.get('name')], ['ann', 'ann'])
        assert.equal((await trial.sessionOf(old)).isNew, true)
      },
    },
    {
      rule: 'what an explicit commit has saved stays saved, cookie included',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': async (session) => {
            session.set('name', 'ann')
            await session.commit()
            session.set('name', 'bob')
            throw new Error('The handler has a defect.')
          },
        })
        const received = await browser.get('/page')
        assert.equal(received.status, 500)
        assertNewCookie(received)
        assert.equal((await trial.sessionOf(browser)).get('name'), 'ann')
      },
    },
  ],
}
