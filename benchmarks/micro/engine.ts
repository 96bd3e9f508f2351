import { type Exchange, type SessionStore, createSessions } from '@holdfast/core'

import { type SessionFields, fieldsOf } from '../contenders/session-fields.ts'

export type MicroSessions = ReturnType<typeof createSessions<SessionFields>>

/** Makes an engine that warns of nothing. */
export function engineOn(store: SessionStore): MicroSessions {
  return createSessions<SessionFields>({ store, idleTimeout: '1d', absoluteTimeout: '1d', cookie: { secure: false } })
}

/** What a request without a framework shows. */
export function exchangeOf(cookie: string | undefined, appendHeader: Exchange['appendHeader'] = () => {}): Exchange {
  return { secure: false, header: (name) => (name === 'cookie' ? cookie : undefined), appendHeader }
}

/** Signs somebody in. Answers the cookie. */
export async function signIn(sessions: MicroSessions, size: string): Promise<string> {
  let cookie = ''
  const session = await sessions.open(
    exchangeOf(undefined, (name, value) => {
      if (name === 'Set-Cookie') cookie = value.split(';')[0] ?? ''
    }),
  )
  session.login('user-1')
  for (const [name, value] of Object.entries(fieldsOf('user-1', size))) session.set(name as 'user', value as string)
  await session.commit()
  return cookie
}
