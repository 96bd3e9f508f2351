import type { SqlClient } from './connection/sql-client.ts'
import type { Statements } from './statements/statements.ts'

/** How many rows one statement locks and removes at most. */
const BATCH = 1_000

/** How many pages one statement reads at most: 8 MiB, some ten thousand sessions. */
const PAGES = 1_024

/** Time for a sweep that nobody waits for. */
const PATIENCE = 60_000

export interface Sweeper {
  /** Removes what is past its end, everywhere. Answers how many entries that were. */
  sweep(signal: AbortSignal): Promise<number>
  start(): void
  stop(): void
}

export interface SweeperOptions {
  readonly client: SqlClient
  readonly statements: Statements
  readonly interval: number | false
}

/**
 * Removes what is past its end, page by page. Any number of processes may do it at once: each skips what another has
 * locked. The first page is another one each time, so that they seldom meet.
 */
export function createSweeper({ client, statements, interval }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function sweepPages(from: number, to: number, signal: AbortSignal): Promise<number> {
    let removed = 0
    for (;;) {
      const [row] = await client.query(statements.sweep, [from, to, BATCH], signal)
      const batch = Number(row?.['removed'])
      removed += batch
      if (batch < BATCH) return removed
    }
  }

  async function sweep(signal: AbortSignal): Promise<number> {
    const [row] = await client.query(statements.size, [], signal)
    const ranges = Math.ceil(Number(row?.['pages']) / PAGES)
    const first = Math.floor(Math.random() * ranges)
    let removed = 0
    for (let count = 0; count < ranges; count += 1) {
      const from = ((first + count) % ranges) * PAGES
      removed += await sweepPages(from, from + PAGES, signal)
    }
    return removed
  }

  function schedule(): void {
    if (interval === false || isStopped) return
    timer = setTimeout(
      () => {
        // Nothing depends on it: the next one makes up for it.
        sweep(AbortSignal.timeout(PATIENCE))
          .catch(() => {})
          .finally(schedule)
      },
      interval * (0.5 + Math.random()),
    )
    timer.unref()
  }

  return {
    sweep,
    start() {
      if (timer === undefined) schedule()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
