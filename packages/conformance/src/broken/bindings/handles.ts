import type { Session } from '@holdfast/core'

import type { Fields } from '../../binding/routes.ts'
import type { BrokenBinding } from './broken-binding.ts'

/** Faults of when a session is loaded, and of whose it is. */
export const brokenHandles: readonly BrokenBinding[] = [
  {
    fault: 'never loads a session',
    breaks: [
      'a session is loaded before the handler runs, once',
      /^a route may ask for load/,
      'a request that uses its session keeps it alive, a passive one does not',
      'a load that fails never lets a handler write to an empty session',
    ],
    make: (sound) => ({
      open: (sessions, exchange, options) => sound.open(sessions, exchange, { ...options, load: 'lazy' }),
    }),
  },
  {
    fault: 'loads every session, asked or not',
    breaks: [
      /^with load: 'lazy' (?:nothing|a read)/,
      'the load option of the engine counts where the binding says nothing',
    ],
    make: (sound) => ({
      open: (sessions, exchange, options) => sound.open(sessions, exchange, { ...options, load: 'eager' }),
    }),
  },
  {
    fault: 'loads every session twice',
    breaks: ['a session is loaded before the handler runs, once'],
    make: (sound) => ({
      open: async (sessions, exchange, options) => {
        await sessions.open({ secure: exchange.secure, header: (name) => exchange.header(name) }, options)
        return sound.open(sessions, exchange, options)
      },
    }),
  },
  {
    fault: 'loads before it lets changes of a lazy session be recorded, and again for the commit',
    breaks: ["with load: 'lazy' a change may be recorded before the load, and is saved"],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        const { headers } = visit.request
        const again = sessions.open({ secure: false, header: (name) => String(headers[name] ?? '') }, { load: 'eager' })
        return Promise.resolve(again).then(() => sound.finish(sessions, session, visit))
      },
    }),
  },
  {
    fault: 'takes a session that cannot be loaded for an empty one',
    breaks: [/^a load that (?:fails|hangs)/],
    make: (sound) => ({
      open: async (sessions, exchange, options) => {
        const session = await sound.open(sessions, exchange, options)
        if (options.load === 'lazy') return session
        const isLoaded = await session.load().then(
          () => true,
          () => false,
        )
        if (isLoaded) return session
        return sound.open(sessions, Object.assign(exchange, { carrier: {}, header: () => undefined }), options)
      },
    }),
  },
  {
    fault: 'fails every request whose session cannot be loaded',
    breaks: ['a load that fails is an error only where the session is used'],
    make: (sound) => ({
      open: async (sessions, exchange, options) => (await sound.open(sessions, exchange, options)).load(),
    }),
  },
  {
    fault: 'shares one handle between requests with the same cookie',
    breaks: ['every request has a handle of its own'],
    make: (sound) => {
      const handles = new Map<string, Session<Fields>>()
      return {
        open: async (sessions, exchange, options) => {
          const cookie = exchange.header('cookie') ?? ''
          const session = handles.get(cookie) ?? (await sound.open(sessions, exchange, options))
          handles.set(cookie, session)
          return session
        },
      }
    },
  },
  {
    fault: 'uses every session, so that none is ever untouched',
    breaks: [
      /^a request with(?:out)? a token whose handler never looks/,
      'a session that nothing was written to is never saved',
    ],
    make: (sound) => ({
      open: async (sessions, exchange, options) => {
        const session = await sound.open(sessions, exchange, options)
        if (options.load !== 'lazy') session.set('seen', true)
        return session
      },
    }),
  },
  {
    fault: 'takes every request for passive',
    breaks: [
      'a request that uses its session keeps it alive, a passive one does not',
      'a touch that is due holds no answer up',
      'an answer brings a new token once the old one is old, and both lead to the session',
    ],
    make: (sound) => ({
      open: (sessions, exchange, options) => sound.open(sessions, exchange, { ...options, passive: true }),
    }),
  },
  {
    fault: 'takes no request for passive',
    breaks: [
      'a request that uses its session keeps it alive, a passive one does not',
      'passive may be said for the whole application',
      'a passive route and a handler that fails renew nothing',
    ],
    make: (sound) => ({
      open: (sessions, exchange, { load }) => sound.open(sessions, exchange, load === undefined ? {} : { load }),
    }),
  },
  {
    fault: 'does not commit what a passive route changed',
    breaks: ['a route that is passive may still change its session'],
    make: (sound) => {
      const passive = new WeakSet<object>()
      return {
        open: (sessions, exchange, options) => {
          if (options.passive) passive.add(exchange.carrier)
          return sound.open(sessions, exchange, options)
        },
        finish: (sessions, session, visit) =>
          passive.has(visit.request) ? undefined : sound.finish(sessions, session, visit),
      }
    },
  },
  {
    fault: 'gives a route that mounts it again another handle',
    breaks: ['a route that mounts the binding once more has the same handle, and one commit'],
    make: (sound) => ({
      open: (sessions, exchange, options) => sound.open(sessions, Object.assign(exchange, { carrier: {} }), options),
    }),
  },
  {
    fault: 'hides its handles from the engine',
    breaks: ['sessions.of answers the handle of the property'],
    make: (sound) => ({
      open: (sessions, exchange, options) => sound.open(sessions, Object.assign(exchange, { carrier: {} }), options),
    }),
  },
  {
    fault: 'always calls the property session',
    breaks: ['the property may have another name'],
    make: (sound) => ({ show: (request, _, session) => sound.show(request, 'session', session) }),
  },
  {
    fault: 'lets the handle be overwritten',
    breaks: ['assigning the property throws ERR_PROPERTY_STYLE and hides nothing'],
    make: () => ({ show: (request, property, session) => void Object.assign(request, { [property]: session }) }),
  },
  {
    fault: 'saves the changes of a handler that failed',
    breaks: [
      /^a handler that (?:throws|answers 503 itself) (?:loses|signs)/,
      'what an explicit commit has saved stays saved, cookie included',
      'when the client goes away and the handler throws, its changes are dropped as ever',
    ],
    make: (sound) => ({
      finish: (sessions, session, visit) => sound.finish(sessions, session, { ...visit, status: 200 }),
    }),
  },
  {
    fault: 'drops everything that a handler did which failed',
    breaks: [
      /^a (?:logout|destroy|renewal) is carried out although the handler throws/,
      'with saveOn5xx a handler that throws keeps its changes',
    ],
    make: (sound) => ({
      finish: (sessions, session, visit) => (visit.status >= 500 ? undefined : sound.finish(sessions, session, visit)),
    }),
  },
  {
    fault: 'takes an answer of 404 for a failure of the handler',
    breaks: ['a handler that answers 404 keeps its changes'],
    make: (sound) => ({
      finish: (sessions, session, visit) =>
        sound.finish(sessions, session, { ...visit, status: visit.status >= 400 ? 500 : visit.status }),
    }),
  },
]
