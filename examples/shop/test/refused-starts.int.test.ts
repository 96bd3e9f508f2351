import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { freePort } from '@holdfast/testkit'
import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs the shop until it ends by itself. */
async function run(env: Readonly<Record<string, string>>): Promise<{ code: unknown; said: string }> {
  const child = execFile(process.execPath, ['--conditions=@holdfast/source', main], {
    env: { ...process.env, REDIS_URL: '', POSTGRES_URL: '', PORT: '0', ...env },
  })
  let said = ''
  child.stderr?.on('data', (data: string) => (said += data))
  const [code] = (await once(child, 'close')) as [unknown]
  return { code, said }
}

describe('an address that cannot be used', () => {
  it('is named, with what to do, when another program listens there', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { code, said } = await run({ PORT: String(port) })
    server.close()
    expect(code).toBe(1)
    expect(said).toContain(`The shop cannot open at http://127.0.0.1:${port}: another program listens there.`)
    expect(said).not.toContain('    at ')
  })

  it.each(['abc', '-1', '70000', '1.5'])('is named when PORT is %s', async (port) => {
    const { code, said } = await run({ PORT: port })
    expect(code).toBe(1)
    expect(said).toContain(`PORT is "${port}", which is no port.`)
  })
})

describe('a store that cannot be used', () => {
  it.each([
    [
      { STORE: 'mysql' },
      'STORE is "mysql", which the shop does not know. Write one of memory, redis, postgres, pglite',
    ],
    [{ STORE: 'toString' }, 'STORE is "toString", which the shop does not know.'],
    [{ STORE: 'redis' }, 'REDIS_URL is missing. Write one like REDIS_URL=redis://'],
    [{ STORE: 'postgres' }, 'POSTGRES_URL is missing. Write one like POSTGRES_URL=postgres://'],
    [
      { STORE: 'redis', REDIS_URL: 'https://:secret@localhost' },
      'REDIS_URL is not an address that begins with redis:// or rediss://.',
    ],
    [{ STORE: 'postgres', POSTGRES_URL: 'localhost' }, 'POSTGRES_URL is not an address that begins with postgres://'],
  ])('is named in one line, with what to do: %o', async (env, expected) => {
    const { code, said } = await run(env)
    expect(code).toBe(1)
    expect(said).toContain(expected)
    expect(said).not.toContain('secret')
    expect(said.trim()).not.toContain('\n')
  })

  it.each([
    ['redis', 'REDIS_URL', 'Redis'],
    ['postgres', 'POSTGRES_URL', 'Postgres'],
  ])('is named when no %s answers there', async (store, name, label) => {
    const host = `127.0.0.1:${await freePort()}`
    const { code, said } = await run({ STORE: store, [name]: `${store}://app:secret@${host}` })
    expect(code).toBe(1)
    expect(said).toContain(
      `The shop cannot use the ${label} at ${host}: connect ECONNREFUSED ${host}. Start it, or correct ${name}.`,
    )
    expect(said).not.toContain('secret')
    expect(said.trim()).not.toContain('\n')
  })
})
