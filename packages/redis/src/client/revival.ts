import type { AnyRedisClient } from './redis-client.ts'

/** How long a client that ended by mistake is left alone, in milliseconds. */
const PAUSE = 50

const CUT_SHORT = 'Connection is closed.'

/**
 * Connects a client again that ended although nobody closed it; answers how to stop that.
 *
 * With `failoverDetector`, ioredis ends for good when the news of another master arrive while it is asking Sentinels for
 * one: it takes its own haste for a `disconnect()`. Of a client that somebody closes, ioredis tells no such error.
 */
export function reviveWhenCutShort(client: AnyRedisClient): () => void {
  let last = ''
  let timer: NodeJS.Timeout | undefined
  const onConnecting = (): void => {
    last = 'connecting'
  }
  const onClose = (): void => {
    last = 'close'
  }
  const onError = (error: unknown): void => {
    if (last === 'connecting' && error instanceof Error && error.message === CUT_SHORT) last = 'cut short'
  }
  const onEnd = (): void => {
    if (last !== 'cut short') return
    timer = setTimeout(() => {
      const isClosed = Reflect.get(client, 'manuallyClosing') === true
      if (client.status === 'end' && !isClosed) client.connect().catch(() => {})
    }, PAUSE).unref()
  }
  const listeners = { connecting: onConnecting, close: onClose, error: onError, end: onEnd }
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    clearTimeout(timer)
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}
