/** Sets up a site whose sessions lie in cookies, and browsers. */
import { type CookieSessionsOptions, type Sessions, cookieSessions } from '@holdfast/core'

import { Browser, type Certificate, type Meetings, connections } from '../../src/index.ts'
import { type Data, type Route, type Serve, json } from '../frameworks/site.ts'
import { post, stateOf } from '../promises/stage.ts'

const KEY = 'kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy'
export const OTHER_KEY = 'Qm7ZxT4vKp9LwR2nBy6HcSdJ8fGu3VaE5oWi1XkNzYt'

export interface CookieStageOptions {
  readonly engine?: Partial<CookieSessionsOptions>
  readonly certificate?: Certificate
  /** Where the requests to `/meet` wait for each other. */
  readonly meetings?: Meetings
}

export interface CookieStage {
  readonly url: string
  /** Makes a browser that knows no cookie yet. */
  browser(): Browser
  /** The codes of all errors that reached the framework's own error handling. */
  errors(): string[]
}

function routes(meetings: Meetings | undefined): readonly Route[] {
  return [
    { method: 'GET', path: '/state', handle: ({ session }) => json(stateOf(session)) },
    { method: 'GET', path: '/plain', handle: () => ({ type: 'text', value: 'nobody asked for a session' }) },
    {
      method: 'GET',
      path: '/stream',
      handle: ({ session }) => ({ type: 'stream', chunks: [session.subject ?? 'nobody', ' and on'] }),
    },
    post('/login', ({ session, query }) => session.login(query['user']!)),
    post('/logout', ({ session }) => session.logout()),
    post('/note', ({ session, query }) => session.set('a', query['text']!)),
    post('/fill', ({ session, query }) => {
      const { length, letter = 'x' } = query
      session.set('b', letter.repeat(Number(length) / Buffer.byteLength(letter)))
    }),
    post('/meet', async ({ session, query }) => {
      const { a, b } = query
      if (a !== undefined) session.set('a', a)
      if (b !== undefined) session.set('b', b)
      await meetings?.at(`round ${a ?? b ?? ''}`, 2)
    }),
  ]
}

/** Runs a trial on a site whose sessions lie in cookies, and takes it down whatever comes of it. */
export async function onCookieStage(
  serve: Serve,
  { engine = {}, certificate, meetings }: CookieStageOptions,
  trial: (stage: CookieStage) => Promise<void>,
): Promise<void> {
  const sessions = cookieSessions<Data>({ keys: [KEY], jitter: 0, anonymous: { idleTimeout: '30m' }, ...engine })
  // The harness is typed for engines with a store; these routes use what both have.
  const mounted = sessions as unknown as Sessions<Data>
  const site = await serve(routes(meetings), mounted, certificate === undefined ? {} : { certificate })
  const shared = connections(certificate?.cert)
  try {
    await trial({
      url: site.url,
      browser: () => new Browser(site.url, shared),
      errors: () => site.errors.map(({ code }) => code),
    })
  } finally {
    shared.close()
    await site.close()
    await sessions.close()
  }
}
