import type { NextFunction, Request, Response } from 'express'

import { Problem } from './problem.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses changes that a page of another origin asks for (CSRF). `SameSite=Lax` keeps the cookie away from other
 * sites; this also stops sibling subdomains and browsers that do not know it.
 */
export function refuseOtherOrigins(req: Request, _res: Response, next: NextFunction): void {
  if (SAFE_METHODS.has(req.method) || isSameOrigin(req)) next()
  else next(new Problem(403, 'OTHER_ORIGIN', 'This request came from a page of another site, so it was refused.'))
}

function isSameOrigin(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  // Programs such as curl send neither header, and carry nobody's cookie but their own.
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.get('host'))
}
