import type { IncomingMessage } from 'node:http'

import { nodeExchange, type Session, type Sessions, type WatchedChange } from '@holdfast/express'

/** What a connection is told. */
export type LiveMessage = { readonly type: 'welcome'; readonly user: string } | WatchedChange

/** A connection that outlives its request, whatever it is made of. */
export interface LiveConnection {
  send(message: LiveMessage): void
  close(reason: string): void
}

/** A session in which somebody is signed in. */
export type UserSession = Session & { readonly subject: string }

/**
 * Answers the session of a request that has no response, such as an upgrade; `undefined` if nobody is signed in, or a page
 * of another origin asks.
 *
 * @throws StoreError if the session cannot be loaded
 */
export async function openSession(sessions: Sessions, request: IncomingMessage): Promise<UserSession | undefined> {
  if (!isSameOrigin(request)) return undefined
  // Whoever only listens does not use the session: it ends although the connection is open.
  const session = await sessions.open(nodeExchange(request), { passive: true, load: 'strict' })
  return isUserSession(session) ? session : undefined
}

export function isUserSession(session: Session): session is UserSession {
  return session.subject !== undefined
}

/**
 * Ties a connection to its session: it is told when the session is renewed or ends, by whatever process, and is closed at
 * the end. Answers a function to call when the connection is gone.
 */
export function tie(sessions: Sessions, session: UserSession, connection: LiveConnection): () => void {
  connection.send({ type: 'welcome', user: session.subject })
  return sessions.watch(session, (change) => {
    connection.send(change)
    if (change.type === 'ended') connection.close(change.reason)
  })
}

/** Browsers let any page open a WebSocket to anywhere, and always say which page it is. Programs do not. */
function isSameOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
