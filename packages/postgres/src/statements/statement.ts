import { createHash } from 'node:crypto'

/** One SQL statement of this store. */
export interface Statement {
  readonly text: string
  /** The name under which a connection keeps its plan; differs wherever the text does. */
  readonly name: string
}

/** What may be handed to a statement: what every client can send. */
export type Value = string | number | boolean | null | Uint8Array

/** A row as any client answers it. The store's statements answer text, whole numbers and booleans only. */
export type Row = Readonly<Record<string, Cell>>

/** Clients answer `bigint` and `boolean` as such, as other numbers, or as the text that Postgres sent. */
export type Cell = string | number | bigint | boolean | null | undefined

export function statement(verb: string, text: string): Statement {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return Object.freeze({ text, name: `holdfast_${verb}_${digest}` })
}
