import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SERVICE, type SharedServer, sharedServers } from './shared-servers.ts'

/** Serves the addresses of shared servers to the workers of a test run, and ends the servers with the run. */
export async function setup(): Promise<() => Promise<void>> {
  const servers = sharedServers()
  const service = createServer((request, response) => {
    servers.url(request.url?.slice(1) as SharedServer).then(
      (url) => response.end(url),
      (error: unknown) => {
        response.statusCode = 500
        response.end(error instanceof Error ? error.message : String(error))
      },
    )
  })
  await once(service.listen(0, '127.0.0.1'), 'listening')
  process.env[SERVICE] = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  return async () => {
    service.close()
    service.closeAllConnections()
    await servers.stop()
  }
}
