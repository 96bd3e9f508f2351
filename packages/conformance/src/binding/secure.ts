import assert from 'node:assert/strict'

import { assertClearedCookie, assertNewCookie, assertNoCookie, assertShown, OK, show } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { TrialRoutes } from './binding-trial.ts'

const ROUTES: TrialRoutes = {
  'GET /begin': (session) => (session.set('name', 'ann'), OK),
  'GET /logout': (session) => (session.logout(), OK),
  'GET /destroy': (session) => (session.destroy(), OK),
  'GET /read': (session) => show(session.get('name')),
}

const HTTPS = { headers: { 'x-forwarded-proto': 'https' } }

/** What depends on whether the client came over https, as a trusted proxy tells. */
export const secureTheme: BindingTheme = {
  name: 'secure connections',
  cases: [
    {
      rule: 'over https the cookie is Secure and has the prefix __Host-',
      async prove(trial) {
        const browser = await trial.serve(ROUTES, HTTPS)
        const line = assertNewCookie(await browser.get('/begin'))
        assert.match(line, /^__Host-id=[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
        assertShown(await browser.get('/read'), 'ann')
      },
    },
    {
      rule: 'over https only the cookie with the prefix is read',
      async prove(trial) {
        const plain = await trial.serve(ROUTES)
        await plain.get('/begin')
        const secure = trial.browser(HTTPS.headers)
        const received = await secure.send('GET', '/read', plain.cookie).received
        assertShown(received, null)
        assertNoCookie(received)
      },
    },
    {
      rule: 'a cookie that only https may carry is withheld over http',
      async prove(trial) {
        const browser = await trial.serve(ROUTES, { sessions: { cookie: { secure: true } } })
        const received = await browser.get('/begin')
        assert.equal(received.status, 200)
        assertNoCookie(received)
      },
    },
    {
      rule: 'a logout over https clears the cookie with the prefix and the cache of the browser',
      async prove(trial) {
        const browser = await trial.serve(ROUTES, HTTPS)
        await browser.get('/begin')
        const received = await browser.get('/logout')
        assertClearedCookie(received)
        assert.match(String(received.setCookies), /^__Host-id=; Path=\/; HttpOnly; Secure/)
        assert.equal(received.headers['clear-site-data'], '"cache"')
      },
    },
    {
      rule: 'Clear-Site-Data is sent neither over http nor by destroy',
      async prove(trial) {
        const plain = await trial.serve(ROUTES)
        await plain.get('/begin')
        assert.equal((await plain.get('/logout')).headers['clear-site-data'], undefined)
        const secure = trial.browser(HTTPS.headers)
        await secure.get('/begin')
        assert.equal((await secure.get('/destroy')).headers['clear-site-data'], undefined)
      },
    },
  ],
}
