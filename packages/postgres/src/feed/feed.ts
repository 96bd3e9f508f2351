import type { ChangeFeed } from '@holdfast/core'
import { FeedVoice } from './feed-voice.ts'

/** What carries changes to this process, while somebody listens. */
export interface FeedSource {
  /** Begins to tell the voice. The signal ends it. */
  run(voice: FeedVoice, signal: AbortSignal): Promise<void>
  /** Monotonic time until which the latest heartbeat counts. */
  readonly goodUntil: number
}

export interface Feed {
  readonly power: ChangeFeed
  close(): void
}

/** Makes the feed of a store. It asks nothing of the database as long as nobody listens. */
export function createFeed(source: FeedSource, monotonic: () => number): Feed {
  const voice = new FeedVoice()
  let running: AbortController | undefined

  function stop(): void {
    running?.abort()
    running = undefined
    voice.become('detached')
  }

  const power: ChangeFeed = {
    feeds: 'ends',
    subscribe(listener) {
      const remove = voice.add(listener)
      if (running === undefined) {
        running = new AbortController()
        void source.run(voice, running.signal)
      }
      return () => {
        remove()
        if (!voice.isHeard) stop()
      }
    },
    isFeedHealthy() {
      if (voice.state === 'coherent' && source.goodUntil < monotonic()) voice.become('suspect')
      return voice.state === 'coherent'
    },
  }
  return { power, close: stop }
}
