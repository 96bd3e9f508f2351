import assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import type { ErrorCode, Session } from '@holdfast/core'

import { ANSWER_KINDS, type AnswerKind, assertFailed, HANDLERS_WORD, OK } from './answers.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialOptions } from './binding-trial.ts'
import type { Browser, Received } from './browser.ts'
import type { Fields } from './routes.ts'

/** Why a commit fails, and what the framework's error handling gets to see. */
interface Trouble {
  readonly name: string
  readonly code: ErrorCode
  readonly options?: TrialOptions
  /** How often the store may be asked to carry the change out: once, and once more where the guard tries again. */
  readonly attempts: number
  /** Runs in the handler, after it has changed its session. */
  cause(trial: BindingTrial, session: Session<Fields>, browser: Browser): Promise<unknown> | void
}

const TROUBLES: readonly Trouble[] = [
  { name: 'the store throws', code: 'ERR_STORE_FAILED', attempts: 2, cause: ({ store }) => store.fail('update') },
  {
    name: 'the store hangs',
    code: 'ERR_STORE_TIMEOUT',
    options: { sessions: { storeDeadline: 100, commitDeadline: 400 } },
    attempts: 1,
    cause: ({ store }) => store.hang('update'),
  },
  {
    name: 'the session has ended',
    code: 'ERR_GONE',
    attempts: 1,
    cause: (_, __, browser) => browser.clone().post('/logout'),
  },
  {
    name: 'the changes conflict',
    code: 'ERR_CONFLICT',
    options: { sessions: { onConflict: 'throw' } },
    attempts: 1,
    cause: (_, __, browser) => browser.clone().post('/rename'),
  },
]

/** Asks for a page whose commit fails, and answers what came instead. */
async function askInTrouble(trial: BindingTrial, trouble: Trouble, kind: AnswerKind): Promise<Received> {
  const browser: Browser = await trial.serve(
    {
      'POST /begin': (session) => (session.set('name', 'ann'), OK),
      'POST /logout': (session) => (session.logout(), OK),
      'POST /rename': (session) => (session.set('name', 'eve'), OK),
      'GET /page': async (session) => {
        session.set('name', 'bob')
        await trouble.cause(trial, session, browser)
        return {
          ...kind.make(),
          headers: { 'Content-Language': 'eo', 'X-Word': HANDLERS_WORD },
          cookies: ['theme=dark'],
        }
      },
    },
    trouble.options,
  )
  await browser.post('/begin')
  const updates = trial.store.count('update')
  const received = await browser.send(kind.method, '/page').received
  trial.store.heal()
  await trial.settle()
  const foreign = trouble.code === 'ERR_CONFLICT' ? 1 : 0
  assert.ok(
    trial.store.count('update') - updates - foreign <= trouble.attempts,
    'a failed commit must not be tried again',
  )
  return received
}

function troubleCase(trouble: Trouble, kind: AnswerKind): BindingCase {
  return {
    rule: `when ${trouble.name}, the framework's error handling answers instead of the handler (${kind.name})`,
    async prove(trial) {
      const received = await askInTrouble(trial, trouble, kind)
      assertFailed(trial, received, trouble.code)
      const { headers } = received
      assert.deepEqual(
        [headers.location, headers['content-language'], headers['x-word'], headers['set-cookie']],
        [undefined, undefined, undefined, undefined],
        'the headers of the handler must be taken back',
      )
      assert.ok(!received.body.includes(HANDLERS_WORD), 'the body of the handler must not be sent')
    },
  }
}

/** A commit that failed never looks like one that did not. */
export const failuresTheme: BindingTheme = {
  name: 'failed commits',
  cases: [
    ...TROUBLES.flatMap((trouble) => ANSWER_KINDS.map((kind) => troubleCase(trouble, kind))),
    {
      rule: 'a session that could not be created leaves no cookie',
      async prove(trial) {
        const browser = await trial.serve({ 'GET /page': (session) => (session.login('ann'), OK) })
        trial.store.fail('create')
        assertFailed(trial, await browser.get('/page'), 'ERR_STORE_FAILED')
        assert.equal(browser.jar.size, 0)
      },
    },
    {
      rule: 'a cookie that an explicit commit has set is taken back too when the last commit fails',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': async (session) => {
            session.set('name', 'ann')
            await session.commit()
            session.set('name', 'bob')
            return OK
          },
        })
        trial.store.fail('update')
        assertFailed(trial, await browser.get('/page'), 'ERR_STORE_FAILED')
      },
    },
    {
      rule: 'a handler may catch the failure of its own commit, and answer',
      async prove(trial) {
        const browser = await trial.serve({
          'GET /page': async (session) => {
            session.destroy()
            await session.commit().catch(() => trial.store.heal())
            return OK
          },
          'POST /begin': (session) => (session.set('name', 'ann'), OK),
        })
        await browser.post('/begin')
        trial.store.fail('end')
        assert.equal((await browser.get('/page')).status, 200)
        assert.deepEqual(trial.errors, [])
        assert.equal(browser.jar.size, 0, 'the last commit must carry out what the first one could not')
      },
    },
    {
      rule: 'the stream of an answer that is not sent is destroyed',
      async prove(trial) {
        const stream = new Readable({ read() {} })
        stream.push(HANDLERS_WORD)
        const browser = await trial.serve({
          'GET /page': (session) => (session.set('name', 'ann'), { type: 'stream', body: stream }),
        })
        trial.store.fail('create')
        const received = await browser.get('/page')
        assertFailed(trial, received, 'ERR_STORE_FAILED')
        await trial.settle()
        assert.equal(stream.destroyed, true, 'what feeds the answer must be let go of')
        assert.ok(!received.body.includes(HANDLERS_WORD))
      },
    },
    {
      rule: 'the connection goes on after a failed commit',
      async prove(trial) {
        await trial.serve({ 'GET /page': (session) => (session.increment('visits'), OK) })
        const browser = trial.browser({}, 1)
        trial.store.fail('create')
        const failed = await browser.get('/page')
        assert.equal(failed.status, 503)
        trial.store.heal()
        const received = await browser.get('/page')
        assert.deepEqual([received.status, received.body, received.port], [200, 'ok', failed.port])
        assert.equal((await trial.sessionOf(browser)).get('visits'), 1)
      },
    },
  ],
}
