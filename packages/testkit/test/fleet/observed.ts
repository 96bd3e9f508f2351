import { subscribe } from 'node:diagnostics_channel'

import { type LoopDelay, measureLoopDelay } from '../../src/index.ts'
import { type Route, type SiteError, json } from '../frameworks/site.ts'

/** What a process of a fleet tells about itself at `/observed`. */
export interface Observed {
  /** All that reached the framework's error handling. */
  readonly errors: readonly SiteError[]
  /** Every state that the change feed has entered, with the wall clock's milliseconds. */
  readonly feedStates: readonly { readonly state: string; readonly at: number }[]
  /** How late the event loop was at worst since the last time this was asked, in milliseconds. */
  readonly longestDelay: number
}

/** Begins to observe the process it runs in. */
export function observe(): { readonly route: Route; errors: readonly SiteError[] } {
  const feedStates: { state: string; at: number }[] = []
  let delay: LoopDelay = measureLoopDelay()
  subscribe('holdfast:cache', (message) => {
    feedStates.push({ state: (message as { state: string }).state, at: Date.now() })
  })
  const observation = {
    errors: [] as readonly SiteError[],
    route: {
      method: 'GET' as const,
      path: '/observed',
      handle: () => {
        const longestDelay = delay.stop()
        delay = measureLoopDelay()
        return json({ errors: observation.errors, feedStates, longestDelay } satisfies Observed)
      },
    },
  }
  return observation
}
