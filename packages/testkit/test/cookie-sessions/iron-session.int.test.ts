/** A site that had iron-session, and has cookie sessions since its last deploy: its users notice nothing. */
import { createServer } from 'node:http'
import type { SessionStatus } from '@holdfast/core'
import { type SessionOptions, getIronSession } from 'iron-session'
import { getIronSession as getIronSession8 } from 'iron-session-8'
import { describe, expect, it } from 'vitest'

import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { STATUS_PATH, listen, shut } from '../frameworks/site.ts'
import type { State } from '../promises/stage.ts'
import { onCookieStage } from './cookie-stage.ts'

const PASSWORD = 'an old password of iron-session, 32+'
const OLD: SessionOptions = { cookieName: 'iron', password: PASSWORD, cookieOptions: { secure: false } }

const VERSIONS = [
  { version: '8', get: getIronSession8 as unknown as typeof getIronSession },
  { version: '9', get: getIronSession },
]
const CASES = FRAMEWORKS.flatMap((framework) => VERSIONS.map((version) => ({ ...framework, ...version })))

/** Serves the site as it was: each request signs somebody in. */
async function serveOld(get: typeof getIronSession): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (req, res) => {
    const session = await get<{ userId: string; a: string }>(req, res, OLD)
    session.userId = 'ann'
    session.a = 'tea'
    await session.save()
    res.end('signed in')
  })
  const url = await listen(server, {})
  return { url, close: () => shut(server) }
}

describe.each(CASES)('sessions of iron-session $version, on $name', ({ serve, get }) => {
  it('go on in cookies of ours from their first use, and the old cookies are deleted', async () => {
    const old = await serveOld(get)
    const ironSession = {
      cookieName: 'iron',
      password: PASSWORD,
      subject: (data: object) => Reflect.get(data, 'userId'),
    }
    try {
      await onCookieStage(serve, { engine: { ironSession } }, async ({ browser, errors }) => {
        const [user, eve] = [browser(), browser()]
        await user.send({ path: '/', url: old.url })
        expect([...user.jar.keys()]).toEqual(['iron'])
        eve.jar.set('iron', user.jar.get('iron')!.replace(/.{4}~2$/, 'AAAA~2'))

        expect((await user.get('/plain')).setCookies).toEqual([])
        const asked = await user.get(STATUS_PATH)
        expect(asked.json<SessionStatus>()).toMatchObject({ isSignedIn: true, level: 1 })
        expect(asked.setCookies).toEqual([])

        const page = await user.get('/state')
        expect(page.json<State>()).toMatchObject({ isNew: false, subject: 'ann', fields: { userId: 'ann', a: 'tea' } })
        expect(page.setCookies).toEqual([
          expect.stringMatching(/^id=1\.[\w*-]+; Path=\/; HttpOnly; SameSite=Lax$/),
          expect.stringMatching(/^iron=; .*Max-Age=0/),
        ])
        expect([...user.jar.keys()]).toEqual(['id'])
        await user.post('/note?text=milk')
        expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann', fields: { a: 'milk' } })
        await user.post('/logout')
        expect((await user.get('/state')).json<State>()).toMatchObject({ isNew: true, subject: null })

        const forged = await eve.get('/state')
        expect(forged).toMatchObject({ status: 200, setCookies: [] })
        expect(forged.json<State>()).toMatchObject({ isNew: true, subject: null })
        expect(errors()).toEqual([])
      })
    } finally {
      await old.close()
    }
  })
})
