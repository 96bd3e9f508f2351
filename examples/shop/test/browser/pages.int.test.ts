import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import type { BrowserPage } from '@holdfast/testkit'
import type { AxeResults } from 'axe-core'
import { describe, expect, it } from 'vitest'

import { newVisitor, openShop, openSite, signIn, type Site, useChromium } from './stage.ts'

useChromium()

describe('other sites', () => {
  it('send the cookie along with links, and not with forms and scripts', async () => {
    const shop = await openShop()
    const lure = await openSite((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(
        `<a href="${shop.origin}/">Look</a><form method="post" action="${shop.origin}/cart/mug"><button>Win</button></form>`,
      )
    })
    const visitor = await newVisitor()
    const page = await visitor.newPage()
    await signIn(page, shop, 'Ada')
    const [{ name, value } = { name: '', value: '' }] = await visitor.cookies()
    const cookie = `${name}=${value}`
    const foreign = `https://127.0.0.1:${lure.port}/`

    await page.goto(foreign)
    await page.getByRole('link').click()
    await page.locator('#sign-out').waitFor()
    expect(shop.last('GET', '/')).toEqual({ method: 'GET', path: '/', cookie })

    await page.goto(foreign)
    await page.getByRole('button').click()
    await page.waitForURL(`${shop.origin}/**`)
    expect(shop.last('POST', '/cart/mug')).toEqual({ method: 'POST', path: '/cart/mug', cookie: undefined })

    await page.goto(foreign)
    const send = `fetch('${shop.origin}/cart/bell', { method: 'POST', mode: 'no-cors', credentials: 'include' })`
    await page.evaluate(`${send}.then(() => {})`)
    expect(shop.last('POST', '/cart/bell')).toEqual({ method: 'POST', path: '/cart/bell', cookie: undefined })

    // Another port of the host is the same site: the cookie goes along, and the shop refuses by the origin.
    await page.goto(lure.origin)
    await page.getByRole('button').click()
    await page.getByText('This request came from a page of another site').waitFor()
    expect(shop.last('POST', '/cart/mug')).toEqual({ method: 'POST', path: '/cart/mug', cookie })
    await page.goto(shop.origin)
    expect(await page.locator('#cart .count').textContent()).toBe('0')
  })
})

describe('"Stay signed in"', () => {
  it('keeps the cookie to the absolute end', async () => {
    const shop = await openShop()
    const visitor = await newVisitor()
    const page = await visitor.newPage()
    await page.goto(shop.origin)
    await page.getByLabel('Stay signed in').check()
    await page.getByRole('button', { name: 'Ada' }).click()
    await page.locator('#sign-out').waitFor()
    const [cookie] = await visitor.cookies()
    const days = (cookie!.expires - Date.now() / 1000) / 86_400
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThanOrEqual(30)
  })
})

describe('before the end', () => {
  it('all tabs warn, and a press in one keeps the session alive for all', async () => {
    // The shop warns a minute before.
    const shop = await openShop(undefined, { idleTimeout: '62s' })
    const visitor = await newVisitor()
    const [one, other] = [await visitor.newPage(), await visitor.newPage()]
    await signIn(one, shop, 'Ada')
    await other.goto(shop.origin)
    for (const tab of [one, other]) {
      await tab.getByText('Are you still there?').waitFor()
      expect(await tab.locator('#expiry-left').textContent()).toMatch(/^0[01]:\d\d$/)
    }
    expect(shop.last('POST', '/session')).toBeUndefined()
    await one.getByRole('button', { name: 'Stay signed in' }).click()
    for (const tab of [one, other]) await tab.getByText('Are you still there?').waitFor({ state: 'hidden' })
    expect(shop.last('POST', '/session')?.cookie).toMatch(/^__Host-id=/)
  })

  it('nobody does anything, and the page itself says why it is signed out', async () => {
    const shop = await openShop(undefined, { idleTimeout: '5s' })
    const page = await (await newVisitor()).newPage()
    await signIn(page, shop, 'Ada')
    await page.getByText('Are you still there?').waitFor()
    await page.getByText('Signed out because nobody used the shop for a while.').waitFor()
    expect(await page.locator('#expiry').isVisible()).toBe(false)
    expect(await page.locator('#sign-out').count()).toBe(0)
    expect(await page.locator('.device').count()).toBe(0)
  })
})

describe('after a sign-out, the back button shows nothing private', () => {
  /** Ada fills her cart, and looks at two more pages. Answers the id of her session. */
  async function walk(page: BrowserPage, shop: Site): Promise<string> {
    await signIn(page, shop, 'Ada')
    await page.locator('#buy-anchor').click()
    await page.locator('#less-anchor').waitFor()
    const id = await page.locator('.facts code').textContent()
    await page.goto(`${shop.origin}/nowhere`)
    await page.getByRole('link', { name: 'Back to the shop' }).click()
    await page.locator('#sign-out').waitFor()
    expect(await page.content()).toContain(id)
    return id!
  }

  /** Goes back to the first page of all, and looks at each as soon as it is there. */
  async function back(page: BrowserPage, id: string): Promise<void> {
    const shown: string[] = []
    for (let times = 0; times < 3; times++) {
      await page.goBack({ waitUntil: 'commit' })
      shown.push(await page.locator('body').innerHTML())
    }
    const all = shown.join('\n')
    expect(all).toContain('Who is shopping?')
    for (const secret of [id, 'id="sign-out"', 'id="less-anchor"', 'class="device"']) expect(all).not.toContain(secret)
  }

  const CASES = [
    { javaScriptEnabled: true, clearSiteData: ['cache'] },
    // Browsers that do not know Clear-Site-Data rely on what each page said of itself.
    { javaScriptEnabled: true, clearSiteData: false },
    { javaScriptEnabled: false, clearSiteData: false },
  ] as const
  it.each(CASES)('ASVS 14.3.2: in the same tab, with %o', async ({ javaScriptEnabled, clearSiteData }) => {
    const shop = await openShop(undefined, { clearSiteData })
    const page = await (await newVisitor({ javaScriptEnabled })).newPage()
    const id = await walk(page, shop)
    await page.locator('#sign-out').click()
    await page.getByText('Signed out. Fair winds.').waitFor()
    await back(page, id)
  })

  it('ASVS 14.3.2: in another tab', async () => {
    const shop = await openShop(undefined, { clearSiteData: false })
    const visitor = await newVisitor()
    const [page, other] = [await visitor.newPage(), await visitor.newPage()]
    const id = await walk(page, shop)
    await page.goto(`${shop.origin}/nowhere`)
    await other.goto(shop.origin)
    await other.locator('#sign-out').click()
    await other.getByText('Signed out. Fair winds.').waitFor()
    await back(page, id)
  })
})

describe('every look of the page', () => {
  const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))
  const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

  /** What keeps somebody from using the page as it stands, in both schemes and at both widths. */
  async function findings(page: BrowserPage): Promise<string[]> {
    await page.evaluate(await readFile(AXE, 'utf8'))
    const found: string[] = []
    for (const width of [1280, 390]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 844 })
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const { violations } = await page.evaluate<AxeResults>(
          `axe.run({ runOnly: ${JSON.stringify(LEVELS)}, resultTypes: ['violations'] })`,
        )
        for (const { id, nodes } of violations) {
          found.push(...nodes.map(({ target }) => `${width} ${colorScheme}: ${id} at ${String(target)}`))
        }
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        if (overflow > 0) found.push(`${width} ${colorScheme}: ${overflow} px too wide`)
      }
    }
    return found
  }

  it('has enough contrast, names for everything, and room', async () => {
    const shop = await openShop(undefined, { idleTimeout: '62s' })
    const phone = await newVisitor({ userAgent: 'An agent without any of the names that one knows, and a long one' })
    await signIn(await phone.newPage(), shop, 'Noor')
    const visitor = await newVisitor()
    const page = await visitor.newPage()
    await page.goto(shop.origin)
    expect(await findings(page)).toEqual([])

    await signIn(page, shop, 'Noor')
    for (const sku of ['rope', 'shackle']) {
      await page.locator(`#buy-${sku}`).click()
      await page.locator(`#more-${sku}`).waitFor()
    }
    await page.getByText('Are you still there?').waitFor()
    expect(await page.locator('.device').count()).toBe(2)
    expect(await findings(page)).toEqual([])

    await page.goto(`${shop.origin}/nowhere`)
    expect(await findings(page)).toEqual([])
  })

  it('moves nothing when a message comes or the script has loaded', async () => {
    const shop = await openShop()
    const page = await (await newVisitor({ viewport: { width: 390, height: 844 } })).newPage()
    await signIn(page, shop, 'Ada')
    await page.addInitScript(`
      window.moved = []
      new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries()) {
          for (const { node } of sources) window.moved.push(node?.id || node?.className || node?.nodeName)
        }
      }).observe({ type: 'layout-shift', buffered: true })`)
    await page.reload()
    await page.locator('#race').waitFor()
    await page.locator('#buy-anchor').click()
    await page.getByText('Folding anchor is in your cart.').waitFor()
    expect(await page.evaluate('window.moved')).toEqual([])
  })
})
