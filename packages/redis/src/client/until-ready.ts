import type { AnyRedisClient } from './redis-client.ts'

/** Waits until the client can send, so that a check at boot does not fail because the connection is still being made. */
export async function untilReady(client: AnyRedisClient, signal: AbortSignal): Promise<void> {
  if (client.status === 'ready') return
  // A lazy client that queues nothing would refuse the command which makes it connect.
  if (client.status === 'wait') client.connect().catch(() => {})
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      client.off('ready', ready)
      signal.removeEventListener('abort', abort)
    }
    const ready = (): void => {
      leave()
      resolve()
    }
    const abort = (): void => {
      leave()
      reject(signal.reason as Error)
    }
    client.on('ready', ready)
    signal.addEventListener('abort', abort, { once: true })
  })
}
