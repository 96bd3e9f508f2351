import assert from 'node:assert/strict'

import { headerTransport } from '@holdfast/core'

import { assertClearedCookie, assertNewCookie, assertNoCookie, assertShown, OK, ourCookies, show } from './answers.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import type { TrialRoutes } from './binding-trial.ts'

const ROUTES: TrialRoutes = {
  'GET /begin': (session) => (session.set('name', 'ann'), OK),
  'GET /login': (session) => (session.login('ann'), OK),
  'GET /logout': (session) => (session.logout(), OK),
  'GET /destroy': (session) => (session.destroy(), OK),
  'GET /read': (session) => show(session.get('name')),
  'GET /write': (session) => (session.increment('visits'), OK),
}

/** A read with a cookie that leads nowhere: another answer may just have given the browser a new one. */
function deadCookieCase(
  name: string,
  prepare: (trial: Parameters<BindingCase['prove']>[0]) => Promise<string>,
): BindingCase {
  return {
    rule: `a read with a token that is ${name} neither clears nor replaces the cookie`,
    async prove(trial) {
      const cookie = await prepare(trial)
      const received = await trial.browser().send('GET', '/read', cookie).received
      assertShown(received, null)
      assertNoCookie(received)
      assert.equal(received.headers['cache-control'], undefined)
    },
  }
}

/** What answers say of the session's cookie. */
export const cookiesTheme: BindingTheme = {
  name: 'cookies',
  cases: [
    {
      rule: 'a new session sends one cookie with its attributes, which may not be stored',
      async prove(trial) {
        const browser = await trial.serve(ROUTES)
        const line = assertNewCookie(await browser.get('/begin'))
        assert.match(line, /^id=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
      },
    },
    {
      rule: 'Cache-Control is no-store whatever the handler says',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => {
            session.set('name', 'ann')
            return { ...OK, headers: { 'Cache-Control': 'public, max-age=60', ETag: '"1"' } }
          },
        })
        const received = await browser.get('/page')
        assertNewCookie(received)
        assert.equal(received.headers.etag, '"1"', 'other headers of the handler must stay')
      },
    },
    {
      rule: 'an answer without a cookie of ours keeps the Cache-Control of the handler',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => (
            session.get('name'),
            { ...OK, headers: { 'Cache-Control': 'public, max-age=60' } }
          ),
        })
        assert.equal((await browser.get('/page')).headers['cache-control'], 'public, max-age=60')
      },
    },
    {
      rule: 'the cookies of the application stay beside ours',
      async prove(trial) {
        const cookies = ['theme=dark; Path=/', 'lang=en']
        const browser = await trial.serve({
          'GET /page': (session) => (session.set('name', 'ann'), { ...OK, cookies }),
        })
        const received = await browser.get('/page')
        assertNewCookie(received)
        assert.deepEqual(
          received.setCookies.filter((line) => !ourCookies(received).includes(line)),
          cookies,
        )
      },
    },
    {
      rule: 'the cookies of the application stay beside one that an explicit commit has set before',
      async prove(trial) {
        const cookies = ['theme=dark; Path=/', 'lang=en']
        const browser = await trial.serve({
          'GET /page': async (session) => {
            session.set('name', 'ann')
            await session.commit()
            session.login('ann')
            return { ...OK, cookies, headers: { 'Cache-Control': 'public' } }
          },
        })
        const received = await browser.get('/page')
        assertNewCookie(received)
        assert.deepEqual(
          received.setCookies.filter((line) => !ourCookies(received).includes(line)),
          cookies,
        )
        assert.equal((await trial.sessionOf(browser)).subject, 'ann')
      },
    },
    {
      rule: 'reading and changing a known session sends no cookie',
      async prove(trial) {
        const browser = await trial.serve(ROUTES)
        await browser.get('/begin')
        for (const path of ['/read', '/write', '/other']) {
          const received = await browser.get(path)
          assertNoCookie(received)
          assert.equal(received.headers['cache-control'], undefined)
        }
      },
    },
    {
      rule: 'a login replaces the cookie, and the old one stops working',
      async prove(trial) {
        const browser = await trial.serve(ROUTES)
        await browser.get('/begin')
        const old = browser.clone()
        assertNewCookie(await browser.get('/login'))
        assert.notEqual(browser.cookie, old.cookie)
        assertShown(await browser.get('/read'), 'ann')
        assertShown(await old.get('/read'), null)
      },
    },
    ...['logout', 'destroy'].map((verb): BindingCase => ({
      rule: `a ${verb} clears the cookie with the attributes it was set with`,
      async prove(trial) {
        const browser = await trial.serve(ROUTES)
        const set = assertNewCookie(await browser.get('/begin'))
        const received = await browser.get(`/${verb}`)
        assertClearedCookie(received)
        assert.equal(ourCookies(received)[0], `${set.replace(/=[^;]*/, '=')}; Max-Age=0`)
      },
    })),
    {
      rule: 'a logout that leaves a message replaces the cookie instead',
      async prove(trial) {
        const browser = await trial.serve({
          ...ROUTES,
          'GET /leave': (session) => (session.logout(), session.set('name', 'goodbye'), OK),
        })
        await browser.get('/login')
        assertNewCookie(await browser.get('/leave'))
        assertShown(await browser.get('/read'), 'goodbye')
      },
    },
    deadCookieCase('unknown', async (trial) => {
      await trial.serve(ROUTES)
      return `id=${'A'.repeat(32)}`
    }),
    deadCookieCase('malformed', async (trial) => {
      await trial.serve(ROUTES)
      return 'id=not-a-token'
    }),
    deadCookieCase('expired', async (trial) => {
      const browser = await trial.serve(ROUTES)
      await browser.get('/begin')
      trial.advance(31 * 60_000)
      return browser.cookie
    }),
    deadCookieCase('ended', async (trial) => {
      const browser = await trial.serve(ROUTES)
      await browser.get('/begin')
      const { cookie } = browser
      await browser.get('/logout')
      return cookie
    }),
    {
      rule: 'a token that the client made up is never adopted',
      async prove(trial) {
        await trial.serve(ROUTES)
        const browser = trial.browser()
        browser.jar.set('id', 'A'.repeat(32))
        assertNewCookie(await browser.get('/begin'))
        assert.notEqual(browser.jar.get('id'), 'A'.repeat(32))
      },
    },
    {
      rule: 'a header session answers its token in a header, and sets no cookie',
      async prove(trial) {
        const browser = await trial.serve(ROUTES, { sessions: { transport: headerTransport({ name: 'x-session' }) } })
        const received = await browser.get('/begin')
        assertNoCookie(received)
        const token = received.headers['x-session']
        assert.match(String(token), /^[\w-]{32}$/)
        const again = await trial.browser({ 'x-session': String(token) }).get('/read')
        assertShown(again, 'ann')
        assert.equal(again.headers['x-session'], undefined, 'a known token must not be echoed')
        assert.match(String(again.headers.vary), /x-session/i)
      },
    },
  ],
}
