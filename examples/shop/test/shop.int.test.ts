import { fileURLToPath } from 'node:url'

import type { ListedSession } from '@holdfast/express'
import { type Browser, createBrowser, type Program, startProgram } from 'example-harness'
import { postgresUrl, redisUrl } from '@holdfast/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const JSON_BODY = { 'content-type': 'application/json' }

/** Shared stores tell the time, and what they tell takes its way: so much may lie between two clocks, in milliseconds. */
const SKEW = 1000

interface Choice {
  readonly label: string
  /** As the store's events call it. */
  readonly store: string
  env(): Promise<Record<string, string>>
}

const CHOICES: readonly Choice[] = [
  { label: 'memory', store: 'memory', env: async () => ({}) },
  { label: 'Redis', store: 'redis', env: async () => ({ STORE: 'redis', REDIS_URL: await redisUrl() }) },
  { label: 'Postgres', store: 'postgres', env: async () => ({ STORE: 'postgres', POSTGRES_URL: await postgresUrl() }) },
  { label: 'PGlite', store: 'postgres', env: async () => ({ STORE: 'pglite' }) },
]

interface ApiSession {
  readonly user: string | null
  readonly cart: readonly string[]
  readonly flash: readonly string[]
  readonly endedBecause: string | null
  readonly session: { readonly id: string | null; readonly revision: number }
  readonly lifetimes: { readonly createdAt: number; readonly expiresAt: number; readonly absoluteExpiresAt: number }
}

describe.each(CHOICES)('the shop over $label', ({ label, store, env }) => {
  let program: Program
  let browser: Browser

  beforeAll(async () => {
    program = await startProgram(MAIN, await env())
  })

  afterAll(() => program?.stop())

  beforeEach(() => {
    browser = createBrowser(program.url)
  })

  const page = async (): Promise<string> => (await browser.request('/', { headers: PAGE })).text()
  const post = (path: string): Promise<Response> => browser.request(path, { method: 'POST' })
  const signIn = (user: unknown): Promise<Response> =>
    browser.request('/login', { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ user }) })
  const session = async (who: Browser = browser): Promise<ApiSession> =>
    (await (await who.request('/api/session')).json()) as ApiSession
  const code = async (answer: Response): Promise<unknown> =>
    ((await answer.json()) as { error?: { code: string } }).error?.code

  describe('in a browser without JavaScript', () => {
    const submit = (path: string, fields: Record<string, string> = {}): Promise<Response> =>
      browser.request(path, { method: 'POST', headers: PAGE, body: new URLSearchParams(fields) })

    it('greets a visitor without a cookie', async () => {
      const answer = await browser.request('/', { headers: PAGE })
      const text = await answer.text()
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(text).toContain('Who is shopping?')
      expect(text).toContain('There is none yet')
    })

    it('signs in, and the redirect leaves after the save', async () => {
      const answer = await submit('/login', { user: 'ada' })
      expect(answer.status).toBe(303)
      expect(answer.headers.get('location')).toBe('/')
      const text = await page()
      expect(text).toContain('<strong>Ada</strong>')
      expect(text).toContain('Ends if left idle')
    })

    it('shows a message once', async () => {
      await submit('/login', { user: 'finn' })
      expect(await page()).toContain('Welcome aboard, Finn.')
      expect(await page()).not.toContain('Welcome aboard')
    })

    it('adds to the cart, removes from it, and keeps it over the sign-in', async () => {
      await submit('/cart/mug')
      await submit('/cart/mug')
      await submit('/cart/rope')
      await submit('/cart/mug/remove')
      await submit('/login', { user: 'noor' })
      const { cart, user } = await session()
      expect({ cart, user }).toEqual({ cart: ['mug', 'rope'], user: 'noor' })
      expect(await page()).toContain('€46.50')
    })

    it('stays signed in only when asked to', async () => {
      const brief = await submit('/login', { user: 'ada' })
      const long = await submit('/login', { user: 'ada', remember: 'on' })
      expect(brief.headers.get('set-cookie')).not.toContain('Max-Age')
      // Thirty days in whole seconds, of which the first has begun.
      expect(long.headers.get('set-cookie')).toMatch(/Max-Age=(2592000|2591999)(;|$)/)
    })

    it('signs out with a last message', async () => {
      await submit('/login', { user: 'ada' })
      expect((await submit('/logout')).status).toBe(303)
      const text = await page()
      expect(text).toContain('Signed out.')
      expect(text).toContain('Who is shopping?')
    })

    it('escapes what it repeats in an error page', async () => {
      const answer = await submit(`/cart/${encodeURIComponent('<script>alert(1)</script>')}`)
      const text = await answer.text()
      expect(answer.status).toBe(404)
      expect(text).toContain('&lt;script&gt;')
      expect(text).not.toContain('<script>alert')
    })
  })

  describe('for programs', () => {
    it('describes the session', async () => {
      const before = Date.now()
      await signIn('ada')
      await post('/cart/mug')
      const { user, cart, flash, session: facts, lifetimes } = await session()
      expect({ user, cart }).toEqual({ user: 'ada', cart: ['mug'] })
      expect(flash).toEqual(['Welcome aboard, Ada.', 'Enamel mug is in your cart.'])
      expect(facts.id).toMatch(/^[\w-]{16}$/)
      // Created by the login, updated by the cart, updated again by the taking of the messages.
      expect(facts.revision).toBe(3)
      expect(lifetimes.createdAt).toBeGreaterThan(before - SKEW)
      // The idle timeout of each session is a little shorter than the half hour, so that not all end at once.
      expect(lifetimes.expiresAt - before).toBeGreaterThan(0.95 * 30 * 60_000 - SKEW)
      expect(lifetimes.absoluteExpiresAt - lifetimes.createdAt).toBe(8 * 3_600_000)
      expect((await session()).flash).toEqual([])
    })

    it('describes a visitor without making a session', async () => {
      const answer = await browser.request('/api/session')
      expect(await answer.json()).toEqual({
        user: null,
        cart: [],
        flash: [],
        endedBecause: null,
        session: { id: null, revision: 0 },
        lifetimes: {},
      })
      expect(answer.headers.getSetCookie()).toEqual([])
    })

    it('takes a form as well as JSON', async () => {
      const answer = await browser.request('/login', { method: 'POST', body: new URLSearchParams({ user: 'noor' }) })
      expect(await answer.json()).toEqual({ user: 'noor' })
    })

    it('removes one piece for each DELETE', async () => {
      await post('/cart/bell')
      await post('/cart/bell')
      const answer = await browser.request('/cart/bell', { method: 'DELETE' })
      expect(await answer.json()).toEqual({ removed: 'bell' })
      expect((await session()).cart).toEqual(['bell'])
    })

    it('signs out for good', async () => {
      await signIn('ada')
      const thief = browser.copy()
      expect(await (await post('/logout')).json()).toEqual({ user: null })
      expect((await session(thief)).user).toBeNull()
      expect((await session()).user).toBeNull()
    })

    it.each([
      ['an unknown user', { user: 'mallory' }, 400, 'UNKNOWN_USER'],
      ['a user who is no text', { user: { $ne: null } }, 400, 'UNKNOWN_USER'],
      ['no user', {}, 400, 'UNKNOWN_USER'],
    ])('refuses %s', async (_, body, status, expected) => {
      const answer = await browser.request('/login', { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) })
      expect(answer.status).toBe(status)
      expect(await code(answer)).toBe(expected)
      expect(answer.headers.getSetCookie()).toEqual([])
    })

    it.each([
      ['POST', '/cart/parrot', 404, 'UNKNOWN_SKU'],
      ['DELETE', '/cart/parrot', 404, 'UNKNOWN_SKU'],
      ['DELETE', '/cart/anchor', 404, 'NOT_IN_CART'],
      ['POST', '/nowhere', 404, 'NOT_FOUND'],
      ['GET', '/logout', 404, 'NOT_FOUND'],
    ] as const)('answers %s %s with %i %s', async (method, path, status, expected) => {
      const answer = await browser.request(path, { method })
      expect(answer.status).toBe(status)
      expect(await code(answer)).toBe(expected)
    })

    it('refuses a body that is no JSON', async () => {
      const answer = await browser.request('/login', { method: 'POST', headers: JSON_BODY, body: '{"user"' })
      expect(answer.status).toBe(400)
      expect(await code(answer)).toBe('BAD_REQUEST')
    })

    it.each([
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://other.example' },
    ])('refuses a change that another site asks for: %o', async (headers) => {
      await signIn('ada')
      const answer = await browser.request('/logout', { method: 'POST', headers })
      expect(answer.status).toBe(403)
      expect(await code(answer)).toBe('OTHER_ORIGIN')
      expect((await session()).user).toBe('ada')
    })

    it('takes a change from its own origin', async () => {
      const answer = await browser.request('/cart/mug', { method: 'POST', headers: { origin: program.url } })
      expect(answer.status).toBe(200)
    })
  })

  it('shows the latest store calls, and asking for them makes none', async () => {
    await signIn('ada')
    await session()
    const first = await (await browser.request('/api/activity')).json()
    const second = await (await browser.request('/api/activity')).json()
    expect(first).toEqual(second)
    expect(first).toMatchObject({
      calls: expect.arrayContaining([
        { store, verb: 'update', outcome: 'updated', duration: expect.any(Number) },
        { store, verb: 'create', outcome: 'created', duration: expect.any(Number) },
      ]),
    })
    const text = await page()
    expect(text).toMatch(/<span class="verb">update<\/span> <span class="outcome">updated<\/span>/)
    expect(text).toContain(`of this process to <span id="store">${label}</span>`)
    expect(text).not.toContain([...browser.cookies.values()][0])
  })

  it('says that it is well, and where it keeps sessions', async () => {
    const answer = await browser.request('/healthz')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ status: 'ok', store: label })
  })

  describe('on several devices', () => {
    const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    let other: Browser

    const devices = async (): Promise<readonly ListedSession[]> =>
      ((await (await browser.request('/devices')).json()) as { devices: ListedSession[] }).devices

    beforeEach(async () => {
      await signIn('noor')
      await post('/devices/end-others')
      other = createBrowser(program.url)
      const headers = { ...JSON_BODY, 'user-agent': FIREFOX }
      await other.request('/login', { method: 'POST', headers, body: JSON.stringify({ user: 'noor', remember: true }) })
    })

    it('ASVS 7.5.2: shows where the user is signed in, without what opens a session', async () => {
      const listed = await devices()
      expect(listed.filter(({ isCurrent }) => isCurrent)).toMatchObject([{ id: (await session()).session.id }])
      expect(listed.filter(({ isCurrent }) => !isCurrent)).toEqual([
        {
          id: (await session(other)).session.id,
          agent: 'Firefox on Linux',
          address: '127.0.0.0/24',
          firstSeenAt: expect.any(Number),
          lastSeenAt: expect.any(Number),
          isRemembered: true,
          isReadable: true,
          isCurrent: false,
        },
      ])
      const text = await page()
      expect(text).toContain('<strong>Firefox on Linux</strong>')
      for (const token of [...browser.cookies.values(), ...other.cookies.values()]) expect(text).not.toContain(token)
    })

    it('ASVS 7.5.2: ends one, which is told why', async () => {
      const { id } = (await session(other)).session
      expect(await (await post(`/devices/${id}/end`)).json()).toEqual({ ended: id })
      expect(await session(other)).toMatchObject({ user: null, endedBecause: 'elsewhere' })
      const text = await (await other.request('/', { headers: PAGE })).text()
      expect(text).toContain('Signed out because the session was ended from another device.')
      expect((await devices()).map(({ isCurrent }) => isCurrent)).toEqual([true])
      expect(await code(await post(`/devices/${id}/end`))).toBe('UNKNOWN_DEVICE')
    })

    it('ASVS 7.4.3: ends all others, and goes on under a new token', async () => {
      const thief = browser.copy()
      expect(await (await post('/devices/end-others')).json()).toEqual({ ended: 1 })
      expect((await session(other)).user).toBeNull()
      expect((await session(thief)).user).toBeNull()
      expect((await session()).user).toBe('noor')
    })

    it('ends nothing of somebody else', async () => {
      const { id } = (await session(other)).session
      await signIn('finn')
      expect(await code(await post(`/devices/${id}/end`))).toBe('UNKNOWN_DEVICE')
      expect((await session(other)).user).toBe('noor')
    })

    it('signs out where its own device is ended', async () => {
      await post(`/devices/${(await session()).session.id}/end`)
      expect((await session()).user).toBeNull()
      expect((await session(other)).user).toBe('noor')
    })

    it('has nothing to show or to end while nobody is signed in', async () => {
      await post('/logout')
      expect(await devices()).toEqual([])
      expect(await code(await post('/devices/end-others'))).toBe('SIGNED_OUT')
      expect(await page()).not.toContain('Where you are signed in')
    })
  })

  it('tells how long the session lives on, and keeps it alive for its own pages only', async () => {
    await signIn('ada')
    const status = { isSignedIn: true, level: 1, expiresIn: expect.any(Number), endedBecause: null }
    expect(await (await browser.request('/session')).json()).toMatchObject(status)
    expect(await (await post('/session')).json()).toMatchObject(status)
    const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } } as const
    expect((await browser.request('/session', foreign)).status).toBe(403)
  })

  it.each(['shop.css', 'shop.js', 'art.svg', 'favicon.svg'])('serves %s without a session', async (file) => {
    await signIn('ada')
    const answer = await browser.request(`/${file}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('vary')).toBeNull()
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  it('has a drawing for everything it sells', async () => {
    const art = await (await browser.request('/art.svg')).text()
    const shown = [...(await page()).matchAll(/art\.svg#(\w+)/g)].map(([, symbol]) => symbol)
    expect(shown).toHaveLength(9)
    for (const symbol of shown) expect(art).toContain(`<symbol id="${symbol}"`)
  })

  it('lets go of what it opened when it is told to end', async () => {
    expect(await program.stop()).toBe(0)
    expect(program.output()).toContain('Closed.')
  })
})
