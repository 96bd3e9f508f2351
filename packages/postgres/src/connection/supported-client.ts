import type { PgPool, PostgresClient } from './sql-client.ts'

const SUPPORTED =
  'Hand in a `pg` Pool (`new Pool({ … })`), a PGlite, or anything with their `query(text, values)` that answers `{ rows }`.'

/** Clients that have a `query` with other arguments or other answers, and how each is known. */
const STRANGERS: readonly (readonly [name: string, isIt: (client: object) => boolean])[] = [
  ['a MySQL pool', (client) => 'getConnection' in client],
  ['a TypeORM data source', (client) => 'createQueryRunner' in client],
  ['a Sequelize instance', (client) => 'getQueryInterface' in client],
  ['a MikroORM entity manager', (client) => 'getConnection' in client],
  ['a Prisma client', (client) => '$queryRaw' in client],
  ['a Drizzle database', (client) => '$client' in client],
  ['a Kysely instance', (client) => 'selectFrom' in client],
]

/** Tells what is wrong with a client; `undefined`: nothing. */
export function clientProblem(client: unknown): string | undefined {
  if (client === undefined || client === null) return `is missing. ${SUPPORTED}`
  if (typeof client === 'function') {
    return `is a function, as postgres.js and Knex have it. They ask in other ways. ${SUPPORTED}`
  }
  if (typeof client !== 'object') return `is ${JSON.stringify(client) ?? typeof client}. ${SUPPORTED}`
  const stranger = STRANGERS.find(([, isIt]) => isIt(client))
  if (stranger !== undefined) return `is ${stranger[0]}, which asks in other ways. ${SUPPORTED}`
  if (!('query' in client) || typeof client.query !== 'function') return `has no \`query(text, values)\`. ${SUPPORTED}`
  return undefined
}

/** Tells a `pg` Pool, from which connections can be checked out, from clients that only answer questions. */
export function isPgPool(client: PostgresClient): client is PgPool {
  const { connect, on, totalCount } = client as { connect?: unknown; on?: unknown; totalCount?: unknown }
  return typeof connect === 'function' && typeof on === 'function' && typeof totalCount === 'number'
}
