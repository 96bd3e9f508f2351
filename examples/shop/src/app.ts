import { join } from 'node:path'

import { type Sessions, expressSessions, expressSessionStatus } from '@holdfast/express'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'

import type { Activity } from './activity.ts'
import { addFlash, answer, wantsPage } from './answer.ts'
import { findProduct, findUser, type Product } from './catalogue.ts'
import { serveClientModule } from './client-module.ts'
import { deviceRoutes, listDevices } from './devices.ts'
import { tellEnding } from './ending.ts'
import { errorPage, shopPage } from './page.ts'
import { Problem, toProblem } from './problem.ts'
import { refuseOtherOrigins } from './same-origin.ts'
import './session-data.ts'
import { viewSession } from './session-view.ts'

export interface AppParts {
  readonly sessions: Sessions
  readonly activity: Activity
  /** Where the sessions live, as people call it. */
  readonly storeLabel: string
}

const PUBLIC = join(import.meta.dirname, '../public')
const CART_LIMIT = 500

/** Wires the shop's routes. Each answers a browser with a page and a program with JSON. */
export function createApp({ sessions, activity, storeLabel }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(setSecurityHeaders)

  // What needs no session stands before the binding.
  app.use(express.static(PUBLIC))
  app.get('/client/:file', serveClientModule)
  app.get('/healthz', async (_req, res) => {
    await sessions.ready()
    res.json({ status: 'ok', store: storeLabel })
  })
  app.get('/api/activity', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ calls: activity.latest() })
  })

  app.use(refuseOtherOrigins)
  // How long the session lives on, for the page: asking extends nothing, POST keeps it alive.
  app.use('/session', expressSessionStatus(sessions))
  app.use(express.json(), express.urlencoded({ extended: false }))
  app.use(expressSessions(sessions), forbidCaching)

  app.get('/', async (req, res) => {
    const view = await viewSession(req.session)
    const devices = await listDevices(sessions, req.session)
    res.send(shopPage(view, devices, { label: storeLabel, calls: activity.latest() }).toString())
  })

  app.get('/api/session', async (req, res) => {
    const { user, cart, flash, ended, saved } = await viewSession(req.session)
    const { id, revision, ...lifetimes } = saved ?? { id: null, revision: 0 }
    const endedBecause = ended?.reason ?? null
    res.json({ user: user?.id ?? null, cart, flash, endedBecause, session: { id, revision }, lifetimes })
  })

  app.post('/login', (req, res) => {
    const { user: id, remember } = (req.body ?? {}) as Record<string, unknown>
    const user = typeof id === 'string' ? findUser(id) : undefined
    if (user === undefined) throw new Problem(400, 'UNKNOWN_USER', `Nobody here is called ${JSON.stringify(id)}.`)
    req.session.login(user.id, { remember: remember === true || remember === 'on' })
    addFlash(req.session, `Welcome aboard, ${user.name}.`)
    answer(req, res, { user: user.id })
  })

  app.post('/cart/:sku', (req, res) => {
    const { sku, name } = requireProduct(req.params.sku)
    if ((req.session.get('cart')?.length ?? 0) >= CART_LIMIT) {
      throw new Problem(409, 'CART_FULL', `Your cart holds ${CART_LIMIT} things already.`)
    }
    tellEnding(req.session)
    req.session.update('cart', (cart = []) => [...cart, sku])
    addFlash(req.session, `${name} is in your cart.`)
    answer(req, res, { added: sku })
  })

  const removeFromCart = (req: Request<{ sku: string }>, res: Response): void => {
    const { sku, name } = requireProduct(req.params.sku)
    if (req.session.get('cart')?.includes(sku) !== true) {
      throw new Problem(404, 'NOT_IN_CART', `There is no ${name} in your cart.`)
    }
    req.session.update('cart', (cart = []) => withoutOne(cart, sku))
    addFlash(req.session, `${name} went back on the shelf.`)
    answer(req, res, { removed: sku })
  }
  app.delete('/cart/:sku', removeFromCart)
  // HTML forms know no DELETE.
  app.post('/cart/:sku/remove', removeFromCart)

  app.use('/devices', deviceRoutes(sessions))

  app.post('/logout', (req, res) => {
    req.session.logout()
    addFlash(req.session, 'Signed out. Fair winds.')
    answer(req, res, { user: null })
  })

  app.use((req) => {
    throw new Problem(404, 'NOT_FOUND', `There is nothing at ${req.path}.`)
  })
  app.use(answerProblem)
  return app
}

function requireProduct(sku: string): Product {
  const product = findProduct(sku)
  if (product === undefined) throw new Problem(404, 'UNKNOWN_SKU', `We do not sell ${JSON.stringify(sku)}.`)
  return product
}

/** May run again on a cart from which another request has taken the last such thing. */
function withoutOne(cart: string[], sku: string): string[] {
  const index = cart.lastIndexOf(sku)
  return index === -1 ? cart : cart.toSpliced(index, 1)
}

// Express knows an error handler by its four parameters.
function answerProblem(error: unknown, req: Request, res: Response, _next: NextFunction): void {
  const problem = toProblem(error)
  if (problem.status >= 500) console.error(error)
  res.status(problem.status)
  if (wantsPage(req)) res.send(errorPage(problem).toString())
  else res.json({ error: { code: problem.code, message: problem.message } })
}

/** Or the back button shows, after a sign-out, what was private. The bindings do this for responses with a cookie. */
function forbidCaching(_req: Request, res: Response, next: NextFunction): void {
  res.set('Cache-Control', 'no-store')
  next()
}

function setSecurityHeaders(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'Content-Security-Policy':
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  })
  next()
}
