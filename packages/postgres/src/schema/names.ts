import { createHash } from 'node:crypto'

/** Where the store's things lie in the database. Every name is validated, quoted and schema-qualified. */
export interface Names {
  /** For people, such as `public.holdfast_sessions`. */
  readonly label: string
  readonly schema: string
  readonly table: string
  /** Tells the time of the database in epoch milliseconds. */
  readonly now: string
  /** Tells the version of what `migrate()` installed. */
  readonly version: string
  /** As releases before version 2 of the schema call it. */
  readonly renew: string
  readonly renewal: string
  readonly end: string
  /** Indexes lie in the schema of their table, so a `CREATE INDEX` names them without it. */
  readonly subjectIndex: string
  readonly remainsIndex: string
  /** The channel of LISTEN and NOTIFY. */
  readonly channel: string
  /** What locks migrations of this table against each other. */
  readonly lock: string
}

/** The longest suffixes of names made from that of the table are as long as `_remains`, and Postgres cuts names at 63 bytes. */
const TABLE_LIMIT = 63 - '_remains'.length
const SCHEMA_LIMIT = 63

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Tells what is wrong with the name of a schema or table; `undefined`: nothing. */
export function nameProblem(kind: 'schema' | 'table', name: unknown): string | undefined {
  const limit = kind === 'schema' ? SCHEMA_LIMIT : TABLE_LIMIT
  if (typeof name === 'string' && PLAIN.test(name) && name.length <= limit) return undefined
  return `is ${JSON.stringify(name) ?? String(name)}. Write 1 to ${limit} letters, digits and underscores, not a digit first.`
}

/** Makes all names from those of the schema and the table, which have been checked. */
export function namesOf(schema: string, table: string): Names {
  const within = (name: string): string => `${quote(schema)}.${quote(name)}`
  const digest = createHash('sha256').update(`${schema}.${table}`).digest()
  return Object.freeze({
    label: `${schema}.${table}`,
    schema: quote(schema),
    table: within(table),
    now: within(`${table}_now`),
    version: within(`${table}_version`),
    renew: within(`${table}_renew`),
    renewal: within(`${table}_renewal`),
    end: within(`${table}_end`),
    subjectIndex: quote(`${table}_subject`),
    remainsIndex: quote(`${table}_remains`),
    channel: `holdfast_${digest.toString('hex', 0, 8)}`,
    lock: digest.readBigInt64BE(8).toString(),
  })
}

function quote(name: string): string {
  return `"${name}"`
}
