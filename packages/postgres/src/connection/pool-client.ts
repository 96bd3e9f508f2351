import type { Row, Statement, Value } from '../statements/statement.ts'
import { cancelQuery } from './cancel-query.ts'
import { isOfPooler, isWorthKeeping } from './sql-state.ts'
import type { Warn } from '../warnings.ts'
import type { PgClient, PgPool, PgQuestion, PgRelease, SqlClient } from './sql-client.ts'

export interface PoolClientOptions {
  /** Whether a connection keeps the plans of statements, under their names. */
  readonly prepare: boolean
  readonly warn: Warn
}

const AS_TEXT = { getTypeParser: () => (text: string) => text }

/**
 * Asks through connections of a `pg` Pool.
 *
 * A connection is checked out for one statement. When its caller gives up it is destroyed, since its answer is still to
 * come, and the server is asked to stop, since it would go on waiting for whatever it waits for.
 */
export function poolClient(pool: PgPool, { prepare, warn }: PoolClientOptions): SqlClient {
  /** Connections made before the latest reset are destroyed when they are met. */
  const generations = new WeakMap<PgClient, number>()
  let generation = 0
  const questions = new Map<Statement, PgQuestion>()
  // A pool without a listener ends the process when an idle connection breaks, also after the store was closed.
  const ignore = (): void => {}
  if (pool.listenerCount('error') === 0) pool.on('error', ignore)

  function questionOf(statement: Statement): PgQuestion {
    const known = questions.get(statement)
    if (known !== undefined) return known
    const { name, text } = statement
    // `pg` copies a question property by property, but leaves alone what it inherits.
    const question = Object.create(prepare ? { name, text, types: AS_TEXT } : { text, types: AS_TEXT }) as PgQuestion
    questions.set(statement, question)
    return question
  }

  function isCurrent(client: PgClient): boolean {
    // While it is checked out, the pool does not listen.
    if (client.listenerCount('error') === 0) client.on('error', ignore)
    const known = generations.get(client)
    if (known === undefined) generations.set(client, generation)
    return known === undefined || known === generation
  }

  function query(statement: Statement, values: Value[], signal: AbortSignal): Promise<readonly Row[]> {
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      let checkedOut: { client: PgClient; release: PgRelease } | undefined

      function settle(error?: Error | null): void {
        signal.removeEventListener('abort', giveUp)
        const { client, release } = checkedOut!
        checkedOut = undefined
        const isStale = generations.get(client) !== generation
        if (error) release(isWorthKeeping(error) && !isStale ? undefined : error)
        else release(isStale ? new Error('replies have shifted') : undefined)
      }

      function giveUp(): void {
        reject(signal.reason)
        if (checkedOut === undefined) return // the connection goes back when it comes
        const { client } = checkedOut
        settle(signal.reason)
        cancelQuery(pool, client)
      }

      function ask(error: Error | undefined, client: PgClient | undefined, release: PgRelease): void {
        if (error || client === undefined) {
          signal.removeEventListener('abort', giveUp)
          reject(error)
          return
        }
        if (!isCurrent(client)) {
          release(new Error('replies have shifted'))
          if (!signal.aborted) pool.connect(ask)
          return
        }
        if (signal.aborted) {
          release()
          return
        }
        checkedOut = { client, release }
        client.query(questionOf(statement), values, (failure, answer) => {
          if (checkedOut === undefined) return // given up
          settle(failure)
          if (failure && isOfPooler(failure)) warn('WARN_POSTGRES_POOLER')
          if (failure) reject(failure)
          else resolve(answer.rows)
        })
      }

      signal.addEventListener('abort', giveUp, { once: true })
      pool.connect(ask)
    })
  }

  return {
    query,
    reset() {
      generation += 1
    },
  }
}
