import assert from 'node:assert/strict'

import { assertNewCookie, assertNoCookie, assertShown, OK, show } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialOptions, TrialRoutes } from './binding-trial.ts'
import type { Browser } from './browser.ts'

const PERIOD = 15 * 60_000
const GRACE = 10_000

const ROUTES: TrialRoutes = {
  'GET /login': (session) => (session.login('ann'), session.set('name', 'ann'), OK),
  'GET /read': (session) => show(session.get('name')),
  'GET /passive': { mount: { passive: true }, handle: (session) => show(session.get('name')) },
  'GET /broken': (session) => ({ ...show(session.get('name')), status: 503 }),
}

const RENEWING: TrialOptions = { sessions: { renewEvery: PERIOD } }

/** Answers a client whose token has just become old. */
async function aged(trial: BindingTrial): Promise<Browser> {
  const browser = await trial.serve(ROUTES, RENEWING)
  await browser.get('/login')
  trial.advance(PERIOD)
  return browser
}

/** What happens to a token that has become old, and to the one that replaces it. */
export const renewalTheme: BindingTheme = {
  name: 'renewal by age',
  cases: [
    {
      rule: 'an answer brings a new token once the old one is old, and both lead to the session',
      async prove(trial) {
        const browser = await aged(trial)
        const { cookie } = browser
        const received = await browser.get('/read')
        assertShown(received, 'ann')
        assertNewCookie(received)
        assert.notEqual(browser.cookie, cookie, 'the token must be another one')
        assertShown(await browser.get('/read'), 'ann')
        assertShown(await trial.browser().send('GET', '/read', cookie!).received, 'ann')
      },
    },
    {
      rule: 'a client that lost the answer with the new token gets the same one again',
      async prove(trial) {
        const browser = await aged(trial)
        const { cookie } = browser
        const line = assertNewCookie(await browser.get('/read'))
        trial.advance(GRACE)
        const again = await trial.browser().send('GET', '/read', cookie!).received
        assertShown(again, 'ann')
        assert.equal(assertNewCookie(again), line)
      },
    },
    {
      rule: 'a passive route and a handler that fails renew nothing',
      async prove(trial) {
        const browser = await aged(trial)
        for (const path of ['/passive', '/broken', '/other']) assertNoCookie(await browser.get(path))
        assertNewCookie(await browser.get('/read'))
      },
    },
    {
      rule: 'an old token that comes back after its grace leads nowhere, and ends the session',
      async prove(trial) {
        const browser = await aged(trial)
        const { cookie } = browser
        await browser.get('/read')
        await browser.get('/read')
        await trial.settle()
        trial.advance(GRACE)
        const thief = await trial.browser().send('GET', '/read', cookie!).received
        assertShown(thief, null)
        assertNoCookie(thief)
        assertShown(await browser.get('/read'), null)
      },
    },
  ],
}
