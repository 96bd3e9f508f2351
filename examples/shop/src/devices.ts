import type { ListedSession, Session, Sessions } from '@holdfast/express'
import { Router } from 'express'

import { addFlash, answer } from './answer.ts'
import { Problem } from './problem.ts'

/** How many devices the page shows. */
const SHOWN = 20

/** Lists where the user of a session is signed in; nowhere, if nobody is. */
export async function listDevices(sessions: Sessions, session: Session): Promise<readonly ListedSession[]> {
  const { subject } = session
  if (subject === undefined) return []
  return (await sessions.list(subject, { limit: SHOWN, current: session })).sessions
}

/** What users do with their devices. A shop with passwords asks for one first: `requireAuth({ within: '5m' })`. */
export function deviceRoutes(sessions: Sessions): Router {
  const router = Router()

  router.get('/', async (req, res) => {
    res.json({ devices: await listDevices(sessions, req.session) })
  })

  router.post('/:id/end', async (req, res) => {
    const { id } = req.params
    const isOwn = id === req.session.id
    // The id of somebody else's session ends nothing.
    const hasEnded = isOwn || (await sessions.end(requireUser(req.session), id))
    if (!hasEnded) throw new Problem(404, 'UNKNOWN_DEVICE', 'You are not signed in there any more.')
    if (isOwn) req.session.logout()
    addFlash(req.session, isOwn ? 'Signed out. Fair winds.' : 'That device is signed out.')
    answer(req, res, { ended: id })
  })

  router.post('/end-others', async (req, res) => {
    requireUser(req.session)
    const ended = await sessions.endOthers(req.session)
    const places = ended === 1 ? 'one other place' : `${ended} other places`
    addFlash(req.session, ended === 0 ? 'You were signed in nowhere else.' : `Signed out in ${places}.`)
    answer(req, res, { ended })
  })

  return router
}

function requireUser({ subject }: Session): string {
  if (subject === undefined) throw new Problem(401, 'SIGNED_OUT', 'You are not signed in, so there is nothing to end.')
  return subject
}
