import assert from 'node:assert/strict'

import type { Session } from '@holdfast/core'

import { ANSWER_KINDS, assertNewCookie, OK } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { BindingTrial, Handle } from './binding-trial.ts'
import type { Browser } from './browser.ts'
import type { Answer, Fields } from './routes.ts'
import { Signal } from './signal.ts'

/** Clients that go away, and connections that stay. */
export const connectionsTheme: BindingTheme = {
  name: 'connections',
  cases: [
    {
      rule: 'when the client goes away during the handler, the change is saved all the same',
      async prove(trial) {
        const browser = await leaveDuring(trial, {
          begin: (session) => (session.set('visits', 1), OK),
          page: async (session, clientLeaves) => {
            session.increment('visits')
            await clientLeaves()
            session.increment('visits')
            return OK
          },
        })
        assert.equal((await trial.sessionOf(browser)).get('visits'), 3)
      },
    },
    {
      rule: 'when the client goes away and the handler throws, a logout is carried out all the same',
      async prove(trial) {
        const browser = await leaveDuring(trial, {
          begin: (session) => (session.login('ann'), OK),
          page: async (session, clientLeaves) => {
            await clientLeaves()
            session.set('name', 'lost')
            session.logout()
            throw new Error('The handler has a defect.')
          },
        })
        assert.equal((await trial.sessionOf(browser)).isNew, true)
      },
    },
    {
      rule: 'when the client goes away and the handler throws, its changes are dropped as ever',
      async prove(trial) {
        const browser = await leaveDuring(trial, {
          begin: (session) => (session.set('name', 'ann'), OK),
          page: async (session, clientLeaves) => {
            await clientLeaves()
            session.set('name', 'lost')
            throw new Error('The handler has a defect.')
          },
        })
        assert.equal((await trial.sessionOf(browser)).get('name'), 'ann')
      },
    },
    {
      rule: 'when the client goes away during the commit, the commit is carried out',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /begin': (session) => (session.set('visits', 1), OK),
          'GET /page': (session) => (session.increment('visits'), OK),
        })
        await browser.get('/begin')
        const held = trial.store.hold('update')
        const sending = browser.send('GET', '/page')
        await held.come
        sending.leave()
        await trial.settle()
        held.release()
        await trial.settle()
        assert.equal((await trial.sessionOf(browser)).get('visits'), 2)
        assert.deepEqual(trial.errors, [])
      },
    },
    {
      rule: 'a connection carries one held answer after another, of every kind',
      async prove(trial) {
        // The client of Node gives a connection up itself after a HEAD that tells no length.
        const kinds = ANSWER_KINDS.filter(({ method }) => method === 'GET')
        let turn = 0
        await trial.serve({
          'GET /page': (session) => {
            session.increment('visits')
            return kinds[turn]!.make()
          },
        })
        const browser = trial.browser({}, 1)
        const ports = new Set<number | undefined>()
        for (const kind of kinds) {
          const received = await browser.send(kind.method, '/page').received
          assert.equal(received.status, kind.status)
          assert.ok(received.body.includes(kind.body))
          if (turn === 0) assertNewCookie(received)
          ports.add(received.port)
          turn += 1
        }
        assert.equal(ports.size, 1, 'the connection must be kept')
        assert.equal((await trial.sessionOf(browser)).get('visits'), kinds.length)
      },
    },
  ],
}

interface Departure {
  readonly begin: Handle
  /** The page that the client does not wait for. `clientLeaves` resolves once the server knows. */
  readonly page: (session: Session<Fields>, clientLeaves: () => Promise<void>) => Promise<Answer>
}

/** Lets a client begin a session and leave while a page of its is being made. Answers when all has settled. */
async function leaveDuring(trial: BindingTrial, { begin, page }: Departure): Promise<Browser> {
  const isInside = new Signal()
  const hasLeft = new Signal()
  const clientLeaves = (): Promise<void> => {
    isInside.fire()
    return hasLeft.fired
  }
  const browser = await trial.serve({ 'GET /begin': begin, 'GET /page': (session) => page(session, clientLeaves) })
  await browser.get('/begin')
  const sending = browser.send('GET', '/page')
  await isInside.fired
  sending.leave()
  await trial.settle()
  hasLeft.fire()
  await trial.settle()
  return browser
}
