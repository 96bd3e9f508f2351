import { Pool } from 'pg'
import { expect, it } from 'vitest'

import { startPgbouncer } from './pgbouncer.ts'
import { postgresUrl } from './shared-servers.ts'

it('gives each transaction a connection of the pool, whoever the client is', async () => {
  const pgbouncer = await startPgbouncer({ postgresUrl: await postgresUrl(), poolSize: 1 })
  const pools = [new Pool({ connectionString: pgbouncer.url }), new Pool({ connectionString: pgbouncer.url })]
  try {
    const backends = new Set<number>()
    for (const pool of [...pools, ...pools]) {
      const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
      for (const { pid } of rows) backends.add(pid)
    }
    expect(backends.size).toBe(1)
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
    await pgbouncer.stop()
  }
})
