import pg from 'pg'

/** Counts what this process sends to Postgres by any pool or client. Answers how to read the count. */
export function countQueries(): () => number {
  let count = 0
  const prototype = pg.Client.prototype as { query: (...args: unknown[]) => unknown }
  const query = prototype.query
  prototype.query = function counted(this: unknown, ...args) {
    count++
    return query.apply(this, args)
  }
  return () => count
}
