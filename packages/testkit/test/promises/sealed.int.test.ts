import { randomBytes } from 'node:crypto'

import {
  type AnyStore,
  type KeyCount,
  type ListedSession,
  type LoadResult,
  type SessionList,
  type SessionRecord,
  type Sessions,
  memoryStore,
} from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openStore, type OpenedStore } from '../fleet/shared-store.ts'
import { SHARED_STORES } from '../fleet/shared-stores.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Data, type Route, json } from '../frameworks/site.ts'
import { type Stage, type State, onStage, post } from './stage.ts'

const newSecret = (): string => randomBytes(32).toString('base64url')
const SECRETIVE = 'what only the session knows'

const STORES: readonly { readonly name: string; open(): Promise<OpenedStore> }[] = [
  { name: 'memory', open: async () => ({ store: memoryStore(), close: async () => {} }) },
  ...SHARED_STORES.map(({ name, create }) => ({ name, open: async () => openStore(await create()) })),
]

type Change = (record: SessionRecord) => Partial<SessionRecord>

/** A store whose answers to `load` can be changed by who can write to it. */
interface TamperedStore {
  readonly store: AnyStore
  change: Change | undefined
  /** What it answered last, unchanged. */
  last: SessionRecord | undefined
}

function tampered(inner: AnyStore): TamperedStore {
  const self: TamperedStore = {
    change: undefined,
    last: undefined,
    store: new Proxy(inner, {
      get: (target, property) => {
        if (property !== 'load') return Reflect.get(target, property, target) as unknown
        return async (...call: Parameters<AnyStore['load']>): Promise<LoadResult> => {
          const answer = await target.load(...call)
          if (answer.outcome !== 'found') return answer
          self.last = answer.record
          return { ...answer, record: { ...answer.record, ...self.change?.(answer.record) } }
        }
      },
    }),
  }
  return self
}

describe.each(STORES)('sealed sessions in $name', ({ open }) => {
  let opened: OpenedStore
  let intruder: TamperedStore

  beforeAll(async () => {
    opened = await open()
    intruder = tampered(opened.store)
  })
  afterAll(() => opened.close())

  describe.each(FRAMEWORKS)('on $name', ({ serve }) => {
    let engine: Sessions<Data>
    let secret: string
    let keys: readonly string[]

    const routes: readonly Route[] = [
      post('/note', ({ session }) => session.set('messages', [SECRETIVE])),
      post('/repeat', ({ session }) => session.set('messages', [SECRETIVE.repeat(400)])),
      post('/count', ({ session }) => session.increment('n')),
      post('/renew', ({ session }) => session.renew()),
      post('/logout', ({ session }) => session.logout()),
      { method: 'GET', path: '/keys', handle: async () => json(await engine.countByKey()) },
      { method: 'GET', path: '/devices', handle: async ({ query }) => json(await engine.list(query['user']!)) },
      { method: 'POST', path: '/end-all', handle: async ({ query }) => json(await engine.endAll(query['user']!)) },
    ]

    async function played(play: (stage: Stage) => Promise<void>): Promise<void> {
      // The stages of a store share it, and count what was sealed by their own keys alone.
      secret = newSecret()
      keys = [secret]
      const seal = { keys: { load: () => keys, every: 100 } }
      const options = {
        // Deadlines are not what is tried here, and counting asks a store many times.
        engine: {
          seal,
          compress: { above: '1kb' as const },
          cache: false as const,
          storeDeadline: '5s' as const,
          commitDeadline: '20s' as const,
        },
        processes: 2,
        inner: intruder.store,
      }
      try {
        await onStage(serve, { routes, ...options }, async (stage) => {
          engine = stage.engines[0]!
          await play(stage)
        })
      } finally {
        intruder.change = undefined
      }
    }

    it('live through every change on two processes, and the store sees none of their values', async () => {
      await played(async (stage) => {
        const user = stage.browser(0)
        await user.post('/login?user=ann')
        await user.post('/note')
        await user.send({ method: 'POST', path: '/count', url: stage.site(1).url })
        await user.post('/renew')
        const { fields, subject } = (await user.send({ path: '/state', url: stage.site(1).url })).json<State>()
        expect([subject, fields]).toEqual(['ann', { messages: [SECRETIVE], n: 1 }])
        expect(Buffer.from(intruder.last!.body).includes(SECRETIVE)).toBe(false)
        expect(Buffer.from(intruder.last!.body).includes('messages')).toBe(false)
        await user.post('/repeat')
        const large = (await user.send({ path: '/state', url: stage.site(1).url })).json<State>()
        expect(large.fields.messages).toEqual([SECRETIVE.repeat(400)])
        expect(intruder.last!.body.length).toBeLessThan(1000)
        await user.post('/logout')
        expect((await user.get('/state')).json<State>().subject).toBe(null)
      })
    })

    it('ASVS 11.3.2, 11.3.3: are refused once anything of them was changed, as a fresh session that can sign in', async () => {
      await played(async (stage) => {
        const [ann, eve] = [stage.browser(0), stage.browser(0)]
        for (const [name, user] of [
          ['ann', ann],
          ['eve', eve],
        ] as const) {
          await user.post(`/login?user=${name}`)
          await user.post('/note')
        }
        await eve.get('/state')
        const evil = intruder.last!
        const changes: Record<string, Change> = {
          'another subject': () => ({ subject: 'root' }),
          "another session's body": () => ({ body: evil.body }),
          "another session's body and header": ({ key }) => ({ ...evil, key }),
          'a later end': ({ absoluteAt }) => ({ absoluteAt: absoluteAt + 60_000 }),
          'an older revision': ({ revision }) => ({ revision: revision - 1 }),
          'a plain body': () => ({ body: Uint8Array.of(0x20, 0) }),
          'a cut body': ({ body }) => ({ body: body.slice(0, -1) }),
          'a changed byte': ({ body }) => ({
            body: body.map((byte, at) => (at === body.length >> 1 ? byte ^ 1 : byte)),
          }),
        }
        for (const [what, change] of Object.entries(changes)) {
          intruder.change = change
          for (let round = 0; round < 2; round++) {
            const page = await ann.get('/state')
            expect(page.status, what).toBe(200)
            expect(page.setCookies, what).toEqual([])
            expect(page.json<State>(), what).toMatchObject({ isNew: true, subject: null, fields: {} })
          }
        }
        intruder.change = undefined
        expect((await ann.get('/state')).json<State>().subject).toBe('ann')
      })
    })

    it('ASVS 11.2.2, 13.3.4: change their key under traffic, without a restart and without one failure', async () => {
      await played(async (stage) => {
        const users = Array.from({ length: 6 }, (_, index) => stage.browser(index))
        for (const user of users) await user.post('/login?user=ann')
        const count = async (): Promise<KeyCount[]> => {
          const page = await users[0]!.get('/keys')
          expect(page.status, stage.errorAt('/keys')).toBe(200)
          return page.json<KeyCount[]>()
        }
        const [{ generation: old } = { generation: '' }] = await count()
        keys = [newSecret(), secret]
        const until = performance.now() + 20_000
        let changed = 0
        // Every write seals anew, by the new key once its time has come, on both processes.
        for (let isDone = false; !isDone && performance.now() < until;) {
          for (const [turn, user] of users.entries()) {
            const page = await user.send({ method: 'POST', path: '/count', url: stage.site(turn + changed).url })
            expect(page.status, stage.errorAt('/count')).toBe(200)
          }
          changed++
          isDone = (await count()).some(({ generation, sessions }) => generation === old && sessions === 0)
        }
        const [next, former] = await count()
        expect(next).toMatchObject({ isSealing: true })
        expect(next!.sessions).toBeGreaterThanOrEqual(users.length)
        expect(former).toMatchObject({ generation: old, isSealing: false })
        for (const user of users) {
          expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann', fields: { n: changed } })
        }
      })
    })

    it('answer 503 while their key is missing, to who looks at them alone, and are there again with it', async () => {
      await played(async (stage) => {
        const user = stage.browser(0)
        await user.post('/login?user=ann')
        keys = [newSecret()]
        await expect.poll(async () => (await user.get('/state')).status, { timeout: 10_000 }).toBe(503)
        expect(stage.errorAt('/state')).toBe('ERR_KEY_UNKNOWN')
        expect((await user.get('/plain')).status).toBe(200)
        keys = [keys[0]!, secret]
        await expect.poll(async () => (await user.get('/state')).status, { timeout: 10_000 }).toBe(200)
        expect((await user.get('/state')).json<State>().subject).toBe('ann')
      })
    })

    it('ASVS 7.4.5, 7.5.2: are listed and ended without their key, and so is what a newer version has written', async () => {
      await played(async (stage) => {
        const name = `ben-${newSecret().slice(0, 8)}`
        const user = stage.browser(0)
        await user.post(`/login?user=${name}`)
        await user.get('/state')
        const sealed = intruder.last!
        const commitId = newSecret().slice(0, 11)
        const newer = {
          ...sealed,
          key: newSecret().slice(0, 22),
          id: newSecret().slice(0, 16),
          revision: 1,
          commits: [commitId],
          format: 99,
          body: Uint8Array.of(0x70, 1),
          idleUntil: sealed.createdAt + 600_000,
        }
        await opened.store.create(newer, { signal: AbortSignal.timeout(5000), commitId })
        keys = [newSecret()]
        const list = async (): Promise<readonly ListedSession[]> =>
          (await user.get(`/devices?user=${name}`)).json<SessionList>().sessions
        await expect
          .poll(async () => (await list()).map(({ isReadable }) => isReadable), { timeout: 10_000 })
          .toEqual([false, false])
        const other = stage.browser(1)
        await other.post(`/login?user=${name}`)
        const listed = await list()
        expect(listed.map((one) => [one.id, one.isReadable])).toEqual(
          expect.arrayContaining([
            [sealed.id, false],
            [newer.id, false],
          ]),
        )
        expect(listed.filter(({ isReadable }) => isReadable)).toHaveLength(1)
        expect((await user.post(`/end-all?user=${name}`)).json<number>()).toBe(3)
        expect(await list()).toEqual([])
        // With its key back, it has ended all the same.
        keys = [keys[0]!, secret]
        expect((await user.get('/state')).json<State>().subject).toBe(null)
        expect((await other.get('/state')).json<State>().subject).toBe(null)
      })
    })
  })
})
