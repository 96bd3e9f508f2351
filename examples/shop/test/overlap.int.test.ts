import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { type AnyStore, createSessions, memoryStore } from '@holdfast/express'
import { createBrowser } from 'example-harness'
import { expect, it } from 'vitest'

import { createApp } from '../src/app.ts'

const ADDS = 10

/** A store whose answers to `load`, once it is told to, are held back until that many have been asked for. */
function gatheringStore(): AnyStore & { gather(loads: number): void } {
  const store = memoryStore()
  let missing = 0
  let open = (): void => {}
  let isOpen = Promise.resolve()
  return {
    ...store,
    gather: (loads) => {
      missing = loads
      isOpen = new Promise((resolve) => {
        open = resolve
      })
    },
    load: async (key, call) => {
      const answer = await store.load(key, call)
      missing--
      if (missing === 0) open()
      await isOpen
      return answer
    },
  }
}

it('keeps all of ten adds that start from the same cart', async () => {
  const store = gatheringStore()
  const sessions = createSessions({ store, storeDeadline: '30s', commitDeadline: '60s' })
  const activity = { latest: () => [], close: () => {} }
  const server = createApp({ sessions, activity, storeLabel: 'memory' }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = createBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await browser.request('/cart/rope', { method: 'POST' })

  store.gather(ADDS)
  const add = (): Promise<Response> => browser.request('/cart/mug', { method: 'POST' })
  const answers = await Promise.all(Array.from({ length: ADDS }, add))

  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: ADDS }, () => 200))
  const { cart } = (await (await browser.request('/api/session')).json()) as { cart: string[] }
  expect(cart).toEqual(['rope', ...Array.from({ length: ADDS }, () => 'mug')])

  server.close()
  server.closeAllConnections()
  await sessions.close()
})
