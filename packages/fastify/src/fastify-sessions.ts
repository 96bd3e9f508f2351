import { isPromise } from 'node:util/types'

import { type MountOptions, type MountableSessions, alreadyMounted, readMount, refuseAssignment } from '@holdfast/core'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'

import { coverReplies } from './cover-replies.ts'
import { FastifyVisit } from './fastify-visit.ts'
import { headerReader } from './reply-headers.ts'
import { routeOptionsReader } from './route-options.ts'

/** Options of {@link fastifySessions}. */
export interface FastifySessionsOptions extends MountOptions {
  /** What `createSessions` or `cookieSessions` answered. */
  readonly sessions: MountableSessions
}

const OPTIONS_OF_REGISTER = ['prefix', 'logLevel', 'logSerializers']
const OTHER_PLUGINS = ['@fastify/session', '@fastify/secure-session']

/**
 * Gives every request a session: `request.session`, or another `property`.
 *
 * - The reply waits in an `onSend` hook until the store has acknowledged what the handler changed. If that fails, the
 *   payload is destroyed, the headers set since the request came are taken back, and the error goes to the error
 *   handler. `onSend` hooks registered after this plugin see only the reply that leaves.
 * - A route says `config: { session: { load, passive } }` to load otherwise or not to count as use.
 * - After `reply.hijack()` nobody waits: `await request.session.commit()` first.
 *
 * @throws OptionsError `ERR_OPTIONS`
 * @throws UsageError `ERR_ALREADY_MOUNTED`
 * @example
 * ```ts
 * import { createSessions, fastifySessions, memoryStore } from '@holdfast/fastify'
 * import Fastify from 'fastify'
 *
 * const app = Fastify()
 * await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })
 * app.get('/', async ({ session }) => ({ user: session.subject }))
 * app.get('/poll', { config: { session: { passive: true } } }, async ({ session }) => ({ user: session.subject }))
 * ```
 */
export const fastifySessions: FastifyPluginAsync<FastifySessionsOptions> = Object.assign(mount, {
  // What the package fastify-plugin would do: the hooks are for the instance that registers the plugin.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@holdfast/fastify',
  [Symbol.for('plugin-meta')]: { name: '@holdfast/fastify', fastify: '5.x' },
})

// What a plugin throws before it answers a promise would end the process.
async function mount(instance: FastifyInstance, options: FastifySessionsOptions): Promise<void> {
  const { sessions } = options
  const { property, open } = readMount('fastifySessions', sessions, options, ['sessions', ...OPTIONS_OF_REGISTER])
  if (instance.hasRequestDecorator(property)) {
    const other = OTHER_PLUGINS.find((name) => instance.hasPlugin(name))
    throw alreadyMounted(property, other ?? 'a decorator of the request')
  }
  instance.decorateRequest(property, {
    getter(this: FastifyRequest) {
      return sessions.of(this.raw)
    },
    setter: () => refuseAssignment(property),
  })
  const visitKey = Symbol('holdfast.visit')
  // Declared, so that all requests stay alike to the JavaScript engine.
  instance.decorateRequest(visitKey, null)
  const visitOf = (request: FastifyRequest): { [visitKey]: FastifyVisit | null } => request as never
  const headersOf = headerReader()
  const routeOptionsOf = routeOptionsReader(instance, ({ method, url }, said) => {
    readMount(`config.session of ${String(method)} ${url}`, sessions, said)
  })
  const cover = coverReplies(instance, ({ request }) => visitOf(request)[visitKey]?.isHeld === true)

  instance.addHook('onRequest', (request, reply, next) => {
    const visit = new FastifyVisit(sessions, request, reply, headersOf)
    const route = routeOptionsOf(request)
    const opened = sessions.open(visit, route === undefined ? open : { ...open, ...route })
    visitOf(request)[visitKey] = visit
    // Not by `instanceof`, which is slow for a handle: behind its class there is a proxy.
    if (isPromise(opened)) opened.then(() => next(), next)
    else next()
  })

  instance.addHook('onSend', (request, reply, payload, next) => {
    const visit = visitOf(request)[visitKey]
    // Somebody before us has replied, or this is the error handler's reply to a failed commit.
    if (visit === null || visit.hasFailed) return next()
    const body = visit.begin(payload)
    const waiting = finish(sessions, visit.handle, reply.statusCode)
    if (waiting === undefined) return next(null, body)
    cover(reply)
    visit.hold(body)
    return waiting.then(
      () => {
        visit.release()
        return body
      },
      (error: unknown) => {
        visit.withdraw(body, error)
        throw error
      },
    )
  })
}

function finish(sessions: MountableSessions, session: never, status: number): Promise<void> | undefined {
  try {
    return sessions.finish(session, { status })
  } catch (error) {
    return Promise.reject(error as Error)
  }
}
