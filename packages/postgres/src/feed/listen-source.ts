import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { StoreChange } from '@holdfast/core'
import { keyFromHex } from '../statements/key-bytes.ts'
import type { Warn } from '../warnings.ts'
import type { FeedClient } from './feed-client.ts'
import type { FeedSource } from './feed.ts'
import type { FeedVoice } from './feed-voice.ts'

export interface ListenSourceOptions {
  readonly channel: string
  readonly interval: number
  readonly monotonic: () => number
  readonly warn: Warn
  connect(): FeedClient
  /** Notifies the channel, over another connection. */
  notify(payload: string, signal: AbortSignal): Promise<unknown>
}

/** The shortest time that an answer is waited for. */
const SHORTEST_PATIENCE = 1_000

/** What a Client hands to listeners of `notification`. */
interface Notification {
  readonly channel: string
  readonly payload?: string
}

/**
 * Hears of ends and renewals by LISTEN, on a connection of its own.
 *
 * It is coherent once it has heard a notification that it sent itself by another connection, since through a pooler in
 * transaction mode none arrives. From then on a question now and then is enough of a heartbeat: Postgres hands out what was notified
 * before it answers.
 */
export function listenSource({ channel, interval, monotonic, warn, connect, notify }: ListenSourceOptions): FeedSource {
  const patience = Math.max(interval, SHORTEST_PATIENCE)
  let goodUntil = Number.NEGATIVE_INFINITY

  async function listen(voice: FeedVoice, signal: AbortSignal): Promise<void> {
    const client = connect()
    const nonce = `echo ${randomBytes(9).toString('base64url')}`
    const echo = deferred<void>()
    const broken = deferred<never>()
    broken.promise.catch(() => {})
    const within = <Answer>(answer: Promise<Answer>): Promise<Answer> => Promise.race([answer, broken.promise, late()])
    const late = (): Promise<never> =>
      delay(patience, undefined, { ref: false }).then(() =>
        Promise.reject(new Error('The feed heard nothing in time.')),
      )
    client.on('error', broken.reject)
    client.on('end', () => broken.reject(new Error('The connection of the feed has ended.')))
    client.on('notification', (message: Notification) => {
      if (message.channel !== channel || signal.aborted) return
      if (message.payload === nonce) echo.resolve()
      const change = changeIn(message.payload ?? '')
      if (change !== undefined) voice.tell(change)
    })
    const giveUp = (): void => broken.reject(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      await within(client.connect())
      await within(client.query(`LISTEN "${channel}"`))
      await notify(nonce, AbortSignal.any([signal, AbortSignal.timeout(patience)]))
      await within(echo.promise).catch((error: unknown) => {
        if (!signal.aborted) warn('WARN_POSTGRES_NOT_HEARD')
        throw error
      })
      for (;;) {
        const askedAt = monotonic()
        await within(client.query('SELECT 1'))
        if (signal.aborted) return
        if (voice.state === 'coherent' && goodUntil < monotonic()) voice.become('suspect')
        goodUntil = askedAt + interval + patience
        voice.become('coherent')
        await Promise.race([delay(interval, undefined, { signal, ref: false }), broken.promise])
      }
    } finally {
      signal.removeEventListener('abort', giveUp)
      client.end().catch(() => {})
    }
  }

  return {
    async run(voice, signal) {
      while (!signal.aborted) {
        await listen(voice, signal).catch(() => {})
        if (signal.aborted) return
        voice.become('detached')
        await delay(interval * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {})
      }
    },
    get goodUntil() {
      return goodUntil
    },
  }
}

/** Reads what the functions `renew` and `end` notify. */
function changeIn(payload: string): StoreChange | undefined {
  const [type, key, third = '', ...rest] = payload.split(' ')
  if (type === 'renewed') return { type, key: keyFromHex(key), successor: keyFromHex(third) }
  if (type === 'ended') return { type, key: keyFromHex(key), reason: rest.join(' '), id: third || undefined }
  return undefined
}

function deferred<Value>(): { promise: Promise<Value>; resolve(value: Value): void; reject(reason: unknown): void } {
  let settle: { resolve(value: Value): void; reject(reason: unknown): void } | undefined
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }))
  return { promise, ...settle! }
}
