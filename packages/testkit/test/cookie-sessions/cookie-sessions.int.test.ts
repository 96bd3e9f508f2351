import type { SessionStatus } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import { type Browser, Meetings, certificate, manualClock } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { STATUS_PATH } from '../frameworks/site.ts'
import type { State } from '../promises/stage.ts'
import { OTHER_KEY, onCookieStage } from './cookie-stage.ts'

const MINUTE = 60_000

/** Answers what the site says of the cookies of a browser, without counting as use. */
async function stateOf(user: Browser): Promise<State> {
  const page = await user.get('/state')
  expect(page.status).toBe(200)
  return page.json<State>()
}

describe.each(FRAMEWORKS)('sessions in cookies, on $name', ({ serve }) => {
  it('are kept from login to logout, over https with every attribute', async () => {
    await onCookieStage(serve, { certificate: await certificate() }, async ({ browser }) => {
      const user = browser()
      const login = await user.post('/login?user=ann')
      expect(login.setCookies).toEqual([
        expect.stringMatching(/^__Host-id=1\.[\w*-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      ])
      expect(login.headers).toMatchObject({ 'cache-control': 'no-store' })
      await user.post('/note?text=tea')
      expect(await stateOf(user)).toMatchObject({ subject: 'ann', fields: { a: 'tea' }, revision: 2 })
      expect((await user.get('/plain')).headers).not.toHaveProperty('vary')

      const logout = await user.post('/logout')
      expect(logout.setCookies).toEqual([
        '__Host-id=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0',
        '__Host-id.1=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0',
      ])
      expect(logout.headers).toMatchObject({ 'cache-control': 'no-store', 'clear-site-data': '"cache"' })
      expect(user.cookie).toBeUndefined()
    })
  })

  it('are sent anew when a touch is due, before the first byte of a stream, and never by asking for the status', async () => {
    const clock = manualClock()
    await onCookieStage(serve, { engine: { clock } }, async ({ browser }) => {
      const user = browser()
      await user.post('/login?user=ann')
      clock.advance(2 * MINUTE)
      expect(await user.get('/stream')).toMatchObject({ body: 'ann and on', setCookies: [] })
      clock.advance(MINUTE)
      expect(await user.get(STATUS_PATH)).toMatchObject({ status: 200, setCookies: [] })
      const stream = await user.get('/stream')
      expect(stream.body).toBe('ann and on')
      expect(stream.setCookies).toHaveLength(1)
      expect(stream.headers).toMatchObject({ 'cache-control': 'no-store' })

      clock.advance(MINUTE)
      const kept = await user.post(STATUS_PATH)
      expect(kept.json<SessionStatus>()).toMatchObject({ isSignedIn: true, expiresIn: 30 * MINUTE })
      expect(kept.setCookies).toHaveLength(1)
      clock.advance(30 * MINUTE - 1)
      expect((await user.get(STATUS_PATH)).json<SessionStatus>()).toMatchObject({ expiresIn: 1 })
    })
  })

  it('ASVS 7.3.1, 7.3.2: copies of their cookies are refused past the idle and the absolute end', async () => {
    const clock = manualClock()
    await onCookieStage(serve, { engine: { clock } }, async ({ browser }) => {
      const user = browser()
      await user.post('/login?user=ann')
      const first = user.cookie
      const replay = (cookie: string | undefined): ReturnType<Browser['send']> => user.send({ path: '/state', cookie })
      clock.advance(30 * MINUTE - 1)
      expect((await replay(first)).json<State>()).toMatchObject({ subject: 'ann' })
      clock.advance(1)
      // The replay has brought a fresh cookie; a copy of the first one is over all the same.
      const idle = await replay(first)
      expect(idle.json<State>()).toMatchObject({ isNew: true, subject: null })
      expect(idle.setCookies).toEqual([])
      for (let passed = 30; passed < 8 * 60; passed += 15) {
        expect(await stateOf(user)).toMatchObject({ subject: 'ann' })
        clock.advance(15 * MINUTE)
      }
      const status = await user.get(STATUS_PATH)
      expect(status.json<SessionStatus>().endedBecause).toMatchObject({ reason: 'absolute' })
      expect(await stateOf(user)).toMatchObject({ isNew: true })
    })
  })

  it('that were changed or cut are fresh sessions and no errors', async () => {
    await onCookieStage(serve, {}, async ({ browser, errors }) => {
      const user = browser()
      await user.post('/login?user=ann')
      const cookie = user.cookie!
      for (let at = cookie.indexOf('**') + 2; at < cookie.length; at += 3) {
        const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
        for (const forged of [changed, cookie.slice(0, at)]) {
          const page = await user.send({ path: '/state', cookie: forged })
          expect(page, `at ${at}`).toMatchObject({ status: 200, setCookies: [] })
          expect(page.json<State>(), `at ${at}`).toMatchObject({ isNew: true, subject: null })
        }
      }
      expect(await stateOf(user)).toMatchObject({ subject: 'ann' })
      expect(errors()).toEqual([])
    })
  })

  it('lie in several cookies where they are large, and in none of the old ones when they shrink', async () => {
    await onCookieStage(serve, { engine: { maxCookies: 3 } }, async ({ browser }) => {
      const [user, other] = [browser(), browser()]
      for (const one of [user, other]) {
        await one.post(`/login?user=${one === user ? 'ann' : 'bob'}`)
        const page = await one.post('/fill?length=7500')
        expect(page.setCookies).toHaveLength(3)
        for (const line of page.setCookies) expect(line.length).toBeLessThanOrEqual(3800)
        expect((await stateOf(one)).fields.b).toHaveLength(7500)
      }
      const own = user.jar.get('id.1')!
      for (const part of [undefined, other.jar.get('id.1')!]) {
        if (part === undefined) user.jar.delete('id.1')
        else user.jar.set('id.1', part)
        expect(await stateOf(user)).toMatchObject({ isNew: true, subject: null })
      }
      user.jar.set('id.1', own)
      expect(await stateOf(user)).toMatchObject({ subject: 'ann' })
      await user.post('/fill?length=10')
      expect([...user.jar.keys()]).toEqual(['id'])
    })
  })

  it('that are too large are an error of their handler, or of the response before its headers', async () => {
    await onCookieStage(serve, {}, async ({ browser, errors }) => {
      const user = browser()
      await user.post('/login?user=ann')
      for (const path of ['/fill?length=9000', '/fill?length=5000&letter=%F0%9F%98%80']) {
        const page = await user.post(path)
        expect(page).toMatchObject({ status: 500, setCookies: [] })
        expect(page.body).not.toContain('done')
      }
      expect(errors()).toEqual(['ERR_TOO_LARGE', 'ERR_TOO_LARGE'])
      expect(await stateOf(user)).toMatchObject({ subject: 'ann', fields: {} })
    })
  })

  it('in two tabs hold what the answer that came last holds, in any case one of the two', async () => {
    const meetings = new Meetings()
    await onCookieStage(serve, { meetings }, async ({ browser }) => {
      const user = browser()
      await user.post('/login?user=ann')
      for (let round = 0; round < 20; round++) {
        await Promise.all([user.post(`/meet?a=${round}`), user.post(`/meet?b=${round}`)])
        const { subject, fields } = await stateOf(user)
        expect(subject).toBe('ann')
        expect([fields.a === String(round), fields.b === String(round)].filter(Boolean)).toHaveLength(1)
      }
    })
  })

  it('under a key that one process does not have are a 503 there, and go on elsewhere', async () => {
    await onCookieStage(serve, {}, async ({ browser }) => {
      const user = browser()
      await user.post('/login?user=ann')
      await onCookieStage(serve, { engine: { keys: [OTHER_KEY] } }, async (stranger) => {
        const page = await user.send({ path: '/state', url: stranger.url })
        expect(page).toMatchObject({ status: 503, setCookies: [] })
        expect(stranger.errors()).toEqual(['ERR_KEY_UNKNOWN'])
        expect(await user.send({ path: '/plain', url: stranger.url })).toMatchObject({ status: 200 })
      })
      expect(await stateOf(user)).toMatchObject({ subject: 'ann' })
    })
  })
})
