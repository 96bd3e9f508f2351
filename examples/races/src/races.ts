/** The races. Each takes one session through one round and answers how much was lost. */
import { type Browser, createBrowser } from 'example-harness'

import { FIELDS, type Me } from './contender.ts'
import type { Desk } from './desk.ts'

const POST = { method: 'POST' } as const

export interface Round {
  readonly url: string
  readonly desk: Desk
  /** Tells this round's errands from those of others. */
  readonly name: string
}

export interface Race {
  readonly title: string
  run(round: Round): Promise<number>
}

/**
 * Two requests of one session overlap, and each sets another field. Answers how many fields are missing afterwards
 * although their requests were told that all went well.
 */
const parallelWrites: Race = {
  title: 'lost writes',
  run: async ({ url, desk, name }) => {
    const browser = createBrowser(url)
    await signIn(browser)
    const answers = FIELDS.map((field) => browser.request(`/fields/${field}/${name}`, POST))
    await desk.arrived(name, FIELDS.length)
    desk.done(name)
    const told = await Promise.all(answers)
    const { fields } = await whoAmI(browser)
    return FIELDS.filter((field, index) => told[index]?.ok === true && !fields.includes(field)).length
  },
}

/**
 * The user signs out while a slow request of another tab is under way, which then sets a field. Answers 1 if the
 * session is back: if the cookie from before the sign-out, or the browser as it is now, is still signed in.
 */
const logoutRace: Race = {
  title: 'revived sessions',
  run: async ({ url, desk, name }) => {
    const browser = createBrowser(url)
    await signIn(browser)
    const stolen = browser.copy()
    const slow = browser.request(`/fields/basket/${name}`, POST)
    await desk.arrived(name, 1)
    await (await browser.request('/logout', POST)).text()
    desk.done(name)
    await (await slow).text()
    const users = await Promise.all([stolen, browser].map(async (one) => (await whoAmI(one)).user))
    return users.some((user) => user !== null) ? 1 : 0
  },
}

/** A login answers by a redirect, which the browser follows at once. Answers 1 if the next page knows nobody. */
const redirectRace: Race = {
  title: 'redirects before the save',
  run: async ({ url }) => {
    const browser = createBrowser(url)
    const answer = await browser.request('/login', POST)
    const { user } = await whoAmI(browser, answer.headers.get('location') ?? 'nowhere')
    await answer.text()
    return user === null ? 1 : 0
  },
}

export const RACES: readonly Race[] = [parallelWrites, logoutRace, redirectRace]

/** Signs in and waits until that is certainly saved, so that only the race itself is measured. */
async function signIn(browser: Browser): Promise<void> {
  await (await browser.request('/login', POST)).text()
}

async function whoAmI(browser: Browser, path: string = '/me'): Promise<Me> {
  const answer = await browser.request(path)
  if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}.`)
  return (await answer.json()) as Me
}
