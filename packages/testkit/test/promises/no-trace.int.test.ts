import { inspect } from 'node:util'

import type { Session } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import { RawClient, type RawResponse } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Data, type Route, json } from '../frameworks/site.ts'
import { type Stage, onStage } from './stage.ts'

const REQUESTS = 10_000
const PIPELINED = 100

/** Every way in which a handler can look at a session. */
const READINGS: Readonly<Record<string, (session: Session<Data>) => unknown>> = {
  get: (session) => session.get('n'),
  has: (session) => session.has('n'),
  keys: (session) => session.keys(),
  take: (session) => session.take('messages'),
  id: (session) => session.id,
  isNew: (session) => session.isNew,
  subject: (session) => session.subject,
  createdAt: (session) => session.createdAt,
  expiresAt: (session) => session.expiresAt,
  absoluteExpiresAt: (session) => session.absoluteExpiresAt,
  revision: (session) => session.revision,
  toJSON: (session) => session.toJSON(),
  stringify: (session) => JSON.stringify(session),
  inspect: (session) => inspect(session),
  spread: (session) => inspect({ session }, { depth: 5, showHidden: true }),
}

const WAYS = Object.keys(READINGS)

describe.each(FRAMEWORKS)('10,000 requests without a cookie, on $name', ({ serve }) => {
  const routes: readonly Route[] = WAYS.map((way) => ({
    method: 'GET',
    path: `/by/${way}`,
    handle: async ({ session }) => {
      await session.load()
      READINGS[way]!(session)
      return json({ way })
    },
  }))

  it.each([
    { name: 'whose handler never touches the session leave no trace', paths: ['/plain'], vary: undefined },
    {
      name: 'whose handler only reads leave no trace but `Vary: Cookie`',
      paths: WAYS.map((way) => `/by/${way}`),
      vary: 'Cookie',
    },
  ])('$name', async ({ paths, vary }) => {
    await onStage(serve, { routes }, async (stage) => {
      const responses = await ask(stage, REQUESTS, (index) => paths[index % paths.length]!)
      const odd = responses.filter(
        ({ status, head }) => status !== 200 || varyOf(head) !== vary || /^(?:set-cookie|cache-control):/im.test(head),
      )
      expect(odd).toEqual([])
      expect(stage.faulty.calls).toEqual({ load: 0, create: 0, update: 0, touch: 0, renew: 0, end: 0 })
    })
  })
})

function varyOf(head: string): string | undefined {
  return /^vary: *(.*)\r$/im.exec(head)?.[1]
}

async function ask(stage: Stage, count: number, pathOf: (index: number) => string): Promise<RawResponse[]> {
  const client = await RawClient.connect(stage.sites[0]!.url)
  const responses: RawResponse[] = []
  while (responses.length < count) {
    const begin = responses.length
    const batch = Array.from({ length: PIPELINED }, (_, index) => pathOf(begin + index))
    client.send(batch.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''))
    responses.push(...(await client.take(PIPELINED)))
  }
  client.close()
  return responses
}
