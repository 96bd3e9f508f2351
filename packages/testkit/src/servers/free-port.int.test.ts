import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { freePort } from './free-port.ts'

const FILE = path.join(import.meta.dirname, 'free-port.ts')
const PROGRAM = `import { freePort } from ${JSON.stringify(FILE)}
  console.log(JSON.stringify(await Promise.all(Array.from({ length: 60 }, freePort))))`

it('gives no port twice, to whichever process, although nobody listens yet', async () => {
  const ask = (): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM])
  const own = await Promise.all(Array.from({ length: 60 }, () => freePort()))
  const other = JSON.parse((await ask()).stdout) as number[]
  expect(new Set([...own, ...other]).size).toBe(120)
  expect(Math.max(...own, ...other)).toBeLessThan(20_000)
})
