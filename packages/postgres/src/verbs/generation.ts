import type { Generational } from '@holdfast/core'
import type { Row } from '../statements/statement.ts'
import { whole } from '../statements/record-values.ts'
import type { Tools } from './verbs.ts'

/**
 * The number by which all sessions can be ended at once. A process that knows of a greater one than is kept, since a
 * failover forgot it, raises it again.
 */
export function generationVerbs({ client, statements }: Tools): Generational {
  let known = 0

  function learn(row: Row | undefined): number {
    const kept = Number(row?.['generation'])
    if (!Number.isSafeInteger(kept)) throw new TypeError('Postgres answered the question for the generation with none.')
    known = Math.max(known, kept)
    return kept
  }

  async function raiseGeneration(to: number, signal: AbortSignal): Promise<number> {
    const [row] = await client.query(statements.raise, [whole(Math.max(known, to))], signal)
    return learn(row)
  }

  return {
    async generation({ signal }) {
      signal.throwIfAborted()
      const [row] = await client.query(statements.generation, [], signal)
      return learn(row) < known ? raiseGeneration(known, signal) : known
    },
    async raiseGeneration(to, { signal }) {
      signal.throwIfAborted()
      return raiseGeneration(to, signal)
    },
  }
}
