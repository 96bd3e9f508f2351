import { namesFor, type SchemaOptions } from '../options/schema-options.ts'
import { migrationStatement } from './migration.ts'

/**
 * Answers the SQL that makes or updates the schema of a store, for those who run it themselves, with `psql` or in their
 * own migrations. It is one statement, may be run any number of times, and does what `store.migrate()` does.
 *
 * @throws `OptionsError` (`ERR_OPTIONS`) for names that cannot be.
 *
 * @example
 * ```ts
 * import { migrationSql } from '@holdfast/postgres'
 *
 * console.log(migrationSql({ schema: 'app' }))
 * ```
 */
export function migrationSql(options: SchemaOptions = {}): string {
  return `${migrationStatement(namesFor('migrationSql', options))};\n`
}
