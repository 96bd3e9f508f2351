import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createBrowser, type Browser } from './browser.ts'
import { startProgram, type Program } from './program.ts'

/** Goes through the README's curl session with one of the smallest programs. */
export function proveMinimalProgram(framework: string, main: URL): void {
  describe(`the smallest ${framework} program`, () => {
    let program: Program
    let browser: Browser

    beforeAll(async () => {
      program = await startProgram(fileURLToPath(main))
      browser = createBrowser(program.url)
    })

    afterAll(() => program?.stop())

    const home = async (visitor: Browser): Promise<unknown> => (await visitor.request('/')).json()
    const post = (path: string): Promise<Response> => browser.request(path, { method: 'POST' })

    // One curl session in four steps, as the README shows it.
    it('gives a visitor no cookie', async () => {
      const answer = await browser.request('/')
      expect(await answer.json()).toEqual({ user: null, cart: [] })
      expect(answer.headers.getSetCookie()).toEqual([])
    })

    it('signs in and redirects with a cookie of 32 characters', async () => {
      const answer = await post('/login')
      expect(answer.status).toBe(302)
      expect(answer.headers.get('location')).toBe('/')
      expect(answer.headers.get('set-cookie')).toMatch(/^id=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await home(browser)).toEqual({ user: 'user-42', cart: [] })
    })

    it('keeps a cart, also when requests overlap', async () => {
      const answers = await Promise.all(['mug', 'rope', 'bell'].map((sku) => post(`/cart/${sku}`)))
      expect(answers.map(({ status }) => status)).toEqual([204, 204, 204])
      const { cart } = (await home(browser)) as { cart: string[] }
      expect(cart.toSorted()).toEqual(['bell', 'mug', 'rope'])
    })

    it('signs out for good', async () => {
      const thief = browser.copy()
      const answer = await post('/logout')
      expect(answer.status).toBe(302)
      expect(browser.cookies.size).toBe(0)
      expect(await home(browser)).toEqual({ user: null, cart: [] })
      expect(await home(thief)).toEqual({ user: null, cart: [] })
    })
  })
}
