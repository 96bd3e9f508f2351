/** What the store warns of through `process.emitWarning`, each code once per store. */
export const POSTGRES_WARNINGS = {
  WARN_POSTGRES_NOT_HEARD:
    "The feed of the Postgres store does not hear its own notifications, so `feed: 'listen'` tells nothing. LISTEN does not pass a pooler in transaction mode: hand in `listen: () => new Client(…)` with a direct connection, or write `feed: 'poll'`.",
  WARN_POSTGRES_CONNECT_UNBOUNDED:
    'The pool of the Postgres store has no `connectionTimeoutMillis`, so when the network swallows packets its connections hang for minutes, and it serves nobody although the server is back. Set it to 1000, say.',
  WARN_POSTGRES_STATEMENTS_UNBOUNDED:
    "Postgres sets neither `statement_timeout` nor `lock_timeout` for this role. The store gives up in time, but a backend that waits for a lock may go on waiting. Run: ALTER ROLE … SET statement_timeout = '5s'.",
  WARN_POSTGRES_POOLER:
    'A prepared statement of the Postgres store was unknown to the connection, or known already: between them is a pooler that does not follow prepared statements (pgbouncer before 1.21). Write `prepare: false`.',
  WARN_POSTGRES_CLOCK:
    'The clocks of this machine and of Postgres differ by more than five seconds. Sessions live by that of Postgres, but logs and cookies do not. Look at the time service of both.',
} as const

export type PostgresWarning = keyof typeof POSTGRES_WARNINGS

/** Emits a warning, each code once. */
export type Warn = (code: PostgresWarning) => void

export function createWarner(): Warn {
  const told = new Set<PostgresWarning>()
  return (code) => {
    if (told.has(code)) return
    told.add(code)
    process.emitWarning(POSTGRES_WARNINGS[code], { type: 'HoldfastWarning', code })
  }
}
