import type { Desk } from './desk.ts'

/**
 * One session library in one framework, with the same four routes as all others, in the way its own documentation
 * shows them:
 *
 * - `POST /login` signs in as `ada` and redirects to `/me`
 * - `GET /me` answers `{ user, fields }`, `user` being `null` for somebody unknown
 * - `POST /fields/:field/:errand` runs the errand, then sets that field to `'set'`
 * - `POST /logout` ends the session
 */
export interface Contender {
  readonly name: string
  /** What keeps the sessions, for the table. */
  readonly store: string
  start(desk: Desk): Promise<RunningContender>
}

export interface RunningContender {
  readonly url: string
  close(): Promise<void>
}

/** What `GET /me` answers. */
export interface Me {
  readonly user: string | null
  readonly fields: readonly string[]
}

/** The two fields that the races write. */
export const FIELDS = ['basket', 'theme'] as const
