/** express-session with its MemoryStore, connect-redis or connect-pg-simple. */
import './session-data.ts'

import type { Server } from 'node:http'

import connectPgSimple from 'connect-pg-simple'
import express from 'express'
import session, { type SessionOptions } from 'express-session'
import { Pool } from 'pg'

import { NOBODY, ONE_DAY, SECRET, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import { fieldsOf } from '../session-fields.ts'
import { connectRedis } from './connect-redis.ts'

export async function start(surroundings: Surroundings): Promise<Server> {
  const app = express()
  app.use(session({ ...(await storeFor(surroundings)), ...SETTINGS }))
  app.post('/login/:user/:size', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      Object.assign(req.session, fieldsOf(req.params.user, req.params.size))
      res.json({ user: req.params.user, visits: 0 })
    })
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', (req, res) => void res.json({ user: req.session.user ?? null, visits: req.session.visits ?? 0 }))
  app.post('/write', (req, res) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    res.json({ user: req.session.user ?? null, visits: req.session.visits })
  })
  app.post('/logout', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.json(NOBODY)))
  })
  return listening(app.listen(0, '127.0.0.1'))
}

const SETTINGS: SessionOptions = {
  secret: SECRET,
  resave: false,
  saveUninitialized: false,
  rolling: false,
  cookie: { maxAge: ONE_DAY },
}

async function storeFor({ store, redisUrl, postgresUrl }: Surroundings): Promise<Pick<SessionOptions, 'store'>> {
  switch (store) {
    case 'redis':
      return { store: await connectRedis(redisUrl) }
    case 'postgres': {
      const PgStore = connectPgSimple(session)
      const pool = new Pool({ connectionString: postgresUrl })
      return { store: new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false }) }
    }
    default:
      return { store: new session.MemoryStore() }
  }
}
