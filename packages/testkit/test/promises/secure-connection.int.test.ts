import { describe, expect, it } from 'vitest'

import { certificate } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type State, onStage, post } from './stage.ts'

describe.each(FRAMEWORKS)('over https, on $name', ({ serve }) => {
  const routes = [
    post('/logout', ({ session }) => session.logout()),
    post('/destroy', ({ session }) => session.destroy()),
  ]

  it('the cookie is bound to the host and to TLS, and a logout clears it and the cache', async () => {
    await onStage(serve, { routes, certificate: await certificate() }, async ({ browser }) => {
      const user = browser()
      const login = await user.post('/login?user=ann')
      expect(login.setCookies).toEqual([
        expect.stringMatching(/^__Host-id=[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      ])
      expect(login.headers).toMatchObject({ 'cache-control': 'no-store' })
      expect(login.headers).not.toHaveProperty('clear-site-data')
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann' })

      const logout = await user.post('/logout')
      expect(logout.setCookies).toEqual(['__Host-id=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0'])
      expect(logout.headers).toMatchObject({ 'cache-control': 'no-store', 'clear-site-data': '"cache"' })
      expect(user.cookie).toBeUndefined()
    })
  })

  it('only a logout clears site data, and a logout without a session sends no cookie', async () => {
    await onStage(serve, { routes, certificate: await certificate() }, async ({ browser }) => {
      const user = browser()
      await user.post('/login?user=ann')
      expect((await user.post('/destroy')).headers).not.toHaveProperty('clear-site-data')
      expect((await user.post('/logout')).setCookies).toEqual([])
    })
  })

  it('a token under the name without the prefix is not looked up', async () => {
    await onStage(serve, { routes, certificate: await certificate() }, async ({ browser, faulty }) => {
      const user = browser()
      await user.post('/login?user=ann')
      faulty.forget()
      const page = await user.send({ path: '/state', cookie: user.cookie!.replace('__Host-', '') })
      expect(page.json<State>()).toMatchObject({ isNew: true })
      expect(faulty.calls.load).toBe(0)
    })
  })
})
