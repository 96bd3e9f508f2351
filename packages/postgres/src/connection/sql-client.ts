import type { Row, Statement, Value } from '../statements/statement.ts'

/** Anything that asks a Postgres by text and positional values: a `pg` Pool, a `pg` Client, a PGlite. */
export interface PostgresClient {
  // oxlint-disable-next-line typescript/no-explicit-any -- every client types its values and rows differently
  query(text: string, values?: any[]): Promise<{ rows: any[] }>
}

/** How the store asks its database. */
export interface SqlClient {
  /** Rejects when the signal fires; what was asked may then still be applied. */
  query(statement: Statement, values: Value[], signal: AbortSignal): Promise<readonly Row[]>
  /** Drops connections, because an answer came that belongs to another question. */
  reset(reason: Error): void
}

/** The members of a `pg` Pool that the store uses besides `query`. */
export interface PgPool extends PostgresClient {
  readonly options: Readonly<Record<string, unknown>>
  readonly Client: new (options: Readonly<Record<string, unknown>>) => PgClient
  connect(callback: (error: Error | undefined, client: PgClient | undefined, release: PgRelease) => void): void
  on(event: 'error', listener: (error: Error) => void): unknown
  listenerCount(event: 'error'): number
}

export type PgRelease = (error?: Error) => void

/** The members of a `pg` Client that the store uses. */
export interface PgClient {
  query(question: PgQuestion, values: Value[], callback: (error: Error | null, answer: { rows: Row[] }) => void): void
  on(event: 'error', listener: (error: Error) => void): unknown
  listenerCount(event: 'error'): number
  readonly processID?: number | null
}

export interface PgQuestion {
  readonly name?: string
  readonly text: string
  /** Leaves every value as the text that Postgres sent, whatever parsers the program has set. */
  readonly types: { getTypeParser(): (text: string) => string }
}
