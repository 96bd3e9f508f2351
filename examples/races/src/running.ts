import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { RunningContender } from './contender.ts'

/** Waits until a server listens, and knows how to close it. */
export async function running(server: Server, onClose?: () => Promise<void>): Promise<RunningContender> {
  if (!server.listening) await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      await onClose?.()
    },
  }
}
