/**
 * Takes the pictures of the shop that the docs show: `npm run screenshots` in examples/shop, which makes them small with
 * pngquant. `npm run screenshots -- FOLDER` takes every look of the page instead, for whoever changes it.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

import { describeAgent } from '@holdfast/core/agent'
import { createSessions, memoryStore } from '@holdfast/express'
import { type BrowserPage, certificate, startChromium } from '@holdfast/testkit'

import { watchStore } from '../../src/activity.ts'
import { createApp } from '../../src/app.ts'

/** Two more devices of the same user. */
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [1280, 390] as const

const [folder] = process.argv.slice(2)
const target = folder ?? path.join(import.meta.dirname, '../../../../docs')
mkdirSync(target, { recursive: true })

const trusted = await certificate()
const { browser, stop } = await startChromium({ certificate: trusted })
const activity = watchStore()
const sessions = createSessions({ store: memoryStore(), devices: { describeAgent } })
const server = createServer(trusted, createApp({ sessions, activity, storeLabel: 'memory' })).listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `https://localhost:${(server.address() as AddressInfo).port}`

for (const userAgent of [PHONE, FIREFOX]) {
  const context = await browser.newContext({ userAgent })
  await signIn(await context.newPage(), userAgent === PHONE)
  await context.close()
}
const context = await browser.newContext({
  userAgent: FIREFOX.replace('X11; Linux x86_64', 'Macintosh; Intel Mac OS X 10.15'),
})
const page = await context.newPage()
await page.goto(origin)
await shoot(page, 'signed-out', folder !== undefined)
await signIn(page, false)
for (const sku of ['lantern', 'rope', 'mug', 'mug']) {
  await page.locator(`#buy-${sku}`).click()
  await page.locator(`#more-${sku}`).waitFor()
}
await page.reload()
await shoot(page, 'shop', true)
if (folder !== undefined) {
  await page.locator('#buy-bell').click()
  await page.locator('.flash').waitFor()
  await page.evaluate(`
    document.getElementById('expiry-text').textContent = 'Are you still there? You will be signed out in'
    document.getElementById('expiry-left').textContent = '00:48'
    document.getElementById('expiry').hidden = false`)
  await shoot(page, 'warning', true)
  await page.goto(`${origin}/nowhere`)
  await shoot(page, 'problem', true)
  await sessions.endAll('noor')
  await page.goto(origin)
  await shoot(page, 'ended', true)
}

await stop()
server.close()
server.closeAllConnections()
await sessions.close()
activity.close()

async function signIn(tab: BrowserPage, isRemembered: boolean): Promise<void> {
  await tab.goto(origin)
  if (isRemembered) await tab.getByLabel('Stay signed in').check()
  await tab.getByRole('button', { name: 'Noor' }).click()
  await tab.locator('#sign-out').waitFor()
}

async function shoot(tab: BrowserPage, name: string, isWanted: boolean): Promise<void> {
  if (!isWanted) return
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const isPhone = width === 390
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await tab.setViewportSize({ width, height: isPhone ? 844 : 900 })
      // Where there is but one picture of a phone's page, the dark one shows what lies further down.
      await tab.evaluate(`scrollTo(0, ${isPhone && colorScheme === 'dark' && folder === undefined ? 1500 : 0})`)
      const file = path.join(target, `${name}-${colorScheme}-${width}.png`)
      await tab.screenshot({ path: file, fullPage: !isPhone || folder !== undefined })
      if (folder === undefined)
        execFileSync('pngquant', ['--force', '--ext', '.png', '--strip', '--speed', '1', '64', file])
    }
  }
}
