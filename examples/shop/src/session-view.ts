import type { Ending, Session } from '@holdfast/express'

import { type DemoUser, findUser } from './catalogue.ts'

/** What the page and the API show of a session. */
export interface SessionView {
  readonly user: DemoUser | undefined
  readonly cart: readonly string[]
  readonly flash: readonly string[]
  /** Why the session is over that this browser had before. */
  readonly ended: Ending | undefined
  /** `undefined` until something was worth saving. */
  readonly saved: SavedSession | undefined
}

export interface SavedSession {
  readonly id: string
  readonly revision: number
  /** Instants in epoch milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly absoluteExpiresAt: number
}

/** Reads the session, and takes the messages out of it: each is shown once. */
export async function viewSession(session: Session): Promise<SessionView> {
  const flash = session.take('flash') ?? []
  // The response would wait for this anyway; committing now lets the page show the revision that the taking made.
  await session.commit()
  return {
    user: session.subject === undefined ? undefined : findUser(session.subject),
    cart: session.get('cart') ?? [],
    flash,
    ended: session.endedBecause,
    saved: viewSaved(session),
  }
}

function viewSaved({ id, revision, createdAt, expiresAt, absoluteExpiresAt }: Session): SavedSession | undefined {
  if (createdAt === undefined || expiresAt === undefined || absoluteExpiresAt === undefined) return undefined
  return { id, revision, createdAt, expiresAt, absoluteExpiresAt }
}
