import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { type Program, startProgram } from 'example-harness'
import { afterEach, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const BODY = JSON.stringify({ user: 'ada' })

let program: Program | undefined

afterEach(() => program?.stop('SIGKILL'))

it('says where it is in one line', async () => {
  program = await startProgram(MAIN)
  expect(program.output()).toContain(`The shop is open at ${program.url} (Ctrl+C closes it)\n`)
})

it.each(['SIGTERM', 'SIGINT'] as const)('on %s, gives a slow request its answer and its cookie', async (signal) => {
  program = await startProgram(MAIN)
  const slow = request(`${program.url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': BODY.length, expect: '100-continue' },
  })
  slow.flushHeaders()
  // The server has read the head, so the request is under way.
  await once(slow, 'continue')

  const exitCode = program.stop(signal)
  await program.printed('Closing')
  await expect(fetch(`${program.url}/healthz`)).rejects.toThrow('fetch failed')

  slow.end(BODY)
  const [answer] = (await once(slow, 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^id=[\w-]{32};/)])
  expect(JSON.parse(await text(answer))).toEqual({ user: 'ada' })

  const answeredAt = performance.now()
  expect(await exitCode).toBe(0)
  expect(performance.now() - answeredAt).toBeLessThan(3000)
  expect(program.output()).toContain('Closed.')
})

it('leaves at once when nothing is under way, whatever connections are kept alive', async () => {
  program = await startProgram(MAIN)
  await (await fetch(`${program.url}/`)).text()
  const stoppedAt = performance.now()
  expect(await program.stop('SIGTERM')).toBe(0)
  expect(performance.now() - stoppedAt).toBeLessThan(3000)
})
