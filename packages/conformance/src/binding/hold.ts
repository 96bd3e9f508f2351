import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'

import type { Session } from '@holdfast/core'

import { ANSWER_KINDS, type AnswerKind, assertNewCookie, assertNoCookie, OK } from './answers.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialRoutes } from './binding-trial.ts'
import type { Browser, Received } from './browser.ts'
import type { Fields } from './routes.ts'
import type { Verb } from './staged-store.ts'

/** Asks for a page whose commit the store keeps back, and asserts that nothing of the answer comes before. */
async function askHeld(trial: BindingTrial, browser: Browser, verb: Verb, kind: AnswerKind): Promise<Received> {
  const held = trial.store.hold(verb)
  const sending = browser.send(kind.method, '/page')
  await Promise.race([held.come, sending.received])
  await trial.settle()
  assert.equal(sending.hasBegun, false, `the answer began before the store had acknowledged the ${verb}`)
  held.release()
  const received = await sending.received
  assert.equal(received.status, kind.status)
  assert.ok(received.body.includes(kind.body), 'the answer must come whole after the commit')
  return received
}

function createCase(kind: AnswerKind): BindingCase {
  return {
    rule: `an answer (${kind.name}) does not begin before its new session is saved`,
    async prove(trial) {
      const browser = await trial.serve({
        'GET /page': (session) => {
          session.set('name', 'ann')
          return kind.make()
        },
      })
      assertNewCookie(await askHeld(trial, browser, 'create', kind))
      assert.equal((await trial.sessionOf(browser)).get('name'), 'ann')
      assert.equal(trial.store.count('create'), 1, 'a session must be created once')
    },
  }
}

function updateCase(kind: AnswerKind): BindingCase {
  return {
    rule: `an answer (${kind.name}) does not begin before a change of its session is saved`,
    async prove(trial) {
      const browser = await trial.serve({
        'GET /begin': (session) => (session.set('visits', 1), OK),
        'GET /page': (session) => {
          session.increment('visits')
          return kind.make()
        },
      })
      await browser.get('/begin')
      assertNoCookie(await askHeld(trial, browser, 'update', kind))
      assert.equal((await trial.sessionOf(browser)).get('visits'), 2)
      assert.equal(trial.store.count('update'), 1, 'a change must be committed once')
    },
  }
}

const SIGNED_IN: TrialRoutes = {
  'GET /begin': (session) => (session.login('ann'), OK),
}

/** Nothing is answered before it is saved. */
export const holdTheme: BindingTheme = {
  name: 'answers wait for the commit',
  cases: [
    ...ANSWER_KINDS.map(createCase),
    ...ANSWER_KINDS.map(updateCase),
    {
      rule: 'an answer does not begin before a logout is carried out',
      async prove(trial) {
        const [kind] = ANSWER_KINDS as [AnswerKind]
        const browser = await trial.serve({
          ...SIGNED_IN,
          'GET /page': (session) => (session.logout(), kind.make()),
        })
        await browser.get('/begin')
        await askHeld(trial, browser, 'end', kind)
        assert.equal(browser.jar.size, 0)
      },
    },
    {
      rule: 'an answer does not begin before a renewal is carried out',
      async prove(trial) {
        const [kind] = ANSWER_KINDS as [AnswerKind]
        const browser = await trial.serve({ ...SIGNED_IN, 'GET /page': (session) => (session.renew(), kind.make()) })
        await browser.get('/begin')
        assertNewCookie(await askHeld(trial, browser, 'renew', kind))
        assert.equal((await trial.sessionOf(browser)).subject, 'ann')
      },
    },
    {
      rule: 'a handler that commits by itself has its answer at once, with one cookie and one write',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': async (session) => {
            session.set('name', 'ann')
            await session.commit()
            return OK
          },
        })
        const received = await browser.get('/page')
        assert.equal(received.status, 200)
        assertNewCookie(received)
        assert.deepEqual(trial.store.calls, ['create'])
      },
    },
    {
      rule: 'a touch that is due holds no answer up',
      async prove(trial) {
        const browser = await trial.serve({ ...SIGNED_IN, 'GET /page': (session) => (session.get('name'), OK) })
        await browser.get('/begin')
        trial.advance(10 * 60_000)
        const held = trial.store.hold('touch')
        assertNoCookie(await browser.get('/page'))
        await trial.settle()
        assert.equal(trial.store.count('touch'), 1)
        held.release()
      },
    },
    {
      rule: 'a change after the first byte of a stream throws ERR_RESPONSE_STARTED',
      async prove(trial) {
        const stream = new PassThrough()
        let session: Session<Fields> | undefined
        const browser = await trial.serve({
          'GET /page': (opened) => {
            session = opened
            session.set('name', 'ann')
            stream.write('first')
            return { type: 'stream', body: stream }
          },
        })
        const sending = browser.send('GET', '/page')
        await sending.begun
        assert.throws(() => session?.set('name', 'eve'), { code: 'ERR_RESPONSE_STARTED' })
        stream.end(' last')
        assert.equal((await sending.received).body, 'first last')
        assert.equal((await trial.sessionOf(browser)).get('name'), 'ann')
      },
    },
  ],
}
