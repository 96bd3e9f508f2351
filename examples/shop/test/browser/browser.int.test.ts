import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ShopStore } from '../../src/store.ts'
import { CHOICES } from './choices.ts'
import { newVisitor, openShop, signIn, useChromium } from './stage.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** For most of a period of renewal, adds to the cart and looks at the session, four requests at a time. */
const BUSY_TAB = `(async () => {
  const seen = { added: 0, statuses: new Set(), users: new Set() }
  const add = async () => {
    const { status } = await fetch('/cart/mug', { method: 'POST' })
    seen.statuses.add(status)
    if (status === 200) seen.added++
  }
  const look = async () => seen.users.add((await (await fetch('/api/session')).json()).user)
  const end = performance.now() + 800
  while (performance.now() < end) {
    await Promise.all([add(), look(), add(), look(), new Promise((resolve) => setTimeout(resolve, 50))])
  }
  return { added: seen.added, statuses: [...seen.statuses], users: [...seen.users] }
})()`

interface Seen {
  readonly added: number
  readonly statuses: readonly number[]
  readonly users: readonly string[]
}

useChromium()

describe.each(CHOICES)('in a browser, the shop over $label', ({ open }) => {
  let store: ShopStore

  beforeAll(async () => {
    store = await open()
  })

  afterAll(() => store?.close())

  it('ASVS 3.3.1 to 3.3.4: has its cookie accepted, and no script can read it', async () => {
    const shop = await openShop(store)
    const visitor = await newVisitor()
    const page = await visitor.newPage()
    await page.goto(shop.origin)
    expect(await visitor.cookies()).toEqual([])
    await signIn(page, shop, 'Ada')
    expect(await visitor.cookies()).toEqual([
      expect.objectContaining({
        name: '__Host-id',
        value: expect.stringMatching(/^[\w-]{32}$/),
        // Of this host alone: a cookie with a Domain begins with a dot here.
        domain: 'localhost',
        path: '/',
        expires: -1,
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
      }),
    ])
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await page.evaluate('cookieStore.getAll()')).toEqual([])
    // A script cannot put another one in its place either.
    await page.evaluate(`document.cookie = '__Host-id=${'A'.repeat(32)}; Path=/; Secure'`)
    await page.reload()
    expect(await page.locator('#sign-out').count()).toBe(1)
  })

  it('ASVS 7.4.1: has its cookie deleted by a sign-out, and a copy of it opens nothing', async () => {
    const shop = await openShop(store)
    const visitor = await newVisitor()
    const page = await visitor.newPage()
    await signIn(page, shop, 'Finn')
    const stolen = await visitor.cookies()
    await page.locator('#sign-out').click()
    await page.getByText('Signed out. Fair winds.').waitFor()
    // The last message is a session of its own.
    expect((await visitor.cookies()).map(({ value }) => value)).not.toContain(stolen[0]!.value)

    const thief = await newVisitor()
    await thief.addCookies(stolen)
    const copy = await thief.newPage()
    await copy.goto(shop.origin)
    expect(await copy.locator('#sign-out').count()).toBe(0)
    expect(shop.last('GET', '/')?.cookie).toContain(stolen[0]!.value)
  })

  it('renews by age, and neither of two busy tabs notices', async () => {
    const shop = await openShop(store, { renewEvery: '1s' })
    const visitor = await newVisitor()
    const [one, other] = [await visitor.newPage(), await visitor.newPage()]
    await signIn(one, shop, 'Ada')
    await other.goto(shop.origin)
    const tokens = (): Set<unknown> => new Set(shop.requests.map(({ cookie }) => cookie).filter(Boolean))
    const seen: Seen[] = []
    while (tokens().size < 4) {
      seen.push(...(await Promise.all([one, other].map((tab) => tab.evaluate<Seen>(BUSY_TAB)))))
    }
    for (const { statuses, users } of seen) expect({ statuses, users }).toEqual({ statuses: [200], users: ['ada'] })
    expect(await visitor.cookies()).toHaveLength(1)
    const added = seen.reduce((sum, { added }) => sum + added, 0)
    for (const tab of [one, other]) {
      await tab.reload()
      expect(await tab.locator('body').innerText()).toMatch(/keeps the light\s+Sign out/)
      expect(await tab.locator('#cart .count').textContent()).toBe(String(added))
    }
  })

  it('ASVS 7.5.2: ends another browser from the list of devices, and that one says why', async () => {
    const shop = await openShop(store)
    const [desk, phone] = [await newVisitor(), await newVisitor({ userAgent: FIREFOX })]
    const [here, there] = [await desk.newPage(), await phone.newPage()]
    await signIn(there, shop, 'Noor')
    await signIn(here, shop, 'Noor')
    await here.getByRole('button', { name: 'Sign out Firefox on Linux' }).click()
    await here.getByText('That device is signed out.').waitFor()
    expect(await here.locator('.device').count()).toBe(1)

    // It learns so by whatever it does next.
    await there.getByRole('button', { name: 'Add Fog bell to the cart' }).click()
    await there.getByText('Signed out because the session was ended from another device.').waitFor()
    expect(await there.locator('#sign-out').count()).toBe(0)
    expect(await here.locator('#sign-out').count()).toBe(1)
  })
})
