import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { FakeBrowser, MINUTE, SECOND, type Tab } from './testing/fake-browser.ts'

let browser: FakeBrowser

beforeEach(() => {
  vi.useFakeTimers()
  browser = new FakeBrowser()
})

afterEach(() => void vi.useRealTimers())

const pass = (duration: number): Promise<unknown> => vi.advanceTimersByTimeAsync(duration)

async function openTab(options?: Parameters<FakeBrowser['openTab']>[0]): Promise<Tab> {
  const tab = browser.openTab(options)
  await pass(0)
  browser.newRequests()
  return tab
}

describe('the warning', () => {
  it('NIST 5.2-c: comes before the end, and the end when the server has said so', async () => {
    const tab = await openTab()
    await pass(9 * MINUTE - 1)
    expect(tab.newlyTold()).toEqual([])
    await pass(1)
    expect(tab.newlyTold()).toEqual(['warning 60 s'])
    await pass(MINUTE)
    expect(tab.newlyTold()).toEqual(['end idle'])
    // One in the middle, one before the warning, one at the end; then nobody asks any more.
    expect(browser.newRequests()).toEqual(['GET', 'GET', 'GET'])
    await pass(60 * MINUTE)
    expect(browser.newRequests()).toEqual([])
  })

  it('does not come while other requests use the session', async () => {
    const tab = await openTab()
    for (let times = 0; times < 5; times++) {
      await pass(8 * MINUTE)
      browser.use()
    }
    expect(tab.told).toEqual([])
  })

  it('leaves when another request has used the session', async () => {
    const tab = await openTab()
    await pass(9.5 * MINUTE)
    browser.use()
    await pass(0.5 * MINUTE)
    expect(tab.told).toEqual(['warning 60 s', 'resume'])
  })

  it('leaves at the next activity, at once', async () => {
    const tab = await openTab()
    await pass(9 * MINUTE)
    tab.act()
    await pass(0)
    expect(tab.told).toEqual(['warning 60 s', 'resume'])
    await pass(9 * MINUTE)
    expect(tab.told).toEqual(['warning 60 s', 'resume', 'warning 60 s'])
  })

  it('says when nothing can put the end off, and then activity sends no keep-alive', async () => {
    browser.absoluteEndsAt = browser.endsAt
    const tab = await openTab()
    await pass(9 * MINUTE)
    expect(tab.newlyTold()).toEqual(['warning 60 s, final'])
    browser.newRequests()
    for (let times = 0; times < 59; times++) {
      tab.act()
      await pass(SECOND)
    }
    expect(browser.newRequests()).not.toContain('POST')
    await pass(SECOND)
    expect(tab.newlyTold()).toEqual(['end idle'])
  })

  it('comes by what is known when the server does not answer, and no end does', async () => {
    const tab = await openTab()
    browser.fault = () => ({ ok: false, json: async () => ({ isSignedIn: false }) })
    await pass(20 * MINUTE)
    expect(tab.newlyTold()).toEqual(['warning 60 s'])
    expect(browser.requests.length).toBeLessThan(20 * 6)
    browser.fault = undefined
    await pass(10 * SECOND)
    expect(tab.newlyTold()).toEqual(['end idle'])
  })
})

describe('keep-alive', () => {
  it.each(['pointerdown', 'keydown', 'wheel', 'visibilitychange'])('follows %s', async (type) => {
    const tab = await openTab()
    await pass(2 * MINUTE)
    tab.act(type)
    await pass(0)
    expect(browser.newRequests()).toEqual(['POST'])
  })

  it('goes out at most once a minute, and keeps the session as long as somebody is there', async () => {
    const tab = await openTab()
    await pass(MINUTE)
    browser.newRequests()
    for (let times = 0; times < 40 * 60; times++) {
      tab.act()
      await pass(SECOND)
    }
    expect(browser.newRequests()).toEqual(Array.from({ length: 40 }, () => 'POST'))
    expect(tab.told).toEqual([])
  })

  it('keeps a session of twenty seconds', async () => {
    Object.assign(browser, { idleTimeout: 20 * SECOND })
    browser.use()
    const tab = await openTab({ warnBefore: 5 * SECOND })
    for (let times = 0; times < 300; times++) {
      tab.act()
      await pass(SECOND)
    }
    expect(tab.told).toEqual([])
    expect(browser.newRequests().length).toBeLessThan(70)
  })

  it.each([
    ['a script', (tab: Tab) => tab.act('keydown', false)],
    [
      'a page that is not seen',
      (tab: Tab) => {
        tab.isHidden = true
        tab.act('visibilitychange')
      },
    ],
    ['time', () => {}],
  ])('is not sent by %s', async (_, act) => {
    const tab = await openTab()
    await pass(9.5 * MINUTE)
    act(tab)
    await pass(0)
    expect(browser.newRequests()).not.toContain('POST')
  })

  it('is sent by a button whatever was sent before', async () => {
    const tab = await openTab()
    expect(await tab.watch.keepAlive()).toMatchObject({ isSignedIn: true, expiresIn: 10 * MINUTE })
    expect(await tab.watch.keepAlive()).toMatchObject({ isSignedIn: true })
    expect(browser.newRequests()).toEqual(['POST', 'POST'])
  })

  it('is tried again ten seconds after it failed', async () => {
    const tab = await openTab()
    await pass(MINUTE)
    browser.fault = () => {
      throw new TypeError('Failed to fetch')
    }
    for (let times = 0; times < 30; times++) {
      tab.act()
      await pass(SECOND)
    }
    expect(browser.newRequests().filter((method) => method === 'POST')).toHaveLength(3)
    expect(tab.told).toEqual([])
  })

  it('tells a sleeper that the session has ended', async () => {
    const tab = await openTab()
    // Timers stand still while the machine sleeps; the wall clock goes on.
    vi.setSystemTime(Date.now() + 30 * MINUTE)
    tab.act('visibilitychange')
    await pass(0)
    expect(tab.told).toEqual(['end idle'])
  })
})

describe('the status', () => {
  it('is asked for rarely, and not by a page that nobody sees', async () => {
    Object.assign(browser, { idleTimeout: 60 * MINUTE })
    browser.signIn()
    const tab = await openTab()
    await pass(30 * MINUTE)
    expect(browser.newRequests()).toEqual(Array.from({ length: 6 }, () => 'GET'))
    tab.isHidden = true
    await pass(28 * MINUTE)
    expect(browser.newRequests()).toEqual([])
  })

  it('tells of an end from elsewhere', async () => {
    const tab = await openTab()
    browser.end('elsewhere')
    await pass(5 * MINUTE)
    expect(tab.told).toEqual(['end elsewhere'])
  })

  it('is not taken from an answer that a later one has overtaken', async () => {
    const tab = await openTab()
    let answerLate = (_status: unknown): void => {}
    const late = new Promise((resolve) => {
      answerLate = resolve
    })
    browser.fault = () => ({ ok: true, json: () => late })
    const asking = tab.watch.check()
    await pass(0)
    browser.fault = undefined
    await tab.watch.keepAlive()
    answerLate({ isSignedIn: false, endedBecause: null })
    await asking
    expect(tab.told).toEqual([])
  })

  it.each([null, {}, { error: 'no' }, 'text'])('is not taken from %j', async (body) => {
    const tab = await openTab()
    browser.fault = () => ({ ok: true, json: async () => body })
    expect(await tab.watch.check()).toBeUndefined()
    expect(tab.told).toEqual([])
  })

  it('of a page that opens signed out is asked for once, and nothing is told', async () => {
    browser.end('logout')
    const tab = browser.openTab()
    await pass(60 * MINUTE)
    tab.act()
    await pass(0)
    expect(browser.newRequests()).toEqual(['GET'])
    expect(tab.told).toEqual([])
  })

  it('waits for no longer than a timer can, however long the session lives', async () => {
    Object.assign(browser, { idleTimeout: 40 * 24 * 60 * MINUTE })
    browser.absoluteEndsAt = Date.now() + 50 * 24 * 60 * MINUTE
    browser.use()
    await openTab({ checkEvery: Infinity })
    await pass(10 * SECOND)
    expect(browser.newRequests()).toEqual([])
  })
})

describe('tabs', () => {
  it('hear of a sign-out', async () => {
    const [one, other] = [await openTab(), await openTab()]
    browser.end('logout')
    await one.watch.check()
    await pass(0)
    expect([one.told, other.told]).toEqual([['end logout'], ['end logout']])
    expect(browser.newRequests()).toEqual(['GET', 'GET'])
  })

  it('hear of a sign-out by the page that opens after it', async () => {
    const other = await openTab()
    browser.end('logout')
    await openTab()
    await pass(0)
    expect(other.told).toEqual(['end logout'])
  })

  it('hear of a new sign-in', async () => {
    const other = await openTab()
    browser.end('logout')
    await other.watch.check()
    browser.signIn()
    await openTab()
    await pass(0)
    expect(other.told).toEqual(['end logout', 'resume'])
  })

  it('do not warn while one of them is used', async () => {
    const [one, other] = [await openTab(), await openTab()]
    other.isHidden = true
    for (let times = 0; times < 30; times++) {
      await pass(MINUTE)
      one.act()
    }
    await pass(0)
    expect(other.told).toEqual([])
    expect(browser.newRequests().filter((method) => method === 'POST')).toHaveLength(30)
  })

  it('take their warnings back together', async () => {
    const [one, other] = [await openTab(), await openTab()]
    await pass(9.5 * MINUTE)
    one.act()
    await pass(0)
    expect([one.told, other.told]).toEqual([
      ['warning 60 s', 'resume'],
      ['warning 60 s', 'resume'],
    ])
  })

  it('that see different sessions come to rest', async () => {
    await openTab()
    await openTab({ fetch: async () => ({ ok: true, json: async () => ({ isSignedIn: false, endedBecause: null }) }) })
    await pass(MINUTE)
    expect(browser.newRequests().length).toBeLessThan(3)
  })

  it('of another address hear nothing', async () => {
    const [one, other] = [await openTab(), await openTab({ statusUrl: '/admin/session' })]
    browser.end('logout')
    await one.watch.check()
    await pass(0)
    expect(other.told).toEqual([])
  })
})

it('asks, tells and listens to nothing once it was stopped', async () => {
  const tab = await openTab()
  const asking = tab.watch.check()
  tab.watch.stop()
  await asking
  browser.end('logout')
  await openTab()
  browser.newRequests()
  await pass(60 * MINUTE)
  expect(browser.newRequests()).toEqual([])
  expect(tab.told).toEqual([])
  expect(tab.listeners.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
