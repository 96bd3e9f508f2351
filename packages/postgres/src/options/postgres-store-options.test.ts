import { describe, expect, it } from 'vitest'
import { isHoldfastError } from '@holdfast/core'
import { postgresStore, migrationSql, type PostgresClient, type PostgresStoreOptions } from '../index.ts'

const client: PostgresClient = { query: async () => ({ rows: [] }) }

function refusal(options: unknown): string {
  try {
    postgresStore(options as PostgresStoreOptions)
  } catch (error) {
    expect(isHoldfastError(error)).toBe(true)
    expect(error).toMatchObject({ name: 'OptionsError', code: 'ERR_OPTIONS', status: 500 })
    return (error as Error).message
  }
  return 'none'
}

describe('postgresStore', () => {
  it('takes whatever has query(text, values)', () => {
    expect(refusal({ pool: client })).toBe('none')
    expect(refusal({ pool: client, sweepInterval: false, feed: false, migrate: false, prepare: false })).toBe('none')
  })

  it.each([
    ['nothing', undefined, /is missing.*`pg` Pool.*PGlite/s],
    ['postgres.js', () => {}, /postgres\.js and Knex/],
    ['an address', 'postgres://localhost', /"postgres:\/\/localhost"/],
    ['a MySQL pool', { query() {}, getConnection() {} }, /a MySQL pool/],
    ['TypeORM', { query() {}, createQueryRunner() {} }, /TypeORM/],
    ['Sequelize', { query() {}, getQueryInterface() {} }, /Sequelize/],
    ['Prisma', { $queryRaw() {} }, /Prisma/],
    ['Drizzle', { query: {}, $client: {} }, /Drizzle/],
    ['Kysely', { selectFrom() {} }, /Kysely/],
    ['an object', {}, /has no `query\(text, values\)`/],
  ])('refuses %s as the pool, and names what it takes', (_, pool, message) => {
    expect(refusal({ pool })).toMatch(message)
    expect(refusal({ pool })).toMatch(/Hand in a `pg` Pool/)
  })

  it.each(['', 'a"b', 'a.b', '1st', 'a-b', 'a b', "a'; DROP TABLE x;--", 'ü', 'x'.repeat(64), 7, null])(
    'refuses the name %j for a schema and a table',
    (name) => {
      expect(refusal({ pool: client, schema: name })).toMatch(/`schema`: is .*letters, digits and underscores/)
      expect(refusal({ pool: client, table: name })).toMatch(/`table`: is .*letters, digits and underscores/)
    },
  )

  it('leaves room in the name of a table for what is named after it', () => {
    expect(refusal({ pool: client, table: 'x'.repeat(55) })).toBe('none')
    expect(refusal({ pool: client, table: 'x'.repeat(56) })).toMatch(/1 to 55/)
  })

  it('lists all problems together', () => {
    const message = refusal({
      pool: 1,
      schema: '',
      migrate: true,
      prepare: 'no',
      sweepInterval: '5 minutes',
      feed: 'push',
      feedInterval: 0,
      listen: 'x',
      tabel: 'y',
    })
    for (const path of [
      'pool',
      'schema',
      'migrate',
      'prepare',
      'sweepInterval',
      'feed',
      'feedInterval',
      'listen',
      'tabel',
    ]) {
      expect(message).toContain(`\`${path}\``)
    }
  })

  it('needs a pool, or a way to connect, for LISTEN', () => {
    expect(refusal({ pool: client, feed: 'listen' })).toMatch(/needs a `pg` Pool or the option `listen`/)
    expect(refusal({ pool: client, feed: 'listen', listen: () => client })).toBe('none')
  })

  it('looks so often that nothing goes untold', () => {
    expect(refusal({ pool: client, feedInterval: '15s' })).toBe('none')
    expect(refusal({ pool: client, feedInterval: '16s' })).toMatch(/`feedInterval`: is "16s", too long .*15s or less/)
    const listening = { pool: client, feed: 'listen', listen: () => client }
    expect(refusal({ ...listening, feedInterval: '1m' })).toBe('none')
  })

  it('has a feed, unless that is switched off', () => {
    expect(postgresStore({ pool: client }).feeds).toBe('ends')
    expect(postgresStore({ pool: client, feed: false }).subscribe).toBeUndefined()
  })
})

describe('migrationSql', () => {
  it('quotes and qualifies every name', () => {
    const sql = migrationSql({ schema: 'Select', table: 'From' })
    expect(sql).toContain('CREATE TABLE IF NOT EXISTS "Select"."From" (')
    expect(sql).toContain('FUNCTION "Select"."From_renew"(')
    expect(sql).not.toMatch(/holdfast_sessions/)
  })

  it('refuses names that cannot be', () => {
    expect(() => migrationSql({ schema: 'a"' })).toThrow(/migrationSql was given options that cannot work/)
  })
})
