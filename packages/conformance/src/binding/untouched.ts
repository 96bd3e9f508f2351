import assert from 'node:assert/strict'

import type { Session } from '@holdfast/core'

import { assertNoCookie, OK } from './answers.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import type { Received } from './browser.ts'
import type { Fields } from './routes.ts'

const READS: Readonly<Record<string, (session: Session<Fields>) => unknown>> = {
  get: (session) => session.get('name'),
  has: (session) => session.has('name'),
  keys: (session) => session.keys(),
  take: (session) => session.take('name'),
  subject: (session) => session.subject,
  id: (session) => session.id,
  isNew: (session) => session.isNew,
}

function assertNoTrace(received: Received): void {
  assert.equal(received.status, 200)
  assertNoCookie(received)
  assert.equal(received.headers.vary, undefined, 'an answer that does not depend on the session must not say so')
  assert.equal(received.headers['cache-control'], undefined)
}

function varyCase(name: string, read: (session: Session<Fields>) => unknown): BindingCase {
  return {
    rule: `an answer that depends on the session says Vary: Cookie (${name})`,
    async prove(trial) {
      const browser = await trial.serve({ 'GET /page': (session) => (read(session), OK) })
      const received = await browser.get('/page')
      assert.equal(received.headers.vary, 'Cookie')
      assertNoCookie(received)
      assert.deepEqual(trial.store.calls, [], 'a request without a token must cost no store call')
    },
  }
}

/** Sessions that nobody asked for leave no trace. */
export const untouchedTheme: BindingTheme = {
  name: 'requests that do not use their session',
  cases: [
    {
      rule: 'a request without a token whose handler never looks costs nothing and adds nothing',
      async prove(trial) {
        const browser = await trial.serve({})
        assertNoTrace(await browser.get('/other'))
        assert.deepEqual(trial.store.calls, [])
      },
    },
    {
      rule: 'a request with a token whose handler never looks adds nothing, and keeps nothing alive',
      async prove(trial) {
        const browser = await trial.serve({ 'GET /begin': (session) => (session.set('name', 'ann'), OK) })
        await browser.get('/begin')
        trial.advance(20 * 60_000)
        assertNoTrace(await browser.get('/other'))
        await trial.settle()
        assert.deepEqual(trial.store.calls, ['create', 'load'])
      },
    },
    {
      rule: 'a malformed token never reaches the store',
      async prove(trial) {
        const browser = await trial.serve({ 'GET /page': (session) => (session.get('name'), OK) })
        for (const cookie of ['id=short', `id=${'A'.repeat(33)}`, `id=${'%'.repeat(32)}`, 'id=']) {
          assertNoCookie(await browser.send('GET', '/page', cookie).received)
        }
        assert.deepEqual(trial.store.calls, [])
      },
    },
    ...Object.entries(READS).map(([name, read]) => varyCase(name, read)),
    {
      rule: 'Vary keeps what the handler says, and names the cookie once',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => (session.get('name'), { ...OK, headers: { Vary: 'Accept-Language, cookie' } }),
        })
        const names = String((await browser.get('/page')).headers.vary)
          .toLowerCase()
          .split(/\s*,\s*/)
        assert.deepEqual(names.sort(), ['accept-language', 'cookie'])
      },
    },
    {
      rule: 'an answer that only wrote does not depend on the cookie',
      async prove(trial) {
        const browser = await trial.serve({ 'GET /page': (session) => (session.set('name', 'ann'), OK) })
        assert.equal((await browser.get('/page')).headers.vary, undefined)
      },
    },
    {
      rule: 'a session that nothing was written to is never saved',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': (session) => {
            session.get('name')
            session.delete('name')
            session.renew()
            return OK
          },
        })
        assertNoCookie(await browser.get('/page'))
        assert.deepEqual(trial.store.calls, [])
      },
    },
  ],
}
