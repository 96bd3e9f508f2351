import { readFileSync } from 'node:fs'

/** Answers the grants of docs/postgres.md, for another role, schema and table. */
export function documentedGrants(names: { role: string; schema: string; table: string }): string {
  const page = readFileSync(new URL('../../../../docs/postgres.md', import.meta.url), 'utf8')
  const [, block] = /```sql\n(GRANT USAGE[^`]+)```/.exec(page) ?? []
  if (block === undefined) throw new Error('docs/postgres.md has no block of SQL that begins with GRANT USAGE.')
  return block
    .replaceAll('holdfast_sessions', names.table)
    .replaceAll('public', names.schema)
    .replaceAll(/\bapp\b/g, names.role)
}
