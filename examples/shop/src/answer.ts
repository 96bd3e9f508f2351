import type { Session } from '@holdfast/express'
import type { Request, Response } from 'express'

import './session-data.ts'

const FLASH_LIMIT = 5

/** Answers what happened: a browser goes back to the page, a program reads JSON. Either leaves after the commit. */
export function answer(req: Request, res: Response, outcome: object): void {
  if (wantsPage(req)) res.redirect(303, '/')
  else res.json(outcome)
}

export function wantsPage(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html'
}

/** Leaves a message for the next page; one that waits already is not repeated. */
export function addFlash(session: Session, message: string): void {
  session.update('flash', (flash = []) => [...flash.filter((other) => other !== message), message].slice(-FLASH_LIMIT))
}
