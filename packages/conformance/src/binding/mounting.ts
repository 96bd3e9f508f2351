import assert from 'node:assert/strict'

import { assertNewCookie, assertShown, OK, show } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'

/** Where the handle is found. */
export const mountingTheme: BindingTheme = {
  name: 'mounting',
  cases: [
    {
      rule: 'sessions.of answers the handle of the property',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session, { carrier }) => show(trial.sessions.of(carrier) === session),
        })
        assertShown(await browser.get('/page'), true)
      },
    },
    {
      rule: 'the property may have another name',
      async prove(trial) {
        const browser = await trial.serve(
          {
            'GET /page': (session, { carrier }) => {
              session.set('name', 'ann')
              const isThere = Reflect.get(carrier, 'hold') === trial.sessions.of(carrier)
              return show([isThere, Reflect.get(carrier, 'session') === undefined])
            },
          },
          { mount: { property: 'hold' } },
        )
        const received = await browser.get('/page')
        assertShown(received, [true, true])
        assertNewCookie(received)
      },
    },
    {
      rule: 'a route that mounts the binding once more has the same handle, and one commit',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': {
            mount: {},
            handle: (session, { carrier }) => {
              session.increment('visits')
              return show(trial.sessions.of(carrier) === session)
            },
          },
        })
        const received = await browser.get('/page')
        assertShown(received, true)
        assertNewCookie(received)
        await browser.get('/page')
        assert.deepEqual(trial.store.calls, ['create', 'load', 'update'])
        assert.equal((await trial.sessionOf(browser)).get('visits'), 2)
      },
    },
    {
      rule: 'assigning the property throws ERR_PROPERTY_STYLE and hides nothing',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session, { carrier }) => {
            assert.throws(() => Object.assign(carrier, { session: null }), { code: 'ERR_PROPERTY_STYLE' })
            return show(Reflect.get(carrier, 'session') === session)
          },
        })
        assertShown(await browser.get('/page'), true)
      },
    },
    {
      rule: 'every request has a handle of its own',
      async prove(trial) {
        const seen = new Set<unknown>()
        const browser = await trial.serve({
          'GET /page': (session) => {
            seen.add(session)
            session.increment('visits')
            return OK
          },
        })
        const stranger = trial.browser()
        await Promise.all([browser.get('/page'), stranger.get('/page')])
        await browser.get('/page')
        assert.equal(seen.size, 3)
        const counts = [await trial.sessionOf(browser), await trial.sessionOf(stranger)].map((s) => s.get('visits'))
        assert.deepEqual(counts, [2, 1])
      },
    },
  ],
}
