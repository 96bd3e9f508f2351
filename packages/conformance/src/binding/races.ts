import assert from 'node:assert/strict'

import type { Session } from '@holdfast/core'

import { assertFailed, assertNewCookie, assertNoCookie, OK } from './answers.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialRoutes } from './binding-trial.ts'
import type { Browser, Sending } from './browser.ts'
import type { Fields } from './routes.ts'
import { Signal } from './signal.ts'

type Act = (session: Session<Fields>) => unknown

interface SlowRequest {
  readonly browser: Browser
  readonly slow: Sending
  /** Lets the slow handler act and answer. */
  go(): void
}

/** A signed-in client, and a request of it whose handler has begun and waits. */
async function begin(trial: BindingTrial, act: Act, more: TrialRoutes = {}): Promise<SlowRequest> {
  const isInside = new Signal()
  const mayGo = new Signal()
  const browser = await trial.serve({
    'POST /login': (session) => (session.login('ann'), OK),
    'POST /logout': (session) => (session.logout(), OK),
    'GET /slow': async (session) => {
      isInside.fire()
      await mayGo.fired
      await act(session)
      return OK
    },
    ...more,
  })
  await browser.post('/login')
  const slow = browser.send('GET', '/slow')
  await isInside.fired
  return { browser, slow, go: () => mayGo.fire() }
}

const READ: Act = (session) => session.get('name')
const WRITE: Act = (session) => session.set('name', 'late')

function mergeCase(count: number): BindingCase {
  return {
    rule: `${count} requests at once keep all their changes`,
    async prove(trial) {
      let inside = 0
      const areAllInside = new Signal()
      const browser = await trial.serve({
        'POST /begin': (session) => (session.set('list', []), OK),
        'POST /change': async (session) => {
          const number = inside
          inside += 1
          if (inside === count) areAllInside.fire()
          await areAllInside.fired
          session.increment('total')
          session.update('list', (list) => [...(list as number[]), number])
          session.set(`field-${number}`, number)
          return OK
        },
      })
      await browser.post('/begin')
      const answers = await Promise.all(Array.from({ length: count }, () => browser.post('/change')))
      for (const answer of answers) {
        assert.equal(answer.status, 200)
        assertNoCookie(answer)
      }
      const session = await trial.sessionOf(browser)
      assert.equal(session.get('total'), count)
      assert.deepEqual(
        [...(session.get('list') as number[])].sort((a, b) => a - b),
        [...Array(count).keys()],
      )
      for (let number = 0; number < count; number += 1) assert.equal(session.get(`field-${number}`), number)
    },
  }
}

/** Requests of one client that run at the same time. */
export const racesTheme: BindingTheme = {
  name: 'races',
  cases: [
    mergeCase(2),
    mergeCase(20),
    {
      rule: 'a slow request that writes after a logout gets ERR_GONE, and revives nothing',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, WRITE)
        const old = browser.clone()
        await browser.post('/logout')
        go()
        assertFailed(trial, await slow.received, 'ERR_GONE')
        assert.equal(browser.jar.size, 0)
        assert.equal((await trial.sessionOf(old)).isNew, true)
      },
    },
    {
      rule: 'a slow request that only reads ends normally after a logout, without a cookie',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, READ)
        const old = browser.clone()
        trial.advance(10 * 60_000)
        await browser.post('/logout')
        go()
        const received = await slow.received
        assert.equal(received.status, 200)
        assertNoCookie(received)
        assert.equal((await trial.sessionOf(old)).isNew, true)
      },
    },
    {
      rule: 'no answer of a slow request that reads replaces or clears the cookie of a login',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, READ)
        assertNewCookie(await browser.post('/login'))
        const { cookie } = browser
        go()
        const received = await slow.received
        assert.equal(received.status, 200)
        assertNoCookie(received)
        assert.equal(browser.cookie, cookie)
        assert.equal((await trial.sessionOf(browser)).subject, 'ann')
      },
    },
    {
      rule: 'a slow request that writes after a login gets ERR_GONE, and leaves the new cookie alone',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, WRITE)
        await browser.post('/login')
        const { cookie } = browser
        go()
        assertFailed(trial, await slow.received, 'ERR_GONE')
        assert.equal(browser.cookie, cookie)
        assert.equal((await trial.sessionOf(browser)).subject, 'ann')
      },
    },
    {
      rule: 'two logins at once both succeed, and leave the client signed in',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, (session) => session.login('ann'))
        assertNewCookie(await browser.post('/login'))
        go()
        assertNewCookie(await slow.received)
        assert.equal((await trial.sessionOf(browser)).subject, 'ann')
      },
    },
    {
      rule: 'of two logouts at once both succeed',
      async prove(trial) {
        const { browser, slow, go } = await begin(trial, (session) => session.logout())
        const old = browser.clone()
        await browser.post('/logout')
        go()
        assert.equal((await slow.received).status, 200)
        assert.equal(browser.jar.size, 0)
        assert.equal((await trial.sessionOf(old)).isNew, true)
      },
    },
  ],
}
