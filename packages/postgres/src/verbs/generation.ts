import type { Generational } from '@holdfast/core'
import type { Row } from '../statements/statement.ts'
import { whole } from '../statements/record-values.ts'
import type { Tools } from './verbs.ts'

/** The number by which all sessions can be ended at once. */
export function generationVerbs({ client, statements }: Tools): Generational {
  return {
    generation: async ({ signal }) => numberIn(await client.query(statements.generation, [], signal)),
    raiseGeneration: async (to, { signal }) => numberIn(await client.query(statements.raise, [whole(to)], signal)),
  }
}

function numberIn([row]: readonly Row[]): number {
  const kept = Number(row?.['generation'])
  if (Number.isSafeInteger(kept)) return kept
  throw new TypeError('Postgres answered the question for the generation with what is none, so it was thrown away.')
}
