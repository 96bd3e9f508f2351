import { setTimeout as sleep } from 'node:timers/promises'

import type { Fleet } from '../fleet.ts'
import { Account, type Act, type Journal } from './account.ts'

/** Users who read, write, log in, renew and log out, over all processes of a fleet, each at a steady pace. */
export interface Traffic {
  readonly journal: Journal
  readonly accounts: readonly Account[]
  /** Resolves when the last answer has come. */
  stop(): Promise<void>
}

const USERS = 32
/** Milliseconds between an answer and the next request of the same user. */
const PAUSE = 60

/** Out of twenty. */
const ACTS: readonly Exclude<Act, 'login'>[] = [
  ...Array.from({ length: 11 }, () => 'read' as const),
  ...Array.from({ length: 6 }, () => 'write' as const),
  'renew',
  'logout',
  'logout',
]

/** Lets every user sign in, and then begin. */
export async function startTraffic(fleet: Fleet, name: string): Promise<Traffic> {
  const journal: Journal = { answers: [], violations: [], closed: [], lost: [], lostBefore: Number.NEGATIVE_INFINITY }
  const accounts = Array.from({ length: USERS }, (_, index) => new Account(fleet, journal, `${name}.${index}`))
  await Promise.all(accounts.map((account, index) => account.login(index)))
  let isOver = false
  const live = async (account: Account): Promise<void> => {
    while (!isOver) {
      const turn = Math.floor(Math.random() * fleet.urls.length)
      const closed = journal.closed[Math.floor(Math.random() * journal.closed.length)]
      if (closed !== undefined && Math.random() < 0.05) await account.intrude(closed, turn)
      else await account.act(ACTS[Math.floor(Math.random() * ACTS.length)]!, turn)
      await sleep(PAUSE * (0.5 + Math.random()))
    }
  }
  const lives = accounts.map(live)
  return {
    journal,
    accounts,
    stop: async () => {
      isOver = true
      await Promise.all(lives)
    },
  }
}
