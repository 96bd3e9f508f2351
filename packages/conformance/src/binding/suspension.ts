import assert from 'node:assert/strict'

import { isHoldfastError } from '@holdfast/core'

import { assertClearedCookie, assertNewCookie, assertNoCookie, assertShown, OK, show } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialRoutes } from './binding-trial.ts'
import type { Browser } from './browser.ts'

const HOUR = 3_600_000

const ROUTES: TrialRoutes = {
  'GET /login': (session) => (session.login('ann'), session.set('name', 'ann'), OK),
  'GET /read': (session) => show([session.suspended?.subject ?? null, session.get('name') ?? null]),
  'POST /write': (session) => (session.set('name', 'eve'), OK),
  'POST /prove': (session) => (session.reauthenticate({ methods: ['pwd'] }), OK),
  'POST /destroy': (session) => (session.destroy(), OK),
}

/** Answers a client whose session nobody has used for as long as it may be. */
async function suspended(trial: BindingTrial): Promise<Browser> {
  const browser = await trial.serve(ROUTES, {
    sessions: { profile: 'aal2', idleTimeout: '1h', absoluteTimeout: '24h' },
  })
  await browser.get('/login')
  trial.advance(HOUR)
  return browser
}

/** What can be done with a session of the profile `aal2` that nobody has used for an hour. */
export const suspensionTheme: BindingTheme = {
  name: 'suspended sessions',
  cases: [
    {
      rule: 'NIST 5.2-AAL2: a suspended session reads as empty, and its client gets no cookie',
      async prove(trial) {
        const browser = await suspended(trial)
        const { cookie } = browser
        const received = await browser.get('/read')
        assertShown(received, ['ann', null])
        assertNoCookie(received)
        assert.equal(browser.cookie, cookie, 'the client must keep its token')
      },
    },
    {
      rule: 'NIST 5.2-AAL2: a change of a suspended session is answered by 401 with ERR_SUSPENDED, and changes nothing',
      async prove(trial) {
        const browser = await suspended(trial)
        const received = await browser.post('/write')
        assert.equal(received.status, 401)
        assertNoCookie(received)
        const [error] = trial.errors
        assert.ok(isHoldfastError(error) && error.code === 'ERR_SUSPENDED', 'the framework must get ERR_SUSPENDED')
        await browser.post('/prove')
        assertShown(await browser.get('/read'), [null, 'ann'])
      },
    },
    {
      rule: 'NIST 5.2-AAL2: one factor revives a suspended session under a new token, until its absolute end',
      async prove(trial) {
        const browser = await suspended(trial)
        const { cookie } = browser
        assertNewCookie(await browser.post('/prove'))
        assertShown(await browser.get('/read'), [null, 'ann'])
        assertShown(await trial.browser().send('GET', '/read', cookie).received, [null, null])
        trial.advance(22 * HOUR)
        assertShown(await browser.get('/read'), ['ann', null])
        trial.advance(HOUR)
        assertShown(await browser.get('/read'), [null, null])
        assert.equal((await browser.post('/prove')).status, 401)
      },
    },
    {
      rule: 'NIST 5.2-AAL2: a suspended session may be ended, and its cookie is cleared',
      async prove(trial) {
        const browser = await suspended(trial)
        const { cookie } = browser
        assertClearedCookie(await browser.post('/destroy'))
        assertShown(await trial.browser().send('GET', '/read', cookie).received, [null, null])
      },
    },
  ],
}
