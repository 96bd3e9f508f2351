import type { OpenOptions } from '@holdfast/core'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'

/**
 * Makes what finds how the route of a request opens its session.
 *
 * Fastify tells of which route a request is only by putting together all options of that route, each time. That is not
 * asked for where no route says anything of sessions.
 *
 * @param check is called with what a route says, when it is registered
 */
export function routeOptionsReader(
  instance: FastifyInstance,
  check: (route: RouteOptions, options: OpenOptions) => void,
): (request: FastifyRequest) => OpenOptions | undefined {
  const routes: RouteOptions[] = []
  // Those that were there before us do not come to our hook.
  let mayRouteSay = instance.printRoutes() !== NO_ROUTES

  instance.addHook('onRoute', (route) => {
    routes.push(route)
    if (route.config?.session !== undefined) check(route, route.config.session)
  })

  // Only now, since the hooks of others may add to what a route says.
  instance.addHook('onReady', (done) => {
    mayRouteSay ||= routes.some(({ config }) => config?.session !== undefined)
    done()
  })

  return (request) => (mayRouteSay ? request.routeOptions.config?.session : undefined)
}

/** What `printRoutes` answers where there are none. */
const NO_ROUTES = '(empty tree)'
