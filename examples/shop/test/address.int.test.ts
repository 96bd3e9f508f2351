import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs the shop until it ends by itself. */
async function run(port: string): Promise<{ code: unknown; said: string }> {
  const child = execFile(process.execPath, ['--conditions=@holdfast/source', main], {
    env: { ...process.env, PORT: port },
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
    const { code, said } = await run(String(port))
    server.close()
    expect(code).toBe(1)
    expect(said).toContain(`The shop cannot open at http://127.0.0.1:${port}: another program listens there.`)
    expect(said).not.toContain('    at ')
  })

  it.each(['abc', '-1', '70000', '1.5'])('is named when PORT is %s', async (port) => {
    const { code, said } = await run(port)
    expect(code).toBe(1)
    expect(said).toContain(`PORT is "${port}", which is no port.`)
  })
})
