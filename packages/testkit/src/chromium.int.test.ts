import { afterEach, expect, it, vi } from 'vitest'

import { startChromium } from './chromium.ts'
import { familyOf, isRunning } from './servers/process-tree.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('is gone with all its processes when it was stopped', async () => {
  const { pid, browser, stop } = await startChromium()
  const page = await browser.newPage()
  await page.setContent('<title>Here</title>')
  expect(await page.title()).toBe('Here')
  const family = familyOf(pid)
  expect(family.length).toBeGreaterThan(3)
  await stop()
  expect(family.filter(isRunning)).toEqual([])
})

it('is not looked for elsewhere when CHROMIUM_PATH leads nowhere', async () => {
  vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium')
  await expect(startChromium()).rejects.toThrow('CHROMIUM_PATH is "/nowhere/chromium", which is no program.')
})
