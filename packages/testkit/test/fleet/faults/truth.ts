/** Compares what was acknowledged with what is stored, past every process that served. */
import { type Exchange, type Sessions, createSessions } from '@holdfast/core'
import { expect } from 'vitest'

import { rounds } from '../../../src/index.ts'
import { until } from '../../../src/servers/until.ts'
import { keyOf } from '../../promises/stage.ts'
import type { Fleet } from '../fleet.ts'
import type { Shown } from '../routes.ts'
import { type SharedStore, openStore } from '../shared-store.ts'
import type { Account } from './account.ts'
import type { Traffic } from './traffic.ts'

/** What a process that has just started finds in the store. */
export interface Witness {
  /** Whether a live session lies there. */
  has(cookie: string): Promise<boolean>
  read(cookie: string): Promise<{ readonly isNew: boolean; readonly subject: string | undefined; readonly n: number }>
  close(): Promise<void>
}

export async function openWitness(choice: SharedStore): Promise<Witness> {
  const opened = await openStore(choice)
  const sessions: Sessions<{ n: number }> = createSessions<{ n: number }>({
    store: opened.store,
    cache: false,
    load: 'strict',
    storeDeadline: '5s',
    commitDeadline: '10s',
  })
  const exchange = (cookie: string): Exchange => ({
    secure: false,
    header: (name) => (name.toLowerCase() === 'cookie' ? cookie : undefined),
  })
  return {
    has: (cookie) =>
      answered(async () => {
        const { signal } = new AbortController()
        return { found: (await opened.store.load(keyOf(cookie), { signal })).outcome === 'found' }
      }).then(({ found }) => found),
    read: (cookie) =>
      answered(async () => {
        const session = await sessions.open(exchange(cookie), { passive: true })
        return { isNew: session.isNew, subject: session.subject, n: session.get('n') ?? 0 }
      }),
    close: async () => {
      await sessions.close()
      await opened.close()
    },
  }
}

/** A machine that has much else to do may break a deadline now and then; what is asked here must be answered. */
function answered<Answer>(ask: () => Promise<Answer | false>): Promise<Answer> {
  return until(ask, { what: 'an answer', every: 50, within: 5_000 })
}

/** What came of the sessions of a {@link Traffic}. */
export interface Truth {
  readonly kept: number
  readonly closed: number
  readonly lost: number
}

/** Asserts that nothing acknowledged was lost, nothing applied twice, and nothing that was closed is open. */
export async function assertTruth(fleet: Fleet, witness: Witness, { accounts, journal }: Traffic): Promise<Truth> {
  expect(journal.violations.slice(0, 10)).toEqual([])
  const signedIn = accounts.filter(({ standing }) => standing === 'in')
  let kept = 0
  await rounds(signedIn.length, async (round) => {
    if (await isKept(witness, signedIn[round]!)) kept++
  })
  await rounds(journal.closed.length, async (round) => {
    const { cookie } = journal.closed[round]!
    expect(await witness.has(cookie), 'a closed session is in the store').toBe(false)
    for (const [turn] of fleet.urls.entries()) {
      const shown = await answered(async () => {
        const page = await fleet.browser(turn).send({ path: '/state', cookie })
        return page.status === 200 && page.json<Shown>()
      })
      expect(shown, 'a closed session is shown').toMatchObject({ isNew: true })
    }
  })
  for (const cookie of journal.lost) expect(await witness.has(cookie), 'a lost session was adopted').toBe(false)
  return { kept, closed: journal.closed.length, lost: journal.lost.length + signedIn.length - kept }
}

async function isKept(witness: Witness, account: Account): Promise<boolean> {
  const { isNew, subject, n } = await witness.read(account.browser.cookie!)
  const told = `${account.subject}: ${account.low} to ${account.high} increments`
  if (isNew && account.mayBeLost) return false
  expect({ isNew, subject }, told).toEqual({ isNew: false, subject: account.subject })
  expect(n, told).toBeLessThanOrEqual(account.high)
  if (!account.mayBeLost) expect(n, told).toBeGreaterThanOrEqual(account.low)
  return true
}
