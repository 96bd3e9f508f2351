/**
 * Serves sessions on every framework, and tells all that it can be made to tell about them: events, warnings, errors with
 * what caused them, and what inspection shows. Its parent forks it, hands it {@link CanarySettings} as the only argument,
 * and is told the addresses; on `report` it answers a {@link CanaryReport}. Over memory its clock stands until it is told
 * to advance.
 */
import { drawnTokens } from './drawn-tokens.ts'

import buffer from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { format, inspect } from 'node:util'

import { createSessions, memoryStore, type Session } from '@holdfast/core'

import { manualClock } from '../../src/index.ts'
import { openStore, type SharedStore } from '../fleet/shared-store.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Data, json, type Route, type Visit } from '../frameworks/site.ts'

export interface CanarySettings {
  readonly store: SharedStore | { readonly type: 'memory' }
  /** The secrets that seal the sessions; without any, they are not sealed. */
  readonly secrets: readonly string[]
}

export interface CanaryReport {
  readonly tokens: readonly string[]
  readonly values: readonly string[]
  /** What was told, by the way in which it was. */
  readonly told: Readonly<Record<Telling, readonly string[]>>
}

export type Telling = 'events' | 'warnings' | 'errors' | 'inspection'

const CHANNELS = 'created loaded rejected renewed reuse ended unopened conflict gone cookie-withheld cache store'.split(
  ' ',
)

// An inspection shows all of them, so that nothing hides behind an ellipsis.
buffer.INSPECT_MAX_BYTES = Infinity

const values: string[] = []
const told: Record<Telling, string[]> = { events: [], warnings: [], errors: [], inspection: [] }

/** A value that is nowhere else in the world. */
function mark(): string {
  const value = `canary-${randomUUID()}`
  values.push(value)
  return value
}

/** All that can be seen of something, by all ways that are usual in logs. */
function shown(thing: unknown): string {
  const all = inspect(thing, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  })
  return [all, inspect(thing), safeJson(thing), String(thing), (thing as Error).stack].join('\n')
}

function safeJson(thing: unknown): string {
  try {
    return JSON.stringify(thing)
  } catch (error) {
    return String(error)
  }
}

for (const name of CHANNELS) subscribe(`holdfast:${name}`, (message) => told.events.push(`${name} ${shown(message)}`))
process.on('warning', (warning) => told.warnings.push(shown(warning)))

/** A route that changes a session, commits, and shows what there is to see whatever comes of it. */
function step(path: string, change: (session: Session<Data>, visit: Visit) => unknown): Route {
  const handle: Route['handle'] = async (visit) => {
    const { session } = visit
    try {
      await change(session, visit)
      await session.commit()
    } catch (error) {
      told.errors.push(shown(error))
      throw error
    } finally {
      told.inspection.push(shown(session), shown({ session }), `${session.id} ${session.keys().join()}`)
      process.stdout.write(format('session %o %s %j\n', session, session, session))
    }
    return json({ done: path })
  }
  return { method: 'POST', path, handle }
}

const routes: readonly Route[] = [
  step('/set', (session) => session.set('a', mark())),
  step('/update', (session) => session.update('messages', (messages = []) => [...messages, mark()])),
  step('/take', (session) => session.take('messages')),
  step('/login', (session, { query }) => session.login(query['user']!)),
  step('/renew', (session) => session.renew()),
  step('/logout', (session) => session.logout()),
  step('/destroy', (session) => session.destroy()),
  step('/slow-set', async (session) => {
    session.get('a')
    await new Promise((resolve) => setTimeout(resolve, 150))
    session.set('a', mark())
  }),
  // What each of these says of itself must say nothing of the value.
  step('/refused-value', (session) => session.set('a', { text: mark(), run: () => {} } as unknown as string)),
  step('/invalid-text', (session) => session.set('a', `${mark()}\uD800`)),
  step('/too-large', (session) => session.set('a', mark().repeat(10_000))),
  step('/property-style', (session) => Object.assign(session, { user: mark() })),
  step('/failing-update', (session) => {
    session.update('a', () => ({ text: mark(), run: () => {} }) as unknown as string)
  }),
  step('/used-after-end', (session) => {
    session.destroy()
    session.set('a', mark())
  }),
]

const { store: choice, secrets } = JSON.parse(process.argv[2]!) as CanarySettings
const clock = manualClock()
const isMemory = choice.type === 'memory'
const opened = isMemory ? { store: memoryStore({ clock }), close: async () => {} } : await openStore(choice)
const common = { store: opened.store, ...(secrets.length > 0 && { seal: { keys: secrets } }) }
const engines = FRAMEWORKS.map(() =>
  createSessions<Data>({ ...common, ...(isMemory ? { clock, renewEvery: '1m' } : { renewEvery: '1s' }) }),
)
const overHttp = createSessions<Data>({ ...common, cookie: { secure: true } })

const devices = (sessions: typeof overHttp): Route =>
  step('/devices', async (session) => {
    told.inspection.push(shown(await sessions.list(session.subject!)), shown(sessions), shown(opened.store))
    await sessions.endOthers(session)
  })

const sites = await Promise.all([
  ...FRAMEWORKS.map(({ serve }, turn) => serve([...routes, devices(engines[turn]!)], engines[turn]!)),
  FRAMEWORKS[0]!.serve(routes, overHttp),
])

process.on('disconnect', () => process.exit(0))
process.on('message', (order) => {
  if (order === 'report') process.send!({ tokens: drawnTokens, values, told } satisfies CanaryReport)
  else if (order === 'close') void close()
  else {
    clock.advance((order as { readonly advance: number }).advance)
    process.send!('advanced')
  }
})
process.send!(sites.map(({ url }) => url))

async function close(): Promise<void> {
  await Promise.all(sites.map((site) => site.close()))
  await Promise.all([...engines, overHttp].map((sessions) => sessions.close()))
  await opened.close()
  process.disconnect()
}
