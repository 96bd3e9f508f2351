/** The Postgres store of Holdfast sessions. */
export { postgresStore, type PostgresStore } from './postgres-store.ts'
export type { PostgresStoreOptions } from './options/postgres-store-options.ts'
export type { SchemaOptions } from './options/schema-options.ts'
export { migrationSql } from './schema/migration-sql.ts'
export type { PostgresClient } from './connection/sql-client.ts'
export type { FeedClient } from './feed/feed-client.ts'
export { POSTGRES_WARNINGS, type PostgresWarning } from './warnings.ts'
