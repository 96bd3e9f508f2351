import type { ChangeFeed } from '@holdfast/core'
import type { Pool } from 'pg'
import { poolClient } from '../../src/connection/pool-client.ts'
import type { PgPool, SqlClient } from '../../src/connection/sql-client.ts'
import { createFeed } from '../../src/feed/feed.ts'
import { pollSource } from '../../src/feed/poll-source.ts'
import { namesOf } from '../../src/schema/names.ts'
import { statementsOf } from '../../src/statements/statements.ts'
import { SCHEMA, TABLE } from './stage.ts'

/** What becomes of a look on its way to the database and back. */
export type Hamper = (look: SqlClient['query']) => SqlClient['query']

/** A feed by poll over a real database, whose looks and whose clock a test may meddle with. */
export interface HamperedFeed extends ChangeFeed {
  /** Says what becomes of looks from now on; nothing: they pass. Resolves when none from before is under way. */
  hamper(hamper?: Hamper): Promise<void>
  /** How many looks have been answered, or failed, since that was last said. */
  looks(): number
  /** Lets time pass for this process alone. */
  advance(ms: number): void
  close(): void
}

const pass: Hamper = (look) => look

export function hamperedFeed(pool: Pool, interval = 50): HamperedFeed {
  const { query, reset } = poolClient(pool as unknown as PgPool, { prepare: true, warn: () => {} })
  const statement = statementsOf(namesOf(SCHEMA, TABLE)).poll
  let hamper = pass
  let looks = 0
  let underWay: Promise<unknown> = Promise.resolve()
  let advanced = 0
  const monotonic = (): number => performance.now() + advanced
  const count = (): void => void (looks += 1)
  const client: SqlClient = {
    reset,
    query(...question) {
      const answer = hamper(query)(...question)
      underWay = answer.then(count, count)
      return answer
    },
  }
  const feed = createFeed(pollSource({ client, statement, interval, monotonic }), monotonic)
  return {
    ...feed.power,
    async hamper(next = pass) {
      hamper = next
      await underWay
      looks = 0
    },
    looks: () => looks,
    advance: (ms) => void (advanced += ms),
    close: feed.close,
  }
}
