import { randomBytes } from 'node:crypto'
import * as zlib from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, manualClock, open, serve, warnings } from '../test/visit.ts'
import {
  type AnyStore,
  type LoadResult,
  type SessionRecord,
  type Sessions,
  createSessions,
  memoryStore,
} from './index.ts'
import { sealBody } from './mechanisms/envelope/record-seal.ts'
import { type Key, keyFrom } from './mechanisms/keys/key.ts'
import type { SessionsOptions } from './options/options.ts'

const newSecret = (): string => randomBytes(32).toString('base64url')
const [SECRET, NEXT] = [newSecret(), newSecret()] as const
const CARD = 'the number of a card'

type Data = { card: string; other: string; long: string }
type Change = (record: SessionRecord) => Partial<SessionRecord>

/** A store whose answers to `load` can be changed, and that tells what lies in it. */
function stage(options: Omit<SessionsOptions, 'store'> = { seal: { keys: [SECRET] } }): {
  clock: ReturnType<typeof manualClock>
  store: AnyStore
  sessions: Sessions<Data>
  engine(options?: Omit<SessionsOptions, 'store'>): Sessions<Data>
  tamper(change: Change | undefined): void
  lastLoaded(): SessionRecord
} {
  const clock = manualClock()
  const inner = memoryStore({ clock })
  let change: Change | undefined
  let last: SessionRecord | undefined
  const store: AnyStore = {
    ...inner,
    load: async (key, call): Promise<LoadResult> => {
      const answer = await inner.load(key, call)
      if (answer.outcome !== 'found') return answer
      last = answer.record
      return { ...answer, record: { ...last, ...change?.(last) } }
    },
  }
  const engine = (own: Omit<SessionsOptions, 'store'> = options): Sessions<Data> =>
    createSessions<Data>({ store, clock, cache: false, ...own })
  return {
    clock,
    store,
    sessions: engine(),
    engine,
    tamper: (next) => {
      change = next
    },
    lastLoaded: () => last!,
  }
}

async function signedIn(sessions: Sessions<Data>, subject = 'user-42'): Promise<string> {
  const visit = await serve(sessions, undefined, (session) => {
    session.login(subject)
    session.set('card', CARD)
  })
  return visit.newCookie!
}

/** What a request gets to see, or the code of the error that it gets. */
async function seen(sessions: Sessions<Data>, cookie: string): Promise<string> {
  try {
    const session = await open(sessions, new Visit(cookie))
    return session.isNew ? 'fresh' : (session.get('card') ?? 'nothing')
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** Expects a fresh session and one event, twice: never an error that lasts. */
async function expectRefused(sessions: Sessions<Data>, cookie: string, what: string): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const events = await hear('holdfast:rejected', async () => expect(await seen(sessions, cookie), what).toBe('fresh'))
    expect(events, what).toMatchObject([{ reason: 'unreadable' }])
  }
}

describe('sealing at rest', () => {
  it('hides names, values and everything of the head, and shows it to every engine with the key', async () => {
    const { sessions, engine, lastLoaded } = stage({ seal: { keys: [SECRET] }, devices: { address: 'network' } })
    const cookie = await signedIn(sessions)
    expect(await seen(engine(), cookie)).toBe(CARD)
    const body = Buffer.from(lastLoaded().body)
    expect(body[0]).toBe(0x28)
    for (const text of ['card', CARD]) expect(body.includes(text)).toBe(false)
  })

  it('ASVS 11.3.4: never seals the same body to the same bytes', async () => {
    const { sessions, engine, lastLoaded } = stage()
    const cookie = await signedIn(sessions)
    const bodies = new Set<string>()
    for (let round = 0; round < 20; round++) {
      await serve(sessions, cookie, (session) => session.set('other', `${round % 2}`))
      await seen(engine(), cookie)
      bodies.add(Buffer.from(lastLoaded().body.subarray(7, 30)).toString('hex'))
    }
    expect(bodies.size).toBe(20)
  })

  it('ASVS 11.3.2, 11.3.3: refuses every byte that was changed, each with a fresh session and one event', async () => {
    const { sessions, tamper, lastLoaded } = stage()
    const cookie = await signedIn(sessions)
    await seen(sessions, cookie)
    const { length } = lastLoaded().body
    for (let at = 0; at < length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        tamper(({ body }) => ({ body: body.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte)) }))
        const what = `bit ${bit} of byte ${at}`
        const first = 0x28 ^ (1 << bit)
        if (at === 0 && first !== 0x20 && first !== 0x08) {
          expect(await seen(sessions, cookie), what).toBe('ERR_RECORD_NEWER')
        } else if (at >= 1 && at <= 6) {
          expect(await seen(sessions, cookie), what).toBe('ERR_KEY_UNKNOWN')
        } else {
          await expectRefused(sessions, cookie, what)
        }
      }
    }
    tamper(undefined)
    expect(await seen(sessions, cookie)).toBe(CARD)
  })

  it('refuses a body that was cut at any length, or that something was added to', async () => {
    const { sessions, tamper, lastLoaded } = stage()
    const cookie = await signedIn(sessions)
    await seen(sessions, cookie)
    const { length } = lastLoaded().body
    for (let size = 0; size < length; size++) {
      tamper(({ body }) => ({ body: body.subarray(0, size) }))
      await expectRefused(sessions, cookie, `cut to ${size} bytes`)
    }
    tamper(({ body }) => ({ body: Uint8Array.of(...body, 0) }))
    await expectRefused(sessions, cookie, 'one byte more')
  })

  const others: readonly [what: string, change: Change][] = [
    ['another subject', () => ({ subject: 'user-1' })],
    ['nobody', () => ({ subject: undefined })],
    ['another name', () => ({ id: 'A'.repeat(16) })],
    ['an older revision', ({ revision }) => ({ revision: revision - 1 })],
    ['a newer revision', ({ revision }) => ({ revision: revision + 1 })],
    ['another beginning', ({ createdAt }) => ({ createdAt: createdAt - 1 })],
    ['a later end', ({ absoluteAt }) => ({ absoluteAt: absoluteAt + 1 })],
    ['a longer idle timeout', ({ idleTimeout }) => ({ idleTimeout: idleTimeout * 2 })],
    ['a later authentication', ({ authenticatedAt }) => ({ authenticatedAt: authenticatedAt! + 1 })],
    ['no authentication', () => ({ authenticatedAt: undefined })],
    ['a client that keeps its token', () => ({ persistent: true })],
    ['an older format', () => ({ format: 0 })],
  ]
  it.each(others)('refuses a body under a header with %s', async (what, change) => {
    const { sessions, tamper } = stage()
    const cookie = await signedIn(sessions)
    tamper(change)
    await expectRefused(sessions, cookie, what)
  })

  it('does not mind what a touch or a commit elsewhere moves: the idle deadline and the commit ids', async () => {
    const { clock, sessions, engine, tamper } = stage()
    const cookie = await signedIn(sessions)
    clock.advance(10 * 60_000)
    await serve(sessions, cookie, (session) => session.get('card'))
    clock.advance(10 * 60_000)
    tamper(() => ({ commits: [] }))
    expect(await seen(engine(), cookie)).toBe(CARD)
  })

  it('refuses the body of another session of the same user', async () => {
    const { sessions, tamper, lastLoaded } = stage()
    const [mine, theirs] = [await signedIn(sessions), await signedIn(sessions)]
    await seen(sessions, theirs)
    const { body, key, ...header } = lastLoaded()
    tamper(() => ({ body }))
    await expectRefused(sessions, mine, 'the body alone')
    tamper(() => ({ body, ...header }))
    await expectRefused(sessions, mine, 'body and header, under another key')
  })

  it('refuses an older body under the newer header', async () => {
    const { sessions, tamper, lastLoaded } = stage()
    const cookie = await signedIn(sessions)
    await seen(sessions, cookie)
    const older = lastLoaded()
    await serve(sessions, cookie, (session) => session.delete('card'))
    tamper(() => ({ body: older.body }))
    await expectRefused(sessions, cookie, 'the older body')
    // What the docs say: a seal cannot tell that a whole older record has come back.
    tamper(() => older)
    expect(await seen(sessions, cookie)).toBe(CARD)
  })

  it('refuses a record that was sealed for another place, and has a name for moving one', async () => {
    const { engine } = stage()
    const cookie = await signedIn(engine({ seal: { keys: [SECRET], prefix: 'shop' } }))
    expect(await seen(engine({ seal: { keys: [SECRET], prefix: 'shop' } }), cookie)).toBe(CARD)
    await expectRefused(engine({ seal: { keys: [SECRET], prefix: 'admin' } }), cookie, 'another prefix')
  })

  it('binds to the prefix of the store, if none is named', async () => {
    const { store, clock, engine } = stage()
    const at = (prefix: string): Sessions<Data> =>
      createSessions<Data>({ store: { ...store, prefix } as AnyStore, clock, cache: false, seal: { keys: [SECRET] } })
    const cookie = await signedIn(at('shop'))
    expect(await seen(at('shop'), cookie)).toBe(CARD)
    await expectRefused(at('admin'), cookie, 'another store')
    expect(await seen(engine({ seal: { keys: [SECRET], prefix: 'shop' } }), cookie)).toBe(CARD)
  })

  it('ASVS 9.2.2: refuses what the same secret has sealed for another purpose', async () => {
    const { sessions, tamper } = stage()
    const cookie = await signedIn(sessions)
    const key = keyFrom(SECRET)
    const foreign: Key = {
      generation: key.generation,
      secret: SECRET,
      for: () => key.for('cookie'),
      objectFor: () => key.objectFor('cookie'),
    }
    const body = Uint8Array.of(0x20, 0)
    tamper((record) => ({ body: sealBody({ ...record, body }, key, '') }))
    expect(await seen(sessions, cookie)).toBe('nothing')
    tamper((record) => ({ body: sealBody({ ...record, body }, foreign, '') }))
    await expectRefused(sessions, cookie, 'another purpose')
  })

  it('refuses bodies that are not sealed: plain, compressed, of the first layout, or with the mark torn off', async () => {
    const { sessions, tamper } = stage()
    const cookie = await signedIn(sessions)
    const field = [4, ...Buffer.from('card'), 1, 1]
    const plain = Uint8Array.of(0x20, 0, ...field)
    const bodies: readonly (readonly [string, (body: Uint8Array) => Uint8Array])[] = [
      ['plain', () => plain],
      ['layout 1', () => Uint8Array.of(0x10, ...field)],
      ['compressed', () => Uint8Array.of(0x24, plain.length - 1, ...zlib.brotliCompressSync(plain.subarray(1)))],
      ['the mark torn off', (body) => Uint8Array.of(0x20, ...body.subarray(1))],
    ]
    for (const [what, forge] of bodies) {
      tamper(({ body }) => ({ body: forge(body) }))
      await expectRefused(sessions, cookie, what)
    }
  })

  it('renews, follows aliases, lists, ends and limits as without', async () => {
    const { clock, sessions } = stage({ seal: { keys: [SECRET] }, maxSessions: 2 })
    const cookie = await signedIn(sessions)
    clock.advance(16 * 60_000)
    const renewed = (await serve(sessions, cookie, (session) => session.get('card'))).newCookie!
    expect(renewed).not.toBe(cookie)
    expect(await seen(sessions, cookie)).toBe(CARD)
    expect(await seen(sessions, renewed)).toBe(CARD)
    await signedIn(sessions)
    await signedIn(sessions)
    expect((await sessions.list('user-42')).sessions).toHaveLength(2)
    expect(await seen(sessions, renewed)).toBe('fresh')
    await sessions.endAll('user-42')
    expect((await sessions.list('user-42')).sessions).toEqual([])
  })

  it('merges with what another process has sealed meanwhile', async () => {
    const { sessions, engine } = stage()
    const cookie = await signedIn(sessions)
    const [one, other] = [await open(sessions, new Visit(cookie)), await open(engine(), new Visit(cookie))]
    one.set('other', 'one')
    other.set('long', 'other')
    await Promise.all([one.commit(), other.commit()])
    const session = await open(sessions, new Visit(cookie))
    expect([session.get('other'), session.get('long')]).toEqual(['one', 'other'])
  })
})

describe('introducing and giving up sealing', () => {
  it('reads what was not sealed only if told so, and seals it at the next write', async () => {
    const { engine, lastLoaded } = stage({})
    const cookie = await signedIn(engine({}))
    await expectRefused(engine({ seal: { keys: [SECRET] } }), cookie, 'unsealed')
    const sealing = engine({ seal: { keys: [SECRET], acceptUnsealed: true } })
    await serve(sealing, cookie, (session) => session.get('card'))
    expect(await seen(sealing, cookie)).toBe(CARD)
    expect(lastLoaded().body[0]).toBe(0x20)
    await serve(sealing, cookie, (session) => session.set('other', 'one'))
    expect(await seen(engine({ seal: { keys: [SECRET] } }), cookie)).toBe(CARD)
    expect(lastLoaded().body[0]).toBe(0x28)
  })

  it('keeps a sealed session for who can read it, where an engine has no key', async () => {
    const { sessions, engine } = stage()
    const cookie = await signedIn(sessions)
    expect(await seen(engine({}), cookie)).toBe('ERR_KEY_UNKNOWN')
    expect(await seen(engine({ seal: { keys: [NEXT] } }), cookie)).toBe('ERR_KEY_UNKNOWN')
    expect(await seen(sessions, cookie)).toBe(CARD)
  })
})

describe('rotation', () => {
  it('ASVS 11.2.2: reads by any key, seals again at the next write, and never because of a read', async () => {
    const { clock, sessions, engine, lastLoaded } = stage()
    const cookie = await signedIn(sessions)
    const rotated = engine({ seal: { keys: [NEXT, SECRET] } })
    expect(await seen(rotated, cookie)).toBe(CARD)
    const before = Buffer.from(lastLoaded().body)
    clock.advance(5 * 60_000)
    await serve(rotated, cookie, (session) => session.get('card'))
    await seen(rotated, cookie)
    expect(Buffer.from(lastLoaded().body).equals(before)).toBe(true)
    await serve(rotated, cookie, (session) => session.set('other', 'one'))
    expect(await seen(engine({ seal: { keys: [NEXT] } }), cookie)).toBe(CARD)
  })

  it('asks a provider for a key that a record names and nobody knows yet, before it gives up', async () => {
    const { engine } = stage()
    let list = [SECRET]
    const provided = engine({ seal: { keys: { load: async () => list, every: '1h' } } })
    const cookie = await signedIn(engine({ seal: { keys: [NEXT] } }))
    await provided.ready()
    expect(await seen(provided, cookie)).toBe('ERR_KEY_UNKNOWN')
    list = [NEXT, SECRET]
    await new Promise((resolve) => setTimeout(resolve, 1001))
    expect(await seen(provided, cookie)).toBe(CARD)
  })

  it('answers 503 while a provider has never answered, at boot too', async () => {
    const { engine } = stage()
    const sessions = engine({ seal: { keys: () => Promise.reject(new Error('the vault is sealed')) } })
    expect(await codeOf(() => sessions.ready())).toBe('ERR_KEYS')
    expect(await codeOf(() => signedIn(sessions))).toBe('ERR_KEYS')
  })
})

describe('how many sessions a key has sealed', () => {
  it('tells when an old key can go', async () => {
    const { clock, sessions, engine } = stage()
    const cookies = [await signedIn(sessions), await signedIn(sessions), await signedIn(sessions)]
    expect(await sessions.countByKey()).toMatchObject([{ isSealing: true, sessions: 3 }])
    const rotated = engine({ seal: { keys: [NEXT, SECRET] } })
    const counts = async (): Promise<number[]> => (await rotated.countByKey()).map(({ sessions: count }) => count)
    expect(await counts()).toEqual([0, 3])
    await serve(rotated, cookies[0], (session) => session.set('other', 'sealed anew'))
    expect(await counts()).toEqual([1, 2])
    await serve(rotated, cookies[1], (session) => session.logout())
    expect(await counts()).toEqual([1, 1])
    await signedIn(rotated)
    clock.advance(20 * 60_000)
    await serve(rotated, cookies[0], (session) => session.get('other'))
    clock.advance(12 * 60_000)
    expect(await counts()).toEqual([1, 0])
    const [first] = await rotated.countByKey()
    expect(first).toMatchObject({ isSealing: true, generation: expect.stringMatching(/^[\w-]{8}$/) as string })
  })

  it('is nothing without `seal`, and says what to do where the store cannot count', async () => {
    const { store, engine } = stage()
    expect(await engine({}).countByKey()).toEqual([])
    const { countLive: _, ...poor } = store
    const sessions = createSessions({ store: poor as AnyStore, seal: { keys: [SECRET] } })
    expect(await codeOf(() => sessions.countByKey())).toBe('ERR_POWER_MISSING')
  })
})

describe('options of the envelope', () => {
  it('refuses weak secrets at start, all problems together, and shows none of the secrets', () => {
    const refuse = (seal: unknown): string => {
      try {
        createSessions({ store: memoryStore(), seal: seal as never })
        return 'nothing'
      } catch (error) {
        return String(error)
      }
    }
    const message = refuse({ keys: ['my dog is called Rex', SECRET, SECRET], acceptUnsealed: 'yes', kees: 1 })
    for (const path of ['seal.keys[0]', 'seal.keys[2]', 'seal.acceptUnsealed', 'seal.kees']) {
      expect(message).toContain(`\`${path}\``)
    }
    expect(message).not.toContain('Rex')
    expect(message).not.toContain(SECRET)
    expect(refuse(SECRET)).not.toContain(SECRET)
    expect(refuse([SECRET])).toMatch(/Write `seal: \{ keys: \[secret\] \}`/)
    expect(refuse([SECRET])).not.toContain(SECRET)
    expect(refuse({ keys: SECRET })).not.toContain(SECRET)
    expect(refuse({ keys: [undefined] })).toMatch(/variable of the environment/)
  })

  it.each(['4 kb', '1kb!', 100, -1, {}])('refuses to compress above %s', async (above) => {
    expect(await codeOf(() => createSessions({ store: memoryStore(), compress: { above: above as never } }))).toBe(
      'ERR_OPTIONS',
    )
  })

  it('warns of nothing', async () => {
    expect(await warnings(() => createSessions({ store: memoryStore(), seal: { keys: [SECRET] } }))).not.toContain(
      'WARN_KEYS_STALE',
    )
  })
})
